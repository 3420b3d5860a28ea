"""XOR in two hidden units, alone and with hints, on one plane of its loss."""

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.results import Map
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, only_tasks, parity
from mtl_tutor.training import train

NAMES = ("trunk.0.weight", "trunk.0.bias", "heads.0.weight", "heads.0.bias")
Place = Float[np.ndarray, "param"]


def xor_plane(seed: int = 1000, *, steps: int = 500, lr: float = 0.05) -> Map:
    """Draw the loss of XOR on the plane through a net's start and its two ends, and the paths of training.

    Both paths begin at the same nine weights; one follows XOR alone, the other XOR, OR and AND. They leave the plane
    on the way; what is drawn is their projection on it.

    Parameters
    ----------
    seed : int
        Seed of the first weights.
    steps : int
        Training steps.
    lr : float
        Learning rate of Adam.

    Returns
    -------
    Map
        XOR's loss (nats, up to 1.5) over the plane, in units of weight, from the start at (0, 0).

    Raises
    ------
    ValueError
        As `train` does for steps and rates.

    Notes
    -----
    Source: ours.
    """
    hints = parity(2)
    stops = sorted({*np.unique(np.geomspace(1, steps, 24).astype(int)).tolist(), steps})
    paths = [_path(data, seed, stops, lr) for data in (only_tasks(hints, [0]), hints)]
    start, ends = paths[0][0], [path[-1] for path in paths]
    across = (ends[0] - start) / np.linalg.norm(ends[0] - start)
    up = (ends[1] - start) - (ends[1] - start) @ across * across
    plane = np.stack([across, up / np.linalg.norm(up)])
    drawn = np.stack([(path - start) @ plane.T for path in paths])
    low, high = drawn.reshape(-1, 2).min(axis=0) - 2, drawn.reshape(-1, 2).max(axis=0) + 2
    x, y = (np.linspace(a, b, 61) for a, b in zip(low, high, strict=True))
    z = np.array([[_loss(start + u * plane[0] + v * plane[1], hints) for u in x] for v in y])
    return Map(
        x=x,
        y=y,
        z=np.minimum(z, 1.5),
        zlim=(0.0, 1.5),
        xlabel="towards the end of XOR alone",
        ylabel="towards the end with hints",
        zlabel="loss of XOR (nats)",
        marks={"start": (0.0, 0.0)},
        paths=drawn,
        points=drawn[:, -1],
        kinds=np.array([0, 1]),
        kind_names={"XOR alone": "other", "XOR, OR and AND": "main"},
    )


def _path(data: TaskData, seed: int, stops: list[int], lr: float) -> Float[np.ndarray, "step param"]:
    """All weights at the start and after some numbers of steps."""
    net = HardSharing(2, 2, len(data.tasks), activation=nn.Tanh)
    history = train(net, data, seeds=[seed], steps=stops[-1], lr=lr, eval_every=stops[-1], keep_at=(0, *stops))
    kept = [history.parameters_at(step) for step in (0, *stops)]
    return np.array([np.concatenate([weights[name].ravel() for name in NAMES]) for weights in kept])


def _loss(place: Place, data: TaskData) -> float:
    w, b, v, c = place[:4].reshape(2, 2), place[4:6], place[6:8], place[8]
    logits = np.tanh(data.train.x @ w.T + b) @ v + c
    return float(np.logaddexp(0, -(2 * data.train.y[:, 0] - 1) * logits).mean())
