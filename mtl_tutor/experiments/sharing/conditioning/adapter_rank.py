"""How much of its own a task needs: additions of low rank to one matrix for all tasks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.conditioning.low_rank_fits import RIDGES, LinearTasks, Matrices, adapted_fit, linear_tasks, own_fit
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tuning import Setting

RANKS = (0, 1, 2, 3, 4, 6, 12)
PLANTED = (1, 2, 4, 12)
RISK, FOUND, RANK = "excess risk per output (no unit)", "the planted rank is chosen", "rank that is chosen"


@dataclass(frozen=True)
class AdapterRank(Experiment):
    """Additions of the rank by which tasks differ suffice, and a higher rank costs; validation finds a low one.

    Conditions are named by the planted rank and the fit: additions of "rank q", tasks "alone", or the rank "chosen" by validation.

    Attributes
    ----------
    seeds, first_seed
        As in `Experiment`: draws of tasks.
    n_tasks, n_samples, n_features, n_outputs : int
        Of the tasks; as many more samples choose ranks and ridges in each draw.
    noise : float
        Standard deviation of the labels' noise.
    spread : float
        Length of the tasks' differences, over that of what is common.

    Raises
    ------
    ValueError
        Too few seeds, fewer than two tasks, samples or outputs, no features, or no noise.

    Notes
    -----
    Source: Hu et al. (2022, LoRA), the form W + B A of a task's matrix. Departures: W is linear and fitted together with the
    additions.
    """

    seeds: int = 100
    n_tasks: int = 6
    n_samples: int = 40
    n_features: int = 16
    n_outputs: int = 12
    noise: float = 1.0
    spread: float = 1.0

    name = "adapter-rank"
    findings = ("alone",)
    failing_controls = ("shuffled",)
    smallest = (("n_tasks", 2), ("n_samples", 2), ("n_features", 1), ("n_outputs", 2), ("noise", 1e-9), ("spread", 0))
    hypotheses = (
        Hypothesis("alone", "Where tasks differ by rank 2, additions of rank 2 save three tenths", "ours",
                   "planted 2: rank 2", "planted 2: alone", below(-0.3), ratio),
        Hypothesis("full", "... and three tenths of what full additions lose", "ours",
                   "planted 2: rank 2", "planted 2: rank 12", below(-0.3), ratio),
        Hypothesis("shuffled", "... also beside shuffled tasks", "control",
                   "first task, shuffled", "first task, alone", below(-0.3), ratio),
        Hypothesis("below", "... while rank 1 costs half as much again", "ours",
                   "planted 2: rank 1", "planted 2: rank 2", above(0.5), ratio),
        Hypothesis("above", "... and rank 4 a fifth more", "ours",
                   "planted 2: rank 4", "planted 2: rank 2", above(0.2), ratio),
        Hypothesis("none", "... and no addition at all is worse than tasks apart", "ours",
                   "planted 2: rank 0", "planted 2: alone", effect=ratio),
        Hypothesis("found-1", "Validation finds a planted rank of 1 in four draws of five", "ours",
                   "planted 1: chosen", rule=above(0.8), measure=FOUND),
        Hypothesis("found-2", "... and one of 2", "ours", "planted 2: chosen", rule=above(0.8), measure=FOUND),
        Hypothesis("found-4", "... and one of 4", "ours", "planted 4: chosen", rule=above(0.8), measure=FOUND),
        Hypothesis("near-4", "... but what it chooses costs no more than a twentieth more than rank 4", "ours",
                   "planted 4: chosen", "planted 4: rank 4", below(0.05), ratio),
        Hypothesis("full-rank", "Where tasks differ by full rank, additions of rank 2 do harm", "ours",
                   "planted 12: rank 2", "planted 12: alone", effect=ratio),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Draw tasks of each planted rank, and fit them in every way, in seconds."""
        measured = {}
        for planted in PLANTED:
            fits = self.fitted(planted)
            measured |= {f"planted {planted}: {fit}": measures for fit, measures in fits.items()}
        draws = self.draws(2, shuffled=True)
        beside = {"shuffled": adapted_fits(draws, 2), "alone": own_fits(draws)}
        return measured | {f"first task, {how}": {RISK: best(draws, fits, slice(1))[1]} for how, fits in beside.items()}

    def fitted(self, planted: int) -> dict[str, dict[str, np.ndarray]]:
        """Fit tasks that differ by this rank in every way: fit -> measure -> number per seed."""
        draws = self.draws(planted)
        tuned = [best(draws, adapted_fits(draws, rank)) for rank in RANKS]
        wrong, risks = (np.stack(part) for part in zip(*tuned, strict=True))
        row = wrong.argmin(axis=0)
        rank = np.array(RANKS)[row]
        chosen = {RISK: risks[row, np.arange(self.seeds)], FOUND: rank == planted, RANK: rank}
        fits = {f"rank {rank}": {RISK: risk} for rank, risk in zip(RANKS, risks, strict=True)}
        return fits | {"alone": {RISK: best(draws, own_fits(draws))[1]}, "chosen": chosen}

    def draws(self, planted: int, *, shuffled: bool = False) -> LinearTasks:
        """Draw tasks that differ by this rank."""
        size = (self.n_tasks, self.n_samples, self.n_features, self.n_outputs)
        how = {"size": size, "spread": self.spread, "noise": self.noise}
        return linear_tasks(planted, self.seed_range.tolist(), **how, shuffled=shuffled)


