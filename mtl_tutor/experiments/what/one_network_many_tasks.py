"""Few labelled digits, many digits with other labels: what do the other labels buy?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import alone, beside_copies, beside_shuffled
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.tasks import TaskData, digits
from mtl_tutor.tasks.digits import LABELINGS

WRONG = "share of test digits misread"
GAIN = above(0.01)  # one digit in a hundred is the smallest gain that counts as one
MANY = "400 images"


@dataclass(frozen=True)
class Digits(Trial):
    """Extra questions about handwritten digits lower the error on the main one.

    The main question, "which digit?", is answered for a few images only. Extra yes/no questions ("even?", "prime?", …)
    are answered for the same few images, or for many more. Nets are read at the last step.

    Attributes
    ----------
    n_labels, n_images : int
        Images with an answer to the main question, and to the extra ones.
    n_extra : int
        How many of the five extra questions are asked.

    Raises
    ------
    ValueError
        Not 1 to 5 extra questions, or too few seeds.

    Notes
    -----
    Source: multi-task learning from extra labels, as Caruana (1997, §4) collects it; digits and questions are ours.
    """

    seeds: int = 256
    tuning_seeds: int = 12
    n_labels: int = 40
    n_images: int = 400
    n_extra: int = 5

    name = "digits"
    findings = ("joint", "same-images")
    failing_controls = ("copies", "shuffled")
    widths = (64, 256)  # wider nets gain a little more, and cost minutes
    lrs = (0.003, 0.01, 0.03)
    extensions = 0
    steps = 80
    eval_every = 80
    init_scale = 2**0.5  # as He et al. (2015) start ReLU units
    hypotheses = (
        Hypothesis("joint", "Extra labels on many more images save at least one digit in a hundred", "ours", "alone", "joint", GAIN),
        Hypothesis("same-images", "Extra labels on the same images save at least one digit in a hundred",
                   "ours", "alone", "same images", GAIN),
        Hypothesis("copies", "... and so do copies of the main question", "control", "alone", "copies", GAIN),
        Hypothesis("shuffled", "... and so do shuffled answers on many more images", "control", "alone", "shuffled", GAIN),
        Hypothesis("not-noise", "True answers on many more images save more than shuffled ones", "control", "shuffled", "joint", GAIN),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.n_extra <= len(LABELINGS):
            raise ValueError(f"`n_extra` must lie between 1 and {len(LABELINGS)}; got {self.n_extra}.")

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The main task's error at the last step."""
        return {WRONG: history.last()[:, 0]}

    def images(self, n_images: int, seed: int) -> TaskData:
        """Draw one seed's images. The main task comes first."""
        return digits(self.n_labels, extra=tuple(LABELINGS)[: self.n_extra], n_images=n_images, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """The main task alone, and beside true, shuffled and copied answers."""
        few, many = partial(self.images, self.n_labels), partial(self.images, self.n_images)
        return {
            "alone": Arm("alone", "single_task", alone(few)),
            "joint": Arm("answers on more images", "main", many),
            "same images": Arm("answers on the same images", "other", few),
            "shuffled": Arm("shuffled answers", "control", beside_shuffled(many)),
            "copies": Arm("copies of the main task", "control", beside_copies(few)),
        }


@recorded(
    "digits",
    title="How few labels, how many questions?",
    alt="Error against the number of labelled images. Answers on 400 images lower it most where labels are few.",
    questions=(1, 5),
    answers=[MANY, "the labelled images only"],
)
def digits_curves(questions: int = 5, answers: str = MANY, *, n_seeds: int = 128) -> Curves:
    """Follow the error over the number of labelled images: alone, with extra answers, with shuffled ones.

    Every net has 128 hidden units and learning rate 0.01, untuned, so that thousands of them fit into minutes.

    Parameters
    ----------
    questions : int
        How many extra ones are asked.
    answers : str
        Which images carry their answers: "400 images", or "the labelled images only".
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    lines = {"alone": "alone", "with extra answers": "joint", "with shuffled answers": "shuffled"}
    roles: dict[str, Role] = {name: Digits().arms()[arm].role for name, arm in lines.items()}

    def wrong(n_labels: float) -> dict[str, np.ndarray]:
        n, n_images = int(n_labels), 400 if answers == MANY else int(n_labels)
        trial = Digits(n_seeds, 2000, n_labels=n, n_images=n_images, n_extra=questions)
        arms = trial.arms()
        return {name: trial.measured(arms[arm], 128, 0.01)[WRONG] for name, arm in lines.items()}

    look = {"xlabel": "images with an answer to the main question", "ylabel": WRONG, "ylim": (0.0, 0.45)}
    return curves_of(wrong, (20, 40, 80, 160), roles, xscale="log", **look)
