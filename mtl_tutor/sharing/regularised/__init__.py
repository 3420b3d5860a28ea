"""Penalties on the weights of many linear tasks: what the tasks may differ in, and what it costs. NumPy only."""
