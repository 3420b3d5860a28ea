"""Few labelled digits, and a head that reconstructs the images: does the head without a label regularise?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments._arms import Arm, alone, beside_copies, beside_shuffled
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, digits, reconstructed

WRONG = "share of test digits misread"


@dataclass(frozen=True)
class Reconstruction(Trial):
    """A head that reconstructs unlabelled images lowers the error on the labelled task.

    "Which digit?" is answered for a few images. Beside it the net predicts the leading principal components of the
    image, each a regression: for the same few images, or for many that nobody labelled. Nets are read at the last step.

    Attributes
    ----------
    n_labels, n_images : images with an answer to the main question, and images in all.
    n_components : how many components are predicted.
    weight : of their mean loss, where the main task's is 1.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : no components, a negative weight, or too few seeds.

    Source: after the unsupervised h(3) in the figure of Goodfellow, Bengio & Courville (2016, §7.7). Departures: the book
    draws it and does not say that it helps; head, components and weight are ours.
    """

    seeds: int = 128
    tuning_seeds: int = 64
    n_labels: int = 40
    n_images: int = 400
    n_components: int = 16
    weight: float = 0.3

    name = "reconstruction"
    chapter = "why/as-regularisation"
    smallest = (("n_components", 1), ("weight", 0))
    widths, lrs, extensions = (64,), (0.005, 0.01, 0.02), 0
    steps = eval_every = 80
    sentences = (  # one digit in a hundred is the smallest gain that counts as one
        Sentence("joint", "Reconstructing unlabelled images saves at least one digit in a hundred", "ours", "alone", "joint", 0.01),
        Sentence("same-images", "... and so does reconstructing the labelled ones alone", "ours", "alone", "same images", 0.01),
        Sentence("shuffled", "... and so do shuffled components", "control", "alone", "shuffled", 0.01),
        Sentence("copies", "... and so do copies of the main question", "control", "alone", "copies", 0.01),
        Sentence("not-noise", "True components save more than shuffled ones", "control", "shuffled", "joint", 0.01),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of ReLU units that starts as He et al. (2015) would."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, init_scale=2**0.5)

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The main task's error at the last step."""
        return {WRONG: history.last()[:, 0]}

    def images(self, n_images: int, seed: int) -> TaskData:
        """Draw one seed's images, with their components beside the main task."""
        return reconstructed(digits(self.n_labels, extra=(), n_images=n_images, seed=seed), self.n_components)

    def arms(self) -> Mapping[str, Arm]:
        """Decide who reconstructs what."""
        few, many = partial(self.images, self.n_labels), partial(self.images, self.n_images)
        light = FixedWeighting((1.0, *self.n_components * (self.weight / self.n_components,)))
        return {
            "alone": Arm("alone", "single_task", alone(few)),
            "joint": Arm("reconstructing all images", "main", many, method=light),
            "same images": Arm("reconstructing labelled images", "other", few, method=light),
            "shuffled": Arm("shuffled components", "control", beside_shuffled(many), method=light),
            "copies": Arm("copies of the main task", "control", beside_copies(few), method=light),
        }
