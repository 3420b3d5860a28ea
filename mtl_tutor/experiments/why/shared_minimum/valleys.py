"""Two tasks in two parameters: an illustration, not evidence."""

import numpy as np
from jaxtyping import Float

from mtl_tutor.results import Map

Points = Float[np.ndarray, "run 2"]


def valleys(
    preference: float = 0.0,
    *,
    weight: float = 1.0,
    n_starts: int = 200,
    n_steps: int = 1500,
    lr: float = 0.05,
    seed: int = 1000,
) -> Map:
    """Run gradient descent from many starts on the summed loss of T and T', and mark in which minima they end.

    T looks at u alone, ``L_T = (u² - 1)²/2 - preference·u``, and has its minima at u = -1 (A) and u = +1 (B).
    T' is content along either of two valleys, u = -1 (A) or v = +1 (C): ``L_T' = d₁d₂/(d₁ + d₂)`` with
    ``d₁ = (u + 1)²``, ``d₂ = (v - 1)²``. The valleys, unlike wells, let T sit in B while T' sits in C.

    Parameters
    ----------
    preference : float
        How far T's landscape tilts towards B; above 0.77 its minimum at A is gone.
    weight : float
        Weight of T' in the sum.
    n_starts : int
        Number of starts, drawn from N(0, 0.5²) in u and v.
    n_steps : int
        Steps of plain gradient descent.
    lr : float
        Its learning rate.
    seed : int
        Seed of the starts.

    Returns
    -------
    Map
        The summed loss over (u, v) (no unit, from its minimum to 4 above), 40 of the paths, and where every start
        ends: both tasks in A, T in B and T' in C, or neither.

    Raises
    ------
    ValueError
        No starts or steps, or a rate or weight that is not positive.

    Notes
    -----
    Source: ours.
    """
    if min(n_starts, n_steps) < 1 or not (lr > 0 and weight > 0):
        raise ValueError(f"`n_starts`, `n_steps`, `lr` and `weight` must be positive; got {n_starts}, {n_steps}, {lr} and {weight}.")
    place = np.random.default_rng(seed).normal(0.0, 0.5, size=(n_starts, 2))
    route = [place]
    for _ in range(n_steps):
        place = place - lr * _gradient(place, preference, weight)
        route.append(place)
    u, v = place.T
    kinds = np.select([u < -0.5, (u > 0.5) & (v > 0.5)], [0, 1], default=2)
    stops = np.unique(np.geomspace(1, n_steps, 24).astype(int))
    side = np.linspace(-2.0, 2.0, 61)
    height = _height(np.stack(np.meshgrid(side, side), axis=-1), preference, weight)
    return Map(
        x=side,
        y=side,
        z=np.minimum(height - height.min(), 4.0),
        zlim=(0.0, 4.0),
        xlabel="u, the parameter both tasks read",
        ylabel="v, read by T′ alone",
        zlabel="summed loss above its minimum",
        marks={"A": (-1.0, -1.6), "B": (1.0, -1.6), "C": (1.7, 1.0)},
        paths=np.stack([route[0], *(route[stop] for stop in stops)], axis=1)[:40],
        points=place,
        kinds=kinds,
        kind_names={"both tasks in A": "main", "T in B, T′ in C": "other", "stuck in between": "control"},
    )


def _height(place: np.ndarray, preference: float, weight: float) -> np.ndarray:
    u, v = place[..., 0], place[..., 1]
    d1, d2 = (u + 1) ** 2, (v - 1) ** 2
    return (u**2 - 1) ** 2 / 2 - preference * u + weight * d1 * d2 / (d1 + d2 + 1e-12)


def _gradient(place: Points, preference: float, weight: float) -> Points:
    u, v = place.T
    d1, d2 = (u + 1) ** 2, (v - 1) ** 2
    total = (d1 + d2 + 1e-12) ** 2
    slope_u = 2 * u * (u**2 - 1) - preference + weight * 2 * (u + 1) * d2**2 / total
    slope_v = weight * 2 * (v - 1) * d1**2 / total
    return np.stack([slope_u, slope_v], axis=1)
