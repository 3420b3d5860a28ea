"""Two nets for one task, and what lies half-way between their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, on_scale, within
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.sharing.after_training.mlp_batch import fit, init
from mtl_tutor.experiments.sharing.after_training.net_pairs import (
    SHARES,
    draw_pairs,
    errors_of_mixed_predictions,
    errors_of_mixed_weights,
    train_pairs,
)
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tuning import Setting, mean_error

LRS, STEPS, N_TUNING = (0.003, 0.01, 0.03), (10, 25, 50, 100, 200), 24
WEIGHTS, PREDICTIONS = "error of mixed weights", "error of mixed predictions"
ERROR, SHARE = "squared error (no unit)", "share of the second net's weights"
HALF = len(SHARES) // 2
REBASIN, AFTER_REBASIN, AFTER_SOUP = "Ainsworth et al. 2023", "after Ainsworth et al. 2023", "after Wortsman et al. 2022"


def ends(result: Result, pair: str) -> Float[np.ndarray, "seed"]:
    """Average the errors of a pair's two nets."""
    return result.values(pair, WEIGHTS)[:, [0, -1]].mean(axis=1)


@on_scale("change")
def barrier(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure by which share the error of the averaged weights exceeds that of the two nets."""
    pair = hypothesis.treatment
    return result.ratio(result.values(pair, WEIGHTS)[:, HALF], ends(result, pair))


@on_scale("change")
def against_ensemble(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure by which share the error of the averaged weights exceeds that of the averaged predictions."""
    weights, predictions = (result.values(hypothesis.treatment, measure)[:, HALF] for measure in (WEIGHTS, PREDICTIONS))
    return result.ratio(weights, predictions)


@dataclass(frozen=True)
class MergingExperiment(Experiment):
    """Weights of two nets can be averaged if the nets started from the same weights; others need their units matched first.

    Conditions are pairs, named by what their two nets have in common. Each measure has a value per share of the second net.

    Attributes
    ----------
    seeds, first_seed
        As in `Experiment`: pairs of nets.
    n_hidden, n_samples : int
        Width of the nets, and training samples of each.
    noise : float
        Standard deviation of the labels' noise.

    Raises
    ------
    ValueError
        Too few seeds, a width or samples below 2, or no noise.

    Notes
    -----
    Source: the barrier of Frankle et al. (2020), the matching of Ainsworth et al. (2023), the soups of Wortsman et al. (2022).
    Departures: a toy regression; the nets differ by their samples, where Frankle et al. vary the order of the same ones, from
    one start always, and Wortsman et al. the settings of fine-tuning; the height is read half-way, where no maximum is biased
    upwards.
    """

    seeds: int = 100
    n_hidden: int = 32
    n_samples: int = 150
    noise: float = 0.3

    name = "merging"
    findings = ("strangers", "matched", "soup")
    smallest = (("n_hidden", 2), ("n_samples", 2), ("noise", 1e-9))
    hypotheses = (
        Hypothesis("strangers", "Half-way between nets from different starts the error is a tenth higher", AFTER_REBASIN,
                   "nothing", rule=above(0.1), effect=barrier),
        Hypothesis("copy", "... as between a net and its own copy with units in another order", REBASIN,
                   "all but the order", rule=above(0.1), effect=barrier),
        Hypothesis("matched", "With their units matched, the average of two nets from different starts is better than the two", REBASIN,
                   "nothing, matched", rule=below(), effect=barrier),
        Hypothesis("soup", "Half-way between nets from one start the error is lower than at its ends", "ours",
                   "random start", rule=below(), effect=barrier),
        Hypothesis("soup-trained", "... also from a start that other tasks have trained", AFTER_SOUP,
                   "trained start", rule=below(), effect=barrier),
        Hypothesis("soup-shuffled", "... or shuffled labels", "control",
                   "start trained on shuffled labels", rule=below(), effect=barrier),
        Hypothesis("soup-long", "... or after training that goes on and on", "ours",
                   "random start, long training", rule=below(), effect=barrier),
        Hypothesis("ensemble", "Averaged weights are as good as averaged answers, from one start", AFTER_SOUP,
                   "random start", rule=within(0.05), effect=against_ensemble),
        Hypothesis("ensemble-matched", "... also from two starts, with units matched", "ours",
                   "nothing, matched", rule=within(0.05), effect=against_ensemble),
    )

    def tuned(self) -> Sequence[str]:
        """One setting for all nets."""
        return ["one net"]

    def tune(self, name: str) -> Setting:
        """Choose the learning rate and the number of steps at which a single net's validation error is lowest."""
        seeds = self.tuning_range(N_TUNING).tolist()
        draws = draw_pairs(seeds, self.n_samples, self.noise)
        start = init([2 * seed for seed in seeds], draws.test[0].shape[2], self.n_hidden)
        cells = [(lr, steps) for lr in LRS for steps in STEPS]
        nets = [net for lr in LRS for net in fit(start, *draws.first, lr=lr, keep_at=STEPS)]
        errors = mean_error(np.stack([net.errors(*draws.validation) for net in nets], axis=1))
        lr, steps = cells[int(errors.argmin())]
        return Setting(lr=lr, steps=steps, error=float(errors.min()))

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train all pairs, and follow the error from one net to the other."""
        setting, seeds = settings["one net"], self.seed_range.tolist()
        draws = draw_pairs(seeds, self.n_samples, self.noise)
        pairs = train_pairs(seeds, draws, self.n_hidden, setting.lr or 0.0, setting.steps or 0)
        ways = {WEIGHTS: errors_of_mixed_weights, PREDICTIONS: errors_of_mixed_predictions}
        return {name: {measure: way(pair, draws.test) for measure, way in ways.items()} for name, pair in pairs.items()}

    def beside(self, result: Result, hypothesis: Hypothesis) -> Sequence[Interval | None]:
        """Show the mean error of the two nets beside every effect."""
        return [result.mean(ends(result, hypothesis.treatment))]


def lines_between(result: Result) -> Curves:
    """Draw the error between the nets of four pairs."""
    roles: dict[str, Role] = {"nothing": "other", "nothing, matched": "third", "random start": "main", "trained start": "fourth"}
    return _curves({name: result.values(name, WEIGHTS) for name in roles}, roles)


@recorded(
    "merging",
    title="What lies between two nets?",
    alt="Half-way between nets from different starts the error is high; with units matched, or from one start, it is low.",
    units=[4, 16, 64],
    samples=[50, 200],
    steps=[30, 300],
)
def merging_curves(units: int = 16, samples: int = 200, steps: int = 300, *, n_seeds: int = 64) -> Curves:
    """Follow the error from one net's weights to another's, with a learning rate of 0.01, untuned.

    Parameters
    ----------
    units : int
        Width of the nets.
    samples : int
        Training samples of each.
    steps : int
        Training steps of each.
    n_seeds : int
        Pairs, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = MergingExperiment(seeds=n_seeds, first_seed=2000, n_hidden=units, n_samples=samples)
    measured = trial.measure_all({"one net": Setting(lr=0.01, steps=steps)})
    lines = {
        "different starts": measured["nothing"][WEIGHTS],
        "... units matched": measured["nothing, matched"][WEIGHTS],
        "... answers mixed": measured["nothing"][PREDICTIONS],
        "one start": measured["random start"][WEIGHTS],
    }
    roles: tuple[Role, ...] = ("other", "third", "control", "main")
    return _curves(lines, dict(zip(lines, roles, strict=True)), ylim=(0.0, 1.2))


def _curves(
    lines: Mapping[str, Float[np.ndarray, "seed point"]], roles: Mapping[str, Role], ylim: tuple[float, float] | None = None
) -> Curves:
    intervals = {name: [bootstrap(point) for point in values.T] for name, values in lines.items()}
    return Curves.of_intervals(SHARES, intervals, roles=roles, xlabel=SHARE, ylabel=ERROR, ylim=ylim)
