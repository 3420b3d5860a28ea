"""Curves that no net was trained on: answered by their code alone, or by a code that a few labels find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.conditioning.code_nets import FILM, KINDS, N_TUNING, codes_of, curves, explained
from mtl_tutor.experiments.sharing.conditioning.new_curves import (
    GRID,
    NewCurves,
    film_answers,
    found,
    nearest,
    new_curves,
    told,
)
from mtl_tutor.experiments.sharing.conditioning.task_codes import ERROR
from mtl_tutor.results import Curves, History, Map, Role
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks._planted import Planted
from mtl_tutor.tuning import Setting

NET = replace(FILM, lrs=(0.0025, 0.005, 0.01, 0.02))
OWN = replace(KINDS["alone"], widths=(8, 16, 32, 64))
N_NEW, N_FEW, BEYOND = 10, 16, 3.0
N_FOUND = (2, 4, 8, 16)
PLANE, SHARE = "R² of the planted codes", "error, share of the curve's mean square"
QUARTERS: dict[str, Role] = {"phase 0 to 90°": "main", "90 to 180°": "other", "180 to 270°": "third", "270 to 360°": "fourth"}


@dataclass(frozen=True)
class ZeroShot(Experiment):
    """A net that was told twenty curves by two learned numbers each answers others, if their numbers are known or a few labels are.

    Attributes
    ----------
    seeds, first_seed, n_jobs
        As in `Experiment`: nets, each with curves of its own.
    n_tasks, n_samples : int
        How many trained curves, and points of each; there are ten new curves beside them.
    noise : float
        Standard deviation of the labels' noise.

    Raises
    ------
    ValueError
        Too few seeds, fewer than three curves, no points, or negative noise.

    Notes
    -----
    Source: the problem is that of Finn, Abbeel & Levine (2017, §5.1), who adapt all weights by gradient steps. Departures: all of
    the method is ours; the learning rate is the one that is best for new curves of the tuning seeds.
    """

    seeds: int = 128
    n_tasks: int = 20
    n_samples: int = 8
    noise: float = 0.2

    name = "zero-shot"
    findings = ("zero", "sixteen")
    failing_controls = ("shuffled",)
    smallest = (("n_tasks", 3), ("n_samples", 1), ("noise", 0))
    hypotheses = (
        Hypothesis("zero", "A curve that nobody trained on, told by its code, costs less than half of answering 0", "ours",
                   "told", "zero", below(-0.5), ratio),
        Hypothesis("shuffled", "... also where codes and curves were paired at random", "control",
                   "told, shuffled", "zero", below(-0.5), ratio),
        Hypothesis("nearest", "... and less than half of the answer for the nearest trained curve", "ours",
                   "told", "nearest", below(-0.5), ratio),
        Hypothesis("alone", "... and at most half as much again as a net of its own with 16 labels", "ours",
                   "told", "alone", below(0.5), ratio),
        Hypothesis("sixteen", "For a new task, a code found from 16 labels errs less than a net of its own with 16 labels", "ours",
                   "found by 16", "alone", below(), ratio),
        Hypothesis("eight", "... and eight labels do", "ours", "found by 8", "alone", below(), ratio),
        Hypothesis("four", "... and four labels do", "ours", "found by 4", "alone", below(), ratio),
        Hypothesis("better", "The 16 labels find a better code than the one that is told", "ours",
                   "found by 16", "told", below(), ratio),
        Hypothesis("beyond", "At twice the largest amplitude a told code loses half as large a share again", "ours",
                   "told, large amplitude", "told", above(0.5), ratio, measure=SHARE),
        Hypothesis("double", "At twice the frequency the best code by 16 labels saves less than a tenth", "ours",
                   "found by 16, double frequency", "zero, double frequency", above(-0.1), ratio),
        Hypothesis("plane", "The nets that suit new curves hold the planted plane: R² above 0.7", "ours",
                   "told", rule=above(0.7), measure=PLANE),
    )

    def tuned(self) -> Sequence[str]:
        """The nets for all curves, and those of one new curve each."""
        return ["film", "alone"]

    def tune(self, name: str) -> Setting:
        """Choose by the error on new curves that are told, or by that on the validation half of a new curve's labels."""
        if name == "alone":
            return OWN.tune(self.draw_new, self.tuning_range(N_TUNING), n_jobs=self.n_jobs)
        return NET.tune(self.draw, self.tuning_range(N_TUNING), lambda history: self.meet(history)["told"][ERROR], self.n_jobs)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train the nets, and answer new curves in every way."""
        seeds = self.seed_range.tolist()
        own = OWN.trained(self.draw_new, seeds, settings["alone"], self.n_jobs)
        measured = self.meet(NET.trained(self.draw, seeds, settings["film"], self.n_jobs))
        return measured | {"alone": {ERROR: own.best().mean(axis=1)}}

    def planted(self, seed: int) -> Planted:
        """Draw a seed's curves, the new ones among their truth."""
        return curves(seed, self.n_tasks, self.n_samples, self.noise, N_NEW)

    def draw(self, seed: int) -> TaskData:
        """Draw a seed's curves to train on."""
        return self.planted(seed).data

    def draw_new(self, seed: int) -> TaskData:
        """Draw a seed's new curves, with labels to train on."""
        return new_curves([self.planted(seed)], [seed], n_few=N_FEW, noise=self.noise).data(0)

    def meet(self, history: History) -> dict[str, dict[str, Float[np.ndarray, "seed"]]]:
        """Answer the new curves in every way: way -> measure -> number per seed."""
        planted = [self.planted(int(seed)) for seed in history.seeds]
        rng = np.random.default_rng(0x5F)
        mixed = [replace(one, truth={**one.truth, "code": rng.permutation(one.truth["code"])}) for one in planted]
        new = self.new(history, planted)
        large = self.new(history, planted, amplitude=BEYOND)
        fast = self.new(history, planted, frequency=2.0)
        codes = {"told": told(history, planted, new.code), "told, shuffled": told(history, mixed, new.code)}
        codes |= {"nearest": nearest(history, planted, new.code)} | {f"found by {n}": found(history, new, n) for n in N_FOUND}
        measured = {name: {ERROR: new.errors(film_answers(history, given, new.x))} for name, given in codes.items()}
        measured["zero"] = {ERROR: new.errors(0 * new.y)}
        measured["told"][SHARE] = measured["told"][ERROR] / measured["zero"][ERROR]
        pairs = zip(planted, codes_of(history), strict=True)
        measured["told"][PLANE] = np.array([explained(one.truth["code"], learned) for one, learned in pairs])
        far = large.errors(film_answers(history, told(history, planted, large.code), large.x)) / (large.y**2).mean(axis=(1, 2))
        double = fast.errors(film_answers(history, found(history, fast, N_FEW), fast.x))
        return measured | {
            "told, large amplitude": {SHARE: far},
            "found by 16, double frequency": {ERROR: double},
            "zero, double frequency": {ERROR: fast.errors(0 * fast.y)},
        }

    def new(
        self, history: History, planted: Sequence[Planted], *, amplitude: float | None = None, frequency: float = 1.0
    ) -> NewCurves:
        """Draw labels of the new curves of a history's seeds."""
        how = {"n_few": N_FEW, "noise": self.noise, "amplitude": amplitude, "frequency": frequency}
        return new_curves(planted, [int(seed) for seed in history.seeds], **how)  # type: ignore[arg-type]


