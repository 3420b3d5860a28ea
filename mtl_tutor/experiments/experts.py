"""One trunk, experts, private experts: what each gains over tuned single-task nets, and what a seesaw is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import TUNING_SEED, Sentence, check_least
from mtl_tutor.experiments._expert_sentences import SENTENCES, TABLE
from mtl_tutor.experiments._gated_nets import KINDS, WORLDS, fitted, gain, pair_of, read_pairs, trained
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import Interval, bootstrap


@dataclass(frozen=True, eq=False)
class ExpertsResult:
    """How everybody did.

    Attributes
    ----------
    read : what was read -> one number per draw of data. "<who>, <world>" is the gain over single-task nets, log(their
        error / its error), no unit; "gap" is by how much more where tasks are the same; "starts" how far two starts differ, in the
        same unit; "seesaw" in which share of runs one task is better and the other worse than in single-task nets.
    settings : (world, who) -> width and learning rate.
    claims : what was decided.
    """

    read: Mapping[str, Float[np.ndarray, "seed"]]
    settings: Mapping[tuple[str, str], tuple[int, float]]
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Experts:
    """Gates pay where samples are of different kinds, not where tasks are: a task has its head to be different with.

    Attributes
    ----------
    seeds, first_seed : how many draws of data, with two starts of every net for each, and the first of their seeds.
    tuning_seeds : how many more draws choose each net's width and learning rate.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds, or a negative first one.

    Source: the wavy tasks of Ma et al. (2018, §3.2), and the seesaw of Tang et al. (2020). Departures: narrow tanh nets of two hidden
    layers and linear heads, 100 samples, and noise of 0.3, where Ma et al. have wide ReLU layers, many samples and little noise.
    """

    seeds: int = 64
    first_seed: int = 1000
    tuning_seeds: int = 10
    n_jobs: int = 1

    name, chapter = "experts", "sharing/experts-and-gates"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("tuning_seeds", 2))
        if self.first_seed + self.seeds > TUNING_SEED:
            raise ValueError(f"`first_seed` must leave the seeds from {TUNING_SEED:,} on to tuning; got {self.first_seed}.")

    def run(self, *, progress: bool = False) -> ExpertsResult:
        """Tune, train, and decide, in minutes; `progress` has nothing to show."""
        seeds, cells = range(self.first_seed, self.first_seed + self.seeds), [(world, who) for world in TABLE for who in TABLE[world]]
        jobs = (joblib.delayed(fitted)(KINDS[who], WORLDS[world], seeds, tuning_seeds=self.tuning_seeds) for world, who in cells)
        results: Any = joblib.Parallel(n_jobs=self.n_jobs)(jobs)
        found = dict(zip(cells, results, strict=True))
        read = read_pairs(found)
        settings = {cell: (one.width, one.lr) for cell, one in found.items()}
        return ExpertsResult(read, settings, tuple(_claim(sentence, read) for sentence in SENTENCES))


def _claim(sentence: Sentence, read: Mapping[str, Float[np.ndarray, "seed"]]) -> Claim:
    values = read[sentence.more]
    return sentence.claim("experts", bootstrap(values - (read[sentence.less] if sentence.less else 0.0)))


def gains_by_correlation(width: int = 2, samples: int = 100, *, n_seeds: int = 64) -> Curves:
    """Follow the gain over single-task nets while two tasks' directions turn towards each other; rates and widths are not tuned.

    Parameters
    ----------
    width : of both hidden layers of a trunk or expert; the single-task nets have 1, which suits them best.
    samples : training samples.
    n_seeds : draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    shown: dict[str, tuple[str, Role]] = {"hard": ("one trunk", "main"), "mmoe": ("MMoE", "other")}
    cosines = np.array([0.0, 0.5, 1.0])
    lines: dict[str, list[Interval]] = {label: [] for label, _ in shown.values()} | {
        "single-task nets": [bootstrap(np.zeros(n_seeds))] * len(cosines)
    }
    for cosine in cosines:
        seeds, draw = range(2000, 2000 + n_seeds), pair_of(cosine, samples)
        alone, *others = (
            trained(KINDS[who], draw, 1 if who == "single" else width, seeds, lr=0.03 if who == "mmoe" else 0.1)
            for who in ("single", *shown)
        )
        for error, (label, _) in zip(others, shown.values(), strict=True):
            lines[label].append(bootstrap(gain(alone, error)))
    roles: dict[str, Role] = {**dict(shown.values()), "single-task nets": "single_task"}
    look: dict[str, Any] = {"xlabel": "cosine of the two tasks' directions", "ylabel": "gain: log of single-task error / its error"}
    return Curves.of_intervals(cosines, lines, roles=roles, ylim=(-1.6, 0.6), **look)
