"""How one update is made from many losses: weigh the losses, or operate on their gradients."""

from mtl_tutor.balancing.gradient_surgery._base import GradientSurgery
from mtl_tutor.balancing.loss_weighting._base import LossWeighting
from mtl_tutor.balancing.loss_weighting.equal import EqualWeighting
from mtl_tutor.balancing.loss_weighting.fixed import FixedWeighting

__all__ = ["EqualWeighting", "FixedWeighting", "GradientSurgery", "LossWeighting"]
