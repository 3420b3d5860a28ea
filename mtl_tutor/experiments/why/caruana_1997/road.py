"""One line of a road, nine questions: Caruana's table on a road of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata
from torch import nn

from mtl_tutor.experiments.arms import Arm, best_of
from mtl_tutor.experiments.controls import Sampler, beside_copies, beside_renamed_shuffled
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, above, below, difference, on_scale, ratio, within
from mtl_tutor.experiments.result import Result
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import only_tasks
from mtl_tutor.tasks.road import QUESTIONS, road
from mtl_tutor.training import SGD, Adam

TABLE, CONTROLS, OURS = "Caruana 1997, Table 1", "Caruana 1997, §3.1", "ours"
OWN_STOP = "log of the errors at one common step over those at each task's own"
CHANGES = (-0.159, -0.124, -0.101, -0.089, -0.007, -0.081, -0.296, 0.027, 0.0)
PRINTED: Mapping[str, float] = dict(zip(QUESTIONS, CHANGES, strict=True))
FAIR = "against nets of their own whose trunk learns nine times as fast"


def _row(of: str, text: str, rule: Rule | None = None) -> Hypothesis:
    """One question, asked in the joint net and in the best of its own."""
    key = of.replace(" ", "-")
    unless = {} if rule else {FAIR: f"{key}-fast"}
    return Hypothesis(key, text, TABLE, "joint", f"{of} alone", rule or below(), ratio, of, PRINTED[of], unless)


def _fast(of: str, text: str) -> Hypothesis:
    """The same against a single net whose trunk learns nine times as fast; the joint net's has its best rate."""
    return Hypothesis(f"{of.replace(' ', '-')}-fast", text, OURS, "joint, any trunk", f"{of} alone, fast", below(), ratio, of)


def _steering(key: str, text: str, source: str, treatment: str, reference: str = "steering alone", rule: Rule | None = None) -> Hypothesis:
    return Hypothesis(key, text, source, treatment, reference, rule or below(), ratio, "steering")


def _over_rows(statistic: Callable[[np.ndarray], float], joint: str = "joint", kind: str = "") -> dict[str, Any]:
    """A statistic of all nine changes of the error, as an effect; their mean is a change itself."""

    @on_scale("change" if statistic is np.mean else "")
    def effect(result: Result, hypothesis: Hypothesis) -> Interval:
        errors = [result.values(joint, of) for of in QUESTIONS] + [result.values(f"{of} alone{kind}", of) for of in QUESTIONS]
        return result.statistic(np.stack(errors, axis=1), lambda rows: statistic(np.divide(*np.split(rows.mean(axis=0), 2)) - 1))

    return {"treatment": joint, "effect": effect}


def rank_correlation(changes: Float[np.ndarray, "task"]) -> float:
    """Correlate the ranks of nine changes with those of the printed ones."""
    printed = np.array([PRINTED[of] for of in QUESTIONS])
    return float(np.corrcoef(rankdata(changes), rankdata(printed))[0, 1])


