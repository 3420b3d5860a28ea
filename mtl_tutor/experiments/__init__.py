"""One claim, one frozen dataclass: its docstring is the claim, its fields are the settings, `run()` puts it on trial."""

from mtl_tutor.experiments._base import Arm, Sentence, Setting, Trial, TrialResult
from mtl_tutor.experiments.data_amplification import DataAmplification, more_views
from mtl_tutor.experiments.digits import Digits, labels_needed
from mtl_tutor.experiments.shared_minimum import SharedMinimum
from mtl_tutor.experiments.tide import Tide, TideResult
from mtl_tutor.experiments.valleys import valleys

__all__ = [
    "Arm",
    "DataAmplification",
    "Digits",
    "Sentence",
    "Setting",
    "SharedMinimum",
    "Tide",
    "TideResult",
    "Trial",
    "TrialResult",
    "labels_needed",
    "more_views",
    "valleys",
]
