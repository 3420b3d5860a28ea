"""Four binary tasks on eight bits that all need one hard feature: the parity of the last seven."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._base import Samples, Task, TaskData

HARD = ("B1 or parity", "not B1 or parity", "B1 and parity", "not B1 and parity", "parity")
QUESTIONS: tuple[str, ...] = (*HARD, *(f"B{k}" for k in range(1, 9)))
"""What can be asked: Tasks 1 to 4 of 1993, parity itself, and each bit, which is no question at all."""


@checked
def eight_bits(questions: Sequence[str] = HARD[:4], n_samples: int = 96, *, seed: int = 0) -> TaskData:
    """Binary tasks on eight bits, in which the first bit hides the parity of the others.

    The label of "B1 or parity" depends on the parity only where B1 is off, that of "not B1 or
    parity" only where it is on.

    Parameters
    ----------
    questions : Sequence[str]
        Names in `QUESTIONS`, the main task first.
    n_samples : int
        Training patterns; half of the others are for validation and half for the test.
    seed : int
        Decides which patterns are in which split.

    Returns
    -------
    TaskData
        Eight bits of -1 or +1, and one binary task per question.

    Raises
    ------
    ValueError
        An unknown question, one asked twice or none at all, or more patterns than leave two over.

    Notes
    -----
    Source: Caruana (1993), after student code that repeats it.

    Departures: how many patterns are learned from is ours.

    Examples
    --------
    >>> data = eight_bits(n_samples=64)
    >>> len(data.train), len(data.validation), len(data.test), data.n_outputs
    (64, 96, 96, (1, 1, 1, 1))
    """
    if not questions or len({*questions}) < len(questions) or {*questions} - {*QUESTIONS}:
        raise ValueError(f"`questions` must be different ones of {QUESTIONS}; got {tuple(questions)}. For copies use `copies_of_task`.")
    if not 1 <= n_samples <= 254:
        raise ValueError(f"`n_samples` must lie between 1 and 254 of the 256 patterns; got {n_samples}. The rest judges what was learned.")
    x = np.random.default_rng([seed, 0xB1]).permutation(np.array(list(product((-1.0, 1.0), repeat=8))))
    first, odd = x[:, 0] > 0, (x[:, 1:] > 0).sum(axis=1) % 2 == 1
    answers = [first | odd, ~first | odd, first & odd, ~first & odd, odd, *(x > 0).T]
    y = 1.0 * np.column_stack([answers[QUESTIONS.index(question)] for question in questions])
    middle = (n_samples + 256) // 2
    learned, chosen, judged = (Samples(x[part], y[part]) for part in (slice(n_samples), slice(n_samples, middle), slice(middle, None)))
    return TaskData(tuple(Task(question, "binary") for question in questions), learned, chosen, judged)
