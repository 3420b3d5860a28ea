"""What decides whether a task avoids what its partner avoids."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.experiments.shared_minimum import TIDE, SharedMinimum
from mtl_tutor.results import Claim
from mtl_tutor.statistics import below, resampled

FACTORS = (1.15, 1.5, 2.0, 2.5, 4.0)


@dataclass(frozen=True, eq=False)
class TideResult:
    """One row per construction of the two tasks.

    Attributes
    ----------
    constructions : (units, what T's samples show of C, factor on B's inputs).
    left_by_t : log2 of how much larger T, trained alone, leaves the squared weights on A's inputs than those on C's.
    lean : how much more often T' then reads C than A in the joint nets, as a share of them.
    claims : what the one says about the other.
    """

    constructions: tuple[tuple[str, str, float], ...]
    left_by_t: Float[np.ndarray, "point"]
    lean: Float[np.ndarray, "point"]
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Tide:
    """T' goes where T has left the larger weights: to C if T tramples A and spares C, to A otherwise.

    The construction decides the sign of experiment 2 of the shared minimum. For each of 20, T is trained alone, its
    weights on A's and on C's inputs are weighed, and T' is then asked where it goes beside such a T.

    Attributes
    ----------
    seeds, first_seed : how many nets per construction, and the first of their seeds.

    Raises
    ------
    ValueError : fewer than 20 seeds.

    Source: the question is that of Caruana (1997, §3.2), experiment 2; the answer is ours.
    """

    seeds: int = 100
    first_seed: int = 1000

    name = "tide"
    chapter = "why/shared-minimum"

    def __post_init__(self) -> None:
        SharedMinimum(seeds=self.seeds, first_seed=self.first_seed)  # which checks both

    def run(self, *, progress: bool = False) -> TideResult:
        """Weigh T alone and ask T', construction by construction."""
        constructions = tuple(product(("ReLU", "tanh"), ("silent", "random"), FACTORS))
        rows = [self._look(*c) for c in tqdm(constructions, desc=self.name, disable=not progress)]
        left, lean = np.array(rows).T
        return TideResult(constructions, left, lean, tuple(_claims(left, lean)))

    def _look(self, units: str, others: str, factor: float) -> tuple[float, float]:
        """Return what T alone leaves (log2 A over C) and where T' goes (C minus A)."""
        tanh = units == "tanh"
        trial = SharedMinimum(seeds=self.seeds, first_seed=self.first_seed, tanh=tanh, init_scale=0.3 if tanh else 0.05)
        seeds = np.arange(self.first_seed, self.first_seed + self.seeds)
        alone = trial.train(trial.arm(others=others, factor=factor, shared=False), seeds, trial.n_hidden, 0.05)
        squares = (alone.parameters["nets.0.trunk.0.weight"] ** 2).sum(axis=1)  # of T's own net: [seed, input]
        left = np.log2(squares[:, :2].sum(axis=1) / squares[:, 4:].sum(axis=1))
        joint = trial.measured(trial.arm(others=others, factor=factor), trial.n_hidden, 0.05)
        return float(left.mean()), float(joint[TIDE].mean())


def _claims(left: np.ndarray, lean: np.ndarray) -> list[Claim]:
    ranks = np.column_stack([np.argsort(np.argsort(values)) for values in (left, lean)])
    rank = resampled(ranks, lambda rows: np.corrcoef(rows.T)[0, 1])
    return [
        Claim(
            "tide-what-t-leaves",
            "The more T alone leaves of A than of C, the less T' goes to C",
            "ours",
            rank,
            below(rank, -0.8),
            rule="rank correlation less than -0.8",
        ),
    ]
