"""From which initial weights does T' hear its neighbour?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Num
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.hypothesis import Hypothesis, above
from mtl_tutor.experiments.result import Result
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.experiments.why.eavesdropping.eavesdropping import SOLVED, SOURCE, Eavesdropping
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import TaskData

SCALES = (0.1, 0.3, 1.0, 3.0)
MORE = above(0.1)


def least_gain(result: Result, hypothesis: Hypothesis) -> Interval:
    """The least gain over all scales: the treatment's share minus the reference's."""
    return result.statistic(_gains(result, hypothesis), lambda rows: float(rows.mean(axis=0).min()))


def shrinkage(result: Result, hypothesis: Hypothesis) -> Interval:
    """By how much the gain at scale 0.3 exceeds the one at scale 3."""
    gains = _gains(result, hypothesis)
    return result.mean(gains[:, SCALES.index(0.3)] - gains[:, SCALES.index(3.0)])


def _gains(result: Result, hypothesis: Hypothesis) -> Num[np.ndarray, "seed point"]:
    pairs = [[result.values(f"{arm}, {scale:g}", hypothesis.measure) for scale in SCALES] for arm in ("joint", "alone")]
    return 1.0 * np.stack(pairs[0], axis=1) - 1.0 * np.stack(pairs[1], axis=1)


def _at(scale: float, text: str, source: str = "ours") -> Hypothesis:
    return Hypothesis(f"at-{scale:g}", text, source, f"joint, {scale:g}", f"alone, {scale:g}", MORE)


@dataclass(frozen=True)
class EavesdroppingByStart(Trial):
    """T' hears its neighbour whatever the scale of the initial weights.

    The tasks are those of `Eavesdropping`, whose nets start at scale 0.7. Here the initial weights are drawn at four
    scales; at each, T' is learned alone, beside T, and beside a T with shuffled labels. The width is 12, and every arm has its own
    learning rate at each scale.

    Attributes
    ----------
    n_samples : int
        Training samples, the same for both tasks.

    Notes
    -----
    Source: Caruana (1997, §3.2) names the mechanism without construction, initial weights or numbers; the question about
    them is ours. Departures: all of it is ours.
    """

    tuning_seeds: int = 16
    n_samples: int = 80

    name = "eavesdropping-by-start"
    findings = ("every",)
    smallest = (("n_samples", 10),)
    widths = (12,)
    lrs = (0.01, 0.03, 0.1)
    steps = Eavesdropping.steps
    eval_every = Eavesdropping.eval_every
    optimizer = Eavesdropping.optimizer
    hypotheses = (
        _at(0.3, "From initial weights of scale 0.3, more nets solve T′ beside T than alone", SOURCE),
        _at(1.0, "... from those of scale 1, too", SOURCE),
        _at(0.1, "... from those of scale 0.1, too"),
        _at(3.0, "... and from those of scale 3"),
        Hypothesis("every", "At each of the four scales of initial weights there is a gain (shown: the smallest)",
                   "ours", "joint", "alone", effect=least_gain),
        Hypothesis("shrinks", "The gain at scale 0.3 exceeds that at scale 3", "ours", "joint", "alone", MORE, shrinkage),
    )

    def arms(self) -> Mapping[str, Arm]:
        """T' alone, beside T, and beside a shuffled T, from each scale."""
        known = Eavesdropping(n_samples=self.n_samples).arms()
        return {
            f"{name}, {scale:g}": replace(known[name], label=f"{known[name].label}, scale {scale:g}", net=_from_scale(scale))
            for scale in SCALES
            for name in ("alone", "joint", "shuffled")
        }

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Whether T' is solved; a net that diverges has not solved it."""
        return {SOLVED: Eavesdropping().measure(history)[SOLVED]}


def _from_scale(scale: float) -> Callable[[TaskData, int], nn.Module]:
    """Build the nets of `Eavesdropping`, two ReLU layers, with initial weights of such a scale."""
    return lambda data, n_hidden: HardSharing(data.n_features, (n_hidden, n_hidden), n_outputs=data.n_outputs, init_scale=scale)