@dataclass(frozen=True)
class Road(Trial):
    """Nine questions about a road, asked of one net, lower the error on steering and on most of the
    others.

    Each question alone has the best of several widths; the joint net has 16 units and isn't tuned
    for size. Learning rates are tuned for all, the joint ones' for the mean log error of their
    tasks. Each task is read at its own best validation step.

    Attributes
    ----------
    n_samples, noise, shadows : int, float, float
        As in `road`.
    n_hidden : int
        Units of the joint net and its controls; the large one has nine times as many.

    Raises
    ------
    ValueError
        Fewer than ten samples, negative noise, a negative share of shadows, no units, or too few seeds.

    Notes
    -----
    Source: Caruana (1997, §2.1, Table 1). Departures: a road of ours; each seed draws pictures and a net, where he starts ten nets;
    tanh units with small first weights. A net that diverges counts as answering the mean.
    """

    seeds: int = 128
    tuning_seeds: int = 8
    n_samples: int = 100
    noise: float = 0.05
    shadows: float = 0.5
    n_hidden: int = 16

    name = "road"
    findings = ("mean",)
    smallest = (("n_samples", 10), ("noise", 0), ("shadows", 0), ("n_hidden", 1))
    widths = (2, 4, 8, 16)
    lrs = (0.02, 0.06, 0.18)
    extensions = 1
    steps = 400
    eval_every = 16
    optimizer = SGD(momentum=0.9)
    activation = nn.Tanh
    init_scale = 0.3
    hypotheses = (
        _row("steering", "In one net with eight other questions, steering errs less than in the best net of its own"),
        _row("lanes", "... and so does the number of lanes"),
        _row("left edge", "... the left edge"),
        _row("right edge", "... the right edge"),
        _row("road centre", "... the road's centre"),
        _row("road grey", "... the road's grey"),
        _row("line centre", "... while the line's centre hardly changes", within(0.05)),
        _row("border grey", "... nor does the border's grey", within(0.05)),
        _row("line grey", "... nor the line's grey", within(0.05)),
        _steering("not-shuffled", "Steering errs less than beside shuffled labels", CONTROLS, "joint", "shuffled"),
        _steering("as-alone", "... beside which it errs as alone", CONTROLS, "shuffled", rule=within(0.05)),
        _steering("not-copies", "... and less than among copies of itself", "control", "joint", "copies"),
        _steering(
            "trunk", "Alone, with a trunk that learns nine times as fast, it errs less than jointly", OURS, "steering alone, fast", "joint"
        ),
        _fast("steering", "Against such a net, a joint one whose trunk has its best rate errs less on steering"),
        _fast("lanes", "... on the number of lanes"),
        _fast("left edge", "... on the left edge"),
        _fast("right edge", "... on the right edge"),
        _fast("road centre", "... on the road's centre"),
        _fast("road grey", "... on the road's grey"),
        _steering("adam", "With Adam, steering errs less jointly", OURS, "joint, Adam", "steering alone, Adam"),
        _steering("large", "In a joint net of 144 units it errs less than alone", CONTROLS, "joint, large"),
        _steering("twice", "... and from twice the samples", OURS, "joint, twice", "steering alone, twice"),
        Hypothesis("own-stop", "Stopping each task by itself beats one common step", "Caruana 1997, §7.1", "joint", measure=OWN_STOP),
        Hypothesis(
            *("mean", "Over all nine questions, one net errs less than nine nets", TABLE),
            **_over_rows(np.mean),
            rule=below(),
            printed=-0.092,
            unless={FAIR: "mean-fast"},
        ),
        Hypothesis(
            *("mean-fast", "... also where all trunks are fast, or at their best rate", OURS),
            **_over_rows(np.mean, "joint, any trunk", ", fast"),
            rule=below(),
        ),
        Hypothesis(
            *("order", "What gains more in the table gains more here (rank correlation)", TABLE),
            **_over_rows(rank_correlation),
            rule=above(),
        ),
    )

    def asked(self, *tasks: int, times: int = 1) -> Sampler:
        """Draw roads with some of the questions in a given order, or with all."""
        draw = partial(road, times * self.n_samples, noise=self.noise, shadows=self.shadows)
        return lambda seed: only_tasks(draw(seed=seed), tasks or range(len(QUESTIONS)))

    def arms(self) -> Mapping[str, Arm]:
        """Each question alone, twice; all in one net; controls of the main one; Adam, a larger net, more samples."""
        singles = {f"{of} alone": Arm(f"{of} alone", "single_task", self.asked(task)) for task, of in enumerate(QUESTIONS)}
        fast = {f"{name}, fast": replace(arm, label=f"{name}, fast trunk", role="third", trunk_lr=9.0) for name, arm in singles.items()}
        joint, main = Arm("nine questions", "main", self.asked(), n_hidden=self.n_hidden), singles["steering alone"]
        trunks = (replace(joint, label=f"trunk × {factor:g}", trunk_lr=factor) for factor in (1.0, 3.0, 9.0))
        others = {
            "joint": joint,
            "joint, any trunk": best_of("nine questions, best trunk", "other", trunks),
            "shuffled": replace(joint, label="others shuffled", role="control", data=beside_renamed_shuffled(self.asked())),
            "copies": replace(joint, label="copies of steering", role="control", data=beside_copies(self.asked())),
            "steering alone, Adam": replace(main, label="steering alone, Adam", optimizer=Adam()),
            "joint, Adam": replace(joint, label="nine questions, Adam", optimizer=Adam()),
            "joint, large": replace(joint, label="nine questions, 144 units", n_hidden=9 * self.n_hidden),
            "steering alone, twice": replace(main, label="steering alone, twice the samples", data=self.asked(0, times=2)),
            "joint, twice": replace(joint, label="nine questions, twice the samples", data=self.asked(times=2)),
        }
        return singles | fast | others

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Each question's root mean squared error (in standard deviations of its labels), and what one common stop would cost."""
        own, at = np.nan_to_num(np.sqrt(history.best()), nan=1.0), history.error["validation"].mean(axis=2).argmin(axis=1)
        common = np.where(history.diverged[:, None], 1.0, np.sqrt(history.error["test"][np.arange(len(at)), at]))
        errors = {of: own[:, task] for task, of in enumerate(history.tasks) if of in QUESTIONS}
        return errors | ({OWN_STOP: np.log(common / own).mean(axis=1)} if len(errors) == len(QUESTIONS) else {})

    def validated(self, history: History) -> np.ndarray:
        """Tune for the mean log error of all questions that have their true labels."""
        return np.log(history.best("validation")[:, [of in QUESTIONS for of in history.tasks]]).mean(axis=1)

    def beside(self, result: Result, hypothesis: Hypothesis) -> Sequence[Interval | None]:
        """What all nine questions decide together has no one baseline."""
        return super().beside(result, hypothesis) if hypothesis.effect in (difference, ratio) else (None, None)


