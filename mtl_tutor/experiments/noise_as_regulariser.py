"""Is an unrelated task noise, and does noise regularise?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, beside_copies, beside_noise, beside_shuffled, beside_trivial, best_of
from mtl_tutor.experiments._base import LAST, STOPPED, Sentence, Trial
from mtl_tutor.results import Curves
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import TaskData, shared_feature
from mtl_tutor.training import SGD, Adam, FreshNoise

TEXT = "source text 003, why it works and overfitting prevention"
OUTPUTS, DECAYS = ((1, 1.0), (4, 1.0), (4, 3.0), (16, 1.0)), (0.01, 0.03, 0.1)  # number and strength; weight decay


@dataclass(frozen=True)
class NoiseAsRegulariser(Trial):
    """Outputs that ask for pure noise regularise a net, and lower the error on its main task.

    Attributes
    ----------
    n_samples, noise : training samples, and the standard deviation of the noise on the main task's labels (the feature's is 1).
    n_related : views of the feature, the main task included, in the arm of related tasks. The rest: as in every trial.

    Raises
    ------
    ValueError : fewer than ten samples or two views, negative noise, or too few seeds.

    Source: an explanation that Caruana (1997, §3.1) wants ruled out, and later texts give as a reason. Departures: the set-up is ours.
    """

    seeds: int = 256
    tuning_seeds: int = 42
    n_samples: int = 40
    noise: float = 0.7
    n_related: int = 5

    name, chapter, smallest = "noise-as-regulariser", "why/noise-as-regulariser", (("n_samples", 10), ("noise", 0), ("n_related", 2))
    widths, lrs, extensions, steps, eval_every, optimizer = (1, 4), (0.003, 0.01, 0.03), 1, 300, 10, SGD(momentum=0.9)
    sentences = (
        Sentence("fixed", "Outputs that ask for noise lower the error", TEXT, "alone", "fixed"),
        Sentence("fixed-last", "... or at least the error at the last step", TEXT, "alone", "fixed", measure=LAST),
        Sentence("shuffled", "Related tasks with shuffled labels lower it", "control", "alone", "shuffled"),
        Sentence("best-case", "Two units, Adam, last step: there noise outputs do", "ours", "tiny", "tiny, fixed", measure=LAST),
        Sentence("best-case-decay", "... and more than weight decay", "ours", "tiny, decay", "tiny, fixed", measure=LAST),
        Sentence("fresh", "Noise drawn anew at every step changes little, 0.05 at most", "ours", "alone", "fresh", margin=0.05),
        Sentence("on-top", "... also on top of weight decay", "ours", "decay", "decay, fresh", margin=0.05),
        Sentence("inputs", "Fresh noise on the inputs lowers it", "Holmström and Koistinen 1992", "alone", "input noise"),
        Sentence("bishop", "... by as much as weight decay, give or take 0.05", "Bishop 1995", "input noise", "decay", margin=0.05),
        Sentence("labels", "Fresh noise on the labels changes little, 0.05 at most", "An 1996", "alone", "label noise", margin=0.05),
        Sentence("dropout", "Dropout lowers it", "Srivastava et al. 2014", "alone", "dropout"),
        Sentence("decay", "Weight decay lowers it", "ours", "alone", "decay"),
        Sentence("related", "Related tasks lower it more than weight decay", "ours", "decay", "related"),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.5)

    def views(self, n_tasks: int = 1) -> Draw:
        """Draw views of one feature; the first is the main task."""
        return lambda seed: shared_feature(n_tasks, self.n_samples, n_features=15, noise=self.noise, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Noise outputs, other noise, other regularisers; related tasks; controls; and the best case."""
        one, related, adam = self.views(), self.views(self.n_related), {"optimizer": Adam(), "n_hidden": 2}
        inputs = [Arm(f"sd {sd:g}", "third", one, noise=FreshNoise(inputs=sd)) for sd in (0.2, 0.5, 1.0)]
        labels = [Arm(f"sd {sd:g}", "third", one, noise=FreshNoise(labels=(sd,))) for sd in (0.3, 1.0, 3.0)]
        return {
            "alone": Arm("alone", "single_task", one),
            "fixed": best_of("noise outputs", "other", [asked(one, *how) for how in OUTPUTS]),
            "fresh": best_of("noise outputs, fresh", "other", [asked(one, *how, anew=True) for how in OUTPUTS]),
            "label noise": best_of("noise on the labels", "third", labels),
            "input noise": best_of("noise on the inputs", "third", inputs),
            "dropout": best_of("dropout", "third", [Arm(f"{p:g}", "third", one, noise=FreshNoise(dropout=p)) for p in (0.1, 0.25, 0.5)]),
            "decay": best_of("weight decay", "third", [Arm(f"decay {c:g}", "third", one, weight_decay=c) for c in DECAYS]),
            "decay, fresh": best_of("weight decay, noise outputs", "other", [asked(one, 4, 1.0, True, c) for c in DECAYS]),
            "related": Arm("related tasks", "main", related),
            "shuffled": Arm("related tasks, shuffled", "control", beside_shuffled(related)),
            "copies": Arm("copies of the main task", "control", beside_copies(related)),
            "trivial": Arm("trivial tasks", "control", beside_trivial(related)),
            "tiny": Arm("2 units, Adam", "single_task", one, **adam),
            "tiny, fixed": Arm("... noise outputs", "other", beside_noise(one, 4), **adam),
            "tiny, decay": Arm("... weight decay", "third", one, weight_decay=0.1, **adam),
        }


def asked(draw: Draw, n_tasks: int, sd: float, anew: bool = False, decay: float = 0.0) -> Arm:
    """Ask for noise beside the main task: the same at every step, or another."""
    noise = FreshNoise(labels=(0, *[sd * anew] * n_tasks))
    return Arm(f"{n_tasks} of sd {sd:g}", "other", beside_noise(draw, n_tasks, 0 if anew else sd), noise=noise, weight_decay=decay)


def noise_outputs(units: int = 16, strength: float = 1.0, optimizer: str = "SGD", read: str = STOPPED, *, n_seeds: int = 100) -> Curves:
    """Follow the error over the number of noise outputs, at one learning rate (0.01), beside what doesn't depend on it.

    Parameters
    ----------
    units, strength : hidden units, and the standard deviation of the noise asked for.
    optimizer, read : "SGD" (momentum 0.9) or "Adam"; a measure of the trial.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, x, how = NoiseAsRegulariser(seeds=n_seeds, first_seed=2000), (1, 2, 4, 8, 16), {"SGD": SGD(0.9), "Adam": Adam()}[optimizer]
    one = trial.views()
    arms = {
        "alone": [Arm("", "single_task", one)],
        "weight decay 0.1": [Arm("", "third", one, weight_decay=0.1)],
        "noise outputs": [asked(one, n, strength) for n in x],
        "noise outputs, fresh": [replace(asked(one, n, strength, anew=True), role="fourth") for n in x],
        "related tasks": [Arm("", "main", trial.views(1 + n)) for n in x],
    }
    found = {name: [trial.measured(replace(arm, optimizer=how), units, 0.01)[read] for arm in row] for name, row in arms.items()}
    lines = {name: [bootstrap(errors) for errors in row] * (len(x) // len(row)) for name, row in found.items()}
    look = {"xlabel": "further outputs", "ylabel": "test error (variance of the feature: 1)", "ylim": (0.0, 1.4)}
    return Curves.of_intervals(np.array(x, dtype=float), lines, roles={k: row[0].role for k, row in arms.items()}, xscale="log", **look)
