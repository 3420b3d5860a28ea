"""Two tasks that are the same, in one trunk: does it harm them, or do the steps after the best one?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, alone
from mtl_tutor.experiments._base import LAST, Sentence, Trial
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, task_pairs

LOWER: dict[str, Any] = {"most": 0.0, "relative": True}


@dataclass(frozen=True)
class TrainedTooLong(Trial):
    """In one trunk two tasks that are the same gain, where nets stop in time; trained on, related and unrelated ones look alike.

    Attributes
    ----------
    n_samples, noise : of `task_pairs`, with twenty inputs.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial. All nets have eight units.

    Raises
    ------
    ValueError : fewer than ten samples, negative noise, or too few seeds.

    Source: none; the set-up is one in which relatedness was once looked for, and not found. Departures: the labels' noise is ours.
    """

    seeds: int = 128
    tuning_seeds: int = 32
    n_samples: int = 60
    noise: float = 0.5

    name, chapter, control = "trained-too-long", "sharing/hard-and-soft", "unrelated"
    smallest = (("n_samples", 10), ("noise", 0))
    widths, lrs, extensions, steps, eval_every = (8,), (0.003, 0.01), 0, 500, 20
    sentences = (
        Sentence("same", "In one trunk, a task errs less beside one that is the same", "ours", "same", "alone", **LOWER),
        Sentence("long", "... and after 500 steps", "ours", "same", "alone", measure=LAST, **LOWER),
        Sentence("unrelated", "Beside an unrelated one it errs more", "ours", "unrelated", "alone", relative=True),
        Sentence("unrelated-long", "... and after 500 steps", "ours", "unrelated", "alone", measure=LAST, relative=True),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh)

    def draw(self, correlation: float) -> Draw:
        """Draw two tasks along directions of that cosine."""
        size = {"n_features": 20, "n_waves": 1, "noise": self.noise}
        return lambda seed: task_pairs(2, self.n_samples, **size, correlation=correlation, seed=seed).data  # type: ignore[arg-type]

    def arms(self) -> Mapping[str, Arm]:
        """Alone, beside the same task, beside an unrelated one."""
        return {
            "alone": Arm("alone", "single_task", alone(self.draw(1.0))),
            "same": Arm("beside the same task", "main", self.draw(1.0)),
            "unrelated": Arm("beside an unrelated task", "other", self.draw(0.0)),
        }
