"""What ten answers about one image say of each other: do they behave as those of classes that exclude one another?"""

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.experiments.digits import WRONG

SUM, MEAN, NOT_ONE = (
    "distance of an image's answers' sum from 1",
    "mean sum of the answers, less 1",
    "share of images without exactly one yes",
)
IMPOSSIBLE, NATS = "probability of no class or several, were they independent", "log loss of the answers, divided by their sum (nats)"


def judged(
    logits: Float[np.ndarray, "seed sample class"], truth: Int[np.ndarray, "seed sample"], *, exclusive: bool
) -> dict[str, Float[np.ndarray, "seed"]]:
    """Hold a net's answers against what ten classes of which one is right would ask of them: measure -> one number per net.

    Parameters
    ----------
    logits : one per class, of one softmax ("exclusive") or of as many sigmoids.
    truth : the class of each sample.

    >>> two_yes = judged(np.log([[[3.0, 3.0, 1 / 3]]]), np.array([[0]]), exclusive=False)  # sigmoids: 3/4, 3/4, 1/4
    >>> [round(float(two_yes[name][0]), 3) for name in (SUM, NOT_ONE, IMPOSSIBLE, WRONG)]
    [0.75, 1.0, 0.703, 0.0]
    """
    z = logits.astype(float)
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    p = powers / powers.sum(axis=-1, keepdims=True) if exclusive else 1 / (1 + np.exp(-z))
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
