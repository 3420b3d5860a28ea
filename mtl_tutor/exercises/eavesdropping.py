"""Exercises of *Eavesdropping, hints*."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np

from mtl_tutor.exercises._answers import checker
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, only_tasks, products
from mtl_tutor.training import SGD, train

SEEDS = range(3000, 3096)
MORE = 0.15  # of the nets; tasks that tell nothing about the coins differ from 0 by less than 0.1
ALL_COINS = np.array(list(product((-1.0, 1.0), repeat=10)))


@checker
def check_neighbour(neighbour: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check another auxiliary task: beside it more nets must solve T' than alone."""
    if neighbour is None:
        return "Not yet: write a function of the coins, x [sample, coin], that returns one label per sample."
    labels = np.asarray(neighbour(ALL_COINS), dtype=float)
    if labels.shape != (len(ALL_COINS),):
        return f"Not yet: return one label for each of the {len(ALL_COINS)} samples; got shape {labels.shape}."
    mean, spread = labels.mean(), labels.std()
    if not (np.isfinite(spread) and spread > 1e-9):
        return "Not yet: the label is the same for all samples, so there is nothing to learn."
    feature = ALL_COINS[:, 0] * ALL_COINS[:, 1]
    known = {"F": feature, "T": feature + ALL_COINS[:, 3], "T′": feature * ALL_COINS[:, 2]}
    alike = {name: abs(np.corrcoef(labels, values)[0, 1]) for name, values in known.items()}
    if same := [name for name, size in alike.items() if size > 0.999]:
        return f"Not yet: that is {same[0]} itself; invent a task that isn't on the page."

    def beside(seed: int) -> TaskData:
        data = products(n_samples=80, seed=seed)
        splits = {name: (part, (np.asarray(neighbour(part.x)) - mean) / spread) for name, part in data.splits().items()}
        return replace(data, **{name: replace(part, y=np.column_stack([part.y[:, 0], y])) for name, (part, y) in splits.items()})

    share, before = _solved(beside, 2), alone()
    found = f"{100 * share:.0f} of 100 nets solve T′ beside your task, {100 * before:.0f} alone"
    if share < before + MORE:
        return f"Not yet: {found}. Its correlation with F is {alike['F']:.2f}. What does T′ need that 80 samples of T′ don't show?"
    if alike["F"] < 0.1:
        return f"Right: {found}. But it doesn't correlate with F, so T′ didn't overhear F; perhaps it says which coins matter."
    return f"Right: {found}. Its correlation with F is {alike['F']:.2f}."


@checker
def check_nothing_to_hear(control: Callable[[int], TaskData] | None) -> str:
    """Check a control for T: the same labels of T, but the gain of T' must be gone."""
    if control is None:
        return "Not yet: write a function from a seed to TaskData."
    made = {seed: control(seed) for seed in SEEDS}
    for seed, data in made.items():
        posed = products(n_samples=80, seed=seed)
        if not isinstance(data, TaskData):
            return f"Not yet: return a TaskData, as `products` does; got {type(data).__name__}."
        if len(data.tasks) != 2 or {name: part.y.shape for name, part in data.splits().items()} != _shapes(posed):
            return "Not yet: keep both tasks, and all three splits with their numbers of samples."
        if any(not np.array_equal(data.splits()[name].x, part.x) for name, part in posed.splits().items()):
            return "Not yet: keep the coins of `products(n_samples=80, seed=seed)`, which differ from seed to seed."
        if any(not np.array_equal(data.splits()[name].y[:, 0], part.y[:, 0]) for name, part in posed.splits().items()):
            return "Not yet: the labels of T′ have changed. A control changes the other task only."
        if not np.allclose(np.sort(data.train.y[:, 1]), np.sort(posed.train.y[:, 1])):
            return "Not yet: T has other labels than before. Keep their values, so that only what they tell about the coins is gone."
    share, before, beside = _solved(made.__getitem__, 2), alone(), beside_t()
    found = f"{100 * share:.0f} of 100 nets solve T′ beside your control, {100 * before:.0f} alone and {100 * beside:.0f} beside T"
    if share > before + 0.3 * (beside - before):
        return f"Not yet: {found}. Part of the gain is left, so T's labels still tell something about the coins."
    return f"Right: {found}. So a second output alone is not what helps."


@cache
def alone() -> float:
    """The share of nets that solve T' alone."""
    return _solved(lambda seed: only_tasks(products(n_samples=80, seed=seed), [0]), 1)


@cache
def beside_t() -> float:
    """The share of nets that solve T' beside T."""
    return _solved(lambda seed: products(n_samples=80, seed=seed), 2)


def _solved(data: Callable[[int], TaskData], n_tasks: int) -> float:
    net = HardSharing(10, (12, 12), n_tasks=n_tasks, init_scale=0.7)
    nets = train(net, data, seeds=SEEDS, steps=400, lr=0.1, optimizer=SGD(momentum=0.9), eval_every=20)
    return float((nets.best()[:, 0] < 0.5).mean())


def _shapes(data: TaskData) -> dict[str, tuple[int, ...]]:
    return {name: part.y.shape for name, part in data.splits().items()}
