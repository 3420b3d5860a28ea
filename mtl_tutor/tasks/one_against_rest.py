"""One multi-class task as many binary ones."""

from dataclasses import replace

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._base import Task, TaskData


@checked
def one_against_rest(data: TaskData, task: int = 0) -> TaskData:
    """Turn a multi-class task into one binary task per class.

    Nothing in these tasks says that exactly one class is true of each sample; only the labels do.

    Parameters
    ----------
    data : TaskData
        Tasks, at least one of them multi-class.
    task : int
        Index of the multi-class task; the others are left out.

    Returns
    -------
    TaskData
        One binary task per class, in the order of the classes; a label that was missing is missing
        in all of them.

    Raises
    ------
    ValueError
        A task that the data does not have, or one that is not multi-class.

    Notes
    -----
    Source: "binary relevance" in multi-label learning, "one-vs-rest" in multi-class learning.

    Departures: none.

    Examples
    --------
    >>> from mtl_tutor.tasks import digits
    >>> data = digits(20, extra=(), seed=0)
    >>> data.train.y[0], one_against_rest(data).train.y[0]
    (array([3.]), array([0., 0., 0., 1., 0., 0., 0., 0., 0., 0.]))
    """
    if not 0 <= task < len(data.tasks) or data.tasks[task].kind != "multiclass":
        kinds = [each.kind for each in data.tasks]
        raise ValueError(f"`task` must be the index of a multi-class task; got {task} of {kinds}. Ask for classes first.")
    asked = data.tasks[task]
    classes = np.arange(asked.n_outputs)
    labels = {name: samples.y[:, [task]] for name, samples in data.splits().items()}
    splits = {name: replace(s, y=np.where(np.isnan(labels[name]), np.nan, labels[name] == classes)) for name, s in data.splits().items()}
    return TaskData(tuple(Task(f"{asked.name}: {k}", "binary") for k in classes), **splits)  # type: ignore[arg-type]
