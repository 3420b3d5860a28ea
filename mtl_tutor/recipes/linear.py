"""A fit in place of a training: what finds its optimum by itself, and is deterministic."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mtl_tutor.recipes._base import Draw, Outcome, Plan, Recipe, data_of
from mtl_tutor.recipes._judge import judged
from mtl_tutor.sharing import Cost
from mtl_tutor.sharing.regularised._base import LinearFit, Regularised
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks._samples import Kind


@dataclass(frozen=True)
class Linear(Recipe):
    """Fit linear weights under a penalty that ties the tasks.

    Attributes
    ----------
    family : from a strength to a penalty: `TraceNorm`, or `partial(Clustered, n_clusters=3)`.
    strengths : the strengths that are tried.
    """

    family: Callable[[float], Regularised]
    strengths: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)

    @property
    def name(self) -> str:
        """The penalty's name."""
        return type(self.family(self.strengths[0])).__name__

    def settings(self, plan: Plan) -> tuple[float, ...]:
        """The strengths."""
        return self.strengths

    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: Plan) -> Outcome:
        """One fit per row; where all seeds have the same data, one per strength."""
        kept: dict[tuple[int, float], tuple[np.ndarray, np.ndarray]] = {}
        rows = []
        for seed, strength in zip(seeds, settings, strict=True):
            key = (-1 if isinstance(data, TaskData) else seed, strength)
            if key not in kept:
                kept[key] = self._judged(data_of(data, seed), strength)
            rows.append(kept[key])
        return Outcome(np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows]))

    def _judged(self, data: TaskData, strength: float) -> tuple[np.ndarray, np.ndarray]:
        fit = self.fit(data, strength)
        splits = data.splits()
        found = [judged(data.tasks, [a[None] for a in fit.predict(splits[name].x)], [splits[name]]) for name in ("validation", "test")]
        return found[0][0][0], found[1][1][0]

    def fit(self, data: TaskData, strength: float) -> LinearFit:
        """Fit the training samples."""
        kinds: list[Kind] = [task.kind for task in data.tasks]
        return self.family(strength).fit(data.train.x, data.train.y, kinds=kinds, n_outputs=data.n_outputs)

    def cost(self, data: TaskData, plan: Plan) -> Cost:
        """One weight per input and output, and an intercept per output."""
        n = sum(data.n_outputs)
        return Cost(n * (data.n_features + 1), n * data.n_features)
