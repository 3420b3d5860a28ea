"""Ways to make one update from several losses: weigh the losses, or operate on their gradients."""

from mtl_tutor.balancing._base import Balancing, HybridBalancing, State
from mtl_tutor.balancing.combining import combine, jacobian_of
from mtl_tutor.balancing.gradient_surgery._base import GradientSurgery, GramianSurgery
from mtl_tutor.balancing.gradient_surgery.aligned_mtl import AlignedMTL
from mtl_tutor.balancing.gradient_surgery.cagrad import CAGrad
from mtl_tutor.balancing.gradient_surgery.config import ConFIG
from mtl_tutor.balancing.gradient_surgery.cosine_gating import CosineGating
from mtl_tutor.balancing.gradient_surgery.fairgrad import FairGrad
from mtl_tutor.balancing.gradient_surgery.graddrop import GradDrop
from mtl_tutor.balancing.gradient_surgery.gradvac import GradVac
from mtl_tutor.balancing.gradient_surgery.imtl_g import IMTLG
from mtl_tutor.balancing.gradient_surgery.mgda import MGDA
from mtl_tutor.balancing.gradient_surgery.nash_mtl import NashMTL
from mtl_tutor.balancing.gradient_surgery.pcgrad import PCGrad
from mtl_tutor.balancing.gradient_surgery.upgrad import UPGrad
from mtl_tutor.balancing.loss_weighting._base import LossWeighting, StatelessWeighting
from mtl_tutor.balancing.loss_weighting.db_mtl import DBMTL
from mtl_tutor.balancing.loss_weighting.dynamic_average import DynamicWeightAverage
from mtl_tutor.balancing.loss_weighting.dynamic_task_priority import DynamicTaskPriority
from mtl_tutor.balancing.loss_weighting.equal import EqualWeighting
from mtl_tutor.balancing.loss_weighting.excess_mtl import ExcessMTL
from mtl_tutor.balancing.loss_weighting.famo import FAMO
from mtl_tutor.balancing.loss_weighting.fixed import FixedWeighting
from mtl_tutor.balancing.loss_weighting.gradnorm import GradNorm
from mtl_tutor.balancing.loss_weighting.imtl_l import IMTLL
from mtl_tutor.balancing.loss_weighting.random_weights import RandomLossWeighting
from mtl_tutor.balancing.loss_weighting.scale_invariant import ScaleInvariantWeighting
from mtl_tutor.balancing.loss_weighting.schedule import WeightSchedule
from mtl_tutor.balancing.loss_weighting.smooth_chebyshev import SmoothChebyshev
from mtl_tutor.balancing.loss_weighting.uncertainty import UncertaintyWeighting
from mtl_tutor.balancing.loss_weighting.unit_normalised import UnitNormalised
from mtl_tutor.balancing.own_loop import Balancer

__all__ = [
    "AlignedMTL",
    "Balancer",
    "Balancing",
    "CAGrad",
    "ConFIG",
    "CosineGating",
    "DBMTL",
    "DynamicTaskPriority",
    "DynamicWeightAverage",
    "EqualWeighting",
    "ExcessMTL",
    "FAMO",
    "FairGrad",
    "FixedWeighting",
    "GradDrop",
    "GradNorm",
    "GradVac",
    "GradientSurgery",
    "GramianSurgery",
    "HybridBalancing",
    "IMTLG",
    "IMTLL",
    "LossWeighting",
    "MGDA",
    "NashMTL",
    "PCGrad",
    "RandomLossWeighting",
    "ScaleInvariantWeighting",
    "SmoothChebyshev",
    "State",
    "StatelessWeighting",
    "UPGrad",
    "UncertaintyWeighting",
    "UnitNormalised",
    "WeightSchedule",
    "combine",
    "jacobian_of",
]
