"""Compare ways of sharing with single-task nets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import joblib
import numpy as np
from jaxtyping import Float

from mtl_tutor.balancing import EqualWeighting, GradientSurgery, LossWeighting
from mtl_tutor.comparison._entries import BASELINE, Entry, Found, Way, entries_of
from mtl_tutor.comparison._sources import source_of
from mtl_tutor.recipes import Draw, TrainingConfig
from mtl_tutor.results import Comparison, Contestant
from mtl_tutor.results.comparison import contestant
from mtl_tutor.tasks import TaskData
from mtl_tutor.training.checks import check_counts, first_of, seeds_of
from mtl_tutor.training.optimizers import Adam, Optimizer


def compare(
    data: Draw,
    sharing: Sequence[Way] | Mapping[str, Way | Sequence[Way]],
    balancing: Sequence[LossWeighting | GradientSurgery] = (EqualWeighting(),),
    *,
    seeds: int | Sequence[int] = 64,
    n_hidden: int | Sequence[int] = 32,
    steps: int = 300,
    lr: float | Sequence[float] = (0.001, 0.003, 0.01, 0.03, 0.1),
    equal_parameters: bool = True,
    optimizer: Optimizer = Adam(),  # noqa: B008
    batch_size: int | None = None,
    weight_decay: float = 0.0,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Comparison:
    """Train every way of sharing with every way of balancing, and compare with single-task nets.

    Settings are chosen on validation samples of 12 other seeds: the one whose validation losses,
    each relative to the best that any setting reaches on that task, are lowest on average; for
    single-task nets, the best one of each task by itself. Each task is stopped at its own lowest
    validation loss. Inputs and labels of regressions are standardised by the training samples;
    errors are given in the labels' own units.

    Parameters
    ----------
    data : Draw
        A table (`TaskData.from_arrays`), of which a quarter is held out as test once, and the rest
        is split anew into training and validation for every seed; or data that are split already,
        so that seeds differ in their first weights only; or a function from a seed to that seed's
        data.
    sharing : Sequence[Way] | Mapping[str, Way | Sequence[Way]]
        Architectures, such as `MMoE` or `partial(MMoE, n_experts=8)`, and recipes; with names as
        keys, if you like. A list under one name is one contestant, whose best entry validation
        chooses.
    balancing : Sequence[LossWeighting | GradientSurgery]
        Ways of balancing; a recipe whose tasks share nothing takes only the first.
    seeds : int | Sequence[int]
        Number of trainings of each contestant, or their seeds.
    n_hidden : int | Sequence[int]
        Width of the single-task nets' hidden layer, or one width per layer.
    steps : int
        Of each training, as in `train`.
    optimizer : Optimizer
        Of each training, as in `train`.
    batch_size : int | None
        Of each training, as in `train`.
    weight_decay : float
        Of each training, as in `train`.
    lr : float | Sequence[float]
        Learning rates to try.
    equal_parameters : bool
        Whether networks are as wide as possible with no more parameters than the single-task nets
        have together; False gives all `n_hidden`.
    n_jobs : int | None
        Number of processes, as in joblib.
    progress : bool
        Whether to show a bar.

    Returns
    -------
    Comparison
        The single-task nets first, then the contestants in the order given. Intervals are over
        seeds, paired with the single-task nets'.

    Raises
    ------
    ValueError, TypeError
        No contestant, fewer than two seeds, data that cannot be split or have a class without
        training sample, single-task nets without any error on a task, or a setting that `train`
        refuses.

    Notes
    -----
    Source: Delta_m of Maninis, Radosavovic & Kokkinos (2019); on tuning the baseline, Xin et al.
    (2022).

    Departures: a share in place of per cent, positive where there is less error, and divided by the
    baseline's mean over seeds rather than by one run of it.
    """
    rows = seeds_of(seeds)
    if len(rows) < 2:
        raise ValueError(f"`seeds` must be at least 2, or there is no interval; got {seeds}.")
    check_counts(steps=steps)
    source = source_of(data)
    first = first_of(source.draw, rows[0])
    how = {"steps": steps, "optimizer": optimizer, "batch_size": batch_size, "weight_decay": weight_decay}
    rates = (lr,) if isinstance(lr, int | float) else tuple(lr)
    plan = TrainingConfig((n_hidden,) if isinstance(n_hidden, int) else tuple(n_hidden), rates=rates, **how)
    plan = replace(plan, parameters=BASELINE.cost(first, plan).parameters if equal_parameters else None)
    entries = [Entry("SingleTask", (BASELINE,), (plan,)), *entries_of(sharing, balancing, plan, first)]
    results = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(joblib.delayed(entry.run)(source.draw, rows) for entry in entries)
    found = list(_shown(results, len(entries)) if progress else results)
    units = np.stack([source.units(seed) for seed in rows])
    return _comparison(first, entries, found, units, plan.parameters, source.varies)


def _shown(results: Iterable[Any], n_entries: int) -> Iterable[Any]:
    from tqdm import tqdm  # only here: most calls show no bar

    return tqdm(results, total=n_entries, desc="compare", unit="contestant")


def _comparison(
    data: TaskData,
    entries: Sequence[Entry],
    found: Sequence[Found],
    units: Float[np.ndarray, "seed task"],
    parameters: int | None,
    varies: str,
) -> Comparison:
    tasks = tuple(task.name for task in data.tasks)
    errors = [one.test * units for one in found]
    rows = [
        contestant(entry.name, error, errors[0], tasks=tasks, cost=one.cost, settings=one.settings)
        for entry, error, one in zip(entries, errors, found, strict=True)
    ]
    at_edge = [row.name for row, one in zip(rows, found, strict=True) if one.at_edge]
    return Comparison(tasks, tuple(rows), len(units), parameters, tuple(_notes(rows, len(units), parameters, varies, at_edge)))


def _notes(rows: Sequence[Contestant], n_seeds: int, parameters: int | None, varies: str, at_edge: Sequence[str]) -> Iterator[str]:
    seeds = f"{n_seeds} seeds, which differ in first weights" + (f" and in {varies}" if varies else "; the data are the same for all")
    yield f"Gain: share of the single-task nets' error that is saved, mean of tasks. Intervals: 95% over {seeds}."
    if parameters is None:
        yield "The networks have equal hidden layers, not equal numbers of parameters."
    elif unequal := [f"{row.name} ({row.parameters:,})" for row in rows if abs(row.parameters - parameters) > 0.1 * parameters]:
        yield f"Not within a tenth of {parameters:,} parameters: {', '.join(unequal)}."
    if at_edge:
        yield f"Best at the edge of the settings that were tried: {', '.join(at_edge)}."
    if diverged := [f"{row.name} ({row.diverged})" for row in rows if row.diverged]:
        yield f"Seeds that diverged, and are left out: {', '.join(diverged)}."
