"""Nets that a code tells which of twenty curves is asked: how they are tuned, trained and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import TUNING_SEED, check_least
from mtl_tutor.experiments._verdicts import Setting
from mtl_tutor.results import History
from mtl_tutor.sharing import Architecture, HardSharing, HyperNetwork, SingleTask, TaskConditioned, TaskEmbedding
from mtl_tutor.tasks import Samples, TaskData, shuffled_labels, sine_codes
from mtl_tutor.tasks._planted import Planted
from mtl_tutor.training import train

STEPS, N_TUNING = 300, 12
RATES = (0.0075, 0.015, 0.03, 0.06, 0.12)
Draw = Callable[[int], TaskData]
Judge = Callable[["Way", History], Float[np.ndarray, "row"]]


@dataclass(frozen=True)
class Way:
    """One kind of net, and what is tried for it.

    Attributes
    ----------
    build : from features, widths and tasks to the net.
    widths, rates : hidden units and learning rates that are tried.
    """

    build: Callable[..., Architecture]
    widths: tuple[int, ...] = (16,)
    rates: tuple[float, ...] = RATES

    def net(self, data: TaskData, n_hidden: int) -> Architecture:
        """Build it for such data."""
        return self.build(data.n_features, n_hidden, len(data.tasks))

    def train(self, draw: Draw, seeds: Sequence[int], n_hidden: int, lr: Sequence[float], n_jobs: int = 1) -> History:
        """Train one net per seed, looking at it after every twelfth step."""
        return train(self.net(draw(seeds[0]), n_hidden), draw, seeds=seeds, steps=STEPS, lr=lr, eval_every=12, n_jobs=n_jobs)

    def tune(self, draw: Draw, judge: Judge, n_jobs: int = 1) -> Setting:
        """Choose the width and the rate that `judge` likes best on the seeds of the tuning: the lower, the better."""
        seeds, found = range(TUNING_SEED, TUNING_SEED + N_TUNING), {}
        for n_hidden in self.widths:
            rows = list(product(self.rates, seeds))
            history = self.train(draw, [seed for _, seed in rows], n_hidden, [lr for lr, _ in rows], n_jobs)
            means = np.nan_to_num(judge(self, history), nan=np.inf).reshape(len(self.rates), -1).mean(axis=1)
            found |= {(n_hidden, lr): float(mean) for lr, mean in zip(self.rates, means, strict=True)}
        n_hidden, lr = min(found, key=lambda cell: found[cell])
        edge = (len(self.widths) > 1 and n_hidden in (self.widths[0], self.widths[-1])) or lr in (self.rates[0], self.rates[-1])
        return Setting(n_hidden, lr, at_edge=edge, error=found[n_hidden, lr])


def check_trial(trial: Any, *least: tuple[str, float]) -> None:
    """Refuse a trial with a field below its least value, or with seeds that are for tuning."""
    check_least(trial, ("seeds", 20), ("first_seed", 0), *least)
    if trial.first_seed + trial.seeds > TUNING_SEED:
        raise ValueError(f"`first_seed` must leave the seeds from {TUNING_SEED:,} on to tuning; got {trial.first_seed}.")


FILM = Way(partial(TaskConditioned, n_code=2))
WAYS: Mapping[str, Way] = {
    "alone": Way(SingleTask, widths=(4, 8, 16, 32)),
    "hard": Way(HardSharing, widths=(4, 8, 16, 32)),
    "film": FILM,
    "embedding": Way(partial(TaskEmbedding, n_code=2)),
    "hypernetwork": Way(partial(HyperNetwork, n_code=2)),
}


@cache
def curves(seed: int, n_tasks: int, n_samples: int, noise: float, n_new: int = 5) -> Planted:
    """A seed's curves, each measured at points of its own."""
    return sine_codes(n_tasks, n_samples, n_new=n_new, noise=noise, separate=True, seed=seed)


def others_shuffled(data: TaskData, seed: int) -> TaskData:
    """Keep the first curve, and deal out anew what was measured on each other one."""
    return shuffled_labels(data, range(1, len(data.tasks)), seed=seed)


def strangers(data: TaskData, noise: float, seed: int) -> TaskData:
    """Measure other curves at the same points: sums of four frequencies with weights of their own, which no two numbers tell apart.

    They are as large as the curves are on average.
    """
    rng = np.random.default_rng([seed, 0x57A])
    weights = 0.37 * rng.normal(size=(8, len(data.tasks)))

    def measured(samples: Samples, noise: float) -> Samples:
        waves = [wave(k * samples.x) for k in range(1, 5) for wave in (np.sin, np.cos)]
        y = np.hstack(waves) @ weights + noise * rng.normal(size=samples.y.shape)
        return Samples(samples.x, np.where(np.isnan(samples.y), np.nan, y))

    splits = data.splits()
    return TaskData(data.tasks, measured(data.train, noise), measured(splits["validation"], noise), measured(splits["test"], 0.0))


def by_validation(_: Way, history: History) -> Float[np.ndarray, "row"]:
    """Mean error of the tasks, each at its best look."""
    return history.best("validation").mean(axis=1)


def codes_of(history: History) -> Float[np.ndarray, "seed task param"]:
    """The codes of the last step."""
    names = [name for name in history.parameters if name.startswith("codes.")]
    return np.stack([history.parameters[f"codes.{task}"] for task in range(len(names))], axis=1).astype(float)


def explained(truth: Float[np.ndarray, "task param"], codes: Float[np.ndarray, "task param"]) -> float:
    """Which share of the planted codes' variance a linear map of the learned ones explains (R²)."""
    design = np.column_stack([codes, np.ones(len(codes))])
    rest = truth - design @ np.linalg.lstsq(design, truth, rcond=None)[0]
    return float(1 - (rest**2).sum() / ((truth - truth.mean(axis=0)) ** 2).sum())


def in_order(phases: Float[np.ndarray, "task"], codes: Float[np.ndarray, "task param"]) -> float:
    """How well the order of codes around their centre is that of the phases: 1 is the same order, in either sense of rotation.

    Both are replaced by their ranks, spread evenly over a circle; the length of the mean of their differences, as unit vectors.
    """
    centred = codes - codes.mean(axis=0)
    axes, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    white = axes * (lengths > 1e-9 * lengths[0])
    ranks = [np.argsort(np.argsort(angle)) for angle in (np.arctan2(white[:, 1], white[:, 0]), phases)]
    learned, true = (np.exp(2j * np.pi * rank / len(phases)) for rank in ranks)
    return float(max(abs((learned * true.conj()).mean()), abs((learned * true).mean())))
