"""The fast path: trunk-and-heads nets with constant weights, differentiated by hand.

Each layer of all seeds is one batched matrix product. Nothing is allocated while training. Hidden activations lie
as [seed hidden sample], so that the last axis is long even where a layer is narrow, and weights as
[seed fan-in fan-out], which makes the products for the gradients cheap. Widths are filled up with units whose
weights are zero and stay zero: all seeds then have the same alignment in memory, hence the same rounding.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.balancing import Balancing, EqualWeighting, FixedWeighting, StatelessWeighting
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import Task
from mtl_tutor.training._base import Stack, filled_up
from mtl_tutor.training.losses import answers_of_, targets_of

_ALIGN = 16  # 64 bytes of float32: a cache line, and the widest vector register
_ACTIVATIONS: dict[type[nn.Module], tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]] = {
    # forwards in place, and backwards in place: (slope after, activation) -> slope before
    nn.ReLU: (torch.relu_, lambda slope, a: torch.ops.aten.threshold_backward.grad_input(slope, a, 0, grad_input=slope)),
    nn.Tanh: (torch.tanh_, lambda slope, a: torch.ops.aten.tanh_backward.grad_input(slope, a, grad_input=slope)),
}


def fits(model: nn.Module, method: Balancing) -> bool:
    """Whether this path knows the model and the method: the package's own nets, untouched, under constant weights."""
    if type(method) not in (EqualWeighting, FixedWeighting) or type(model) not in (HardSharing, SingleTask):
        return False
    return _is_untouched(model) and all(_is_plain(net) for _, net in _nets(model))


def _is_untouched(model: nn.Module) -> bool:
    """Whether all parameters are trained, none has two names, and no hook was added."""
    names = list(model.named_parameters(remove_duplicate=False))
    is_whole = len(names) == len(list(model.named_parameters())) and all(p.requires_grad for _, p in names)
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return is_whole and not any(getattr(part, hook) for part in model.modules() for hook in hooks)


def _nets(model: nn.Module) -> list[tuple[str, HardSharing]]:
    return [(name, net) for name, net in model.named_modules() if type(net) is HardSharing]


def _is_plain(net: HardSharing) -> bool:
    if type(net.trunk) is not nn.Sequential:
        return False
    linears, activations = list(net.trunk)[0::2], list(net.trunk)[1::2]
    known = len(linears) == len(activations) and {type(a) for a in activations} <= {net.activation} <= _ACTIVATIONS.keys()
    return known and all(type(layer) is nn.Linear for layer in [*linears, *net.heads])


class _Layer(NamedTuple):
    weight: Tensor  # [seed fan-in fan-out]
    bias: Tensor | None  # [seed fan-out 1]; the first layer needs none, it reads a feature that is always 1


class _Pages(NamedTuple):
    """What is written on at every step, allocated once for each number of samples."""

    activations: list[Tensor]  # per layer [seed fan-out sample], the outputs last
    slopes: list[Tensor]  # how much the weighted loss rises with each of them
    answers: list[Tensor]  # the outputs, task by task: [seed sample output]


class _Batch(NamedTuple):
    x: Tensor  # [seed feature sample]
    targets: list[Tensor]  # per net: [seed output sample]
    scales: list[Tensor]  # per net: what the slope of the mean loss is multiplied by, [output 1] or [seed output sample]
    kept: list[tuple[Tensor, ...]]  # per net and hidden layer: factors on its units [seed hidden sample]; nothing without dropout


