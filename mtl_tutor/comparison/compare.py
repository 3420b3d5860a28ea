"""Compare ways of sharing with single-task nets."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import joblib
import numpy as np
from jaxtyping import Bool

from mtl_tutor.balancing import Balancing, EqualWeighting
from mtl_tutor.checks import check_real, check_whole, checked
from mtl_tutor.comparison._duration import announce
from mtl_tutor.comparison._entries import BASELINE, REFERENCES, Entry, Found, Way, entries_of
from mtl_tutor.comparison._estimators import estimator_of, is_network
from mtl_tutor.comparison._sources import Source, source_of
from mtl_tutor.recipes import Draw, TrainingConfig
from mtl_tutor.recipes._base import data_of
from mtl_tutor.results import Comparison, Contestant
from mtl_tutor.results.comparison import contestant
from mtl_tutor.tasks import TaskData
from mtl_tutor.training.checks import check_batch, check_counts, first_of, seeds_of
from mtl_tutor.training.optimizers import Adam, Optimizer

_ROUNDING = 1e-12  # labels that differ by less than this share of the largest one are constant


@checked
def compare(
    data: Draw,
    sharing: Sequence[Way] | Mapping[str, Way | Sequence[Way]],
    balancing: Sequence[Balancing] = (EqualWeighting(),),
    *,
    seeds: int | Sequence[int] = 64,
    n_hidden: int | Sequence[int] = 32,
    steps: int = 300,
    lr: float | Sequence[float] = (0.001, 0.003, 0.01, 0.03, 0.1),
    equal_parameters: bool = True,
    references: bool = True,
    optimizer: Optimizer = Adam(),  # noqa: B008
    batch_size: int | None = None,
    weight_decay: float = 0.0,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Comparison:
    """Train every way of sharing with every way of balancing, and compare with single-task nets.

    Two references stand below them: a linear model of each task, whose penalty is tuned likewise, and the mean
    (or the commonest class) of the training labels.

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
    balancing : Sequence[Balancing]
        Ways of balancing; a recipe whose tasks share nothing takes only the first.
    seeds : int | Sequence[int]
        Number of trainings of each contestant, or their seeds, each a different one.
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
    references : bool
        Whether to add the linear models ("Linear": ridge or logistic regression) and the mean or commonest
        class ("Mean").
    n_jobs : int | None
        Number of processes, as in joblib.
    progress : bool
        Whether to say about how long it will take, and to show a bar.

    Returns
    -------
    Comparison
        The single-task nets first, then the contestants in the order given, then the references.
        Intervals are over seeds, paired with the single-task nets'. `best_estimator()` of it is an
        estimator like the best network. A task with constant labels, or on which the single-task
        nets make no error, is left out of the mean gain; a note says so.

    Raises
    ------
    ValueError, TypeError
        No contestant, or one that cannot be built; two of one name; fewer than two seeds, or one
        twice; data that cannot be split or have a class without training sample; or a setting that
        `train` refuses.

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
    if twice := [f"{seed} occurs {n} times" for seed, n in Counter(rows).items() if n > 1]:
        raise ValueError(f"`seeds` must be different, or the interval is too narrow; {twice[0]}.")
    if n_jobs == 0:
        raise ValueError("`n_jobs` must be a number of processes, or -1 for one per core; got 0.")
    check_counts(steps=steps)
    source = source_of(data)
    first = first_of(source.draw, rows[0])
    check_batch(batch_size, weight_decay)
    how = {"steps": steps, "optimizer": optimizer, "batch_size": batch_size, "weight_decay": weight_decay}
    plan = TrainingConfig(_widths(n_hidden), rates=_rates(lr), **how)
    plan = replace(plan, parameters=BASELINE.cost(first, plan).parameters if equal_parameters else None)
    beside = [Entry(name, (recipe,), (plan,)) for name, recipe in REFERENCES.items()] if references else []
    contestants = entries_of(sharing, balancing, plan, first, taken=["SingleTask", *(entry.name for entry in beside)])
    entries = [Entry("SingleTask", (BASELINE,), (plan,)), *contestants, *beside]
    if progress:
        announce(entries, source.draw, rows, n_jobs)
    n_jobs = n_jobs and min(n_jobs, len(entries))  # joblib would start them all
    results = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(joblib.delayed(entry.run)(source.draw, rows) for entry in entries)
    found = list(_shown(results, len(entries)) if progress else results)
    return _comparison(source, rows, entries, found, plan.parameters)


