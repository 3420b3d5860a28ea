"""One claim, one frozen dataclass: its docstring is the claim, its fields are the settings, `run()` puts it on trial."""

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.experiments._base import Sentence, Setting, Trial, TrialResult
from mtl_tutor.experiments.attribute_selection import AttributeSelection, inputs_that_matter
from mtl_tutor.experiments.capacity import Capacity, widths
from mtl_tutor.experiments.data_amplification import DataAmplification, more_views
from mtl_tutor.experiments.digits import Digits, labels_needed
from mtl_tutor.experiments.eavesdropping import Eavesdropping, through_the_wall
from mtl_tutor.experiments.learning_dynamics import LearningDynamics, learning_rates
from mtl_tutor.experiments.local_minima import LocalMinima, ways_out
from mtl_tutor.experiments.noise_as_regulariser import NoiseAsRegulariser, noise_outputs
from mtl_tutor.experiments.reconstruction import Reconstruction
from mtl_tutor.experiments.shared_minimum import SharedMinimum
from mtl_tutor.experiments.stein import Stein, SteinResult, james_stein
from mtl_tutor.experiments.subspace import Subspace, SubspaceResult, how_many_tasks
from mtl_tutor.experiments.tide import Tide, TideResult
from mtl_tutor.experiments.valleys import valleys
from mtl_tutor.experiments.xor_plane import xor_plane

__all__ = [
    "Arm",
    "AttributeSelection",
    "Capacity",
    "DataAmplification",
    "Digits",
    "Eavesdropping",
    "LearningDynamics",
    "LocalMinima",
    "NoiseAsRegulariser",
    "Reconstruction",
    "Sentence",
    "Setting",
    "SharedMinimum",
    "Stein",
    "SteinResult",
    "Subspace",
    "SubspaceResult",
    "Tide",
    "TideResult",
    "Trial",
    "TrialResult",
    "how_many_tasks",
    "inputs_that_matter",
    "james_stein",
    "labels_needed",
    "learning_rates",
    "more_views",
    "noise_outputs",
    "through_the_wall",
    "valleys",
    "ways_out",
    "widths",
    "xor_plane",
]
