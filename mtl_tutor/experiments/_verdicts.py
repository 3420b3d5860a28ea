"""What a trial is about and what it found: sentences that carry their rule, the settings of its arms, its result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Real

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.results import Bars, Claim, Role
from mtl_tutor.statistics import Interval, Verdict, above, below, bootstrap, paired_difference, relative_change, wilson, within


@dataclass(frozen=True)
class Setting:
    """What tuning chose for an arm.

    Attributes
    ----------
    n_hidden, lr : width and learning rate.
    at_edge : whether the best cell still lies at the edge of the grid after it was extended, or the strongest variant won.
    error : the validation error there.
    variant : the arm's best variant, if it has any.
    """

    n_hidden: int
    lr: float
    at_edge: bool = False
    error: float = float("nan")
    variant: Arm | None = None

    def __str__(self) -> str:
        chosen = f", {self.variant.label}" if self.variant else ""
        return f"{self.n_hidden:4} hidden units, learning rate {self.lr:g}{chosen}" + (" (edge)" if self.at_edge else "")


@dataclass(frozen=True)
class Sentence:
    """A claim before the trial: what is compared, and the rule that will decide.

    Attributes
    ----------
    more, less : arms. The effect is the first's measure minus the second's, seed by seed, or the first's alone.
    least, most, margin : the claim is that the effect is more than `least`; or, where given, less than `most`; or
        within `margin` of zero.
    measure : which one, where a trial has several; its first one when not given.
    relative : the effect is the share by which the first arm's mean exceeds the second's, not the difference.
    printed : the effect that the source prints, in the same unit.
    unless : condition -> id of a sentence that says the same under that condition. Where that one does not hold,
        this one is conditional at best, and names the condition.
    """

    id: str
    text: str
    source: str
    more: str
    less: str | None = None
    least: float = 0.0
    most: float | None = None
    margin: float | None = None
    measure: str | None = None
    relative: bool = False
    printed: float | None = None
    unless: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, effect: Interval) -> Verdict:
        """Decide by the rule alone."""
        if self.margin is not None:
            return within(effect, self.margin)
        return above(effect, self.least) if self.most is None else below(effect, self.most)

    @property
    def rule(self) -> str:
        """The rule in words."""
        if self.margin is not None:
            return f"within {self.margin:g} of 0"
        return f"more than {self.least:g}" if self.most is None else f"less than {self.most:g}"

    def claim(self, experiment: str, effect: Interval, *beside: Interval | None, unmet: Sequence[str] = ()) -> Claim:
        """Write down what was decided; `beside` are the baseline and the control, `unmet` the conditions that don't hold."""
        verdict = self.verdict(effect)
        if verdict is Verdict.REPRODUCED and unmet:
            verdict = Verdict.CONDITIONAL
        condition = f"not {' or '.join(unmet)}" if verdict is Verdict.CONDITIONAL else ""
        words = f"{experiment}-{self.id}", self.text, self.source, effect, verdict
        return Claim(*words, *beside, rule=self.rule, condition=condition, printed=self.printed)


def decided(
    experiment: str, sentences: Sequence[Sentence], effects: Mapping[str, Interval], beside: Mapping[str, Sequence[Interval | None]]
) -> list[Claim]:
    """Write all sentences down as claims; one that says "unless" is conditional where the other it names does not hold.

    Parameters
    ----------
    effects : id -> what was measured.
    beside : id -> baseline and control.
    """
    holds = {s.id for s in sentences if s.verdict(effects[s.id]) is Verdict.REPRODUCED}
    unmet = {s.id: [condition for condition, other in s.unless.items() if other not in holds] for s in sentences}
    return [s.claim(experiment, effects[s.id], *beside[s.id], unmet=unmet[s.id]) for s in sentences]


@dataclass(frozen=True, eq=False)
class TrialResult:
    """What every arm's nets did, and what that says about each sentence.

    Attributes
    ----------
    measured : arm -> measure -> one number per seed; all arms on the same seeds. An arm need not have every measure.
    settings : arm -> the width and learning rate that tuning chose.
    labels, roles : arm -> what pictures call it, and what it stands for.
    claims : the sentences with their verdicts.
    """

    measured: Mapping[str, Mapping[str, Real[np.ndarray, "seed"] | Bool[np.ndarray, "seed"]]]
    settings: Mapping[str, Setting]
    labels: Mapping[str, str]
    roles: Mapping[str, Role]
    claims: tuple[Claim, ...] = ()

    def interval(self, arm: str, less: str | None = None, measure: str | None = None, *, relative: bool = False) -> Interval:
        """Measure one arm, or by how much (or by which share) it exceeds another, seed by seed."""
        values = self._values(arm, measure)
        if less is not None:
            return (relative_change if relative else paired_difference)(1.0 * values, 1.0 * self._values(less, measure))
        return wilson(values) if values.dtype == bool else bootstrap(values)

    def bars(self, arms: Sequence[str] = (), measure: str | None = None, *, ylim: tuple[float, float] | None = None) -> Bars:
        """Picture a measure, with its 95% interval, for some arms or all of them."""
        names = list(arms or (arm for arm in self.measured if self.has(arm, measure)))
        bars = {self.labels[arm]: self.interval(arm, measure=measure) for arm in names}
        return Bars(bars, {self.labels[arm]: self.roles[arm] for arm in names}, ylabel=measure or self._first_measure(), ylim=ylim)

    def __str__(self) -> str:
        lines = [f"{self.labels[arm]:34} {self.settings[arm]}" for arm in self.measured]
        for measure in dict.fromkeys(measure for measures in self.measured.values() for measure in measures):
            having = [arm for arm in self.measured if self.has(arm, measure)]
            lines += ["", measure, *(f"    {self.labels[arm]:34} {self.interval(arm, measure=measure)}" for arm in having)]
        return "\n".join(lines)

    def has(self, arm: str | None, measure: str | None = None) -> bool:
        """Whether there is such an arm, and it was judged so."""
        return arm is not None and arm in self.measured and (measure or self._first_measure()) in self.measured[arm]

    def _first_measure(self) -> str:
        return next(iter(next(iter(self.measured.values()))))

    def _values(self, arm: str, measure: str | None) -> np.ndarray:
        return self.measured[arm][measure or self._first_measure()]
