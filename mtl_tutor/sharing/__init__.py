"""Who shares parameters: one architecture per file, each a plain ``nn.Module`` for one network."""

from mtl_tutor.sharing._base import Architecture
from mtl_tutor.sharing.cost import Cost, cost_of, width_within
from mtl_tutor.sharing.hard_sharing import HardSharing
from mtl_tutor.sharing.single_task import SingleTask

__all__ = ["Architecture", "Cost", "HardSharing", "SingleTask", "cost_of", "width_within"]
