"""Caruana's table of nine tasks on one road, row by row, and what stands beside it: the sentences of `Road`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._verdicts import Sentence
from mtl_tutor.results import Claim
from mtl_tutor.statistics import Interval, Verdict, resampled
from mtl_tutor.tasks.road import QUESTIONS

Errors = Mapping[str, Float[np.ndarray, "seed"]]
TABLE, CONTROLS, OURS = "Caruana 1997, Table 1", "Caruana 1997, §3.1", "ours"
OWN = "log of the errors at one common step over those at each task's own"
CHANGES = (-0.159, -0.124, -0.101, -0.089, -0.007, -0.081, -0.296, 0.027, 0.0)
PRINTED: Mapping[str, float] = dict(zip(QUESTIONS, CHANGES, strict=True))
FAIR = "against nets of their own whose trunk learns nine times as fast"
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}


def _row(of: str, text: str, **how: Any) -> Sentence:
    """One question, asked in the joint net and in the best of its own."""
    named = of.replace(" ", "-")
    how = how or {**LOWER, "unless": {FAIR: f"{named}-fast"}}
    return Sentence(named, text, TABLE, "joint", f"{of} alone", measure=of, printed=PRINTED[of], **how)


def _close(of: str, text: str) -> Sentence:
    return _row(of, text, margin=0.05, relative=True)


def _fast(of: str, text: str) -> Sentence:
    """The same against a single net whose trunk learns nine times as fast; the joint net's has its best rate."""
    return Sentence(f"{of.replace(' ', '-')}-fast", text, OURS, "joint, any trunk", f"{of} alone, fast", measure=of, **LOWER)


def _steering(name: str, text: str, source: str, more: str, less: str = "steering alone", **how: Any) -> Sentence:
    return Sentence(name, text, source, more, less, measure="steering", **(how or LOWER))


SENTENCES = (
    _row("steering", "In one net with eight other questions, steering errs less than in the best net of its own"),
    _row("lanes", "... and so does the number of lanes"),
    _row("left edge", "... the left edge"),
    _row("right edge", "... the right edge"),
    _row("road centre", "... the road's centre"),
    _row("road grey", "... the road's grey"),
    _close("line centre", "... while the line's centre hardly changes"),
    _close("border grey", "... nor does the border's grey"),
    _close("line grey", "... nor the line's grey"),
    _steering("not-shuffled", "Steering errs less than beside shuffled labels", CONTROLS, "joint", "shuffled"),
    _steering("as-alone", "... beside which it errs as alone", CONTROLS, "shuffled", margin=0.05, relative=True),
    _steering("not-copies", "... and less than among copies of itself", "control", "joint", "copies"),
    _steering(
        "trunk", "Alone, with a trunk that learns nine times as fast, it errs less than jointly", OURS, "steering alone, fast", "joint"
    ),
    _fast("steering", "Against such a net, a joint one whose trunk has its best rate errs less on steering"),
    _fast("lanes", "... on the number of lanes"),
    _fast("left edge", "... on the left edge"),
    _fast("right edge", "... on the right edge"),
    _fast("road centre", "... on the road's centre"),
    _fast("road grey", "... on the road's grey"),
    _steering("adam", "With Adam, steering errs less jointly", OURS, "joint, Adam", "steering alone, Adam"),
    _steering("large", "In a joint net of 144 units it errs less than alone", CONTROLS, "joint, large"),
    _steering("twice", "... and from twice the samples", OURS, "joint, twice", "steering alone, twice"),
    Sentence("own-stop", "Stopping each task by itself beats one common step", "Caruana 1997, §7.1", "joint", measure=OWN),
)
MEAN = Sentence("mean", "Over all nine questions, one net errs less than nine nets", TABLE, "joint", "alone", most=0.0, printed=-0.092)
MEAN_FAST = Sentence(
    "mean-fast", "... also where all trunks are fast, or at their best rate", OURS, "joint, any trunk", "alone, fast", most=0.0
)
ORDER = Sentence("order", "What gains more in the table gains more here (rank correlation)", TABLE, "joint", "alone")


def table_claims(joint: Errors, alone: Errors, joint_any: Errors, alone_fast: Errors) -> list[Claim]:
    """Decide what all nine rows say together: the mean change, and whether the changes come in the printed order."""
    fair = MEAN_FAST.claim("road", _over_rows(joint_any, alone_fast, np.mean))
    mean = MEAN.claim("road", _over_rows(joint, alone, np.mean), unmet=[] if fair.verdict is Verdict.REPRODUCED else [FAIR])
    return [mean, fair, ORDER.claim("road", _over_rows(joint, alone, rank_correlation))]


def rank_correlation(changes: Float[np.ndarray, "task"]) -> float:
    """Correlate the ranks of nine changes with those of the printed ones."""
    printed = np.array([PRINTED[of] for of in QUESTIONS])
    return float(np.corrcoef(changes.argsort().argsort(), printed.argsort().argsort())[0, 1])


def _over_rows(more: Errors, less: Errors, statistic: Any) -> Interval:
    values = np.stack([errors[of] for errors in (more, less) for of in QUESTIONS], axis=1)
    return resampled(values, lambda rows: statistic(np.divide(*np.split(rows.mean(axis=0), 2)) - 1))
