"""What nets start with: earlier nets, frozen parameters, and seeds for the data."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from mtl_tutor.results import History
from mtl_tutor.training.checks import seeds_of
from mtl_tutor.training.first_weights import state_of
from mtl_tutor.training.replicas import Given


def data_seeds_of(data_seeds: Any, seeds: tuple[int, ...], data: Any) -> tuple[int, ...]:
    """Return the seeds that the data are drawn with: the rows' own, if no others are given."""
    if data_seeds is None:
        return seeds
    if not callable(data):
        raise ValueError("`data_seeds` needs data that are drawn, a function from a seed to a TaskData; got one TaskData for all seeds.")
    rows = seeds_of(data_seeds, "data_seeds")
    if len(rows) != len(seeds):
        raise ValueError(f"`data_seeds` must have one seed per row, {len(seeds)}; got {len(rows)}. Repeat them as `seeds`.")
    return rows


def frozen_of(freeze: str | Sequence[str], model: nn.Module) -> tuple[str, ...]:
    """Return the names of the parameters that the patterns match; some that can be trained must be left."""
    names, found = [name for name, _ in model.named_parameters()], set()
    patterns = (freeze,) if isinstance(freeze, str) else freeze
    for pattern in patterns:
        matched = {name for name in names if fnmatchcase(name, pattern)}
        if not matched:
            close = get_close_matches(pattern, names, cutoff=0.4) or names[:3]
            raise ValueError(f"`freeze` must match parameters of the model; {pattern!r} matches none. Close names are {', '.join(close)}.")
        found |= matched
    if not any(p.requires_grad and name not in found for name, p in model.named_parameters()):
        raise ValueError(f"`freeze` must leave a parameter to train; {freeze!r} leaves none.")
    return tuple(name for name in names if name in found)


def given_of(start: History | None, trunk_from: History | None, model: nn.Module, seeds: Sequence[int]) -> Given:
    """Return the values that every row starts with, from earlier nets of the same seeds: all of them, or the trunk's."""
    if start is not None and trunk_from is not None:
        raise ValueError("`start` and `trunk_from` must not be given together; `start` hands over all parameters, the trunk's as well.")
    if start is not None:
        state = {name: tuple(value.shape) for name, value in state_of(model).items()}
        return _rows_of("start", "parameters", start, state, seeds)
    if trunk_from is None:
        return {}
    names = {id(p): name for name, p in model.named_parameters()}
    shared = {names[id(p)]: tuple(p.shape) for p in getattr(model, "shared_parameters", tuple)()}
    return _rows_of("trunk_from", "shared parameters", trunk_from, shared, seeds)


def _rows_of(argument: str, what: str, history: History, shapes: Mapping[str, tuple[int, ...]], seeds: Sequence[int]) -> Given:
    found = {name: history.parameters[name].shape[1:] for name in shapes if name in history.parameters}
    if not shapes or found != shapes:
        raise ValueError(f"`{argument}` must hold nets with this model's {what}, {shapes}; got {found}.")
    rows = list(range(len(seeds)))
    if history.seeds.tolist() != list(seeds):
        row_of = {int(seed): row for row, seed in enumerate(history.seeds)}
        if missing := sorted(set(seeds) - set(row_of)):
            raise ValueError(f"`{argument}` must hold a net of every seed; seed {missing[0]} has none. Train the same seeds before.")
        rows = [row_of[seed] for seed in seeds]
    return {name: history.parameters[name][rows] for name in shapes}
