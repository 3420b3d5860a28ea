"""Compare ways of sharing and balancing on the same data, each with its own tuned setting."""

from mtl_tutor.comparison.compare import compare

__all__ = ["compare"]