class StackedMLP(Stack):
    """All seeds of a `HardSharing` net, or of the independent nets that make up `SingleTask`."""

    sample_multiple = _ALIGN

    def __init__(self, model: nn.Module, tasks: Sequence[Task], method: StatelessWeighting, n_seeds: int, like: Tensor) -> None:
        nets = _nets(model)
        self._widths = [[_up(n, _ALIGN) for n in net.n_hidden] for _, net in nets]
        self.n_units = sum(map(sum, self._widths))
        self.n_features, self._n_seeds = nets[0][1].n_features, n_seeds
        self._shapes = [shape for _, net in nets for shape in _shapes(net, n_seeds)]
        self._sizes = [_up(prod(shape), _ALIGN) for shape in self._shapes]  # every block starts on a cache line
        self.parameters = like.new_zeros(sum(self._sizes))
        self.gradient = torch.zeros_like(self.parameters)
        weights = method.weights_for(torch.zeros(len(tasks), dtype=torch.float64)).tolist()
        values, slopes = iter(self._blocks(self.parameters)), iter(self._blocks(self.gradient))
        asked = iter(zip(tasks, weights, strict=True))
        self._nets = [_StackedNet(net, [next(asked) for _ in net.heads], values, slopes) for _, net in nets]
        self.named = {
            f"{prefix}.{name}".lstrip("."): view
            for (prefix, net), stacked in zip(nets, self._nets, strict=True)
            for name, view in stacked.named(net)
        }

    def _blocks(self, buffer: Tensor) -> list[Tensor]:
        parts = zip(buffer.split(self._sizes), self._shapes, strict=True)
        return [part[: prod(shape)].view(shape) for part, shape in parts]

    def spread(self, per_seed: Float[Tensor, "seed"]) -> Tensor:
        """Give every parameter its seed's number; one number, repeated, where all seeds have the same."""
        if (per_seed == per_seed[0]).all():
            return per_seed[:1].expand_as(self.parameters)
        spread = torch.zeros_like(self.parameters)
        for block in self._blocks(spread):
            block.copy_(per_seed[:, None, None].expand_as(block))
        return spread

    def inputs(self, x: Tensor) -> Tensor:
        """Append the feature that is always 1, and zeros."""
        padded = filled_up(x, -1, 4, extra=1)
        padded[..., self.n_features] = 1
        return padded

    def batches(
        self,
        x: Float[Tensor, "step seed sample feature"],
        y: Float[Tensor, "step seed sample task"],
        kept: Float[Tensor, "step seed hidden sample"] | None = None,
    ) -> Sequence[_Batch]:
        """Targets and scales of all steps of an epoch at once."""
        first = [sum(len(net.asked) for net in self._nets[:i]) for i in range(len(self._nets))]
        pairs = [net.targets(y[..., i:]) for net, i in zip(self._nets, first, strict=True)]
        x = x.expand(-1, self._n_seeds, -1, -1).mT
        layers = [self._by_layer(step) for step in kept] if kept is not None else [[()] * len(self._nets)] * len(x)
        return [_Batch(x[i], [t[i] for t, _ in pairs], [s[i] for _, s in pairs], layers[i]) for i in range(len(x))]

    def _by_layer(self, kept: Float[Tensor, "seed hidden sample"]) -> list[tuple[Tensor, ...]]:
        nets = kept.split([sum(widths) for widths in self._widths], 1)
        return [net.split(widths, 1) for net, widths in zip(nets, self._widths, strict=True)]

    def outputs(self, x: Tensor) -> list[Float[Tensor, "seed sample output"]]:
        """Answer every task."""
        return [answer for net in self._nets for answer in net.forward(x.mT).answers]

    def differentiate(self, batch: _Batch) -> list[Float[Tensor, "seed sample output"]]:
        """Fill `gradient`; return the answers on the way."""
        outputs = []
        for net, target, scale, kept in zip(self._nets, batch.targets, batch.scales, batch.kept, strict=True):
            pages = net.forward(batch.x, kept)
            net.compare(pages, target, scale)
            net.backward(batch.x, pages, kept)
            outputs += pages.answers
        return outputs


def _shapes(net: HardSharing, n_seeds: int) -> Iterator[tuple[int, int, int]]:
    widths = [_up(net.n_features + 1, 4), *(_up(n, _ALIGN) for n in net.n_hidden), sum(net.n_outputs)]
    for layer, (fan_in, fan_out) in enumerate(zip(widths, widths[1:], strict=False)):
        yield n_seeds, fan_in, fan_out
        if layer:
            yield n_seeds, fan_out, 1


def _up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


