"""Every way to fit many linear tasks: penalties and a Gaussian process, at the strength that validation chooses."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.sharing import MultiTaskGP
from mtl_tutor.sharing.coregionalisation import GPFit
from mtl_tutor.sharing.regularised import Clustered, DirtyModel, JointFeatures, MeanRegularised, Regularised, TaskCovariance, TraceNorm
from mtl_tutor.sharing.regularised._base import LinearFit, Minimum, Parts, descend
from mtl_tutor.sharing.regularised._loss import LinearLoss, linear_loss
from mtl_tutor.tasks import TaskData, only_tasks

Errors = tuple[Float[np.ndarray, "point task"], Float[np.ndarray, "point task"]]
"""Errors of every setting, on validation and on test samples."""


@dataclass(frozen=True)
class _WeightsOnly(Regularised):
    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """Report nothing but weights."""
        return {}


@dataclass(frozen=True)
class Ridge(_WeightsOnly):
    """Ridge regression for each task: half the squared length of the weights is penalised."""

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Half the strength times the sum of all squared weights."""
        return 0.5 * self.strength * float((parts**2).sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Multiply all weights by the same factor."""
        return parts / (1 + step * self.strength)


@dataclass(frozen=True)
class Lasso(_WeightsOnly):
    """Lasso for each task: the sum of the absolute weights is penalised."""

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Strength times the sum of all absolute weights."""
        return self.strength * float(np.abs(parts).sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Soft-threshold every weight."""
        return np.sign(parts) * np.maximum(np.abs(parts) - step * self.strength, 0)


@dataclass(frozen=True)
class Tied(_WeightsOnly):
    """A ridge for the mean of the weights, and a stronger one for the differences from it.

    Parameters
    ----------
    strength : float
        Of the ridge for the mean.
    tightness : float
        How many times as strong the other one is.
    """

    tightness: float = 10.0

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Half the strength times the squared mean, once per task, plus tightness times the squared differences."""
        mean = parts.mean(axis=0)
        return 0.5 * self.strength * float(len(parts) * (mean**2).sum() + self.tightness * ((parts - mean) ** 2).sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Multiply the mean by one factor, and the differences by a smaller one."""
        mean = parts.mean(axis=0)
        return mean / (1 + step * self.strength) + (parts - mean) / (1 + step * self.strength * self.tightness)


@dataclass(frozen=True)
class Family:
    """One penalty and the settings that validation chooses among.

    Parameters
    ----------
    strengths : tuple of float
        From strong to weak.
    variants : tuple of callable
        From a strength to a penalised fit.
    """

    strengths: tuple[float, ...]
    variants: tuple[Callable[[float], Regularised], ...]

    def fits(self, loss: LinearLoss) -> Iterator[LinearFit]:
        """Fit at every strength to four digits, each time starting from the fit of the stronger one."""
        for variant in self.variants:
            end = None
            for model in map(variant, self.strengths):
                end = _end(model, loss, end)
                weights = end.parts if end.parts.ndim == 2 else end.parts.sum(axis=0)
                found = model.found(end.parts, loss.n_outputs)
                yield LinearFit(weights, loss.intercepts(weights, end.levels), loss.n_outputs, found, end.residual)


def _end(model: Regularised, loss: LinearLoss, start: Minimum | None) -> Minimum:
    if isinstance(model, MeanRegularised) or model.strength == 0:
        return model.solve(loss)
    n_parts = 2 if isinstance(model, DirtyModel) else 0
    return descend(loss, lambda parts, step: model.prox(parts, step, loss.n_outputs), n_parts=n_parts, start=start, tolerance=1e-4)


def _tied(tightness: float) -> Callable[[float], Regularised]:
    return lambda strength: Tied(strength, tightness)


def _dirty(own: float) -> Callable[[float], Regularised]:
    return lambda strength: DirtyModel(strength, own * strength)


def grouped(n_clusters: int, tightness: float) -> Callable[[float], Regularised]:
    """Fix all settings of `Clustered` but its strength."""
    return lambda strength: Clustered(strength, n_clusters, tightness)


SQUARES, SIZES = (3.2, 1.6, 0.8, 0.4, 0.2, 0.1, 0.05, 0.02), (1.6, 1.1, 0.8, 0.55, 0.4, 0.3, 0.2, 0.14, 0.1, 0.05)
FAMILIES: Mapping[str, Family] = {
    "ridge": Family(SQUARES, (Ridge,)),
    "lasso": Family(SIZES, (Lasso,)),
    "least squares": Family((0.0,), (Ridge,)),
    "one fit for all": Family((np.inf,), (MeanRegularised,)),
    "mean, no ridge": Family((np.inf, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1), (MeanRegularised,)),
    "mean": Family((3.2, 1.6, 0.8, 0.4, 0.2, 0.1), (_tied(1.0), _tied(10.0), _tied(100.0))),
    "joint features": Family(SIZES, (JointFeatures,)),
    "dirty": Family((1.6, 1.1, 0.8, 0.55, 0.4), (_dirty(0.2), _dirty(0.35))),
    "trace norm": Family(SIZES, (TraceNorm,)),
    "covariance": Family((1.6, 0.8, 0.4, 0.3, 0.2, 0.14, 0.1, 0.07, 0.03, 0.01), (TaskCovariance,)),
    "clusters": Family((1.6, 0.8, 0.4, 0.2, 0.1), (grouped(2, 10.0), grouped(3, 10.0), grouped(3, 50.0))),
}
EACH = {"ridge, each": "ridge", "lasso, each": "lasso"}  # a strength for each task, not one for all of them
GP, GP_ALONE = "GP", "GP alone"
WAYS = (*FAMILIES, *EACH, GP, GP_ALONE)
ALONE = ("ridge", "ridge, each", "lasso", "lasso, each", GP_ALONE)


def chosen(way: str, errors: Mapping[str, Errors]) -> float:
    """Measure the error on noise-free test samples at the setting that validation chose; the mean over tasks."""
    validation, test = errors[EACH.get(way, way)]
    rows = validation.argmin(axis=0) if way in EACH else np.repeat(validation.mean(axis=1).argmin(), test.shape[1])
    return float(test[rows, np.arange(test.shape[1])].mean())


def first_chosen(way: str, errors: Mapping[str, Errors]) -> float:
    """Measure the first task's error on noise-free test samples, at the setting that its own validation samples chose."""
    validation, test = errors[way]
    return float(test[validation[:, 0].argmin(), 0])


def errors_of(ways: Sequence[str], data: TaskData) -> dict[str, Errors]:
    """Fit in these ways at every setting: way -> errors."""
    return {way: _errors_of(way, data) for way in dict.fromkeys(EACH.get(way, way) for way in ways)}


def _errors_of(way: str, data: TaskData) -> Errors:
    if way == GP_ALONE:
        apart = [_errors([MultiTaskGP(n_starts=1).fit(one.train.x, one.train.y)], one) for one in _one_by_one(data)]
        return np.hstack([validation for validation, _ in apart]), np.hstack([test for _, test in apart])
    if way == GP:
        ranks = range(1, min(2, len(data.tasks)) + 1)
        return _errors((MultiTaskGP(rank=rank, n_starts=1).fit(data.train.x, data.train.y) for rank in ranks), data)
    return _errors(FAMILIES[way].fits(linear_loss(data.train.x, data.train.y)), data)


def _errors(fits: Iterable[LinearFit | GPFit], data: TaskData) -> Errors:
    judges = data.validation or data.train, data.test or data.train  # the type doesn't know that there are both
    answers = [[np.hstack(fit.predict(samples.x)) for samples in judges] for fit in fits]
    validation, test = (np.stack(part) for part in zip(*answers, strict=True))
    return ((validation - judges[0].y) ** 2).mean(axis=1), ((test - judges[1].y) ** 2).mean(axis=1)


def _one_by_one(data: TaskData) -> list[TaskData]:
    return [only_tasks(data, [task]) for task in range(len(data.tasks))]
