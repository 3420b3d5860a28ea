"""Two nets for one task, and what lies half-way between their weights."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import TUNING_SEED, check_least
from mtl_tutor.experiments._pairs import SENTENCES, SHARES, answers_mixed, drawn, line, pairs_of
from mtl_tutor.experiments._two_layers import begun, fitted
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import bootstrap, relative_change

RATES, LOOKS = (0.003, 0.01, 0.03), (10, 25, 50, 100, 200)
ERROR, SHARE = "squared error (no unit)", "share of the second net's weights"
HALF = len(SHARES) // 2


@dataclass(frozen=True, eq=False)
class MergingResult:
    """Test errors on the way from one net to the other.

    Attributes
    ----------
    lines : what the two nets have in common -> error at each of `SHARES` of the way, where the weights are mixed.
    answers : the same, where the answers are mixed.
    lr, steps : what tuning chose.
    claims : what was decided.
    """

    lines: Mapping[str, Float[np.ndarray, "seed point"]]
    answers: Mapping[str, Float[np.ndarray, "seed point"]]
    lr: float
    steps: int
    claims: tuple[Claim, ...] = ()

    def curves(self) -> Curves:
        """Picture four pairs by what their nets have in common."""
        roles: dict[str, Role] = {"nothing": "other", "nothing, matched": "third", "random start": "main", "trained start": "fourth"}
        rows = {name: [bootstrap(point) for point in self.lines[name].T] for name in roles}
        return Curves.of_intervals(SHARES, rows, roles=roles, xlabel=SHARE, ylabel=ERROR)


@dataclass(frozen=True)
class Merging:
    """Weights of two nets can be averaged if the nets started from the same weights; others need their units matched first.

    Attributes
    ----------
    seeds, first_seed : how many pairs of nets, and the first of their seeds.
    n_hidden, n_samples, noise : width of the nets, training samples of each, standard deviation of the noise on their labels.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, a width or samples below 2, or no noise.

    Source: the barrier of Frankle et al. (2020) and the matching of Ainsworth et al. (2023). Departures: a toy regression; the nets
    differ by their samples, not by the order of these; the height is read half-way, where no maximum is biased upwards.
    """

    seeds: int = 100
    first_seed: int = 1000
    n_hidden: int = 32
    n_samples: int = 150
    noise: float = 0.3

    name, chapter = "merging", "sharing/after-training"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("n_hidden", 2), ("n_samples", 2), ("noise", 1e-9))

    def run(self, *, progress: bool = False) -> MergingResult:
        """Tune, train, and go all the ways; `progress` has nothing to show."""
        lr, steps = self.tuned()
        lines, answers = self.lines(lr, steps)
        ends = {name: values[:, [0, -1]].mean(axis=1) for name, values in lines.items()}
        others = [answers[s.more][:, HALF] if s.less else ends[s.more] for s in SENTENCES]
        effects = [relative_change(lines[s.more][:, HALF], other) for s, other in zip(SENTENCES, others, strict=True)]
        claims = [s.claim(self.name, effect, bootstrap(ends[s.more])) for s, effect in zip(SENTENCES, effects, strict=True)]
        return MergingResult(lines, answers, lr, steps, tuple(claims))

    def lines(self, lr: float, steps: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Train all pairs so, and judge them: errors with weights mixed, and with answers mixed."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        draws = drawn(seeds, self.n_samples, self.noise)
        pairs = pairs_of(seeds, draws, self.n_hidden, lr, steps)
        return {n: line(p, draws.test) for n, p in pairs.items()}, {n: answers_mixed(p, draws.test) for n, p in pairs.items()}

    def tuned(self, n_seeds: int = 24) -> tuple[float, int]:
        """Choose the learning rate and the number of steps at which a single net's validation error is lowest."""
        seeds = range(TUNING_SEED, TUNING_SEED + n_seeds)
        draws = drawn(seeds, self.n_samples, self.noise)
        start = begun([2 * seed for seed in seeds], draws.test[0].shape[2], self.n_hidden)
        tried = {
            (lr, steps): nets for lr in RATES for steps, nets in zip(LOOKS, fitted(start, *draws.first, lr=lr, looks=LOOKS), strict=True)
        }
        return min(tried, key=lambda setting: tried[setting].errors(*draws.validation).mean())


def halfway(units: int = 16, samples: int = 200, steps: int = 300, *, n_seeds: int = 64) -> Curves:
    """Follow the error from one net's weights to another's, with a learning rate of 0.01, untuned.

    Parameters
    ----------
    units, samples : width of the nets, and training samples of each.
    steps : how far each net has gone from its start.
    n_seeds : pairs, from seed 2000 on; the band is the 95% interval of their mean.
    """
    lines, answers = Merging(seeds=n_seeds, first_seed=2000, n_hidden=units, n_samples=samples).lines(0.01, steps)
    shown = (lines["nothing"], lines["nothing, matched"], answers["nothing"], lines["random start"])
    names: dict[str, Role] = {
        "different starts": "other",
        "... units matched": "third",
        "... answers mixed": "control",
        "one start": "main",
    }
    rows = {name: [bootstrap(point) for point in values.T] for name, values in zip(names, shown, strict=True)}
    return Curves.of_intervals(SHARES, rows, roles=names, xlabel=SHARE, ylabel=ERROR, ylim=(0.0, 1.2))