def adapted_fits(draws: LinearTasks, rank: int) -> list[Matrices]:
    """Fit additions of a rank with every ridge."""
    return [adapted_fit(draws, rank, ridge) for ridge in RIDGES]


def own_fits(draws: LinearTasks) -> list[Matrices]:
    """Fit every task by itself with every ridge."""
    return [own_fit(draws, ridge) for ridge in RIDGES]


def best(
    draws: LinearTasks, fits: list[Matrices], tasks: slice = slice(None)
) -> tuple[Float[np.ndarray, "seed"], Float[np.ndarray, "seed"]]:
    """Take the fit of the lowest validation error in each draw: its validation error, and its risk."""
    wrong, risks = (np.stack([judge(fit)[:, tasks].mean(axis=1) for fit in fits]) for judge in (draws.validated, draws.risk))
    row = wrong.argmin(axis=0)
    return wrong[row, np.arange(len(row))], risks[row, np.arange(len(row))]


@recorded(
    "adapter-rank",
    title="How much of its own does a task need?",
    alt="The error is lowest where each task may add as high a rank as it differs by; at full rank it is hardly better than apart.",
    planted=[1, 2, 4, 12],
    samples=[24, 80],
)
def adapter_rank_curves(planted: int = 2, samples: int = 40, spread: float = 1.0, *, n_seeds: int = 100) -> Curves:
    """Follow the excess risk over the rank of what each task adds.

    Parameters
    ----------
    planted : int
        Rank by which tasks differ; 12 is full.
    samples : int
        Training samples of each of the 6 tasks, of 16 features and 12 outputs.
    spread : float
        Length of the tasks' differences, over that of what is common.
    n_seeds : int
        Draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    fits = AdapterRank(seeds=n_seeds, first_seed=2000, n_samples=samples, spread=spread).fitted(planted)
    names = {"one matrix + own additions": [f"rank {q}" for q in RANKS], "tasks apart, tuned ridge": ["alone"] * len(RANKS)}
    lines = {name: [bootstrap(fits[fit][RISK]) for fit in row] for name, row in names.items()}
    roles: dict[str, Role] = {"one matrix + own additions": "main", "tasks apart, tuned ridge": "single_task"}
    look = {"xlabel": "rank of the additions", "ylabel": RISK, "ylim": (0.0, 0.6 + spread**2)}
    return Curves.of_intervals(np.array(RANKS, dtype=float), lines, roles=roles, **look)
