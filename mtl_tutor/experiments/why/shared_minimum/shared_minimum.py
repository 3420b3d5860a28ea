"""Representation bias: two tasks, two minima each, one of them shared."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import beside_shuffled
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, within
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.metrics import representation_used
from mtl_tutor.results import History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, bit_groups
from mtl_tutor.training import SGD
from mtl_tutor.tuning import Setting

SOURCE, TEXT = "Caruana 1997, §3.2", "Caruana 1997, §3.2; source text 003"
AB_AC = (("a", "b"), ("a", "c"))  # T can be solved from A or B, T' from A or C
A, B, C, BOTH = "T reads A", "T reads B", "T′ reads C", "both read A"
TIDE, LEAN = "T′ reads C (1) or A (-1)", "reads the other group (1) or A (-1), mean of both tasks"
ELSEWHERE = {"if the preference is mild": "tide-mild", "if T sees C": "tide-seen"}
MOST, FEW = above(0.5), below(0.5)


@dataclass(frozen=True)
class SharedMinimum(Trial):
    """Tasks prefer the minimum that they share, and avoid the one that their partner avoids.

    T can be solved from bit groups A or B, T' from A or C. Experiment 1: alone each task finds either of
    its minima; together both find A. Experiment 2: T is given a preference for B; T' now "usually falls into C".
    A net reads a group when more than three quarters of its answers to conflicting patterns follow it. In "silent"
    arms a task's samples show zeros in the group that it does not need, otherwise anything. Nothing is tuned: the
    question is which minimum, not how low.

    Attributes
    ----------
    n_hidden : int
        Units of the shared layer.
    init_scale : float
        Factor on its initial weights.
    tanh : bool
        Whether its units are tanh units instead of ReLU.
    mild, strong : float
        Experiment 2's factors on group B's inputs.

    Raises
    ------
    ValueError
        Too few seeds, or factors that are not 1 < mild < strong.

    Notes
    -----
    Source: Caruana (1997, §3.2), who publishes neither construction nor counts. Departures: the tasks are ours
    (`bit_groups`).
    """

    seeds: int = 400
    n_hidden: int = 16
    init_scale: float = 0.05  # pyright: ignore[reportIncompatibleVariableOverride]
    tanh: bool = False
    mild: float = 1.3
    strong: float = 4.0

    name = "shared-minimum"
    findings = ("p-joint", "trap", "t-stays", "tide")
    steps = 800
    eval_every = 800
    optimizer = SGD(momentum=0.9)
    hypotheses = (
        Hypothesis("lean", "Alone, neither task leans to one of its minima", TEXT, "alone", rule=within(0.15), measure=LEAN),
        Hypothesis("p-alone", "Alone, T reads A in fewer than half of the nets", "ours", "alone", rule=FEW),
        Hypothesis("p-joint", "Beside T′, T chooses A, the feature that both can use, in more than half of the nets",
                   TEXT, "joint", rule=MOST),
        Hypothesis("both", "Together, both tasks usually read A", TEXT, "joint", rule=MOST, measure=BOTH),
        Hypothesis("p-copy", "Beside a copy of itself, T reads A in fewer than half of the nets", "control", "copy", rule=FEW),
        Hypothesis("p-other", "Beside a like task on other inputs, T reads A in fewer than half", "control", "other inputs", rule=FEW),
        Hypothesis("p-shuffled", "Beside T′ with shuffled labels, T reads A in fewer than half", "control", "shuffled", rule=FEW),
        Hypothesis("gain", "T reads A more often beside T′ than alone", SOURCE, "joint", "alone"),
        Hypothesis("not-noise", "... and more often than beside T′ with shuffled labels", SOURCE, "joint", "shuffled"),
        Hypothesis("trap", "If T′ never sees B, even shuffled labels pull T to A", "ours", "shuffled, silent", "alone"),
        Hypothesis("always-b", "With a strong preference for B, T alone always reads it",
                   TEXT, "alone, strong", rule=above(0.95), measure=B),
        Hypothesis("t-stays", "Beside T′, T still reads B if it strongly prefers B",
                   TEXT, "joint, strong, silent", rule=MOST, measure=B),
        Hypothesis("tide", "Beside a T that strongly prefers B, T′ reads C more often than A",
                   TEXT, "joint, strong, silent", measure=TIDE, unless=ELSEWHERE),
        Hypothesis("tide-mild", "... also if the preference is mild", TEXT, "joint, mild, silent", measure=TIDE),
        Hypothesis("tide-seen", "... also if T sees C", TEXT, "joint, strong", measure=TIDE),
        Hypothesis("cause", "T′ leans to C more if T never sees C", "ours", "joint, strong, silent", "joint, strong", measure=TIDE),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 < self.mild < self.strong:
            raise ValueError(f"`mild` and `strong` must satisfy 1 < mild < strong; got {self.mild} and {self.strong}.")

    def tune(self, name: str) -> Setting:
        """Take one setting for all arms."""
        return Setting(self.n_hidden, 0.05)

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """Build the shared net, of ReLU or tanh units."""
        activation = nn.Tanh if self.tanh else nn.ReLU
        return HardSharing(data.n_features, n_hidden, len(data.tasks), activation=activation, init_scale=self.init_scale)

    def arm(self, label="", role: Role = "main", tasks=AB_AC, *, others="random", factor=1.0, shared=True, shuffled=False) -> Arm:
        """Pose T and T': the groups of each, what is shown in the rest, a factor on B's inputs, T' shuffled for every seed or not."""
        data = bit_groups(tasks, others=others, strength={"b": factor})
        return Arm(label, role, beside_shuffled(lambda seed: data) if shuffled else data, shared)

    def arms(self) -> Mapping[str, Arm]:
        """Experiment 1 and its controls; experiment 2, strong and mild, with C seen by T and not."""
        arm, strong, mild = self.arm, self.strong, self.mild
        return {
            "alone": arm("alone", "single_task", shared=False),
            "joint": arm("beside T′"),
            "copy": arm("beside a copy of itself", "control", [("a", "b"), ("a", "b")]),
            "other inputs": arm("beside a task on other inputs", "control", [("a", "b"), ("d", "e")]),
            "shuffled": arm("beside T′, labels shuffled", "control", shuffled=True),
            "shuffled, silent": arm("beside T′, shuffled and silent", "control", shuffled=True, others="silent"),
            "alone, strong": arm("alone, strong preference", "single_task", shared=False, factor=strong),
            "joint, mild": arm("mild preference", factor=mild),
            "joint, strong": arm("strong preference", factor=strong),
            "joint, mild, silent": arm("mild preference, silent", "other", factor=mild, others="silent"),
            "joint, strong, silent": arm("strong preference, silent", "other", factor=strong, others="silent"),
        }

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Which group each task reads."""
        return groups_read(1 - history.last("test"))


def groups_read(follows_a: Float[np.ndarray, "seed task"]) -> dict[str, np.ndarray]:
    """Judge nets by the share of conflicting patterns that each task answers as group A says."""
    t, other = (representation_used(share) for share in follows_a.T)
    lean_t, lean_other = (1.0 * (group == 1) - 1.0 * (group == 0) for group in (t, other))
    groups = {A: t == 0, B: t == 1, "T′ reads A": other == 0, C: other == 1, BOTH: (t == 0) & (other == 0)}
    return {**groups, TIDE: lean_other, LEAN: (lean_t + lean_other) / 2}
