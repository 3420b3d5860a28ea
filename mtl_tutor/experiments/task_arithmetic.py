"""Add up what each of four tasks has changed in a common trunk: who is helped, and who is in the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._sums import COEFFICIENTS, FAMILIES, Sums, effect_of, sums_of
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import bootstrap, relative_change

RELATED, STRANGE, APART, STILL = FAMILIES
PAPER, ERROR, COEFFICIENT = "Ilharco et al. 2023", "squared error, mean of four tasks", "coefficient of the vectors"
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}
HALF: dict[str, Any] = {"least": 0.5}
LEVEL: dict[str, Any] = {"margin": 0.05, "relative": True}
EXACT: dict[str, Any] = {"margin": 1e-4, "relative": True}
SENTENCES = (  # the family, and what is claimed of it
    (RELATED, Sentence("kept", "Related tasks: one trunk with the sum keeps half of what a trunk each gains", PAPER, "kept", **HALF)),
    (RELATED, Sentence("joint", "... as good as joint training from that start", PAPER, "sum", "joint", **LEVEL)),
    (RELATED, Sentence("alone", "... and better than nets trained from scratch", PAPER, "sum", "alone", **LOWER)),
    (RELATED, Sentence("random", "... or with random vectors in the place of the others", "control", "sum", "random", **LOWER)),
    (RELATED, Sentence("shuffled", "... or with those of shuffled labels", "control", "sum", "shuffled", **LOWER)),
    (STRANGE, Sentence("strange", "Tasks with no subspace in common: the sum keeps half, too", PAPER, "kept", **HALF)),
    (STRANGE, Sentence("strange-random", "... and is better than with random vectors", "control", "sum", "random", **LOWER)),
    (STRANGE, Sentence("strange-alone", "... but worse than nets trained from scratch", "ours", "sum", "alone", relative=True)),
    (STRANGE, Sentence("strange-joint", "... or than joint training from that start", "ours", "sum", "joint", relative=True)),
    (APART, Sentence("apart", "Tasks with inputs of their own: the sum keeps half", "ours", "kept", **HALF)),
    (STILL, Sentence("still", "... and all of it, if biases don't move", "ours", "plain sum", "own", **EXACT)),
    (STILL, Sentence("still-price", "... for which a trunk each pays a tenth", "ours", "price", least=0.1)),
    (RELATED, Sentence("right-angles", "Vectors of related tasks are nearly at right angles (mean cosine)", PAPER, "cosine", margin=0.1)),
    (STRANGE, Sentence("right-angles-strange", "... and so are those of tasks with nothing in common", "ours", "cosine", margin=0.1)),
    (APART, Sentence("right-angles-apart", "... or with inputs of their own", "ours", "cosine", margin=0.1)),
    (STRANGE, Sentence("cosine", "The smaller the cosine, the more harm to each other (rank correlation)", "ours", "ranks", most=-0.2)),
    (RELATED, Sentence("forget", "Subtracting a vector takes its task away", PAPER, "own loss", least=0.05)),
    (RELATED, Sentence("forget-others", "... and costs the others a tenth of that at most", PAPER, "others' share", most=0.1)),
    (APART, Sentence("forget-apart", "... also those with inputs of their own", "ours", "others' share", most=0.1)),
)


@dataclass(frozen=True, eq=False)
class TaskArithmeticResult:
    """What adding up does to each family of tasks (`sums`: family -> errors, cosines, losses), and what was decided (`claims`)."""

    sums: Mapping[str, Sums]
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class TaskArithmetic:
    """What related tasks change in a common trunk can be added up; what other tasks change gets in the way.

    Attributes
    ----------
    seeds, first_seed : how many draws of four tasks and of four others for the start, and the first of their seeds.
    n_hidden, n_samples, noise : width of the trunk, training samples of each task, standard deviation of the noise on labels.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, a width or samples below 2, or no noise.

    Source: Ilharco et al. (2023), *Editing models with task arithmetic*. Departures: toy regressions; heads are fitted to the start by
    ridge regression and then stay, where the paper's come from words; the coefficient is chosen for each draw, by validation.
    """

    seeds: int = 64
    first_seed: int = 1000
    n_hidden: int = 32
    n_samples: int = 200
    noise: float = 0.3

    name, chapter = "task-arithmetic", "sharing/after-training"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("n_hidden", 2), ("n_samples", 2), ("noise", 1e-9))

    def run(self, *, progress: bool = False) -> TaskArithmeticResult:
        """Tune, train, add, and decide; `progress` has nothing to show."""
        sums = {family: self.sums(family) for family in FAMILIES}
        shift = {family: (bootstrap(each.errors["own"]), bootstrap(each.errors["random"])) for family, each in sums.items()}
        price = relative_change(sums[STILL].errors["own"], sums[APART].errors["own"])
        effects = [price if s.more == "price" else effect_of(s, sums[family]) for family, s in SENTENCES]
        claims = [s.claim(self.name, effect, *shift[family]) for (family, s), effect in zip(SENTENCES, effects, strict=True)]
        return TaskArithmeticResult(sums, tuple(claims))

    def sums(self, family: str) -> Sums:
        """Draw, tune, train and add for one family of `FAMILIES`."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        return sums_of(family, seeds, n_hidden=self.n_hidden, n_samples=self.n_samples, noise=self.noise)


def add_vectors(family: str = RELATED, samples: int = 200, units: int = 32, *, n_seeds: int = 64) -> Curves:
    """Follow the error over the coefficient with which four task vectors are added to a common start, or subtracted.

    Parameters
    ----------
    family : what the tasks have in common: one of `FAMILIES`.
    samples, units : training samples of each task, and width of the trunk.
    n_seeds : draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    sums = TaskArithmetic(seeds=n_seeds, first_seed=2000, n_hidden=units, n_samples=samples).sums(family)
    flat = {"a trunk per task": "own", "one trunk, joint": "joint"}
    lines = {"sum of four": [bootstrap(point) for point in sums.over["sum"].T]}
    lines["others random"] = [bootstrap(point) for point in sums.over["random"].T]
    lines |= {name: [bootstrap(sums.errors[arm])] * len(COEFFICIENTS) for name, arm in flat.items()}
    roles: dict[str, Role] = dict(zip(lines, ("main", "control", "single_task", "other"), strict=True))
    return Curves.of_intervals(COEFFICIENTS, lines, roles=roles, xlabel=COEFFICIENT, ylabel=ERROR, ylim=(0.0, 1.0))
