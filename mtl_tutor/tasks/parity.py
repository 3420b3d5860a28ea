"""The parity of a few bits, and easier tasks on the same bits."""

from itertools import product

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_named, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData

AUXILIARY = ("counts", "flipped counts", "copies", "inputs", "constants", "random", "or-and")


@checked
def parity(n_bits: int = 4, auxiliary: str = "counts", *, seed: int = 0) -> TaskData:
    """Parity of all bits as the main task, with `n_bits` auxiliary tasks.

    All 2^n patterns are training, validation and test samples at once: the question is whether a
    net can be trained to solve them, not whether it generalises.

    Parameters
    ----------
    n_bits : int
        Inputs of -1 or +1.
    auxiliary : str
        "counts" (are at least k bits on? for two bits these are OR and AND), "flipped counts" (the
        same after some inputs are negated, others for each task), "copies" (of parity), "inputs"
        (is bit k on?), "constants" (always yes), "random" (random labels, other ones for each
        seed), or "or-and": then the main task is "first bit on, or parity of the others?", beside
        the same with the first bit negated, and both with "and" for "or".
    seed : int
        Decides flips and random labels.

    Returns
    -------
    TaskData
        Binary tasks, the main one first.

    Raises
    ------
    ValueError
        Fewer than two bits, more than ten, or an unknown kind of auxiliary tasks.

    Notes
    -----
    Source: hints for XOR as in Suddarth and Kergosien (1990); "or-and" as in Caruana (1993).

    Departures: the hints are ours, and Caruana's bits are eight.

    Examples
    --------
    >>> parity(n_bits=2).train.y.astype(int).tolist()  # XOR, OR, AND
    [[0, 0, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1]]
    """
    if not 2 <= n_bits <= 10:
        raise ValueError(f"`n_bits` must lie between 2 and 10; got {n_bits}.")
    check_named("auxiliary", auxiliary, AUXILIARY)
    x = np.array(list(product((-1.0, 1.0), repeat=n_bits)))
    y = np.column_stack(_labels(x, auxiliary, np.random.default_rng([seed, 0x9A])))
    names = ("parity" if auxiliary != "or-and" else "first bit or parity", *(f"{auxiliary} {k}" for k in range(1, y.shape[1])))
    samples = Samples(x, y)
    return TaskData(tuple(Task(name, "binary") for name in names), samples, samples, samples)


def _labels(x: Float[np.ndarray, "sample feature"], auxiliary: str, rng: np.random.Generator) -> list[Float[np.ndarray, "sample"]]:
    n_bits = x.shape[1]
    on = x > 0
    odd = on.sum(axis=1) % 2.0
    if auxiliary == "or-and":
        rest = on[:, 1:].sum(axis=1) % 2 == 1
        return [1.0 * answer for answer in (on[:, 0] | rest, ~on[:, 0] | rest, on[:, 0] & rest, ~on[:, 0] & rest)]
    flips = rng.choice([-1.0, 1.0], size=(n_bits, n_bits)) if auxiliary == "flipped counts" else np.ones((n_bits, n_bits))
    counted = {"counts", "flipped counts"}
    others = {
        "copies": [odd] * n_bits,
        "inputs": [1.0 * on[:, k] for k in range(n_bits)],
        "constants": [np.ones(len(x))] * n_bits,
        "random": [1.0 * (rng.random(len(x)) < 0.5) for _ in range(n_bits)],
    }
    return [odd, *([1.0 * ((x * flips[k] > 0).sum(axis=1) > k) for k in range(n_bits)] if auxiliary in counted else others[auxiliary])]
