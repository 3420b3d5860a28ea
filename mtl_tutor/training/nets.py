"""Trained nets in hand: plain modules with the weights loaded, and the probabilities they answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from mtl_tutor.checks import checked
from mtl_tutor.results import History
from mtl_tutor.training.first_weights import state_of
from mtl_tutor.training.replicas import fitting, parameters_of, predict


@overload
def nets(
    model: nn.Module, history: History, *, seed: int, at: int | Literal["last", "best"] = "last", task: str | int | None = None
) -> nn.Module: ...


@overload
def nets(
    model: nn.Module,
    history: History,
    *,
    seed: Sequence[int] | None = None,
    at: int | Literal["last", "best"] = "last",
    task: str | int | None = None,
) -> list[nn.Module]: ...


@checked
def nets(
    model: nn.Module,
    history: History,
    *,
    seed: int | Sequence[int] | None = None,
    at: int | Literal["last", "best"] = "last",
    task: str | int | None = None,
) -> Any:
    """Return trained nets as plain modules: copies of the model with the weights loaded.

    Parameters
    ----------
    model : nn.Module
        The module that was trained. It is copied and stays as it is.
    history : History
        What `train` returned.
    seed : int or sequence of int, optional
        The seed whose net is wanted, or several; all of them when not given.
    at : int, "last" or "best"
        Which weights: those of the last step, whose errors `history.last()` reads; those after a step in `keep_at`;
        or those of the lowest validation loss of `task` (`keep_best`), whose errors `history.best()` reads.
    task : str or int, optional
        With at="best": the task's name, or its place. Needed where there are several: each has a best step of its own.

    Returns
    -------
    nn.Module or list of nn.Module
        One net for one seed, otherwise a list in the order of `seed`, or of `history.seeds`. They are on the CPU, in
        the precision of training, and in evaluation mode.

    Raises
    ------
    ValueError, TypeError
        A seed that was not trained, or more than once; a net that diverged; weights that were not kept; or another
        model than the one that was trained.

    Examples
    --------
    >>> from mtl_tutor.sharing import HardSharing
    >>> from mtl_tutor.tasks import sine_family
    >>> from mtl_tutor.training import train
    >>> model, data = HardSharing(n_features=1, n_hidden=8, n_tasks=2), sine_family(n_tasks=2, n_samples=16, seed=0)
    >>> net = nets(model, train(model, data, seeds=3, steps=20), seed=2)
    >>> [tuple(answer.shape) for answer in net(torch.zeros(5, 1))]
    [(5, 1), (5, 1)]
    """
    if at == "best" and task is None and len(history.tasks) > 1:
        raise ValueError(
            f"`task` must say whose best weights are meant, one of {', '.join(map(repr, history.tasks))}; got None. "
            "`predict` takes for each task its own."
        )
    parameters = history.best_parameters(0 if task is None else task) if at == "best" else parameters_of(history, at)
    rows = _rows(history, seed)
    made = [_loaded(model, {name: values[row] for name, values in parameters.items()}) for row in rows]
    return made[0] if isinstance(seed, int) else made


def _rows(history: History, seed: int | Sequence[int] | None) -> list[int]:
    known = history.seeds.tolist()
    wanted = known if seed is None else [seed] if isinstance(seed, int) else list(seed)
    rows = list(range(len(known))) if seed is None else []
    for one in wanted if seed is not None else ():
        if (n_rows := known.count(one)) != 1:
            found = "was not trained" if n_rows == 0 else f"was trained {n_rows} times. Take its row from the list of all nets"
            some = ", ".join(map(str, known[:8])) + (", …" if len(known) > 8 else "")
            raise ValueError(f"`seed` must be a seed of one net of `history` ({some}); {one} {found}.")
        rows.append(known.index(one))
    if diverged := [known[row] for row in rows if history.diverged[row]]:
        raise ValueError(
            f"`seed` must name nets whose training stayed finite; that of {', '.join(map(str, diverged[:8]))} did not. "
            "Leave them out, or train with a smaller `lr`."
        )
    return rows


def _loaded(model: nn.Module, values: Mapping[str, np.ndarray]) -> nn.Module:
    net = fitting(model, {name: value.shape for name, value in values.items()})
    dtype = next(torch.from_numpy(value).dtype for value in values.values() if value.dtype.kind == "f")
    net = net.to("cpu", dtype)
    with torch.no_grad():
        for name, tensor in state_of(net).items():
            tensor.copy_(torch.from_numpy(np.array(values[name])))
    return net


@checked
def predict_proba(
    model: nn.Module,
    history: History,
    x: Float[np.ndarray, "..."],
    *,
    at: int | Literal["last", "best"] = "last",
) -> dict[str, Float[np.ndarray, "seed sample class"]]:
    """Return every trained net's probabilities of the classes, where `predict` returns logits.

    Parameters
    ----------
    model, history, x, at
        As in `predict`.

    Returns
    -------
    dict of Float[ndarray, "seed sample class"]
        Name of each classification -> probabilities that add up to 1; those of 0 and 1 for a binary task.

    Raises
    ------
    ValueError, TypeError
        All tasks are regressions, or as in `predict`.

    Notes
    -----
    The softmax of the logits; a binary task's logit stands for class 1, against 0 for class 0.
    """
    if not any(kind != "regression" for kind in history.kinds):
        raise ValueError(f"`history` must have a classification among its tasks; {', '.join(history.tasks)} have none. Use `predict`.")
    answers = zip(history.tasks, history.kinds, predict(model, history, x, at=at), strict=True)
    return {task: _softmax(kind, logits) for task, kind, logits in answers if kind != "regression"}


def _softmax(kind: str, logits: Float[np.ndarray, "seed sample output"]) -> Float[np.ndarray, "seed sample class"]:
    every = np.concatenate([np.zeros_like(logits), logits], -1) if kind == "binary" else logits
    return torch.from_numpy(every).softmax(-1).numpy()
