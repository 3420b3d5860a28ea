"""Is an unrelated task noise, and does noise regularise?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments.arms import Arm, best_of
from mtl_tutor.experiments.controls import Sampler, beside_copies, beside_noise, beside_shuffled, beside_trivial
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, within
from mtl_tutor.experiments.trial import LAST, STOPPED, Trial
from mtl_tutor.results import Curves, Role
from mtl_tutor.tasks import shared_feature
from mtl_tutor.training import SGD, Adam, FreshNoise

TEXT = "source text 003, why it works and overfitting prevention"
OUTPUTS = ((1, 1.0), (4, 1.0), (4, 3.0), (16, 1.0))  # number of noise outputs, and their standard deviation
DECAYS = (0.01, 0.03, 0.1)
OPTIMIZERS = {"SGD": SGD(0.9), "Adam": Adam()}


def noise_outputs(draw: Sampler, n_tasks: int, sd: float, anew: bool = False, decay: float = 0.0) -> Arm:
    """Put tasks beside the main one whose labels are noise: the same at every step, or drawn anew."""
    noise = FreshNoise(labels=(0, *[sd * anew] * n_tasks))
    data = beside_noise(draw, n_tasks, 0 if anew else sd)
    label = f"{n_tasks} of sd {sd:g}" + (f", decay {decay:g}" if decay else "")
    return Arm(label, "other", data, noise=noise, weight_decay=decay)


@dataclass(frozen=True)
class NoiseAsRegulariser(Trial):
    """Outputs that ask for pure noise regularise a net, and lower the error on its main task.

    Attributes
    ----------
    n_samples : int
        Training samples.
    noise : float
        Standard deviation of the noise on the main task's labels (that of the feature is 1).
    n_related : int
        Views of the feature, the main task included, in the arm of related tasks.

    Notes
    -----
    Source: an explanation that Caruana (1997, §3.1) wants ruled out, and later texts give as a reason.
    Departures: the set-up is ours.
    """

    seeds: int = 256
    tuning_seeds: int = 16
    n_samples: int = 40
    noise: float = 0.7
    n_related: int = 5

    name = "noise-as-regulariser"
    findings = ("fixed", "best-case", "fresh", "decay", "related")
    failing_controls = ("shuffled",)
    smallest = (("n_samples", 10), ("noise", 0), ("n_related", 2))
    widths = (1, 4)
    lrs = (0.003, 0.01, 0.03)
    extensions = 1
    steps = 300
    eval_every = 10
    optimizer = SGD(momentum=0.9)
    activation = nn.Tanh
    init_scale = 0.5
    hypotheses = (
        Hypothesis("fixed", "Outputs that ask for noise lower the error", TEXT, "alone", "fixed"),
        Hypothesis("fixed-last", "... or at least the error at the last step", TEXT, "alone", "fixed", measure=LAST),
        Hypothesis("shuffled", "Related tasks with shuffled labels lower it", "control", "alone", "shuffled"),
        Hypothesis("best-case", "With two units and Adam, at the last step, outputs that ask for noise lower the error",
                   "ours", "tiny", "tiny, fixed", measure=LAST),
        Hypothesis("best-case-decay", "... and more than weight decay", "ours", "tiny, decay", "tiny, fixed", measure=LAST),
        Hypothesis("fresh", "Noise drawn anew at every step changes little, 0.05 at most", "ours", "alone", "fresh", within(0.05)),
        Hypothesis("on-top", "... also on top of weight decay", "ours", "decay", "decay, fresh", within(0.05)),
        Hypothesis("inputs", "Fresh noise on the inputs lowers it", "Holmström and Koistinen 1992", "alone", "input noise"),
        Hypothesis("bishop", "... by as much as weight decay, give or take 0.05", "ours", "input noise", "decay", within(0.05)),
        Hypothesis("labels", "Fresh noise on the labels changes little, 0.05 at most", "An 1996", "alone", "label noise", within(0.05)),
        Hypothesis("dropout", "Dropout lowers it", "Srivastava et al. 2014", "alone", "dropout"),
        Hypothesis("decay", "Weight decay lowers the error", "ours", "alone", "decay"),
        Hypothesis("related", "Related tasks lower the error more than weight decay does", "ours", "decay", "related"),
    )

    def views(self, n_tasks: int = 1) -> Sampler:
        """Draw views of one feature; the first is the main task."""
        return lambda seed: shared_feature(n_tasks, self.n_samples, n_features=15, noise=self.noise, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Noise outputs, other noise, other regularisers; related tasks; controls; and the best case of noise outputs."""
        one, related, tiny = self.views(), self.views(self.n_related), {"optimizer": Adam(), "n_hidden": 2}
        fixed = [noise_outputs(one, *how) for how in OUTPUTS]
        fresh = [noise_outputs(one, *how, anew=True) for how in OUTPUTS]
        labels = [Arm(f"sd {sd:g}", "third", one, noise=FreshNoise(labels=(sd,))) for sd in (0.3, 1.0, 3.0)]
        inputs = [Arm(f"sd {sd:g}", "third", one, noise=FreshNoise(inputs=sd)) for sd in (0.2, 0.5, 1.0)]
        dropout = [Arm(f"{p:g}", "third", one, noise=FreshNoise(dropout=p)) for p in (0.1, 0.25, 0.5)]
        decay = [Arm(f"decay {c:g}", "third", one, weight_decay=c) for c in DECAYS]
        both = [noise_outputs(one, 4, 1.0, True, c) for c in DECAYS]
        return {
            "alone": Arm("alone", "single_task", one),
            "fixed": best_of("noise outputs", "other", fixed),
            "fresh": best_of("noise outputs, fresh", "other", fresh),
            "label noise": best_of("noise on the labels", "third", labels),
            "input noise": best_of("noise on the inputs", "third", inputs),
            "dropout": best_of("dropout", "third", dropout),
            "decay": best_of("weight decay", "third", decay),
            "decay, fresh": best_of("weight decay, noise outputs", "other", both),
            "related": Arm("related tasks", "main", related),
            "shuffled": Arm("related tasks, shuffled", "control", beside_shuffled(related)),
            "copies": Arm("copies of the main task", "control", beside_copies(related)),
            "trivial": Arm("trivial tasks", "control", beside_trivial(related)),
            "tiny": Arm("2 units, Adam", "single_task", one, **tiny),
            "tiny, fixed": Arm("... noise outputs", "other", beside_noise(one, 4), **tiny),
            "tiny, decay": Arm("... weight decay", "third", one, weight_decay=0.1, **tiny),
        }


