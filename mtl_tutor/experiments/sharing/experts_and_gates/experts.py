"""One trunk, experts, private experts: what each gains over tuned single-task nets, and how often there is a seesaw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from mtl_tutor.experiments import Experiment, Hypothesis, above, below, recorded, within
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.experts_and_gates.models import NEXT_START, in_float32, train_wavy, two_kinds, wavy_pair
from mtl_tutor.results import Curves, Role, Scale
from mtl_tutor.tuning import Setting, search

TANG, JACOBS, TEXT = "Tang et al. 2020", "Jacobs et al. 1991", "source text 001"
GAIN = "gain: log of single-task error / its error"
GAP = "gain where tasks are the same less that where they are unrelated"
STARTS = "difference of two starts"
SEESAW = "share of runs in which one task gains a tenth or more and the other loses as much"
SCALES: Mapping[str, Scale] = {GAIN: "log gain"}
MARGIN = 0.1  # of a gain: a tenth of the error, in logarithms
RATES = 0.03, 0.1, 0.3
DATASETS: Mapping[str, Sampler] = {
    "unrelated": wavy_pair(0.0),
    "same": wavy_pair(1.0),
    "opposed": wavy_pair(-1.0),
    "many": wavy_pair(0.0, 400),
    "kinds": two_kinds(),
}
TABLE: Mapping[str, Sequence[str]] = {  # data set -> the nets that are tried there
    "unrelated": ("single", "hard", "omoe", "mmoe", "three", "cgc", "ple", "hybrid", "still"),
    "same": ("single", "hard", "omoe", "mmoe", "hybrid"),
    "opposed": ("single", "hard"),
    "many": ("single", "mmoe"),
    "kinds": ("single", "hard", "omoe", "mmoe", "cgc"),
}


@dataclass(frozen=True)
class Experts(Experiment):
    """Gates pay where samples are of different kinds, not where tasks are: a task has its head to be different with.

    Attributes
    ----------
    tuning_seeds : int
        How many draws choose each net's width and learning rate, at least 2. Of the reported draws every one is learned
        from two starts.

    Notes
    -----
    Source: the wavy tasks of Ma et al. (2018, §3.2), and the seesaw of Tang et al. (2020), who see it where nets with
    shared parameters are held against single-task nets, in the recommender of a video site.
    Departures: narrow tanh nets of two hidden layers and linear heads, 100 samples, and noise of 0.3, where Ma et al.
    have wide ReLU layers, many samples and little noise. Claims in this small cell are ours; `ManyExperts` runs theirs.
    The scale of Tang et al. is not run.
    """

    seeds: int = 64
    tuning_seeds: int = 6

    name = "experts"
    findings = ("mmoe", "kinds", "private")
    scales = SCALES
    smallest = (("tuning_seeds", 2),)
    hypotheses = in_float32(
        Hypothesis("gap-hard",
                   "In a small cell (narrow nets, 100 noisy samples), MMoE loses less than one trunk as tasks part",
                   "ours", "hard", "mmoe", measure=GAP),
        Hypothesis("gap-omoe", "... and less than OMoE", "ours", "omoe", "mmoe", measure=GAP),
        Hypothesis("same",
                   "In a small cell (narrow nets, 100 noisy samples), MMoE and OMoE are alike where the tasks are one",
                   "ours", "mmoe, same", "omoe, same", within(0.2)),
        Hypothesis("hard-same",
                   "In a small cell (narrow nets, 100 noisy samples), MMoE beats one trunk where the tasks are one",
                   "ours", "mmoe, same", "hard, same"),
        Hypothesis("hard-unrelated", "... and where they are unrelated", "ours", "mmoe, unrelated", "hard, unrelated"),
        Hypothesis("starts",
                   "In a small cell (narrow nets, 100 noisy samples), two starts of one trunk differ more than MMoE's",
                   "ours", "hard, unrelated", "mmoe, unrelated", measure=STARTS),
        Hypothesis("mmoe", "Two experts cost unrelated tasks more than a tenth of the single-task error",
                   "ours", "mmoe, unrelated", rule=below(-0.1)),
        Hypothesis("still", "... less with gates that are blind to the sample",
                   "ours", "still, unrelated", "mmoe, unrelated", above(0.1)),
        Hypothesis("many", "... and less with four times the samples",
                   "ours", "mmoe, many", "mmoe, unrelated", above(0.1)),
        Hypothesis("kinds", "Where samples are of two kinds, MMoE gains", JACOBS, "mmoe, kinds", rule=above(0.05)),
        Hypothesis("kinds-hard", "... and one trunk does not", "ours", "hard, kinds", rule=below()),
        Hypothesis("kinds-omoe", "... and one gate for both tasks is no worse",
                   "ours", "omoe, kinds", "mmoe, kinds", above(-0.1)),
        Hypothesis("opposed", "Opposed labels share as well as equal ones",
                   "ours", "hard, opposed", "hard, same", within(0.2)),
        Hypothesis("private", "Private experts beside a shared one beat three shared ones",
                   TANG, "cgc, unrelated", "three, unrelated", above(0.1)),
        Hypothesis("private-only", "... but lose to private ones alone, which are single-task nets",
                   "ours", "cgc, unrelated", rule=below(-0.1)),
        Hypothesis("private-kinds", "Where samples are of two kinds, CGC beats single-task nets",
                   "ours", "cgc, kinds", rule=above(0.05)),
        Hypothesis("levels", "A second level of experts helps", TANG, "ple, unrelated", "cgc, unrelated"),
        Hypothesis("seesaw-trunk",
                   "One trunk shows a seesaw (a task up and the other down, each by a tenth of its error) more often than "
                   "single-task nets do against their own other starts, by a tenth of all runs",
                   TANG, "hard", "single", above(0.1), measure=SEESAW),
        Hypothesis("seesaw-self",
                   "Single-task nets against their own other starts show such a seesaw in less than a quarter of the runs",
                   "control", "single", rule=below(0.25), measure=SEESAW),
        Hypothesis("hybrid-same", "A learned switch gains where the tasks are one", TEXT, "hybrid, same"),
        Hypothesis("hybrid-unrelated", "... and where they are unrelated", TEXT, "hybrid, unrelated"),
    )

    def tuned(self) -> Sequence[str]:
        """Every net on every data set it is tried on."""
        return [f"{net}, {dataset}" for dataset, nets in TABLE.items() for net in nets]

    def tune(self, name: str) -> Setting:
        """Choose the width and learning rate of the lowest validation error, mean of both tasks."""
        net, dataset = name.split(", ")

        def evaluate(width: int, seeds: np.ndarray, lr: np.ndarray) -> Float[np.ndarray, "row"]:
            history = train_wavy(net, DATASETS[dataset], width, seeds, lr, n_jobs=self.n_jobs)
            return history.best("validation").mean(axis=1)

        widths = (4, 12) if dataset == "kinds" else (1, 2, 4)
        return search(evaluate, widths, RATES, self.tuning_range(self.tuning_seeds), extensions=1)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train every net twice per seed, and hold it against single-task nets."""
        names = self._shown(self.tuned(), "training", progress)
        return gains_of({name: self.errors(name, settings[name]) for name in names})

    def errors(self, name: str, setting: Setting) -> Float[np.ndarray, "seed start task"]:
        """Train one net from two starts per seed; test errors without noise."""
        net, dataset = name.split(", ")
        seeds = np.stack([self.seed_range, self.seed_range + NEXT_START], axis=1).ravel()
        width, lr = setting.n_hidden or 1, setting.lr or 0.0
        history = train_wavy(net, DATASETS[dataset], width, seeds, lr, n_jobs=self.n_jobs)
        return history.best().reshape(self.seeds, 2, -1)


