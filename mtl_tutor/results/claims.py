"""Claims with their measurements and verdicts."""

from dataclasses import asdict, dataclass
from typing import Literal

from mtl_tutor.checks import checked
from mtl_tutor.statistics import Interval, Verdict

Standing = Literal["finding", "control", "detail"]
Scale = Literal["", "change", "log change", "log gain", "saved", "harm"]


@checked
@dataclass(frozen=True)
class Claim:
    """A claim with its source, the measured effect, and the verdict.

    Attributes
    ----------
    measured : Interval
        The effect that the verdict is about.
    baseline, control : Interval | None
        The tuned single-task net and the control by themselves, in the effect's unit, where there
        are such.
    rule : str
        The condition on the effect that decides.
    condition : str
        The setting outside which a conditional claim doesn't hold.
    printed : float | None
        The effect that the source prints, in the same unit, where it prints one.
    agree : int | None
        In how many blocks of seeds the block's own estimate fulfils the rule, where seeds come in blocks.
    borderline : bool
        Whether an end of the interval lies so near to a boundary of the rule (a fifth of a standard error) that
        another processor's rounding might move the verdict.
    edges : tuple of str
        The compared conditions whose tuned setting lies at the edge of what was tried.
    role : str
        A "finding", which a chapter is about; a "control" of it, which shows that something else is not the reason; or a
        "detail", such as the same under another condition.
    finding : str
        The id of the finding that the claim belongs to; its own if it is one, none if there is none.
    expected : bool
        Of a control: whether its rule holds if the finding is right.
    scale : str
        What the effect is: the "change" of an error as a share of the reference's (-0.1: a tenth less), a "log change" or
        "log gain" (the logarithm of error over reference's, or of reference's over error), the share "saved" of the
        reference's error; "harm" (a difference of errors, in their unit, that grows with the harm); or none of these, if empty.
    """

    id: str
    claim: str
    source: str
    measured: Interval
    verdict: Verdict
    baseline: Interval | None = None
    control: Interval | None = None
    rule: str = ""
    condition: str = ""
    printed: float | None = None
    agree: int | None = None
    borderline: bool = False
    edges: tuple[str, ...] = ()
    role: Standing = "detail"
    finding: str = ""
    expected: bool = True
    scale: Scale = ""

    @property
    def as_expected(self) -> bool | None:
        """Whether a control came out as the finding needs it; None if it is no control, or its interval holds both."""
        if self.role != "control" or self.verdict in (Verdict.NOT_SHOWN, Verdict.CONDITIONAL):
            return None
        return (self.verdict is Verdict.REPRODUCED) == self.expected

    def as_dict(self) -> dict[str, object]:
        """The claim as plain values, for JSON.

        Keys: `id`, `claim`, `source`, `estimate`, `low`, `high`, `n`, `by_block`, `verdict`, and more.
        """
        words = {"id": self.id, "claim": self.claim, "source": self.source}
        beside = {name: value and value.estimate for name, value in (("baseline", self.baseline), ("control", self.control))}
        how = {"rule": self.rule, "condition": self.condition, "printed": self.printed}
        how |= {"agree": self.agree, "borderline": self.borderline, "edges": self.edges}
        how |= {"role": self.role, "finding": self.finding, "as_expected": self.as_expected, "scale": self.scale}
        return {**words, **asdict(self.measured), "verdict": str(self.verdict), **beside, **how}

    def __str__(self) -> str:
        rule, condition = self.rule and f", {self.rule}", self.condition and f"\n    ({self.condition})"
        printed = "" if self.printed is None else f" (printed: {self.printed:g})"
        blocks = f", {self.agree} of {len(self.measured.by_block)} blocks agree" if self.agree is not None else ""
        marks = [word for word, holds in (("borderline", self.borderline), ("edge of the grid", self.edges)) if holds]
        mark = f" ({', '.join(marks)})" if marks else ""
        return f"{self.claim}\n    {self.measured}{printed}{rule}: {self.verdict}{blocks}{mark}{condition}"
