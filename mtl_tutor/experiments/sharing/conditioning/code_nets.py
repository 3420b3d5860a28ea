"""Nets that are told by a code which of twenty curves is asked: how they are tuned, trained and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from jaxtyping import Float, Int
from scipy.stats import rankdata

from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.results import History
from mtl_tutor.sharing import Architecture, HardSharing, HyperNetwork, SingleTask, TaskConditioned, TaskEmbedding
from mtl_tutor.tasks import Samples, TaskData, sine_codes
from mtl_tutor.tasks._planted import Planted
from mtl_tutor.training import train
from mtl_tutor.tuning import Setting, search

STEPS, N_TUNING = 300, 12
LRS = (0.0075, 0.015, 0.03, 0.06, 0.12)
Judge = Callable[[History], Float[np.ndarray, "row"]]


def by_validation(history: History) -> Float[np.ndarray, "row"]:
    """Mean validation error of the tasks, each at its best step."""
    return history.best("validation").mean(axis=1)


@dataclass(frozen=True)
class NetKind:
    """One kind of net, and what is tried for it.

    Parameters
    ----------
    build : callable
        From features, widths and tasks to the net.
    widths : tuple of int
        Hidden units that are tried.
    lrs : tuple of float
        Learning rates that are tried.
    """

    build: Callable[..., Architecture]
    widths: tuple[int, ...] = (16,)
    lrs: tuple[float, ...] = LRS

    def net(self, data: TaskData, n_hidden: int) -> Architecture:
        """Build it for such data."""
        return self.build(data.n_features, n_hidden, len(data.tasks))

    def train(
        self, draw: Sampler, seeds: Sequence[int], n_hidden: int, lr: float | Sequence[float], n_jobs: int | None = None
    ) -> History:
        """Train one net per seed, and evaluate it after every twelfth step."""
        net = self.net(draw(seeds[0]), n_hidden)
        return train(net, draw, seeds=seeds, steps=STEPS, lr=lr, eval_every=12, n_jobs=n_jobs)

    def trained(self, draw: Sampler, seeds: Sequence[int], setting: Setting, n_jobs: int | None = None) -> History:
        """Train one net per seed with the setting that tuning chose."""
        return self.train(draw, seeds, setting.n_hidden or 0, setting.lr or 0.0, n_jobs)

    def tune(
        self, draw: Sampler, seeds: Int[np.ndarray, "seed"], judge: Judge = by_validation, n_jobs: int | None = None
    ) -> Setting:
        """Choose the width and the learning rate that have the lowest mean of `judge` on the tuning seeds."""

        def evaluate(
            n_hidden: int, seeds: Int[np.ndarray, "row"], lr: Float[np.ndarray, "row"]
        ) -> Float[np.ndarray, "row"]:
            return judge(self.train(draw, seeds.tolist(), n_hidden, lr.tolist(), n_jobs))

        return search(evaluate, self.widths, self.lrs, seeds, extensions=1)


FILM = NetKind(partial(TaskConditioned, n_code=2))
KINDS: Mapping[str, NetKind] = {
    "alone": NetKind(SingleTask, widths=(4, 8, 16, 32)),
    "hard": NetKind(HardSharing, widths=(4, 8, 16, 32)),
    "film": FILM,
    "embedding": NetKind(partial(TaskEmbedding, n_code=2)),
    "hypernetwork": NetKind(partial(HyperNetwork, n_code=2)),
}


@cache
def curves(seed: int, n_tasks: int, n_samples: int, noise: float, n_new: int = 5) -> Planted:
    """A seed's curves, each measured at points of its own."""
    return sine_codes(n_tasks, n_samples, n_new=n_new, noise=noise, separate=True, seed=seed)


def strangers(data: TaskData, noise: float, seed: int) -> TaskData:
    """Replace the curves by unrelated ones at the same points: random sums of four frequencies, of the same mean size.

    No two numbers tell them apart.
    """
    rng = np.random.default_rng([seed, 0x57A])
    weights = 0.37 * rng.normal(size=(8, len(data.tasks)))

    def measured(samples: Samples, noise: float) -> Samples:
        waves = [wave(k * samples.x) for k in range(1, 5) for wave in (np.sin, np.cos)]
        y = np.hstack(waves) @ weights + noise * rng.normal(size=samples.y.shape)
        return Samples(samples.x, np.where(np.isnan(samples.y), np.nan, y))

    splits = data.splits()
    return TaskData(data.tasks, measured(data.train, noise), measured(splits["validation"], noise), measured(splits["test"], 0.0))


def codes_of(history: History) -> Float[np.ndarray, "seed task param"]:
    """Read the learned codes off the nets of the last step."""
    names = [name for name in history.parameters if name.startswith("codes.")]
    return np.stack([history.parameters[f"codes.{task}"] for task in range(len(names))], axis=1).astype(float)


def explained(truth: Float[np.ndarray, "task param"], codes: Float[np.ndarray, "task param"]) -> float:
    """Measure R²: the share of the planted codes' variance that a linear map of the learned ones explains."""
    design = np.column_stack([codes, np.ones(len(codes))])
    rest = truth - design @ np.linalg.lstsq(design, truth, rcond=None)[0]
    return float(1 - (rest**2).sum() / ((truth - truth.mean(axis=0)) ** 2).sum())


def circular_order(phases: Float[np.ndarray, "task"], codes: Float[np.ndarray, "task param"]) -> float:
    """Compare the circular order of codes around their centre with that of the phases.

    Angles and phases are replaced by their ranks, spread evenly over a circle. The measure is the circular correlation of
    both, the larger one of the two senses of rotation: 1 is the same order.
    """
    centred = codes - codes.mean(axis=0)
    axes, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    white = axes * (lengths > 1e-9 * lengths[0])
    angles = np.arctan2(white[:, 1], white[:, 0])
    learned, true = (np.exp(2j * np.pi * (rankdata(one) - 1) / len(phases)) for one in (angles, phases))
    return float(max(abs((learned * true.conj()).mean()), abs((learned * true).mean())))
