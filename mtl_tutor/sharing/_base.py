"""The base class of all architectures: sizes, layers, heads and initial weights."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypedDict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, check_room, checked
from mtl_tutor.sharing.own_trunk import OwnTrunk, fixed_kept, reset_outermost

MOST_TASKS = 10_000
"""More tasks than that take minutes to build."""
MOST_PARTS = 10_000
"""The most experts, modules or levels."""
MOST_SCALE = 1e6
MOST_STRENGTH = 1e30  # nets compute in single precision, which ends at 3e38


class Form(TypedDict, total=False):
    """Keyword arguments that every architecture takes; `Architecture` explains each."""

    n_outputs: Sequence[int] | None
    activation: type[nn.Module]
    init_scale: float
    trunk: nn.Module | None


@checked
class Architecture(nn.Module, ABC):
    """Base class: one network with an output for each of several tasks.

    A plain module: `forward` takes samples and returns one tensor of outputs per task, numbers for
    a regression and logits for a classification. A subclass builds its parts and ends by calling
    `reset_parameters`. It may have a method `penalty()`, whose value `train` adds to the sum of the
    losses.

    Parameters
    ----------
    n_features : int
        Number of input features.
    n_hidden : int | Sequence[int]
        Width of the hidden layer, or one width per layer; with a trunk of your own, its number of
        outputs.
    n_tasks : int
        Number of tasks.
    n_outputs : Sequence[int] | None
        Outputs per task, the number of classes for a multi-class one; one each when not given.
    activation : type[nn.Module]
        Activation function after each hidden layer.
    init_scale : float
        Weights start as N(0, init_scale² / fan-in), biases at zero. With a small scale features are
        learned from almost nothing ("rich" training); with a large one the random features stay.
    trunk : nn.Module | None
        A module of your own, from [sample feature] to [sample hidden], copied wherever the
        architecture needs one and reset by its own `reset_parameters`; a multi-layer perceptron
        when not given. To keep pretrained weights, freeze them: `trunk.requires_grad_(False)`.

    Raises
    ------
    ValueError
        A width, a count or the scale is not positive, or the trunk does not return [sample hidden].
    """

    not_in_keys = ("_template",)  # no number of a training depends on the trunk that was copied from

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_outputs: Sequence[int] | None = None,
        activation: type[nn.Module] = nn.ReLU,
        init_scale: float = 1.0,
        trunk: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.n_features = n_features
        self.n_hidden = (n_hidden,) if isinstance(n_hidden, int) else tuple(n_hidden)
        check_least("n_tasks", n_tasks, most=MOST_TASKS)
        self.n_outputs = (1,) * n_tasks if n_outputs is None else tuple(n_outputs)
        self.activation, self.init_scale = activation, init_scale
        _check_sizes(self)
        _check_activation(activation, self.width)
        self._template = (trunk,)  # in a tuple: it is copied from, it is no part of the net
        if trunk is not None:
            _check_trunk(trunk, n_features, self.width)

    @property
    def n_tasks(self) -> int:
        """Number of tasks."""
        return len(self.n_outputs)

    @property
    def width(self) -> int:
        """Width of the trunk's last layer, which the heads read."""
        return self.n_hidden[-1]

    @abstractmethod
    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""

    @abstractmethod
    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Parameters that receive gradients from more than one task's loss."""

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """What the net learned about sharing, as named arrays.

        Gates and the like are those of the samples given.
        """
        return {}

    def reset_parameters(self) -> None:
        """Draw new weights from torch's global generator.

        Linear layers are drawn as `init_scale` says, other layers by their own `reset_parameters`.
        A subclass with parameters of its own (`nn.Parameter`) extends this method to draw them.
        """
        with fixed_kept(self):
            _draw(self, self.init_scale)

    def new_trunk(self) -> nn.Module:
        """A new trunk, from [sample feature] to [sample hidden].

        It is a copy of the reader's own, or a multi-layer perceptron.
        """
        if self._template[0] is not None:
            return OwnTrunk(self._template[0])
        return nn.Sequential(*(module for layer in self.new_layers() for module in layer))  # type: ignore[attr-defined]

    def new_layers(self) -> nn.ModuleList:
        """The hidden layers of a new trunk, each a linear map and its activation.

        Raises
        ------
        ValueError
            The reader gave a trunk of their own, whose layers are not known.
        """
        if self._template[0] is not None:
            raise ValueError(f"`trunk` must be left out: {type(self).__name__} works between the layers, so it builds its own.")
        widths = (self.n_features, *self.n_hidden)
        return nn.ModuleList(nn.Sequential(nn.Linear(fan_in, fan_out), self.activation()) for fan_in, fan_out in pairwise(widths))

    def new_heads(self, width: int | None = None) -> nn.ModuleList:
        """One linear head per task, on inputs of this width (a trunk's when not given)."""
        return nn.ModuleList(nn.Linear(width or self.width, n) for n in self.n_outputs)


def _draw(net: nn.Module, init_scale: float) -> None:
    """Draw all parts: linear layers at the architecture's scale, others by their own resets."""
    for part in net.children():
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=init_scale / part.in_features**0.5)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif _resets_itself(part):
            reset_outermost(part)
        else:
            _draw(part, init_scale)


def _resets_itself(part: nn.Module) -> bool:
    return any(callable(getattr(part, name, None)) for name in ("reset_parameters", "_reset_parameters"))


def _check_sizes(net: Architecture) -> None:
    sizes = {"n_features": (net.n_features,), "n_hidden": net.n_hidden, "n_tasks or n_outputs": net.n_outputs}
    for name, values in sizes.items():
        if not values or min(values) < 1:
            raise ValueError(f"`{name}` must be at least 1; got {values if len(values) != 1 else values[0]}. Choose positive sizes.")
    for fan_in, fan_out in pairwise((net.n_features, *net.n_hidden, max(net.n_outputs))):
        check_room(n_hidden=fan_in, n_outputs=fan_out)
    if not 0 < net.init_scale <= MOST_SCALE:
        raise ValueError(
            f"`init_scale` must be positive, and at most {MOST_SCALE:g}; got {net.init_scale}. With zero weights no feature ever grows."
        )


def _check_activation(activation: type[nn.Module], width: int) -> None:
    try:
        with torch.no_grad():
            answer = activation().eval()(torch.zeros(2, width))
    except Exception as error:
        raise ValueError(f"`activation` must work without arguments, as nn.ReLU does; got {activation.__name__}.") from error
    if not isinstance(answer, Tensor) or answer.shape != (2, width):
        raise ValueError(f"`activation` must keep the shape of what it is given, as nn.ReLU does; got {activation.__name__}.")


def _check_trunk(trunk: nn.Module, n_features: int, width: int) -> None:
    try:
        with torch.no_grad():
            answer = copy.deepcopy(trunk)(torch.zeros(2, n_features))
    except Exception as error:
        reason = " ".join(str(error).split())[:120]
        raise ValueError(f"`trunk` must take samples of {n_features} features; it raised {type(error).__name__}: {reason}.") from error
    found = tuple(answer.shape) if isinstance(answer, Tensor) else type(answer).__name__
    if found != (2, width):
        raise ValueError(f"`trunk` must answer 2 samples with shape (2, {width}), `n_hidden` numbers each; got {found}.")
