"""Joint training and its relatives on the same handwritten digits: who wins where?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, within
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.experiments.what.one_network_many_tasks import WRONG
from mtl_tutor.experiments.what.relatives.transfer_arms import Questions, swapped, train_in_turn, transfer_arms
from mtl_tutor.results import Curves, History, Role

TEXT, SWAPPED = "source text 003, other kinds of learning", "share of fives and sevens taken for each other"
FIVE = {"after five source questions": "many-frozen-five"}
GAIN, SMALL_GAIN = above(0.01), above(0.005)  # one digit in a hundred with few labels, one in two hundred with many
NO_HARM, EQUAL = below(0.005), within(0.01)


@dataclass(frozen=True)
class Relatives(Trial):
    """Joint training, pre-training, a frozen trunk: which of them helps most depends on what there is to learn from.

    "Which digit?" is answered for few images, yes/no questions ("even?", "prime?", …) for many. Either all are asked at
    once ("joint"), or first the yes/no questions and then, with a new head, the main one: of the whole net
    ("fine-tuned") or of the head alone ("frozen"). Every net takes 160 steps in all, 80 and 80 where there are two
    stages, and is read at the end. Each stage has a learning rate of its own; the width, 64, is not tuned, since a
    trunk that is handed on keeps it.

    Attributes
    ----------
    n_few, n_many : int
        Images with an answer to the main question.
    n_images : int
        Images with answers to the others; the former are among them.

    Raises
    ------
    ValueError
        Fewer than 10 images, more than there are, or too few seeds.

    Notes
    -----
    Source: source text 003, which names these kinds of learning and compares none. Departures: all of the set-up is ours.
    """

    seeds: int = 128
    tuning_seeds: int = 8
    n_few: int = 20
    n_many: int = 160
    n_images: int = 400

    name = "relatives"
    findings = ("joint", "many-joint", "many-frozen")
    failing_controls = ("shuffled", "tuned-shuffled")
    widths = (64,)
    lrs = (0.005, 0.015, 0.05)
    extensions = 1
    steps = 160
    eval_every = 160
    init_scale = 2**0.5
    hypotheses = (
        Hypothesis("joint", "With few labels joint training saves at least one digit in a hundred", TEXT, "alone", "joint", GAIN),
        Hypothesis("tuned", "... and so does pre-training, then fine-tuning", TEXT, "alone", "tuned", GAIN),
        Hypothesis("frozen", "... and so does a pre-trained trunk that stays frozen", "ours", "alone", "frozen", GAIN),
        Hypothesis("same-images", "... and so do other answers on the labelled images alone", TEXT, "alone", "same images", GAIN),
        Hypothesis("shuffled", "... and so does joint training with shuffled answers", "control", "alone", "shuffled", GAIN),
        Hypothesis("tuned-shuffled", "... or pre-training on them", "control", "alone", "tuned, shuffled", GAIN),
        Hypothesis("not-random", "The frozen trunk beats one that is frozen as it started", "control", "random", "frozen", GAIN),
        Hypothesis("frozen-joint", "... and joint training", "ours", "joint", "frozen", GAIN),
        Hypothesis("frozen-tuned", "... and fine-tuning", "ours", "tuned", "frozen", GAIN),
        Hypothesis("swapped", "... but swaps 5 and 7, whose answers are alike, more",
                   "ours", "frozen", "alone", GAIN, measure=SWAPPED, scale="harm"),
        Hypothesis("swapped-joint", "... and so does joint training", "ours", "joint", "alone", GAIN, measure=SWAPPED, scale="harm"),
        Hypothesis("light", "Joint training gets better where the main loss counts a tenth", "ours", "joint", "light", GAIN),
        Hypothesis("equal", "Joint training is as good as pre-training and fine-tuning", "ours", "joint", "tuned", EQUAL),
        Hypothesis("many-equal", "... also with many labels", "ours", "joint, many", "tuned, many", EQUAL),
        Hypothesis("many-joint", "With many labels joint training saves one digit in 200", TEXT, "alone, many", "joint, many", SMALL_GAIN),
        Hypothesis("many-tuned", "... and so does pre-training, then fine-tuning", TEXT, "alone, many", "tuned, many", SMALL_GAIN),
        Hypothesis("many-frozen", "With many labels a frozen trunk does harm",
                   "ours", "frozen, one", "alone, many", SMALL_GAIN, unless=FIVE, scale="harm"),
        Hypothesis("many-frozen-five", "... also after five source questions",
                   "ours", "frozen, many", "alone, many", SMALL_GAIN, scale="harm"),
        Hypothesis("one-joint", "Beside one source question joint training does no harm",
                   "ours", "joint, one", "alone, many", NO_HARM, scale="harm"),
        Hypothesis("one-tuned", "... and after it fine-tuning does none", "ours", "tuned, one", "alone, many", NO_HARM, scale="harm"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for n_labels in (self.n_few, self.n_many):
            Questions("all", n_labels, self.n_images, 5)(self.first_seed)  # which checks the sizes

    def arms(self) -> Mapping[str, Arm]:
        """All arms for few labels; for many the main ones, with five source questions and with one."""
        arms, kept = transfer_arms(self.n_few, self.n_images), ("alone", "joint", "tuned", "frozen")
        for suffix, n_extra, names in (("many", 5, kept), ("one", 1, kept[1:])):
            more = transfer_arms(self.n_many, self.n_images, n_extra)
            arms |= {f"{name}, {suffix}": replace(more[name], label=f"{more[name].label} ({suffix})") for name in names}
        return arms

    def measured(self, arm: Arm, n_hidden: int, lr: float) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Count all errors at the last step, and those between the two digits whose answers are alike."""
        history = self.train(arm, self.seed_range, n_hidden, lr)
        return {WRONG: history.last()[:, 0], SWAPPED: swapped(self, arm, history, n_hidden)}

    def train(self, arm: Arm, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: float | Float[np.ndarray, "seed"]) -> History:
        """Train one arm's nets, in two stages where it has them."""
        if isinstance(arm.data, Questions) and arm.data.asked == "main after the others":
            return train_in_turn(self, arm, arm.data, seeds, n_hidden, lr)
        return super().train(arm, seeds, n_hidden, lr)


@recorded(
    "relatives",
    title="Together, or one after the other?",
    alt="With few labels a trunk frozen after five questions errs least; after one question it errs more than a single task.",
    questions=[1, 5],
    images=[160, 400],
)
def relatives_curves(questions: int = 5, images: int = 400, *, n_seeds: int = 64) -> Curves:
    """Follow the error over the number of labelled images, for every way to use the other questions.

    Parameters
    ----------
    questions, images : int
        How many yes/no questions are answered, and for how many images: 160 or more.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean. One learning rate (0.015), untuned.
    """
    trial = Relatives(n_seeds, 2000, n_images=images)
    shown = ("alone", "same images", "joint", "tuned", "frozen", "random")
    roles: dict[str, Role] = {arm.label: arm.role for arm in transfer_arms(20, images).values()}

    def wrong(n_labels: float) -> dict[str, np.ndarray]:
        arms = transfer_arms(int(n_labels), images, questions)
        return {arms[name].label: trial.measured(arms[name], 64, 0.015)[WRONG] for name in shown}

    look = {"xlabel": "images with an answer to the main question", "ylabel": WRONG, "ylim": (0.0, 0.45)}
    return curves_of(wrong, (20, 40, 80, 160), roles, xscale="log", **look)
