"""Add up what each of four tasks has changed in a common trunk: who is helped, and who is in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from mtl_tutor.experiments.curves import interval_of
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio, within
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.sharing.after_training.arithmetic_effects import (
    COSINE,
    ERROR,
    GAINED,
    HAD,
    HARM,
    LOSS,
    LOST,
    kept,
    mean_cosine,
    rank_correlation,
    share_lost,
    share_of_loss,
)
from mtl_tutor.experiments.sharing.after_training.mlp_batch import MLPBatch, fit, init
from mtl_tutor.experiments.sharing.after_training.net_pairs import Batch
from mtl_tutor.experiments.sharing.after_training.task_vectors import (
    HEAD,
    N_FEATURES,
    N_TASKS,
    TaskDraws,
    TaskVectors,
    added,
    common_start,
    draw_tasks,
    explained,
    explained_by_others,
    mean_errors,
    per_task,
    with_shuffled_labels,
)
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Setting, mean_error

LRS, STEPS, N_TUNING = (0.001, 0.003, 0.01, 0.03), (5, 10, 20, 40, 80, 160), 12  # wider grids were tried, and changed nothing
COEFFICIENTS = np.round(np.arange(-10, 13) / 10, 1)
ZERO, ONE = 10, 20  # where in them
KEPT = 0.95  # of what the other tasks' nets explain, must be left
FAMILIES = ("one subspace", "no subspace in common", "own inputs", "own inputs, biases still")
TRAINED = ("own", "joint", "alone")
PAPER, OVER, CHOSEN = "Ilharco et al. 2023", "error by coefficient", "chosen coefficient"


@dataclass(frozen=True)
class TaskArithmeticExperiment(Experiment):
    """What related tasks change in a common trunk can be added up; what other tasks change gets in the way.

    Conditions are named by the family of tasks and the net: the "start" (heads fitted, the trunk as it was), a trunk per task
    from it ("own"), one for all ("joint"), one per task from a start of its own ("alone"); and the "sum" of all task vectors
    with the coefficient that validation prefers, also with the other tasks' vectors replaced by "random" ones of the same
    length, or by those of "shuffled" labels.

    To forget a task, its vector is subtracted: whole ("own subtracted"), or times the most negative of the coefficients at which
    the three other tasks of the draw still explain 95% of the variance of their validation labels that they explained at the
    start ("own forgotten"; with a random vector of the same length, "random forgotten").

    Attributes
    ----------
    seeds, first_seed
        As in `Experiment`: draws of four tasks and of four others for the start.
    n_hidden, n_samples : int
        Width of the trunk, and training samples of each task.
    noise : float
        Standard deviation of the labels' noise.

    Raises
    ------
    ValueError
        Too few seeds, a width or samples below 2, or no noise.

    Notes
    -----
    Source: Ilharco et al. (2023), *Editing models with task arithmetic*. Departures: toy regressions; heads are fitted to the
    start by ridge regression and then frozen, where the paper's come from words; the coefficient is chosen for each draw, by
    validation, and for forgetting for each task of a draw; where the paper keeps 95% of the accuracy in one control task
    (ImageNet), here it is 95% of the variance that the other three tasks explain. Not run at the paper's scale.
    """

    seeds: int = 64
    n_hidden: int = 32
    n_samples: int = 200
    noise: float = 0.3

    name = "task-arithmetic"
    findings = ("kept", "strange", "forget-kept")
    smallest = (("n_hidden", 2), ("n_samples", 2), ("noise", 1e-9))
    hypotheses = (
        Hypothesis("kept", "Related tasks: one trunk with the sum keeps half of what a trunk each gains", PAPER,
                   "one subspace: sum", rule=above(0.5), effect=kept),
        Hypothesis("joint", "... as good as joint training from that start", PAPER,
                   "one subspace: sum", "one subspace: joint", within(0.05), ratio),
        Hypothesis("alone", "... and better than nets trained from scratch", PAPER,
                   "one subspace: sum", "one subspace: alone", below(), ratio),
        Hypothesis("random", "... or with random vectors in the place of the others", "control",
                   "one subspace: sum", "one subspace: random", below(), ratio),
        Hypothesis("shuffled", "... or with those of shuffled labels", "control",
                   "one subspace: sum", "one subspace: shuffled", below(), ratio),
        Hypothesis("strange", "Tasks with no subspace in common: the sum keeps half, too", PAPER,
                   "no subspace in common: sum", rule=above(0.5), effect=kept),
        Hypothesis("strange-random", "... and is better than with random vectors", "control",
                   "no subspace in common: sum", "no subspace in common: random", below(), ratio),
        Hypothesis("strange-alone", "... but worse than nets trained from scratch", "ours",
                   "no subspace in common: sum", "no subspace in common: alone", above(), ratio),
        Hypothesis("strange-joint", "... or than joint training from that start", "ours",
                   "no subspace in common: sum", "no subspace in common: joint", above(), ratio),
        Hypothesis("apart", "Tasks with inputs of their own: the sum keeps half", "ours",
                   "own inputs: sum", rule=above(0.5), effect=kept),
        Hypothesis("still-price", "... and a trunk each pays a tenth if its biases don't move", "ours",
                   "own inputs, biases still: own", "own inputs: own", above(0.1), ratio),
        Hypothesis("right-angles", "Vectors of related tasks are nearly at right angles (mean cosine)", PAPER,
                   "one subspace: vectors", rule=within(0.1), effect=mean_cosine),
        Hypothesis("right-angles-strange", "... and so are those of tasks with nothing in common", "ours",
                   "no subspace in common: vectors", rule=within(0.1), effect=mean_cosine),
        Hypothesis("right-angles-apart", "... or with inputs of their own", "ours",
                   "own inputs: vectors", rule=within(0.1), effect=mean_cosine),
        Hypothesis("cosine", "The smaller the cosine, the more harm to each other (rank correlation)", "ours",
                   "no subspace in common: vectors", rule=below(-0.2), effect=rank_correlation),
        Hypothesis("forget", "Subtracting a whole vector takes its task away", "ours",
                   "one subspace: own subtracted", rule=above(0.05), measure=LOSS),
        Hypothesis("forget-others", "... and costs the others a tenth of that at most", "ours",
                   "one subspace: other subtracted", "one subspace: own subtracted", below(0.1), share_of_loss),
        Hypothesis("forget-apart", "... also those with inputs of their own", "ours",
                   "own inputs: other subtracted", "own inputs: own subtracted", below(0.1), share_of_loss),
        Hypothesis("forget-kept", "Subtracted so far that the others keep 95%, a vector takes away half of its task", PAPER,
                   "one subspace: own forgotten", rule=above(0.5), effect=share_lost),
        Hypothesis("forget-kept-random", "... and more than a random vector takes", PAPER,
                   "one subspace: own forgotten", "one subspace: random forgotten", above(), share_lost),
        Hypothesis("forget-kept-gain", "... and half as much as training on the task had added", "ours",
                   "one subspace: own forgotten", rule=above(0.5), effect=share_lost, measure=GAINED),
        Hypothesis("forget-kept-strange", "Where tasks have no subspace in common, it takes away half of its task, too", "ours",
                   "no subspace in common: own forgotten", rule=above(0.5), effect=share_lost),
        Hypothesis("forget-kept-apart", "... or with inputs of its own", "ours",
                   "own inputs: own forgotten", rule=above(0.5), effect=share_lost),
    )

    def tuned(self) -> Sequence[str]:
        """All nets that are trained, in every family."""
        return [f"{family}: {arm}" for family in FAMILIES for arm in TRAINED]

    def tune(self, name: str) -> Setting:
        """Choose the learning rate and the steps of the lowest validation error."""
        family, _, arm = name.partition(": ")
        seeds = self.tuning_range(N_TUNING).tolist()
        draws = self.draws(family, seeds)
        start = common_start(seeds, draws, self.n_hidden)
        cells = [(lr, steps) for lr in LRS for steps in STEPS]
        nets = [net for lr in LRS for net in self.fit(family, arm, start, draws.train, seeds, lr, STEPS)]
        errors = mean_error(np.stack([net.errors(*draws.validation) for net in nets], axis=1))
        lr, steps = cells[int(errors.argmin())]
        return Setting(lr=lr, steps=steps, error=float(errors.min()))

    def draws(self, family: str, seeds: Sequence[int]) -> TaskDraws:
        """Draw the tasks of a family."""
        return draw_tasks(family.removesuffix(", biases still"), seeds, self.n_samples, self.noise)

    def fit(
        self, family: str, arm: str, start: MLPBatch, train: Batch, seeds: Sequence[int], lr: float, keep_at: Sequence[int]
    ) -> list[MLPBatch]:
        """Train the nets of one arm: from the start with frozen heads, from it with one trunk for all, or from scratch."""
        how = {"lr": lr, "keep_at": keep_at}
        if arm == "joint":
            return fit(start, *train, **how, tied_rows=N_TASKS)
        if arm == "own":
            return fit(start, *train, **how, freeze=(*HEAD, "b") if family.endswith("biases still") else HEAD)
        numbers = [N_TASKS * seed + task for seed in seeds for task in range(N_TASKS)]
        return fit(init(numbers, N_FEATURES, self.n_hidden), *train, **how)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train, add, and compare, family by family."""
        measured = {}
        for family in self._shown(FAMILIES, "training", progress):
            measured |= {f"{family}: {name}": some for name, some in self.measure_family(family, settings).items()}
        return measured

    def measure_family(self, family: str, settings: Mapping[str, Setting]) -> Measured:
        """Train, add, and compare for one family."""
        seeds = self.seed_range.tolist()
        draws = self.draws(family, seeds)
        start = common_start(seeds, draws, self.n_hidden)

        def trained(arm: str, train: Batch = draws.train) -> MLPBatch:
            setting = settings[f"{family}: {arm}"]
            return self.fit(family, arm, start, train, seeds, setting.lr or 0.0, (setting.steps or 0,))[0]

        nets = {"start": start} | {arm: trained(arm) for arm in TRAINED}
        own = TaskVectors.of(nets["own"], start)
        of_shuffled = TaskVectors.of(trained("own", with_shuffled_labels(draws.train, seeds)), start)
        others = {"sum": own, "random": own.random(seeds), "shuffled": of_shuffled}
        measured: dict[str, dict[str, np.ndarray]] = {name: {ERROR: mean_errors(net, draws.test)} for name, net in nets.items()}
        for arm, vectors in others.items():
            measured[arm] = _measure_sum(start, own, vectors.of_other_tasks(), draws)
        forgotten = {"own": own, "random": own.random(seeds)}
        measured |= {f"{name} forgotten": forgetting(start, vectors, draws) for name, vectors in forgotten.items()}
        return measured | _measure_pairs(start, own, draws) | _measure_subtraction(start, own, draws)

    def beside(self, result: Result, hypothesis: Hypothesis) -> Sequence[Interval | None]:
        """Show the error of a trunk per task, and of the sum with random vectors, beside every effect."""
        family = hypothesis.treatment.partition(": ")[0]
        return [result.interval(f"{family}: {arm}", measure=ERROR) for arm in ("own", "random")]


