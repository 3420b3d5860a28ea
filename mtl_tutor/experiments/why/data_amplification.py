"""Data amplification: many noisy views of one feature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import alone, beside_copies, beside_shuffled, beside_trivial
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, within
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.trial import LAST, STOPPED, Trial
from mtl_tutor.results import Curves
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import TaskData, averaged_labels, shared_feature
from mtl_tutor.training import SGD
from mtl_tutor.tuning import Setting

SOURCE, TEXT = "Caruana 1997, §3.2", "source text 003, data augmentation"
VIEWS, MANY_VIEWS = (8, 16, 32, 64), "error at the last step with 8, 16, 32 and 64 views"
FLOORS = {"many views": (100, 2.0), "many views, more samples": (200, 2.0), "many views, less noise": (50, 1.0)}


def views_of(n_tasks: int, n_samples: int, noise: float) -> Callable[[int], TaskData]:
    """Views of one feature, each a task with noise of its own: seed -> data."""
    return lambda seed: shared_feature(n_tasks, n_samples, n_features=10, noise=noise, seed=seed)


def floor_over_theory(errors: Float[np.ndarray, "seed view"], n_samples: int, noise: float) -> Float[np.ndarray, "seed"]:
    """Fit C/k + floor to each seed's errors over k views, and divide the floor by the theory's, 2 noise²/n."""
    rows = np.stack([1 / np.array(VIEWS), np.ones(len(VIEWS))], axis=1)
    return np.linalg.lstsq(rows, errors.T, rcond=None)[0][1] / (2 * noise**2 / n_samples)


def floor_ratio(result: Result, hypothesis: Hypothesis) -> Interval:
    """The measured floor of the error over the theory's."""
    errors = result.values(hypothesis.treatment, MANY_VIEWS)
    return result.mean(floor_over_theory(errors, *FLOORS[hypothesis.treatment]))


def _has_floor(condition: str) -> Hypothesis:
    """The claim that the error of many views has the theory's floor."""
    n_samples, noise = FLOORS[condition]
    text = f"The error of many views has a floor of 2 noise²/n (n = {n_samples}, noise {noise:g}; the ratio)"
    rule = {"rule": within(0.35, 1.0), "effect": floor_ratio, "measure": MANY_VIEWS}
    return Hypothesis(f"floor-{n_samples}-{noise:g}", text, "ours", condition, **rule)