class _StackedNet:
    """All seeds of one net."""

    def __init__(self, net: HardSharing, asked: list[tuple[Task, float]], values: Iterator[Tensor], slopes: Iterator[Tensor]) -> None:
        self.asked, self.n_outputs = asked, list(net.n_outputs)
        self._has_classes = any(task.kind != "regression" for task, _ in asked)
        self._activate, self._through = _ACTIVATIONS[net.activation]
        self._layers, self._slopes = (
            [_Layer(next(blocks), next(blocks) if layer else None) for layer in range(len(net.n_hidden) + 1)] for blocks in (values, slopes)
        )
        self._pages: dict[int, _Pages] = {}

    def named(self, net: HardSharing) -> Iterator[tuple[str, Tensor]]:
        """Views into the blocks under the names and in the shapes of the model's own parameters."""
        fan_in = net.n_features
        for index, (width, layer) in enumerate(zip(net.n_hidden, self._layers, strict=False)):
            yield f"trunk.{2 * index}.weight", layer.weight[:, :fan_in, :width].mT
            yield f"trunk.{2 * index}.bias", layer.weight[:, fan_in, :width] if layer.bias is None else layer.bias[:, :width, 0]
            fan_in = width
        weight, bias = self._layers[-1]
        for index, columns in enumerate(torch.arange(sum(self.n_outputs)).split(self.n_outputs)):
            at = slice(int(columns[0]), int(columns[-1]) + 1)
            yield f"heads.{index}.weight", weight[:, :fan_in, at].mT
            yield f"heads.{index}.bias", bias[:, at, 0]  # type: ignore[index]

    def _pages_for(self, n_samples: int) -> _Pages:
        if n_samples not in self._pages:
            blank = [layer.weight.new_empty(len(layer.weight), layer.weight.shape[2], n_samples) for layer in self._layers]
            answers = [part.mT for part in blank[-1].split(self.n_outputs, 1)]
            self._pages[n_samples] = _Pages(blank, [torch.empty_like(page) for page in blank], answers)
        return self._pages[n_samples]

    def forward(self, x: Float[Tensor, "seed feature sample"], kept: Sequence[Tensor] = ()) -> _Pages:
        """Write down every layer's activations; silence those that are not kept."""
        pages = self._pages_for(x.shape[2])
        for i, ((weight, bias), page) in enumerate(zip(self._layers, pages.activations, strict=True)):
            torch.bmm(weight.mT, x, out=page)
            if bias is not None:
                page.add_(bias)
            if page is not pages.activations[-1]:
                x = self._activate(page)
                if kept:
                    x = x * kept[i]
        return pages

    def compare(self, pages: _Pages, target: Tensor, scale: Tensor) -> None:
        """Write down how much the weighted loss rises per unit of each output."""
        outputs, slope = pages.activations[-1], pages.slopes[-1]
        if self._has_classes:
            outputs = slope.copy_(outputs)
            for (task, _), part in zip(self.asked, slope.split(self.n_outputs, 1), strict=True):
                answers_of_(task, part)
        torch.sub(outputs, target, out=slope).mul_(scale)

    def backward(self, x: Float[Tensor, "seed feature sample"], pages: _Pages, kept: Sequence[Tensor] = ()) -> None:
        """The chain rule, from the last layer to the second, then the first."""
        for i in range(len(self._layers) - 1, 0, -1):
            a, above, below = pages.activations[i - 1], pages.slopes[i], pages.slopes[i - 1]
            torch.bmm(a * kept[i - 1] if kept else a, above.mT, out=self._slopes[i].weight)
            torch.sum(above, -1, keepdim=True, out=self._slopes[i].bias)
            torch.bmm(self._layers[i].weight, above, out=below)
            self._through(below.mul_(kept[i - 1]) if kept else below, a)
        torch.bmm(x, pages.slopes[0].mT, out=self._slopes[0].weight)

    def targets(self, y: Float[Tensor, "step seed sample task"]) -> tuple[Tensor, Tensor]:
        """What the answers should be, and each sample's share in the slope: none where the label is missing."""
        labels = [y[..., i] for i in range(len(self.asked))]
        target = torch.cat([targets_of(task, label) for (task, _), label in zip(self.asked, labels, strict=True)], -2)
        factors = [weight * (2 if task.kind == "regression" else 1) for task, weight in self.asked]
        factor = y.new_tensor(factors).repeat_interleave(torch.tensor(self.n_outputs, device=y.device))[:, None]
        y = y[..., : len(labels)]
        if not y.sum().isnan() or not y.isnan().any():  # the sum is quicker, and it is NaN where any label is
            return target, (factor / y.shape[2]).expand(len(y), -1, -1)
        missing = y.isnan().mT
        known = ~missing.repeat_interleave(torch.tensor(self.n_outputs, device=y.device), -2)
        return target, factor * known / known.sum(-1, keepdim=True).clamp(min=1)
