"""Conflicting gradients on landscapes of two parameters: what is stuck, what frees it, and what no weighted sum reaches."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.balancing import MGDA, Balancing, CAGrad, EqualWeighting, FixedWeighting, NashMTL, PCGrad, SmoothChebyshev
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, above, difference, within
from mtl_tutor.experiments.result import Measured
from mtl_tutor.training import CAGradToy, ConcaveFront, Landscape, PCGradToy, descend
from mtl_tutor.tuning import Setting

LIU, YU, KURIN = "Liu et al. 2021", "Yu et al. 2020", "Kurin et al. 2022"
STUCK, MEAN_LOSS = "share of starts that are stuck", "mean of both losses at the end"
BETWEEN = "share that ends between the ends of the front"
PAPERS_RATE = 0.001
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)  # of the first loss


@dataclass(frozen=True)
class StuckSum(Experiment):
    """On the landscape that introduced CAGrad, the sum of losses is stuck with the paper's learning rate, and not with a larger one.

    Starts are drawn from the square that the paper draws, [-10, 10] x [-10, 10]. The lowest mean of both losses is -15.1; a
    start whose mean loss ends above -10 is stuck in the valleys.

    Attributes
    ----------
    steps : int
        Steps of Adam.
    larger : float
        The larger learning rate.

    Raises
    ------
    ValueError
        Fewer than 1000 steps, a rate that is not positive, or too few seeds.
    """

    seeds: int = 104
    steps: int = 20_000
    larger: float = 0.03

    name = "stuck-sum"
    findings = ("stuck", "freed", "valley")
    smallest = (("steps", 1000), ("larger", 1e-6))
    hypotheses = (
        Hypothesis("stuck", "With the paper's learning rate, the sum of losses is stuck from more starts than CAGrad", LIU,
                   "sum", "CAGrad", above(0.1)),
        Hypothesis("pcgrad", "... and than PCGrad", YU, "sum", "PCGrad", above(0.1)),
        Hypothesis("mgda", "... and than MGDA", LIU, "sum", "MGDA", above(0.1)),
        Hypothesis("nash", "... and than Nash-MTL", "Navon et al. 2022", "sum", "Nash-MTL", above(0.1)),
        Hypothesis("freed", "With thirty times the rate, the sum is stuck from no more starts than CAGrad", KURIN,
                   "sum, larger rate", "CAGrad", within(0.05)),
        Hypothesis("best", "... and ends lower than MGDA, which stops anywhere on the Pareto set", "ours",
                   "MGDA", "sum, larger rate", above(0.5), difference, MEAN_LOSS),
        Hypothesis("valley", "On PCGrad's own landscape, the sum stays above PCGrad at the same larger rate", YU,
                   "valley: sum, larger rate", "valley: PCGrad, larger rate", above(1.0), difference, MEAN_LOSS),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Follow every method from every start."""
        methods: dict[str, Balancing] = {"sum": EqualWeighting(), "CAGrad": CAGrad(), "PCGrad": PCGrad()}
        methods |= {"MGDA": MGDA(), "Nash-MTL": NashMTL()}
        runs: dict[str, tuple[Landscape, Balancing, float]] = {}
        runs |= {name: (CAGradToy(), method, PAPERS_RATE) for name, method in methods.items()}
        runs["sum, larger rate"] = (CAGradToy(), EqualWeighting(), self.larger)
        runs["valley: sum, larger rate"] = (PCGradToy(), EqualWeighting(), self.larger)
        runs["valley: PCGrad, larger rate"] = (PCGradToy(), PCGrad(), self.larger)
        starts = np.stack([np.random.default_rng((seed, 0x57A27)).uniform(-10, 10, 2) for seed in self.seed_range])
        measured = {}
        for name in self._shown(list(runs), "descending", progress):
            landscape, method, lr = runs[name]
            ends = descend(landscape, method, starts=starts, steps=self.steps, lr=lr, every=self.steps).losses[:, -1].mean(1)
            measured[name] = {STUCK: ends > -10, MEAN_LOSS: ends}
        return measured


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
            methods: dict[str, Balancing] = {"sum": FixedWeighting(weights), "smooth Chebyshev": SmoothChebyshev(weights, mu=0.02), "MGDA": MGDA()}
            for name, method in methods.items():
                paths = descend(ConcaveFront(), method, starts=starts[rows], steps=self.steps, lr=0.01, every=self.steps)
                between[name][rows] = paths.losses[:, -1].max(1) < 0.9
        return {name: {BETWEEN: found} for name, found in between.items()}
