"""One of ten classes, or ten yes/no questions: is multi-class learning a kind of multi-label learning?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._arms import Arm, Draw
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.experiments._class_answers import IMPOSSIBLE, MEAN, NATS, NOT_ONE, SUM, judged
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import TaskData, digits
from mtl_tutor.tasks.one_against_rest import one_against_rest
from mtl_tutor.training import predict

TEXT, MORE = "source text 003, other kinds of learning", "source text 002 §2.2"


@dataclass(frozen=True)
class OneOfMany(Trial):
    """Multi-class learning is a kind of multi-label learning, whose classes are independent of each other.

    "Which digit?" is learned as one softmax, as ten yes/no heads on one trunk (multi-label learning), and by ten nets apart.
    Were the classes independent, each answer could be believed alone; since they exclude each other, all ten must sum to 1.

    Attributes
    ----------
    n_images, n_more : training images, and more of them.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial. Learning rates are tuned, each arm's by its own log loss; nets
        have 64 units.

    Raises
    ------
    ValueError : fewer than 10 images, more than there are, or too few seeds.

    Source: source text 003, which says so; classes of one image exclude each other. Departures: digits and measures are ours.
    """

    seeds: int = 128
    tuning_seeds: int = 21
    n_images: int = 100
    n_more: int = 400

    name, chapter, baseline = "one-of-many", "what/relatives", "softmax"
    smallest = (("n_images", 10), ("n_more", 10))
    widths, lrs, extensions, steps, eval_every = (64,), (0.003, 0.01, 0.03), 1, 160, 160
    sentences = (
        Sentence("sum", "Ten yes/no answers about an image sum to 1, within 0.05", TEXT, "sigmoids", most=0.05, measure=SUM),
        Sentence("sum-more", "... at least after four times as many images", "ours", "more", most=0.05, measure=SUM),
        Sentence("mean", "... or on average over images", "ours", "sigmoids", margin=0.05, measure=MEAN),
        Sentence("mean-more", "... or so after four times as many", "ours", "more", margin=0.05, measure=MEAN),
        Sentence("one", "All but 5 images in a hundred get exactly one yes", TEXT, "sigmoids", most=0.05, measure=NOT_ONE),
        Sentence(
            "independent", "Taken as independent, they leave under 5% to none or several", TEXT, "sigmoids", most=0.05, measure=IMPOSSIBLE
        ),
        Sentence("accuracy", "The largest is right as often as the largest of a softmax", "ours", "sigmoids", "softmax", margin=0.02),
        Sentence("repaired", "... and divided by their sum they are as good", "ours", "sigmoids", "softmax", margin=0.05, measure=NATS),
        Sentence("shared", "One trunk for ten questions beats ten nets by a digit in a hundred", MORE, "apart", "sigmoids", 0.01),
        Sentence("shared-sum", "... and brings the sum 0.05 nearer to 1", "ours", "apart", "sigmoids", 0.05, measure=SUM),
    )

    def images(self, n: int) -> Draw:
        """Draw one seed's images."""
        return lambda seed: digits(n, extra=(), seed=seed)

    def net(self, data: TaskData, n_hidden: int) -> HardSharing:
        """A trunk of ReLU units that starts as He et al. (2015) would."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, init_scale=2**0.5)

    def arms(self) -> Mapping[str, Arm]:
        """One question, ten in one net, ten in ten nets; more images."""
        few, more = self.images(self.n_images), self.images(self.n_more)
        return {
            "softmax": Arm("one softmax", "single_task", few),
            "sigmoids": Arm("ten sigmoids, one trunk", "main", lambda seed: one_against_rest(few(seed))),
            "apart": Arm("ten sigmoids, ten nets", "other", lambda seed: one_against_rest(few(seed)), shared=False),
            "more": Arm("ten sigmoids, more images", "third", lambda seed: one_against_rest(more(seed))),
        }

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """Tune by the log loss at the last step, summed over what is asked."""
        return np.where(history.diverged, np.nan, history.loss["validation"][:, -1].sum(axis=1))

    def measured(self, arm: Arm, n_hidden: int, lr: float) -> Mapping[str, np.ndarray]:
        """Train one arm on the reported seeds, and ask every net about its own test images."""
        seeds = np.arange(self.first_seed, self.first_seed + self.seeds)
        net = self.net(arm.data(self.first_seed) if callable(arm.data) else arm.data, n_hidden)
        images = [self.images(self.n_images)(int(seed)).splits()["test"] for seed in seeds]  # those of a seed, however many it learns from
        history, x = self.train(arm, seeds, n_hidden, lr), np.stack([test.x for test in images])
        answers = predict(net if arm.shared else SingleTask.like(net), history, x)
        truth = np.stack([test.y[:, 0] for test in images]).astype(int)
        return judged(np.concatenate(answers, axis=-1), truth, exclusive=len(answers) == 1)


def sums(look_at: str = SUM, units: int = 64, rate: float = 0.01, *, n_seeds: int = 64) -> Curves:
    """Follow a measure over the number of training images: one softmax, ten sigmoids on one trunk, ten in ten nets.

    Parameters
    ----------
    look_at : a measure of the trial.
    units, rate : hidden units of each net, and its learning rate, untuned.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    n_images, arms = (25, 50, 100, 200, 400), {name: arm for name, arm in OneOfMany().arms().items() if name != "more"}
    lines = {arm.label: [bootstrap(_measured(name, n, units, rate, n_seeds)[look_at]) for n in n_images] for name, arm in arms.items()}
    roles: dict[str, Role] = {arm.label: arm.role for arm in arms.values()}
    look = {"xlabel": "training images", "ylabel": look_at, "ylim": (0.0, 0.6)}
    return Curves.of_intervals(np.array(n_images, dtype=float), lines, roles=roles, xscale="log", **look)


@cache
def _measured(name: str, n_images: int, units: int, rate: float, n_seeds: int) -> Mapping[str, np.ndarray]:
    trial = OneOfMany(seeds=n_seeds, first_seed=2000, n_images=n_images)
    return trial.measured(trial.arms()[name], units, rate)
