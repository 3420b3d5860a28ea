"""One scan line of a road image, and nine tasks on it."""

from functools import cache

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread

QUESTIONS = ("steering", "lanes", "left edge", "right edge", "line centre", "road centre", "road grey", "border grey", "line grey")
LINE = 0.04  # width of a centre line, as a share of the picture


@checked
def road(
    n_samples: int = 100,
    *,
    n_pixels: int = 32,
    lane: float = 0.15,
    widest: float = 0.35,
    noise: float = 0.05,
    shadows: float = 0.5,
    seed: int = 0,
) -> TaskData:
    """Steering as the main task, with eight auxiliary tasks about the visible road.

    The labels are those of `sights`, standardised by their mean and standard deviation over many
    images.

    Parameters
    ----------
    n_samples : int
        Training samples; as many for validation, and 200 for the test.
    n_pixels : int
        Features: grey levels from -1 (black) to 1 (white), from left to right.
    lane, widest : float
        Least and largest width of a lane, as shares of the image.
    noise : float
        Standard deviation of the noise on each pixel, where white minus black is 1.
    shadows : float
        Share of the images in which a shadow halves the light on a stretch.
    seed : int
        Decides the images and the noise.

    Returns
    -------
    TaskData
        Nine regressions, steering first, the others in the order of Caruana's table; NaN where
        there is no centre line.

    Raises
    ------
    ValueError
        No samples, fewer than eight pixels, lanes of no width or two of them wider than the
        picture, a road narrower than a lane, negative noise, or a share of shadows outside 0 to 1.

    Notes
    -----
    Source: 1D-ALVINN (Caruana 1997, §2.1), one line of Pomerleau's road simulator, with the same
    tasks and 32 pixels.

    Departures: the simulator is ours, and so are all sizes, greys, noise and shadows; the paper
    doesn't print them.

    Examples
    --------
    >>> road(n_samples=10).train.y.shape
    (10, 9)
    """
    if n_samples < 1 or n_pixels < 8:
        raise ValueError(f"`n_samples` must be at least 1 and `n_pixels` 8; got {n_samples} and {n_pixels}. Take more of them.")
    if not 0 < lane <= widest < 0.5:
        raise ValueError(f"`widest` must be at least `lane` and less than half the picture; got {widest} and {lane}. Narrow the lanes.")
    check_spread(noise=noise)
    if not 0 <= shadows <= 1:
        raise ValueError(f"`shadows` must lie between 0 and 1; got {shadows}.")
    check_room(n_samples=n_samples, n_pixels=n_pixels)
    mean, spread = _scale(lane, widest)

    def samples(n: int, split: int) -> Samples:
        rng = np.random.default_rng([seed, 0x20AD, split])
        y = sights(n, lane=lane, widest=widest, seed=int(rng.integers(2**62)))
        start, length = rng.random(n), rng.uniform(0.1, 0.4, n)
        dark = (rng.random(n) < shadows)[:, None] * _covered(start, start + length, n_pixels)
        seen = scan_line(y, n_pixels) * (1 - dark / 2) + noise * rng.normal(size=(n, n_pixels))
        return Samples(2 * seen - 1, (y - mean) / spread)

    return TaskData(tuple(Task(name) for name in QUESTIONS), samples(n_samples, 0), samples(n_samples, 1), samples(200, 2))


@checked
def sights(n: int, *, lane: float = 0.15, widest: float = 0.35, seed: int = 0) -> Float[np.ndarray, "sample task"]:
    """Draw roads and the nine labels of each, in plain units.

    A road of one or two lanes lies anywhere in the image; two lanes have a line between them,
    within a tenth of the road's width from its centre. The border is darker than the road, the line
    lighter. The steering direction points at the middle of the road, or of its right lane where it
    has two, at half an image's width ahead.

    Returns
    -------
    Float[np.ndarray, "sample task"]
        One column per task: steering (0 is 45 degrees to the left, 1 to the right), lanes (0 one, 1
        two), positions as shares of the image from its left, greys from 0 (black) to 1 (white).
        Without a line its position and grey are NaN.
    """
    rng = np.random.default_rng([seed, 0x516])
    two = rng.random(n) < 0.5
    width = np.where(two, 2, 1) * rng.uniform(lane, widest, n)
    left = rng.uniform(0, 1 - width)
    right, centre = left + width, left + width / 2
    line = centre + width * rng.uniform(-0.1, 0.1, n)
    target = np.where(two, (line + right) / 2, centre)
    steering = 0.5 + np.arctan(2 * target - 1) / (np.pi / 2)
    grey = rng.uniform(0.4, 0.6, n)
    border, paint = grey - rng.uniform(0.2, 0.4, n), grey + rng.uniform(0.2, 0.4, n)
    line, paint = (np.where(two, value, np.nan) for value in (line, paint))
    return np.stack([steering, two, left, right, line, centre, grey, border, paint], axis=1)


@checked
def scan_line(sights: Float[np.ndarray, "sample task"], n_pixels: int = 32) -> Float[np.ndarray, "sample feature"]:
    """Draw the pixels of a road, without shadow or noise.

    Each pixel is the mean grey of the stretch that it covers.

    Examples
    --------
    >>> one = [0.5, 0, 0.25, 0.75, np.nan, 0.5, 0.4, 0.1, np.nan]  # the answers of `sights` for one lane
    >>> scan_line(np.array([one]), n_pixels=4)
    array([[0.1, 0.4, 0.4, 0.1]])
    """
    _, _, left, right, line, _, grey, border, paint = sights.T
    on_road, on_line = _covered(left, right, n_pixels), _covered(line - LINE / 2, line + LINE / 2, n_pixels)
    return border[:, None] + (grey - border)[:, None] * on_road + np.nan_to_num((paint - grey)[:, None] * on_line)


@cache
def _scale(lane: float, widest: float) -> tuple[Float[np.ndarray, "task"], Float[np.ndarray, "task"]]:
    """Mean and standard deviation of each label over many images."""
    many = sights(20_000, lane=lane, widest=widest, seed=0x5CA1E)
    return np.nanmean(many, axis=0), np.nanstd(many, axis=0)


def _covered(start: Float[np.ndarray, "sample"], end: Float[np.ndarray, "sample"], n_pixels: int) -> Float[np.ndarray, "sample feature"]:
    """The share of each pixel that lies between two positions."""
    edges = np.arange(n_pixels + 1) / n_pixels
    return n_pixels * np.diff(np.clip(edges, start[:, None], end[:, None]), axis=1)
