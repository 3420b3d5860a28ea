"""From which initial weights do two tasks meet in the minimum that they share?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.hypothesis import Hypothesis
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.experiments.why.eavesdropping.start_scales import MORE, SCALES, least_gain, shrinkage
from mtl_tutor.experiments.why.shared_minimum.shared_minimum import BOTH, SOURCE, A, SharedMinimum
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData


def _at(scale: float, text: str, source: str = "ours") -> Hypothesis:
    return Hypothesis(f"at-{scale:g}", text, source, f"joint, {scale:g}", f"alone, {scale:g}", MORE)


@dataclass(frozen=True)
class SharedMinimumByStart(Trial):
    """T reads the shared group A more often beside T' than alone, whatever the scale of the initial weights.

    The tasks and nets are those of `SharedMinimum`, experiment 1, whose nets start at scale 0.05. Here the initial
    weights are drawn at four scales. Every arm has its own learning rate at each scale, the one with the lowest training
    loss: its test samples are conflicting patterns, which only tell the minima apart.

    Attributes
    ----------
    n_hidden : int
        Units of the shared layer.

    Notes
    -----
    Source: Caruana (1997, §3.2) publishes neither construction, initial weights nor counts; the question about the initial
    weights is ours. Departures: the tasks are ours (`bit_groups`).
    """

    seeds: int = 400
    tuning_seeds: int = 16
    n_hidden: int = 16

    name = "shared-minimum-by-start"
    findings = ("every",)
    smallest = (("n_hidden", 1),)
    lrs = (0.05, 0.2, 0.8)
    steps = SharedMinimum.steps
    eval_every = SharedMinimum.eval_every
    optimizer = SharedMinimum.optimizer
    hypotheses = (
        _at(0.1, "From initial weights of scale 0.1, T reads A more often beside T′ than alone", SOURCE),
        _at(0.3, "... from those of scale 0.3, too", SOURCE),
        _at(1.0, "... from those of scale 1, too", SOURCE),
        _at(3.0, "... and from those of scale 3", SOURCE),
        Hypothesis("every", "At each of the four scales of initial weights there is a gain (shown: the smallest)",
                   "ours", "joint", "alone", effect=least_gain),
        Hypothesis("shrinks", "The gain at scale 0.3 exceeds that at scale 3", "ours", "joint", "alone", MORE, shrinkage),
    )

    def arms(self) -> Mapping[str, Arm]:
        """T alone, beside T', and beside a shuffled T', from each scale."""
        known = SharedMinimum(n_hidden=self.n_hidden).arms()
        return {
            f"{name}, {scale:g}": replace(
                known[name], label=f"{known[name].label}, scale {scale:g}", n_hidden=self.n_hidden, net=_from_scale(scale)
            )
            for scale in SCALES
            for name in ("alone", "joint", "shuffled")
        }

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """Tune for the training loss of T: every pattern without conflict is learned from."""
        return history.loss["train"][:, -1, 0]

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Whether T reads A, and whether both tasks do."""
        return {name: SharedMinimum().measure(history)[name] for name in (A, BOTH)}


def _from_scale(scale: float) -> Callable[[TaskData, int], nn.Module]:
    """Build the nets of `SharedMinimum`, one ReLU layer, with initial weights of such a scale."""
    return lambda data, n_hidden: HardSharing(data.n_features, n_hidden, len(data.tasks), init_scale=scale)
