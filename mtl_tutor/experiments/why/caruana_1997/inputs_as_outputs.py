"""Is a feature worth more as a second output than as one more input?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments.arms import Arm, best_of
from mtl_tutor.experiments.controls import beside_shuffled
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, below, ratio, within
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, relative_change
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks.sigmoid_sums import Place, sigmoid_sums
from mtl_tutor.training import SGD

PAPER, TABLE, RMSE = "Caruana 1997, §4.9", "Caruana 1997, Table 6", "root mean squared test error"

# Where the feature can go: its place, and the role in pictures.
WAYS: dict[str, tuple[Place, Role]] = {
    "alone": ("nowhere", "single_task"),
    "out": ("output", "main"),
    "in": ("input", "other"),
    "shuffled": ("output", "control"),
}


class SigmoidNet(HardSharing):
    """Hard sharing with sigmoid outputs."""

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Predict every task, between 0 and 1."""
        return [torch.sigmoid(answer) for answer in super().forward(x)]


# Name -> architecture, units, scale of initial weights, and what a bit of 0 is to the net.
NETS: dict[str, tuple[type[HardSharing], type[nn.Module], float, float]] = {
    "small": (HardSharing, nn.Tanh, 0.1, -1.0),
    "middle": (HardSharing, nn.Tanh, 1.0, -1.0),
    "large": (HardSharing, nn.Tanh, 2.0, -1.0),
    "sigmoids": (SigmoidNet, nn.Sigmoid, 0.5, 0.0),
    "large sigmoids": (SigmoidNet, nn.Sigmoid, 4.0, 0.0),
}


def arm_of(way: str, net: str, noise: float, *, scale: float | None = None, low: float | None = None) -> Arm:
    """One way to use the feature in one net, whose scale and bits may be others; "noisy" before a way adds the noise."""
    place, role = WAYS[way.removeprefix("noisy ")]
    architecture, units, its_scale, its_low = NETS[net]
    draw = partial(_drawn, place, its_low if low is None else low, noise if way.startswith("noisy ") else 0.0)
    data = beside_shuffled(draw) if way == "shuffled" else draw
    return Arm(f"{way}, {net}", role, data, net=partial(_built, architecture, units, scale or its_scale))


def _drawn(place: Place, low: float, noise: float, seed: int) -> TaskData:
    return sigmoid_sums(place=place, low=low, noise=noise, n_held_out=500, seed=seed)


def _built(architecture: type[HardSharing], units: type[nn.Module], scale: float, data: TaskData, n_hidden: int) -> nn.Module:
    return architecture(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=units, init_scale=scale)


def _lower(key: str, text: str, source: str, treatment: str, reference: str, rule: Rule | None = None, **how: float | dict) -> Hypothesis:
    return Hypothesis(key, text, source, treatment, reference, rule or below(), ratio, **how)  # type: ignore[arg-type]