def _widths(n_hidden: int | Sequence[int]) -> tuple[int, ...]:
    widths = (n_hidden,) if isinstance(n_hidden, int) else tuple(n_hidden)
    if not widths:
        raise ValueError("`n_hidden` must hold one width per hidden layer, one at least; got none.")
    return tuple(check_whole("n_hidden", width, least=1) for width in widths)


def _rates(lr: float | Sequence[float]) -> tuple[float, ...]:
    rates = (lr,) if isinstance(lr, int | float) else tuple(lr)
    if not rates:
        raise ValueError("`lr` must hold at least one learning rate to try; got none.")
    if wrong := [rate for rate in rates if check_real("lr", rate) <= 0]:
        raise ValueError(f"`lr` must be positive; got {wrong[0]}.")
    if len(set(rates)) < len(rates):
        raise ValueError(f"`lr` must hold different learning rates; got {rates}.")
    return rates


def _shown(results: Iterable[Any], n_entries: int) -> Iterable[Any]:
    from tqdm import tqdm  # only here: most calls show no bar

    return tqdm(results, total=n_entries, desc="compare", unit="contestant")


def _comparison(
    source: Source, seeds: Sequence[int], entries: Sequence[Entry], found: Sequence[Found], parameters: int | None
) -> Comparison:
    units = np.stack([source.units(seed) for seed in seeds])
    data = data_of(source.data, seeds[0])
    tasks = tuple(task.name for task in data.tasks)
    errors = [one.test * units for one in found]
    constant, perfect = _constant(data), ~(np.nan_to_num(errors[0]).sum(axis=0) > 0)
    rows = [
        contestant(
            entry.name,
            error,
            errors[0],
            tasks=tasks,
            cost=one.cost,
            settings=one.settings,
            counted=~(constant | perfect),
            n_hidden=one.widths[-1],
            is_reference=entry.recipes[0] in REFERENCES.values(),
        )
        for entry, error, one in zip(entries, errors, found, strict=True)
    ]
    at_edge = [row.name for row, one in zip(rows, found, strict=True) if one.at_edge and not row.is_reference]
    left_out = {"its labels are constant": constant, "the single-task nets make no error on it": perfect & ~constant}
    notes = (*_notes(rows, len(seeds), parameters, source.varies, at_edge), *_left_out(tasks, left_out))
    estimators = {entry.name: partial(estimator_of, data.tasks, one) for entry, one in zip(entries, found, strict=True) if is_network(one)}
    return Comparison(tasks, tuple(rows), len(seeds), parameters, notes, estimators)


def _constant(data: TaskData) -> Bool[np.ndarray, "task"]:
    """Whether a regression's labels are all the same, but for rounding."""
    labels = np.concatenate([samples.y for samples in data.splits().values()])
    spread, size = np.nanmax(labels, axis=0) - np.nanmin(labels, axis=0), np.nanmax(np.abs(labels), axis=0)
    return np.array([not task.n_classes for task in data.tasks]) & (spread <= _ROUNDING * size)


def _left_out(tasks: Sequence[str], reasons: Mapping[str, Bool[np.ndarray, "task"]]) -> Iterator[str]:
    for reason, which in reasons.items():
        yield from (f"{task} is left out of the mean gain: {reason}." for task, one in zip(tasks, which, strict=True) if one)


def _notes(rows: Sequence[Contestant], n_seeds: int, parameters: int | None, varies: str, at_edge: Sequence[str]) -> Iterator[str]:
    seeds = f"{n_seeds} seeds, which differ in first weights" + (f" and in {varies}" if varies else "; the data are the same for all")
    yield f"Gain: share of the single-task nets' error that is saved, mean of tasks. Intervals: 95% over {seeds}."
    if any(row.is_reference for row in rows):
        yield "Linear: ridge or logistic regression of each task by itself. Mean: the mean, or the commonest class, of the training labels."
    if parameters is None:
        yield "The networks have equal hidden layers, not equal numbers of parameters."
    elif unequal := [
        f"{row.name} ({row.parameters:,})" for row in rows if not row.is_reference and abs(row.parameters - parameters) > 0.1 * parameters
    ]:
        yield f"Not within a tenth of {parameters:,} parameters: {', '.join(unequal)}."
    if at_edge:
        yield f"Best at the edge of the settings that were tried: {', '.join(at_edge)}."
    if diverged := [f"{row.name} ({row.diverged})" for row in rows if row.diverged]:
        yield f"Seeds that diverged, and are left out: {', '.join(diverged)}."
