"""Stacking: a second-level fit on the predictions of all tasks' nets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.checks import check_as, check_real, check_whole, checked
from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig, check_rows
from mtl_tutor.recipes._judge import judged
from mtl_tutor.recipes._nets import Nets, draws_of, inputs_of, numbered, train_nets, varied
from mtl_tutor.recipes._second_level import correction
from mtl_tutor.recipes.network import Network
from mtl_tutor.sharing import Cost, SingleTask
from mtl_tutor.tasks import TaskData

_STREAM = 0x57AC  # any number: it keeps the folds apart from other streams that begin with the seed
Answers = list[Float[np.ndarray, "seed _ _"]]  # of samples of one split


@dataclass(frozen=True)
class Stacking(Recipe):
    """Correct each task's predictions by a linear function of all tasks' predictions.

    The nets share no parameters. The correction is fitted to out-of-fold predictions: each fold of
    the training samples is predicted by nets trained on the others. It has a ridge penalty whose
    strength minimises the task's validation loss; infinity means no correction. Costs `n_folds` + 1
    trainings of single-task nets; the nets of the folds are thrown away.

    Attributes
    ----------
    n_folds : int
        Number of folds of the training samples.
    strengths : tuple[float, ...]
        Strengths of the ridge penalty to try; predictions are standardised.

    Raises
    ------
    ValueError
        Fewer than two folds, no strength or a negative one, or (when run) a task whose labels all
        lie in one fold.

    Notes
    -----
    Source: Wolpert (1992), *Stacked generalization*; Breiman (1996b), *Stacked regressions*; over
    tasks in the place of models; source text 002 §2.3.

    Departures: ridge towards the task's own answers in the place of weights that are not negative;
    logits, not probabilities, are what is corrected; nets are stopped early, as in `Averaging`,
    those of a fold by the validation samples too.

    Examples
    --------
    >>> Stacking(n_folds=4).strengths[-1]
    inf
    """

    n_folds: int = 5
    strengths: tuple[float, ...] = (0.01, 0.1, 1.0, 10.0, np.inf)

    def __post_init__(self) -> None:
        check_whole("n_folds", self.n_folds, least=2)
        for number, strength in enumerate(check_as("strengths", Sequence[Any], self.strengths)):
            if not (isinstance(strength, float) and strength == np.inf):  # which leaves the answers as they are
                check_real(f"strengths[{number}]", strength)
        if not len(self.strengths) or not min(self.strengths) >= 0:
            raise ValueError(f"`strengths` must hold one at least, zero or more; got {self.strengths}.")

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The learning rates."""
        return plan.rates

    @checked
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: TrainingConfig) -> Scores:
        """`n_folds` + 1 trainings per row, and a small fit per task."""
        check_rows(seeds, settings)
        draws, numbers = draws_of(data, seeds), range(self.n_folds + 1)
        model = Network(SingleTask).model(draws[seeds[0]], plan)
        codes = [numbered(seed, number) for number in numbers for seed in seeds]
        nets = train_nets(model, varied(data, partial(_without_fold, self.n_folds)), codes, [*settings] * len(numbers), plan)
        first = draws[seeds[0]]
        asked = {split: self._asked(nets, inputs_of(draws, [*seeds] * len(numbers), split)) for split in first.splits()}
        folds = np.stack([folds_of(draws[seed], self.n_folds, seed) for seed in seeds])
        unseen = [_picked(answer[1:], folds) for answer in asked["train"]]
        finals = {split: [answer[0] for answer in asked[split]] for split in ("validation", "test")}
        found = self._corrected([draws[seed] for seed in seeds], unseen, finals)
        diverged = nets.diverged.reshape(len(numbers), -1).any(axis=0, keepdims=True).T
        return Scores(*(np.where(diverged, np.nan, values) for values in found))

    def _asked(self, nets: Nets, x: Float[np.ndarray, "*seed sample feature"]) -> list[Float[np.ndarray, "run seed sample _"]]:
        return [answer.reshape(self.n_folds + 1, -1, *answer.shape[1:]) for answer in nets.answer(x)]

    def _corrected(self, draws: Sequence[TaskData], unseen: Answers, finals: dict[str, Answers]) -> tuple[np.ndarray, np.ndarray]:
        """Validation losses and test errors at the best strength on validation, per row and task."""
        tasks, found = draws[0].tasks, []
        labels = np.stack([one.train.y for one in draws])
        stacks = {split: np.concatenate(answers, axis=2) for split, answers in finals.items()}
        for strength in self.strengths:
            both = []
            for split, answers in finals.items():
                fits = [correction(t, np.concatenate(unseen, axis=2), unseen[i], labels[:, :, i], strength) for i, t in enumerate(tasks)]
                outputs = [fit(stacks[split], own) for fit, own in zip(fits, answers, strict=True)]
                both.append(judged(tasks, outputs, [one.splits()[split] for one in draws]))
            found.append((both[0][0], both[1][1]))
        loss, error = (np.stack(values) for values in zip(*found, strict=True))
        best = np.where(np.isfinite(loss), loss, np.inf).argmin(axis=0)[None]
        return np.take_along_axis(loss, best, 0)[0], np.take_along_axis(error, best, 0)[0]

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """The nets and the correction, without the nets of the folds."""
        nets, n = Network(SingleTask).cost(data, plan), sum(data.n_outputs)
        return Cost(nets.parameters + n * (n + 1), nets.multiply_adds + n * n)


def folds_of(data: TaskData, n_folds: int, seed: int) -> Int[np.ndarray, "sample"]:
    """Deal the training samples out to folds, those with labels of the same tasks evenly.

    Samples of one group stay together.
    """
    units = np.arange(len(data.train)) if data.train.group is None else data.train.group
    names, unit = np.unique(units, return_inverse=True)
    known = np.zeros((len(names), len(data.tasks)), dtype=bool)
    np.logical_or.at(known, unit, ~np.isnan(data.train.y))
    drawn = np.random.default_rng([seed, _STREAM]).permutation(len(names))
    _, pattern = np.unique(known[drawn], axis=0, return_inverse=True)
    fold = np.empty(len(names), dtype=int)
    fold[drawn[np.argsort(pattern.ravel(), kind="stable")]] = np.arange(len(names)) % n_folds
    return fold[unit]


def _without_fold(n_folds: int, data: TaskData, seed: int, number: int) -> TaskData:
    """Hide the labels of fold `number` - 1; number 0 keeps all."""
    if number == 0:
        return data
    hidden = (folds_of(data, n_folds, seed) == number - 1)[:, None]
    y = np.where(hidden, np.nan, data.train.y)
    for task, labels in zip(data.tasks, y.T, strict=True):
        if np.isnan(labels).all():
            raise ValueError(f"`n_folds` must leave task {task.name!r} labels outside every fold; they all lie in one of {n_folds}.")
    return replace(data, train=replace(data.train, y=y))


def _picked(
    answers: Float[np.ndarray, "run seed sample output"], folds: Int[np.ndarray, "seed sample"]
) -> Float[np.ndarray, "seed sample output"]:
    """Out-of-fold predictions: each sample's by the nets that were not trained on its fold."""
    return np.take_along_axis(answers, folds[None, :, :, None], axis=0)[0]
