"""The common part of ensembles: several nets per seed, and one prediction from all."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig, check_rows
from mtl_tutor.recipes._judge import judged
from mtl_tutor.recipes._nets import draws_of, inputs_of, numbered, shared_by_nets, train_nets
from mtl_tutor.recipes.network import Network
from mtl_tutor.sharing import Cost, SingleTask
from mtl_tutor.tasks import Task, TaskData


@dataclass(frozen=True)
class Ensemble(Recipe):
    """Base class: several nets of different seeds, whose predictions are combined.

    Under a budget of parameters the members share it, each as wide as its part allows.

    Attributes
    ----------
    n_members : int
        Number of nets per seed. The first has the seed itself.
    build : Callable[..., nn.Module]
        Builds the members, as in `Network`; single-task nets by default.
    """

    n_members: int = 5
    build: Callable[..., nn.Module] = SingleTask

    def __post_init__(self) -> None:
        if self.n_members < 1:
            raise ValueError(f"`n_members` must be at least 1; got {self.n_members}.")

    @abstractmethod
    def joined(self, task: Task, answers: Float[np.ndarray, "run seed sample output"]) -> Float[np.ndarray, "seed sample output"]:
        """Combine the members' predictions of a task."""

    def learned_from(self, data: Draw) -> Draw:
        """Training data of the members."""
        return shared_by_nets(data)

    @property
    def name(self) -> str:
        """The recipe's name, and the members' if they are not single-task nets."""
        return type(self).__name__ + ("" if self.build is SingleTask else f" of {Network(self.build).name}")

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The learning rates."""
        return plan.rates

    @checked
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: TrainingConfig) -> Scores:
        """Train `n_members` nets per row.

        Training again up to the best evaluations takes at most as many steps once more.
        """
        check_rows(seeds, settings)
        draws = draws_of(data, seeds)
        first, members = draws[seeds[0]], range(self.n_members)
        model = Network(self.build).model(first, self._share(plan))
        nets = train_nets(
            model, self.learned_from(data), [numbered(seed, m) for m in members for seed in seeds], [*settings] * self.n_members, plan
        )
        found = []
        for split in ("validation", "test"):
            answers = nets.answer(inputs_of(draws, [*seeds] * self.n_members, split))
            apart = [answer.reshape(self.n_members, len(seeds), *answer.shape[1:]) for answer in answers]
            one = [self.joined(task, answer) for task, answer in zip(first.tasks, apart, strict=True)]
            found.append(judged(first.tasks, one, [draws[seed].splits()[split] for seed in seeds]))
        diverged = nets.diverged.reshape(self.n_members, -1).any(axis=0, keepdims=True).T
        return Scores(np.where(diverged, np.nan, found[0][0]), np.where(diverged, np.nan, found[1][1]))

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """Sum over the members."""
        one = Network(self.build).cost(data, self._share(plan))
        return Cost(self.n_members * one.parameters, self.n_members * one.multiply_adds)

    def is_separate(self, data: TaskData, plan: TrainingConfig) -> bool:
        """Whether the members share nothing between tasks."""
        return Network(self.build).is_separate(data, self._share(plan))

    def _share(self, plan: TrainingConfig) -> TrainingConfig:
        return plan if plan.parameters is None else replace(plan, parameters=max(1, plan.parameters // self.n_members))


def pooled(task: Task, answers: Float[np.ndarray, "run seed sample output"]) -> Float[np.ndarray, "seed sample output"]:
    """The mean of numbers, or the logits of the mean probabilities."""
    if task.kind == "regression":
        return answers.mean(axis=0)
    if task.kind == "binary":
        return np.logaddexp.reduce(-np.logaddexp(0, -answers)) - np.logaddexp.reduce(-np.logaddexp(0, answers))
    return np.logaddexp.reduce(answers - np.logaddexp.reduce(answers, axis=-1, keepdims=True)) - np.log(len(answers))
