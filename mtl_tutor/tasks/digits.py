"""Handwritten digits with several labels each."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._base import Samples, Task, TaskData

LABELINGS: dict[str, tuple[int, ...]] = {
    "even": (0, 2, 4, 6, 8),
    "at least five": (5, 6, 7, 8, 9),
    "prime": (2, 3, 5, 7),
    "has a loop": (0, 6, 8, 9),
    "divisible by three": (0, 3, 6, 9),
}
"""Question -> the digits for which the answer is yes."""


@checked
def digits(
    n_labels: int = 40,
    *,
    main: str = "which digit",
    extra: Sequence[str] = tuple(LABELINGS),
    n_images: int | None = None,
    seed: int = 0,
) -> TaskData:
    """Real handwritten digits with a main task and auxiliary tasks on the same images.

    Parameters
    ----------
    n_labels : int
        Training images with a label of the main task; as many for validation.
    main : str
        Main task: a name in `LABELINGS` (yes or no), or "which digit" (ten classes).
    extra : Sequence[str]
        Auxiliary tasks, named likewise.
    n_images : int | None
        Training images with labels of the auxiliary tasks, the first `n_labels` among them; no more
        than these when not given.
    seed : int
        Decides which images are for training, validation and test.

    Returns
    -------
    TaskData
        64 features (8x8 pixels, from 0, paper, to 1, ink), the main task first; 800 test images.

    Raises
    ------
    ValueError
        An unknown question, one asked twice, or too few or too many images.

    Notes
    -----
    Source: optical recognition of handwritten digits (Alpaydin & Kaynak 1998), as shipped with
    scikit-learn: 1,797 images, CC BY 4.0.

    Departures: the questions are ours.

    Examples
    --------
    >>> digits(30, extra=["even", "prime"]).n_outputs
    (10, 1, 1)
    """
    names = (main, *extra)
    images, classes = _images()
    if unknown := set(names) - {*LABELINGS, "which digit"}:
        raise ValueError(f"`main` and `extra` must be among {[*LABELINGS, 'which digit']}; got {sorted(unknown)}.")
    if len(set(names)) < len(names):
        raise ValueError(f"`main` and `extra` must be different questions; got {names}. For copies use `copies_of_task`.")
    n_images = n_labels if n_images is None else n_images
    if not 10 <= n_labels <= n_images <= len(images) - 800 - n_labels:
        raise ValueError(
            f"`n_labels` must be at least 10, and `n_images` between it and {len(images) - 800} - n_labels; got {n_labels} and {n_images}."
        )
    order = np.random.default_rng([seed, 0xD1]).permutation(len(images))
    y = np.stack([classes if name == "which digit" else np.isin(classes, LABELINGS[name]) for name in names], axis=1).astype(float)
    labelled, validation, others = np.split(order, [n_labels, 2 * n_labels])  # so that `n_images` moves no other image
    train, test = np.concatenate([labelled, others[: n_images - n_labels]]), others[-800:]
    y_train = y[train]
    y_train[n_labels:, 0] = np.nan
    tasks = tuple(Task(name, "multiclass", 10) if name == "which digit" else Task(name, "binary") for name in names)
    return TaskData(tasks, Samples(images[train], y_train), Samples(images[validation], y[validation]), Samples(images[test], y[test]))


@cache
def _images() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits  # a second to import, so only when digits are asked for

    pixels, classes = load_digits(return_X_y=True)
    return np.asarray(pixels) / 16, np.asarray(classes)
