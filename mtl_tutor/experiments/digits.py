"""Few labelled digits, many digits with other labels: what do the other labels buy?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, alone, beside_copies, beside_shuffled
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.results import Curves, History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tasks import TaskData, digits
from mtl_tutor.tasks.digits import LABELINGS

WRONG = "share of test digits misread"


@dataclass(frozen=True)
class Digits(Trial):
    """Extra questions about handwritten digits lower the error on the main one.

    The main question, "which digit?", is answered for a few images only. Extra yes/no questions
    ("even?", "prime?", …) are answered for the same few images, or for many more. Nets are read at the last step.

    Attributes
    ----------
    n_labels, n_images : images with an answer to the main question, and to the extra ones.
    n_extra : how many of the five extra questions are asked.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : 1 to 5 extra questions not kept, or too few seeds.

    Source: multi-task learning from extra labels, as Caruana (1997, §4) collects it; digits and questions are ours.
    """

    seeds: int = 256
    tuning_seeds: int = 32
    n_labels: int = 40
    n_images: int = 400
    n_extra: int = 5

    name = "digits"
    chapter = "what/one-network-many-tasks"
    widths, lrs, extensions = (64, 256), (0.003, 0.01, 0.03), 0  # wider nets gain a little more, and cost minutes
    steps = eval_every = 80
    sentences = (  # one digit in a hundred is the smallest gain that counts as one
        Sentence("joint", "Extra answers on many more images save at least one digit in a hundred", "ours", "alone", "joint", 0.01),
        Sentence("same-images", "... and so do answers on the same images", "ours", "alone", "same images", 0.01),
        Sentence("copies", "... and so do copies of the main question", "control", "alone", "copies", 0.01),
        Sentence("shuffled", "... and so do shuffled answers on many more images", "control", "alone", "shuffled", 0.01),
        Sentence("not-noise", "True answers on many more images save more than shuffled ones", "control", "shuffled", "joint", 0.01),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.n_extra <= len(LABELINGS):
            raise ValueError(f"`n_extra` must lie between 1 and {len(LABELINGS)}; got {self.n_extra}.")

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of ReLU units that starts as He et al. (2015) would."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, init_scale=2**0.5)

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The main task's error at the last step."""
        return {WRONG: history.last()[:, 0]}

    def images(self, n_images: int, seed: int) -> TaskData:
        """Draw one seed's images. The main task comes first."""
        return digits(self.n_labels, extra=tuple(LABELINGS)[: self.n_extra], n_images=n_images, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Decide who gets which labels."""
        few, many = partial(self.images, self.n_labels), partial(self.images, self.n_images)
        return {
            "alone": Arm("alone", "single_task", alone(few)),
            "joint": Arm("answers on more images", "main", many),
            "same images": Arm("answers on the same images", "other", few),
            "shuffled": Arm("shuffled answers", "control", beside_shuffled(many)),
            "copies": Arm("copies of the main task", "control", beside_copies(few)),
        }


def labels_needed(questions: int = 5, answers: str = "400 images", *, n_seeds: int = 128) -> Curves:
    """Follow the error over the number of labelled images: alone, with extra answers, with shuffled ones.

    Every net has 128 hidden units and learning rate 0.01, untuned, so that thousands of them fit into minutes.

    Parameters
    ----------
    questions : how many extra ones are asked.
    answers : which images carry their answers: "400 images", or "the labelled images only".
    n_seeds : nets per point; the band is the 95% interval of their mean.
    """
    n_labels = (20, 40, 80, 160)
    lines = {"alone": ("alone", 1), "with extra answers": ("joint", questions), "with shuffled answers": ("shuffled", questions)}
    everywhere = 400 if answers == "400 images" else None
    return Curves.of_intervals(
        np.array(n_labels, dtype=float),
        {name: [_wrong(arm, n, everywhere or n, asked, n_seeds) for n in n_labels] for name, (arm, asked) in lines.items()},
        roles={name: Digits().arms()[arm].role for name, (arm, _) in lines.items()},
        xlabel="images with an answer to the main question",
        ylabel=WRONG,
        xscale="log",
        ylim=(0.0, 0.45),
    )


@cache
def _wrong(arm: str, n_labels: int, n_images: int, n_extra: int, n_seeds: int) -> Interval:
    trial = Digits(seeds=n_seeds, first_seed=2000, n_labels=n_labels, n_images=n_images, n_extra=n_extra)
    return bootstrap(trial.measured(trial.arms()[arm], 128, 0.01)[WRONG])