def _measure_sum(start: MLPBatch, own: TaskVectors, others: TaskVectors, draws: TaskDraws) -> dict[str, np.ndarray]:
    """Measure the error for every coefficient, and for the one, not below zero, that validation prefers."""
    sums = [added(start, float(coefficient), own, others) for coefficient in COEFFICIENTS]
    over, validation = (np.stack([mean_errors(nets, split) for nets in sums], axis=1) for split in (draws.test, draws.validation))
    best = ZERO + validation[:, ZERO:].argmin(axis=1)
    return {ERROR: over[np.arange(len(over)), best], OVER: over, CHOSEN: COEFFICIENTS[best]}


def _measure_pairs(start: MLPBatch, own: TaskVectors, draws: TaskDraws) -> dict[str, dict[str, np.ndarray]]:
    """Measure, for every ordered pair of a seed's tasks, the cosine of their vectors, and what adding the second costs the first."""
    alone, cosines, harm = added(start, 1.0, own).errors(*draws.test), [], []
    for places in range(1, N_TASKS):
        other = own.of_task_after(places)
        cosines.append(per_task(torch.cosine_similarity(own.flat(), other.flat()).numpy()))
        harm.append(per_task(added(start, 1.0, own, other).errors(*draws.test) - alone))
    return {"vectors": {COSINE: np.concatenate(cosines, axis=1), HARM: np.concatenate(harm, axis=1)}}


