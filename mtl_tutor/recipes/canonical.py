"""Shrinkage in canonical coordinates of predictions and labels. NumPy only."""

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import DOUBLE, check_size, checked, shown


@checked
def canonical_shrinkage(
    x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample task"], *, corrected: bool = True
) -> Float[np.ndarray, "task feature"]:
    """Least squares for every task, then shrinkage in the canonical coordinates of the labels.

    A canonical coordinate is a combination of the labels; it is shrunk the more, the less the
    inputs predict it: by ``d = c²/(c² + r(1 - c²))``, where c is its canonical correlation with the
    inputs and r = features/samples. On the fitted samples c is too large; the "corrected" form is
    that of generalised cross-validation, ``d = (1 - r)(c² - r)/((1 - r)²c² + r²(1 - c²))``, or 0 if
    that is negative.

    Parameters
    ----------
    x : Float[np.ndarray, "sample feature"]
        Inputs, each with mean 0 or meant for fits without an intercept.
    y : Float[np.ndarray, "sample task"]
        Labels of the same samples, none missing, likewise.
    corrected : bool
        Whether to shrink by the second formula.

    Raises
    ------
    ValueError
        Other samples than labels, no more samples than features, numbers that are not finite, or
        labels that are weighted sums of other labels.

    Notes
    -----
    Source: after Breiman & Friedman (1997), *Predicting multivariate responses in multiple linear
    regression*.

    Departures: labels and inputs are not centred, for models without an intercept.

    Examples
    --------
    >>> y = np.array([[2.0], [0.0], [2.0], [0.0]])
    >>> canonical_shrinkage(np.ones((4, 1)), y)  # least squares 1; c² = 1/2 and r = 1/4
    array([[0.6]])
    """
    if len(x) != len(y) or not len(x) > x.shape[1] or not y.shape[1]:
        raise ValueError(f"`x` and `y` must have the same samples, more of them than features; got {x.shape} and {y.shape}.")
    for name, value in (("x", x), ("y", y)):
        if not np.isfinite(value).all():
            raise ValueError(f"`{name}` must be finite; got {shown(value)}.")
        check_size(name, value, DOUBLE)
    if np.linalg.matrix_rank(y) < y.shape[1]:
        raise ValueError("`y` must have no column that is a weighted sum of the others. Leave one out.")
    w = np.linalg.lstsq(x, y, rcond=None)[0].T
    return shrunk(w, x @ w.T, y, x.shape[1] / len(x), corrected=corrected)


def shrunk(
    w: Float[np.ndarray, "task feature"],
    answers: Float[np.ndarray, "sample task"],
    y: Float[np.ndarray, "sample task"],
    r: float,
    *,
    corrected: bool = True,
) -> Float[np.ndarray, "task feature"]:
    """Shrink fitted weights, given their predictions and the number of features per sample."""
    root = np.linalg.cholesky(y.T @ y / len(y))
    half = np.linalg.solve(root, answers.T / np.sqrt(len(y)))
    c2, turn = np.linalg.eigh(half @ half.T)
    c2 = np.clip(c2, 0.0, 1.0)
    d = np.maximum(0.0, (1 - r) * (c2 - r) / ((1 - r) ** 2 * c2 + r**2 * (1 - c2))) if corrected else c2 / (c2 + r * (1 - c2))
    back = root @ turn  # from canonical coordinates to labels
    return back @ (d[:, None] * np.linalg.solve(back, w))
