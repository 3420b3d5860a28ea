"""Sharing as regularisation: linear tasks in one subspace, with hard and soft constraints."""
