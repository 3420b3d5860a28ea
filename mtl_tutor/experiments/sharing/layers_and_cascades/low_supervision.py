"""From which layer an auxiliary task should answer: a low one, the last one, or a net of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments import Arm, Hypothesis, Trial, above, below, ratio, recorded, within
from mtl_tutor.experiments.controls import alone, beside_shuffled
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.sharing.layers_and_cascades.layered_nets import (
    cascade,
    few_answers,
    in_turn,
    needed,
    supervised_at,
    told,
)
from mtl_tutor.experiments.trial import STOPPED
from mtl_tutor.results import Curves, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData

SG, JMT, TEXT, WIDE = "Søgaard & Goldberg 2016", "Hashimoto et al. 2017", "source text 000, layered training", 32


@dataclass(frozen=True)
class LowSupervision(Trial):
    """A helper whose answer the main task needs is better asked at a low layer than at the top, or in a cascade.

    Three hidden layers of equal width; the main task answers from the last. The helper is an auxiliary task.

    Attributes
    ----------
    n_samples : int
        Training samples with labels of both tasks, at least 20, and as many more for validation.
    n_few : int
        Labels of the helper where it has few, at least 2.

    Notes
    -----
    Source: Søgaard & Goldberg (2016); the cascade after Hashimoto et al. (2017).
    Departures: theirs are tags of words, learned by recurrent nets; here all is planted, a perceptron learns it, and no
    learning rate is theirs.
    """

    seeds: int = 128
    tuning_seeds: int = 8
    n_samples: int = 100
    n_few: int = 20

    name = "low-supervision"
    findings = ("helps", "cascade-alone", "turn")
    smallest = (("n_samples", 20), ("n_few", 2))
    widths, lrs, extensions = (3, 6, 12), (0.03, 0.1), 1
    steps, eval_every = 300, 12
    hypotheses = (
        Hypothesis("helps", "A helper task that the main task needs saves error at the lowest layer", SG, "low", "alone", below(), ratio),
        Hypothesis("low-top", "... at least a twentieth more than at the top", SG, "low", "top", below(-0.05), ratio),
        Hypothesis("middle-top", "... and more in the middle than at the top", "ours", "middle", "top", below(), ratio),
        Hypothesis("shuffled", "... but not with shuffled labels", "control", "low", "shuffled", below(), ratio),
        Hypothesis("stranger", "An unrelated task at the lowest layer does no harm",
                   "ours", "stranger", "alone", below(0.05), ratio),
        Hypothesis("stranger-top", "... and less than at the top", "ours", "stranger", "stranger, top", below(), ratio),
        Hypothesis("wide-low-top", f"With {WIDE} units a helper serves better at the lowest layer",
                   SG, "low, wide", "top, wide", below(), ratio),
        Hypothesis("wide-cascade", "... and better still in a cascade than at the top",
                   JMT, "cascade, wide", "top, wide", below(), ratio),
        Hypothesis("wide-low", "... at the lowest layer it saves nothing",
                   "ours", "low, wide", "alone, wide", above(-0.05), ratio),
        Hypothesis("width", "The best width saves more than the best place in wide nets",
                   "ours", "top", "cascade, wide", below(), ratio),
        Hypothesis("cascade-alone", "A cascade that reads the needed answer saves error",
                   JMT, "cascade", "alone", below(), ratio),
        Hypothesis("cascade-top", "... and more than a shared net does, each as wide as is best for it",
                   JMT, "cascade", "top", below(), ratio),
        Hypothesis("told", "... and as much as being told the true answer",
                   "ours", "cascade", "told", within(0.1), ratio),
        Hypothesis("cascade-few", "With few answers of the helper a cascade still saves error",
                   "ours", "cascade, few", "alone", below(), ratio),
        Hypothesis("low-few", "... and so does a helper at the lowest layer",
                   "ours", "low, few", "alone", below(), ratio),
        Hypothesis("turn", "First the helper and then the main task is better than both at once",
                   TEXT, "in turn", "low", below(), ratio),
        Hypothesis("turn-alone", "... and better than the main task alone", TEXT, "in turn", "alone", below(), ratio),
        Hypothesis("frozen", "... also where the helper's layer is frozen then",
                   "ours", "frozen", "alone", below(), ratio),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """Three shared layers."""
        return HardSharing(data.n_features, (n_hidden,) * 3, n_outputs=data.n_outputs)

    def arms(self) -> Mapping[str, Arm]:
        """Every place of the helper, every order, and the controls."""
        draw, stranger = needed(self.n_samples), needed(self.n_samples, helper=2)
        few, low = few_answers(draw, self.n_few), supervised_at(1)
        found = {
            "alone": Arm("alone", "single_task", alone(draw)),
            "low": Arm("helper at layer 1", "main", draw, net=low),
            "middle": Arm("helper at layer 2", "other", draw, net=supervised_at(2)),
            "top": Arm("helper at layer 3", "third", draw),
            "cascade": Arm("cascade", "fourth", draw, net=cascade),
            "told": Arm("told the helper's answer", "control", told(self.n_samples)),
            "in turn": in_turn("helper first, at layer 1", "main", draw, low),
            "frozen": in_turn("helper first, then frozen", "main", draw, low, trunk_lr=0.0),
            "shuffled": Arm("shuffled, at layer 1", "control", beside_shuffled(draw), net=low),
            "stranger": Arm("stranger at layer 1", "control", stranger, net=low),
            "stranger, top": Arm("stranger at layer 3", "control", stranger),
            "low, few": Arm("few answers, at layer 1", "main", few, net=low),
            "cascade, few": Arm("few answers, cascade", "fourth", few, net=cascade),
        }
        for name in ("alone", "low", "top", "cascade"):
            found[f"{name}, wide"] = replace(found[name], label=f"{found[name].label}, wide", n_hidden=WIDE)
        return found


@recorded(
    "low-supervision",
    title="From which layer should the helper answer?",
    alt="In narrow nets a needed helper saves most in a shared net, in wide ones in a cascade; a stranger never helps.",
    helper=["needed", "a stranger"],
)
def low_supervision_curves(helper: str = "needed", samples: int = 100, *, n_seeds: int = 64) -> Curves:
    """Follow the main task's error over the width; learning rate 0.1 up to eight units and 0.03 beyond, else untuned.

    Parameters
    ----------
    helper : str
        "needed" for the task whose answer is needed, or "a stranger".
    samples : int
        Training samples.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = LowSupervision(seeds=n_seeds, first_seed=2000, n_samples=samples)
    draw = needed(samples, helper=2 if helper == "a stranger" else 1)
    shown = [replace(trial.arms()[name], data=draw) for name in ("low", "top", "cascade")]
    shown = [replace(trial.arms()["alone"], data=alone(draw)), *shown]

    def errors(width: float) -> dict[str, np.ndarray]:
        lr = 0.1 if width <= 8 else 0.03
        return {arm.label: trial.measured(arm, int(width), lr)[STOPPED] for arm in shown}

    roles: dict[str, Role] = {arm.label: arm.role for arm in shown}
    look = {"xlabel": "units per layer", "ylabel": STOPPED, "xscale": "log", "ylim": (0.0, 1.2)}
    return curves_of(errors, (3, 6, 12, 24), roles, **look)
