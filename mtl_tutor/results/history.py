"""What happened while nets were trained. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int


@dataclass(frozen=True, eq=False)
class History:
    """What happened while some hundred nets were trained: one row per seed.

    Attributes
    ----------
    seeds : which random replica each row is.
    steps : the training steps after which the nets were looked at, ascending; 0 is the start.
    tasks : the tasks' names.
    loss : "train", "validation", "test" -> the task's own loss (squared error, or nats of cross-entropy).
    error : the same splits -> mean squared error of a regression, share of wrong answers of a classification.
    lr : the learning rate of each row.
    diverged : whether a weight or a loss stopped being finite. Such a row reads NaN in `best` and `last`.
    parameters : the model's parameter names -> their values at the last step, one net per row.
    """

    seeds: Int[np.ndarray, "seed"]
    steps: Int[np.ndarray, "step"]
    tasks: tuple[str, ...]
    loss: Mapping[str, Float[np.ndarray, "seed step task"]]
    error: Mapping[str, Float[np.ndarray, "seed step task"]]
    lr: Float[np.ndarray, "seed"]
    diverged: Bool[np.ndarray, "seed"]
    parameters: Mapping[str, np.ndarray] = field(repr=False)

    def best_step(self) -> Int[np.ndarray, "seed task"]:
        """Find where each task's validation loss was lowest: the index into `steps`, per seed and task.

        Raises
        ------
        ValueError : the data had no validation samples.
        """
        if "validation" not in self.loss:
            raise ValueError("`data` must have validation samples to know a best step; it has none. Give TaskData a `validation` split.")
        loss = np.where(np.isfinite(self.loss["validation"]), self.loss["validation"], np.inf)
        return loss.argmin(axis=1)

    def best(self, split: str = "test") -> Float[np.ndarray, "seed task"]:
        """Read each task's error at its own best validation step (early stopping); NaN where training diverged."""
        at = self.best_step()[:, None, :]
        return self._honest(np.take_along_axis(self._errors(split), at, axis=1)[:, 0])

    def last(self, split: str = "test") -> Float[np.ndarray, "seed task"]:
        """Read each task's error at the last step; NaN where training diverged."""
        return self._honest(self._errors(split)[:, -1])

    def _errors(self, split: str) -> Float[np.ndarray, "seed step task"]:
        if split not in self.error:
            raise ValueError(f"`split` must be one of {sorted(self.error)}; got {split!r}. Give TaskData that split.")
        return self.error[split]

    def _honest(self, values: Float[np.ndarray, "seed task"]) -> Float[np.ndarray, "seed task"]:
        return np.where(self.diverged[:, None], np.nan, values)
