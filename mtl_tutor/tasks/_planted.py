"""Toy problems that come with the structure that made them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_least, check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData

LARGEST = 1e30  # nets compute in single precision, which ends at 3e38
N_TEST = 500  # enough that a mean squared error is known to a few percent


@checked
@dataclass(frozen=True, eq=False)
class Planted:
    """Data together with the structure that made them, to score what a method finds.

    Attributes
    ----------
    data : TaskData
        The samples. Test labels have no noise, so the test error is what is lost beyond the noise.
    truth : Mapping[str, np.ndarray]
        Name -> array of what there is to be found; each generator names them and their axes.
    """

    data: TaskData
    truth: Mapping[str, np.ndarray] = field(repr=False)


def check_planted(noise: float, **counts: int) -> None:
    """Require positive counts, room for the samples, and noise >= 0."""
    for name, count in counts.items():
        check_least(name, count)
    check_room(**{name: counts[name] for name in ("n_tasks", "n_samples", "n_features") if name in counts})
    for name, count in counts.items():
        if name != "n_tasks":
            check_room(**{name: count}, n_tasks=counts["n_tasks"])
    check_spread(noise=noise)


def check_spread(**spreads: float) -> None:
    """Require standard deviations: zero or more, and small enough for the labels to stay finite."""
    for name, value in spreads.items():
        if not 0 <= value <= LARGEST:
            rule = "zero or more" if value < 0 else f"at most {LARGEST:g}"
            raise ValueError(f"`{name}` must be {rule}; got {value}. It is a standard deviation.")


def bent(z: Float[np.ndarray, "*point"]) -> Float[np.ndarray, "*point"]:
    """Unit-variance tanh: ``tanh(1.5 z) / 0.7353`` has variance 1 where z is standard normal."""
    return np.tanh(1.5 * z) / 0.7353


def sampled(
    answers: Callable[[Float[np.ndarray, "sample feature"]], Float[np.ndarray, "sample task"]],
    inputs: Callable[[tuple[int, int]], Float[np.ndarray, "sample feature"]],
    size: tuple[int, int],
    names: Sequence[str],
    *,
    noise: float,
    separate: bool,
    rng: np.random.Generator,
) -> TaskData:
    """Draw samples of regressions: noisy training and validation labels, noise-free test labels.

    The test samples are drawn first, so that they stay the same whatever the noise and the number
    of training samples.
    """
    n_samples, n_features = size
    x = inputs((N_TEST, n_features))
    test = Samples(x, answers(x))

    def noisy() -> Samples:
        x = inputs((n_samples * (len(names) if separate else 1), n_features))
        true = answers(x)
        y = true + noise * rng.normal(size=true.shape)
        asked = np.repeat(np.eye(len(names), dtype=bool), n_samples, axis=0) if separate else True
        return Samples(x, np.where(asked, y, np.nan))

    return TaskData(tuple(Task(name) for name in names), noisy(), noisy(), test)


def turns(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random matrices with orthonormal columns (Haar): QR with the signs of R's diagonal."""
    q, r = np.linalg.qr(rng.normal(size=shape))
    return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]


def vectors_with_cosines(
    cosines: Float[np.ndarray, "task task"], n_features: int, rng: np.random.Generator
) -> Float[np.ndarray, "task feature"]:
    """Draw unit vectors with exactly these cosines.

    They are the symmetric root of the matrix of cosines, times random orthonormal rows. Eigenvalues
    give the root, since copies or opposites of a task leave no Cholesky factor.
    """
    values, axes = np.linalg.eigh(cosines)
    root = axes * np.sqrt(np.maximum(values, 0)) @ axes.T
    return root @ turns(rng, n_features, len(cosines)).T
