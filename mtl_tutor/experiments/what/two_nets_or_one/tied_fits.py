"""Linear tasks that differ by a little or a lot, and fits tied to their own mean, in closed form; many draws at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Weights = Float[np.ndarray, "seed task feature"]
Risks = Mapping[str, Float[np.ndarray, "seed"]]
Squares = Float[np.ndarray, "seed task feature feature"]

PENALTIES = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, np.inf)  # on differences from the mean
RIDGES = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)  # tied fits have the first, which only makes equations solvable


@dataclass(frozen=True, eq=False)
class LinearDraws:
    """Many draws of linear tasks, as the sums that least squares needs, and the true weights.

    Attributes
    ----------
    gram, gram_validation : Float[np.ndarray, "seed task feature feature"]
        X'X of the training samples, and of as many validation samples.
    moment, moment_validation : Float[np.ndarray, "seed task feature"]
        X'y of the same.
    w : Float[np.ndarray, "seed task feature"]
        The true weights.
    """

    gram: Squares
    moment: Weights
    gram_validation: Squares
    moment_validation: Weights
    w: Weights

    def risk(self, w: Weights) -> Float[np.ndarray, "seed task"]:
        """Excess risk of fitted weights: what they lose on fresh samples beyond the noise; exact, since x is N(0, I)."""
        return ((w - self.w) ** 2).sum(axis=-1)

    def validated(self, w: Weights) -> Float[np.ndarray, "seed task"]:
        """Sum of squared errors on the validation samples, up to a constant."""
        return ((w[..., None, :] @ self.gram_validation)[..., 0, :] * w - 2 * w * self.moment_validation).sum(axis=-1)


def near_tasks(spread: float, size: tuple[int, int, int], noise: float, seeds: Sequence[int], *, shuffled: bool = False) -> LinearDraws:
    """Draw tasks that share a vector and add their own: w = √(1 - spread²) c + spread v; c and v are N(0, I / n_features).

    Parameters
    ----------
    spread : float
        How much the tasks differ, from 0 (the same) to 1 (unrelated).
    size : tuple of int
        Tasks, samples of each, features. Every seed draws all of it, inputs N(0, I) for each task too.
    noise : float
        Standard deviation of the labels' noise.
    seeds : sequence of int
        One per draw.
    shuffled : bool
        Whether the labels of every task but the first are shuffled among its samples, training and validation ones apart.
    """
    parts = [_sums(spread, size, noise, shuffled, seed) for seed in seeds]
    return LinearDraws(*(np.stack(column) for column in zip(*parts, strict=True)))


def _sums(spread: float, size: tuple[int, int, int], noise: float, shuffled: bool, seed: int) -> tuple[np.ndarray, ...]:
    rng, n_features = np.random.default_rng([seed, 0x71]), size[-1]
    common, own = (rng.normal(size=shape) / np.sqrt(n_features) for shape in (n_features, (size[0], n_features)))
    w = np.sqrt(1 - spread**2) * common + spread * own
    sums: list[np.ndarray] = []
    for _ in ("training", "validation"):
        x = rng.normal(size=size)
        y = np.einsum("tnd,td->tn", x, w) + noise * rng.normal(size=size[:2])
        permuted = rng.permuted(y, axis=1)
        if shuffled:
            y[1:] = permuted[1:]
        sums += [x.transpose(0, 2, 1) @ x, np.einsum("tnd,tn->td", x, y)]
    return (*sums, w)


def tied_fit(draws: LinearDraws, penalty: float, ridge: float) -> Weights:
    """Minimise Σ|y_t - X_t w_t|² + penalty Σ|w_t - mean(w)|² + ridge Σ|w_t|², exactly.

    Penalty 0 fits every task alone. An infinite one fits all of them as one. Between, each w_t solves
    (X'X + (penalty + ridge) I) w_t = X'y + penalty mean(w), and the average of these T equations fixes the mean.
    """
    identity = np.eye(draws.w.shape[-1])
    kept = draws.gram + ridge * identity
    if np.isinf(penalty):
        pooled = np.linalg.solve(kept.sum(axis=1), draws.moment.sum(axis=1)[..., None])[..., 0]
        return np.broadcast_to(pooled[:, None], draws.w.shape)
    inverse = np.linalg.inv(kept + penalty * identity)
    alone = (inverse @ draws.moment[..., None])[..., 0]
    if penalty == 0:
        return alone
    pull = (inverse @ kept).sum(axis=1)  # T I - penalty Σ inverse, without its rounding errors
    mean = np.linalg.solve(pull, alone.sum(axis=1)[..., None])
    return alone + penalty * (inverse @ mean[:, None])[..., 0]


def excess_risks(draws: LinearDraws, beside_shuffled: LinearDraws, bayes: float) -> Risks:
    """Fit in every way: way -> excess risk of every draw. The "first" ones are about the first task only."""
    tied, alone = [(penalty, RIDGES[0]) for penalty in PENALTIES], [(0.0, ridge) for ridge in RIDGES]
    risks = {_named(penalty): _chosen(draws, [(penalty, ridge)]) for penalty, ridge in tied}
    return risks | {
        "tied": _chosen(draws, tied),
        "apart": _chosen(draws, alone),
        "tied or apart": _chosen(draws, tied + alone),
        "apart, no ridge": risks[_named(0.0)],
        "pooled": risks[_named(np.inf)],
        "best": min(risks.values(), key=np.mean),
        "bayes": _chosen(draws, [(bayes, RIDGES[0])]),
        "first": _chosen(draws, tied, first=True),
        "first, apart": _chosen(draws, alone, first=True),
        "first, shuffled": _chosen(beside_shuffled, tied, first=True),
    }


def by_penalty(risks: Risks) -> Float[np.ndarray, "penalty seed"]:
    """Read the risks at each of `PENALTIES`."""
    return np.stack([risks[_named(penalty)] for penalty in PENALTIES])


def _named(penalty: float) -> str:
    return f"penalty {penalty:g}"


def _chosen(draws: LinearDraws, ways: Sequence[tuple[float, float]], *, first: bool = False) -> Float[np.ndarray, "seed"]:
    """Fit every draw at the penalty and ridge of its lowest validation error, over all tasks or the first; return their risk."""
    judged = slice(1) if first else slice(None)
    fits = [tied_fit(draws, penalty, ridge) for penalty, ridge in ways]
    risks, errors = (np.stack([judge(w)[:, judged].mean(axis=1) for w in fits]) for judge in (draws.risk, draws.validated))
    return np.take_along_axis(risks, errors.argmin(axis=0)[None], axis=0)[0]
