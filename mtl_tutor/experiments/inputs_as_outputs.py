"""Is a feature worth more as a second question than as one more input?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.experiments._feature_places import arm_of, lighter
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.statistics import Interval, relative_change
from mtl_tutor.training import SGD

PAPER, TABLE, RMSE = "Caruana 1997, §4.9", "Caruana 1997, Table 6", "root mean squared test error"
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}
SAME: dict[str, Any] = {"margin": 0.1, "relative": True}


@dataclass(frozen=True)
class InputsAsOutputs(Trial):
    """A feature lowers the error as a second output, and does nothing as one more input.

    Asked for: sigmoid(A + B), from the bits of A and B. The feature: sigmoid(A - B). Nets are read at their best validation step.

    Attributes
    ----------
    noise : standard deviation of what is added to the feature in the noisy arms (its own is about 0.4).
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial. Learning rates are tuned, the 16 hidden units are not.

    Raises
    ------
    ValueError : negative noise, or too few seeds.

    Source: Caruana (1997, §4.9, Table 6). Departures: he names neither initial weights, learning rate nor output unit; ours are three
    scales (times 1/√fan-in), tuned rates in 600 steps, and linear outputs of tanh units that read -1 and 1, or sigmoids throughout
    that read 0 and 1. He stops by 1,000 samples and tests on 1,000; we by 500 and on 500.
    """

    seeds: int = 192
    tuning_seeds: int = 20
    noise: float = 1.0

    name, chapter, baseline, control = "inputs-as-outputs", "why/caruana-1997", "alone, small", "shuffled, small"
    smallest = (("noise", 0),)
    widths, lrs, steps, eval_every, optimizer = (16,), (0.03, 0.1, 0.3), 600, 30, SGD(momentum=0.9)
    sentences = (
        Sentence(
            *("out", "As a second output a feature lowers the error", TABLE, "out, small", "alone, small"),
            **LOWER,
            printed=-0.026,
            unless={"from larger initial weights": "out-large"},
        ),
        Sentence("out-middle", "... from ten times larger initial weights", "ours", "out, middle", "alone, middle", **LOWER),
        Sentence("out-large", "... from twenty times larger ones", "ours", "out, large", "alone, large", **LOWER),
        Sentence("out-light", "... if it weighs as little as is best", "ours", "light out, small", "alone, small", **LOWER),
        Sentence("sigmoids", "... in nets of sigmoids", "ours", "out, sigmoids", "alone, sigmoids", **LOWER),
        Sentence("large-sigmoids", "... from larger weights", "ours", "out, large sigmoids", "alone, large sigmoids", **LOWER),
        Sentence("true", "It is a better second output than its shuffled values", "control", "out, small", "shuffled, small", **LOWER),
        Sentence("in", "As one more input it changes nothing", TABLE, "in, small", "alone, small", **SAME, printed=-0.0015),
        Sentence("in-middle", "... from ten times larger initial weights", "ours", "in, middle", "alone, middle", **SAME),
        Sentence("in-large", "... from twenty times larger ones", "ours", "in, large", "alone, large", **SAME),
        Sentence("in-sigmoids", "... in nets of sigmoids", "ours", "in, sigmoids", "alone, sigmoids", **SAME),
        Sentence("noise-in", "Noise on it raises the error as an input", "ours", "noisy in, small", "in, small", relative=True),
        Sentence("noise-out", "... as an output", "ours", "noisy out, small", "out, small", relative=True),
        Sentence("noise", "A noisy feature is better as an output than as an input", PAPER, "noisy out, small", "noisy in, small", **LOWER),
        Sentence("noise-middle", "... from ten times larger weights", PAPER, "noisy out, middle", "noisy in, middle", **LOWER),
        Sentence("noise-large", "... from twenty times larger ones", PAPER, "noisy out, large", "noisy in, large", **LOWER),
    )

    def arms(self) -> Mapping[str, Arm]:
        """Every arm that a sentence names: a way to use the feature, and a net."""
        named = dict.fromkeys(arm for s in self.sentences for arm in (s.less, s.more) if arm)
        ways = {name: name.removeprefix("light ").split(", ") for name in named}
        arms = {name: arm_of(way, net, self.noise) for name, (way, net) in ways.items()}
        return arms | {name: lighter(arm, name) for name, arm in arms.items() if name.startswith("light ")}

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The root of the main question's mean squared error."""
        return {RMSE: np.sqrt(history.best()[:, 0])}

    def validated(self, history: History) -> np.ndarray:
        """Tune for what is measured."""
        return np.sqrt(super().validated(history))


def extra_output(bits: str = "-1 and 1", noise: float = 0.0, *, n_seeds: int = 100) -> Curves:
    """Follow the error over the scale of initial weights, relative to nets without the feature: as output, as input, shuffled.

    Parameters
    ----------
    bits, noise : what the net reads for a bit, "-1 and 1" or "0 and 1"; standard deviation of what is added to the feature.
    n_seeds : nets per point, from seed 2000 on, each way at its tuned learning rate; the band is the 95% interval.
    """
    trial, low = InputsAsOutputs(seeds=n_seeds, first_seed=2000, noise=noise), -1.0 if bits == "-1 and 1" else 0.0
    x, ways = np.array([0.1, 0.3, 1.0, 3.0]), {"as output": "noisy out", "as input": "noisy in", "shuffled": "shuffled"}
    wrong = {}
    for label, way in (ways | {"alone": "alone"}).items():
        arms = [arm_of(way, "small", noise, scale=scale, low=low) for scale in x]
        wrong[label] = [trial.measured(arm, 16, trial.tune(arm).lr)[RMSE] for arm in arms]
    roles: dict[str, Role] = {"as output": "main", "as input": "other", "shuffled": "control"}
    changes = {label: [relative_change(*pair) for pair in zip(wrong[label], wrong["alone"], strict=True)] for label in ways}
    ratios = {label: [Interval(1 + c.estimate, 1 + c.low, 1 + c.high, c.n) for c in row] for label, row in changes.items()}
    xlabel, ylabel = "scale of the initial weights (times 1/√fan-in)", "error / error without the feature"
    curves = Curves.of_intervals(x, ratios, roles=roles, xlabel=xlabel, ylabel=ylabel, xscale="log", ylim=(0.7, 6.0))
    return replace(curves, yscale="log")
