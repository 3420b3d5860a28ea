"""A curve that nobody trained on: answered by its code alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import Sentence
from mtl_tutor.experiments._code_nets import FILM, WAYS, Way, by_validation, check_trial, codes_of, curves, explained
from mtl_tutor.experiments._new_curves import NewCurves, film_answers, found, nearest, new_curves, told
from mtl_tutor.experiments._verdicts import Setting
from mtl_tutor.experiments.task_codes import ERROR, effect
from mtl_tutor.results import Bars, Claim, History, Role
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks._planted import Planted

NET = replace(FILM, rates=(0.0025, 0.005, 0.01, 0.02))
OWN = replace(WAYS["alone"], widths=(8, 16, 32, 64))
N_NEW, N_FEW, BEYOND = 10, 16, 3.0
LESS: dict[str, Any] = {"most": 0.0, "relative": True}
HALF: dict[str, Any] = {"most": -0.5, "relative": True}
NONE: dict[str, Any] = {"least": -0.1, "relative": True}
SENTENCES = (
    Sentence(
        "zero", "A curve that nobody trained on, told by its code, costs less than half of answering 0", "ours", "told", "zero", **HALF
    ),
    Sentence("shuffled", "... also where codes and curves were paired at random", "control", "told, shuffled", "zero", **HALF),
    Sentence("nearest", "... and less than half of the answer for the nearest trained curve", "ours", "told", "nearest", **HALF),
    Sentence(
        "alone", "... and at most half as much again as a net of its own with 16 labels", "ours", "told", "alone", most=0.5, relative=True
    ),
    Sentence("sixteen", "The 16 labels find a code that costs less than that net does", "ours", "found by 16", "alone", **LESS),
    Sentence("eight", "... and eight labels do", "ours", "found by 8", "alone", **LESS),
    Sentence("four", "... and four labels do", "ours", "found by 4", "alone", **LESS),
    Sentence("better", "The 16 labels find a better code than the one that is told", "ours", "found by 16", "told", **LESS),
    Sentence(
        "beyond",
        "At twice the largest amplitude a told code loses half as large a share again",
        "ours",
        "beyond",
        "inside",
        0.5,
        relative=True,
    ),
    Sentence(
        "double", "At twice the frequency the best code by 16 labels saves less than a tenth", "ours", "double", "double, zero", **NONE
    ),
    Sentence("plane", "The nets that suit new curves hold the planted plane: R² above 0.7", "ours", "plane", least=0.7),
)
N_FOUND = (2, 4, 8, 16)
LABELS = {
    "zero": "answer 0",
    "told, shuffled": "told, paired at random",
    "nearest": "nearest trained curve",
    "alone": "own net, 16 labels",
}
LABELS |= {f"found by {n}": f"code found by {n} labels" for n in N_FOUND} | {"told": "told its code, no label"}
ROLES: dict[str, Role] = {"zero": "control", "told, shuffled": "control", "nearest": "other", "alone": "single_task", "told": "main"}
ROLES |= {f"found by {n}": "third" for n in N_FOUND}


@dataclass(frozen=True, eq=False)
class ZeroShotResult:
    """Errors on new curves.

    Attributes
    ----------
    measured : how a new curve was answered -> mean squared error, or the share of its mean square, of every seed.
    settings : the nets for all curves, and those of one curve each -> what was chosen for them.
    claims : what was decided.
    """

    measured: Mapping[str, Float[np.ndarray, "seed"]]
    settings: Mapping[str, Setting]
    claims: tuple[Claim, ...] = ()

    def bars(self) -> Bars:
        """Picture the errors."""
        bars = {label: bootstrap(self.measured[name]) for name, label in LABELS.items()}
        return Bars(bars, {LABELS[name]: role for name, role in ROLES.items()}, ylabel=ERROR)


@dataclass(frozen=True)
class ZeroShot:
    """A net that was told twenty curves by two learned numbers each answers others, if their numbers are known or a few labels are.

    Attributes
    ----------
    seeds, first_seed : how many nets, each with curves of its own, and the first of their seeds.
    n_tasks, n_samples, noise : of the trained curves; there are ten new ones beside them.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, fewer than three curves, no points, or negative noise.

    Source: the problem is that of Finn, Abbeel & Levine (2017, §5.1), who adapt all weights by gradient steps. Departures: all of the
    method is ours; the learning rate is the one that is best for new curves of the tuning's seeds.
    """

    seeds: int = 128
    first_seed: int = 1000
    n_tasks: int = 20
    n_samples: int = 8
    noise: float = 0.2
    n_jobs: int = 1

    name, chapter = "zero-shot", "sharing/conditioning"

    def __post_init__(self) -> None:
        check_trial(self, ("n_tasks", 3), ("n_samples", 1), ("noise", 0))

    def run(self, *, progress: bool = False) -> ZeroShotResult:
        """Tune, train, meet new curves, and decide; `progress` has nothing to show."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        settings = {"film": NET.tune(self.draw, self.by_new_curves, self.n_jobs), "alone": OWN.tune(self.draw_new, by_validation)}
        rate = [settings["film"].lr] * self.seeds
        measured = self.meet(NET.train(self.draw, seeds, 16, rate, self.n_jobs))
        own = OWN.train(self.draw_new, seeds, settings["alone"].n_hidden, [settings["alone"].lr] * self.seeds, self.n_jobs)
        measured["alone"] = own.best().mean(axis=1)
        return ZeroShotResult(measured, settings, tuple(s.claim(self.name, effect(measured, s)) for s in SENTENCES))

    def planted(self, seed: int) -> Planted:
        """A seed's curves, the new ones among their truth."""
        return curves(seed, self.n_tasks, self.n_samples, self.noise, N_NEW)

    def draw(self, seed: int) -> TaskData:
        """A seed's curves to train on."""
        return self.planted(seed).data

    def draw_new(self, seed: int) -> TaskData:
        """A seed's new curves, with labels to train on."""
        return new_curves([self.planted(seed)], [seed], n_few=N_FEW, noise=self.noise).data(0)

    def by_new_curves(self, _: Way, history: History) -> Float[np.ndarray, "row"]:
        """Error on new curves that are told: what the rate is chosen by, on the tuning's seeds."""
        return self.meet(history)["told"]

    def meet(self, history: History) -> dict[str, Float[np.ndarray, "seed"]]:
        """Answer the new curves in every way."""
        planted = [self.planted(int(seed)) for seed in history.seeds]
        rng = np.random.default_rng(0x5F)
        mixed = [replace(one, truth={**one.truth, "code": rng.permutation(one.truth["code"])}) for one in planted]
        new, far, fast = (self.new(history, planted, a, f) for a, f in ((None, 1.0), (BEYOND, 1.0), (None, 2.0)))
        ways = {"told": told(history, planted, new.code), "told, shuffled": told(history, mixed, new.code)}
        ways |= {"nearest": nearest(history, planted, new.code)} | {f"found by {n}": found(history, new, n) for n in N_FOUND}
        measured = {name: new.errors(film_answers(history, codes, new.x)) for name, codes in ways.items()}
        beyond = far.errors(film_answers(history, told(history, planted, far.code), far.x)) / (far.y**2).mean(axis=(1, 2))
        double = {
            "double": fast.errors(film_answers(history, found(history, fast, N_FEW), fast.x)),
            "double, zero": fast.errors(0 * fast.y),
        }
        zero = new.errors(0 * new.y)
        plane = np.array([explained(one.truth["code"], codes) for one, codes in zip(planted, codes_of(history), strict=True)])
        return {**measured, "plane": plane, "zero": zero, "inside": measured["told"] / zero, "beyond": beyond, **double}

    def new(self, history: History, planted: Sequence[Planted], amplitude: float | None, frequency: float) -> NewCurves:
        """The new curves of a history's seeds."""
        seeds = [int(seed) for seed in history.seeds]
        return new_curves(planted, seeds, n_few=N_FEW, noise=self.noise, amplitude=amplitude, frequency=frequency)
