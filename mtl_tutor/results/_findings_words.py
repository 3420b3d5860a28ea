"""What a claim's row says, in the same words on a page and in a terminal."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from mtl_tutor.results.claims import Claim, Scale

_NUMBER = r"-?\d[\d.]*(?:e[+-]?\d+)?"
_NOISE = 1e-12  # below, a number is the rounding of a zero
_LARGE = 700.0  # above, 100 times its exponential is no float
_TURNED: Mapping[str, Callable[[float], float]] = {  # from an effect's scale to one on which + is good: what is saved, mostly as a share
    "change": lambda change: -change,
    "log change": lambda change: -_expm1(change),
    "log gain": lambda gain: -_expm1(-gain),
    "saved": lambda saved: saved,
    "harm": lambda harm: -harm,
}
_EXPECTED = {True: "as expected", False: "not as expected"}


def on_one_scale(claim: Claim) -> Claim:
    """Tell an effect, and the rule about it, as the share of the reference's error that is saved, where it can be told so.

    A harm is turned around and stays in the error's unit.
    """
    if claim.scale not in _TURNED:
        return claim
    saved, measured = _TURNED[claim.scale], claim.measured
    scale: Scale = "" if claim.scale == "harm" else "saved"
    tell = short if claim.scale == "harm" else per_cent
    low, high = sorted([saved(measured.low), saved(measured.high)])
    ends = [saved(end) for end in thresholds(claim.rule)]
    rule = claim.rule
    if len(ends) == 2:
        rule = " to ".join(tell(end) for end in sorted(ends))
    elif ends:
        rises = saved(1.0) > saved(0.0)
        rule = f"{'more' if rises == ('more than' in rule) else 'less'} than {tell(ends[0])}"
    interval = replace(measured, estimate=saved(measured.estimate), low=low, high=high, by_block=tuple(map(saved, measured.by_block)))
    printed = None if claim.printed is None else saved(claim.printed)
    return replace(claim, measured=interval, rule=rule, printed=printed, scale=scale)


def _expm1(value: float) -> float:
    return math.expm1(min(value, _LARGE))


def per_cent(value: float) -> str:
    """A share in per cent, in three digits."""
    return f"{short(100 * value)}%"


def outcome(claim: Claim) -> str:
    """The verdict; of a control, whether it came out as the finding needs it."""
    if claim.role != "control":
        return str(claim.verdict)
    return f"control, {_EXPECTED.get(claim.as_expected, str(claim.verdict))}"  # type: ignore[arg-type]  # None is open


def short(value: float) -> str:
    """A number in three digits, of which a long one keeps its zeros: -1510 rather than -1.51e+03."""
    told = f"{0.0 if abs(value) < _NOISE else value:.3g}"
    return f"{float(told):.0f}" if "e+" in told and abs(value) < 1e6 else told


def effect(claim: Claim) -> str:
    """The estimate and its interval; shares of an error that are saved in per cent."""
    estimate, low, high = numbers(claim)
    return f"{estimate} [{low.removesuffix('%')}, {high.removesuffix('%')}]"


def numbers(claim: Claim) -> tuple[str, str, str]:
    """The estimate and the ends of its interval."""
    tell = per_cent if claim.scale == "saved" else short
    measured = claim.measured
    return tell(measured.estimate), tell(measured.low), tell(measured.high)


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
        *([f"printed in the source: {_printed(claim)}"] if claim.printed is not None else []),
        *(["borderline"] if claim.borderline else []),
        *([f"edge of the grid: {' and '.join(claim.edges)}"] if claim.edges else []),
    ]


def thresholds(rule: str) -> tuple[float, ...]:
    """The effects that a rule names, read from its words; none where they are others."""
    if found := re.search(rf"(?:more|less) than ({_NUMBER})(%?)$", rule):
        return (_of(found[1], found[2]),)
    if found := re.search(rf"within ({_NUMBER}) of ({_NUMBER})$", rule):
        return (float(found[2]) - float(found[1]), float(found[2]) + float(found[1]))
    found = re.search(rf"({_NUMBER})(%?) to ({_NUMBER})(%?)$", rule)
    return (_of(found[1], found[2]), _of(found[3], found[4])) if found else ()


def _of(number: str, sign: str) -> float:
    return float(number) / 100 if sign else float(number)


def _printed(claim: Claim) -> str:
    return per_cent(claim.printed or 0.0) if claim.scale == "saved" else f"{claim.printed:g}"
