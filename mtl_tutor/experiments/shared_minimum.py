"""Representation bias: two tasks, two minima each, one of them shared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float
from torch import nn
from tqdm import tqdm

from mtl_tutor.metrics import representation_used
from mtl_tutor.results import Bars, Claim, Role
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.statistics import Interval, Verdict, above, below, bootstrap, paired_difference, wilson, within
from mtl_tutor.tasks import bit_groups, shuffled_labels
from mtl_tutor.training import SGD, train

SOURCE = "Caruana 1997, §3.2"
CONTROLS = ("copy", "other inputs", "shuffled", "shuffled, silent")
Row = tuple[str, str, str, Interval, Verdict]


@dataclass(frozen=True)
class SharedMinimumResult:
    """Which group of bits each net reads, in every arm of the trial.

    Attributes
    ----------
    from_a : arm -> the share of conflicting patterns that T and T' answer as their first group (A) says;
        "silent" arms are those in which a task's samples show zeros in the group that it does not need.
    claims : the sentences on trial, with what was measured.
    """

    from_a: Mapping[str, Float[np.ndarray, "seed task"]]
    claims: tuple[Claim, ...]

    def uses(self, arm: str, group: str, task: int = 0) -> Bool[np.ndarray, "seed"]:
        """Say for each net whether the task reads "a", the "other" group (B for T, C for T'), or is "mixed".

        A task reads a group when more than three quarters of its answers to conflicting patterns follow it.
        """
        return representation_used(self.from_a[arm][:, task]) == {"a": 0, "other": 1, "mixed": -1}[group]

    def bars(self, arms: Mapping[str, str], group: str = "a", task: int = 0) -> Bars:
        """Picture how often the task reads a group in some arms: label -> arm."""
        letter = {"a": "A", "other": "BC"[task], "mixed": "both"}[group]
        bars = {label: wilson(self.uses(arm, group, task)) for label, arm in arms.items()}
        roles: dict[str, Role] = {
            label: "control" if arm in CONTROLS else "single_task" if arm.startswith("alone") else "main" for label, arm in arms.items()
        }
        return Bars(bars, roles, ylabel=f"share of nets in which {('T', 'T′')[task]} reads {letter}", ylim=(0.0, 1.0))


@dataclass(frozen=True)
class SharedMinimum:
    """Tasks prefer the minimum that they share, and avoid the one that their partner avoids.

    T can be solved from bit groups A or B, T' from A or C. Experiment 1: alone each task finds either of
    its minima; together both find A. Experiment 2: T is given a preference for B; T' now "usually falls into C".

    Attributes
    ----------
    seeds, first_seed : how many nets per arm, and the first of their seeds.
    n_hidden, init_scale, tanh : the shared layer, how small its weights start, and tanh units instead of ReLU.
    mild, strong : experiment 2's factors on group B's inputs.
    steps, lr : of full-batch gradient descent with momentum 0.9.

    Raises
    ------
    ValueError : fewer than 20 seeds (no interval is worth reading), or factors that are not 1 < mild < strong.

    Source: Caruana (1997, §3.2), who publishes neither construction nor counts. Departures: the tasks are ours (`bit_groups`).
    """

    seeds: int = 400
    first_seed: int = 1000
    n_hidden: int = 16
    init_scale: float = 0.05
    tanh: bool = False
    mild: float = 1.3
    strong: float = 4.0
    steps: int = 800
    lr: float = 0.05

    def __post_init__(self) -> None:
        if self.seeds < 20 or self.first_seed < 0:
            raise ValueError(f"`seeds` must be at least 20 and `first_seed` zero or more; got {self.seeds} and {self.first_seed}.")
        if not 1 < self.mild < self.strong:
            raise ValueError(f"`mild` and `strong` must satisfy 1 < mild < strong; got {self.mild} and {self.strong}.")

    def from_a(
        self,
        solvable_from: Sequence[tuple[str, str]] = (("a", "b"), ("a", "c")),
        *,
        others: str = "random",
        factor: float = 1.0,
        shared: bool = True,
        shuffled: bool = False,
    ) -> Float[np.ndarray, "seed task"]:
        """Train one arm and read off, per net and task, the share of conflicting patterns answered as its first group says.

        Parameters
        ----------
        solvable_from, others : the tasks' groups, and what a task's samples show in the rest; see `bit_groups`.
        factor : on group B's inputs; above 1, T comes to prefer B.
        shared : one trunk for both tasks, or a net for each.
        shuffled : deal the second task its labels anew for every seed.
        """
        data = bit_groups(solvable_from, others=others, strength={"b": factor})
        activation = nn.Tanh if self.tanh else nn.ReLU
        model = HardSharing(data.n_features, self.n_hidden, len(data.tasks), activation=activation, init_scale=self.init_scale)
        history = train(
            model if shared else SingleTask.like(model),
            (lambda seed: shuffled_labels(data, [1], seed=seed)) if shuffled else data,
            seeds=range(self.first_seed, self.first_seed + self.seeds),
            steps=self.steps,
            lr=self.lr,
            optimizer=SGD(momentum=0.9),
            eval_every=self.steps,
        )
        return 1 - history.last("test")

    def run(self, *, progress: bool = False) -> SharedMinimumResult:
        """Train every arm of both experiments on the same seeds, and decide the claims."""
        arms: dict[str, Callable[[], np.ndarray]] = {
            "alone": lambda: self.from_a(shared=False),
            "joint": lambda: self.from_a(),
            "copy": lambda: self.from_a([("a", "b"), ("a", "b")]),
            "other inputs": lambda: self.from_a([("a", "b"), ("d", "e")]),
            "shuffled": lambda: self.from_a(shuffled=True),
            "shuffled, silent": lambda: self.from_a(shuffled=True, others="silent"),
            "alone, strong": lambda: self.from_a(shared=False, factor=self.strong),
            "joint, mild": lambda: self.from_a(factor=self.mild),
            "joint, strong": lambda: self.from_a(factor=self.strong),
            "joint, mild, silent": lambda: self.from_a(factor=self.mild, others="silent"),
            "joint, strong, silent": lambda: self.from_a(factor=self.strong, others="silent"),
        }
        shares = {arm: train_arm() for arm, train_arm in tqdm(arms.items(), desc="shared minimum", disable=not progress)}
        result = SharedMinimumResult(shares, ())
        return replace(result, claims=(*_experiment_1(result), *_experiment_2(result)))


def _experiment_1(result: SharedMinimumResult) -> list[Claim]:
    share = {arm: wilson(result.uses(arm, "a")) for arm in result.from_a}
    both = wilson(result.uses("joint", "a") & result.uses("joint", "a", 1))
    lean = bootstrap((_lean_to_other(result, "alone", 0) + _lean_to_other(result, "alone", 1)) / 2)

    def more(arm: str, than: str) -> Interval:
        return paired_difference(result.uses(arm, "a").astype(float), result.uses(than, "a").astype(float))

    rows: list[Row] = [
        ("lean", "Alone, neither task leans to one of its minima (the other minus A)", SOURCE, lean, within(lean, 0.15)),
        ("p-alone", "Alone, T reads A in fewer than half of the nets", "ours", share["alone"], below(share["alone"], 0.5)),
        ("p-joint", "Beside T', T reads A in more than half of them", SOURCE, share["joint"], above(share["joint"], 0.5)),
        ("both", "Together, both tasks usually read A", SOURCE, both, above(both, 0.5)),
        ("p-copy", "Beside a copy of itself: fewer than half", "control", share["copy"], below(share["copy"], 0.5)),
        (
            "p-other",
            "Beside a like task on other inputs: fewer than half",
            "control",
            share["other inputs"],
            below(share["other inputs"], 0.5),
        ),
        ("p-shuffled", "Beside T' with shuffled labels: fewer than half", "control", share["shuffled"], below(share["shuffled"], 0.5)),
    ]
    for name, text, arm, than in (
        ("gain", "T reads A more often beside T' than alone", "joint", "alone"),
        ("not-noise", "... and more often than beside T' with shuffled labels", "joint", "shuffled"),
        ("trap", "If T' never sees B, even shuffled labels pull T to A", "shuffled, silent", "alone"),
    ):
        rows.append((name, text, "ours" if name == "trap" else SOURCE, more(arm, than), above(more(arm, than))))
    return _claims(rows)


def _experiment_2(result: SharedMinimumResult) -> list[Claim]:
    always, stays = (wilson(result.uses(arm, "other")) for arm in ("alone, strong", "joint, strong, silent"))
    tide = {arm: _lean_to_other(result, arm, 1) for arm in result.from_a}
    strong, mild, seen = (bootstrap(tide[arm]) for arm in ("joint, strong, silent", "joint, mild, silent", "joint, strong"))
    cause = paired_difference(tide["joint, strong, silent"], tide["joint, strong"])
    elsewhere = {above(mild), above(seen)}
    holds = Verdict.CONDITIONAL if above(strong) is Verdict.REPRODUCED and elsewhere != {Verdict.REPRODUCED} else above(strong)
    rows: list[Row] = [
        ("always-b", "With the strong preference, T alone always reads B", SOURCE, always, above(always, 0.95)),
        ("t-stays", "Beside T', T still reads B", SOURCE, stays, above(stays, 0.5)),
        ("tide", "T' then reads C more often than A (C minus A), if the preference is strong and T never sees C", SOURCE, strong, holds),
        ("tide-mild", "... also if the preference is mild", SOURCE, mild, above(mild)),
        ("tide-seen", "... also if T sees C", SOURCE, seen, above(seen)),
        ("cause", "T' leans to C more when T never sees C than when it does", "ours", cause, above(cause)),
    ]
    return _claims(rows)


def _claims(rows: list[Row]) -> list[Claim]:
    return [Claim(f"shared-minimum-{name}", text, source, measured, verdict) for name, text, source, measured, verdict in rows]


def _lean_to_other(result: SharedMinimumResult, arm: str, task: int) -> Float[np.ndarray, "seed"]:
    return result.uses(arm, "other", task).astype(float) - result.uses(arm, "a", task)
