"""Estimate unrelated numbers together: the gain that needs no relation between the tasks."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.results import Bars, Claim
from mtl_tutor.statistics import bootstrap

N_MEANS = (2, 3, 10)
SIZES = (0, 1, 9)
SENTENCES = (
    Sentence("ten", "Ten unrelated means are estimated better together, near zero or far from it", "Stein 1956", "apart", "together", 0.01),
    Sentence("two", "... and two exactly as well as apart", "Stein 1956", "together", "apart", margin=1e-12),
    Sentence("each", "... but not each of ten: one that lies far from the others is estimated worse", "ours", "together", "apart", 0.1),
)


def james_stein(y: Float[np.ndarray, "seed task"]) -> Float[np.ndarray, "seed task"]:
    """Shrink unrelated measurements towards zero by a factor that all of them decide together.

    Parameters
    ----------
    y : one measurement per task, with noise of standard deviation 1.

    Returns
    -------
    The estimates, (1 - (p - 2)/|y|²) y, or 0 where that factor is negative; y itself for one or two tasks.

    Source: James & Stein (1961); the positive part is Baranchik's (1964). Departures: none.

    >>> james_stein(np.array([[3.0, 0.0, 4.0]]))
    array([[2.88, 0.  , 3.84]])
    """
    p = y.shape[1]
    return np.maximum(0.0, 1.0 - max(p - 2, 0) / (y**2).sum(axis=1, keepdims=True)) * y


@dataclass(frozen=True, eq=False)
class SteinResult:
    """Squared errors of the shrunken estimates, less those of the separate ones; in units of the noise's variance.

    Attributes
    ----------
    change : (number of means, their mean square) -> total change per mean, for each draw.
    largest : the change of one mean that is far from the nine others.
    claims : what was decided.
    """

    change: dict[tuple[int, int], Float[np.ndarray, "seed"]]
    largest: Float[np.ndarray, "seed"]
    claims: tuple[Claim, ...] = ()

    def bars(self, n_means: int) -> Bars:
        """Picture the risk per mean, where a separate estimate has 1."""
        change = {size: bootstrap(self.change[n_means, size] + 1) for size in SIZES}
        return Bars({f"mean square {size}": risk for size, risk in change.items()}, ylabel="risk per mean (noise variance)", reference=1.0)


@dataclass(frozen=True)
class Stein:
    """Ten unrelated means are estimated better together than apart: in total, not each.

    Attributes
    ----------
    seeds, first_seed : how many draws of measurements, and the first of their seeds.

    Raises
    ------
    ValueError : fewer than 20 seeds, or a negative first one.

    Source: Stein (1956); James & Stein (1961). Departures: none.
    """

    seeds: int = 4000
    first_seed: int = 1000

    name = "stein"
    chapter = "why/as-regularisation"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0))

    def run(self, *, progress: bool = False) -> SteinResult:
        """Draw, shrink, and decide, in a second; `progress` has nothing to show."""
        change = {(p, size): self.gains(np.full(p, np.sqrt(float(size)))).mean(axis=1) for p in N_MEANS for size in SIZES}
        result = SteinResult(change, self.gains(np.array([5.0] + 9 * [0.0]))[:, 0])
        return replace(result, claims=tuple(_claims(result)))

    def gains(self, means: Float[np.ndarray, "task"]) -> Float[np.ndarray, "seed task"]:
        """Measure each mean once with noise N(0, 1); return what shrinking adds to each squared error (less than 0: a gain)."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        noise = np.array([np.random.default_rng([seed, 0x57]).normal(size=len(means)) for seed in seeds])
        return (james_stein(means + noise) - means) ** 2 - noise**2


def _claims(result: SteinResult) -> list[Claim]:
    gains = [bootstrap(-result.change[10, size]) for size in SIZES]
    effects = min(gains, key=lambda gain: gain.estimate), bootstrap(result.change[2, 0]), bootstrap(result.largest)
    return [sentence.claim("stein", effect) for sentence, effect in zip(SENTENCES, effects, strict=True)]
