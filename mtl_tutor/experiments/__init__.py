"""One claim, one frozen dataclass: its docstring is the claim, its fields are the settings, `run()` puts it on trial."""

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.experiments._base import Sentence, Setting, Trial, TrialResult
from mtl_tutor.experiments._kin import Kin
from mtl_tutor.experiments.adapter_rank import AdapterRank, over_ranks
from mtl_tutor.experiments.atlas import FAMILIES, gains
from mtl_tutor.experiments.atlas_reader import ARCHITECTURES, over_relatedness, read_atlas
from mtl_tutor.experiments.attribute_selection import AttributeSelection, inputs_that_matter
from mtl_tutor.experiments.capacity import Capacity, widths
from mtl_tutor.experiments.cost import CostOfSharing
from mtl_tutor.experiments.curds_and_whey import CurdsAndWhey, fit_and_combine
from mtl_tutor.experiments.data_amplification import DataAmplification, more_views
from mtl_tutor.experiments.digits import Digits, labels_needed
from mtl_tutor.experiments.eavesdropping import Eavesdropping, through_the_wall
from mtl_tutor.experiments.eight_bits import EightBits, units_for_parity
from mtl_tutor.experiments.expert_collapse import ExpertCollapse
from mtl_tutor.experiments.experts import Experts, gains_by_correlation
from mtl_tutor.experiments.fusion_or_layers import FusionOrLayers
from mtl_tutor.experiments.gates_read import GatesRead
from mtl_tutor.experiments.harder_tasks import HarderTasks, gains_by_horizon
from mtl_tutor.experiments.inputs_as_outputs import InputsAsOutputs, extra_output
from mtl_tutor.experiments.interpolation_peak import InterpolationPeak, InterpolationPeakResult
from mtl_tutor.experiments.kernel_regression import KernelRegression, weighed
from mtl_tutor.experiments.learning_dynamics import LearningDynamics, learning_rates
from mtl_tutor.experiments.local_minima import LocalMinima, ways_out
from mtl_tutor.experiments.low_supervision import LowSupervision, layers
from mtl_tutor.experiments.merging import Merging, MergingResult, halfway
from mtl_tutor.experiments.model_space import model_space
from mtl_tutor.experiments.noise_as_regulariser import NoiseAsRegulariser, noise_outputs
from mtl_tutor.experiments.number_of_tasks import NumberOfTasks
from mtl_tutor.experiments.one_of_many import OneOfMany, sums
from mtl_tutor.experiments.peaks import Peaks, shared_variables
from mtl_tutor.experiments.planted_tree import PlantedTree
from mtl_tutor.experiments.pneumonia import Pneumonia, ranked
from mtl_tutor.experiments.reconstruction import Reconstruction
from mtl_tutor.experiments.recovery import Recovery, spectrum
from mtl_tutor.experiments.relatives import Relatives, who_wins
from mtl_tutor.experiments.road import Road, company_on_the_road
from mtl_tutor.experiments.shared_minimum import SharedMinimum
from mtl_tutor.experiments.stein import Stein, SteinResult, james_stein
from mtl_tutor.experiments.stitches import Stitches
from mtl_tutor.experiments.structures import Structures, families
from mtl_tutor.experiments.subspace import Subspace, SubspaceResult, how_many_tasks
from mtl_tutor.experiments.task_arithmetic import TaskArithmetic, TaskArithmeticResult, add_vectors
from mtl_tutor.experiments.task_codes import TaskCodes
from mtl_tutor.experiments.task_tokens import TokensOfTasks
from mtl_tutor.experiments.tide import Tide, TideResult
from mtl_tutor.experiments.tied import Tied, TiedResult, tie
from mtl_tutor.experiments.tied_trunks import TiedTrunks, ties
from mtl_tutor.experiments.trained_too_long import TrainedTooLong
from mtl_tutor.experiments.unseen import code_plane, unseen
from mtl_tutor.experiments.valleys import valleys
from mtl_tutor.experiments.which_one import WhichOne, WhichOneResult
from mtl_tutor.experiments.wines import Wines
from mtl_tutor.experiments.xor_plane import xor_plane
from mtl_tutor.experiments.zero_shot import ZeroShot

__all__ = [
    "ARCHITECTURES",
    "FAMILIES",
    "AdapterRank",
    "Arm",
    "AttributeSelection",
    "Capacity",
    "CostOfSharing",
    "CurdsAndWhey",
    "DataAmplification",
    "Digits",
    "Eavesdropping",
    "EightBits",
    "ExpertCollapse",
    "Experts",
    "FusionOrLayers",
    "GatesRead",
    "HarderTasks",
    "InputsAsOutputs",
    "InterpolationPeak",
    "InterpolationPeakResult",
    "KernelRegression",
    "Kin",
    "LearningDynamics",
    "LocalMinima",
    "LowSupervision",
    "Merging",
    "MergingResult",
    "NoiseAsRegulariser",
    "NumberOfTasks",
    "OneOfMany",
    "Peaks",
    "PlantedTree",
    "Pneumonia",
    "Reconstruction",
    "Recovery",
    "Relatives",
    "Road",
    "Sentence",
    "Setting",
    "SharedMinimum",
    "Stein",
    "SteinResult",
    "Stitches",
    "Structures",
    "Subspace",
    "SubspaceResult",
    "TaskArithmetic",
    "TaskArithmeticResult",
    "TaskCodes",
    "Tide",
    "TideResult",
    "Tied",
    "TiedResult",
    "TiedTrunks",
    "TokensOfTasks",
    "TrainedTooLong",
    "Trial",
    "TrialResult",
    "WhichOne",
    "WhichOneResult",
    "Wines",
    "ZeroShot",
    "add_vectors",
    "code_plane",
    "company_on_the_road",
    "extra_output",
    "families",
    "fit_and_combine",
    "gains",
    "gains_by_correlation",
    "gains_by_horizon",
    "halfway",
    "how_many_tasks",
    "inputs_that_matter",
    "james_stein",
    "labels_needed",
    "layers",
    "learning_rates",
    "model_space",
    "more_views",
    "noise_outputs",
    "over_ranks",
    "over_relatedness",
    "ranked",
    "read_atlas",
    "shared_variables",
    "spectrum",
    "sums",
    "through_the_wall",
    "tie",
    "ties",
    "units_for_parity",
    "unseen",
    "valleys",
    "ways_out",
    "weighed",
    "who_wins",
    "widths",
    "xor_plane",
]
