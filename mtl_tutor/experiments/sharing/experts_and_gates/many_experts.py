"""Eight experts against one trunk of as many weights: the synthetic tasks and the nets of Ma et al. (2018)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.experiments import Experiment, Hypothesis, above, below, ratio, within
from mtl_tutor.experiments.result import Measured
from mtl_tutor.results import History, Role
from mtl_tutor.sharing import Architecture, HardSharing, MMoE, OMoE, SingleTask
from mtl_tutor.tasks import TaskData, task_pairs
from mtl_tutor.training import train
from mtl_tutor.tuning import Setting, search

MA = "Ma et al. 2018"
ERROR = "squared error (no unit)"
GAIN = "log of the trunk's error / its error"
COSINES = 0.0, 0.5, 1.0
N_FEATURES, N_TASKS, N_EXPERTS, N_HIDDEN, TOWER = 100, 2, 8, 16, 8
N_SAMPLES, N_VALIDATION, BATCH, STEPS = 10_000, 500, 128, 400
RATES = 0.003, 0.01, 0.03, 0.1
WIDTHS = 14, 28, 56  # of single-task nets; two of 56 units have about as many weights as the trunk


class _Towers(Architecture):
    """An architecture whose heads are towers: a hidden layer of 8 ReLU units, then the output."""

    def new_heads(self, width: int | None = None) -> nn.ModuleList:
        def tower(n_outputs: int) -> nn.Module:
            return nn.Sequential(nn.Linear(width or self.width, TOWER), nn.ReLU(), nn.Linear(TOWER, n_outputs))

        return nn.ModuleList(tower(n_outputs) for n_outputs in self.n_outputs)


class TowerMMoE(_Towers, MMoE):
    """`MMoE` with a tower for each task."""


class TowerOMoE(_Towers, OMoE):
    """`OMoE` with a tower for each task."""


class TowerSharing(_Towers, HardSharing):
    """`HardSharing`, the paper's "shared bottom", with a tower for each task."""


class TowerSingleTask(SingleTask):
    """`SingleTask` nets, each with its tower."""

    def __init__(self, n_features: int, n_hidden: int, n_tasks: int = 2) -> None:
        super().__init__(n_features, n_hidden, n_tasks)
        self.nets = nn.ModuleList(TowerSharing(n_features, n_hidden, 1) for _ in range(n_tasks))


def matched_width() -> int:
    """The width of a trunk whose net has as many weights as that of the experts, to the nearest unit.

    As the paper counts: weights of experts or trunk and of towers' hidden layers, without gates, biases and outputs.
    """
    weights = N_EXPERTS * N_FEATURES * N_HIDDEN + N_TASKS * N_HIDDEN * TOWER
    return round(weights / (N_FEATURES + N_TASKS * TOWER))


NETS: Mapping[str, Callable[[int], Architecture]] = {  # arm -> from a width to its net
    "mmoe": lambda width: TowerMMoE(N_FEATURES, width, N_TASKS, n_experts=N_EXPERTS),
    "omoe": lambda width: TowerOMoE(N_FEATURES, width, N_TASKS, n_experts=N_EXPERTS),
    "hard": lambda width: TowerSharing(N_FEATURES, width, N_TASKS),
    "single": lambda width: TowerSingleTask(N_FEATURES, width, N_TASKS),
}
GRID: Mapping[str, Sequence[int]] = {
    "mmoe": (N_HIDDEN,),
    "omoe": (N_HIDDEN,),
    "hard": (matched_width(),),
    "single": WIDTHS,
}
NAMES = {"mmoe": "MMoE", "omoe": "OMoE", "hard": "one trunk", "single": "single-task nets"}
LOOKS: Mapping[str, Role] = {"mmoe": "main", "omoe": "third", "hard": "other", "single": "single_task"}
LABELS = {f"{arm}, {cosine:g}": f"{label}, cosine {cosine:g}" for arm, label in NAMES.items() for cosine in COSINES}
ROLES: Mapping[str, Role] = {f"{arm}, {cosine:g}": role for arm, role in LOOKS.items() for cosine in COSINES}


