"""The general path: any plain module and any balancing method, through `torch.func.vmap` and autograd.

The whole step, forwards and backwards, is recorded once as a list of plain tensor operations and then replayed:
that spares vmap's and autograd's bookkeeping at every step. So a module or method that does something else
from call to call, apart from what its tensors say, cannot be trained here.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.utils._pytree import tree_map

from mtl_tutor.balancing import Balancing, HybridBalancing, LossWeighting, State
from mtl_tutor.tasks import Task
from mtl_tutor.training._base import Stack
from mtl_tutor.training.balancing_trials import first_state
from mtl_tutor.training.first_weights import state_of
from mtl_tutor.training.losses import Labels, LossFunction, losses_of
from mtl_tutor.training.recording import ALIGN, record
from mtl_tutor.training.threads import alone
from mtl_tutor.training.trials import told

Recorded = dict[tuple[object, ...], Callable[..., Any]]
"""Name of a function and the shape of its samples -> the operations it came down to. Chunks of one call share it."""


class _Batch(NamedTuple):
    x: Tensor  # [seed sample feature …]
    labels: Labels  # [seed sample task]


class StackedModule(Stack):
    """All seeds of any module. One backward pass serves all of them: no seed's loss depends on another's parameters.

    `draws` yields the balancing method's random numbers, [seed ...] for every step (none if not given); `losses` are the
    user's own, one entry per task. `skip` leaves out of every update what isn't finite.
    """

    def __init__(
        self,
        model: nn.Module,
        tasks: Sequence[Task],
        method: Balancing,
        n_seeds: int,
        like: Tensor,
        recorded: Recorded,
        *,
        draws: Iterator[Tensor] | None = None,
        losses: Sequence[LossFunction | None] = (),
        skip: bool = False,
    ) -> None:
        self._tasks, self._method, self._skip = tasks, method, skip
        self._draws = repeat(like.new_empty(n_seeds, 0)) if draws is None else draws
        self._losses = losses
        self._net = copy.deepcopy(model).to(like.device, like.dtype)
        shared = {id(p) for p in getattr(self._net, "shared_parameters", self._net.parameters)()}
        trained = {name: p for name, p in self._net.named_parameters() if p.requires_grad}
        trained = dict(sorted(trained.items(), key=lambda item: id(item[1]) not in shared))  # the shared ones come first
        sizes = {name: p.numel() for name, p in trained.items()}
        self._n_shared = sum(size for name, size in sizes.items() if id(trained[name]) in shared)
        self._shapes = {name: p.shape for name, p in trained.items()}
        self._sizes = [*sizes.values(), -sum(sizes.values()) % ALIGN]  # every seed starts on a cache line
        self.parameters = like.new_zeros(n_seeds, sum(self._sizes))
        self.gradient = torch.zeros_like(self.parameters)
        still = {name: value for name, value in state_of(self._net).items() if name not in trained}
        self._still = {name: value.detach().expand(n_seeds, *value.shape).clone() for name, value in still.items()}
        self.named = self._views(self.parameters) | self._still
        self._recorded = recorded
        start = first_state(method, len(tasks), {name: size for name, size in sizes.items() if id(trained[name]) in shared})
        self._state = tree_map(lambda value: _for_every_seed(value, n_seeds, like), start)

    def _views(self, flat: Float[Tensor, "seed param"]) -> dict[str, Tensor]:
        parts = flat.split(self._sizes, 1)
        return {name: part.view(-1, *shape) for part, (name, shape) in zip(parts, self._shapes.items(), strict=False)}

    def spread(self, per_seed: Float[Tensor, "seed"]) -> Float[Tensor, "seed 1"]:
        """Repeat a number per seed for each of its parameters."""
        return per_seed[:, None]

    def inputs(self, x: Tensor) -> Tensor:
        """Return the samples unchanged."""
        return x

    def batches(
        self,
        x: Float[Tensor, "step seed sample *feature"],
        y: Float[Tensor, "step seed sample task"],
        kept: Float[Tensor, "step seed hidden sample"] | None = None,
    ) -> Sequence[_Batch]:
        """Return samples and labels, step by step; `train` allows no dropout here, where hidden units are unknown."""
        n_seeds = len(self.parameters)
        x, labels = x.expand(-1, n_seeds, *x.shape[2:]), Labels.of(y.expand(-1, n_seeds, -1, -1), len(self._tasks))
        return [_Batch(x[i], labels.at(i)) for i in range(len(x))]

    def outputs(self, x: Float[Tensor, "seed sample *feature"]) -> list[Float[Tensor, "seed sample output"]]:
        """Return the outputs of every task."""
        return self._replay(self._answer, self.parameters, self._still, x)

    def differentiate(self, batch: _Batch) -> list[Float[Tensor, "seed sample output"]]:
        """Compute `gradient` and the method's next state; return the outputs."""
        memory = self._state, next(self._draws)
        self.gradient, self._state, *outputs = self._replay(self._step, self.parameters, self._still, *batch, *memory)
        return outputs

    def _replay(self, function: Callable[..., Any], *arguments: Any) -> Any:
        key = (function.__name__, arguments[2].shape)
        if key not in self._recorded:
            with alone():
                self._recorded[key] = self._record(function, *arguments)
        return self._recorded[key](*arguments)

    def _record(self, function: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
        try:
            with torch.autograd.set_detect_anomaly(False):  # it looks for NaN in numbers that a recording doesn't have
                return record(function, *arguments)
        except Exception as error:  # whatever torch, the model or the method says
            raise told(error, self._net, self._method) from error

    def _answer(self, flat: Tensor, still: Mapping[str, Tensor], x: Tensor) -> list[Tensor]:
        return stacked_forward(self._net, {**self._views(flat), **still}, x)

    def _step(
        self, flat: Tensor, still: Mapping[str, Tensor], x: Tensor, labels: Labels, state: State, noise: Tensor
    ) -> list[Tensor | State]:
        with torch.enable_grad():
            leaf = flat.detach().requires_grad_()
            outputs = self._answer(leaf, still, x)
            losses, absent = losses_of(self._tasks, outputs, labels, self._losses), labels.n_known == 0
            if self._skip:  # no slope passes `where`, not even zero times infinity
                odd = ~losses.detach().isfinite()
                absent = absent | odd
                answers = [torch.where(odd[:, i, None, None], 0, output) for i, output in enumerate(outputs)]
                losses = losses_of(self._tasks, answers, labels, self._losses)
            penalty = penalties(self._net, {**self._views(leaf), **still}).sum() if hasattr(self._net, "penalty") else None
        if isinstance(self._method, LossWeighting):
            gradient, state = _weighted(self._method, leaf, losses, absent, state, noise)
        else:  # a hybrid: `train` lets nothing else in
            hybrid = cast(HybridBalancing, self._method)
            gradient, state = _operated(hybrid, leaf, losses, absent, self._n_shared, state, noise)
        if penalty is not None and penalty.requires_grad:  # no method weighs it: it is no task
            gradient = gradient + torch.autograd.grad(penalty, leaf)[0]
        if self._skip:
            gradient = gradient.nan_to_num(0.0, 0.0, 0.0)
        return [gradient, state, *(output.detach() for output in outputs)]


def _for_every_seed(value: Tensor, n_seeds: int, like: Tensor) -> Tensor:
    value = value.to(like.device, like.dtype if value.is_floating_point() else value.dtype)
    return value.expand(n_seeds, *value.shape).clone()


def _weighted(
    method: LossWeighting, leaf: Tensor, losses: Float[Tensor, "seed task"], absent: Bool[Tensor, "seed task"], *memory: Any
) -> tuple[Tensor, State]:
    seen = losses.detach().masked_fill(absent, float("nan"))
    weights, state = vmap(method.weigh)(seen, *memory)
    return torch.autograd.grad(losses, leaf, weights.detach().masked_fill(absent, 0))[0], state


def _operated(
    method: HybridBalancing,
    leaf: Tensor,
    losses: Float[Tensor, "seed task"],
    absent: Bool[Tensor, "seed task"],
    n_shared: int,
    state: State,
    noise: Tensor,
) -> tuple[Tensor, State]:
    one_hot = torch.eye(losses.shape[1], dtype=losses.dtype, device=losses.device)
    jacobian = torch.stack([torch.autograd.grad(losses, leaf, row.expand_as(losses), retain_graph=True)[0] for row in one_hot], 1)
    seen = losses.detach().masked_fill(absent, float("nan"))
    shared, weights, own = jacobian[:, 0, :0], torch.ones_like(seen), jacobian[..., n_shared:]
    if n_shared:
        shared, weights, state = vmap(method.balance)(seen, jacobian[..., :n_shared].contiguous(), state, noise)
    own = (weights.detach().masked_fill(absent, 0)[..., None] * own).sum(1)
    return torch.cat([shared.detach(), own], 1), state


def stacked_forward(
    net: nn.Module, named: Mapping[str, Tensor], x: Float[Tensor, "seed sample *feature"]
) -> list[Float[Tensor, "seed sample output"]]:
    """Call one module with every seed's parameters on every seed's samples, and return its outputs."""
    return vmap(lambda values, inputs: list(functional_call(net, values, (inputs,))))(dict(named), x)


class _Penalty(nn.Module):
    """A module whose forward is the penalty of another, because `functional_call` calls nothing else."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self) -> Float[Tensor, ""]:
        return self.net.penalty()  # type: ignore[operator]


def penalties(net: nn.Module, named: Mapping[str, Tensor]) -> Float[Tensor, "seed"]:
    """Return the penalty of one module with every seed's parameters."""
    wrapped = _Penalty(net)
    return vmap(lambda values: functional_call(wrapped, values, ()))({f"net.{name}": value for name, value in named.items()})
