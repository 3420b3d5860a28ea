"""What a claim's row says, in the same words on a page and in a terminal."""

import re

from mtl_tutor.results.claims import Claim

_NUMBER = r"-?\d[\d.]*(?:e[+-]?\d+)?"
_NOISE = 1e-12  # below, a number is the rounding of a zero
_EXPECTED = {True: "as expected", False: "not as expected"}


def outcome(claim: Claim) -> str:
    """The verdict; of a control, whether it came out as the finding needs it."""
    if claim.role != "control":
        return str(claim.verdict)
    return f"control, {_EXPECTED.get(claim.as_expected, str(claim.verdict))}"  # type: ignore[arg-type]  # None is open


def short(value: float) -> str:
    """A number in three digits."""
    return f"{0.0 if abs(value) < _NOISE else value:.3g}"


def effect(claim: Claim) -> str:
    """The estimate and its interval."""
    measured = claim.measured
    return f"{short(measured.estimate)} [{short(measured.low)}, {short(measured.high)}]"


def runs(claim: Claim) -> str:
    """How many runs there were."""
    return f"n = {claim.measured.n}"


def agreement(claim: Claim) -> list[str]:
    """How many blocks of seeds fulfil the rule by themselves, where seeds came in blocks."""
    return [] if claim.agree is None else [f"{claim.agree} of {len(claim.measured.by_block)} blocks agree"]


def remarks(claim: Claim) -> list[str]:
    """The rule, and what a reader of the verdict should know besides."""
    return [
        *([f"rule: {claim.rule}"] if claim.rule else []),
        *([claim.condition] if claim.condition else []),
        *([f"printed in the source: {claim.printed:g}"] if claim.printed is not None else []),
        *(["borderline"] if claim.borderline else []),
        *([f"edge of the grid: {' and '.join(claim.edges)}"] if claim.edges else []),
    ]


def thresholds(rule: str) -> tuple[float, ...]:
    """The effects that a rule names, read from its words; none where they are others."""
    if found := re.search(rf"(?:more|less) than ({_NUMBER})$", rule):
        return (float(found[1]),)
    if found := re.search(rf"within ({_NUMBER}) of ({_NUMBER})$", rule):
        return (float(found[2]) - float(found[1]), float(found[2]) + float(found[1]))
    found = re.search(rf"({_NUMBER}) to ({_NUMBER})$", rule)
    return (float(found[1]), float(found[2])) if found else ()