@dataclass(frozen=True)
class ManyExperts(Experiment):
    """Eight experts with a gate per task err less than one trunk of as many weights, above all if the tasks are one.

    Attributes
    ----------
    tuning_seeds : int
        How many draws choose each net's learning rate, and the width of single-task nets; each draw is learned at
        cosine 0 and at cosine 1, and one rate serves all cosines.

    Notes
    -----
    Source: Ma et al. (2018, the synthetic data and Fig. 4): 100 inputs, two tasks, 8 experts of 16 ReLU units, towers
    of 8 units, a trunk of 13,056 / 116, or 113, units, Adam, and learning rates that are tuned for each net.

    Departures: the paper leaves the waves open; here there are two of them, as in `task_pairs`: for four, so few samples
    are not enough for any of these nets. Its numbers of samples and steps for this figure are not known to us; here they
    are 10,000 samples and 400 steps of 128 samples, about five passes. Cosines are 0, 0.5 and 1, where the paper has 0.5,
    0.9 and 1. Learning rates lie higher, since there are few steps. Noise has a variance of 0.01. Gates have biases.
    Single-task nets are ours. There are 32 draws, where the paper has 200 runs.
    """

    seeds: int = 32
    tuning_seeds: int = 2

    name = "many-experts"
    findings = ("unrelated",)
    smallest = (("tuning_seeds", 2),)
    labels, roles = LABELS, ROLES
    hypotheses = (
        Hypothesis("unrelated",
                   "Where tasks are unrelated, MMoE errs at least a tenth less than one trunk of as many weights",
                   MA, "mmoe, 0", "hard, 0", below(-0.1), ratio),
        Hypothesis("half", "... and where their cosine is one half", MA, "mmoe, 0.5", "hard, 0.5", below(-0.1), ratio),
        Hypothesis("one", "... and where they are one task", MA, "mmoe, 1", "hard, 1", below(-0.1), ratio),
        Hypothesis("gap",
                   "MMoE's lead over one trunk is larger by a tenth where tasks are unrelated than where they are one",
                   MA, "mmoe, 0", "mmoe, 1", above(0.1), measure=GAIN),
        Hypothesis("gap-half", "... and so it is where their cosine is one half",
                   MA, "mmoe, 0.5", "mmoe, 1", above(0.1), measure=GAIN),
        Hypothesis("gates-one", "Where tasks are one, a gate for each is as good as one gate, to a tenth",
                   MA, "mmoe, 1", "omoe, 1", within(0.1), ratio),
        Hypothesis("gates-unrelated",
                   "Where tasks are unrelated, a gate for each errs at least a tenth less than one gate",
                   MA, "mmoe, 0", "omoe, 0", below(-0.1), ratio),
        Hypothesis("alone", "Where tasks are unrelated, MMoE errs at least a tenth less than tuned single-task nets",
                   "ours", "mmoe, 0", "single, 0", below(-0.1), ratio),
        Hypothesis("trunk-alone", "... and one trunk errs at least a tenth more",
                   "ours", "hard, 0", "single, 0", above(0.1), ratio),
        Hypothesis("single", "Single-task nets err alike at cosines 0 and 1, to a tenth",
                   "control", "single, 0", "single, 1", within(0.1), ratio),
    )

    def tuned(self) -> Sequence[str]:
        """Every net; one setting serves all cosines."""
        return list(NETS)

    def tune(self, name: str) -> Setting:
        """Choose the learning rate (and single-task nets' width) of the lowest validation error at cosines 0 and 1."""

        def evaluate(
            width: int, seeds: Int[np.ndarray, "row"], lr: Float[np.ndarray, "row"]
        ) -> Float[np.ndarray, "row"]:
            codes = np.concatenate([code_of(seeds, 0.0), code_of(seeds, 1.0)])
            history = self.train(name, width, codes, np.tile(lr, 2))
            return history.best("validation").mean(axis=1).reshape(2, -1).mean(axis=0)

        return search(evaluate, GRID[name], RATES, self.tuning_range(self.tuning_seeds), extensions=1)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train every net at every cosine, and hold its error against that of one trunk."""
        codes = np.concatenate([code_of(self.seed_range, cosine) for cosine in COSINES])
        found: dict[str, Float[np.ndarray, "point seed"]] = {}
        for name in self._shown(list(NETS), "training", progress):
            width, lr = settings[name].n_hidden or N_HIDDEN, settings[name].lr or 0.0
            found[name] = self.train(name, width, codes, lr).best().mean(axis=1).reshape(len(COSINES), -1)
        return leads_of(found)

    def train(
        self, name: str, width: int, codes: Int[np.ndarray, "row"], lr: float | Float[np.ndarray, "row"]
    ) -> History:
        """Train one kind of net, on the draws that codes of `code_of` stand for."""
        how = {"steps": STEPS, "batch_size": BATCH, "eval_every": STEPS // 4, "n_jobs": self.n_jobs}
        return train(NETS[name](width), draw_of, seeds=codes // len(COSINES), data_seeds=codes, lr=lr, **how)


def code_of(seeds: Int[np.ndarray, "row"], cosine: float) -> Int[np.ndarray, "row"]:
    """Write seeds and a cosine as one whole number each, from which `draw_of` reads both."""
    return seeds * len(COSINES) + COSINES.index(cosine)


def draw_of(code: int) -> TaskData:
    """Draw a pair of tasks from its seed and cosine: 10,000 training samples, 500 for validation, 500 for the test."""
    seed, index = divmod(int(code), len(COSINES))
    pair = task_pairs(N_TASKS, N_SAMPLES, n_features=N_FEATURES, correlation=COSINES[index], noise=0.1, seed=seed).data
    validation = pair.splits()["validation"].at(np.arange(N_VALIDATION))
    return TaskData(pair.tasks, pair.train, validation, pair.test)


def leads_of(errors: Mapping[str, Float[np.ndarray, "point seed"]]) -> Measured:
    """Read each net's errors at each cosine, and its gain over one trunk: 0.1 is about a tenth less error."""
    gains = {arm: np.log(errors["hard"] / error) for arm, error in errors.items()}
    return {
        f"{arm}, {cosine:g}": {ERROR: error[i], GAIN: gains[arm][i]}
        for arm, error in errors.items()
        for i, cosine in enumerate(COSINES)
    }
