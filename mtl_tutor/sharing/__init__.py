"""Architectures that share parameters between tasks: one per file, each a plain ``nn.Module``."""

from mtl_tutor.sharing._base import Architecture
from mtl_tutor.sharing.adapters import Adapters, LowRank
from mtl_tutor.sharing.branching import Branching
from mtl_tutor.sharing.cascade import Cascade
from mtl_tutor.sharing.coregionalisation import Coregionalisation
from mtl_tutor.sharing.cost import Cost, cost_of, width_within
from mtl_tutor.sharing.cross_stitch import CrossStitch
from mtl_tutor.sharing.gaussian_process import MultiTaskGP
from mtl_tutor.sharing.global_and_local import GlobalAndLocal
from mtl_tutor.sharing.hard_sharing import HardSharing
from mtl_tutor.sharing.hypernetwork import HyperNetwork
from mtl_tutor.sharing.low_level_supervision import LowLevelSupervision
from mtl_tutor.sharing.mmoe import MMoE, OMoE
from mtl_tutor.sharing.mtan import MTAN
from mtl_tutor.sharing.nddr import NDDR
from mtl_tutor.sharing.ple import CGC, PLE
from mtl_tutor.sharing.single_task import SingleTask
from mtl_tutor.sharing.sluice import Sluice
from mtl_tutor.sharing.soft_sharing import SoftSharing
from mtl_tutor.sharing.task_conditioned import TaskConditioned, TaskEmbedding
from mtl_tutor.sharing.task_decomposition import TaskDecomposition
from mtl_tutor.sharing.task_tokens import TaskTokens
from mtl_tutor.sharing.tree import TaskTree, cut_tree, grow_tree, hidden_layers

__all__ = [
    "Architecture",
    "Adapters",
    "LowRank",
    "Branching",
    "Cascade",
    "Coregionalisation",
    "Cost",
    "cost_of",
    "width_within",
    "CrossStitch",
    "MultiTaskGP",
    "GlobalAndLocal",
    "HardSharing",
    "HyperNetwork",
    "LowLevelSupervision",
    "MMoE",
    "OMoE",
    "MTAN",
    "NDDR",
    "CGC",
    "PLE",
    "SingleTask",
    "Sluice",
    "SoftSharing",
    "TaskConditioned",
    "TaskEmbedding",
    "TaskDecomposition",
    "TaskTokens",
    "TaskTree",
    "cut_tree",
    "grow_tree",
    "hidden_layers",
]