def _measure_subtraction(start: MLPBatch, own: TaskVectors, draws: TaskDraws) -> dict[str, dict[str, np.ndarray]]:
    """Measure what subtracting a vector costs its own task, and on average the others."""
    before = start.errors(*draws.test)
    moved = [added(start, -1.0, own.of_task_after(places)) for places in range(N_TASKS)]
    first, *rest = (per_task(nets.errors(*draws.test) - before).mean(axis=1) for nets in moved)
    return {"own subtracted": {LOSS: first}, "other subtracted": {LOSS: np.mean(rest, axis=0)}}


def forgetting(start: MLPBatch, vectors: TaskVectors, draws: TaskDraws) -> dict[str, np.ndarray]:
    """Subtract each task's vector as far as the other tasks allow, and measure how much of the task is lost.

    Returns
    -------
    dict of str to numpy.ndarray
        Per seed, the mean of its tasks: the variance of noise-free labels that the start explains, how much of it is lost (all
        of it, at most), how much more is explained with the vector added, and the coefficient.
    """
    coefficients = COEFFICIENTS[: ZERO + 1]
    others = np.stack([explained_by_others(start, float(c), vectors, draws.validation) for c in coefficients])
    chosen = (others >= KEPT * others[-1]).argmax(axis=0)  # the first, so the most negative; at 0, the last, all is kept
    own = np.stack([explained(added(start, float(c), vectors), draws.test) for c in coefficients])
    had = np.maximum(own[-1], 0)
    left = np.clip(np.take_along_axis(own, chosen[None], axis=0)[0], 0, None)
    gained = explained(added(start, 1.0, vectors), draws.test) - own[-1]
    found = {LOST: had - left, HAD: had, GAINED: gained, CHOSEN: coefficients[chosen]}
    return {name: values.mean(axis=1) for name, values in found.items()}


