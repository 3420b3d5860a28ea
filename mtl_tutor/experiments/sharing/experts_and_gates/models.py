"""Data and nets of the chapter: pairs of wavy tasks, samples of two kinds, nets with and without experts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.experiments import Hypothesis, Result, difference
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.results import History
from mtl_tutor.sharing import CGC, PLE, Architecture, GlobalAndLocal, HardSharing, MMoE, OMoE, SingleTask, TaskDecomposition
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import Samples, TaskData, task_pairs
from mtl_tutor.training import train

N_FEATURES, N_TASKS, STEPS = 10, 2, 150
NEXT_START = 1_000_003
"""Added to a seed: the same data, another start. Confirming seeds have the data of 99,997 on, which no others use."""
PROBES = np.random.default_rng(0).normal(size=(200, N_FEATURES))  # samples on which gates are read


def _tanh(build: Callable[..., Architecture], **settings: Any) -> Callable[..., Architecture]:
    return partial(build, activation=nn.Tanh, **settings)


MODELS: Mapping[str, Callable[..., Architecture]] = {
    "single": _tanh(SingleTask),
    "hard": _tanh(HardSharing),
    "omoe": _tanh(OMoE, n_experts=2),
    "mmoe": _tanh(MMoE, n_experts=2),
    "three": _tanh(MMoE, n_experts=3),
    "cgc": _tanh(CGC, n_private=1, n_shared=1),
    "ple": _tanh(PLE, n_private=1, n_shared=1),
    "hybrid": _tanh(GlobalAndLocal),
    "still": _tanh(TaskDecomposition, n_modules=2, own=False),
}
"""Two experts; three; a private one per task and a shared one; two behind gates that don't see the sample."""


def wavy_net(name: str, width: int) -> Architecture:
    """Build one of `MODELS` with two hidden layers of equal width; of PLE each level is a layer."""
    return MODELS[name](N_FEATURES, (width,) if name == "ple" else (width, width), N_TASKS)


def train_wavy(
    name: str,
    draw: Sampler,
    width: int,
    seeds: Sequence[int] | Int[np.ndarray, "seed"],
    lr: float | Float[np.ndarray, "seed"],
    *,
    n_jobs: int | None = None,
) -> History:
    """Train one of `MODELS` for 150 steps, evaluated every 6."""
    net = wavy_net(name, width)
    return train(net, draw, seeds=seeds, steps=STEPS, lr=lr, eval_every=6, n_jobs=n_jobs)


def wavy_pair(correlation: float, n_samples: int = 100) -> Sampler:
    """Draw two wavy tasks with this cosine between their directions.

    Seeds that differ by a multiple of `NEXT_START` get the same data.
    """
    return lambda seed: task_pairs(2, n_samples, correlation=correlation, noise=0.3, seed=seed % NEXT_START).data


def two_kinds(n_samples: int = 200) -> Sampler:
    """Draw two unrelated wavy tasks on samples of two kinds.

    Each task has one direction where the first input is positive, and another one elsewhere.
    """

    def draw(seed: int) -> TaskData:
        data = task_pairs(4, n_samples, correlation=0.0, noise=0.3, seed=seed % NEXT_START).data
        parts = {name: _by_sign(part) for name, part in data.splits().items()}
        return TaskData(data.tasks[:2], **parts)  # type: ignore[arg-type]

    return draw


def _by_sign(four: Samples) -> Samples:
    return Samples(four.x, np.where(four.x[:, :1] > 0, four.y[:, [0, 2]], four.y[:, [1, 3]]))


def in_float32(*hypotheses: Hypothesis) -> tuple[Hypothesis, ...]:
    """Let the effects be differences that are taken in the nets' single precision."""
    return tuple(replace(hypothesis, effect=float32_difference) for hypothesis in hypotheses)


def float32_difference(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure the mean of treatment minus reference in single precision; without a reference, as `difference` does."""
    if hypothesis.reference is None:
        return difference(result, hypothesis)
    values = result.values(hypothesis.treatment, hypothesis.measure)
    return result.mean(values - result.values(hypothesis.reference, hypothesis.measure))
