"""Few labelled digits, and a head that reconstructs the images: does the head without a label regularise?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import alone, beside_copies, beside_shuffled
from mtl_tutor.experiments.hypothesis import Hypothesis, above
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import History
from mtl_tutor.tasks import TaskData, digits, reconstructed

WRONG = "share of test digits misread"
DIGIT = above(0.01)  # one digit in a hundred is the smallest gain that counts as one


@dataclass(frozen=True)
class Reconstruction(Trial):
    """A head that reconstructs unlabelled images lowers the error on the labelled task.

    "Which digit?" is answered for a few images. Beside it the net predicts the leading principal components of the
    image, each a regression: for the same few images, or for many that nobody labelled. Nets are read at the last step.

    Attributes
    ----------
    n_labels, n_images : int
        Images with an answer to the main question, and images in all.
    n_components : int
        How many components are predicted.
    weight : float
        Weight of their mean loss, where the main task's is 1.

    Notes
    -----
    Source: after the unsupervised h(3) in the figure of Goodfellow, Bengio & Courville (2016, §7.7). Departures: the
    book draws it and does not say that it helps; head, components and weight are ours.
    """

    seeds: int = 128
    tuning_seeds: int = 24
    n_labels: int = 40
    n_images: int = 400
    n_components: int = 16
    weight: float = 0.3

    name = "reconstruction"
    findings = ("joint",)
    failing_controls = ("shuffled", "copies")
    smallest = (("n_components", 1), ("weight", 0))
    widths = (64,)
    lrs = (0.005, 0.01, 0.02)
    extensions = 1
    steps = eval_every = 80
    init_scale = 2**0.5  # as He et al. (2015) start ReLU units
    hypotheses = (
        Hypothesis("joint", "Reconstructing unlabelled images saves at least one digit in a hundred", "ours", "alone", "joint", DIGIT),
        Hypothesis("same-images", "... and so does reconstructing the labelled ones alone", "ours", "alone", "same images", DIGIT),
        Hypothesis("shuffled", "... and so do shuffled components", "control", "alone", "shuffled", DIGIT),
        Hypothesis("copies", "... and so do copies of the main question", "control", "alone", "copies", DIGIT),
        Hypothesis("not-noise", "True components save more than shuffled ones", "control", "shuffled", "joint", DIGIT),
    )

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The main task's error at the last step."""
        return {WRONG: history.last()[:, 0]}

    def images(self, n_images: int, seed: int) -> TaskData:
        """Draw one seed's images, with their components beside the main task."""
        return reconstructed(digits(self.n_labels, extra=(), n_images=n_images, seed=seed), self.n_components)

    def arms(self) -> Mapping[str, Arm]:
        """The main task alone, beside the components of all or of the labelled images, and beside two controls."""
        few, many = partial(self.images, self.n_labels), partial(self.images, self.n_images)
        light = FixedWeighting((1.0, *self.n_components * (self.weight / self.n_components,)))
        return {
            "alone": Arm("alone", "single_task", alone(few)),
            "joint": Arm("reconstructing all images", "main", many, method=light),
            "same images": Arm("reconstructing labelled images", "other", few, method=light),
            "shuffled": Arm("shuffled components", "control", beside_shuffled(many), method=light),
            "copies": Arm("copies of the main task", "control", beside_copies(few), method=light),
        }
