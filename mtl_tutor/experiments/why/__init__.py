"""Experiments of the part "Why": the mechanisms by which one task helps another."""
