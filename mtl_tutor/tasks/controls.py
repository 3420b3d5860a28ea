"""Control tasks: auxiliary tasks that carry no information, or no new one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mtl_tutor.checks import check_least, check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread


@checked
def only_tasks(data: TaskData, tasks: Sequence[int]) -> TaskData:
    """Select some of the tasks, over the same samples.

    Raises
    ------
    ValueError
        A task that the data does not have, or none at all.

    Examples
    --------
    >>> from mtl_tutor.tasks import sine_family
    >>> len(only_tasks(sine_family(n_tasks=3), [2]).tasks)
    1
    """
    tasks = list(tasks)
    if not tasks or min(tasks) < 0 or max(tasks) >= len(data.tasks):
        raise ValueError(f"`tasks` must be indices from 0 to {len(data.tasks) - 1}; got {tasks}.")
    splits = {name: replace(samples, y=samples.y[:, tasks]) for name, samples in data.splits().items()}
    return TaskData(tuple(data.tasks[task] for task in tasks), **splits)  # type: ignore[arg-type]


@checked
def copies_of_task(data: TaskData, task: int = 0, *, n_copies: int) -> TaskData:
    """Replace all other tasks by copies of one: more gradient, no new information.

    Returns
    -------
    TaskData
        The task, then `n_copies` more of it, named "copy 1 of …".

    Raises
    ------
    ValueError
        A task that the data does not have, or fewer than one copy.
    """
    check_least("n_copies", n_copies)
    check_room(n_samples=max(map(len, data.splits().values())), n_copies=n_copies)
    _check_task(data, task)
    copied = only_tasks(data, [task] * (n_copies + 1))
    names = (copied.tasks[0], *(replace(t, name=f"copy {k} of {t.name}") for k, t in enumerate(copied.tasks[1:], start=1)))
    return replace(copied, tasks=names)


def _check_task(data: TaskData, task: int) -> None:
    if not 0 <= task < len(data.tasks):
        raise ValueError(f"`task` must be an index from 0 to {len(data.tasks) - 1}; got {task}.")


@checked
def averaged_labels(data: TaskData) -> TaskData:
    """Replace all tasks by one whose label is the mean of theirs.

    This is what an oracle would do who knows that the tasks are the same but for their noise. The
    test labels stay those of the first task. A sample that lacks the label of some task has no mean
    either.

    Raises
    ------
    ValueError
        A task that is no regression; the mean of classes has no meaning.
    """
    if any(task.kind != "regression" for task in data.tasks):
        raise ValueError(f"`data` must hold regressions only; got {[task.kind for task in data.tasks]}. Average numbers, not classes.")
    first = only_tasks(data, [0])
    means = {name: replace(s, y=s.y.mean(axis=1, keepdims=True)) for name, s in data.splits().items() if name != "test"}
    return replace(first, **means)


@checked
def trivial_task(data: TaskData, feature: int = -1) -> TaskData:
    """Replace auxiliary tasks by predicting an input feature, which needs no hidden layer.

    Raises
    ------
    ValueError
        A task that is no regression, or a feature that the data does not have.
    """
    if any(task.kind != "regression" for task in data.tasks[1:]) or not -data.n_features <= feature < data.n_features:
        raise ValueError(f"`data` must hold regressions and `feature` be one of {data.n_features} inputs; got {feature}.")
    splits = {name: replace(s, y=np.where(np.arange(s.y.shape[1]) > 0, s.x[:, [feature]], s.y)) for name, s in data.splits().items()}
    tasks = (data.tasks[0], *(replace(task, name=f"input again ({k})") for k, task in enumerate(data.tasks[1:], start=1)))
    return TaskData(tasks, **splits)  # type: ignore[arg-type]


@checked
def noise_tasks(data: TaskData, n_tasks: int, *, sd: float = 1.0, seed: int = 0) -> TaskData:
    """Add tasks whose labels are Gaussian noise: they can be memorised, not learned.

    Parameters
    ----------
    sd : float
        Standard deviation of the labels; with 0 all labels are 0.
    seed : int
        Decides the noise, which differs between splits.

    Raises
    ------
    ValueError
        Fewer than one task, or a negative standard deviation.

    Notes
    -----
    Source: the uncorrelated tasks of Caruana (1997, §3.1).

    Departures: he names no distribution.
    """
    check_least("n_tasks", n_tasks)
    check_room(n_samples=max(map(len, data.splits().values())), n_tasks=n_tasks)
    check_spread(sd=sd)
    rng = np.random.default_rng([seed, 0x2015E])
    splits = {
        name: replace(samples, y=np.column_stack([samples.y, sd * rng.normal(size=(len(samples), n_tasks))]))
        for name, samples in data.splits().items()
    }
    return TaskData((*data.tasks, *(Task(f"noise {k + 1}") for k in range(n_tasks))), **splits)  # type: ignore[arg-type]


@checked
def reconstructed(data: TaskData, n_components: int = 16) -> TaskData:
    """Replace auxiliary tasks by predicting the leading principal components of the input.

    These need no labelling, so every sample has them, also where the first task's label is missing.

    Returns
    -------
    TaskData
        The first task, then the components from the largest on, found in the training inputs and
        scaled to variance 1 there; the other tasks are gone.

    Raises
    ------
    ValueError
        Fewer components than one, or more than the training inputs have.

    Notes
    -----
    Source: reconstruction of the input as an extra task, the unsupervised h(3) of Goodfellow,
    Bengio & Courville (2016, §7.7).

    Departures: components in the place of pixels, which are too alike to count as one task each.
    """
    x = data.train.x
    mean = x.mean(axis=0)
    _, lengths, axes = np.linalg.svd(x - mean, full_matrices=False)
    n_found = int((lengths > 1e-9 * lengths[0]).sum())
    if not 1 <= n_components <= n_found:
        raise ValueError(f"`n_components` must lie between 1 and the {n_found} of the training inputs; got {n_components}.")
    scores = axes[:n_components].T * np.sqrt(len(x)) / lengths[:n_components]
    splits = {name: replace(s, y=np.column_stack([s.y[:, 0], (s.x - mean) @ scores])) for name, s in data.splits().items()}
    return TaskData((data.tasks[0], *(Task(f"component {k}") for k in range(1, n_components + 1))), **splits)  # type: ignore[arg-type]


@checked
def shuffled_labels(data: TaskData, tasks: Sequence[int], *, seed: int = 0) -> TaskData:
    """Shuffle the labels of some tasks among the samples: same labels, no relation to the inputs.

    Training and validation labels are shuffled, each within its split and among the labelled
    samples; the test labels stay.

    Raises
    ------
    ValueError
        A task that the data does not have.

    Notes
    -----
    Source: the "shuffle test" of Caruana (1997, §3.1).

    Departures: none.
    """
    only_tasks(data, tasks)
    rng = np.random.default_rng([seed, 0x5F])
    splits = {name: _shuffled(samples, tasks, rng) for name, samples in data.splits().items() if name != "test"}
    return replace(data, **splits)


def _shuffled(samples: Samples, tasks: Sequence[int], rng: np.random.Generator) -> Samples:
    y = samples.y.copy()
    for task in tasks:
        labelled = ~np.isnan(y[:, task])
        y[labelled, task] = rng.permutation(y[labelled, task])
    return replace(samples, y=y)
