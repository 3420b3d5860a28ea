"""Sharing as regularisation: linear tasks in one subspace, Stein's paradox, and a head that reconstructs images."""
