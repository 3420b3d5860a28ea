"""Several nets per seed, stopped early, and their predictions, for ensembles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from torch import nn

from mtl_tutor.recipes._base import Draw, TrainingConfig, data_of
from mtl_tutor.results import History
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import predict, train

STAGES = (0.125, 0.25, 0.5, 1.0)  # a net's earlier answers cost another training: so few places to stop at, and 1.9 times the cost at most
_ROOM = 2**40  # for seeds
_APART = _ROOM + 10_000_019  # torch looks at the last 32 bits of a seed, so those have to differ as well


def numbered(seed: int, number: int) -> int:
    """Seed of the net with this number among a seed's nets; number 0 has the seed itself."""
    return seed + _APART * number


def _of_number(code: int) -> tuple[int, int]:
    return code - _APART * (code // _ROOM), code // _ROOM


def draws_of(data: Draw, seeds: Sequence[int]) -> dict[int, TaskData]:
    """The data of every seed, each drawn once.

    Raises
    ------
    ValueError
        They have no validation or no test samples.
    """
    draws = {seed: data_of(data, seed) for seed in dict.fromkeys(seeds)}
    for one in draws.values():
        if one.validation is None or one.test is None:
            raise ValueError(f"`data` must have validation and test samples; got {[*one.splits()]}. Split it: `data.split()`.")
    return draws


def shared_by_nets(data: Draw) -> Draw:
    """Train all of a seed's nets on the seed's data."""
    return data if isinstance(data, TaskData) else varied(data, lambda one, *_: one)


def varied(data: Draw, vary: Callable[[TaskData, int, int], TaskData]) -> Callable[[int], TaskData]:
    """Train each of a seed's nets on data of its own: (the seed's data, seed, number) -> data."""

    def draw(code: int) -> TaskData:
        seed, number = _of_number(code)
        return vary(data_of(data, seed), seed, number)

    return draw


def inputs_of(draws: Mapping[int, TaskData], seeds: Sequence[int], split: str) -> Float[np.ndarray, "*seed sample feature"]:
    """Inputs of a split: the same for all rows, or each row's own."""
    if len({id(data) for data in draws.values()}) == 1:
        return draws[seeds[0]].splits()[split].x
    return np.stack([draws[seed].splits()[split].x for seed in seeds])


def looks_of(history: History) -> list[int]:
    """Indices of a history's evaluations that are stages, the last one included."""
    return sorted({max(1, round(share * (len(history.steps) - 1))) for share in STAGES})


@dataclass(frozen=True, eq=False)
class Nets:
    """Trained nets, one per row, with their weights at a few stages of training.

    Attributes
    ----------
    model : nn.Module
        Their architecture.
    stages : Sequence[tuple[Int[np.ndarray, "_"], History]]
        For each stage the rows that need it, and their nets at that stage.
    stage : Int[np.ndarray, "seed task"]
        For every row and task, the stage of its lowest validation loss.
    diverged : Bool[np.ndarray, "seed"]
        Whether a row's training diverged.
    """

    model: nn.Module
    stages: Sequence[tuple[Int[np.ndarray, "_"], History]]
    stage: Int[np.ndarray, "seed task"]
    diverged: Bool[np.ndarray, "seed"]

    def answer(self, x: Float[np.ndarray, "*seed sample feature"]) -> list[Float[np.ndarray, "seed sample _"]]:
        """Predict every task by the net at the task's best stage; 0 where the row diverged."""
        found: list[np.ndarray] = []
        for number, (rows, history) in enumerate(self.stages):
            answers = predict(self.model, history, x if x.ndim == 2 else x[rows]) if len(rows) else []
            found = found or [np.empty((len(self.stage), *answer.shape[1:])) for answer in answers]
            for task, answer in enumerate(answers):
                here = self.stage[rows, task] == number
                found[task][rows[here]] = answer[here]
        for answer in found:
            answer[self.diverged] = 0
        return found


def train_nets(model: nn.Module, data: Draw, seeds: Sequence[int], rates: Sequence[float], plan: TrainingConfig) -> Nets:
    """Train one net per row, and again up to each stage of some task's lowest validation loss.

    Training again gives the same nets to the last bit, so the second time only their weights are
    kept.
    """
    how = {"optimizer": plan.optimizer, "batch_size": plan.batch_size, "weight_decay": plan.weight_decay}
    last = train(model, data, plan.method, seeds=seeds, lr=rates, steps=plan.steps, eval_every=plan.eval_every, **how)
    looks = looks_of(last)
    loss = last.loss["validation"][:, looks]
    stage = np.where(np.isfinite(loss), loss, np.inf).argmin(axis=1)
    stages = []
    for number, look in enumerate(looks):
        rows, history = np.flatnonzero((stage == number).any(axis=1)), last
        if look == looks[-1]:
            rows = np.arange(len(seeds))
        elif len(rows):
            steps, again = int(last.steps[look]), [seeds[row] for row in rows]
            history = train(model, data, plan.method, seeds=again, lr=[rates[r] for r in rows], steps=steps, eval_every=steps, **how)
        stages.append((rows, history))
    return Nets(model, stages, stage, last.diverged)
