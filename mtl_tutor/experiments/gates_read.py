"""What trained gates and switches say about their tasks and their samples, and what they say before any training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._gate_readings import Gates, between_kinds, between_tasks
from mtl_tutor.experiments._gated_nets import STEPS, Draw, pair_of, two_kinds
from mtl_tutor.results import Claim, Curves
from mtl_tutor.sharing import Architecture, GlobalAndLocal, MMoE
from mtl_tutor.statistics import bootstrap
from mtl_tutor.training import inspect_nets, train

SENTENCES = (
    Sentence("start", "Two tasks' gates are apart before any training", "ours", "tasks, start", least=0.2),
    Sentence("same", "Tasks that are one and the same draw their gates together", "ours", "tasks, same", "tasks, start", most=-0.02),
    Sentence("unrelated", "Unrelated tasks drive their gates apart", "Ma et al. 2018", "tasks, unrelated", "tasks, start", 0.02),
    Sentence("tasks", "... farther than tasks that are the same", "Ma et al. 2018", "tasks, unrelated", "tasks, same", 0.02),
    Sentence("kinds", "Gates tell two kinds of samples apart", "Jacobs et al. 1991", "kinds", least=0.25),
    Sentence("kinds-more", "... more than where samples are of one kind", "control", "kinds", "kinds, unrelated", 0.15),
    Sentence(
        "switch", "A learned switch lets tasks share more that are the same", "source text 001", "switch, same", "switch, unrelated", 0.02
    ),
)


@dataclass(frozen=True, eq=False)
class GatesReadResult:
    """What gates say.

    Attributes
    ----------
    read : name -> one number per seed: how far the gates of two tasks are apart on the same samples ("tasks, ..."), or those
        of the same task on samples of two kinds ("kinds, ..."), as a share of all weight; or the mean switch, 1 for all shared.
    gates : of every net of two kinds of samples, on the same samples.
    x : these samples.
    claims : what was decided.
    """

    read: Mapping[str, Float[np.ndarray, "seed"]]
    gates: Gates
    x: Float[np.ndarray, "sample feature"]
    claims: tuple[Claim, ...] = ()

    def curves(self, net: int = 0, *, groups: int = 10) -> Curves:
        """Picture both tasks' gates in one net: samples in groups by their first input, and how much of the first expert is read."""
        order = np.argsort(self.x[:, 0]).reshape(groups, -1)
        lines = {f"task {task + 1}": self.gates[net, task, order, 0].mean(axis=1) for task in range(2)}
        look: dict[str, Any] = {"xlabel": "first input, which decides the kind", "ylabel": "weight of the first expert", "ylim": (0.0, 1.0)}
        return Curves(self.x[order, 0].mean(axis=1), lines, **look)


@dataclass(frozen=True)
class GatesRead:
    """Gates tell kinds of samples apart; that the gates of two tasks differ says little, since they differ before any training.

    Attributes
    ----------
    seeds, first_seed : how many draws of data and nets, and the first of their seeds.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds, or a negative first one.

    Source: the gates of Ma et al. (2018, §3.3 and Fig. 6), read on planted tasks. Departures: sizes; two experts.
    """

    seeds: int = 48
    first_seed: int = 1000
    n_jobs: int = 1

    name, chapter = "gates-read", "sharing/experts-and-gates"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0))

    def run(self, *, progress: bool = False) -> GatesReadResult:
        """Train, read, and decide, in a quarter of a minute; `progress` has nothing to show."""
        worlds = {"unrelated": pair_of(0.0), "same": pair_of(1.0), "two kinds": two_kinds()}
        jobs = [(mmoe, worlds[world], STEPS) for world in worlds] + [(mmoe, worlds["unrelated"], 1)]
        jobs += [(GlobalAndLocal, worlds[world], STEPS) for world in ("unrelated", "same")]
        found: Any = joblib.Parallel(n_jobs=self.n_jobs)(joblib.delayed(self.inspected)(*job) for job in jobs)
        unrelated, same, two, start = (one["gates"] for one in found[:4])
        read = {"tasks, unrelated": between_tasks(unrelated), "tasks, same": between_tasks(same), "tasks, start": between_tasks(start)}
        read |= {"kinds": between_kinds(two, SAMPLES), "kinds, unrelated": between_kinds(unrelated, SAMPLES)}
        read |= {f"switch, {world}": one["switch"].mean(axis=1) for world, one in zip(("unrelated", "same"), found[4:], strict=True)}
        effects = [bootstrap(read[s.more] - (read[s.less] if s.less else 0.0)) for s in SENTENCES]
        claims = [s.claim(self.name, effect) for s, effect in zip(SENTENCES, effects, strict=True)]
        return GatesReadResult(read, two, SAMPLES, tuple(claims))

    def inspected(self, build: Callable[..., Architecture], draw: Draw, steps: int) -> Mapping[str, np.ndarray]:
        """Train nets and read them on the same samples; a single step is so small that it leaves them as they start."""
        model = build(10, (3, 3), 2, activation=nn.Tanh)
        seeds, lr = range(self.first_seed, self.first_seed + self.seeds), 0.03 if steps > 1 else 1e-9
        return inspect_nets(model, train(model, draw, seeds=seeds, steps=steps, lr=lr, eval_every=steps), SAMPLES)


SAMPLES = np.random.default_rng(0).normal(size=(200, 10))


def mmoe(n_features: int, n_hidden: tuple[int, ...], n_tasks: int, *, activation: type[nn.Module]) -> MMoE:
    """A mixture of two experts."""
    return MMoE(n_features, n_hidden, n_tasks, n_experts=2, activation=activation)
