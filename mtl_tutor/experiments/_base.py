"""One way to put claims on trial: arms tuned alike, the same seeds for all, and sentences that carry their rule."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Float, Int, Real
from torch import nn
from tqdm import tqdm

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.experiments._verdicts import Sentence, Setting, TrialResult, decided
from mtl_tutor.results import Claim, Curves, History, Role
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.statistics import Interval, bootstrap, wilson
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import Adam, train
from mtl_tutor.training.optimizers import Optimizer

TUNING_SEED = 900_000  # seeds from here on choose settings; no result is ever reported on them
STOPPED, LAST = "error at the best validation step", "error at the last step"


def check_least(experiment: object, *least: tuple[str, float]) -> None:
    """Refuse an experiment with a field below its least value."""
    for name, value in least:
        if not getattr(experiment, name) >= value:
            raise ValueError(f"`{name}` must be at least {value}; got {getattr(experiment, name)}.")


@dataclass(frozen=True)
class Trial(ABC):
    """Sentences, the arms that they compare, and the data of each.

    Every arm is tuned on its own validation data and on seeds that are not reported, over the same grid of widths
    and learning rates; a grid whose best cell lies on its edge is extended there, twice at most; a setting still at the edge says so.

    Attributes
    ----------
    seeds, first_seed : how many replicas per arm, and the first of their seeds.
    tuning_seeds : how many more, from 900,000 on, choose each arm's setting.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds (no interval is worth reading), a negative first one, or a field below its `smallest` value.
    """

    seeds: int = 200
    first_seed: int = 1000
    tuning_seeds: int = 24
    n_jobs: int = 1

    name: ClassVar[str]
    chapter: ClassVar[str]
    sentences: ClassVar[tuple[Sentence, ...]]
    smallest: ClassVar[tuple[tuple[str, float], ...]] = ()
    baseline: ClassVar[str] = "alone"
    control: ClassVar[str] = "shuffled"
    widths: ClassVar[tuple[int, ...]]
    lrs: ClassVar[tuple[float, ...]]
    steps: ClassVar[int]
    eval_every: ClassVar[int | None] = None
    extensions: ClassVar[int] = 2
    optimizer: ClassVar[Optimizer] = Adam()

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("tuning_seeds", 20), ("first_seed", 0), *self.smallest)
        if self.first_seed + self.seeds > TUNING_SEED:
            raise ValueError(f"`first_seed` must leave the seeds from {TUNING_SEED:,} on to tuning; got {self.first_seed}.")

    @abstractmethod
    def arms(self) -> Mapping[str, Arm]:
        """Name the ways to train."""

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """Build the shared net for such data: one trunk, one head per task."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs)

    def measure(self, history: History) -> Mapping[str, Real[np.ndarray, "seed"] | Bool[np.ndarray, "seed"]]:
        """Judge the main task of every net. The first measure is the one that sentences mean when they don't say."""
        return {STOPPED: history.best()[:, 0], LAST: history.last()[:, 0]}

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """Judge the main task of every net for tuning, on validation data: the lower, the better."""
        return (history.best("validation") if self.eval_every != self.steps else history.last("validation"))[:, 0]

    def claims(self, result: TrialResult) -> list[Claim]:
        """Decide the sentences."""
        effects = {s.id: result.interval(s.more, s.less, s.measure, relative=s.relative) for s in self.sentences}
        beside = {}
        for s in self.sentences:
            arms = (self.baseline if result.has(self.baseline, s.measure) else s.less, self.control)
            beside[s.id] = [result.interval(arm, measure=s.measure) if arm and result.has(arm, s.measure) else None for arm in arms]
        return decided(self.name, self.sentences, effects, beside)

    def run(self, *, progress: bool = False) -> TrialResult:
        """Tune every arm, train it on the reported seeds, and decide."""
        arms, settings, measured = self.arms(), {}, {}
        for name, arm in tqdm(arms.items(), desc=self.name, disable=not progress):
            if arm.like and arms[arm.like].variants:
                raise ValueError(f"`like` must name an arm without variants; {name!r} names {arm.like!r}. Tune it instead.")
            settings[name] = settings[arm.like] if arm.like else self.tune(arm)
            measured[name] = self.measured(settings[name].variant or arm, settings[name].n_hidden, settings[name].lr)
        labels, roles = ({name: getattr(arm, what) for name, arm in arms.items()} for what in ("label", "role"))
        result = TrialResult(measured, settings, labels, roles)
        return replace(result, claims=tuple(self.claims(result)))

    def measured(self, arm: Arm, n_hidden: int, lr: float) -> Mapping[str, Real[np.ndarray, "seed"] | Bool[np.ndarray, "seed"]]:
        """Train one arm on the reported seeds, and judge it."""
        return self.measure(self.train(arm, np.arange(self.first_seed, self.first_seed + self.seeds), n_hidden, lr))

    def train(self, arm: Arm, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: float | Float[np.ndarray, "seed"]) -> History:
        """Train one arm's nets."""
        data = arm.data(self.first_seed) if callable(arm.data) else arm.data
        net = (arm.net or self.net)(data, n_hidden)
        if not arm.shared:
            if not isinstance(net, HardSharing):
                raise ValueError(f"`shared=False` needs an arm whose net is a HardSharing; {arm.label!r} has a {type(net).__name__}.")
            net = SingleTask.like(net)
        return train(
            net,
            arm.data,
            arm.method,
            seeds=seeds,
            steps=self.steps,
            lr=lr,
            optimizer=arm.optimizer or self.optimizer,
            weight_decay=arm.weight_decay,
            noise=arm.noise,
            trunk_lr=arm.trunk_lr,
            eval_every=self.eval_every,
            n_jobs=self.n_jobs,
        )

    def tune(self, arm: Arm) -> Setting:
        """Choose the width, learning rate and variant of the lowest validation error."""
        if arm.variants:
            setting, chosen = min(((self._search(variant), variant) for variant in arm.variants), key=lambda tried: tried[0].error)
            return replace(setting, at_edge=setting.at_edge or chosen is arm.variants[-1], variant=chosen)
        widths = (arm.n_hidden,) if arm.n_hidden else self.widths
        return Setting(widths[0], self.lrs[0]) if len(widths) == len(self.lrs) == 1 else self._search(arm)

    def _search(self, arm: Arm) -> Setting:
        widths, lrs = [arm.n_hidden] if arm.n_hidden else list(self.widths), list(self.lrs)
        seeds, wrong = np.arange(TUNING_SEED, TUNING_SEED + self.tuning_seeds), {}
        width, lr = widths[0], lrs[0]
        for _ in range(1 + self.extensions):
            for width in widths:
                if new := [lr for lr in lrs if (width, lr) not in wrong]:
                    history = self.train(arm, np.repeat(seeds, len(new)), width, np.tile(new, len(seeds)))
                    means = self.validated(history).reshape(len(seeds), len(new)).mean(axis=0)
                    wrong |= {(width, lr): float(np.nan_to_num(mean, nan=np.inf)) for lr, mean in zip(new, means, strict=True)}
            width, lr = min(wrong, key=lambda cell: wrong[cell])
            beyond_width, beyond_lr = _beyond(widths, width), _beyond(lrs, lr)
            if beyond_width is None and beyond_lr is None:
                return Setting(width, lr, error=wrong[width, lr])
            widths = sorted({*widths, max(1, round(beyond_width))}) if beyond_width else widths
            lrs = sorted({*lrs, beyond_lr}) if beyond_lr else lrs
        return Setting(width, lr, at_edge=True, error=wrong[width, lr])

    def sweep(
        self,
        knob: str,
        values: Sequence[float],
        arms: Sequence[str],
        *,
        n_hidden: int,
        lr: float,
        measure: str | None = None,
        xlabel: str = "",
        xscale: Literal["linear", "log"] = "linear",
        ylim: tuple[float, float] | None = None,
    ) -> Curves:
        """Follow some arms while one field of the trial moves; width and learning rate stay, untuned."""
        lines: dict[str, list[Interval]] = {}
        roles: dict[str, Role] = {}
        for value in values:
            trial = replace(self, **{knob: value})
            for name in arms:
                arm = trial.arms()[name]
                measured = trial.measured(arm, n_hidden, lr)
                chosen = measured[measure or next(iter(measured))]
                lines.setdefault(arm.label, []).append(wilson(chosen) if chosen.dtype == bool else bootstrap(chosen))
                roles[arm.label] = arm.role
        x = np.array(values, dtype=float)
        return Curves.of_intervals(x, lines, roles=roles, xlabel=xlabel, ylabel=measure or STOPPED, xscale=xscale, ylim=ylim)


def _beyond(values: Sequence[float], best: float) -> float | None:
    """The next value beyond the edge at which the best one lies, at the grid's own ratio; None inside, or for a single value."""
    if len(values) == 1 or values[0] < best < values[-1] or best == 1:
        return None
    return best * values[1] / values[0] if best == values[-1] else best * values[0] / values[1]
