"""Where a feature can go, and the nets that meet it there: the arms of `InputsAsOutputs`."""

from dataclasses import replace
from functools import partial

import torch
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments._arms import Arm, beside_shuffled, best_of
from mtl_tutor.results import Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks.sigmoid_sums import Place, sigmoid_sums

WAYS: dict[str, tuple[Place, Role]] = {
    "alone": ("nowhere", "single_task"),
    "out": ("output", "main"),
    "in": ("input", "other"),
    "shuffled": ("output", "control"),
}


class SigmoidNet(HardSharing):
    """Squash every answer into (0, 1), where the right ones lie."""

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Answer every task."""
        return [torch.sigmoid(answer) for answer in super().forward(x)]


# Name -> outputs, units, scale of initial weights, and what a bit of 0 is to the net.
NETS: dict[str, tuple[type[HardSharing], type[nn.Module], float, float]] = {
    "small": (HardSharing, nn.Tanh, 0.1, -1.0),
    "middle": (HardSharing, nn.Tanh, 1.0, -1.0),
    "large": (HardSharing, nn.Tanh, 2.0, -1.0),
    "sigmoids": (SigmoidNet, nn.Sigmoid, 0.5, 0.0),
    "large sigmoids": (SigmoidNet, nn.Sigmoid, 4.0, 0.0),
}


def arm_of(way: str, net: str, noise: float, *, scale: float | None = None, low: float | None = None) -> Arm:
    """One way to use the feature in one net, whose scale and bits may be others; "noisy" before a way adds the noise."""
    place, role = WAYS[way.removeprefix("noisy ")]
    outputs, units, its_scale, its_low = NETS[net]
    draw = partial(_drawn, place, its_low if low is None else low, noise if way.startswith("noisy ") else 0.0)
    data = beside_shuffled(draw) if way == "shuffled" else draw
    return Arm(f"{way}, {net}", role, data, net=partial(_built, outputs, units, scale or its_scale))


def lighter(arm: Arm, label: str) -> Arm:
    """The same with a lighter second task, as light as is best."""
    weights = (replace(arm, label=f"weight {weight}", method=FixedWeighting((1.0, weight))) for weight in (0.03, 0.1, 0.3))
    return best_of(label, "third", weights)


def _drawn(place: Place, low: float, noise: float, seed: int) -> TaskData:
    return sigmoid_sums(place=place, low=low, noise=noise, n_held_out=500, seed=seed)


def _built(outputs: type[HardSharing], units: type[nn.Module], scale: float, data: TaskData, n_hidden: int) -> nn.Module:
    return outputs(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=units, init_scale=scale)
