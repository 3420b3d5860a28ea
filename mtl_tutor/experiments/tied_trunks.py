"""Trunks tied to their mean: from separate nets to one trunk, and what a tie does where there is nothing to share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Real
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, beside_shuffled, best_of
from mtl_tutor.experiments._base import Trial, TrialResult
from mtl_tutor.experiments._soft_nets import one_trunk, tied
from mtl_tutor.experiments._tie_claims import (
    FIRST,
    LARGE,
    N_TASKS,
    ORDER,
    SENTENCES,
    SMALL,
    SPREADS,
    STARTS,
    TIES,
    best_tie,
    rank_correlations,
)
from mtl_tutor.results import Claim, Curves, History, Role
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import TaskData, deviations
from mtl_tutor.training import SGD

ALL, CHOICE = "error, mean of the tasks", "validation error of the first task"


@dataclass(frozen=True)
class TiedTrunks(Trial):
    """Trunks tied to their mean are as good as the better of separate trunks and one, and the best tie weakens as tasks part.

    Attributes
    ----------
    n_samples, noise : of `deviations`, of which there are four, with twenty inputs.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial. Learning rates are tuned for each tie, and ties for each spread.

    Raises
    ------
    ValueError : fewer than two samples, negative noise, or too few seeds.

    Source: Duong et al. (2015) for the tie, Evgeniou & Pontil (2004) for the tasks. Departures: trunks start alike, unless an arm says
    otherwise; tasks are linear, and all of the set-up is ours.
    """

    seeds: int = 64
    tuning_seeds: int = 32
    n_samples: int = 30
    noise: float = 0.7

    name, chapter = "tied-trunks", "sharing/hard-and-soft"
    smallest = (("n_samples", 2), ("noise", 0))
    widths, lrs, extensions, steps, eval_every = (4,), (0.002, 0.005, 0.015), 1, 200, 10
    optimizer = SGD(momentum=0.9)
    baseline, control, sentences = "", "", SENTENCES

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """One trunk of tanh units, with a head for each task."""
        return one_trunk(SMALL)(data, n_hidden)

    def draw(self, spread: float) -> Draw:
        """Draw tasks that differ so much."""
        return lambda seed: deviations(N_TASKS, self.n_samples, spread=spread, noise=self.noise, seed=seed).data

    def measure(self, history: History) -> Mapping[str, Real[np.ndarray, "seed"] | Bool[np.ndarray, "seed"]]:
        """Judge all tasks, and the first one."""
        best = history.best()
        return {ALL: best.mean(axis=1), FIRST: best[:, 0], CHOICE: history.best("validation")[:, 0]}

    def validated(self, history: History) -> Any:
        """Tune for all tasks."""
        return history.best("validation").mean(axis=1)

    def arms(self) -> Mapping[str, Arm]:
        """Every tie for every spread, both ends, and the controls."""
        arms: dict[str, Arm] = {}
        for s in SPREADS:
            arms |= self.between_ends(s)
        for t in TIES:
            one = Arm(f"tie {t:g}, shuffled", "control", beside_shuffled(self.draw(0.3)), net=tied(t, scale=SMALL), like=f"{t:g}, 0.3")
            arms |= {f"{t:g}, shuffled": one}
        for start, (scale, alike) in STARTS.items():
            for t in TIES[:3]:
                build = tied(t, scale=scale, alike=alike)
                arms[f"{t:g}, {start}"] = Arm(f"tie {t:g}, start {start}", "other", self.draw(10.0), net=build)
        return arms | {"large": Arm("apart, large start", "single_task", self.draw(10.0), net=tied(0.0, scale=LARGE))}

    def between_ends(self, spread: float) -> dict[str, Arm]:
        """Separate nets, tied ones, and one trunk; the last moves by the mean of the tasks' gradients, as tied ones together do."""
        draw = self.draw(spread)
        apart = Arm(f"apart, {spread:g}", "single_task", draw, shared=False)
        decays = [replace(apart, label=f"apart, decay {d:g}", weight_decay=d) for d in (0.03, 0.1, 0.3, 1.0)]
        arms = {"apart": apart, "decay": best_of(f"apart, weights decay, {spread:g}", "control", decays)}
        arms |= {f"{t:g}": Arm(f"tie {t:g}, {spread:g}", "main", draw, net=tied(t, scale=SMALL)) for t in TIES}
        arms |= {"one": Arm(f"one trunk, {spread:g}", "other", draw, trunk_lr=1 / N_TASKS)}
        return {f"{name}, {spread:g}": arm for name, arm in arms.items()}

    def claims(self, result: TrialResult) -> list[Claim]:
        """Let validation choose the ties, then decide."""
        chosen = {f"tied, {s:g}": best_tie(result, f"{s:g}") for s in SPREADS}
        chosen |= {f"start {start}": best_tie(result, start) for start in STARTS}
        chosen["shuffled"] = min((f"{t:g}, shuffled" for t in TIES), key=lambda arm: result.interval(arm, measure=CHOICE).estimate)
        measured = dict(result.measured) | {name: result.measured[arm] for name, arm in chosen.items()}
        order = ORDER.claim(self.name, bootstrap(rank_correlations(measured, ALL)))
        return [*super().claims(replace(result, measured=measured)), order]


def ties(spread: float = 0.3, start: str = "alike, small", samples: int = 30, *, n_seeds: int = 64) -> Curves:
    """Follow the error over the strength of the tie, from separate nets to one trunk; one learning rate (0.005), untuned.

    Parameters
    ----------
    spread : how much the tasks differ, from 0 (the same) to 10 (unrelated).
    start : "alike, small" (all trunks have the same first weights, of scale 0.15) or "apart, large" (each its own, of scale 1).
    samples : training samples of each task, with twenty inputs.
    n_seeds : draws of four tasks, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, alike = TiedTrunks(seeds=n_seeds, first_seed=2000, n_samples=samples), start == "alike, small"
    scale, arms = SMALL if alike else LARGE, trial.between_ends(spread)
    first = arms[f"apart, {spread:g}"]
    ends = {
        "apart": replace(first, net=tied(0.0, scale=scale), shared=True),
        "apart, weights decay": replace(first, net=tied(0.0, scale=scale), shared=True, weight_decay=0.3),
        "one trunk": replace(arms[f"one, {spread:g}"], net=one_trunk(scale)),
    }
    lines = {name: [bootstrap(trial.measured(arm, 4, 0.005)[ALL])] * len(TIES) for name, arm in ends.items()}
    tied_arms = [replace(arms[f"{t:g}, {spread:g}"], net=tied(t, scale=scale, alike=alike)) for t in TIES]
    lines = {"tied": [bootstrap(trial.measured(arm, 4, 0.005)[ALL]) for arm in tied_arms]} | lines
    roles: dict[str, Role] = {"tied": "main", "apart": "single_task", "apart, weights decay": "control", "one trunk": "other"}
    look = {"xlabel": "strength of the tie", "ylabel": "test error (variance of the labels: 1)", "ylim": (0.0, 0.9)}
    return Curves.of_intervals(np.array(TIES), lines, roles=roles, xscale="log", **look)
