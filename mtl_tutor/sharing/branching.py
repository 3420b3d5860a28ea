"""Branching networks: tasks share the first layers, then part by a given or learned tree."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, checked
from mtl_tutor.sharing._base import MOST_STRENGTH, Architecture, Form

_COLDEST = 1e-6  # what lies below is zero in single precision


@checked
class Branching(Architecture):
    """Network that branches: tasks share some layers, then part, by a given or a learned tree.

    Each branch of a layer reads one branch of the layer before, and each task one of the last
    layer's. While the tree is learned, each choice is a softmax over branches, and a penalty on its
    entropy makes it more and more definite. One net often ends at a wrong tree: train many, and
    `cut_tree` their mean "tree_distance".

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`, of each branch.
    n_hidden : int | Sequence[int]
        As in `Architecture`, of each branch.
    **form : Unpack[Form]
        As in `Architecture`, of each branch.
    n_branches : Sequence[int] | None
        Number of branches of each layer; those of a balanced tree when not given.
    tree : Sequence[Sequence[int]] | None
        A fixed tree, such as `grow_tree` finds: for each layer the group of every task. Tasks in
        one group share the layer, and have shared all layers before.
    temperature : float
        Temperature of the softmax; below 1 choices become definite sooner.
    crispness : float
        Weight of the choices' mean entropy (nats) in the loss; without effect where the tree is
        given.

    Raises
    ------
    ValueError
        As in `Architecture`; or a trunk is given; or counts are not one per layer and 1 or more; or
        groups are not one per layer and task, or tasks meet again after they parted; or the
        temperature isn't positive or the crispness negative.

    Notes
    -----
    Source: Guo, Lee & Ulbricht (2020), a softmax over parents at every child.

    Departures: the softmax itself, where the paper draws from it (Gumbel-softmax): nothing is drawn
    in a forward pass here; so crisp choices need the penalty, which is ours; the temperature is
    constant; the mixture stays when training ends, and no branch is pruned.

    Examples
    --------
    >>> pairs = Branching(n_features=3, n_hidden=(8, 8), n_tasks=4, tree=[[0, 0, 0, 0], [0, 0, 1, 1]])
    >>> pairs.inspect(torch.zeros(5, 3))["tree_distance"].tolist()
    [[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]]
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_branches: Sequence[int] | None = None,
        tree: Sequence[Sequence[int]] | None = None,
        temperature: float = 1.0,
        crispness: float = 0.01,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("crispness", crispness, 0, MOST_STRENGTH)
        if not temperature >= _COLDEST:
            raise ValueError(f"`temperature` must be at least {_COLDEST:g}; got {temperature}. At 1 the choices are a plain softmax.")
        self.temperature, self.crispness, depth = temperature, crispness, len(self.n_hidden)
        self.tree = None if tree is None else _checked(tree, depth, self.n_tasks)
        counts = _counts(n_branches, depth, self.n_tasks) if self.tree is None else [max(groups) + 1 for groups in self.tree]
        stacks = [self.new_layers() for _ in range(max(counts))]
        self.branches = nn.ModuleList(nn.ModuleList(stack[i] for stack in stacks[:n]) for i, n in enumerate(counts))
        self.heads = self.new_heads()
        sizes = pairwise([*counts, self.n_tasks]) if self.tree is None else ()
        self.choices = nn.ParameterList(_choice(children, parents) for parents, children in sizes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights; all branches are equally likely."""
        super().reset_parameters()
        for choice in self.choices:
            nn.init.zeros_(choice)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        grown = [branch(x) for branch in self.branches[0]]  # type: ignore[union-attr]
        for children, parents in zip([*self.branches[1:], self.heads], self._parents(), strict=True):
            read = torch.einsum("cp,pnh->cnh", parents, torch.stack(grown)) if isinstance(parents, Tensor) else [grown[p] for p in parents]
            grown = [child(h) for child, h in zip(children, read, strict=True)]  # type: ignore[arg-type]
        return grown

    def penalty(self) -> Float[Tensor, ""]:
        """Mean entropy of the choices, times `crispness`."""
        if self.tree is not None:
            return self.branches[0][0][0].weight.new_zeros(())  # type: ignore[index]
        return self.crispness * torch.cat([torch.special.entr(choice).sum(-1) for choice in self._parents()]).mean()  # type: ignore[arg-type]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: choices and branches; of a given tree, the branches of several tasks."""
        if self.tree is None:
            return chain((choice for choice in self.choices if choice.requires_grad), self.branches.parameters())
        layers = zip(self.branches, self.tree, strict=True)
        return chain(*(branch.parameters() for layer, groups in layers for g, branch in enumerate(layer) if groups.count(g) > 1))  # type: ignore[arg-type]

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """The tree: the tasks' routes through the branches, and distances between tasks.

        "routes_1", … [task branch]: the weight of each branch of that hidden layer in a task's
        output. "tree_distance" [task task]: in how many hidden layers two tasks' routes differ, the
        sum of 1 - the cosine of their routes.
        """
        routes = self._routes()
        distance = sum(1 - _cosines(route) for route in routes)
        return {f"routes_{i}": route for i, route in enumerate(routes, 1)} | {"tree_distance": np.asarray(distance)}

    def _parents(self) -> Iterator[Tensor | list[int]]:
        """From the second layer to the heads: [child parent], or the index of each child's parent."""
        if self.tree is None:
            yield from (choice.div(self.temperature).softmax(-1) for choice in self.choices)
            return
        for below, above in pairwise([*self.tree, range(self.n_tasks)]):
            yield [below[above.index(child)] for child in range(max(above) + 1)]

    def _routes(self) -> list[Float[np.ndarray, "task path"]]:
        if self.tree is not None:
            return [np.eye(max(groups) + 1)[list(groups)] for groups in self.tree]
        steps = [parents.detach().cpu().double().numpy() for parents in self._parents()]  # type: ignore[union-attr]
        return list(accumulate(reversed(steps), np.matmul))[::-1]


def _choice(children: int, parents: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(children, parents), requires_grad=parents > 1)


def _cosines(routes: Float[np.ndarray, "task path"]) -> Float[np.ndarray, "task task"]:
    length = np.linalg.norm(routes, axis=1)
    return routes @ routes.T / np.outer(length, length)


def _counts(n_branches: Sequence[int] | None, depth: int, n_tasks: int) -> Sequence[int]:
    if n_branches is None:
        return [math.ceil(n_tasks ** (layer / (depth + 1)) - 1e-9) for layer in range(1, depth + 1)]
    if len(n_branches) != depth or min(n_branches) < 1:
        raise ValueError(f"`n_branches` must be {depth} counts of 1 or more, one per hidden layer; got {tuple(n_branches)}.")
    return n_branches


def _checked(tree: Sequence[Sequence[int]], depth: int, n_tasks: int) -> list[list[int]]:
    """Number each layer's groups 0, 1, 2, …"""
    if len(tree) != depth or any(len(groups) != n_tasks for groups in tree):
        raise ValueError(
            f"`tree` must have {depth} layers with a group for each of {n_tasks} tasks; got {[len(groups) for groups in tree]}."
        )
    numbered = [np.unique(np.asarray(groups), return_inverse=True)[1].tolist() for groups in tree]
    for layer, (below, above) in enumerate(pairwise(numbered), 2):
        if len({*zip(below, above, strict=True)}) > max(above) + 1:
            raise ValueError(f"`tree` must keep tasks apart once they parted; in layer {layer} some meet again.")
    return numbered
