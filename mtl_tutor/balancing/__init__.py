"""Ways to make one update from several losses: weigh the losses, or operate on their gradients."""

from mtl_tutor.balancing._base import Balancing, HybridBalancing, State
from mtl_tutor.balancing.gradient_surgery._base import GradientSurgery, GramianSurgery
from mtl_tutor.balancing.gradient_surgery.pcgrad import PCGrad
from mtl_tutor.balancing.loss_weighting._base import LossWeighting, StatelessWeighting
from mtl_tutor.balancing.loss_weighting.dynamic_average import DynamicWeightAverage
from mtl_tutor.balancing.loss_weighting.equal import EqualWeighting
from mtl_tutor.balancing.loss_weighting.fixed import FixedWeighting
from mtl_tutor.balancing.loss_weighting.random_weights import RandomLossWeighting
from mtl_tutor.balancing.loss_weighting.scale_invariant import ScaleInvariantWeighting
from mtl_tutor.balancing.loss_weighting.uncertainty import UncertaintyWeighting

__all__ = [
    "Balancing",
    "DynamicWeightAverage",
    "EqualWeighting",
    "FixedWeighting",
    "GradientSurgery",
    "GramianSurgery",
    "HybridBalancing",
    "LossWeighting",
    "PCGrad",
    "RandomLossWeighting",
    "ScaleInvariantWeighting",
    "State",
    "StatelessWeighting",
    "UncertaintyWeighting",
]
