"""The cases of the atlas: what the tasks have in common, how many there are, and of how many samples each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mtl_tutor.experiments.sharing.which_one.solar_flares import solar_flares
from mtl_tutor.experiments.sharing.which_one.subspace_family import SubspaceFamily
from mtl_tutor.recipes import Draw
from mtl_tutor.tasks import Samples, TaskData, digits, one_against_rest

TABLES = ("digits", "solar flares")


@dataclass(frozen=True)
class Case:
    """One column of the atlas.

    Attributes
    ----------
    relatedness : float
        p of `SubspaceFamily`, from 0 to 1; not a number for a real table, of which nobody knows it.
    n_samples : int
        Training samples, and as many for validation: of all tasks, or of each one if it has samples of its own.
    n_tasks : int
        How many tasks.
    own_inputs : bool
        Whether every task has samples of its own, rather than all tasks' labels for the same samples.
    depth : int
        Hidden layers of every net.
    capacity : int
        Hidden units in each layer of a single-task net of full size.
    table : str
        Name of a real table; empty where the tasks are made up.
    """

    relatedness: float
    n_samples: int
    n_tasks: int = 6
    own_inputs: bool = False
    depth: int = 1
    capacity: int = 6
    table: str = ""

    @property
    def is_costly(self) -> bool:
        """Whether one training costs several times what it costs elsewhere, so that fewer are run."""
        return self.n_samples >= 300 or self.n_tasks > 6 or self.own_inputs or self.depth > 1

    @property
    def n_seeds(self) -> int:
        """Draws of data and first weights that are reported."""
        return 32 if self.is_costly else 48

    @property
    def n_tuning(self) -> int:
        """Draws on which settings are chosen."""
        return 4 if self.is_costly else 6

    @property
    def draw(self) -> Draw:
        """From a seed to its data."""
        if self.table == "digits":
            return partial(_which_digit, self.n_samples)
        if self.table:
            return partial(_flares, self.n_samples)
        family = SubspaceFamily(self.relatedness, self.n_samples, self.n_tasks)
        return partial(_own_inputs, family) if self.own_inputs else family

    def __str__(self) -> str:
        """Say what the case is, in a few words."""
        if self.table:
            return f"{self.table}: {self.n_tasks} tasks, {self.n_samples} samples"
        kin = {0.0: "unrelated", 0.5: "half related", 1.0: "related"}[self.relatedness]
        whose = f"{self.n_samples} own samples each" if self.own_inputs else f"{self.n_samples} samples"
        return f"{kin}: {self.n_tasks} tasks, {whose}{', 3 layers' * (self.depth == 3)}"


def _cases() -> Mapping[str, Case]:
    """All cases: three by three, what else may differ, and two real tables."""
    found = {f"p{int(10 * p)}-n60": Case(p, 60) for p in (1.0, 0.0, 0.5)}
    found |= {f"p{int(10 * p)}-n20": Case(p, 20) for p in (1.0, 0.0, 0.5)}
    for key in ("p10-n60", "p0-n60"):
        found[f"{key}-2tasks"] = replace(found[key], n_tasks=2)
        found[f"{key}-own"] = replace(found[key], own_inputs=True)
        found[f"{key}-deep"] = replace(found[key], depth=3)
    found["digits"] = Case(float("nan"), 60, n_tasks=10, table="digits")
    found["flares"] = Case(float("nan"), 300, n_tasks=2, table="solar flares")
    found |= {f"p{int(10 * p)}-n600": Case(p, 600) for p in (1.0, 0.0, 0.5)}
    found |= {f"{key}-20tasks": replace(found[key], n_tasks=20) for key in ("p10-n60", "p0-n60")}
    return found


CASES = _cases()
"""Key -> case."""


def _own_inputs(family: SubspaceFamily, seed: int) -> TaskData:
    """Draw the same tasks, with training and validation samples of each task's own; the test samples have all labels."""
    n, tasks = family.n_samples, family.n_tasks
    data = replace(family, n_samples=n * tasks)(seed)
    mine = np.repeat(np.eye(tasks, dtype=bool), n, axis=0)
    own = {name: Samples(one.x, np.where(mine, one.y, np.nan)) for name, one in data.splits().items() if name != "test"}
    return replace(data, **own)


def _which_digit(n_samples: int, seed: int) -> TaskData:
    """Ten questions about handwritten digits: is it a 0, is it a 1, and so on."""
    return one_against_rest(digits(n_samples, extra=(), seed=seed))


def _flares(n_samples: int, seed: int) -> TaskData:
    return solar_flares(n_samples, seed)