@recorded(
    "road",
    title="Is it the company, or the pace of the trunk?",
    alt="Nine questions in one net beat a net of its own where samples are few; one with a faster trunk does as well.",
    question=["steering", "left edge", "road centre", "road grey", "border grey"],
    shadows=[0.0, 0.5],
)
def road_curves(question: str = "steering", over: str = "training samples", shadows: float = 0.5, *, n_seeds: int = 64) -> Curves:
    """Follow the error on one question: alone, with a faster trunk, beside the others, beside shuffled
    ones; learning rate 0.04, untuned.

    Parameters
    ----------
    question : str
        One of nine.
    over : str
        "hidden units" (from 100 samples) or "training samples" (in 16 units).
    shadows : float
        As in `road`.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    task, by_units = QUESTIONS.index(question), over == "hidden units"
    order = (task, *(other for other in range(len(QUESTIONS)) if other != task))
    roles: dict[str, Role] = {"alone": "single_task", "alone, trunk × 9": "third", "nine questions": "main", "others shuffled": "control"}

    def errors(value: float) -> dict[str, np.ndarray]:
        trial = Road(seeds=n_seeds, first_seed=2000, shadows=shadows, n_samples=100 if by_units else int(value))
        single, joint = trial.asked(task), trial.asked(*order)
        data = {"nine questions": joint, "others shuffled": beside_renamed_shuffled(joint)}
        arms = [Arm(label, role, data.get(label, single), trunk_lr=9.0 if "×" in label else 1.0) for label, role in roles.items()]
        return {arm.label: trial.measured(arm, int(value) if by_units else 16, 0.04)[question] for arm in arms}

    ylabel = "root mean squared error (in standard deviations of the labels)"
    over_values = (2, 4, 8, 16, 32) if by_units else (25, 50, 100, 200, 400)
    return curves_of(errors, over_values, roles, xlabel=over, ylabel=ylabel, xscale="log", ylim=(0.0, 1.2))
