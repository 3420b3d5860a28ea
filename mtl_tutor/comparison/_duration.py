"""About how long a comparison will take."""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import joblib
from tqdm import tqdm

from mtl_tutor.comparison._entries import N_TUNING, REFERENCES, Entry
from mtl_tutor.recipes import Draw
from mtl_tutor.tuning import tuning_seeds

_STEPS = (2, 12)


def announce(entries: Sequence[Entry], draw: Draw, seeds: Sequence[int], n_jobs: int | None) -> None:
    """Time a few steps of the single-task nets, and say how long all contestants take if they cost as much each."""
    plan, networks = entries[0].plans[0], [entry for entry in entries if entry.recipes[0] not in REFERENCES.values()]
    rows = [int(seed) for seed in tuning_seeds(N_TUNING)]
    first, second = (_seconds(entries[0], draw, rows, steps) for steps in _STEPS)
    per_step = max(second - first, 0.0) / (_STEPS[1] - _STEPS[0]) / len(rows)
    trainings = N_TUNING * len(plan.rates) + len(seeds)
    n_processes = min(joblib.effective_n_jobs(n_jobs), len(networks))  # type: ignore[arg-type]
    seconds = (first + per_step * plan.steps * trainings) * len(networks) / n_processes
    what = f"{len(networks)} contestants, {trainings} trainings each; ensembles take longer"
    tqdm.write(f"About {_spoken(seconds)}: {what}.", file=sys.stderr)


def _seconds(entry: Entry, draw: Draw, seeds: Sequence[int], steps: int) -> float:
    (recipe,), (plan,) = entry.recipes, entry.plans
    began = time.perf_counter()
    recipe.run(draw, seeds, [plan.rates[0]] * len(seeds), replace(plan, steps=steps))
    return time.perf_counter() - began


def _spoken(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
