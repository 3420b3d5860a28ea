"""Weight decay in a net with one trunk: on the trunk, on the heads, or on both?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.experiments import Arm, Hypothesis, Trial, above, below, best_of, ratio, within
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.trial import LAST
from mtl_tutor.results import History, Scale
from mtl_tutor.sharing import HardSharing
from mtl_tutor.sharing._base import Form
from mtl_tutor.tasks import TaskData, shared_subspace
from mtl_tutor.training import SGD

TEXT, HEADS, TRUNK = "source text 002", "length of the heads' weights", "length of the trunk's weights"
SCALES: Mapping[str, Scale] = {HEADS: "", TRUNK: ""}  # changes, but not of errors
STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)


class DecayedSharing(HardSharing):
    """Hard parameter sharing with a weight decay for the trunk, and another one for the heads.

    Parameters
    ----------
    n_features, n_hidden, n_tasks, **form
        As in `HardSharing`.
    trunk_decay, head_decay : float
        Times each parameter, added to its gradient.
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        trunk_decay: float = 0.0,
        head_decay: float = 0.0,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        self.trunk_decay, self.head_decay = trunk_decay, head_decay

    def penalty(self) -> Float[Tensor, ""]:
        """The penalty: half of each decay times the squared length of its part."""
        trunk, heads = (sum((p**2).sum() for p in part.parameters()) for part in (self.trunk, self.heads))
        return 0.5 * (self.trunk_decay * trunk + self.head_decay * heads)  # type: ignore[return-value]


@dataclass(frozen=True)
class TrunkDecay(Trial):
    """Weight decay of the shared trunk alone regularises as well as decay of the whole net.

    Eight linear tasks in one subspace of two dimensions, each with samples of its own; nets of one hidden layer, read after the
    last step, mean of tasks. Every arm chooses its learning rate, and those with decay one of the same five strengths.

    Attributes
    ----------
    n_tasks, n_samples, n_features, noise
        Of `shared_subspace`.

    Notes
    -----
    Source: a text about frequent questions, which says that only the shared parameters need be regularised; it names middle
    layers, and no data. Departures: all of the set-up is ours. Without a limit of steps a decay of the trunk alone does nothing
    in a ReLU net, because heads can grow as the trunk shrinks; here training has 300 steps.
    """

    seeds: int = 128
    tuning_seeds: int = 5
    n_tasks: int = 8
    n_samples: int = 30
    n_features: int = 20
    noise: float = 1.0

    name = "trunk-decay"
    scales = SCALES
    findings = ("gain",)
    smallest = (("n_tasks", 2), ("n_samples", 4), ("n_features", 2), ("noise", 0))
    baseline, control = "none", None
    widths, lrs, extensions = (16,), (0.0002, 0.001, 0.005), 3
    steps, eval_every = 300, 300
    optimizer = SGD(momentum=0.9)
    hypotheses = (
        Hypothesis("gain", "Weight decay of the shared trunk alone saves a twentieth of the error", TEXT,
                   "trunk", "none", below(-0.05), ratio),
        Hypothesis("enough", "... and does as well as decay of the whole net", TEXT, "trunk", "both", within(0.05), ratio),
        Hypothesis("heads", "Decay of the heads alone does as well as that, too", "ours",
                   "heads", "both", within(0.05), ratio),
        Hypothesis("alone", "One trunk with decay of the trunk alone errs less than nets apart with decay", "ours",
                   "trunk", "alone", below(), ratio),
        Hypothesis("alone-none", "... and so does one trunk without any", "ours", "none", "alone", below(), ratio),
        Hypothesis("grow", "Where only the trunk decays, heads grow by a tenth", "ours",
                   "trunk", "none", above(0.1), ratio, HEADS),
        Hypothesis("shrink", "... and the trunk shrinks by a tenth", "ours", "trunk", "none", below(-0.1), ratio, TRUNK),
    )

    def measure(self, history: History) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """The mean error of the tasks after the last step, and the lengths of both parts' weights."""
        return {LAST: history.last().mean(axis=1), HEADS: length(history, "heads"), TRUNK: length(history, "trunk")}

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """The mean validation error of the tasks after the last step."""
        return history.last("validation").mean(axis=1)

    def arms(self) -> Mapping[str, Arm]:
        """One trunk without decay, or with decay of one part or both; and nets apart with decay of both."""

        def whole(strength: float, *, shared: bool) -> Arm:
            return Arm(f"decay {strength:g}", "other", self.draw(), shared=shared, weight_decay=strength)

        def part(strength: float, name: str) -> Arm:
            return Arm(f"decay {strength:g}", "other", self.draw(), net=self.decayed(**{name: strength}))

        return {
            "none": Arm("no decay", "control", self.draw()),
            "trunk": best_of("decay of the trunk", "main", (part(s, "trunk_decay") for s in STRENGTHS)),
            "heads": best_of("decay of the heads", "third", (part(s, "head_decay") for s in STRENGTHS)),
            "both": best_of("decay of both", "other", (whole(s, shared=True) for s in STRENGTHS)),
            "alone": best_of("nets apart, decay of both", "single_task", (whole(s, shared=False) for s in STRENGTHS)),
        }

    def draw(self) -> Sampler:
        """Draw tasks in one subspace, with samples of their own."""
        size = {"n_features": self.n_features, "noise": self.noise, "separate": True}
        return lambda seed: shared_subspace(self.n_tasks, self.n_samples, **size, seed=seed).data  # type: ignore[arg-type]

    def decayed(self, **decays: float) -> Callable[[TaskData, int], nn.Module]:
        """Build nets with a decay of one part."""
        return lambda data, width: DecayedSharing(data.n_features, width, n_outputs=data.n_outputs, **decays)  # type: ignore[arg-type]


def length(history: History, part: str) -> Float[np.ndarray, "seed"]:
    """Measure the length of all weights and biases of a part, in all nets of a seed."""
    parts = [p for name, p in history.parameters.items() if part in name.split(".")]
    return np.sqrt(sum((p.astype(float) ** 2).reshape(len(p), -1).sum(axis=1) for p in parts))
