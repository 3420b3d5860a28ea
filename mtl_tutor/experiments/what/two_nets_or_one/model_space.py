"""The trunks that suit each task, and those that suit both: a landscape to look at, not evidence."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from mtl_tutor.results import Map

_TRUTH, _OTHER = np.array([0.6, 0.4]), np.array([-0.7, -0.5])
_SIDE = np.linspace(-2.0, 2.0, 61)


def model_space(
    task: Literal["T alone", "T′ alone", "both"] = "T alone",
    samples: int = 20,
    related: bool = True,
    *,
    noise: float = 0.7,
    seed: int = 1000,
) -> Map:
    """Judge every trunk by how well its best heads fit the samples of T, of T', or of both.

    The trunk is one hidden unit that lights up near a place c of the plane, ``h = exp(-|x - c|²)``, and
    c is all that it has to learn. Inputs are standard normal. T asks for 2h, T' for -2h, plus
    noise. For each c every task's head, its slope and offset, is fitted by least squares.

    Parameters
    ----------
    task : Literal["T alone", "T′ alone", "both"]
        Whose squared error counts; of both, the mean.
    samples : int
        Training samples, each with its own label for either task.
    related : bool
        Whether T' asks about the same place as T, or about one of its own.
    noise : float
        Standard deviation of the noise on labels.
    seed : int
        Decides samples and noise.

    Returns
    -------
    Map
        The training error over c above its minimum, up to 0.4; "×" marks the lowest point, and "T",
        "T'" the places that the labels were made with.

    Raises
    ------
    ValueError
        Fewer than three samples (a head would fit anything), negative noise, or another task.

    Notes
    -----
    Source: ours, after the picture of separate and shared model spaces in source text 003.
    """
    if samples < 3 or not 0 <= noise < float("inf"):
        raise ValueError(f"`samples` must be at least 3 and `noise` zero or more; got {samples} and {noise}.")
    if task not in ("T alone", "T′ alone", "both"):
        raise ValueError(f"`task` must be 'T alone', 'T′ alone' or 'both'; got {task!r}.")
    rng = np.random.default_rng([seed, 0x5BACE])
    x, blur = rng.normal(size=(100, 2))[:samples], noise * rng.normal(size=(2, 100))[:, :samples]
    places = {"T": _TRUTH, "T′": _TRUTH if related else _OTHER}
    labels = np.stack([2.0 * _unit(places["T"], x), -2.0 * _unit(places["T′"], x)]) + blur
    errors = _errors(np.stack(np.meshgrid(_SIDE, _SIDE), axis=-1), x, labels)
    z = {"T alone": errors[..., 0], "T′ alone": errors[..., 1], "both": errors.mean(axis=-1)}[task]
    row, column = np.unravel_index(z.argmin(), z.shape)
    marks = {"T": _TRUTH} if related else places
    marks = {name: (float(at[0]), float(at[1])) for name, at in marks.items()} | {"×": (float(_SIDE[column]), float(_SIDE[row]))}
    return Map(
        x=_SIDE,
        y=_SIDE,
        z=np.minimum(z - z.min(), 0.4),
        zlim=(0.0, 0.4),
        xlabel="c₁, where the unit lights up",
        ylabel="c₂",
        zlabel="training error above its minimum",
        marks=marks,
    )


def _unit(place: Float[np.ndarray, "*row 2"], x: Float[np.ndarray, "sample 2"]) -> Float[np.ndarray, "*row sample"]:
    return np.exp(-((np.asarray(place)[..., None, :] - x) ** 2).sum(axis=-1))


def _errors(
    places: Float[np.ndarray, "row column 2"], x: Float[np.ndarray, "sample 2"], labels: Float[np.ndarray, "task sample"]
) -> Float[np.ndarray, "row column task"]:
    """Mean squared error of each task's best head on the unit at each place."""
    h = _unit(places, x)
    h = h - h.mean(axis=-1, keepdims=True)
    centred = labels - labels.mean(axis=1, keepdims=True)
    explained = (h @ centred.T) ** 2 / np.maximum((h**2).sum(axis=-1, keepdims=True), 1e-12)
    return ((centred**2).sum(axis=1) - explained) / x.shape[0]
