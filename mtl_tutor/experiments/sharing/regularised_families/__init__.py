"""Penalties for linear tasks: which suits which structure, and what each one recovers."""
