"""Experiments that compare ways to train nets: arms tuned alike, the same seeds for all."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Float, Int, Real
from torch import nn

from mtl_tutor.experiments.arms import Arm, Stage
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.experiment import Experiment, check_least
from mtl_tutor.experiments.result import Measured
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import Adam, train
from mtl_tutor.training.optimizers import Optimizer
from mtl_tutor.tuning import Setting, search

STOPPED, LAST = "error at the best validation step", "error at the last step"
ByMeasure = Mapping[str, Real[np.ndarray, "seed"] | Bool[np.ndarray, "seed"]]


@dataclass(frozen=True)
class Trial(Experiment):
    """Hypotheses about arms: each a net, its data, and a way to train it.

    Every arm is tuned on its own validation data and on seeds that are not reported, over the same grid of widths and learning
    rates; a grid whose best cell lies on its edge is extended there. A setting still at the edge says so.

    Attributes
    ----------
    seeds, first_seed, n_jobs
        As in `Experiment`.
    tuning_seeds : int
        How many more seeds choose each arm's setting, for each block of reported seeds.

    Raises
    ------
    ValueError
        As in `Experiment`; or fewer than 4 tuning seeds.
    """

    tuning_seeds: int = 8

    baseline: ClassVar[str | None] = "alone"
    control: ClassVar[str | None] = "shuffled"
    widths: ClassVar[tuple[int, ...]]
    lrs: ClassVar[tuple[float, ...]]
    steps: ClassVar[int]
    eval_every: ClassVar[int | None] = None
    extensions: ClassVar[int] = 2
    optimizer: ClassVar[Optimizer] = Adam()
    activation: ClassVar[type[nn.Module]] = nn.ReLU
    init_scale: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(self, ("tuning_seeds", 4))

    @abstractmethod
    def arms(self) -> Mapping[str, Arm]:
        """Name the ways to train."""

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """Build the shared net for such data: one trunk, one head per task."""
        form = {"activation": self.activation, "init_scale": self.init_scale}
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, **form)

    def measure(self, history: History) -> ByMeasure:
        """Judge the main task of every net. The first measure is the one that hypotheses mean when they don't say."""
        return {STOPPED: history.best()[:, 0], LAST: history.last()[:, 0]}

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """Judge the main task of every net for tuning, on validation data: the lower, the better."""
        return (history.best("validation") if self.eval_every != self.steps else history.last("validation"))[:, 0]

    def pictured(self) -> tuple[Mapping[str, str], Mapping[str, Role]]:
        """The arms' own labels and roles."""
        arms = self.arms()
        return {name: arm.label for name, arm in arms.items()}, {name: arm.role for name, arm in arms.items()}

    def tuned(self) -> Sequence[str]:
        """All arms, but for those that take over another's setting."""
        return [name for name, arm in self.arms().items() if not arm.like]

    def tune(self, name: str) -> Setting:
        """Choose the width, learning rate and variant of the lowest validation error."""
        arm = self.arms()[name]
        if not arm.variants:
            return self.tune_arm(arm)
        settings = [replace(self.tune_arm(variant), variant=variant.label) for variant in arm.variants]
        best = min(settings, key=lambda setting: setting.error)
        return replace(best, at_edge=best.at_edge or (arm.ordered and best is settings[-1]))

    def tune_arm(self, arm: Arm) -> Setting:
        """Choose one arm's width and learning rate."""
        widths = (arm.n_hidden,) if arm.n_hidden else self.widths
        if len(widths) == len(self.lrs) == 1 and not arm.variants:
            return Setting(widths[0], self.lrs[0])

        def evaluate(n_hidden: int, seeds: Int[np.ndarray, "row"], lr: Float[np.ndarray, "row"]) -> Float[np.ndarray, "row"]:
            return self.validated(self.train(arm, seeds, n_hidden, lr))

        return search(evaluate, widths, self.lrs, self.tuning_range(self.tuning_seeds), extensions=self.extensions)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train every arm on the reported seeds, at its setting, and judge it."""
        arms, measured = self.arms(), {}
        for name in self._shown(list(arms), "training", progress):
            arm = arms[name]
            if arm.like and arms[arm.like].variants:
                raise ValueError(f"`like` must name an arm without variants; {name!r} names {arm.like!r}. Tune it instead.")
            setting = settings[arm.like or name]
            chosen = next((variant for variant in arm.variants if variant.label == setting.variant), arm)
            measured[name] = self.measured(chosen, setting.n_hidden or 0, setting.lr or 0.0)
        return measured

    def measured(self, arm: Arm, n_hidden: int, lr: float) -> ByMeasure:
        """Train one arm on the reported seeds, and judge it."""
        return self.measure(self.train(arm, self.seed_range, n_hidden, lr))

    def train(self, arm: Arm, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: float | Float[np.ndarray, "seed"]) -> History:
        """Train one arm's nets, after its first stage if it has one."""
        return train(
            self.net_of(arm, arm.data, n_hidden),
            arm.data,
            arm.method,
            seeds=seeds,
            steps=self.steps - (arm.first.steps if arm.first else 0),
            lr=lr,
            optimizer=arm.optimizer or self.optimizer,
            weight_decay=arm.weight_decay,
            noise=arm.noise,
            trunk_lr=arm.trunk_lr,
            trunk_from=self.train_first(arm, arm.first, seeds, n_hidden) if arm.first else None,
            eval_every=self.eval_every,
            n_jobs=self.n_jobs,
        )

    def train_first(self, arm: Arm, stage: Stage, seeds: Int[np.ndarray, "seed"], n_hidden: int) -> History:
        """Train an arm's first stage, once per seed however many learning rates the second one tries."""
        data = arm.data if stage.data is None else stage.data
        return train(
            self.net_of(arm, data, n_hidden),
            data,
            stage.method,
            seeds=np.unique(seeds),
            steps=stage.steps,
            lr=stage.lr,
            optimizer=arm.optimizer or self.optimizer,
            eval_every=stage.steps,
            n_jobs=self.n_jobs,
        )

    def net_of(self, arm: Arm, data: TaskData | Sampler, n_hidden: int) -> nn.Module:
        """Build the net of an arm for its data."""
        first = data(self.first_seed) if callable(data) else data
        net = (arm.net or self.net)(first, n_hidden)
        if arm.shared:
            return net
        if not isinstance(net, HardSharing):
            raise ValueError(f"`shared=False` needs an arm whose net is a HardSharing; {arm.label!r} has a {type(net).__name__}.")
        return SingleTask.like(net)

    def curves(
        self,
        over: str,
        values: Sequence[float],
        arms: Sequence[str],
        *,
        n_hidden: int = 0,
        lr: float = 0.0,
        measure: str | None = None,
        ylabel: str = "",
        xlabel: str = "",
        xscale: Literal["linear", "log"] = "linear",
        ylim: tuple[float, float] | None = None,
    ) -> Curves:
        """Follow some arms while one thing moves; width and learning rate are given, not tuned.

        Parameters
        ----------
        over : str
            What moves: a field of the trial, "n_hidden" or "lr".
        values : sequence of float
            Its values, ascending.
        arms : sequence of str
            Which arms.
        n_hidden, lr : int, float
            Width and learning rate of all of them, but for the one that moves.
        measure : str, optional
            Which measure; the first one if not given.
        xlabel, ylabel, xscale, ylim
            As in `Curves`; the vertical axis is named by the measure if not otherwise.
        """
        named = self.arms()

        def at(value: float) -> dict[str, np.ndarray]:
            how = {"n_hidden": n_hidden, "lr": lr}
            trial = self if over in how else replace(self, **{over: value})
            how |= {over: value} if over in how else {}
            found = {name: trial.measured(trial.arms()[name], **how) for name in arms}
            return {named[name].label: measures[measure or next(iter(measures))] for name, measures in found.items()}

        roles: dict[str, Role] = {named[name].label: named[name].role for name in arms}
        return curves_of(at, values, roles, xlabel=xlabel, ylabel=ylabel or measure or STOPPED, xscale=xscale, ylim=ylim)