@recorded(
    "noise-as-regulariser",
    title="Does asking for noise regularise?",
    alt="Noise outputs that stay the same mostly raise the error; fresh ones lower it with Adam in two units. Weight decay does more.",
    units=[2, 16],
    strength=[1.0, 3.0],
    optimizer=["SGD", "Adam"],
    read=["error at the best validation step", "error at the last step"],
)
def noise_as_regulariser_curves(
    units: int = 16, strength: float = 1.0, optimizer: str = "SGD", read: str = STOPPED, *, n_seeds: int = 100
) -> Curves:
    """Follow the error over the number of noise outputs, at one learning rate (0.01), beside what doesn't depend on it.

    Parameters
    ----------
    units : int
        Hidden units.
    strength : float
        Standard deviation of the noise asked for.
    optimizer, read : str
        "SGD" (momentum 0.9) or "Adam"; a measure of the trial.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = NoiseAsRegulariser(seeds=n_seeds, first_seed=2000)
    one = trial.views()
    flat = {"alone": Arm("", "single_task", one), "weight decay 0.1": Arm("", "third", one, weight_decay=0.1)}

    def measured(arms: Mapping[str, Arm]) -> dict[str, np.ndarray]:
        how = {"optimizer": OPTIMIZERS[optimizer]}
        return {name: trial.measured(replace(arm, **how), units, 0.01)[read] for name, arm in arms.items()}

    def beside(n: int) -> dict[str, Arm]:
        return {
            "noise outputs": noise_outputs(one, n, strength),
            "noise outputs, fresh": replace(noise_outputs(one, n, strength, anew=True), role="fourth"),
            "related tasks": Arm("", "main", trial.views(1 + n)),
        }

    once = measured(flat)
    roles: dict[str, Role] = {name: arm.role for name, arm in (flat | beside(1)).items()}
    look = {"xlabel": "further outputs", "ylabel": "test error (variance of the feature: 1)"}
    return curves_of(lambda n: once | measured(beside(int(n))), (1, 2, 4, 8, 16), roles, **look, xscale="log", ylim=(0.0, 1.4))
