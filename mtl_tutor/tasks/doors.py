"""Two stripes of an image of a door, and ten tasks on it."""

from functools import cache

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread

QUESTIONS = (
    *("knob", "double", "doorway centre", "doorway width", "left edge", "right edge"),
    *("left jamb", "left jamb width", "right jamb", "right jamb width"),
)
KNOB, GAP = 0.03, 0.02  # width of a knob, and of the dark gap between two leaves, as shares of the picture
MOST_JAMB = 0.08


@checked
def doors(
    n_samples: int = 100,
    *,
    n_pixels: int = 30,
    leaf: float = 0.15,
    widest: float = 0.35,
    noise: float = 0.05,
    seed: int = 0,
) -> TaskData:
    """The place of the doorknob and the type of the door as the main tasks, with eight auxiliary tasks about the doorway.

    The labels are those of `doorways`, standardised by their mean and standard deviation over many images.

    Parameters
    ----------
    n_samples : int
        Training samples; as many for validation, and 200 for the test.
    n_pixels : int
        Pixels of each stripe. The features are those of the green stripe, from left to right, and then those of the blue
        one, from -1 (dark) to 1 (bright).
    leaf, widest : float
        Least and largest width of a door leaf, as shares of the image. A double door has two.
    noise : float
        Standard deviation of the noise on each pixel, where bright minus dark is 1.
    seed : int
        Decides the images and the noise.

    Returns
    -------
    TaskData
        Ten regressions, the place of the knob and the type of the door first.

    Raises
    ------
    ValueError
        No samples, fewer than eight pixels, leaves of no width or two of them with their jambs wider than the image, or negative noise.

    Notes
    -----
    Source: 1D-DOORS (Caruana 1997, §2.2): two stripes (green, blue) of 30 pixels, and the same ten tasks, on images of doors that
    a robot took.

    Departures: the images are ours, drawn and not photographed, and so are all sizes, colours and the noise; the paper's
    aren't public.

    Examples
    --------
    >>> data = doors(n_samples=10)
    >>> data.train.x.shape, data.train.y.shape
    ((10, 60), (10, 10))
    """
    if n_samples < 1 or n_pixels < 8:
        raise ValueError(f"`n_samples` must be at least 1 and `n_pixels` 8; got {n_samples} and {n_pixels}. Take more of them.")
    if not 0 < leaf <= widest < 0.5 - MOST_JAMB:
        most = f"less than {0.5 - MOST_JAMB:g}"
        raise ValueError(f"`widest` must be at least `leaf` and {most}; got {widest} and {leaf}. Narrow the leaves.")
    check_spread(noise=noise)
    check_room(n_samples=n_samples, n_pixels=n_pixels)
    mean, spread = _scale(leaf, widest)

    def samples(n: int, split: int) -> Samples:
        rng = np.random.default_rng([seed, 0xD002, split])
        y = doorways(n, leaf=leaf, widest=widest, seed=int(rng.integers(2**62)))
        seen = stripes(y, colours(n, seed=int(rng.integers(2**62))), n_pixels)
        return Samples(2 * (seen + noise * rng.normal(size=seen.shape)) - 1, (y - mean) / spread)

    return TaskData(tuple(Task(name) for name in QUESTIONS), samples(n_samples, 0), samples(n_samples, 1), samples(200, 2))


