"""Exercises of *Avoided representations*."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mtl_tutor.exercises._answers import checker
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import bit_groups
from mtl_tutor.training import SGD, train

SEEDS = range(3000, 3096)
SAMPLES = (
    (np.array([[1.0, 0.0, -1.0], [1.0, 0.0, 1.0]]), "one input is zero in all samples, one is always 1, one has the mean 0"),
    (np.array([[0.0, 0.0, 0.0, 5.0], [0.0, -2.0, 0.0, 5.0], [0.0, 0.0, 0.0, 5.0]]), "one input is zero in all samples but one"),
    (np.array([[-1.0, -3.0], [-2.0, -1.0]]), "all inputs are negative"),
    (np.zeros((3, 2)), "all inputs are zero in all samples"),
)


@checker
def check_can_change(can_change: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a function that says, for each input, whether a task's gradient can change its weights."""
    if can_change is None:
        return "Not yet: write a function of x [sample, input] that returns True or False for each input."
    for x, words in SAMPLES:
        found = np.asarray(can_change(x))
        if found.shape != x.shape[1:] or not np.isin(found, (0, 1)).all():
            return f"Not yet: return True or False for each of {x.shape[1]} inputs; got shape {found.shape}."
        if not np.array_equal(found.astype(bool), np.abs(x).max(axis=0) > 0):
            return f"Not yet: your answer is wrong for samples in which {words}. For which inputs are all terms of the gradient's sum zero?"
    return "Right: one sample that shows the input is enough."


@checker
def check_first_weights(change: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a change of the first weights after which T' reads A, although T prefers B and never sees C."""
    if change is None:
        return "Not yet: write a function of the first weights, w [unit, input], that returns the weights to start from."
    data = bit_groups([("a", "b"), ("a", "c")], strength={"b": 4.0})
    net, how = HardSharing(6, 16, n_tasks=2, init_scale=0.05), {"seeds": SEEDS, "optimizer": SGD(momentum=0.9)}
    start = train(net, data, steps=1, lr=1e-12, **how)
    changed = [np.asarray(change(w.astype(float))) for w in start.parameters["trunk.0.weight"]]
    if wrong := [w.shape for w in changed if w.shape != (16, 6)]:
        return f"Not yet: return weights of 16 units and 6 inputs; got shape {wrong[0]}."
    if max(np.abs(w).max() for w in changed) > 100:
        return "Not yet: keep the weights below 100; larger ones can't be trained."
    first = {**start.parameters, "trunk.0.weight": np.stack(changed).astype(np.float32)}
    nets = train(net, data, steps=800, lr=0.05, eval_every=800, start=replace(start, parameters=first), **how)
    t, other = 1 - nets.last("test").T
    reads_a, reads_c, t_b = (100 * float(hits.mean()) for hits in (other > 0.75, other < 0.25, t < 0.25))
    if t_b < 80:
        return f"Not yet: T reads B in {t_b:.0f} of 100 nets; it should still prefer B. Leave B's weights, and don't exaggerate."
    if reads_a < 70:
        found = f"T′ reads A in {reads_a:.0f} of 100 nets, and C in {reads_c:.0f}"
        return f"Not yet: {found}. Which group's weights are the larger ones when T is done?"
    return f"Right: T′ reads A in {reads_a:.0f} of 100 nets, and T still reads B in {t_b:.0f}. So the first weights are one cause."
