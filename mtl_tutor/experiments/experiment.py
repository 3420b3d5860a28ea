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
from mtl_tutor.experiments.hypothesis import Hypothesis, decide, with_roles
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.results import Role, Scale
from mtl_tutor.statistics import Interval, block_slices
from mtl_tutor.tuning import (
    SEEDS_OF_BLOCK,
    TUNING_SEED,
    Setting,
    Settings,
    check_not_tuning,
    check_tuning_range,
    tuning_seeds,
)


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
    blocks : int
        In how many blocks the seeds come. Each is trained with settings that were tuned on seeds of its own, so that an
        interval over blocks includes what tuning might have chosen otherwise.
    tuning_seed : int
        The first of the seeds that tune; each block has a thousand.
    n_jobs : int, optional
        Processes, as in joblib; without influence on any number. `joblib.parallel_config` counts where it isn't given.

    Raises
    ------
    ValueError
        Fewer than 20 seeds or 4 blocks (no interval is worth reading), a negative first seed, seeds that are kept for
        tuning or for confirming, or a field below its `smallest` value.
    """

    seeds: int = 200
    first_seed: int = 1000
    blocks: int = field(default=8, kw_only=True)
    tuning_seed: int = field(default=TUNING_SEED, kw_only=True)
    n_jobs: int | None = field(default=None, kw_only=True)

    name: ClassVar[str]
    chapter: ClassVar[str] = ""  # follows from where the class stands
    hypotheses: ClassVar[tuple[Hypothesis, ...]]
    findings: ClassVar[tuple[str, ...]] = ()  # the hypotheses that a chapter is about; those after one belong to it
    failing_controls: ClassVar[tuple[str, ...]] = ()  # controls whose rule must not hold if their finding is right
    scales: ClassVar[Mapping[str, Scale]] = {}  # what differences of a measure are, where they are logarithms of errors
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
        check_least(self, ("seeds", 20), ("first_seed", 0), ("blocks", 4), *self.smallest)
        if self.blocks > self.seeds // 2:
            raise ValueError(f"`blocks` must leave each block two seeds or more; got {self.blocks} for {self.seeds} seeds.")
        check_not_tuning(self.first_seed, self.seeds)
        check_tuning_range(self.tuning_seed, self.blocks)

    # ---- what a subclass writes --------------------------------------------------------------------------------------

    @abstractmethod
    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Measure every condition on the seeds of `seed_range`: condition -> measure -> one number per seed."""

    def tuned(self) -> Sequence[str]:
        """Name what has to be tuned; nothing, unless a subclass says otherwise."""
        return ()

    def tune(self, name: str) -> Setting:
        """Choose the setting of one of `tuned`, on `tuning_range`, whose seeds are not reported."""
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

    def tuning_range(self, n_seeds: int) -> Int[np.ndarray, "seed"]:
        """The seeds that tune."""
        if n_seeds > SEEDS_OF_BLOCK:
            raise ValueError(f"`tuning_seeds` must be at most {SEEDS_OF_BLOCK:,} in a block; got {n_seeds}.")
        return tuning_seeds(n_seeds, self.tuning_seed)

    def of_block(self, block: int) -> Self:
        """Copy the experiment with one block's seeds, and the tuning seeds that belong to it."""
        rows = block_slices(self.seeds, self.blocks)[block]
        first = self.first_seed + rows.start
        return self._with(seeds=rows.stop - rows.start, first_seed=first, tuning_seed=self.tuning_seed + block * SEEDS_OF_BLOCK)

    def run(self, settings: Mapping[str, Settings] | None = None, *, progress: bool = False) -> Result:
        """Tune, measure, and decide every hypothesis.

        Parameters
        ----------
        settings : mapping of str to Settings, optional
            What tuning chose before, for every block or one for all; nothing is tuned then.
        progress : bool
            Whether to show a bar.

        Returns
        -------
        Result
            Numbers per condition and seed, and claims with their verdicts.
        """
        if settings is None:
            settings = self.tune_all(progress=progress)
        return self.decided(self.measure_blocks(settings, progress=progress), settings)

    def tune_all(self, *, progress: bool = False) -> dict[str, Settings]:
        """Choose all settings, for every block on tuning seeds of its own."""
        blocks = [self.of_block(block) for block in range(self.blocks)]
        names = self._shown(self.tuned(), "tuning", progress)
        return {name: Settings(block.tune(name) for block in blocks) for name in names}

    def measure_blocks(self, settings: Mapping[str, Settings], *, progress: bool = False) -> Measured:
        """Measure every condition, each block of seeds with its own settings."""
        if not settings or all(len(chosen) == 1 for chosen in settings.values()):
            return self.measure_all({name: chosen[0] for name, chosen in settings.items()}, progress=progress)
        found = []
        for block in self._shown(range(self.blocks), "blocks", progress):
            found.append(self.of_block(block).measure_all({name: chosen[block] for name, chosen in settings.items()}))
        return {
            condition: {measure: np.concatenate([one[condition][measure] for one in found]) for measure in measures}
            for condition, measures in found[0].items()
        }

    def decided(self, measured: Measured, settings: Mapping[str, Settings]) -> Result:
        """Decide every hypothesis from the numbers alone."""
        labels, roles = self.pictured()
        result = Result(measured, settings, labels, roles, name=self.name, n_blocks=self.blocks)
        claims = decide(self.name, self.hypotheses, result, self.beside, self.scales)
        return replace(result, claims=tuple(with_roles(self.name, claims, self.findings, self.failing_controls)))

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
        """Run some seeds with the settings that tuning chose for the book's first block: seconds in place of minutes."""
        from mtl_tutor.ledger import read_measured

        settings = {name: Settings(chosen[:1]) for name, chosen in read_measured(cls.name)[1].items()}
        return cls(seeds=seeds, first_seed=first_seed, n_jobs=n_jobs).run(settings)

    def with_few_seeds(self, seeds: int) -> Self:
        """Copy the experiment with fewer seeds than an interval needs: for checks of single numbers."""
        return self._with(seeds=seeds)

    def on_seeds(self, first_seed: int, tuning_seed: int) -> Self:
        """Copy the experiment with other seeds, which may be those that are kept for confirming."""
        return self._with(first_seed=first_seed, tuning_seed=tuning_seed)

    def _with(self, **fields: int) -> Self:
        one = copy.copy(self)
        for name, value in fields.items():
            object.__setattr__(one, name, value)
        return one

    def _shown(self, names: Sequence[Any], what: str, progress: bool) -> Iterator[Any]:
        return iter(tqdm(names, desc=f"{self.name}: {what}", disable=not progress or not names))
