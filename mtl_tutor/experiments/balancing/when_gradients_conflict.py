"""Conflicting gradients on a landscape of two parameters: what no weighted sum reaches."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.balancing import MGDA, Balancing, FixedWeighting, SmoothChebyshev
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, above, within
from mtl_tutor.experiments.result import Measured
from mtl_tutor.training import ConcaveFront, descend
from mtl_tutor.tuning import Setting

BETWEEN = "share that ends between the ends of the front"
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)  # of the first loss


@dataclass(frozen=True)
class ConcaveEnds(Experiment):
    """Where the Pareto front is concave, weighted sums end at its ends; smooth Chebyshev and MGDA end between them.

    Starts are drawn around the origin, and weights between 0.3 and 0.7; an end counts as between the front's if both losses
    are below 0.9 (the ends have 0 and 0.98).

    Attributes
    ----------
    steps : int
        Steps of Adam.

    Raises
    ------
    ValueError
        Fewer than 100 steps, or too few seeds.
    """

    steps: int = 1000

    name = "concave-ends"
    findings = ("sum", "chebyshev", "mgda")
    smallest = (("steps", 100),)
    hypotheses = (
        Hypothesis("sum", "Hardly any weighted sum ends between the ends of a concave front", "Hu et al. 2023", "sum", None, within(0.05)),
        Hypothesis("chebyshev", "With the same weights, smooth Chebyshev ends there nearly always", "Lin et al. 2024",
                   "smooth Chebyshev", None, above(0.9)),
        Hypothesis("mgda", "MGDA, too, ends there from nearly all starts", "Désidéri 2012", "MGDA", None, above(0.8)),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Descend from every start; the start's number decides which of five weights it gets."""
        starts = np.stack([np.random.default_rng((seed, 0xC07C)).normal(0, 0.3, 2) for seed in self.seed_range])
        between = {name: np.zeros(len(starts), bool) for name in ("sum", "smooth Chebyshev", "MGDA")}
        for number, share in enumerate(self._shown(SHARES, "descending", progress)):
            rows, weights = np.arange(len(starts)) % len(SHARES) == number, (share, 1 - share)
            methods: dict[str, Balancing] = {"sum": FixedWeighting(weights), "MGDA": MGDA()}
            methods["smooth Chebyshev"] = SmoothChebyshev(weights, mu=0.02)
            for name, method in methods.items():
                paths = descend(ConcaveFront(), method, starts=starts[rows], steps=self.steps, lr=0.01, every=self.steps)
                between[name][rows] = paths.losses[:, -1].max(1) < 0.9
        return {name: {BETWEEN: found} for name, found in between.items()}
