"""Do outputs that ask for noise regularise with SGD, with Adam, when stopped early, and at the last step?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.experiments.arms import Arm, best_of
from mtl_tutor.experiments.hypothesis import Hypothesis, above, on_scale
from mtl_tutor.experiments.result import Result
from mtl_tutor.experiments.trial import LAST, STOPPED, Trial
from mtl_tutor.experiments.why.noise_as_regulariser.noise_as_regulariser import (
    OPTIMIZERS,
    TEXT,
    NoiseAsRegulariser,
    noise_outputs,
)
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Setting, search

OUTPUTS = ((1, 1.0), (4, 1.0), (16, 1.0), (64, 1.0))  # number of noise outputs, and their standard deviation
STRENGTHS = (0.03, 0.1, 0.3, 1.0)  # of weight decay
READ = {"best": STOPPED, "last": LAST}
RATES = (0.001, 0.003, 0.01, 0.03)
FINE_RATES = tuple(round(0.001 * 10 ** (k / 8), 5) for k in range(16))  # four times as many
SAVES = above(0.05)


@on_scale("saved")
def saved(result: Result, hypothesis: Hypothesis) -> Interval:
    """The share of the reference's error that the treatment saves: + is good."""
    measure, reference = hypothesis.measure, hypothesis.reference or ""
    errors = np.stack([result.values(arm, measure) for arm in (hypothesis.treatment, reference)], axis=1)
    return result.statistic(errors, _share_saved)


def _share_saved(errors: Float[np.ndarray, "seed 2"]) -> float:
    with_it, without = errors.mean(axis=0)
    return float(1 - with_it / without)


def _hypothesis(key: str, text: str, source: str, treatment: str, reference: str) -> Hypothesis:
    """Compare two arms by the share of the error that is saved, at the step for which both were tuned."""
    read = READ[treatment.rpartition(", ")[2]]
    return Hypothesis(key, text, source, treatment, reference, SAVES, saved, read)


@dataclass(frozen=True)
class NoiseByOptimizer(Trial):
    """Outputs that ask for noise lower the error, as a regulariser does, with SGD and with Adam.

    Both optimisers, and both ways to read the error (at the best validation step, and at the last step), are tuned by
    themselves: for each of the four there are nets with noise outputs, with weight decay and with neither. Every arm
    tries as many settings: one that has a strength to choose four strengths and four learning rates, one without
    strength sixteen learning rates.

    Attributes
    ----------
    n_samples : int
        Training samples.
    noise : float
        Standard deviation of the noise on the main task's labels (that of the feature is 1).

    Notes
    -----
    Source: an explanation that Caruana (1997, §3.1) wants ruled out, and later texts give as a reason; that it depends on
    the optimiser is nobody's claim. Departures: the set-up is ours, that of `NoiseAsRegulariser`. Not run at any paper's
    scale.
    """

    seeds: int = 256
    tuning_seeds: int = 12
    n_samples: int = 40
    noise: float = 0.7

    name = "noise-by-optimizer"
    findings = ("sgd",)
    smallest = (("n_samples", 10), ("noise", 0))
    widths = (1, 8)
    lrs = RATES
    extensions = 1
    steps = 300
    eval_every = 10
    activation = NoiseAsRegulariser.activation
    init_scale = NoiseAsRegulariser.init_scale
    hypotheses = (
        _hypothesis("sgd", "With SGD, stopped early, noise outputs save a twentieth", TEXT, "noise, SGD, best", "alone, SGD, best"),
        _hypothesis("adam", "... with Adam, too", TEXT, "noise, Adam, best", "alone, Adam, best"),
        _hypothesis("sgd-last", "With SGD, read at the last step, they do", TEXT, "noise, SGD, last", "alone, SGD, last"),
        _hypothesis("adam-last", "... with Adam, too", TEXT, "noise, Adam, last", "alone, Adam, last"),
        _hypothesis("sgd-decay", "At SGD's last step weight decay saves more", "ours", "decay, SGD, last", "noise, SGD, last"),
        _hypothesis("adam-decay", "... and at Adam's, too", "ours", "decay, Adam, last", "noise, Adam, last"),
    )

    def arms(self) -> Mapping[str, Arm]:
        """Nothing, noise outputs and weight decay: for two optimisers, each tuned for two readings."""
        arms = {}
        for by, read in product(OPTIMIZERS, READ):
            what = f"{by}, {read} step"
            arms |= {
                f"alone, {by}, {read}": replace(self.variants("alone", by)[0], label=f"alone, {what}"),
                f"noise, {by}, {read}": best_of(f"noise outputs, {what}", "other", self.variants("noise", by)),
                f"decay, {by}, {read}": best_of(f"weight decay, {what}", "third", self.variants("decay", by)),
            }
        return arms

    def variants(self, kind: str, by: str) -> Sequence[Arm]:
        """The strengths of one way to train: noise outputs, weight decay, or neither."""
        one, how = NoiseAsRegulariser(n_samples=self.n_samples, noise=self.noise).views(), {"optimizer": OPTIMIZERS[by]}
        if kind == "noise":
            return [replace(noise_outputs(one, *outputs), **how) for outputs in OUTPUTS]
        if kind == "decay":
            return [Arm(f"decay {c:g}", "third", one, weight_decay=c, **how) for c in STRENGTHS]
        return [Arm("alone", "single_task", one, **how)]

    def tune(self, name: str) -> Setting:
        """Choose an arm's strength, width and rate, for the reading in its name; rates are more where there is no strength."""
        kind, by, read = name.split(", ")
        labels, rates = [arm.label for arm in self.variants(kind, by)], FINE_RATES if kind == "alone" else self.lrs
        settings = [self.tune_variant((kind, by, k), read, rates) for k in range(len(labels))]
        best = min(range(len(labels)), key=lambda k: settings[k].error)
        if kind == "alone":
            return settings[0]
        return replace(settings[best], variant=labels[best], at_edge=settings[best].at_edge or best == len(labels) - 1)

    def tune_variant(self, which: tuple[str, str, int], read: str, rates: Sequence[float]) -> Setting:
        """Choose one variant's width and rate, for one reading of the error."""

        def evaluate(n_hidden: int, seeds: Int[np.ndarray, "row"], lr: Float[np.ndarray, "row"]) -> Float[np.ndarray, "row"]:
            return _validated(self, which, n_hidden, tuple(seeds.tolist()), tuple(lr.tolist()))[read]

        return search(evaluate, self.widths, rates, self.tuning_range(self.tuning_seeds), extensions=self.extensions)


@lru_cache(maxsize=1024)
def _validated(
    trial: NoiseByOptimizer, which: tuple[str, str, int], n_hidden: int, seeds: tuple[int, ...], rates: tuple[float, ...]
) -> Mapping[str, Float[np.ndarray, "row"]]:
    """Train nets once, and read their validation error in both ways."""
    kind, by, k = which
    history = trial.train(trial.variants(kind, by)[k], np.array(seeds), n_hidden, np.array(rates))
    return {"best": history.best("validation")[:, 0], "last": history.last("validation")[:, 0]}
