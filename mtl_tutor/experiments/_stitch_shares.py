"""Nets whose towers exchange features, read out: how much is exchanged, and what it is worth."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._arms import Draw
from mtl_tutor.results import History
from mtl_tutor.sharing import NDDR, Architecture, CrossStitch, Sluice
from mtl_tutor.training import inspect_nets, predict

KINDS: Mapping[str, type[CrossStitch] | type[Sluice] | type[NDDR]] = {"cross-stitch": CrossStitch, "sluice": Sluice, "NDDR": NDDR}


def shares(net: Architecture, history: History) -> Float[np.ndarray, "seed"]:
    """How much of what a task reads after a layer comes from the other's tower, by weight: 0 to 1, averaged over layers and tasks."""
    read = inspect_nets(net, history, np.zeros((1, net.n_features)))
    strengths = np.abs(next(iter(read.values())))
    if isinstance(net, Sluice):  # from subspaces to tasks
        n = net.n_subspaces
        strengths = strengths.reshape(*strengths.shape[:2], 2, n, 2, n).sum(axis=(3, 5))
    own = strengths[..., [0, 1], [0, 1]] / strengths.sum(axis=3)
    return 1 - own.mean(axis=(1, 2))


def cut(net: CrossStitch, history: History) -> History:
    """Cut what goes from tower to tower, and leave all else as it was learned."""
    stitches = history.parameters["stitches"] * np.eye(net.n_tasks, dtype=np.float32)
    return replace(history, parameters={**history.parameters, "stitches": stitches})


def answered(net: Architecture, history: History, draw: Draw) -> Float[np.ndarray, "seed"]:
    """The main task's mean squared error on each seed's test samples, whatever has become of the nets' weights."""
    tests = [draw(int(seed)).splits()["test"] for seed in history.seeds]
    answers = predict(net, history, np.stack([test.x for test in tests]))[0][..., 0]
    return ((answers - np.stack([test.y[:, 0] for test in tests])) ** 2).mean(axis=1)