@cache
def _trained(n_seeds: int) -> tuple[ZeroShot, History]:
    trial = ZeroShot(seeds=n_seeds, first_seed=2000)
    return trial, NET.train(trial.draw, trial.seed_range.tolist(), 16, 0.01)


def zero_shot_curves(frequency: float = 1.0, labels: int = 8, *, n_seeds: int = 64) -> Curves:
    """Follow the error on new curves over their amplitude; trained ones have 0.5 to 1.5. One learning rate (0.01), untuned.

    Parameters
    ----------
    frequency : float
        Frequency of the new curves; trained ones have 1.
    labels : int
        How many labels find a code, where it isn't told.
    n_seeds : int
        Nets, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, history = _trained(n_seeds)
    planted = [trial.planted(int(seed)) for seed in history.seeds]

    def shares(amplitude: float) -> dict[str, np.ndarray]:
        new = trial.new(history, planted, amplitude=amplitude, frequency=frequency)
        codes = {
            "told its code": told(history, planted, new.code),
            "code found by labels": found(history, new, labels),
            "nearest trained curve": nearest(history, planted, new.code),
        }
        size = (new.y**2).mean(axis=(1, 2))
        shares = {name: new.errors(film_answers(history, given, new.x)) / size for name, given in codes.items()}
        return shares | {"answer 0": np.ones(n_seeds)}

    roles: dict[str, Role] = {
        "told its code": "main",
        "code found by labels": "third",
        "nearest trained curve": "other",
        "answer 0": "control",
    }
    look = {"xlabel": "amplitude of the new curve", "ylabel": SHARE, "ylim": (0.0, 2.0)}
    return curves_of(shares, (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0), roles, **look)  # type: ignore[arg-type]


def code_plane(seed: int = 0) -> Map:
    """Train one net on twenty curves, and map its plane of codes: where its curves lie, and the error on a new one everywhere.

    The plane is turned to the codes' principal axes, and each is scaled until the codes have the same spread along both.

    Parameters
    ----------
    seed : int
        Of the curves and of the net.
    """
    trial = ZeroShot()
    planted = trial.planted(seed)
    history = NET.train(trial.draw, [seed], 16, 0.01)
    codes, new = codes_of(history), trial.new(history, [planted])
    middle = codes[0].mean(axis=0)
    round_codes, lengths, axes = np.linalg.svd(codes[0] - middle, full_matrices=False)
    side = np.linspace(-0.5, 0.5, GRID)
    every = middle + np.stack(np.meshgrid(side, side), axis=-1).reshape(1, -1, 2) * lengths @ axes
    errors = ((film_answers(history, every, new.x) - new.y[:, :1]) ** 2).mean(axis=2).reshape(GRID, GRID)
    place = (told(history, [planted], new.code)[0, 0] - middle) @ axes.T / lengths
    return Map(
        side,
        side,
        errors,
        xlabel="first axis of the codes, stretched to equal spread",
        ylabel="second axis",
        zlabel="shade: error on a new curve",
        marks={"×": (float(place[0]), float(place[1]))},
        points=round_codes,
        kinds=(planted.truth["phase"] // (np.pi / 2)).astype(int),
        kind_names=QUARTERS,
        zlim=(0.0, 2.0),
    )
