"""Data amplification: many noisy views of one feature."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, alone, beside_copies, beside_shuffled, beside_trivial
from mtl_tutor.experiments._base import LAST, STOPPED, Sentence, Trial, TrialResult
from mtl_tutor.results import Claim, Curves
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import bootstrap, within
from mtl_tutor.tasks import TaskData, averaged_labels, shared_feature
from mtl_tutor.training import SGD

SOURCE, TEXT = "Caruana 1997, §3.2", "source text 003, data augmentation"


@dataclass(frozen=True)
class DataAmplification(Trial):
    """Tasks whose labels are noisy in different ways average their noise out in the feature that they share.

    Attributes
    ----------
    n_tasks : views of the feature, the main one included.
    n_samples, noise : training samples, and the standard deviation of each view's own noise (the feature's is 1).
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than two views or ten samples, negative noise, or too few seeds.

    Source: Caruana (1997, §3.2), who gives neither construction nor numbers. Departures: all of it is ours.
    """

    tuning_seeds: int = 48
    n_tasks: int = 8
    n_samples: int = 100
    noise: float = 2.0

    name = "data-amplification"
    chapter = "why/data-amplification"
    widths, lrs, extensions = (1, 4, 16), (0.003, 0.01, 0.03), 1
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    steps, eval_every, optimizer = 200, 10, SGD(momentum=0.9)
    sentences = (
        Sentence("gain", "Seven more views, each with noise of its own, lower the error on the first", SOURCE, "alone", "joint"),
        Sentence("not-shuffled", "... and lower it more than shuffled views do", SOURCE, "shuffled", "joint"),
        Sentence("not-trivial", "... and more than seven trivial tasks", "control", "trivial", "joint"),
        Sentence("copies", "Seven copies with the same noise change nothing", "control", "alone", "same noise", margin=0.05),
        Sentence("averaged", "Sharing a layer is as good as averaging the labels", TEXT, "joint", "averaged", margin=0.05),
        Sentence("augmentation", "Eight views are as good as eight times the data", TEXT, "joint", "more data", margin=0.05),
        Sentence("last-step", "At the last step too, the views lower the error", SOURCE, "alone", "joint", measure=LAST),
        Sentence("noiseless", "Without noise the views change nothing", SOURCE, "alone, clean", "joint, clean", margin=0.01),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units, started small; one of them is all that the feature needs."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.3)

    def views(self, seed: int) -> TaskData:
        """Draw one seed's views of the feature."""
        return shared_feature(self.n_tasks, self.n_samples, n_features=10, noise=self.noise, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Eight views, one view, three controls, two yardsticks; and both sides without noise."""
        views, n = self.views, self.n_tasks
        clean, longer = replace(self, noise=0.0).views, replace(self, n_samples=n * self.n_samples).views
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

    def claims(self, result: TrialResult) -> list[Claim]:
        """Decide the sentences, and whether the error of many views is C/k + 2 noise²/n."""
        return super().claims(result) + [self.floor(n, noise) for n, noise in ((100, 2.0), (200, 2.0), (50, 1.0))]

    def floor(self, n_samples: int, noise: float) -> Claim:
        """Fit C/k + floor to the last-step error over k, seed by seed, and compare the floor with the theory's."""
        views, errors = np.array([8, 16, 32, 64]), []
        for k in views:
            trial = replace(self, n_tasks=int(k), n_samples=n_samples, noise=noise)
            errors.append(trial.measured(trial.arms()["joint"], 1, 0.01)[LAST])
        floors = np.linalg.lstsq(np.stack([1 / views, np.ones(len(views))], axis=1), np.array(errors), rcond=None)[0][1]
        ratio = bootstrap(floors / (2 * noise**2 / n_samples))
        text = f"The error of many views has a floor of 2 noise²/n (n = {n_samples}, noise {noise:g}; the ratio)"
        verdict = within(ratio, margin=0.35, centre=1.0)
        return Claim(f"{self.name}-floor-{n_samples}-{noise:g}", text, "ours", ratio, verdict, rule="within 0.35 of 1")


def more_views(noise: float = 2.0, samples: int = 100, trunk: str = "1 unit", read: str = STOPPED, *, n_seeds: int = 100) -> Curves:
    """Follow the error over the number of views k, every net with the same learning rate, untuned.

    Parameters
    ----------
    noise, samples : standard deviation of each view's noise, and training samples.
    trunk : "1 unit" (all that the feature needs) or "8 units".
    read : the measure.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = DataAmplification(seeds=n_seeds, first_seed=2000, noise=noise, n_samples=samples)
    arms, width = ("alone", "joint", "averaged", "more data"), int(trunk.split()[0])
    curves = trial.sweep("n_tasks", (2, 4, 8, 16), arms, n_hidden=width, lr=0.01, measure=read, xlabel="views of the feature, k")
    y = {**curves.y, "2 noise²/n": np.full(4, 2 * noise**2 / samples)}
    look = {"ylabel": "test error (variance of the feature: 1)", "xscale": "log", "yscale": "log", "ylim": (0.005, 4.0)}
    return replace(curves, y=y, roles={**curves.roles, "2 noise²/n": "control"}, **look)
