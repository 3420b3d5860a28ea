"""What is claimed of tied trunks, over which spreads and ties, and how the best tie is found."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.stats import spearmanr

from mtl_tutor.experiments._base import Sentence, TrialResult

SPREADS, TIES, N_TASKS = (0.0, 0.3, 1.0, 10.0), (0.1, 0.3, 1.0, 3.0, 10.0), 4
SMALL, LARGE = 0.15, 1.0  # scale of the first weights; the larger one is what architectures have by default
STARTS: Mapping[str, tuple[float, bool]] = {"apart": (LARGE, False), "alike": (LARGE, True), "alike, half": (LARGE / 2, True)}
FIRST = "error of the first task"
DUONG = "Duong et al. 2015"
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}
HARMLESS: dict[str, Any] = {"most": 0.05, "relative": True}
TENTH: dict[str, Any] = {"most": -0.1, "relative": True}
ALIKE: dict[str, Any] = {"margin": 0.1, "relative": True}
SENTENCES = (
    Sentence("same", "Tasks that are the same are better in one trunk than apart", "ours", "one, 0", "apart, 0", **LOWER),
    Sentence("near", "Tasks that differ a little are better tied than apart", DUONG, "tied, 0.3", "apart, 0.3", **LOWER),
    Sentence("near-decay", "... and better than apart with weights that decay", "ours", "tied, 0.3", "decay, 0.3", **LOWER),
    Sentence("near-shuffled", "... and better than tied to shuffled ones", "control", "tied, 0.3", "shuffled", measure=FIRST, **LOWER),
    Sentence("near-one", "... and as well as in one trunk", "ours", "tied, 0.3", "one, 0.3", **ALIKE),
    Sentence("half", "Tasks that are half their own are better tied than apart", DUONG, "tied, 1", "apart, 1", **LOWER),
    Sentence("half-one", "... and better than in one trunk", "ours", "tied, 1", "one, 1", **LOWER),
    Sentence("half-decay", "... and better than apart with weights that decay", "ours", "tied, 1", "decay, 1", **LOWER),
    Sentence("strangers-one", "Unrelated tasks are worse in one trunk than apart", "ours", "one, 10", "apart, 10", relative=True),
    Sentence("strangers", "... and no worse tied", "ours", "tied, 10", "apart, 10", **HARMLESS),
    Sentence("strangers-decay", "... but worse than apart with weights that decay", "ours", "tied, 10", "decay, 10", relative=True),
    Sentence("starts", "Started large and apart, unrelated tasks err less by a tenth if tied", "ours", "start apart", "large", **TENTH),
    Sentence("starts-alike", "... also if started alike", "control", "start alike", "large", **TENTH),
    Sentence("starts-half", "... as much as if started alike, half as large", "ours", "start apart", "start alike, half", **ALIKE),
)
ORDER = Sentence("order", "The more tasks differ, the weaker the best tie (correlation of ranks)", "ours", "ranks", most=-0.3)


def best_tie(result: TrialResult, where: str) -> str:
    """The arm of the tie that has the lowest validation error, on the seeds that tune."""
    return min((arm for t in TIES if (arm := f"{t:g}, {where}") in result.settings), key=lambda arm: result.settings[arm].error)


def rank_correlations(errors: Mapping[str, Mapping[str, Any]], measure: str) -> Float[np.ndarray, "seed"]:
    """For every draw, how the strength of its best tie (both ends included) goes with the spread: the correlation of their ranks."""
    strengths = ("apart", *(f"{t:g}" for t in TIES), "one")
    rows = [np.argmin([errors[f"{strength}, {s:g}"][measure] for strength in strengths], axis=0) for s in SPREADS]
    found = [spearmanr(SPREADS, best)[0] if len(set(best)) > 1 else 0.0 for best in np.stack(rows, axis=1)]
    return np.array(found, dtype=float)
