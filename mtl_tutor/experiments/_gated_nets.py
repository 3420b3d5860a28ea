"""Nets with and without experts on the same pairs of wavy tasks, each at its own width and learning rate, started more than once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.experiments._base import TUNING_SEED
from mtl_tutor.recipes import Network, Plan
from mtl_tutor.sharing import CGC, PLE, Architecture, GlobalAndLocal, HardSharing, MMoE, OMoE, SingleTask, TaskDecomposition
from mtl_tutor.tasks import Samples, TaskData, task_pairs

Draw = Callable[[int], TaskData]
RATES = 0.03, 0.1, 0.3
STEPS = 150
_APART = 1_000_003  # more than there are seeds of data


@dataclass(frozen=True)
class Kind:
    """A kind of net, and how many hidden layers of the given width it is built with."""

    build: Callable[..., nn.Module]
    layers: int = 2

    def of(self, width: int) -> Callable[..., nn.Module]:
        """Build it with this width, for `Network`."""
        return partial(_built, self.build, (width,) * self.layers)


def _built(
    build: Callable[..., nn.Module], widths: tuple[int, ...], n_features: int, n_hidden: tuple[int, ...], n_outputs: tuple[int, ...]
) -> nn.Module:
    return build(n_features, widths, n_outputs=n_outputs)


def _tanh(build: Callable[..., Architecture], **knobs: Any) -> Callable[..., Architecture]:
    return partial(build, activation=nn.Tanh, **knobs)


KINDS = {
    "single": Kind(_tanh(SingleTask)),
    "hard": Kind(_tanh(HardSharing)),
    "omoe": Kind(_tanh(OMoE, n_experts=2)),
    "mmoe": Kind(_tanh(MMoE, n_experts=2)),
    "three": Kind(_tanh(MMoE, n_experts=3)),
    "cgc": Kind(_tanh(CGC, n_private=1, n_shared=1)),
    "ple": Kind(_tanh(PLE, n_private=1, n_shared=1), layers=1),  # its second level is the second layer
    "hybrid": Kind(_tanh(GlobalAndLocal)),
    "still": Kind(_tanh(TaskDecomposition, n_modules=2, own=False)),
}
"""Two experts; three; one of each task's own and one for both; and two with gates that look at the task but not at the sample."""


def pair_of(correlation: float, n_samples: int = 100) -> Draw:
    """Draw two wavy tasks whose directions have this cosine; rows that differ in their start only get the same data."""

    def draw(code: int) -> TaskData:
        return task_pairs(2, n_samples, correlation=correlation, noise=0.3, seed=code % _APART).data

    return draw


def two_kinds(n_samples: int = 200) -> Draw:
    """Draw two unrelated wavy tasks, each along another direction where the first input is positive than where it isn't."""

    def draw(code: int) -> TaskData:
        data = task_pairs(4, n_samples, correlation=0.0, noise=0.3, seed=code % _APART).data
        return TaskData(data.tasks[:2], _by_sign(data.train), _by_sign(data.validation), _by_sign(data.test))

    return draw


def _by_sign(four: Any) -> Samples:
    return Samples(four.x, np.where(four.x[:, :1] > 0, four.y[:, [0, 2]], four.y[:, [1, 3]]))


@dataclass(frozen=True, eq=False)
class World:
    """What is learned, and which widths are tried."""

    draw: Draw
    widths: tuple[int, ...] = (1, 2, 4)


WORLDS = {
    "unrelated": World(pair_of(0.0)),
    "same": World(pair_of(1.0)),
    "opposed": World(pair_of(-1.0)),
    "many": World(pair_of(0.0, 400)),
    "kinds": World(two_kinds(), (4, 12)),
}


@dataclass(frozen=True, eq=False)
class Fitted:
    """How a kind of net did.

    Attributes
    ----------
    error : mean squared test error without noise, of each draw of data, start of the net, and task.
    width, lr : what validation chose, on other draws.
    """

    error: Float[np.ndarray, "seed run task"]
    width: int
    lr: float


def fitted(kind: Kind, world: World, seeds: Sequence[int], *, starts: int = 2, tuning_seeds: int = 12) -> Fitted:
    """Let validation choose width and learning rate on seeds that are not reported, and train that on those that are."""
    plan, wrong = Plan(steps=STEPS), {}
    rows = list(product(RATES, range(TUNING_SEED, TUNING_SEED + tuning_seeds)))
    for width in world.widths:
        net = Network(kind.of(width))
        loss = net.run(world.draw, [seed for _, seed in rows], [lr for lr, _ in rows], plan).validation.mean(axis=1)
        means = np.where(np.isfinite(loss), loss, np.inf).reshape(len(RATES), -1).mean(axis=1)
        wrong |= {(width, lr): float(mean) for lr, mean in zip(RATES, means, strict=True)}
    width, lr = min(wrong, key=lambda cell: wrong[cell])
    codes = [seed + _APART * start for seed in seeds for start in range(starts)]
    error = Network(kind.of(width)).run(world.draw, codes, [lr] * len(codes), plan).test
    return Fitted(error.reshape(len(seeds), starts, -1), width, lr)


def trained(kind: Kind, draw: Draw, width: int, seeds: Sequence[int], lr: float = 0.03) -> Float[np.ndarray, "seed"]:
    """Train without tuning; the test error of each draw, mean of both tasks."""
    return Network(kind.of(width)).run(draw, list(seeds), [lr] * len(seeds), Plan(steps=STEPS)).test.mean(axis=1)


def gain(alone: Float[np.ndarray, "*seed"], error: Float[np.ndarray, "*seed"]) -> Float[np.ndarray, "*seed"]:
    """Say how much less the error is: the logarithm of the ratio, 0.1 for a tenth less, -0.7 for twice as much."""
    return np.log(alone / error)


def read_pairs(found: Mapping[tuple[str, str], Fitted]) -> dict[str, Float[np.ndarray, "seed"]]:
    """Read (world, who) -> how it did, as gains over single-task nets, and as what two starts of the same net say.

    See `ExpertsResult.read`. For a seesaw, single-task nets are held against those of the other start. Logarithms, because a few nets
    of single units fail altogether, and a mean of errors would be about those few.
    """
    read: dict[str, np.ndarray] = {}
    for (world, who), one in found.items():
        alone = found[world, "single"].error
        read[f"{who}, {world}"] = gain(alone.mean(axis=(1, 2)), one.error.mean(axis=(1, 2)))
        read[f"{who}, {world}, starts"] = np.abs(gain(one.error[:, 0], one.error[:, 1])).mean(axis=1)
        better = (one.error[:, ::-1] if who == "single" else one.error) < alone
        read[f"{who}, {world}, seesaw"] = (better[..., 0] != better[..., 1]).mean(axis=1)
    for who in ("single", "hard"):
        read[f"{who}, seesaw"] = np.mean([read[f"{who}, {world}, seesaw"] for world in ("unrelated", "same", "opposed")], axis=0)
    for who in ("hard", "omoe", "mmoe"):
        read[f"{who}, gap"] = read[f"{who}, same"] - read[f"{who}, unrelated"]
    return read
