"""One claim, one frozen dataclass: its docstring is the claim, its fields are the settings, `run()` puts it on trial."""

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.experiments._base import Sentence, Setting, Trial, TrialResult
from mtl_tutor.experiments.attribute_selection import AttributeSelection, inputs_that_matter
from mtl_tutor.experiments.capacity import Capacity, widths
from mtl_tutor.experiments.cost import CostOfSharing
from mtl_tutor.experiments.curds_and_whey import CurdsAndWhey, fit_and_combine
from mtl_tutor.experiments.data_amplification import DataAmplification, more_views
from mtl_tutor.experiments.digits import Digits, labels_needed
from mtl_tutor.experiments.eavesdropping import Eavesdropping, through_the_wall
from mtl_tutor.experiments.eight_bits import EightBits, units_for_parity
from mtl_tutor.experiments.harder_tasks import HarderTasks, gains_by_horizon
from mtl_tutor.experiments.inputs_as_outputs import InputsAsOutputs, extra_output
from mtl_tutor.experiments.kernel_regression import KernelRegression, weighed
from mtl_tutor.experiments.learning_dynamics import LearningDynamics, learning_rates
from mtl_tutor.experiments.local_minima import LocalMinima, ways_out
from mtl_tutor.experiments.model_space import model_space
from mtl_tutor.experiments.noise_as_regulariser import NoiseAsRegulariser, noise_outputs
from mtl_tutor.experiments.one_of_many import OneOfMany, sums
from mtl_tutor.experiments.peaks import Peaks, shared_variables
from mtl_tutor.experiments.pneumonia import Pneumonia, ranked
from mtl_tutor.experiments.reconstruction import Reconstruction
from mtl_tutor.experiments.relatives import Relatives, who_wins
from mtl_tutor.experiments.road import Road, company_on_the_road
from mtl_tutor.experiments.shared_minimum import SharedMinimum
from mtl_tutor.experiments.stein import Stein, SteinResult, james_stein
from mtl_tutor.experiments.subspace import Subspace, SubspaceResult, how_many_tasks
from mtl_tutor.experiments.tide import Tide, TideResult
from mtl_tutor.experiments.tied import Tied, TiedResult, tie
from mtl_tutor.experiments.valleys import valleys
from mtl_tutor.experiments.wines import Wines
from mtl_tutor.experiments.xor_plane import xor_plane

__all__ = [
    "Arm",
    "AttributeSelection",
    "Capacity",
    "CostOfSharing",
    "CurdsAndWhey",
    "DataAmplification",
    "Digits",
    "Eavesdropping",
    "EightBits",
    "HarderTasks",
    "InputsAsOutputs",
    "KernelRegression",
    "LearningDynamics",
    "LocalMinima",
    "NoiseAsRegulariser",
    "OneOfMany",
    "Peaks",
    "Pneumonia",
    "Reconstruction",
    "Relatives",
    "Road",
    "Sentence",
    "Setting",
    "SharedMinimum",
    "Stein",
    "SteinResult",
    "Subspace",
    "SubspaceResult",
    "Tide",
    "TideResult",
    "Tied",
    "TiedResult",
    "Trial",
    "TrialResult",
    "Wines",
    "company_on_the_road",
    "extra_output",
    "fit_and_combine",
    "gains_by_horizon",
    "how_many_tasks",
    "inputs_that_matter",
    "james_stein",
    "labels_needed",
    "learning_rates",
    "model_space",
    "more_views",
    "noise_outputs",
    "ranked",
    "shared_variables",
    "sums",
    "through_the_wall",
    "tie",
    "units_for_parity",
    "valleys",
    "ways_out",
    "weighed",
    "who_wins",
    "widths",
    "xor_plane",
]
