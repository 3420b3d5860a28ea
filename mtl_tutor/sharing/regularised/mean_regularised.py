"""Mean-regularised multi-task learning: every task stays near the tasks' mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.checks import check_fields
from mtl_tutor.sharing.regularised._base import Minimum, Parts, Regularised, alone
from mtl_tutor.sharing.regularised._loss import LinearLoss


@dataclass(frozen=True)
class MeanRegularised(Regularised):
    """Every task's weights are pulled to the mean of all tasks' weights, equally strongly.

    The penalty is strength / 2 times the squared distances of the tasks' weights to their mean.
    Strength 0 fits every task by itself, an infinite one (`inf` is allowed) one weight vector for
    all tasks together. Each task has an intercept of its own even then.

    Tasks with the same number of outputs are tied, output by output: regressions and binary tasks
    (by the logit) to each other, a multi-class task to those with as many classes. Where a task's
    samples leave its weights open, strength 0 gives those of minimum norm, while the smallest
    strength above 0 gives those nearest to the others.

    Parameters
    ----------
    strength : float
        Loss per squared unit of weight, from 0 to `inf`.

    Raises
    ------
    ValueError
        The strength is negative.

    Notes
    -----
    Found: `mean` [output feature], what each output's weights are tied to; `distance` [output], how
    far they are from it.

    Source: Evgeniou & Pontil (2004), in the form in which the common vector has been solved for.

    Departures: half the squared error or nats instead of the hinge loss, as the mean over a task's
    samples; no penalty on the mean itself, so that no strength shrinks towards zero.

    Examples
    --------
    Two tasks that would be 1 and 3 alone meet half-way at strength 1: of w - mean, 1 / (1 + 1) is
    left.

    >>> x = np.array([[1.0], [-1.0]])
    >>> fits = [MeanRegularised(strength).fit(x, x * [1, 3]) for strength in (0, 1, np.inf)]
    >>> [fit.weights.ravel().round(6).tolist() for fit in fits]
    [[1.0, 3.0], [1.5, 2.5], [2.0, 2.0]]
    """

    def __post_init__(self) -> None:
        if not isinstance(self.strength, float) or self.strength != np.inf:  # a tie without slack is welcome here
            check_fields(self)
        if not self.strength >= 0:
            raise ValueError(f"`strength` must be zero or more; got {self.strength}. Zero fits every task by itself, `inf` all as one.")

    def solve(self, loss: LinearLoss) -> Minimum:
        """One linear system where all tasks are regressions; the solver elsewhere."""
        if self.strength == 0:
            return alone(loss)
        return self._exact(loss) if set(loss.kinds) == {"regression"} else super().solve(loss)

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Half the strength times the squared distances to the mean."""
        squares = float(((parts - _means(parts, n_outputs)) ** 2).sum())
        return 0.5 * self.strength * squares if squares > 0 else 0.0

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Move the weights towards the mean."""
        means = _means(parts, n_outputs)
        return means + (parts - means) / (1 + step * self.strength)

    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """The mean, and the tasks' distances to it."""
        means = _means(parts, n_outputs)
        return {"mean": means, "distance": np.linalg.norm(parts - means, axis=1)}

    def _exact(self, loss: LinearLoss) -> Minimum:
        """Solve G_t w_t + strength (w_t - mean) = m_t for all tasks, first for the mean."""
        gram, levels = loss.gram(), (loss.share * loss.target).sum(axis=0)
        moment = -loss.gradient(np.zeros_like(loss.centre), levels)[0]
        values, axes = np.linalg.eigh(gram)
        # A_t = (I + G_t / strength)^-1, written so that strengths from 1e-8 to infinity lose no digits
        tie = (axes / (1 + np.maximum(values, 0) / self.strength)[:, None]) @ axes.transpose(0, 2, 1)
        # w_t - mean = A_t (m_t - G_t mean) / strength, which adds up to zero
        mean = np.linalg.lstsq((tie @ gram).sum(axis=0), (tie @ moment[..., None]).sum(axis=0), rcond=1e-12)[0]
        own = tie @ (moment[..., None] - gram @ mean) / self.strength
        return Minimum((mean + own)[..., 0], levels, 0.0)


def _means(weights: Parts, n_outputs: tuple[int, ...]) -> Parts:
    means = np.empty_like(weights)
    for rows in _tied(n_outputs):
        means[rows] = weights[rows].mean(axis=0)
    return means


def _tied(n_outputs: tuple[int, ...]) -> Iterator[np.ndarray]:
    """The rows that are tied to each other: the same output of tasks with equally many."""
    counts, starts = np.array(n_outputs), np.cumsum((0, *n_outputs[:-1]))
    for n in np.unique(counts):
        yield from (starts[counts == n] + output for output in range(n))
