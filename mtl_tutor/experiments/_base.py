"""One way to put claims on trial: arms tuned alike, the same seeds for all, and sentences that carry their rule."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Float, Int, Real
from torch import nn
from tqdm import tqdm

from mtl_tutor.experiments._arms import Arm
from mtl_tutor.results import Bars, Claim, Curves, History, Role
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.statistics import Interval, Verdict, above, below, bootstrap, paired_difference, wilson, within
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import Adam, train
from mtl_tutor.training.optimizers import Optimizer

TUNING_SEED = 900_000  # seeds from here on choose settings; no result is ever reported on them
STOPPED, LAST = "error at the best validation step", "error at the last step"


@dataclass(frozen=True)
class Setting:
    """What tuning chose for an arm.

    Attributes
    ----------
    n_hidden, lr : width and learning rate.
    at_edge : whether the best cell still lies at the edge of the grid after it was extended, or the strongest variant won.
    error : the validation error there.
    variant : the arm's best variant, if it has any.
    """

    n_hidden: int
    lr: float
    at_edge: bool = False
    error: float = float("nan")
    variant: Arm | None = None

    def __str__(self) -> str:
        chosen = f", {self.variant.label}" if self.variant else ""
        return f"{self.n_hidden:4} hidden units, learning rate {self.lr:g}{chosen}" + (" (edge)" if self.at_edge else "")


@dataclass(frozen=True)
class Sentence:
    """A claim before the trial: what is compared, and the rule that will decide.

    Attributes
    ----------
    more, less : arms. The effect is the first's measure minus the second's, seed by seed, or the first's alone.
    least, most, margin : the claim is that the effect is more than `least`; or, where given, less than `most`; or
        within `margin` of zero.
    measure : which one, where a trial has several; its first one when not given.
    unless : condition -> id of a sentence that says the same under that condition. Where that one does not hold,
        this one is conditional at best, and names the condition.
    """

    id: str
    text: str
    source: str
    more: str
    less: str | None = None
    least: float = 0.0
    most: float | None = None
    margin: float | None = None
    measure: str | None = None
    unless: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, effect: Interval) -> Verdict:
        """Decide by the rule alone."""
        if self.margin is not None:
            return within(effect, self.margin)
        return above(effect, self.least) if self.most is None else below(effect, self.most)

    @property
    def rule(self) -> str:
        """The rule in words."""
        if self.margin is not None:
            return f"within {self.margin:g} of 0"
        return f"more than {self.least:g}" if self.most is None else f"less than {self.most:g}"


@dataclass(frozen=True, eq=False)
class TrialResult:
    """What every arm's nets did, and what that says about each sentence.

    Attributes
    ----------
    measured : arm -> measure -> one number per seed; all arms on the same seeds.
    settings : arm -> the width and learning rate that tuning chose.
    labels, roles : arm -> what pictures call it, and what it stands for.
    claims : the sentences with their verdicts.
    """

    measured: Mapping[str, Mapping[str, Real[np.ndarray, "seed"] | Bool[np.ndarray, "seed"]]]
    settings: Mapping[str, Setting]
    labels: Mapping[str, str]
    roles: Mapping[str, Role]
    claims: tuple[Claim, ...] = ()

    def interval(self, arm: str, less: str | None = None, measure: str | None = None) -> Interval:
        """Measure one arm, or by how much it exceeds another, seed by seed."""
        values = self._values(arm, measure)
        if less is not None:
            return paired_difference(1.0 * values, 1.0 * self._values(less, measure))
        return wilson(values) if values.dtype == bool else bootstrap(values)

    def bars(self, arms: Sequence[str] = (), measure: str | None = None, *, ylim: tuple[float, float] | None = None) -> Bars:
        """Picture a measure, with its 95% interval, for some arms or all of them."""
        names = list(arms or self.measured)
        bars = {self.labels[arm]: self.interval(arm, measure=measure) for arm in names}
        return Bars(bars, {self.labels[arm]: self.roles[arm] for arm in names}, ylabel=measure or self._first_measure(), ylim=ylim)

    def __str__(self) -> str:
        lines = [f"{self.labels[arm]:34} {self.settings[arm]}" for arm in self.measured]
        for measure in next(iter(self.measured.values())):
            lines += ["", measure, *(f"    {self.labels[arm]:34} {self.interval(arm, measure=measure)}" for arm in self.measured)]
        return "\n".join(lines)

    def _first_measure(self) -> str:
        return next(iter(next(iter(self.measured.values()))))

    def _values(self, arm: str, measure: str | None) -> np.ndarray:
        return self.measured[arm][measure or self._first_measure()]


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
        for name, least in (("seeds", 20), ("tuning_seeds", 20), ("first_seed", 0), *self.smallest):
            if not getattr(self, name) >= least:
                raise ValueError(f"`{name}` must be at least {least}; got {getattr(self, name)}.")
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
        effects = {s.id: result.interval(s.more, s.less, s.measure) for s in self.sentences}
        verdicts = {s.id: s.verdict(effects[s.id]) for s in self.sentences}
        return [_claim(self, s, result, effects[s.id], verdicts) for s in self.sentences]

    def run(self, *, progress: bool = False) -> TrialResult:
        """Tune every arm, train it on the reported seeds, and decide."""
        arms, settings, measured = self.arms(), {}, {}
        for name, arm in tqdm(arms.items(), desc=self.name, disable=not progress):
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


def _claim(trial: Trial, sentence: Sentence, result: TrialResult, effect: Interval, verdicts: Mapping[str, Verdict]) -> Claim:
    """Write down what was decided, with the baseline and the control in the same measure beside it."""
    verdict = verdicts[sentence.id]
    fails = [condition for condition, other in sentence.unless.items() if verdicts[other] is not Verdict.REPRODUCED]
    if verdict is Verdict.REPRODUCED and fails:
        verdict = Verdict.CONDITIONAL
    beside = [result.interval(arm, measure=sentence.measure) if arm in result.measured else None for arm in (trial.baseline, trial.control)]
    return Claim(
        f"{trial.name}-{sentence.id}",
        sentence.text,
        sentence.source,
        effect,
        verdict,
        baseline=beside[0],
        control=beside[1],
        rule=sentence.rule,
        condition=f"not {' or '.join(fails)}" if verdict is Verdict.CONDITIONAL else "",
    )