@dataclass(frozen=True)
class InputsAsOutputs(Trial):
    """A feature lowers the error as a second output, and does nothing as one more input.

    The main task: sigmoid(A + B), from the bits of A and B. The feature: sigmoid(A - B). Nets are
    read at their best validation step.

    Attributes
    ----------
    noise : float
        Standard deviation of what is added to the feature in the noisy arms (its own is about 0.4). Learning rates are
        tuned, the 16 hidden units are not.

    Raises
    ------
    ValueError
        Negative noise, or too few seeds.

    Notes
    -----
    Source: Caruana (1997, §4.9, Table 6). Departures: he names neither initial weights, learning rate nor output unit; ours are three
    scales (times 1/√fan-in), tuned rates in 600 steps, and linear outputs of tanh units that read -1 and 1, or sigmoids throughout
    that read 0 and 1. He stops by 1,000 samples and tests on 1,000; we by 500 and on 500.
    """

    seeds: int = 192
    tuning_seeds: int = 8
    noise: float = 1.0

    name = "inputs-as-outputs"
    findings = ("noise",)
    baseline = "alone, small"
    control = "shuffled, small"
    smallest = (("noise", 0),)
    widths = (16,)
    lrs = (0.03, 0.1, 0.3)
    steps = 600
    eval_every = 30
    optimizer = SGD(momentum=0.9)
    hypotheses = (
        _lower(
            *("out", "As a second output a feature lowers the error", TABLE, "out, small", "alone, small"),
            printed=-0.026,
            unless={"from larger initial weights": "out-large"},
        ),
        _lower("out-middle", "... from ten times larger initial weights", "ours", "out, middle", "alone, middle"),
        _lower("out-large", "... from twenty times larger ones", "ours", "out, large", "alone, large"),
        _lower("out-light", "... if it weighs as little as is best", "ours", "light out, small", "alone, small"),
        _lower("sigmoids", "... in nets of sigmoids", "ours", "out, sigmoids", "alone, sigmoids"),
        _lower("large-sigmoids", "... from larger weights", "ours", "out, large sigmoids", "alone, large sigmoids"),
        _lower("true", "It is a better second output than its shuffled values", "control", "out, small", "shuffled, small"),
        _lower("in", "As one more input it changes nothing", TABLE, "in, small", "alone, small", within(0.1), printed=-0.0015),
        _lower("in-middle", "... from ten times larger initial weights", "ours", "in, middle", "alone, middle", within(0.1)),
        _lower("in-large", "... from twenty times larger ones", "ours", "in, large", "alone, large", within(0.1)),
        _lower("in-sigmoids", "... in nets of sigmoids", "ours", "in, sigmoids", "alone, sigmoids", within(0.1)),
        Hypothesis("noise-in", "Noise on it raises the error as an input", "ours", "noisy in, small", "in, small", effect=ratio),
        Hypothesis("noise-out", "... as an output", "ours", "noisy out, small", "out, small", effect=ratio),
        _lower("noise", "A noisy feature is better as an output than as an input", PAPER, "noisy out, small", "noisy in, small"),
        _lower("noise-middle", "... from ten times larger weights", PAPER, "noisy out, middle", "noisy in, middle"),
        _lower("noise-large", "... from twenty times larger ones", PAPER, "noisy out, large", "noisy in, large"),
    )

    def arms(self) -> Mapping[str, Arm]:
        """Every arm that a hypothesis names: a way to use the feature, and a net; "light" ways have the best of three weights."""
        names = dict.fromkeys(arm for h in self.hypotheses for arm in (h.reference, h.treatment) if arm)
        parts = {name: name.removeprefix("light ").partition(", ") for name in names}
        arms = {name: arm_of(way, net, self.noise) for name, (way, _, net) in parts.items()}
        return arms | {name: _lighter(arm, name) for name, arm in arms.items() if name.startswith("light ")}

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The root of the main task's mean squared error."""
        return {RMSE: np.sqrt(history.best()[:, 0])}

    def validated(self, history: History) -> np.ndarray:
        """Tune for what is measured."""
        return np.sqrt(super().validated(history))


def _lighter(arm: Arm, label: str) -> Arm:
    weights = (replace(arm, label=f"weight {weight}", method=FixedWeighting((1.0, weight))) for weight in (0.03, 0.1, 0.3))
    return best_of(label, "third", weights)


@recorded(
    "inputs-as-outputs",
    title="Feed it in, or ask for it?",
    alt="As an output the feature doubles the error of nets that start small and does nothing to others; "
    "as an input it changes little.",
    bits=["-1 and 1", "0 and 1"],
    noise=[0.0, 0.5, 1.0, 2.0, 3.0],
)
def inputs_as_outputs_curves(bits: str = "-1 and 1", noise: float = 0.0, *, n_seeds: int = 100) -> Curves:
    """Follow the error over the scale of initial weights, relative to nets without the feature: as
    output, as input, shuffled.

    Parameters
    ----------
    bits : str
        What the net reads for a bit, "-1 and 1" or "0 and 1".
    noise : float
        Standard deviation of what is added to the feature.
    n_seeds : int
        Nets per point, from seed 2000 on, each way at its tuned learning rate; the band is the 95% interval.
    """
    trial, low = InputsAsOutputs(seeds=n_seeds, first_seed=2000, noise=noise), -1.0 if bits == "-1 and 1" else 0.0
    scales = (0.1, 0.3, 1.0, 3.0)

    def errors(way: str, scale: float) -> np.ndarray:
        arm = arm_of(way, "small", noise, scale=scale, low=low)
        return trial.measured(arm, 16, trial.tune_arm(arm).lr or 0.0)[RMSE]

    alone = [errors("alone", scale) for scale in scales]
    ways = {"as output": "noisy out", "as input": "noisy in", "shuffled": "shuffled"}
    changes = {label: [relative_change(errors(way, s), a) for s, a in zip(scales, alone, strict=True)] for label, way in ways.items()}
    ratios = {label: [Interval(1 + c.estimate, 1 + c.low, 1 + c.high, c.n) for c in row] for label, row in changes.items()}
    roles: dict[str, Role] = {"as output": "main", "as input": "other", "shuffled": "control"}
    xlabel, ylabel = "scale of the initial weights (times 1/√fan-in)", "error / error without the feature"
    look = {"xlabel": xlabel, "ylabel": ylabel, "xscale": "log", "ylim": (0.7, 6.0)}
    return replace(Curves.of_intervals(np.array(scales), ratios, roles=roles, **look), yscale="log")
