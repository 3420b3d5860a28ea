"""Nonlinear tasks that depend on their inputs through two-dimensional subspaces of adjustable overlap."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.tasks import Samples, Task, TaskData

N_FEATURES, RANK, NOISE, N_TEST = 10, 2, 0.3, 200


@dataclass(frozen=True)
class SubspaceFamily:
    """Draw tasks that look at their inputs through subspaces of adjustable overlap.

    The label of task t is ``a_t·f(B_tᵀx)/√2`` plus noise, where ``a_t`` and x are drawn from N(0, I). f is half a line and half
    a fold, both of variance 1: ``f(z) = (z + (|z| - √(2/π))/√(1 - 2/π))/√2``. Every ``B_t`` has two orthonormal columns, those
    of ``√p B + √(1 - p) C_t``: B is the same for all tasks, ``C_t`` is drawn for task t alone.

    Parameters
    ----------
    relatedness : float
        p. At 1 all tasks look through the same B; at 0 there is nothing to share.
    n_samples : int
        Training samples; as many more for validation, and 200 without noise for the test. All tasks see the same.
    n_tasks : int
        How many tasks.

    Raises
    ------
    ValueError
        A relatedness outside [0, 1], fewer than two samples, or no task.
    """

    relatedness: float
    n_samples: int
    n_tasks: int

    def __post_init__(self) -> None:
        if not 0 <= self.relatedness <= 1:
            raise ValueError(f"`relatedness` must lie in [0, 1]; got {self.relatedness}.")
        if self.n_samples < 2 or self.n_tasks < 1:
            raise ValueError(f"`n_samples` must be at least 2 and `n_tasks` at least 1; got {self.n_samples} and {self.n_tasks}.")

    def __call__(self, seed: int) -> TaskData:
        """Draw one seed's tasks and samples."""
        rng = np.random.default_rng([seed, 0xA71])
        bases, mixtures = self.bases(rng), rng.normal(size=(self.n_tasks, RANK)) / np.sqrt(RANK)

        def answers(x: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample task"]:
            return np.einsum("ntr,tr->nt", folded(np.einsum("nd,tdr->ntr", x, bases)), mixtures)

        def noisy() -> Samples:
            x = rng.standard_normal((self.n_samples, N_FEATURES))
            return Samples(x, answers(x) + NOISE * rng.normal(size=(self.n_samples, self.n_tasks)))

        x = rng.standard_normal((N_TEST, N_FEATURES))
        names = [f"task {task + 1}" for task in range(self.n_tasks)]
        return TaskData(tuple(map(Task, names)), noisy(), noisy(), Samples(x, answers(x)))

    def bases(self, rng: np.random.Generator) -> np.ndarray:
        """Every task's two directions, [task feature 2]."""
        common, *own = (_orthonormal(rng.normal(size=(N_FEATURES, RANK))) for _ in range(1 + self.n_tasks))
        p = self.relatedness
        return np.stack([_orthonormal(np.sqrt(p) * common + np.sqrt(1 - p) * one) for one in own])


def folded(z: np.ndarray) -> np.ndarray:
    """Half a line, half a fold; mean 0 and variance 1 where z is a standard normal."""
    return (z + (np.abs(z) - np.sqrt(2 / np.pi)) / np.sqrt(1 - 2 / np.pi)) / np.sqrt(2)


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    """Their columns made orthonormal, without the signs that the method of doing so prefers."""
    q, r = np.linalg.qr(columns)
    return q * np.sign(np.diagonal(r))
