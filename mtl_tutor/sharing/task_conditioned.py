"""One net for all tasks, conditioned on a code of the task."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, check_room, checked
from mtl_tutor.sharing._base import Architecture, Form

_NEAR = 0.1  # standard deviation of the codes at the start


class _Coded(Architecture):
    """Base class of nets that are conditioned on a learned code of the task."""

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int, *, n_code: int, shared_head: bool | None, form: Form
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_code", n_code)
        check_room(n_code=n_code, n_hidden=2 * max(self.n_hidden))
        is_alike = len(set(self.n_outputs)) == 1
        if shared_head and not is_alike:
            raise ValueError(f"`shared_head` must be False where tasks differ in their numbers of outputs; got {self.n_outputs}.")
        self.n_code = n_code
        self.codes = nn.ParameterList(torch.empty(n_code) for _ in self.n_outputs)
        self.layers = self.new_layers()
        self.heads = self.new_heads()
        if shared_head or (shared_head is None and is_alike):
            self.heads = self.heads[:1]

    def reset_parameters(self) -> None:
        """Draw new weights and small codes, so that all tasks start from nearly the same net."""
        super().reset_parameters()
        for code in self.codes:
            nn.init.normal_(code, std=_NEAR)

    @abstractmethod
    def _represent(self, x: Float[Tensor, "sample feature"], codes: Float[Tensor, "task param"]) -> Float[Tensor, "task sample hidden"]:
        """The last hidden layer, once for each code."""

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        representations = self._represent(x, torch.stack(list(self.codes)))
        if len(self.heads) < self.n_tasks:
            return list(self.heads[0](representations))
        return [head(representations[task]) for task, head in enumerate(self.heads)]

    @checked
    def answer(self, x: Float[Tensor, "sample feature"], code: Float[Tensor, "param"]) -> Float[Tensor, "sample output"]:
        """Outputs for any code, also one that was never trained.

        Raises
        ------
        ValueError
            The code has another length, or every task has a head of its own.
        """
        if x.shape[1] != self.n_features:
            raise ValueError(f"`x` must have {self.n_features} features; got shape {tuple(x.shape)}.")
        if code.shape != (self.n_code,):
            raise ValueError(f"`code` must have shape ({self.n_code},), as the tasks' codes have; got {tuple(code.shape)}.")
        if len(self.heads) > 1:
            raise ValueError("`code` alone says nothing about a head: every task has its own. Build the net with `shared_head=True`.")
        return self.heads[0](self._represent(x, code[None])[0])

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: all but the codes, and but the heads where each task has its own."""
        own = {id(p) for p in chain(self.codes, self.heads.parameters() if len(self.heads) > 1 else ())}
        return (p for p in self.parameters() if id(p) not in own)

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The tasks' codes: "codes" [task code]."""
        return {"codes": torch.stack(list(self.codes)).detach().cpu().numpy()}


@checked
class TaskConditioned(_Coded):
    """One net for all tasks, whose hidden units are scaled and shifted by a code of the task.

    Hidden layer: activation((1 + scale) · (W h + b) + shift), where (scale, shift) are linear in
    the task's code, which is learned.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; the layers are the net's own, so `trunk` is refused.
    n_code : int
        Length of a task's code.
    shared_head : bool | None
        Whether all tasks have the same head; when not given, if all have the same number of
        outputs.

    Raises
    ------
    ValueError
        `n_code` below 1, `shared_head` for tasks with different numbers of outputs, or as in
        `Architecture`.

    Notes
    -----
    Source: Perez et al. (2018, eq. 1-2, FiLM).

    Departures: the code is a task's and learned, where theirs is calculated from a question;
    features are modulated before every activation of a multi-layer perceptron, theirs in residual
    blocks of convolutions.

    Examples
    --------
    >>> net = TaskConditioned(n_features=3, n_hidden=8, n_tasks=2)
    >>> between = (net.codes[0] + net.codes[1]) / 2
    >>> net.answer(torch.zeros(5, 3), between).shape
    torch.Size([5, 1])
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_code: int = 2,
        shared_head: bool | None = None,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, n_code=n_code, shared_head=shared_head, form=form)
        self.films = nn.ModuleList(nn.Linear(n_code, 2 * width, bias=False) for width in self.n_hidden)
        self.reset_parameters()

    def _represent(self, x: Float[Tensor, "sample feature"], codes: Float[Tensor, "task param"]) -> Float[Tensor, "task sample hidden"]:
        h = x
        for (linear, activation), film in zip(self.layers, self.films, strict=True):  # type: ignore[misc]
            scale, shift = film(codes)[:, None].chunk(2, -1)
            h = activation((1 + scale) * linear(h) + shift)
        return h


@checked
class TaskEmbedding(_Coded):
    """One net for all tasks, with a learned code of the task appended to its inputs.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; the layers are the net's own, so `trunk` is refused.
    n_code : int
        Length of a task's code.
    shared_head : bool | None
        Whether all tasks have the same head; when not given, if all have the same number of
        outputs.

    Raises
    ------
    ValueError
        `n_code` below 1, `shared_head` for tasks with different numbers of outputs, or as in
        `Architecture`.

    Notes
    -----
    Source: none; the plainest way to tell a net its task.

    Departures: weights on features and weights on the code are drawn apart, each scaled by its own
    number of inputs.

    Examples
    --------
    >>> net = TaskEmbedding(n_features=3, n_hidden=8, n_tasks=2)
    >>> net.inspect(torch.zeros(5, 3))["codes"].shape
    (2, 2)
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_code: int = 2,
        shared_head: bool | None = None,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, n_code=n_code, shared_head=shared_head, form=form)
        self.code_weights = nn.Linear(n_code, self.n_hidden[0], bias=False)
        self.reset_parameters()

    def _represent(self, x: Float[Tensor, "sample feature"], codes: Float[Tensor, "task param"]) -> Float[Tensor, "task sample hidden"]:
        linear, activation = self.layers[0]  # type: ignore[misc]
        h = activation(linear(x) + self.code_weights(codes)[:, None])  # the product with [x, code], without a copy of x per task
        for layer in self.layers[1:]:
            h = layer(h)
        return h
