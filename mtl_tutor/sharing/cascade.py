"""Cascades: the outputs of some tasks are inputs of others."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form
from mtl_tutor.sharing.hard_sharing import HardSharing


@checked
class Cascade(Architecture):
    """Networks in a cascade: each task also reads the outputs of earlier tasks.

    Every task has a net of its own. The loss of a task also trains the nets whose outputs it reads,
    but not the reverse.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`, of each task's net.
    n_hidden : int | Sequence[int]
        As in `Architecture`, of each task's net.
    **form : Unpack[Form]
        As in `Architecture`, of each task's net.
    feeds : Sequence[Sequence[int]] | None
        For each task the tasks that it reads, counted from 0, without cycles; all tasks before it
        when not given. With none anywhere this is `SingleTask`.
    representations : bool
        Whether a task also reads the hidden activations of those tasks.
    shortcut : bool
        Whether each task also reads the inputs; those that read no other task always do.

    Raises
    ------
    ValueError
        As in `Architecture`, or the feeds are not one list of tasks for each task, or have a cycle,
        or a trunk is given.

    Notes
    -----
    Source: Hashimoto, Xiong, Tsuruoka & Socher (2017), a joint many-task model.

    Departures: perceptrons stand for LSTMs; classes are handed on as probabilities, numbers and the
    logit of a binary task as they are, and no label has an embedding; all tasks are trained at
    once, not one after the other, so there is no successive regularisation.

    Examples
    --------
    >>> feeds = [(), (0,), (0, 1)]
    >>> net = Cascade(3, n_hidden=8, n_outputs=(4, 1, 1), feeds=feeds, representations=False)
    >>> [next(level.parameters()).shape[1] for level in net.levels]  # inputs: 3, 3 + 4, 3 + 4 + 1
    [3, 7, 8]
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        feeds: Sequence[Sequence[int]] | None = None,
        representations: bool = True,
        shortcut: bool = True,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        if form.get("trunk") is not None:
            raise ValueError("`trunk` must be left out: Cascade gives later tasks more inputs than it reads.")
        self.feeds = tuple(range(task) for task in range(self.n_tasks)) if feeds is None else tuple(feeds)
        self.order = _order(self.feeds, self.n_tasks)
        self.representations, self.shortcut, levels = representations, shortcut, []
        for n, feed in zip(self.n_outputs, self.feeds, strict=True):
            form["n_outputs"] = (n,)
            handed = sum(self.n_outputs[fed] + self.width * representations for fed in feed)
            levels.append(HardSharing(n_features * (shortcut or not feed) + handed, n_hidden, **form))
        self.levels = nn.ModuleList(levels)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        answers = {task: answer for task, _, answer in self._walk(x)}
        return [answers[task] for task in range(self.n_tasks)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the nets of the tasks that others read."""
        return chain(*(self.levels[fed].parameters() for fed in sorted({*chain(*self.feeds)})))

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """How much each source contributes to each task's first layer.

        "shares" [task source]: the sources are the tasks and, last, the inputs. A source counts by
        its standard deviations times the absolute weights on it; a task's shares add up to 1.
        """
        shares = np.zeros((self.n_tasks, self.n_tasks + 1))
        for task, read, _ in self._walk(x):
            weight = self.levels[task].trunk[0].weight  # type: ignore[union-attr, index]
            strength = (torch.cat(read, -1).std(0, correction=0) * weight.abs().sum(0)).detach().cpu()
            sources = [*[self.n_tasks] * (len(read) - len(self.feeds[task])), *self.feeds[task]]
            shares[task, sources] = [part.sum() for part in strength.split([h.shape[-1] for h in read])]
        return {"shares": shares / shares.sum(axis=1, keepdims=True)}

    def _walk(self, x: Float[Tensor, "sample feature"]) -> Iterator[tuple[int, list[Tensor], Float[Tensor, "sample output"]]]:
        """Each task with its inputs and outputs; tasks that others read come first."""
        handed: dict[int, Tensor] = {}
        for task in self.order:
            level, feed = self.levels[task], self.feeds[task]
            read = ([x] if self.shortcut or not feed else []) + [handed[fed] for fed in feed]
            representation = level.trunk(torch.cat(read, -1))  # type: ignore[operator]
            answer = level.heads[0](representation)  # type: ignore[index, operator]
            known = answer.softmax(-1) if answer.shape[-1] > 1 else answer
            handed[task] = torch.cat([representation, known], -1) if self.representations else known
            yield task, read, answer


def _order(feeds: Sequence[Sequence[int]], n_tasks: int) -> tuple[int, ...]:
    try:
        if len(feeds) == n_tasks and all(0 <= fed < n_tasks for feed in feeds for fed in feed):
            return tuple(TopologicalSorter(dict(enumerate(feeds))).static_order())
    except CycleError:
        pass
    raise ValueError(f"`feeds` must name tasks for each of {n_tasks} and run in no circle, such as [(), (0,)] for two; got {feeds}.")
