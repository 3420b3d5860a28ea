"""Shrinkage in the canonical coordinates of answers and labels. NumPy only."""

import numpy as np
from jaxtyping import Float


def canonical_shrinkage(
    x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample task"], *, corrected: bool = True
) -> Float[np.ndarray, "task feature"]:
    """Fit every task by itself, then shrink the fits towards what all the labels together say can be
    predicted.

    In the combinations of the labels that can be predicted best (their canonical coordinates) the
    fits stay; the worse a combination can be predicted, the more it is shrunk: by d = c²/(c² + r(1
    - c²)), where c is its canonical correlation with the inputs and r = features/samples. On the
    samples fitted, c is too large; "corrected" is what generalised cross-validation makes of it, d
    = (1 - r)(c² - r)/((1 - r)²c² + r²(1 - c²)), or 0 if that is negative.

    Parameters
    ----------
    x, y
        Inputs and labels of the same samples, none missing, each with mean 0 or meant for fits
        without an intercept.
    corrected : bool
        Whether to shrink by the second formula.

    Notes
    -----
    Source: after Breiman & Friedman (1997), *Predicting multivariate responses in multiple linear
    regression*.

    Departures: labels and inputs are not centred, for models without an intercept.

    Examples
    --------
    >>> canonical_shrinkage(np.ones((4, 1)), np.array([[2.0], [0.0], [2.0], [0.0]]))  # alone 1; c² = 1/2 and r = 1/4
    array([[0.6]])
    """
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
    """Shrink fitted weights, given what they answer to labelled samples, and how many features they use per sample."""
    root = np.linalg.cholesky(y.T @ y / len(y))
    half = np.linalg.solve(root, answers.T / np.sqrt(len(y)))
    c2, turn = np.linalg.eigh(half @ half.T)
    c2 = np.clip(c2, 0.0, 1.0)
    d = np.maximum(0.0, (1 - r) * (c2 - r) / ((1 - r) ** 2 * c2 + r**2 * (1 - c2))) if corrected else c2 / (c2 + r * (1 - c2))
    back = root @ turn  # from canonical coordinates to labels
    return back @ (d[:, None] * np.linalg.solve(back, w))
