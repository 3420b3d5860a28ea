"""One claim, one frozen dataclass: its docstring is the claim, its fields are the settings, `run()` puts it on trial."""

from mtl_tutor.experiments.digits import Digits, DigitsResult, labels_needed
from mtl_tutor.experiments.shared_minimum import SharedMinimum, SharedMinimumResult
from mtl_tutor.experiments.valleys import valleys

__all__ = ["Digits", "DigitsResult", "SharedMinimum", "SharedMinimumResult", "labels_needed", "valleys"]
