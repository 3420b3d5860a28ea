"""Recipes that are fitted to their optimum, without training and without chance."""

import warnings
from abc import abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig, check_rows
from mtl_tutor.recipes._judge import judged
from mtl_tutor.recipes._nets import draws_of
from mtl_tutor.tasks import TaskData

Answers = Callable[[Float[np.ndarray, "sample feature"]], Sequence[Float[np.ndarray, "sample output"]]]
"""From samples to one array per task: numbers, or logits."""


class Fit(Recipe):
    """Base class: a deterministic fit of the training samples, the same for every seed."""

    @abstractmethod
    def fitted(self, data: TaskData, setting: float) -> Answers:
        """Fit the training samples."""

    @checked
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: TrainingConfig) -> Scores:
        """One fit per row; one per setting where all seeds have the same data."""
        check_rows(seeds, settings)
        draws, kept = draws_of(data, seeds), {}
        rows = [(-1 if isinstance(data, TaskData) else seed, setting) for seed, setting in zip(seeds, settings, strict=True)]
        for seed, row in zip(seeds, rows, strict=True):
            if row not in kept:
                kept[row] = self._judged(draws[seed], row[1])
        return Scores(*(np.stack([kept[row][part] for row in rows]) for part in (0, 1)))

    def _judged(self, data: TaskData, setting: float) -> tuple[Float[np.ndarray, "task"], Float[np.ndarray, "task"]]:
        from sklearn.exceptions import ConvergenceWarning  # a second to import, so only when needed

        with warnings.catch_warnings():  # validation judges what was fitted, at its minimum or before
            warnings.simplefilter("ignore", ConvergenceWarning)
            answers, splits = self.fitted(data, setting), data.splits()
        found = [judged(data.tasks, [a[None] for a in answers(splits[name].x)], [splits[name]]) for name in ("validation", "test")]
        return found[0][0][0], found[1][1][0]
