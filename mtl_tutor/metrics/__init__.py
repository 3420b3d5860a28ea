"""Measures of trained nets, of their tasks' gradients, and of the trade-offs that they reach. NumPy only."""

from mtl_tutor.metrics.fronts import hypervolume, pareto_front
from mtl_tutor.metrics.gradients import conflict_rate, gradient_cosine, gradient_curves, norm_ratio, stationarity
from mtl_tutor.metrics.nets import learning_curves, relative_gain, relevance_auc, representation_used

__all__ = [
    "conflict_rate",
    "gradient_cosine",
    "gradient_curves",
    "hypervolume",
    "learning_curves",
    "norm_ratio",
    "pareto_front",
    "relative_gain",
    "relevance_auc",
    "representation_used",
    "stationarity",
]
