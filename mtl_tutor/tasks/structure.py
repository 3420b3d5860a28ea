"""The structure of a problem as a graph of inputs, tasks and outputs."""

from itertools import combinations

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.results import Graph, Role
from mtl_tutor.tasks._base import TaskData

_ROLES: tuple[Role, ...] = ("main", "other", "third", "fourth")
_ANSWERS = {"regression": "a number", "binary": "yes or no"}


@checked
def task_graph(data: TaskData) -> Graph:
    """Draw up the graph of inputs, tasks, numbers of samples and outputs.

    The number between two tasks counts training samples that have labels of both; tasks without a
    common sample are not joined.

    Raises
    ------
    ValueError
        More than four tasks, for which there are no colours.

    Examples
    --------
    >>> from mtl_tutor.tasks import parity
    >>> graph = task_graph(parity(2))
    >>> graph.columns[0], graph.edges["2 features", "parity"]
    (('2 features',), '4 labels')
    """
    if len(data.tasks) > len(_ROLES):
        raise ValueError(f"`data` must have at most {len(_ROLES)} tasks to be drawn; got {len(data.tasks)}. Pick some with only_tasks.")
    names = [task.name for task in data.tasks]
    source = f"{data.n_features} features"
    answers = [f"{name}: {_ANSWERS.get(task.kind, f'one of {task.n_outputs}')}" for name, task in zip(names, data.tasks, strict=True)]
    known = np.isfinite(data.train.y)
    edges = {(source, name): f"{n} labels" for name, n in zip(names, known.sum(axis=0), strict=True)}
    edges |= dict.fromkeys(zip(names, answers, strict=True), "")
    for a, b in combinations(range(len(names)), 2):
        if both := int((known[:, a] & known[:, b]).sum()):
            edges[names[a], names[b]] = f"{both} with both"
    roles: dict[str, Role] = {node: role for row in (names, answers) for node, role in zip(row, _ROLES, strict=False)}
    return Graph(((source,), tuple(names), tuple(answers)), edges, roles)