@checked
def doorways(n: int, *, leaf: float = 0.15, widest: float = 0.35, seed: int = 0) -> Float[np.ndarray, "sample task"]:
    """Draw doorways and the ten labels of each, in plain units.

    A door of one or two leaves stands between two jambs anywhere in the image. A single door has its knob near one of its
    edges, a double door on one of its leaves, near the middle. The doorway is the door with its jambs.

    Returns
    -------
    Float[np.ndarray, "sample task"]
        One column per task: whether the door is double (0 or 1), all others as shares of the image, places from its left.
    """
    rng = np.random.default_rng([seed, 0xD00])
    double = rng.random(n) < 0.5
    one_leaf = rng.uniform(leaf, widest, n)
    width = np.where(double, 2, 1) * one_leaf
    left_jamb, right_jamb = rng.uniform(0.03, MOST_JAMB, (2, n))
    left = left_jamb + rng.uniform(0, 1 - width - left_jamb - right_jamb)
    right, side = left + width, np.where(rng.random(n) < 0.5, -1, 1)
    inside = rng.uniform(0.1, 0.2, n) * one_leaf  # from the edge of the leaf at which the knob is
    knob = left + width / 2 + side * np.where(double, inside, width / 2 - inside)
    outer_left, outer_right = left - left_jamb, right + right_jamb
    doorway = (outer_left + outer_right) / 2, outer_right - outer_left
    jambs = left - left_jamb / 2, left_jamb, right + right_jamb / 2, right_jamb
    return np.stack([knob, 1.0 * double, *doorway, left, right, *jambs], axis=1)


@checked
def colours(n: int, *, seed: int = 0) -> Float[np.ndarray, "sample part channel"]:
    """Draw how bright wall, jambs, door and knob are in green and in blue, from 0 to 1.

    Jambs are darker than the wall, by 0.2 to 0.4; the door is greener than the jambs, and less blue, by 0.1 to 0.2; the
    knob is brighter than the door by as much.
    """
    rng = np.random.default_rng([seed, 0xC0])
    wall = rng.uniform(0.6, 0.8, (n, 2))
    jambs = wall - rng.uniform(0.2, 0.4, (n, 2))
    door = jambs + rng.uniform(0.1, 0.2, (n, 2)) * np.array([1, -1])
    return np.stack([wall, jambs, door, door + rng.uniform(0.1, 0.2, (n, 2))], axis=1)


@checked
def stripes(
    doorways: Float[np.ndarray, "sample task"], colours: Float[np.ndarray, "sample part channel"], n_pixels: int = 30
) -> Float[np.ndarray, "sample feature"]:
    """Draw the pixels of doorways, first those of the green stripe and then those of the blue one, without noise.

    Each pixel is the mean brightness of the stretch that it covers. Between two leaves there is a gap, as dark as 0.

    Examples
    --------
    >>> one = [0.7, 0, 0.5, 0.6, 0.25, 0.75, 0.225, 0.05, 0.775, 0.05]  # the labels of a single door
    >>> parts = np.array([[[0.5, 0.2], [0.5, 0.2], [0.4, 0.1], [0.4, 0.1]]])  # wall, jambs, door, knob: green and blue
    >>> stripes(np.array([one]), parts, n_pixels=4)
    array([[0.5, 0.4, 0.4, 0.5, 0.2, 0.1, 0.1, 0.2]])
    """
    knob, double, centre, width, left, right = doorways.T[:6]
    wall, jambs, door, handle = (colours[:, part, :, None] for part in range(4))
    whole = _covered(centre - width / 2, centre + width / 2, n_pixels)
    leaves = _covered(left, right, n_pixels)
    middle = (left + right) / 2
    gap = double[:, None, None] * _covered(middle - GAP / 2, middle + GAP / 2, n_pixels)
    on_knob = _covered(knob - KNOB / 2, knob + KNOB / 2, n_pixels)
    seen = wall + (jambs - wall) * whole + (door - jambs) * leaves + (handle - door) * on_knob - door * gap
    return seen.reshape(len(seen), -1)


@cache
def _scale(leaf: float, widest: float) -> tuple[Float[np.ndarray, "task"], Float[np.ndarray, "task"]]:
    """Mean and standard deviation of each label over many images."""
    many = doorways(20_000, leaf=leaf, widest=widest, seed=0x5CA1E)
    return many.mean(axis=0), many.std(axis=0)


def _covered(start: Float[np.ndarray, "sample"], end: Float[np.ndarray, "sample"], n_pixels: int) -> Float[np.ndarray, "sample 1 column"]:
    """The share of each pixel that lies between two positions."""
    edges = np.arange(n_pixels + 1) / n_pixels
    return n_pixels * np.diff(np.clip(edges, start[:, None], end[:, None]), axis=1)[:, None]