@recorded(
    "task-arithmetic",
    title="How much of each vector should be added?",
    alt="For related tasks a third of each vector lowers the error as far as a trunk per task; for others it does not.",
    family=list(FAMILIES),
    samples=[50, 200],
)
def task_arithmetic_curves(family: str = FAMILIES[0], samples: int = 200, units: int = 32, *, n_seeds: int = 64) -> Curves:
    """Follow the error over the coefficient with which four task vectors are added to a common start, or subtracted.

    Parameters
    ----------
    family : str
        What the tasks have in common: "one subspace", "no subspace in common", "own inputs" or "own inputs, biases still".
    samples : int
        Training samples of each task.
    units : int
        Width of the trunk.
    n_seeds : int
        Draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = TaskArithmeticExperiment(seeds=n_seeds, first_seed=2000, n_hidden=units, n_samples=samples)
    measured = trial.measure_family(family, {f"{family}: {arm}": trial.tune(f"{family}: {arm}") for arm in TRAINED})
    lines = {"sum of four": measured["sum"][OVER].T, "others random": measured["random"][OVER].T}
    lines |= {"a trunk per task": [measured["own"][ERROR]] * len(COEFFICIENTS)}
    lines |= {"one trunk, joint": [measured["joint"][ERROR]] * len(COEFFICIENTS)}
    intervals = {name: [interval_of(point) for point in points] for name, points in lines.items()}
    roles: dict[str, Role] = dict(zip(lines, ("main", "control", "single_task", "other"), strict=True))
    look = {"xlabel": "coefficient of the vectors", "ylabel": ERROR, "ylim": (0.0, 1.0)}
    return Curves.of_intervals(COEFFICIENTS, intervals, roles=roles, **look)
