"""Simulated pneumonia patients: variants of their data, and deaths among those whom a net ranks safest."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData, only_tasks
from mtl_tutor.tasks.patients import patients
from mtl_tutor.training import predict

FRACTIONS = (0.1, 0.2, 0.3, 0.4, 0.5)
FOP = {fraction: f"deaths among the {fraction:.0%} ranked safest (share)" for fraction in FRACTIONS}
SAFEST, RISK = "fraction of patients, the safest first", "deaths among them (share)"
N_NEW = 4000


def fop_error(
    score: Float[np.ndarray, "seed sample"], died: Float[np.ndarray, "seed sample"], fraction: float
) -> Float[np.ndarray, "seed"]:
    """Say how many die among those patients whom each net ranks safest.

    Parameters
    ----------
    score : Float[np.ndarray, "seed sample"]
        Any number that grows with the risk that a net sees.
    died : Float[np.ndarray, "seed sample"]
        1 for a patient who died, 0 for the others.
    fraction : float
        Fraction of the population (FOP) that is looked at, in (0, 1].

    Returns
    -------
    Float[np.ndarray, "seed"]
        The share of deaths among them. Of patients with the same score those named first are taken.

    Raises
    ------
    ValueError
        Other shapes, a score that is no number, or a fraction outside (0, 1] or too small for a single patient.

    Notes
    -----
    Source: Caruana (1997, §2.3). Departures: none.

    Examples
    --------
    >>> fop_error(np.array([[0.3, 0.1, 0.2, 0.9]]), np.array([[0.0, 1.0, 0.0, 1.0]]), 0.5)
    array([0.5])
    """
    if np.shape(score) != np.shape(died) or np.ndim(score) != 2 or np.isnan(score).any():
        raise ValueError(f"`score` must be a number for each of {np.shape(died)} patients; got shape {np.shape(score)}, or NaN.")
    if not 0 < fraction <= 1 or (n_safest := round(fraction * score.shape[1])) < 1:
        raise ValueError(f"`fraction` must lie in (0, 1] and hold a patient; got {fraction} of {score.shape[1]} patients.")
    safest = np.argsort(score, axis=1, kind="stable")[:, :n_safest]
    return np.take_along_axis(died, safest, axis=1).mean(axis=1, dtype=float)


def fop_errors(score: Float[np.ndarray, "seed sample"], died: Float[np.ndarray, "seed sample"]) -> Mapping[str, Float[np.ndarray, "seed"]]:
    """Measure all five fractions: name -> share of deaths, per net."""
    ranked = np.take_along_axis(died, np.argsort(score, axis=1, kind="stable"), axis=1)
    return {name: fop_error(np.broadcast_to(np.arange(1.0 * score.shape[1]), score.shape), ranked, f) for f, name in FOP.items()}


@lru_cache(maxsize=2)
def new_patients(
    seeds: tuple[int, ...], n_labs: int = 1, relatedness: float = 0.5
) -> tuple[Float[np.ndarray, "seed sample feature"], Float[np.ndarray, "seed sample task"]]:
    """Simulate 4,000 more patients for each seed, on whom every net of that seed is judged."""
    wards = (patients(10, n_labs=n_labs, relatedness=relatedness, n_test=N_NEW, seed=seed).test for seed in seeds)
    pairs = [(ward.x.astype(np.float32), ward.y.astype(np.float32)) for ward in wards if ward]
    return np.stack([x for x, _ in pairs]), np.stack([y for _, y in pairs])


def risk_among_safest(history: History, n_labs: int, relatedness: float) -> Mapping[str, Float[np.ndarray, "seed"]]:
    """Count deaths among those new patients whom each trained tanh net ranks safest: name -> share, per net.

    The tests are inputs where the net has room for them.
    """
    seeds, row = np.unique(history.seeds, return_inverse=True)
    x, y = new_patients(tuple(seeds.tolist()), n_labs, relatedness)
    n_hidden, n_features = history.parameters["trunk.0.weight"].shape[1:]
    x = x if n_features == x.shape[2] else np.concatenate([x, y[..., 1:]], axis=2)
    of_death = {name: value for name, value in history.parameters.items() if name.startswith(("trunk.", "heads.0."))}
    net = HardSharing(n_features, n_hidden, n_tasks=1, activation=nn.Tanh)
    return fop_errors(predict(net, replace(history, parameters=of_death), x[row])[0][..., 0], y[row, :, 0])


def repaired(data: TaskData, seed: int) -> TaskData:
    """Hand every patient all tests of another one of the same split; those of the test stay."""
    rng = np.random.default_rng([seed, 0x9E])

    def dealt(samples: Samples) -> Samples:
        return replace(samples, y=np.column_stack([samples.y[:, 0], samples.y[rng.permutation(len(samples)), 1:]]))

    return replace(data, **{name: dealt(samples) for name, samples in data.splits().items() if name != "test"})


def known_tests(data: TaskData) -> TaskData:
    """Let the tests be inputs, and only death be asked for."""
    splits = {name: Samples(np.hstack([samples.x, samples.y[:, 1:]]), samples.y) for name, samples in data.splits().items()}
    return only_tasks(TaskData(data.tasks, **splits), [0])  # type: ignore[arg-type]


def death_squared(data: TaskData) -> TaskData:
    """Ask for death once more, as a number with a squared error."""
    splits = {name: replace(samples, y=np.column_stack([samples.y, samples.y[:, 0]])) for name, samples in data.splits().items()}
    return TaskData((*data.tasks, Task("death, squared error")), **splits)  # type: ignore[arg-type]
