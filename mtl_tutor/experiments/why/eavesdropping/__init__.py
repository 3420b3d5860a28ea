"""Eavesdropping: a feature that one task finds and another hears of, and the start from which it does."""
