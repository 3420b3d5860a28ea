"""Tasks with two solutions: each can be solved from either of two groups of bits."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_named, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import LARGEST

Signs = Float[np.ndarray, "sample feature"]


@checked
def bit_groups(
    solvable_from: Sequence[tuple[str, str]] = (("a", "b"), ("a", "c")),
    *,
    strength: Mapping[str, float] | None = None,
    others: str = "silent",
) -> TaskData:
    """Tasks that can each be solved from either of two groups of bits.

    A group is a pair of bits, each +1 or -1; its value is their product. In a task's training
    samples both of its groups have the same value, and the label is that value: a net may learn to
    read either group. The test samples make the two groups disagree and are labelled by the first
    one, so a net's test error is the share of predictions that follow its second group. Every
    pattern occurs once; nothing is drawn at random.

    Parameters
    ----------
    solvable_from : Sequence[tuple[str, str]]
        For each task, the names of its two groups. By default two tasks: the first can be solved
        from A or B, the second from A or C.
    strength : Mapping[str, float] | None
        Group -> factor on its two inputs in all samples (1 where not given). A larger factor makes
        a group easier to learn.
    others : str
        What a task's samples have in the groups that it does not need: "silent" (zeros) or "random"
        (all patterns).

    Returns
    -------
    TaskData
        2 features per group, in order of first mention; one binary task per pair, each with samples
        of its own.

    Raises
    ------
    ValueError
        No tasks, a task that names one group twice, an unknown group in `strength`, or a bad
        `others`.

    Notes
    -----
    Source: the set-up described in Caruana (1997, §3.2, representation bias), which gives no
    construction.

    Departures: all of it; the bits are ours.

    Examples
    --------
    >>> data = bit_groups()
    >>> data.train.x.shape, [task.name for task in data.tasks]
    ((16, 6), ['a or b', 'a or c'])
    """
    groups = list(dict.fromkeys(group for pair in solvable_from for group in pair))
    strength = dict(strength or {})
    _check(solvable_from, groups, strength, others)
    scale = np.repeat([float(strength.get(group, 1.0)) for group in groups], 2)
    tasks = tuple(Task(f"{first} or {second}", "binary") for first, second in solvable_from)
    train, test = [], []
    for task, (first, second) in enumerate(solvable_from):
        shown = set(groups) if others == "random" else {first, second}
        x = _patterns([group in shown for group in groups])
        word = {group: x[:, 2 * k] * x[:, 2 * k + 1] for k, group in enumerate(groups)}
        agree = word[first] == word[second]
        train.append(_labelled(x[agree] * scale, word[first][agree], task, len(tasks)))
        test.append(_labelled(x[~agree] * scale, word[first][~agree], task, len(tasks)))
    return TaskData(tasks, train=_stack(train), test=_stack(test))


def _patterns(shown: list[bool]) -> Signs:
    choices = [(-1.0, 1.0) if active else (0.0,) for active in shown for _ in range(2)]
    return np.array(list(product(*choices)))


def _labelled(x: Signs, word: np.ndarray, task: int, n_tasks: int) -> Samples:
    y = np.full((len(x), n_tasks), np.nan)
    y[:, task] = word > 0
    return Samples(x, y)


def _stack(parts: list[Samples]) -> Samples:
    return Samples(np.concatenate([part.x for part in parts]), np.concatenate([part.y for part in parts]))


def _check(solvable_from: Sequence[tuple[str, str]], groups: list[str], strength: dict[str, float], others: str) -> None:
    if not solvable_from or any(len(pair) != 2 or pair[0] == pair[1] for pair in solvable_from):
        raise ValueError(f"`solvable_from` must give each task two different groups; got {solvable_from!r}.")
    if len(groups) > 6 and others == "random":
        raise ValueError(f"`solvable_from` must name at most 6 groups when `others` is 'random'; got {len(groups)}.")
    if unknown := set(strength) - set(groups):
        raise ValueError(f"`strength` must name groups of the tasks, {groups}; got {sorted(unknown)}.")
    if not all(0 < value <= LARGEST for value in strength.values()):
        raise ValueError(f"`strength` must be positive, and at most {LARGEST:g}; got {strength}.")
    check_named("others", others, ("silent", "random"))
