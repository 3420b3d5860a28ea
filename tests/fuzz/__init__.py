"""Odd input at every public door: each call ends in a fine result or in one sentence that names a parameter."""
