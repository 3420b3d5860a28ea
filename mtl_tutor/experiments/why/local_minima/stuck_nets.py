"""Where is a net that is stuck: in a minimum, at a saddle, on a plateau, or in a trough without end?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.optimize import minimize
from scipy.special import expit
from torch import Tensor

from mtl_tutor import statistics
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, above, below
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.why.local_minima.local_minima import TEXT, LocalMinima
from mtl_tutor.results import History
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import TaskData, only_tasks, parity
from mtl_tutor.training import train
from mtl_tutor.tuning import Setting

STUCK, OUT, TROUGH, MINIMUM, SADDLE, OTHER = "stuck", "descent gets out", "trough without end", "minimum", "saddle", "undecided"
KINDS = (OUT, TROUGH, MINIMUM, SADDLE, OTHER)
ENTROPY, SQUARED, SIGMOID = "cross-entropy", "squared error", "squared error, sigmoid output"
PROBLEMS = {
    "xor": (2, 2, ENTROPY),
    "xor, squared": (2, 2, SQUARED),
    "xor, sigmoid": (2, 2, SIGMOID),
    "parity": (4, 4, ENTROPY),
    "parity, squared": (4, 4, SQUARED),
}
"""Condition -> bits, units and loss."""
PAPERS = "Hamey 1998; Sprinkhuizen-Kuyper and Boers 1999"
FLAT, FLATTER = 1e-5, 1e-8  # norms of the gradient
FAR, CURVED, RIGHT = 1.0, 1e-6, 0.5  # a distance between weights, an eigenvalue of the Hessian, an output of the right sign
Place = Float[np.ndarray, "param"]
PerPattern = Float[np.ndarray, "sample"]


def _entropy(z: PerPattern, y: PerPattern) -> tuple[PerPattern, PerPattern, PerPattern]:
    p = expit(z)
    return np.logaddexp(0, (1 - 2 * y) * z), p - y, p * (1 - p)


def _squared(z: PerPattern, y: PerPattern) -> tuple[PerPattern, PerPattern, PerPattern]:
    error = z - (2 * y - 1)
    return error**2, 2 * error, np.full(len(z), 2.0)


def _squared_sigmoid(z: PerPattern, y: PerPattern) -> tuple[PerPattern, PerPattern, PerPattern]:
    p = expit(z)
    error, slope = p - y, p * (1 - p)
    return error**2, 2 * error * slope, 2 * slope**2 + 2 * error * slope * (1 - 2 * p)


OF_OUTPUT: Mapping[str, Callable[[PerPattern, PerPattern], tuple[PerPattern, PerPattern, PerPattern]]] = {
    ENTROPY: _entropy,
    SQUARED: _squared,
    SIGMOID: _squared_sigmoid,
}
"""Loss -> its value, first and second derivative by the output, for each pattern."""


@dataclass(frozen=True)
class Surface:
    """The loss of a net of one tanh layer over its weights, with gradient and Hessian, in double precision.

    Attributes
    ----------
    x : Float[np.ndarray, "sample feature"]
        Patterns.
    y : Float[np.ndarray, "sample"]
        Labels, 0 or 1.
    n_hidden : int
        Units. A place lists each unit's weights and its bias, then the output's weights and its bias.
    loss : str
        A name in `OF_OUTPUT`; the mean over the patterns is taken.
    """

    x: Float[np.ndarray, "sample feature"]
    y: Float[np.ndarray, "sample"]
    n_hidden: int
    loss: str = ENTROPY

    def outputs(self, place: Place) -> PerPattern:
        """The output for each pattern: positive for yes."""
        _, hidden, weights = self._units(place)
        return hidden @ weights + place[-1]

    def value(self, place: Place) -> float:
        """The loss."""
        return float(self._of_output(place)[0].mean())

    def gradient(self, place: Place) -> Place:
        """The slope along each weight."""
        return self._jacobian(place).T @ self._of_output(place)[1] / len(self.y)

    def hessian(self, place: Place) -> Float[np.ndarray, "param param"]:
        """The matrix of second derivatives."""
        (inputs, hidden, weights), jacobian = self._units(place), self._jacobian(place)
        _, slope, bend = (part / len(self.y) for part in self._of_output(place))
        found, width = (jacobian.T * bend) @ jacobian, inputs.shape[1]
        for unit in range(self.n_hidden):
            own, out, active = slice(unit * width, (unit + 1) * width), self.n_hidden * width + unit, hidden[:, unit]
            found[own, own] += (inputs.T * (-2 * slope * weights[unit] * active * (1 - active**2))) @ inputs
            mixed = inputs.T @ (slope * (1 - active**2))
            found[own, out] += mixed
            found[out, own] += mixed
        return found

    def is_solved(self, place: Place, margin: float = 0.0) -> bool:
        """Whether every pattern's output has the right sign, and is larger than a margin."""
        return bool(((2 * self.y - 1) * self.outputs(place) > margin).all())

    def _of_output(self, place: Place) -> tuple[PerPattern, PerPattern, PerPattern]:
        return OF_OUTPUT[self.loss](self.outputs(place), self.y)

    def _units(self, place: Place) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        inputs = np.column_stack([self.x, np.ones(len(self.x))])
        trunk = place[: self.n_hidden * inputs.shape[1]].reshape(self.n_hidden, -1)
        return inputs, np.tanh(inputs @ trunk.T), place[-1 - self.n_hidden : -1]

    def _jacobian(self, place: Place) -> Float[np.ndarray, "sample param"]:
        inputs, hidden, weights = self._units(place)
        own = (weights * (1 - hidden**2))[:, :, None] * inputs[:, None, :]
        return np.column_stack([own.reshape(len(inputs), -1), hidden, np.ones(len(inputs))])


