"""The machine that every experiment runs on: settings in, one result out, every hypothesis decided by its own rule."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from jaxtyping import Int
from tqdm import tqdm

from mtl_tutor import checks
from mtl_tutor.experiments.hypothesis import Hypothesis, decide
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.results import Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Setting, check_not_tuning


def check_least(experiment: object, *least: tuple[str, float]) -> None:
    """Refuse an experiment with a field below its least value."""
    for name, value in least:
        checks.check_least(name, getattr(experiment, name), value)


@dataclass(frozen=True)
class Experiment(ABC):
    """Hypotheses, and the conditions under which numbers are measured that decide them.

    A subclass is a frozen dataclass whose docstring is the claim and whose fields are its settings. It lists
    `hypotheses` and writes `measure_all`; if something has to be tuned, also `tuned` and `tune`.

    Attributes
    ----------
    seeds, first_seed : int
        How many replicas, and the first of their seeds. Settings were chosen on seeds below 1000.
    n_jobs : int, optional
        Processes, as in joblib; without influence on any number. `joblib.parallel_config` counts where it isn't given.

    Raises
    ------
    ValueError
        Fewer than 20 seeds (no interval is worth reading), a negative first one, seeds that are kept for tuning, or
        a field below its `smallest` value.
    """

    seeds: int = 200
    first_seed: int = 1000
    n_jobs: int | None = field(default=None, kw_only=True)

    name: ClassVar[str]
    chapter: ClassVar[str] = ""  # follows from where the class stands
    hypotheses: ClassVar[tuple[Hypothesis, ...]]
    smallest: ClassVar[tuple[tuple[str, float], ...]] = ()
    baseline: ClassVar[str | None] = None  # the conditions that are shown beside every effect
    control: ClassVar[str | None] = None
    labels: ClassVar[Mapping[str, str]] = {}
    roles: ClassVar[Mapping[str, Role]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _, found, place = cls.__module__.partition("mtl_tutor.experiments.")
        if found and "." in place:  # mtl_tutor.experiments.why.caruana_1997.road -> why/caruana-1997
            cls.chapter = "/".join(place.split(".")[:2]).replace("_", "-")

    def __post_init__(self) -> None:
        checks.check_fields(self)
        check_least(self, ("seeds", 20), ("first_seed", 0), *self.smallest)
        check_not_tuning(self.first_seed, self.seeds)

    # ---- what a subclass writes --------------------------------------------------------------------------------------

    @abstractmethod
    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Measure every condition on the seeds of `seed_range`: condition -> measure -> one number per seed."""

    def tuned(self) -> Sequence[str]:
        """Name what has to be tuned; nothing, unless a subclass says otherwise."""
        return ()

    def tune(self, name: str) -> Setting:
        """Choose the setting of one of `tuned`, on seeds that are not reported."""
        raise ValueError(f"`name` must be one of {tuple(self.tuned())}; got {name!r}.")

    def beside(self, result: Result, hypothesis: Hypothesis) -> Sequence[Interval | None]:
        """Measure baseline and control by themselves, to be shown beside an effect."""
        measure = hypothesis.measure
        baseline = self.baseline if result.has(self.baseline, measure) else hypothesis.reference
        arms = (baseline, self.control) if self.baseline else (None, self.control)
        return [result.interval(arm, measure=measure) if arm and result.has(arm, measure) else None for arm in arms]

    def pictured(self) -> tuple[Mapping[str, str], Mapping[str, Role]]:
        """What pictures call each condition, and what it stands for."""
        return self.labels, self.roles

    # ---- what the machine does ---------------------------------------------------------------------------------------

    @property
    def seed_range(self) -> Int[np.ndarray, "seed"]:
        """The seeds that are reported."""
        return np.arange(self.first_seed, self.first_seed + self.seeds)

    def run(self, settings: Mapping[str, Setting] | None = None, *, progress: bool = False) -> Result:
        """Tune, measure, and decide every hypothesis.

        Parameters
        ----------
        settings : mapping of str to Setting, optional
            What tuning chose before; nothing is tuned then.
        progress : bool
            Whether to show a bar.

        Returns
        -------
        Result
            Numbers per condition and seed, and claims with their verdicts.
        """
        if settings is None:
            settings = {name: self.tune(name) for name in self._shown(self.tuned(), "tuning", progress)}
        return self.decided(self.measure_all(settings, progress=progress), settings)

    def decided(self, measured: Measured, settings: Mapping[str, Setting]) -> Result:
        """Decide every hypothesis from the numbers alone."""
        labels, roles = self.pictured()
        result = Result(measured, settings, labels, roles, name=self.name)
        return replace(result, claims=decide(self.name, self.hypotheses, result, self.beside))

    @classmethod
    def recorded(cls) -> Result:
        """Read the numbers that the book reports: all seeds, as `python -m mtl_tutor record ledger` wrote them down.

        Raises
        ------
        ValueError
            The file was changed by hand, or recorded by another version.
        """
        from mtl_tutor.ledger import read_measured  # it knows this module's classes

        return cls().decided(*read_measured(cls.name))

    @classmethod
    def again(cls, seeds: int = 20, *, first_seed: int = 1000, n_jobs: int | None = None) -> Result:
        """Run some seeds with the settings that tuning chose for the book: seconds in place of minutes."""
        from mtl_tutor.ledger import read_measured

        return cls(seeds=seeds, first_seed=first_seed, n_jobs=n_jobs).run(read_measured(cls.name)[1])

    def with_few_seeds(self, seeds: int) -> Self:
        """Copy the experiment with fewer seeds than an interval needs: for checks of single numbers."""
        few = copy.copy(self)
        object.__setattr__(few, "seeds", seeds)
        return few

    def _shown(self, names: Sequence[str], what: str, progress: bool) -> Iterator[str]:
        return iter(tqdm(names, desc=f"{self.name}: {what}", disable=not progress or not names))
