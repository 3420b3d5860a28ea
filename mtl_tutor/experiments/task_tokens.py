"""One token per task: does each look at what is its own, and is it the sharing that pays?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import Sentence
from mtl_tutor.experiments._code_nets import Way, by_validation, check_trial
from mtl_tutor.experiments._verdicts import Setting
from mtl_tutor.experiments.task_codes import effect
from mtl_tutor.results import Bars, Claim, History, Role
from mtl_tutor.sharing import HardSharing, SingleTask, TaskTokens
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import Samples, Task, TaskData, only_tasks
from mtl_tutor.training import inspect_nets

N_TASKS, N_TEST = 3, 300
UNMOVED = 1e-12  # a rate at which no weight moves
ERROR = "mean squared error per task (no unit)"
LESS: dict[str, Any] = {"most": -0.2, "relative": True}
SENTENCES = (  # of features alone, a third are a task's own
    Sentence("gain", "A token per task errs a fifth less than tuned single-task nets", "source text 004", "tokens", "alone", **LESS),
    Sentence("one", "... and so does such a net with one task and one token", "control", "one token", "alone", **LESS),
    Sentence("sharing", "Three tokens in one net err a fifth less than each in a net of its own", "ours", "tokens", "one token", **LESS),
    Sentence("own", "Tokens look at their own two features of six: above a half", "ours", "own", least=0.5),
    Sentence("own-untrained", "... also before they are trained", "control", "own, untrained", least=0.5),
)
TOKENS = Way(TaskTokens, widths=(8,), rates=(0.0075, 0.015, 0.03))
WAYS: Mapping[str, Way] = {
    "alone": Way(SingleTask, widths=(2, 4, 8, 16), rates=(0.015, 0.03, 0.06, 0.12)),
    "hard": Way(HardSharing, widths=(2, 4, 8, 16), rates=(0.015, 0.03, 0.06, 0.12)),
    "tokens": TOKENS,
    "one token": TOKENS,
}
LABELS = {
    "alone": "a net each, tuned",
    "hard": "one trunk, a head each",
    "tokens": "a token per task",
    "one token": "a token and net each",
}
ROLES: dict[str, Role] = {"alone": "single_task", "hard": "other", "tokens": "main", "one token": "control"}


@dataclass(frozen=True, eq=False)
class TaskTokensResult:
    """What the nets did, and where their tokens looked.

    Attributes
    ----------
    measured : what was measured -> one number per seed.
    settings : way -> the width and the rate that validation chose.
    claims : what was decided.
    """

    measured: Mapping[str, Float[np.ndarray, "seed"]]
    settings: Mapping[str, Setting]
    claims: tuple[Claim, ...] = ()

    def bars(self) -> Bars:
        """Picture the errors."""
        return Bars(
            {label: bootstrap(self.measured[name]) for name, label in LABELS.items()},
            {LABELS[n]: r for n, r in ROLES.items()},
            ylabel=ERROR,
        )


@dataclass(frozen=True)
class TokensOfTasks:
    """Tasks that share attention look at what is their own; that they share it is not what pays.

    Three tasks of six features: each is a bent sum of two features of its own.

    Attributes
    ----------
    seeds, first_seed : how many nets of each kind, each with samples of its own, and the first of their seeds.
    n_samples, noise : of the tasks; as many more samples choose settings and when to stop.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, no samples, or negative noise.

    Source: source text 004, which says that a net with "joint attention" learns many tasks, and gives no reference. Departures: all of it.
    """

    seeds: int = 48
    first_seed: int = 1000
    n_samples: int = 60
    noise: float = 0.3
    n_jobs: int = 1

    name, chapter = "task-tokens", "sharing/conditioning"

    def __post_init__(self) -> None:
        check_trial(self, ("n_samples", 1), ("noise", 0))

    def run(self, *, progress: bool = False) -> TaskTokensResult:
        """Tune, train, look where the tokens look, and decide; `progress` has nothing to show."""
        seeds, settings, measured = range(self.first_seed, self.first_seed + self.seeds), {}, {}
        for name, way in WAYS.items():
            draws = [partial(self.draw, only=task) for task in range(N_TASKS)] if name == "one token" else [self.draw]
            settings[name] = one = way.tune(draws[0], by_validation, self.n_jobs)
            histories = [way.train(draw, seeds, one.n_hidden, [one.lr] * self.seeds, self.n_jobs) for draw in draws]
            measured[name] = np.hstack([history.best() for history in histories]).mean(axis=1)
            if name == "tokens":
                measured["own"] = self.looked(histories[0])
        measured["own, untrained"] = self.looked(TOKENS.train(self.draw, seeds, 8, [UNMOVED] * self.seeds, self.n_jobs))
        return TaskTokensResult(measured, settings, tuple(s.claim(self.name, effect(measured, s)) for s in SENTENCES))

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

    def looked(self, history: History) -> Float[np.ndarray, "seed"]:
        """The share of a token's attention to features that falls on its task's own two, mean over tasks."""
        data = self.draw(self.first_seed)
        attention = inspect_nets(TOKENS.net(data, 8), history, data.splits()["test"].x)["attention"].mean(axis=2)[:, :, N_TASKS:]
        own = np.repeat(np.eye(N_TASKS), 2, axis=1)
        return ((attention * own).sum(axis=2) / attention.sum(axis=2)).mean(axis=1).astype(float)