def kind_of(surface: Surface, place: Place, n_steps: int = 2000) -> str:
    """Go downhill from a place until the gradient has vanished, and say where that ends.

    Parameters
    ----------
    surface : Surface
        What is descended, by Newton steps within a trust region.
    place : Float[np.ndarray, "param"]
        Where a net is stuck.
    n_steps : int
        The most steps until the gradient's norm is below 1e-5, and again until it is below 1e-8.

    Returns
    -------
    str
        "descent gets out": at the end every output has the right sign, and a size of 0.5 at least. "trough without end":
        while the gradient falls from 1e-5 to 1e-8, the weights still move by more than 1. "minimum" or "saddle": they
        don't, and the smallest eigenvalue of the Hessian is above 1e-6, or below -1e-6. "undecided": none of these.
    """
    flat = _descended(surface, place, FLAT, n_steps)
    end = _descended(surface, flat, FLATTER, n_steps)
    if surface.is_solved(end, RIGHT):
        return OUT
    if np.linalg.norm(surface.gradient(end)) > FLATTER:
        return OTHER
    if np.linalg.norm(end - flat) > FAR:
        return TROUGH
    least = np.linalg.eigvalsh(surface.hessian(end))[0]
    return MINIMUM if least > CURVED else SADDLE if least < -CURVED else OTHER


def _descended(surface: Surface, place: Place, slope: float, n_steps: int) -> Place:
    options = {"gtol": slope, "maxiter": n_steps, "initial_trust_radius": 0.1, "max_trust_radius": 0.5}
    return minimize(surface.value, place, jac=surface.gradient, hess=surface.hessian, method="trust-exact", options=options).x


def share_of_stuck(result: Result, hypothesis: Hypothesis) -> Interval:
    """The share of a kind among the nets that are stuck, with Wilson's interval: nothing is tuned, seeds are independent."""
    kind, stuck = (result.values(hypothesis.treatment, measure) for measure in (hypothesis.measure, STUCK))
    return statistics.wilson(kind[stuck])


def _share(key: str, text: str, source: str, problem: str, kind: str, rule: Rule) -> Hypothesis:
    return Hypothesis(key, text, source, problem, rule=rule, effect=share_of_stuck, measure=kind)


