"""A feature that can be used as an input or as an auxiliary output."""

from typing import Literal

import numpy as np

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import LARGEST, check_spread

N_BITS = 10
Place = Literal["output", "input", "nowhere"]


@checked
def sigmoid_sums(
    n_samples: int = 50,
    *,
    place: Place = "output",
    low: float = 0.0,
    noise: float = 0.0,
    n_held_out: int = 1000,
    seed: int = 0,
) -> TaskData:
    """Predict sigmoid(A + B) from bits, with sigmoid(A - B) as an output, an input, or not at all.

    A and B are uniform in [-5, 5] and enter as ten bits each, the highest first.

    Parameters
    ----------
    n_samples : int
        Training samples.
    place : Place
        Where sigmoid(A - B) is used: "output", "input" or "nowhere".
    low : float
        Input value of a bit that is 0; a bit that is 1 has the value 1.
    noise : float
        Standard deviation of noise on sigmoid(A - B): on all inputs, or on training and validation
        labels.
    n_held_out : int
        Validation samples, and as many for the test.
    seed : int
        Decides samples and noise; for the same seed A and B are the same wherever sigmoid(A - B)
        goes.

    Returns
    -------
    TaskData
        "sum", a regression without noise, and for "output" a second one, "difference"; 20 features,
        or 21 for "input".

    Raises
    ------
    ValueError
        No samples, an unknown place, bits that are all 1, or negative noise.

    Notes
    -----
    Source: Caruana (1997, §4.9).

    Departures: the paper doesn't say how its bits enter, nor has it noise.

    Examples
    --------
    >>> data = sigmoid_sums(place="input")
    >>> data.n_features, [task.name for task in data.tasks]
    (21, ['sum'])
    """
    if min(n_samples, n_held_out) < 1:
        raise ValueError(f"`n_samples` and `n_held_out` must be at least 1; got {n_samples} and {n_held_out}.")
    check_spread(noise=noise)
    if low == 1 or not abs(low) <= LARGEST:
        raise ValueError(f"`low` must be another number than 1, and of moderate size; got {low}.")
    check_room(n_samples=n_samples, n_bits=2 * N_BITS)
    check_room(n_held_out=n_held_out, n_bits=2 * N_BITS)
    tasks = (Task("sum"), Task("difference")) if place == "output" else (Task("sum"),)
    rng = np.random.default_rng([seed, 0x51])

    def samples(n: int, label_noise: float) -> Samples:
        a, b = rng.uniform(-5, 5, size=(2, n))
        x, y = low + (1 - low) * np.column_stack([_bits(a), _bits(b)]), _sigmoid(a + b)
        feature = _sigmoid(a - b) + (noise if place == "input" else label_noise) * rng.normal(size=n)
        return Samples(np.column_stack([x, feature]) if place == "input" else x, np.column_stack([y, feature][: len(tasks)]))

    return TaskData(tasks, samples(n_samples, noise), samples(n_held_out, noise), samples(n_held_out, 0.0))


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _bits(a: np.ndarray) -> np.ndarray:
    steps = np.minimum((a + 5) / 10 * 2**N_BITS, 2**N_BITS - 1).astype(int)
    return steps[:, None] >> np.arange(N_BITS)[::-1] & 1