@dataclass(frozen=True)
class DataAmplification(Trial):
    """Tasks whose labels are noisy in different ways average their noise out in the feature that they share.

    Attributes
    ----------
    n_tasks, n_samples : int
        Views of the feature, the main one included, and training samples.
    noise : float
        Standard deviation of each view's own noise (that of the feature is 1).

    Notes
    -----
    Source: Caruana (1997, §3.2), who gives neither construction nor numbers. Departures: all of it is ours.
    """

    tuning_seeds: int = 16
    n_tasks: int = 8
    n_samples: int = 100
    noise: float = 2.0

    name = "data-amplification"
    findings = ("gain", "averaged", "augmentation", "last-step", "noiseless", "floor-100-2")
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    widths = (1, 4, 16)
    lrs = (0.003, 0.01, 0.03)
    extensions = 1
    steps = 200
    eval_every = 10
    optimizer = SGD(momentum=0.9)
    activation = nn.Tanh  # one unit is all that the feature needs
    init_scale = 0.3
    hypotheses = (
        Hypothesis("gain", "Seven more views, each with noise of its own, lower the error on the first view", SOURCE, "alone", "joint"),
        Hypothesis("not-shuffled", "... and lower it more than shuffled views do", SOURCE, "shuffled", "joint"),
        Hypothesis("not-trivial", "... and more than seven trivial tasks", "control", "trivial", "joint"),
        Hypothesis("copies", "Seven copies with the same noise change nothing", "control", "alone", "same noise", within(0.05)),
        Hypothesis("averaged", "Sharing a layer is as good as averaging the labels", TEXT, "joint", "averaged", within(0.05), scale="harm"),
        Hypothesis("augmentation", "Eight views are as good as eight times the data",
                   TEXT, "joint", "more data", within(0.05), scale="harm"),
        Hypothesis("last-step", "At the last step too, the views lower the error", SOURCE, "alone", "joint", measure=LAST),
        Hypothesis("noiseless", "Without noise the views change nothing", SOURCE, "alone, clean", "joint, clean", within(0.01)),
        *map(_has_floor, FLOORS),
    )

    def views(self, seed: int) -> TaskData:
        """Draw one seed's views of the feature."""
        return views_of(self.n_tasks, self.n_samples, self.noise)(seed)

    def arms(self) -> Mapping[str, Arm]:
        """Eight views, one view, three controls and two yardsticks; and both sides without noise."""
        views, n = self.views, self.n_tasks
        clean, longer = views_of(n, self.n_samples, 0.0), views_of(n, n * self.n_samples, self.noise)
        return {
            "alone": Arm("alone", "single_task", alone(views)),
            "joint": Arm("k views, a task each", "main", views),
            "averaged": Arm("k labels averaged, one task", "other", lambda seed: averaged_labels(views(seed))),
            "more data": Arm("k times the data, one task", "third", alone(longer), like="averaged"),
            "same noise": Arm("copies of one view", "control", beside_copies(views)),
            "shuffled": Arm("other views shuffled", "control", beside_shuffled(views)),
            "trivial": Arm("trivial other tasks", "control", beside_trivial(views)),
            "alone, clean": Arm("alone, no noise", "single_task", alone(clean), like="joint"),
            "joint, clean": Arm("k views, no noise", "main", clean, like="joint"),
        }

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train every arm; and one unit at one learning rate with more and more views."""
        many = {name: {MANY_VIEWS: self.errors_of_many_views(*how)} for name, how in FLOORS.items()}
        return {**super().measure_all(settings, progress=progress), **many}

    def errors_of_many_views(self, n_samples: int, noise: float) -> Float[np.ndarray, "seed view"]:
        """Measure the error at the last step with 8, 16, 32 and 64 views."""
        arms = [Arm(f"{k} views", "main", views_of(k, n_samples, noise)) for k in VIEWS]
        return np.stack([self.measured(arm, 1, 0.01)[LAST] for arm in arms], axis=1)


@recorded(
    "data-amplification",
    title="How many bad witnesses make a good one?",
    alt="The more views, the lower the error, down to the floor that each task's own head sets.",
    noise=[0.5, 1.0, 2.0],
    samples=[50, 100],
    trunk=["1 unit", "8 units"],
    read=["error at the best validation step", "error at the last step"],
)
def data_amplification_curves(
    noise: float = 2.0, samples: int = 100, trunk: str = "1 unit", read: str = STOPPED, *, n_seeds: int = 100
) -> Curves:
    """Follow the error over the number of views k, every net with the same learning rate, untuned.

    Parameters
    ----------
    noise : float
        Standard deviation of each view's noise.
    samples : int
        Training samples.
    trunk, read : str
        "1 unit" (all that the feature needs) or "8 units"; the measure.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = DataAmplification(seeds=n_seeds, first_seed=2000, noise=noise, n_samples=samples)
    arms, width = ("alone", "joint", "averaged", "more data"), int(trunk.split()[0])
    look = {"measure": read, "xlabel": "views of the feature, k", "xscale": "log", "ylim": (0.005, 4.0)}
    curves = trial.curves("n_tasks", (2, 4, 8, 16), arms, n_hidden=width, lr=0.01, **look)
    y = {**curves.y, "2 noise²/n": np.full(4, 2 * noise**2 / samples)}
    roles = {**curves.roles, "2 noise²/n": "control"}
    return replace(curves, y=y, roles=roles, ylabel="test error (variance of the feature: 1)", yscale="log")
