"""Two tasks that are the same, in one trunk: does sharing harm them, or do the steps after the best one?"""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from mtl_tutor.experiments import Arm, Hypothesis, Trial, above, below, ratio
from mtl_tutor.experiments.controls import Sampler, alone
from mtl_tutor.experiments.trial import LAST
from mtl_tutor.tasks import task_pairs


@dataclass(frozen=True)
class TrainedTooLong(Trial):
    """In one trunk equal tasks gain if nets stop in time; trained on, equal and unrelated tasks look alike.

    Attributes
    ----------
    n_samples, noise : int, float
        Of `task_pairs`, with twenty inputs and at least ten samples. All nets have eight units.

    Notes
    -----
    Source: none; the set-up is one in which relatedness was once looked for, and not found.
    Departures: the labels' noise is ours.
    """

    seeds: int = 128
    tuning_seeds: int = 16
    n_samples: int = 60
    noise: float = 0.5

    name = "trained-too-long"
    findings = ("same",)
    smallest = (("n_samples", 10), ("noise", 0))
    control = "unrelated"
    widths, lrs = (8,), (0.003, 0.01)
    steps, eval_every = 500, 20
    activation = nn.Tanh
    hypotheses = (
        Hypothesis("same", "In one trunk, a task errs less beside one that is the same",
                   "ours", "same", "alone", below(), ratio),
        Hypothesis("long", "... and after 500 steps", "ours", "same", "alone", below(), ratio, LAST),
        Hypothesis("unrelated", "Beside an unrelated one it errs more", "ours", "unrelated", "alone", above(), ratio),
        Hypothesis("unrelated-long", "... and after 500 steps", "ours", "unrelated", "alone", above(), ratio, LAST),
    )

    def draw(self, correlation: float) -> Sampler:
        """Draw two tasks along directions of that cosine."""
        how = {"n_features": 20, "n_waves": 1, "noise": self.noise, "correlation": correlation}
        return lambda seed: task_pairs(2, self.n_samples, **how, seed=seed).data  # type: ignore[arg-type]

    def arms(self) -> Mapping[str, Arm]:
        """Alone, beside the same task, beside an unrelated one."""
        return {
            "alone": Arm("alone", "single_task", alone(self.draw(1.0))),
            "same": Arm("beside the same task", "main", self.draw(1.0)),
            "unrelated": Arm("beside an unrelated task", "other", self.draw(0.0)),
        }
