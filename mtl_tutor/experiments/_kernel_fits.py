"""From whom a kernel regression learns its attribute weights, and how it fares on new patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._attribute_weights import ask, descend
from mtl_tutor.experiments._wards import FOP, arrivals, fop_errors
from mtl_tutor.results import Claim
from mtl_tutor.statistics import Interval, bootstrap, relative_change, resampled
from mtl_tutor.tasks import Samples, shuffled_labels
from mtl_tutor.tasks.patients import patients

LOOKS = (0, 2, 4, 6, 9, 14, 30)  # steps of the descent: where it may stop, and where it ends
SIZES = (100, 150, 200, 300)  # patients of the learning curve
START, END = (f"{FOP[0.3]}, {when}" for when in ("equal attribute weights", f"after {LOOKS[-1]} steps"))
Errors = Mapping[str, Float[np.ndarray, "seed"]]


@dataclass(frozen=True)
class Fit:
    """One way to learn attribute weights.

    Attributes
    ----------
    weight : of each test's error, where that of death has 1.
    relatedness, n_samples, n_labs : of `patients`.
    shuffled : whether the tests are dealt out anew among the patients.
    sharpness : sum of the attribute weights.
    """

    weight: float = 0.0
    relatedness: float = 0.5
    n_samples: int = 200
    n_labs: int = 35
    shuffled: bool = False
    sharpness: float = 0.8

    def errors(self, seeds: Sequence[int], tuning_seeds: Sequence[int]) -> Errors:
        """Learn from each seed's patients, stop where the tuning seeds say, and be judged by 4,000 more: measure -> error.

        The five fractions are judged at the stop, the one of 30% also at the start and at the end.
        """
        means = [np.mean(list(errors.values())) for errors in self._at(LOOKS, tuning_seeds)]
        stop = LOOKS[int(np.argmin(means))]
        looks = sorted({LOOKS[0], stop, LOOKS[-1]})
        judged = dict(zip(looks, self._at(looks, seeds), strict=True))
        return {**judged[stop], START: judged[LOOKS[0]][FOP[0.3]], END: judged[LOOKS[-1]][FOP[0.3]]}

    def _at(self, looks: Sequence[int], seeds: Sequence[int]) -> list[Errors]:
        wards = [self._ward(seed) for seed in seeds]
        x, y = (np.stack([getattr(ward, name) for ward in wards]) for name in ("x", "y"))
        spread = y.std(axis=1, keepdims=True)
        y = (y - y.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
        fitted = descend(x, y, [1.0] + [self.weight] * self.n_labs, looks, sharpness=self.sharpness)
        x_new, y_new = arrivals(tuple(seeds))
        return [fop_errors(ask(x, y[..., :1], weights, x_new)[..., 0], y_new[..., 0]) for weights in fitted]

    def _ward(self, seed: int) -> Samples:
        data = patients(self.n_samples, n_labs=self.n_labs, relatedness=self.relatedness, n_test=10, seed=seed)
        return (shuffled_labels(data, range(1, 1 + self.n_labs), seed=seed) if self.shuffled else data).train


FITS = {
    "alone": Fit(),
    "pure, 1": Fit(1.0, 1.0),
    "half, 1/35": Fit(1 / 35),
    "half, 1": Fit(1.0),
    "half, 10": Fit(10.0),
    "shuffled, 1/35": Fit(1 / 35, shuffled=True),
    "shuffled, 1": Fit(1.0, shuffled=True),
    "harmless, 1/35": Fit(1 / 35, 0.0),
    "pure, 1, 100": Fit(1.0, 1.0, 100),
    "half, 1/35, 150": Fit(1 / 35, 0.5, 150),
    **{f"alone, {n}": Fit(n_samples=n) for n in SIZES if n != Fit.n_samples},
}


@dataclass(frozen=True, eq=False)
class KernelResult:
    """What became of patients ranked safe: fit -> measure -> share of deaths, per seed; and what that decides."""

    errors: Mapping[str, Errors]
    claims: tuple[Claim, ...] = ()

    def interval(self, fit: str, less: str | None = None, measure: str | None = None) -> Interval:
        """Measure one fit, or by which share it exceeds another, seed by seed."""
        values = self.errors[fit][measure or FOP[0.3]]
        return relative_change(values, self.errors[less][measure or FOP[0.3]]) if less else bootstrap(values)

    def more_patients(self, fit: str, n_samples: int) -> Interval:
        """By which share more patients must teach death alone for the same error (30%): its learning curve, turned around."""
        rows = np.column_stack([self.errors[name][FOP[0.3]] for name in (*(f"alone, {n}" for n in SIZES), fit)])
        return resampled(rows, lambda rows: _needed(rows.mean(axis=0)) / n_samples - 1)


def _needed(means: Float[np.ndarray, "run"]) -> float:
    return float(np.exp(np.interp(-means[-1], np.maximum.accumulate(-means[:-1]), np.log(SIZES))))
