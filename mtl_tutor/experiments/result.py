"""What an experiment measured, per condition and seed, and what that decides. Imports no torch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
from jaxtyping import Shaped

from mtl_tutor import statistics
from mtl_tutor.results import Bars, Claim, Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Settings

Measured = Mapping[str, Mapping[str, Shaped[np.ndarray, "..."]]]
"""Condition -> measure -> numbers, the first axis for seeds. A condition need not have every measure."""


@dataclass(frozen=True, eq=False)
class Result:
    """What every condition's runs did, and what that says about each hypothesis.

    Attributes
    ----------
    measured : mapping
        Condition -> measure -> one number (or a row of numbers) per seed, the same seeds for all conditions. A condition
        need not have every measure. Truth values count as shares.
    settings : mapping of str to Settings
        What tuning chose, by condition: one setting for each block of seeds, or one for all.
    labels : mapping of str to str
        Condition -> what pictures call it; its own name if not given.
    roles : mapping of str to Role
        Condition -> what it stands for, which decides its colour.
    claims : tuple of Claim
        The hypotheses with their verdicts.
    name : str
        The experiment's name.
    n_blocks : int
        In how many blocks the seeds came; intervals are over blocks. 1 if in none: they are over seeds then.
    """

    measured: Measured
    settings: Mapping[str, Settings] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    name: str = ""
    n_blocks: int = 1

    def has(self, condition: str | None, measure: str | None = None) -> bool:
        """Whether there is such a condition, and it was judged so."""
        return condition is not None and condition in self.measured and (measure or self.first_measure()) in self.measured[condition]

    def values(self, condition: str, measure: str | None = None) -> Shaped[np.ndarray, "..."]:
        """Read one measure of one condition, one number per seed.

        Raises
        ------
        ValueError
            There is no such condition, or it has no such measure.
        """
        measures = self.measured.get(condition)
        if measures is None:
            near = suggestion(condition, self.measured)
            raise ValueError(f"`condition` must be one of {sorted(self.measured)}{near}; got {condition!r}.")
        measure = measure or self.first_measure()
        if measure not in measures:
            raise ValueError(f"`measure` must be one of {sorted(measures)} for {condition!r}; got {measure!r}.")
        return measures[measure]

    def interval(
        self, condition: str, reference: str | None = None, measure: str | None = None, *, relative: bool = False
    ) -> Interval:
        """Measure one condition, or by how much (or by which share) it exceeds another, seed by seed."""
        values = self.values(condition, measure)
        if reference is None:
            return self.mean(values)
        if relative:
            return self.ratio(values, self.values(reference, measure))
        return self.difference(values, self.values(reference, measure))

    def saved(self, condition: str, reference: str, measure: str | None = None) -> Interval:
        """Measure which share of the reference's error a condition saves, seeds paired: 0.1 is a tenth less, below 0 is harm."""
        change = self.interval(condition, reference, measure, relative=True)
        turned = tuple(-one for one in change.by_block)
        return Interval(-change.estimate, -change.high, -change.low, change.n, by_block=turned)

    def mean(self, values: Shaped[np.ndarray, "seed"]) -> Interval:
        """The mean of one number per seed, or the share of truth values, with its interval over blocks."""
        if values.dtype == bool:
            return statistics.wilson(values) if self.n_blocks == 1 else statistics.share_by_blocks(values, self.n_blocks)
        return statistics.bootstrap(values) if self.n_blocks == 1 else statistics.mean_by_blocks(values, self.n_blocks)

    def difference(self, values: Shaped[np.ndarray, "seed"], reference: Shaped[np.ndarray, "seed"]) -> Interval:
        """The mean difference, seed by seed, with its interval over blocks; for truth values that of their shares."""
        if values.dtype == reference.dtype == bool and self.n_blocks > 1:
            return statistics.difference_of_shares(values, reference, self.n_blocks)
        return self.mean(1.0 * values - 1.0 * reference)

    def ratio(self, values: Shaped[np.ndarray, "seed"], reference: Shaped[np.ndarray, "seed"]) -> Interval:
        """By which share one mean exceeds another, seeds paired, with its interval over blocks."""
        if self.n_blocks == 1:
            return statistics.relative_change(1.0 * values, 1.0 * reference)
        return statistics.ratio_by_blocks(1.0 * values, 1.0 * reference, self.n_blocks)

    def statistic(self, rows: Shaped[np.ndarray, "seed *column"], of: Callable[[np.ndarray], float]) -> Interval:
        """A statistic of all seeds' rows, such as a slope or a correlation, with its interval over blocks."""
        return statistics.resampled(rows, of) if self.n_blocks == 1 else statistics.statistic_by_blocks(rows, of, self.n_blocks)

    def bars(
        self,
        conditions: Sequence[str] = (),
        measure: str | None = None,
        *,
        ylabel: str = "",
        ylim: tuple[float, float] | None = None,
        reference: float | None = None,
    ) -> Bars:
        """Picture a measure, with its 95% interval, for some conditions or all that have it."""
        names = list(conditions or (name for name in self.measured if self.has(name, measure)))
        bars = {self.label(name): self.interval(name, measure=measure) for name in names}
        roles: dict[str, Role] = {self.label(name): self.roles[name] for name in names if name in self.roles}
        return Bars(bars, roles, ylabel=ylabel or measure or self.first_measure(), ylim=ylim, reference=reference)

    def label(self, condition: str) -> str:
        """What pictures call a condition."""
        return self.labels.get(condition, condition)

    def first_measure(self) -> str:
        """The measure that is meant where none is named: the first one of the first condition."""
        return next(iter(next(iter(self.measured.values()))))

    def claim(self, claim_id: str) -> Claim:
        """Find one claim by its id, with or without the experiment's name before it.

        Raises
        ------
        ValueError
            There is no such claim.
        """
        for claim in self.claims:
            if claim.id in (claim_id, f"{self.name}-{claim_id}"):
                return claim
        known = [claim.id.removeprefix(f"{self.name}-") for claim in self.claims]
        raise ValueError(f"`claim_id` must name a claim{suggestion(claim_id, known)}; got {claim_id!r}. There are {known}.")

    def tell(self, *ids: str) -> str:
        """Say in words what was decided: the claims of some ids in that order, or all of them."""
        claims = [self.claim(one) for one in ids] if ids else self.claims
        return "\n".join(map(str, claims))

    def __str__(self) -> str:
        lines = [f"{self.label(name):34} {chosen}" for name, chosen in self.settings.items()]
        for measure in dict.fromkeys(measure for measures in self.measured.values() for measure in measures):
            having = [name for name in self.measured if self.has(name, measure) and self.values(name, measure).ndim == 1]
            lines += ["", measure, *(f"    {self.label(name):34} {self._told(name, measure)}" for name in having)]
        return "\n".join(lines).strip("\n")

    def _told(self, condition: str, measure: str) -> str:
        """Mean and interval of the runs that have a number, and how many have none."""
        values = self.values(condition, measure)
        kept = np.isfinite(1.0 * values)
        if kept.all():
            return str(self.interval(condition, measure=measure))
        n_lost = f"{(~kept).sum()} of {len(values)} runs diverged"
        return f"{statistics.bootstrap(values[kept])}; {n_lost}" if kept.sum() > 1 else n_lost


def suggestion(name: str, known: Iterable[str]) -> str:
    """Ask whether the nearest known name was meant, if one is near: " (did you mean eavesdropping?)"."""
    near = get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""
