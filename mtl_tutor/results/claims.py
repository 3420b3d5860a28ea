"""Claims with their measurements and verdicts."""

from dataclasses import asdict, dataclass

from mtl_tutor.checks import checked
from mtl_tutor.statistics import Interval, Verdict


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
        The condition on the effect, fixed before the measurement.
    condition : str
        The setting outside which a conditional claim doesn't hold.
    printed : float | None
        The effect that the source prints, in the same unit, where it prints one.
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

    def as_dict(self) -> dict[str, object]:
        """The claim as plain values, for JSON.

        Keys: `id`, `claim`, `source`, `estimate`, `low`, `high`, `n`, `verdict`, and more.
        """
        words = {"id": self.id, "claim": self.claim, "source": self.source}
        beside = {name: value and value.estimate for name, value in (("baseline", self.baseline), ("control", self.control))}
        how = {"rule": self.rule, "condition": self.condition, "printed": self.printed}
        return {**words, **asdict(self.measured), "verdict": str(self.verdict), **beside, **how}

    def __str__(self) -> str:
        rule, condition = self.rule and f", {self.rule}", self.condition and f"\n    ({self.condition})"
        printed = "" if self.printed is None else f" (printed: {self.printed:g})"
        return f"{self.claim}\n    {self.measured}{printed}{rule}: {self.verdict}{condition}"