def log_gain(single: Float[np.ndarray, "*seed"], error: Float[np.ndarray, "*seed"]) -> Float[np.ndarray, "*seed"]:
    """Measure how much lower an error is: log(single / error), 0.1 for a tenth less, -0.7 for twice as much."""
    return np.log(single / error)


def is_seesaw(gains: Float[np.ndarray, "*run task"]) -> Bool[np.ndarray, "*run"]:
    """Tell the runs in which one task gains by more than the margin, 0.1, and another one loses by more than that."""
    return (gains.max(axis=-1) > MARGIN) & (gains.min(axis=-1) < -MARGIN)


def gains_of(errors: Mapping[str, Float[np.ndarray, "seed start task"]]) -> Measured:
    """Read errors as gains over single-task nets, differences between two starts, and seesaws.

    Logarithms, because a few nets of single units fail altogether, and a mean of errors would be about those few.

    Parameters
    ----------
    errors : mapping of str to Float[np.ndarray, "seed start task"]
        "net, data set" -> its errors; "single" must be there for every data set.

    Returns
    -------
    Measured
        The same conditions with `GAIN`, `STARTS` and `SEESAW` (for single-task nets, those of the other start are the
        baseline); and nets by themselves: `SEESAW` averaged over three data sets, or `GAP`.
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, error in errors.items():
        net, dataset = name.split(", ")
        single = errors[f"single, {dataset}"]
        gains = log_gain(single, error[:, ::-1] if net == "single" else error)
        found[name] = {
            GAIN: log_gain(single.mean(axis=(1, 2)), error.mean(axis=(1, 2))),
            STARTS: np.abs(log_gain(error[:, 0], error[:, 1])).mean(axis=1),
            SEESAW: is_seesaw(gains).mean(axis=1),
        }
    for net in ("single", "hard"):
        over = [found[f"{net}, {dataset}"][SEESAW] for dataset in ("unrelated", "same", "opposed")]
        found[net] = {SEESAW: np.mean(over, axis=0)}
    for net in ("hard", "omoe", "mmoe"):
        gap = found[f"{net}, same"][GAIN] - found[f"{net}, unrelated"][GAIN]
        found[net] = {**found.get(net, {}), GAP: gap}
    return found


@recorded(
    "experts",
    title="What does a gate cost?",
    alt="At every cosine MMoE errs more than single-task nets, less so with more samples.",
    width=[2, 4],
    samples=[100, 400],
)
def experts_curves(width: int = 2, samples: int = 100, *, n_seeds: int = 64) -> Curves:
    """Follow the gain over single-task nets while two tasks' directions turn towards each other; nothing is tuned.

    Parameters
    ----------
    width : int
        Of both hidden layers of a trunk or expert; the single-task nets have 1, which suits them best.
    samples : int
        Training samples.
    n_seeds : int
        Draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    seeds = range(2000, 2000 + n_seeds)
    roles: dict[str, Role] = {"one trunk": "main", "MMoE": "other", "single-task nets": "single_task"}

    def error(net: str, cosine: float, units: int, lr: float) -> Float[np.ndarray, "seed"]:
        return train_wavy(net, wavy_pair(cosine, samples), units, seeds, lr).best().mean(axis=1)

    def gains(cosine: float) -> dict[str, np.ndarray]:
        single = error("single", cosine, 1, 0.1)
        return {
            "one trunk": log_gain(single, error("hard", cosine, width, 0.1)),
            "MMoE": log_gain(single, error("mmoe", cosine, width, 0.03)),
            "single-task nets": np.zeros(n_seeds),
        }

    look = {"xlabel": "cosine of the two tasks' directions", "ylabel": GAIN, "ylim": (-1.6, 0.6)}
    return curves_of(gains, (0.0, 0.5, 1.0), roles, **look)
