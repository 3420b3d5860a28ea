"""A claim as it is put on trial: what is compared, which effect counts, and the rule that will decide."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from mtl_tutor import statistics
from mtl_tutor.results import Claim, Scale
from mtl_tutor.results.claims import Standing
from mtl_tutor.statistics import Interval, Verdict, is_borderline

if TYPE_CHECKING:
    from mtl_tutor.experiments.result import Result

Effect = TypeVar("Effect", bound=Callable[..., Interval])


@dataclass(frozen=True)
class Rule:
    """What the effect has to be.

    Attributes
    ----------
    words : str
        The rule in words, as the ledger prints it.
    decide : callable
        From the effect's interval to a verdict.
    boundaries : tuple of float
        The effects at which the verdict changes.

    Raises
    ------
    ValueError
        No boundary: a rule that any effect fulfils.
    """

    words: str
    decide: Callable[[Interval], Verdict]
    boundaries: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.boundaries:
            raise ValueError(f"`boundaries` must name the effects at which the verdict changes; got none for {self.words!r}.")

    def met_by(self, effect: float) -> bool:
        """Whether an effect, if it were known exactly, would fulfil the rule."""
        return self.decide(Interval(effect, effect, effect, 1)) is Verdict.REPRODUCED


def above(threshold: float = 0.0) -> Rule:
    """The effect is more than a threshold."""
    boundaries = (threshold, 0.0) if threshold > 0 else (threshold,)
    return Rule(f"more than {threshold:g}", lambda effect: statistics.above(effect, threshold), boundaries)


def below(threshold: float = 0.0) -> Rule:
    """The effect is less than a threshold."""
    boundaries = (threshold, 0.0) if threshold < 0 else (threshold,)
    return Rule(f"less than {threshold:g}", lambda effect: statistics.below(effect, threshold), boundaries)


def within(margin: float, centre: float = 0.0) -> Rule:
    """The effect differs from a value by less than a margin."""
    words, boundaries = f"within {margin:g} of {centre:g}", (centre - margin, centre + margin)
    return Rule(words, lambda effect: statistics.within(effect, margin, centre), boundaries)


def on_scale(scale: Scale) -> Callable[[Effect], Effect]:
    """Mark an effect as one that findings can show so that + is good, mostly as the share of the error saved; scales as in `Claim`."""

    def mark(effect: Effect) -> Effect:
        setattr(effect, "scale", scale)  # noqa: B010  # type checkers know no such attribute of a function
        return effect

    return mark


def difference(result: "Result", hypothesis: "Hypothesis") -> Interval:
    """The mean of treatment minus reference, seed by seed; without a reference, the treatment's own mean or share."""
    return result.interval(hypothesis.treatment, hypothesis.reference, hypothesis.measure)


@on_scale("change")
def ratio(result: "Result", hypothesis: "Hypothesis") -> Interval:
    """The share by which the treatment's mean exceeds the reference's: -0.1 is a tenth less."""
    return result.interval(hypothesis.treatment, hypothesis.reference, hypothesis.measure, relative=True)


