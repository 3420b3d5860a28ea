"""A multi-task Gaussian process that learns the covariance of the tasks."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist, pdist

from mtl_tutor.checks import DOUBLE, check_least, check_size, checked
from mtl_tutor.sharing._whole_tables import negative_log_likelihood as of_whole_table
from mtl_tutor.sharing.coregionalisation import Coregionalisation, GPFit

_FLAT = 1e-2  # nats per label and unit of a parameter; L-BFGS-B ends far below
LEAST, MOST = 1e-6, 1e2  # own and noise variances, as shares of a task's label variance: beyond, the Cholesky factor is rounding error


@checked
@dataclass(frozen=True)
class MultiTaskGP:
    """Gaussian process for several tasks, with a learned covariance between them.

    The hyperparameters maximise the likelihood of the labels, by L-BFGS from a few random starts. A
    step costs the cube of the number of labels: a thousand, all tasks together, are plenty. With
    ten labels per task, the most likely correlations are often too extreme: near 1, or of the wrong
    sign.

    Parameters
    ----------
    rank : int
        Columns of A: the number of latent functions that the tasks share.
    n_starts : int
        Random starts, of which the one with the highest likelihood is kept.
    seed : int
        Decides the starts.

    Raises
    ------
    ValueError
        A rank or a number of starts below 1.

    Notes
    -----
    Source: Bonilla, Chai & Williams (2008), the intrinsic coregionalisation model.

    Departures: B = A A' + diag(v), not a free Cholesky factor; the search is by gradients
    throughout, not EM; each task's mean is that of its labels; one length scale for all features;
    no Nyström approximation.

    Examples
    --------
    >>> x = np.linspace(0, 3, 9)[:, None]
    >>> y = np.column_stack([np.sin(x), -np.sin(x)])
    >>> y[4:, 1] = np.nan  # the second task was asked near zero only
    >>> fit = MultiTaskGP().fit(x, y)
    >>> fit.inspect()["task_correlation"][0, 1].round(2), fit.predict(np.array([[2.5]]))[1].round(1)
    (np.float64(-1.0), array([[-0.6]]))
    """

    rank: int = 1
    n_starts: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        check_least("rank", self.rank)
        check_least("n_starts", self.n_starts)

    @checked
    def fit(
        self, x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample task"], *, kinds: Sequence[str] | None = None
    ) -> GPFit:
        """Maximise the likelihood, and condition on the labels.

        Parameters
        ----------
        x : Float[np.ndarray, "sample feature"]
            One row of features per sample, all in comparable units: there is one length scale.
        y : Float[np.ndarray, "sample task"]
            One column of numbers per task; NaN where a label is missing.
        kinds : Sequence[str] | None
            Of the tasks; only "regression" is supported.

        Raises
        ------
        ValueError
            A task of classes or without labels, samples that don't match, features that aren't
            finite, infinite labels, or a rank above the number of tasks.
        """
        check_labels(x, y, kinds=kinds, rank=self.rank)
        mean, scale = units_of(y)
        standard = (y - mean) / scale
        ends = [_climb(model, x, standard) for model in (self.start(x, standard, number) for number in range(self.n_starts))]
        best, slope = max(ends, key=lambda end: end[0].given(x, standard).log_likelihood)
        if slope > _FLAT:
            from sklearn.exceptions import ConvergenceWarning  # a second to import, so only when needed

            warnings.warn(
                f"The likelihood has not reached its maximum: a slope of {slope:.1g} per label is left. Take more `n_starts`.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return best.in_units(scale, mean).given(x, y)

    @checked
    def start(self, x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample task"], number: int = 0) -> Coregionalisation:
        """Draw an initial model, for labels of mean 0 and variance 1.

        Raises
        ------
        ValueError
            A negative number, or inputs or labels whose squares are not finite.
        """
        check_least("number", number, 0)
        check_labels(x, y, kinds=None, rank=self.rank)
        rng, n_tasks = np.random.default_rng([self.seed, number]), y.shape[1]
        mixing = rng.normal(size=(n_tasks, self.rank)) / self.rank**0.5
        typical = np.median(pdist(x)) if len(np.unique(x, axis=0)) > 1 else 1.0
        own = np.full(n_tasks, 0.3)
        return Coregionalisation(mixing, own, own, float(typical * rng.uniform(0.2, 1)), np.zeros(n_tasks))


def check_labels(
    x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample task"], *, kinds: Sequence[str] | None, rank: int
) -> None:
    """Require finite inputs, and numbers as labels of every task."""
    if len(x) != len(y):
        raise ValueError(f"`x` and `y` must have a row per sample; got shapes {np.shape(x)} and {np.shape(y)}.")
    if not np.isfinite(x).all() or np.isinf(y).any():
        raise ValueError("`x` must be finite, and `y` finite or NaN; got other entries. Impute or drop those samples.")
    check_size("x", x, DOUBLE)
    check_size("y", y, DOUBLE)
    silent = np.flatnonzero(np.isnan(y).all(axis=0))
    if len(silent):
        raise ValueError(f"`y` must have a label of every task; got none of tasks {silent}. Drop them.")
    if kinds is not None and (len(kinds) != y.shape[1] or {*kinds} != {"regression"}):
        raise ValueError(f"`kinds` must be 'regression', once per task; got {tuple(kinds)}. A Gaussian process answers with numbers.")
    if rank > y.shape[1]:
        raise ValueError(f"`rank` must be at most the number of tasks, {y.shape[1]}; got {rank}.")


def units_of(y: Float[np.ndarray, "sample task"]) -> tuple[Float[np.ndarray, "task"], Float[np.ndarray, "task"]]:
    """Each task's mean label, and its standard deviation, or 1 where labels are constant."""
    spread = np.nanstd(y, axis=0)
    return np.nanmean(y, axis=0), np.where(spread > 0, spread, 1.0)


