"""One token per task: does each attend to its own features, and is it the sharing that helps?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.conditioning.code_nets import N_TUNING, NetKind
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask, TaskTokens
from mtl_tutor.tasks import Samples, Task, TaskData, only_tasks
from mtl_tutor.training import inspect_nets
from mtl_tutor.tuning import Setting

N_TASKS, N_TEST = 3, 300
UNMOVED = 1e-12  # a learning rate at which no weight moves
ERROR, OWN = "mean squared error per task (no unit)", "attention to own features, share"
TOKENS = NetKind(TaskTokens, widths=(8,), lrs=(0.0075, 0.015, 0.03))
NETS: Mapping[str, NetKind] = {
    "alone": NetKind(SingleTask, widths=(2, 4, 8, 16), lrs=(0.015, 0.03, 0.06, 0.12)),
    "hard": NetKind(HardSharing, widths=(2, 4, 8, 16), lrs=(0.015, 0.03, 0.06, 0.12)),
    "tokens": TOKENS,
    "one token": TOKENS,
}


@dataclass(frozen=True)
class TaskTokensExperiment(Experiment):
    """Tasks that share attention look at what is their own; that they share it is not what helps.

    Three tasks of six features: each is a nonlinear sum of two features of its own, a third of all.

    Attributes
    ----------
    seeds, first_seed, n_jobs
        As in `Experiment`: nets of each kind, each with samples of its own.
    n_samples : int
        Training samples; as many more choose settings and when to stop.
    noise : float
        Standard deviation of the labels' noise.

    Raises
    ------
    ValueError
        Too few seeds, no samples, or negative noise.

    Notes
    -----
    Source: source text 004, which says that a net with "joint attention" learns many tasks, and gives no reference. Departures:
    all of it.
    """

    seeds: int = 48
    n_samples: int = 60
    noise: float = 0.3

    name = "task-tokens"
    findings = ("gain",)
    failing_controls = ("one", "own-untrained")
    smallest = (("n_samples", 1), ("noise", 0))
    hypotheses = (
        Hypothesis("gain", "A token per task errs a fifth less than tuned single-task nets", "source text 004",
                   "tokens", "alone", below(-0.2), ratio),
        Hypothesis("one", "... and so does such a net with one task and one token", "control",
                   "one token", "alone", below(-0.2), ratio),
        Hypothesis("sharing", "Three tokens in one net err a fifth less than each in a net of its own", "ours",
                   "tokens", "one token", below(-0.2), ratio),
        Hypothesis("own", "Tokens look at their own two features of six: above a half", "ours",
                   "tokens", rule=above(0.5), measure=OWN),
        Hypothesis("own-untrained", "... also before they are trained", "control",
                   "tokens, untrained", rule=above(0.5), measure=OWN),
    )

    def tuned(self) -> Sequence[str]:
        """Every kind of net."""
        return list(NETS)

    def tune(self, name: str) -> Setting:
        """Choose a width and a learning rate by the mean validation error; where each task has a net, by that of the first."""
        return NETS[name].tune(self.samplers(name)[0], self.tuning_range(N_TUNING), n_jobs=self.n_jobs)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train all kinds of net, and see which features the tokens attend to."""
        seeds, measured = self.seed_range.tolist(), {}
        for name in self._shown(list(NETS), "training", progress):
            histories = [NETS[name].trained(draw, seeds, settings[name], self.n_jobs) for draw in self.samplers(name)]
            measured[name] = {ERROR: np.hstack([history.best() for history in histories]).mean(axis=1)}
            if name == "tokens":
                measured[name][OWN] = self.attention_to_own(histories[0])
        untrained = TOKENS.train(self.draw, seeds, 8, UNMOVED, self.n_jobs)
        return measured | {"tokens, untrained": {OWN: self.attention_to_own(untrained)}}

    def samplers(self, name: str) -> list[Sampler]:
        """Data of the nets of one kind: all tasks for one net, or a task each."""
        return [partial(self.draw, only=task) for task in range(N_TASKS)] if name == "one token" else [self.draw]

    def draw(self, seed: int, *, only: int | None = None) -> TaskData:
        """Draw a seed's samples, with the labels of all tasks or of one."""
        rng = np.random.default_rng([seed, 0x70C])
        splits = []
        for n, noise in ((self.n_samples, self.noise), (self.n_samples, self.noise), (N_TEST, 0.0)):
            x = rng.normal(size=(n, 2 * N_TASKS))
            y = np.tanh(1.5 * (x[:, 0::2] + x[:, 1::2]))
            splits.append(Samples(x, y + noise * rng.normal(size=y.shape)))
        data = TaskData(tuple(Task(f"pair {task + 1}") for task in range(N_TASKS)), *splits)
        return data if only is None else only_tasks(data, [only])

    def attention_to_own(self, history: History) -> Float[np.ndarray, "seed"]:
        """Measure the share of a token's attention to features that falls on its task's own two, mean over tasks."""
        data = self.draw(self.first_seed)
        attention = inspect_nets(TOKENS.net(data, 8), history, data.splits()["test"].x)["attention"].mean(axis=2)[:, :, N_TASKS:]
        own = np.repeat(np.eye(N_TASKS), 2, axis=1)
        return ((attention * own).sum(axis=2) / attention.sum(axis=2)).mean(axis=1).astype(float)
