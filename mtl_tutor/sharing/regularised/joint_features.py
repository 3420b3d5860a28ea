"""Joint feature learning: all tasks use the same features (l2,1 norm)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.sharing.regularised._base import Parts, Regularised


@dataclass(frozen=True)
class JointFeatures(Regularised):
    """Joint feature selection: a feature is used by all tasks or by none (l2,1 norm).

    The penalty is the sum over features of the Euclidean norm of the feature's weights in all
    outputs. Once one task uses a feature, its use by the others adds little to the penalty; a
    feature that no task needs much has weight zero in all.

    Parameters
    ----------
    strength : float
        Strength of the penalty: loss per unit of weight. With regressions alone it is the `alpha`
        of scikit-learn's MultiTaskLasso.

    Raises
    ------
    ValueError
        The strength is negative or not finite.

    Notes
    -----
    Found: `importance` [feature], the length of each feature's weights; `kept` [feature], whether
    that is above zero.

    Source: Obozinski, Taskar & Jordan (2010), joint covariate selection.

    Departures: a task's loss is the mean over its samples, not their sum; regressions stand beside
    classifications; solved by proximal steps, not by following the path of strengths. Argyriou,
    Evgeniou & Pontil (2008) square the norm, which has the same minima at other strengths.

    Examples
    --------
    One feature of two is the labels; the penalty takes the strength off its length, |(3, 4)| = 5,
    and keeps its direction.

    >>> x = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> fit = JointFeatures(1.0).fit(x, np.outer([1, 1, -1, -1], [3.0, 4.0]))
    >>> fit.weights.round(6).tolist(), fit.found["kept"].tolist()
    ([[2.4, 0.0], [3.2, 0.0]], [True, False])
    """

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Strength times the sum of the features' norms."""
        return self.strength * float(np.linalg.norm(parts, axis=0).sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Soft-threshold every feature's norm."""
        length = np.linalg.norm(parts, axis=0)
        return parts * (np.maximum(length - step * self.strength, 0) / np.where(length > 0, length, 1))

    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """The norm of each feature's weights, and whether it is used at all."""
        importance = np.linalg.norm(parts, axis=0)
        return {"importance": importance, "kept": importance > 0}
