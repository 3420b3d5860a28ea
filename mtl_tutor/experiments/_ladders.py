"""Four tasks, each harder than the one before, and whether the gain rises with the difficulty: the sentences of `HarderTasks`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from mtl_tutor.experiments._verdicts import Sentence
from mtl_tutor.results import Claim
from mtl_tutor.statistics import Interval, Verdict, resampled
from mtl_tutor.tasks.horizons import NAMES

Measured = Mapping[str, Mapping[str, Real[np.ndarray, "seed"]]]
TABLE, FAIR = "Caruana 1997, Table 5", "against nets of their own whose trunk learns four times as fast"
LESS: dict[str, Any] = {"most": 0.0, "relative": True}
ONE, TWO, FOUR, EIGHT = NAMES["farther"]


def _row(named: str, text: str, of: str, **how: Any) -> Sentence:
    return Sentence(named, text, TABLE, "joint", f"{of} alone", measure=of, **how)


SENTENCES = (
    _row("one", "Beside farther horizons, one step ahead is predicted worse", ONE, printed=0.027, relative=True),
    _row("two", "... but two steps better", TWO, printed=-0.041, **LESS),
    _row("four", "... and four", FOUR, printed=-0.097, **LESS),
    _row("eight", "... and eight", EIGHT, printed=-0.098, unless={FAIR: "eight-fast"}, **LESS),
    Sentence("eight-fast", "... also " + FAIR, "ours", "joint, any trunk", f"{EIGHT} alone, fast", measure=EIGHT, **LESS),
    Sentence("shuffled", "Eight steps fare better than beside shuffled labels", "control", "joint", "shuffled", measure=EIGHT, **LESS),
    Sentence("copies", "... and than among copies", "control", "joint", "copies", measure=EIGHT, **LESS),
)
SPREAD = Sentence(
    "spread", "The hardest task gains more than the easiest", TABLE, "joint", "alone", printed=0.125, unless={FAIR: "spread-fast"}
)
ORDER = Sentence("order", "... and gain and difficulty go together (rank correlation)", TABLE, "joint", "alone", printed=1.0)
FAST = Sentence("spread-fast", "... also " + FAIR, "ours", "joint", "alone")
NOISY = Sentence("spread-noisier", "So does the hardest of four that differ in the noise of their labels", "ours", "noisier", "alone")
STRANGE = Sentence(
    "spread-strangers", "... and of four that have nothing to do with one another it is harmed least", "control", "strangers", "alone"
)


def ladder_claims(measured: Measured) -> list[Claim]:
    """Decide them, from arm -> task -> one error per seed."""
    farther, noisier, strangers = NAMES.values()
    fast = FAST.claim("harder-tasks", spread(_rungs(measured, "joint, any trunk", farther, ", fast")))
    rungs = _rungs(measured, "joint", farther)
    return [
        SPREAD.claim("harder-tasks", spread(rungs), unmet=[] if fast.verdict is Verdict.REPRODUCED else [FAIR]),
        fast,
        ORDER.claim("harder-tasks", resampled(rungs, order)),
        NOISY.claim("harder-tasks", spread(_rungs(measured, "noisier", noisier))),
        STRANGE.claim("harder-tasks", spread(_rungs(measured, "strangers", strangers))),
    ]


def gains(rungs: Float[np.ndarray, "seed column"]) -> Float[np.ndarray, "task"]:
    """The share of each task's error that company saves, from joint errors and then those alone, easiest first."""
    joint, alone = np.split(rungs.mean(axis=0), 2)
    return 1 - joint / alone


def order(rungs: Float[np.ndarray, "seed column"]) -> float:
    """Correlate the ranks of the gains with those of the errors alone."""
    difficulty = np.split(rungs.mean(axis=0), 2)[1]
    return float(np.corrcoef(gains(rungs).argsort().argsort(), difficulty.argsort().argsort())[0, 1])


def spread(rungs: Float[np.ndarray, "seed column"]) -> Interval:
    """The last task's gain, less the first one's."""
    return resampled(rungs, lambda rows: float(gains(rows)[-1] - gains(rows)[0]))


def _rungs(measured: Measured, joint: str, names: Sequence[str], kind: str = "") -> Float[np.ndarray, "seed column"]:
    return np.stack([measured[joint][of] for of in names] + [measured[f"{of} alone{kind}"][of] for of in names], axis=1).astype(float)
