"""Joint training and its relatives on the same handwritten digits: who wins where?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.experiments._ways_to_ask import Afterwards, Asked, swapped, train_afterwards, ways
from mtl_tutor.experiments.digits import WRONG
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tasks import TaskData

TEXT, SWAPPED = "source text 003, other kinds of learning", "share of fives and sevens taken for each other"
FIVE = {"after five source questions": "many-frozen-five"}


@dataclass(frozen=True)
class Relatives(Trial):
    """Joint training, pre-training, a frozen trunk: which of them helps most depends on what there is to learn from.

    "Which digit?" is answered for few images, yes/no questions ("even?", "prime?", …) for many. Either all are asked at once
    ("joint"), or first the yes/no questions and then, with a new head, the main one: of the whole net ("fine-tuned") or of
    the head alone ("frozen"). Every net takes 160 steps in all, 80 and 80 where there are two stages, and is read at the end.

    Attributes
    ----------
    n_few, n_many : images with an answer to the main question.
    n_images : images with answers to the others; the former are among them.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial. Each stage has a learning rate of its own; the width, 64, is
        not tuned, since a trunk that is handed on keeps it.

    Raises
    ------
    ValueError : fewer than 10 images, more than there are, or too few seeds.

    Source: source text 003, which names these kinds of learning and compares none. Departures: all of the set-up is ours.
    """

    seeds: int = 128
    tuning_seeds: int = 21
    n_few: int = 20
    n_many: int = 160
    n_images: int = 400

    name, chapter = "relatives", "what/relatives"
    widths, lrs, extensions, steps, eval_every = (64,), (0.005, 0.015, 0.05), 0, 160, 160
    sentences = (  # what counts: one digit in a hundred with few labels, one in two hundred with many
        Sentence("joint", "With few labels joint training saves at least one digit in a hundred", TEXT, "alone", "joint", 0.01),
        Sentence("tuned", "... and so does pre-training, then fine-tuning", TEXT, "alone", "tuned", 0.01),
        Sentence("frozen", "... and so does a pre-trained trunk that stays frozen", "ours", "alone", "frozen", 0.01),
        Sentence("same-images", "... and so do other answers on the labelled images alone", TEXT, "alone", "same images", 0.01),
        Sentence("shuffled", "... and so does joint training with shuffled answers", "control", "alone", "shuffled", 0.01),
        Sentence("tuned-shuffled", "... or pre-training on them", "control", "alone", "tuned, shuffled", 0.01),
        Sentence("not-random", "The frozen trunk beats one that is frozen as it started", "control", "random", "frozen", 0.01),
        Sentence("frozen-joint", "... and joint training", "ours", "joint", "frozen", 0.01),
        Sentence("frozen-tuned", "... and fine-tuning", "ours", "tuned", "frozen", 0.01),
        Sentence("swapped", "... but swaps 5 and 7, whose answers are alike, more", "ours", "frozen", "alone", 0.01, measure=SWAPPED),
        Sentence("swapped-joint", "... and so does joint training", "ours", "joint", "alone", 0.01, measure=SWAPPED),
        Sentence("light", "Joint training gets better where the main loss counts a tenth", "ours", "joint", "light", 0.01),
        Sentence("equal", "Joint training is as good as pre-training and fine-tuning", "ours", "joint", "tuned", margin=0.01),
        Sentence("many-equal", "... also with many labels", "ours", "joint, many", "tuned, many", margin=0.01),
        Sentence("many-joint", "With many labels joint training saves one digit in 200", TEXT, "alone, many", "joint, many", 0.005),
        Sentence("many-tuned", "... and so does pre-training, then fine-tuning", TEXT, "alone, many", "tuned, many", 0.005),
        Sentence("many-frozen", "... and a frozen trunk does harm", "ours", "frozen, one", "alone, many", 0.005, unless=FIVE),
        Sentence("many-frozen-five", "... also after five source questions", "ours", "frozen, many", "alone, many", 0.005),
        Sentence("one-joint", "Beside one source question joint training does no harm", "ours", "joint, one", "alone, many", most=0.005),
        Sentence("one-tuned", "... and after it fine-tuning does none", "ours", "tuned, one", "alone, many", most=0.005),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for n_labels in (self.n_few, self.n_many):
            Asked("all", n_labels, self.n_images, 5)(self.first_seed)  # which checks the sizes

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of ReLU units that starts as He et al. (2015) would."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, init_scale=2**0.5)

    def arms(self) -> Mapping[str, Arm]:
        """All ways for few labels; for many the main ones, with five source questions and with one."""
        arms, kept = ways(self.n_few, self.n_images), ("alone", "joint", "tuned", "frozen")
        for suffix, n_extra, names in (("many", 5, kept), ("one", 1, kept[1:])):
            more = ways(self.n_many, self.n_images, n_extra)
            arms |= {f"{name}, {suffix}": replace(more[name], label=f"{more[name].label} ({suffix})") for name in names}
        return arms

    def measured(self, arm: Arm, n_hidden: int, lr: float) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train one arm on the reported seeds, and count all errors, and those between the two digits that are answered alike."""
        history = self.train(arm, np.arange(self.first_seed, self.first_seed + self.seeds), n_hidden, lr)
        return {WRONG: history.last()[:, 0], SWAPPED: swapped(self, arm, history, n_hidden)}

    def train(self, arm: Arm, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: float | Float[np.ndarray, "seed"]) -> History:
        """Train one arm's nets, in two stages where it has them."""
        if isinstance(arm.data, Afterwards):
            return train_afterwards(self, arm, arm.data, seeds, n_hidden, lr)
        return super().train(arm, seeds, n_hidden, lr)


def who_wins(questions: int = 5, images: int = 400, *, n_seeds: int = 64) -> Curves:
    """Follow the error over the number of labelled images, for every way to use the other questions; one rate (0.015), untuned.

    Parameters
    ----------
    questions, images : how many yes/no questions are answered, and for how many images: 160 or more.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    n_labels, shown, lines = (20, 40, 80, 160), ("alone", "same images", "joint", "tuned", "frozen", "random"), dict[str, list[Interval]]()
    trial = Relatives(seeds=n_seeds, first_seed=2000, n_images=images)
    for arms in (ways(n, images, questions) for n in n_labels):
        for arm in (arms[name] for name in shown):
            lines.setdefault(arm.label, []).append(bootstrap(trial.measured(arm, 64, 0.015)[WRONG]))
    roles: dict[str, Role] = {arm.label: arm.role for arm in ways(20, images).values()}
    look = {"xlabel": "images with an answer to the main question", "ylabel": WRONG, "ylim": (0.0, 0.45)}
    return Curves.of_intervals(np.array(n_labels, dtype=float), lines, roles=roles, xscale="log", **look)