def _climb(
    start: Coregionalisation, x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample task"]
) -> tuple[Coregionalisation, float]:
    """Where the likelihood is largest near a start, and the slope that is left there, per label."""
    task, sample = np.nonzero(~np.isnan(y.T))
    shape, labels = start.mixing.shape, y[sample, task]
    whole = not np.isnan(y).any()
    squared = cdist(x, x, "sqeuclidean") if whole else cdist(x[sample], x[sample], "sqeuclidean")
    scale = np.log(start.length_scale)
    limits = [(-10.0, 10.0)] * start.mixing.size + [(np.log(LEAST), np.log(MOST))] * 2 * shape[0] + [(scale - 7, scale + 7)]
    first = np.concatenate([start.mixing.ravel(), np.log(start.own), np.log(start.noise), [scale]])

    def loss_of(values: np.ndarray) -> tuple[float, np.ndarray]:
        parts = _unpack(values, shape)
        return of_whole_table(*parts, squared, y) if whole else _negative_log_likelihood(*parts, squared, task, labels)

    found = minimize(loss_of, first, jac=True, method="L-BFGS-B", bounds=limits)
    mixing, own, noise, length_scale = _unpack(found.x, shape)
    low, high = np.array(limits).T
    left = np.clip(found.x - found.jac, low, high) - found.x  # what a limit holds back is no slope
    return Coregionalisation(mixing, own, noise, length_scale, start.mean), float(np.abs(left).max() / len(labels))


def _unpack(values: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    mixing, own, noise, scale = np.split(values, np.cumsum([shape[0] * shape[1], shape[0], shape[0]]))
    return mixing.reshape(shape), np.exp(own), np.exp(noise), float(np.exp(scale[0]))


def _negative_log_likelihood(
    mixing: Float[np.ndarray, "task param"],
    own: Float[np.ndarray, "task"],
    noise: Float[np.ndarray, "task"],
    length_scale: float,
    squared: Float[np.ndarray, "sample sample"],
    task: Int[np.ndarray, "sample"],
    labels: Float[np.ndarray, "sample"],
) -> tuple[float, np.ndarray]:
    """-log p(labels) without its constant, and its gradient, for any pattern of missing labels.

    The gradient is ½ tr((K⁻¹ - α α') dK) with α = K⁻¹ labels.
    """
    alike = np.exp(-squared / (2 * length_scale**2))
    prior = (mixing @ mixing.T + np.diag(own))[np.ix_(task, task)] * alike
    factor = np.linalg.cholesky(prior + np.diag(noise[task]))
    alpha = cho_solve((factor, True), labels)
    pull = (cho_solve((factor, True), np.eye(len(task))) - np.outer(alpha, alpha)) / 2
    whose = np.eye(len(mixing))[task]
    on_tasks = whose.T @ (pull * alike) @ whose
    slopes = [2 * (on_tasks @ mixing).ravel(), own * np.diag(on_tasks), noise * (whose.T @ np.diag(pull))]
    slopes.append(np.array([(pull * prior * squared).sum() / length_scale**2]))
    return float(labels @ alpha / 2 + np.log(np.diag(factor)).sum()), np.concatenate(slopes)