@dataclass(frozen=True)
class StuckNets(Experiment):
    """A small net that is stuck at XOR or at parity is in a local minimum.

    XOR in two tanh units and parity of four bits in four, single-task, trained with Adam as in `LocalMinima`. From where
    a net that fails has stopped, its loss is descended further in double precision, until the gradient's norm is below 1e-8.
    Besides the cross-entropy there are two losses: the squared error of the output itself, whose right answers lie at
    finite weights, and the squared error of a sigmoid output.

    Attributes
    ----------
    steps : int
        Training steps.
    lr : float
        Learning rate, untuned: the question is what stops a net, not how many are stopped.

    Notes
    -----
    Source: that tasks lead nets out of "local minima" is the popular explanation. For XOR in two sigmoid units, with a
    sigmoid output and squared error, Hamey (1998) and Sprinkhuizen-Kuyper and Boers (1999) argue that there is no local
    minimum at finite weights; "xor, sigmoid" is their net, up to a linear change of its weights (tanh for sigmoid, -1 for 0).
    Departures: training and test are ours.
    """

    seeds: int = 200
    steps: int = 500
    lr: float = 0.05

    name = "stuck-nets"
    findings = ("xor-paper", "parity-minimum")
    smallest = (("steps", 1), ("lr", 0))
    baseline = None
    hypotheses = (
        _share("xor-paper", "Fewer than a tenth of the nets stuck at XOR are in a minimum", PAPERS, "xor, sigmoid", MINIMUM, below(0.1)),
        _share("xor-trough", "With cross-entropy, more than half are in a trough without end", "ours", "xor", TROUGH, above(0.5)),
        _share("parity-minimum", "More than half of the nets stuck at parity are in a minimum", TEXT, "parity", MINIMUM, above(0.5)),
        _share("parity-trough", "... more than half are in a trough without end", "ours", "parity", TROUGH, above(0.5)),
        _share("parity-out", "... from more than a tenth, descent gets out in the end", "ours", "parity", OUT, above(0.1)),
        _share("squared", "With the squared error, more than half are in a minimum", "ours", "parity, squared", MINIMUM, above(0.5)),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train nets, and find out where the ones that fail are."""
        return {name: self.measured(*PROBLEMS[name]) for name in self._shown(list(PROBLEMS), "problems", progress)}

    def measured(self, n_bits: int, n_hidden: int, loss: str) -> dict[str, np.ndarray]:
        """Train the nets of one problem, and judge which are stuck, and where."""
        data = only_tasks(parity(n_bits), [0])
        surface = Surface(data.train.x, data.train.y[:, 0], n_hidden, loss)
        places = places_of(self.trained(data, n_hidden, loss))
        stuck = np.array([not surface.is_solved(place) for place in places])
        kinds = np.array([kind_of(surface, place) if caught else "" for place, caught in zip(places, stuck, strict=True)])
        return {STUCK: stuck, **{kind: kinds == kind for kind in KINDS}}

    def trained(self, data: TaskData, n_hidden: int, loss: str) -> History:
        """Train single-task nets as `LocalMinima` does, by one of three losses."""
        losses = None if loss == ENTROPY else {data.tasks[0].name: TRAINED[loss]}
        net, seeds = LocalMinima().net(data, n_hidden), self.seed_range
        return train(net, data, seeds=seeds, steps=self.steps, lr=self.lr, eval_every=self.steps, losses=losses, n_jobs=self.n_jobs)


def _train_squared(outputs: Tensor, labels: Tensor) -> Tensor:
    return (outputs[:, 0] - (2 * labels - 1)) ** 2


def _train_squared_sigmoid(outputs: Tensor, labels: Tensor) -> Tensor:
    return (torch.sigmoid(outputs[:, 0]) - labels) ** 2


TRAINED = {SQUARED: _train_squared, SIGMOID: _train_squared_sigmoid}
"""The same losses as `train` takes them."""


def places_of(history: History) -> Float[np.ndarray, "seed param"]:
    """Each net's weights in the order of `Surface`, for one hidden layer and one task."""
    trunk, bias, head, last = (history.parameters[f"{part}.0.{kind}"] for part in ("trunk", "heads") for kind in ("weight", "bias"))
    rows = np.concatenate([trunk, bias[:, :, None]], axis=2).reshape(len(trunk), -1)
    return np.concatenate([rows, head.reshape(len(head), -1), last.reshape(len(last), -1)], axis=1).astype(float)
