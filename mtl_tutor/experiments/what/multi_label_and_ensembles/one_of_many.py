"""One of ten classes, or ten yes/no questions: is multi-class learning a kind of multi-label learning?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.special import softmax

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, within
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.experiments.what.one_network_many_tasks import WRONG
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import digits
from mtl_tutor.tasks.one_against_rest import one_against_rest
from mtl_tutor.training import predict

SUM = "distance of an image's answers' sum from 1"
MEAN = "mean sum of the answers, less 1"
NOT_ONE = "share of images without exactly one yes"
IMPOSSIBLE = "probability of no class or several, were they independent"
NATS = "log loss of the answers, divided by their sum (nats)"
TEXT, MORE = "source text 003, other kinds of learning", "source text 002 §2.2"
SMALL, ZERO = below(0.05), within(0.05)


@dataclass(frozen=True)
class OneOfMany(Trial):
    """Multi-class learning is a kind of multi-label learning, whose classes are independent of each other.

    "Which digit?" is learned as one softmax, as ten yes/no heads on one trunk (multi-label learning), and by ten nets
    apart. Were the classes independent, each answer could be believed alone; since they exclude each other, all ten
    must sum to 1. Learning rates are tuned, each arm's by its own log loss; nets have 64 units.

    Attributes
    ----------
    n_images, n_more : int
        Training images, and more of them.

    Raises
    ------
    ValueError
        Fewer than 10 images, more than there are, or too few seeds.

    Notes
    -----
    Source: source text 003, which says so; classes of one image exclude each other.
    Departures: digits and measures are ours.
    """

    seeds: int = 128
    tuning_seeds: int = 12
    n_images: int = 100
    n_more: int = 400

    name = "one-of-many"
    findings = ("sum",)
    smallest = (("n_images", 10), ("n_more", 10))
    baseline = "softmax"
    widths = (64,)
    lrs = (0.003, 0.01, 0.03)
    extensions = 1
    steps = 160
    eval_every = 160
    init_scale = 2**0.5  # as He et al. (2015) start ReLU units
    hypotheses = (
        Hypothesis("sum", "Ten yes/no answers about an image sum to 1, within 0.05", TEXT, "sigmoids", None, SMALL, measure=SUM),
        Hypothesis("sum-more", "... at least after four times as many images", "ours", "more", None, SMALL, measure=SUM),
        Hypothesis("mean", "... or on average over images", "ours", "sigmoids", None, ZERO, measure=MEAN),
        Hypothesis("mean-more", "... or so after four times as many", "ours", "more", None, ZERO, measure=MEAN),
        Hypothesis("one", "All but 5 images in a hundred get exactly one yes", TEXT, "sigmoids", None, SMALL, measure=NOT_ONE),
        Hypothesis(
            "independent", "Taken as independent, they leave under 5% to none or several", TEXT, "sigmoids", None, SMALL, measure=IMPOSSIBLE
        ),
        Hypothesis("accuracy", "The largest is right as often as the largest of a softmax", "ours", "sigmoids", "softmax", within(0.02)),
        Hypothesis("repaired", "... and divided by their sum they are as good", "ours", "sigmoids", "softmax", ZERO, measure=NATS),
        Hypothesis("shared", "One trunk for ten questions beats ten nets by a digit in a hundred", MORE, "apart", "sigmoids", above(0.01)),
        Hypothesis("shared-sum", "... and brings the sum 0.05 nearer to 1", "ours", "apart", "sigmoids", above(0.05), measure=SUM),
    )

    def images(self, n: int) -> Sampler:
        """Draw one seed's images."""
        return lambda seed: digits(n, extra=(), seed=seed)

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
        """Train one arm on the reported seeds, and ask every net about its seed's test images, the same for all arms."""
        net = self.net(arm.data(self.first_seed) if callable(arm.data) else arm.data, n_hidden)
        tests = [self.images(self.n_images)(int(seed)).splits()["test"] for seed in self.seed_range]
        history, x = self.train(arm, self.seed_range, n_hidden, lr), np.stack([test.x for test in tests])
        if isinstance(net, HardSharing) and not arm.shared:
            net = SingleTask.like(net)
        answers = predict(net, history, x)
        truth = np.stack([test.y[:, 0] for test in tests]).astype(int)
        return exclusiveness(np.concatenate(answers, axis=-1), truth, exclusive=len(answers) == 1)


def exclusiveness(
    logits: Float[np.ndarray, "seed sample class"], truth: Int[np.ndarray, "seed sample"], *, exclusive: bool
) -> dict[str, Float[np.ndarray, "seed"]]:
    """Judge the answers of every net as probabilities of ten classes of which one is right.

    Parameters
    ----------
    logits : Float[np.ndarray, "seed sample class"]
        One per class, of one softmax (`exclusive`) or of as many sigmoids.
    truth : Int[np.ndarray, "seed sample"]
        The class of each sample.
    exclusive : bool
        Whether the logits are those of a softmax.

    Returns
    -------
    dict of str to Float[np.ndarray, "seed"]
        Measure -> one number per net.

    Examples
    --------
    Three sigmoids that say 3/4, 3/4 and 1/4:

    >>> two_yes = exclusiveness(np.log([[[3.0, 3.0, 1 / 3]]]), np.array([[0]]), exclusive=False)
    >>> [round(float(two_yes[name][0]), 3) for name in (SUM, NOT_ONE, IMPOSSIBLE, WRONG)]
    [0.75, 1.0, 0.703, 0.0]
    """
    z = logits.astype(float)
    p = softmax(z, axis=-1) if exclusive else 1 / (1 + np.exp(-z))
    total, no = p.sum(axis=-1), np.maximum(1 - p, 1e-12)
    right = np.take_along_axis(p, truth[..., None], axis=-1)[..., 0] / total
    each = {
        WRONG: p.argmax(axis=-1) != truth,
        SUM: np.abs(total - 1),
        MEAN: total - 1,
        NOT_ONE: (p > 0.5).sum(axis=-1) != 1,
        IMPOSSIBLE: 1 - no.prod(axis=-1) * (p / no).sum(axis=-1),
        NATS: -np.log(np.maximum(right, 1e-12)),
    }
    return {name: value.mean(axis=-1) for name, value in each.items()}