@dataclass(frozen=True)
class Hypothesis:
    """A claim as it is put on trial.

    Attributes
    ----------
    id : str
        Short name; the ledger puts the experiment's name before it.
    text : str
        The claim as a sentence. One that starts with dots goes on from the hypothesis before it.
    source : str
        Whose claim it is.
    treatment, reference : str
        The conditions that are compared; without a reference the treatment is judged by itself.
    rule : Rule
        What the effect has to be: `above`, `below` or `within`.
    effect : callable
        What is measured: `difference`, `ratio`, or a function of the experiment's own from result and hypothesis to an interval.
    measure : str, optional
        Which measure, where there are several; the first one if not given.
    printed : float, optional
        The effect that the source prints, in the same unit.
    unless : mapping of str to str
        Condition -> id of a hypothesis that says the same under that condition. Where that one does not hold,
        this one is conditional at best, and names the condition.
    scale : str
        What the effect is, as in `Claim`, where neither its function nor the experiment's `scales` says so.
    """

    id: str
    text: str
    source: str
    treatment: str
    reference: str | None = None
    rule: Rule = field(default_factory=above)
    effect: Callable[["Result", "Hypothesis"], Interval] = difference
    measure: str | None = None
    printed: float | None = None
    unless: Mapping[str, str] = field(default_factory=dict)
    scale: Scale = ""

    def claim(
        self,
        experiment: str,
        effect: Interval,
        beside: Sequence[Interval | None] = (),
        unmet: Sequence[str] = (),
        edges: Sequence[str] = (),
        scale: Scale = "",
    ) -> Claim:
        """Write down what was decided.

        Parameters
        ----------
        experiment : str
            The experiment's name.
        effect : Interval
            What was measured.
        beside : sequence of Interval or None
            Baseline and control by themselves.
        unmet : sequence of str
            The conditions that don't hold.
        edges : sequence of str
            The arms whose best setting lies at the edge of what was tried.
        scale : str
            What the effect is, as in `Claim`.
        """
        verdict = self.rule.decide(effect)
        if verdict is Verdict.REPRODUCED and unmet:
            verdict = Verdict.CONDITIONAL
        condition = f"not {' or '.join(unmet)}" if verdict is Verdict.CONDITIONAL else ""
        words = f"{experiment}-{self.id}", self.text, self.source, effect, verdict
        agree = sum(self.rule.met_by(one) for one in effect.by_block) if effect.by_block else None
        borderline = is_borderline(effect, self.rule.decide)
        how = {"agree": agree, "borderline": borderline, "edges": tuple(edges), "scale": scale}
        return Claim(*words, *beside, rule=self.rule.words, condition=condition, printed=self.printed, **how)


def decide(
    experiment: str,
    hypotheses: Sequence[Hypothesis],
    result: "Result",
    beside: Callable[["Result", Hypothesis], Sequence[Interval | None]],
    scales: Mapping[str, Scale] = MappingProxyType({}),
) -> tuple[Claim, ...]:
    """Measure every hypothesis' effect and decide by its rule.

    A hypothesis with `unless` is conditional where the other one that it names does not hold. `scales` says what differences
    of a measure are, where they are logarithms of errors.
    """
    effects = {h.id: h.effect(result, h) for h in hypotheses}
    holds = {h.id for h in hypotheses if h.rule.decide(effects[h.id]) is Verdict.REPRODUCED}
    unmet = {h.id: [condition for condition, other in h.unless.items() if other not in holds] for h in hypotheses}
    return tuple(
        h.claim(experiment, effects[h.id], beside(result, h), unmet[h.id], _edges(result, h), _scale(result, h, scales))
        for h in hypotheses
    )


def _scale(result: "Result", hypothesis: Hypothesis, scales: Mapping[str, Scale]) -> Scale:
    measure = hypothesis.measure or result.first_measure()
    return hypothesis.scale or (scales[measure] if measure in scales else getattr(hypothesis.effect, "scale", ""))


def with_roles(experiment: str, claims: Sequence[Claim], findings: Sequence[str], failing: Sequence[str]) -> Iterator[Claim]:
    """Tell findings from what belongs to them.

    A claim that is no finding belongs to the one before it (or to the first), as a control if its source says so, or else as a
    detail.

    Parameters
    ----------
    experiment : str
        The experiment's name.
    claims : sequence of Claim
        All of its claims.
    findings, failing : sequence of str
        Ids of the hypotheses that are findings, and of the controls whose rule must not hold if the finding is right.

    Raises
    ------
    ValueError
        An id that none of the claims has.
    """
    ids = [claim.id.removeprefix(f"{experiment}-") for claim in claims]
    if strangers := [name for name in (*findings, *failing) if name not in ids]:
        raise ValueError(f"`findings` and `failing_controls` must be ids of hypotheses; {experiment!r} has no {strangers[0]!r}.")
    finding = f"{experiment}-{findings[0]}" if findings else ""
    for name, claim in zip(ids, claims, strict=True):
        finding = claim.id if name in findings else finding
        role: Standing = "finding" if name in findings else "control" if claim.source == "control" else "detail"
        yield replace(claim, role=role, finding=finding, expected=name not in failing)


def _edges(result: "Result", hypothesis: Hypothesis) -> list[str]:
    """The compared conditions whose setting lies at the edge of the grid in half of the blocks or more."""
    arms = [arm for arm in (hypothesis.treatment, hypothesis.reference) if arm in result.settings]
    # no setting is None's
    return [result.label(arm) for arm in arms if 2 * result.settings[arm].n_at_edge >= len(result.settings[arm])]  # type: ignore[arg-type]
