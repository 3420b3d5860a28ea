"""Where in the net to ask the helper: low, in the middle, at the top, or in a net of its own that the main task reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.experiments._arms import Arm, alone, beside_shuffled
from mtl_tutor.experiments._base import STOPPED, Sentence, Trial
from mtl_tutor.experiments._layered_nets import InTurn, cascade, few_answers, needed, supervised_at, told, train_in_turn
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tasks import TaskData

SG, JMT, TEXT, WIDE = "Søgaard & Goldberg 2016", "Hashimoto et al. 2017", "source text 000, layered training", 32
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}
NOTHING: dict[str, Any] = {"least": -0.05, "relative": True}
HARMLESS: dict[str, Any] = {"most": 0.05, "relative": True}


@dataclass(frozen=True)
class LowSupervision(Trial):
    """A helper whose answer the main task needs is better asked at a low layer than at the top, or in a cascade.

    Three hidden layers of equal width; the main task answers from the last. Width and learning rate are chosen for every arm.

    Attributes
    ----------
    n_samples : of training, with labels of both tasks, and as many more for validation.
    n_few : labels of the helper, where it has few.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than 20 samples, fewer than 2 labels of the helper, or too few seeds.

    Source: Søgaard & Goldberg (2016); the cascade after Hashimoto et al. (2017). Departures: theirs are tags of words, learned by
    recurrent nets; here all is planted, a perceptron learns it, and no learning rate is theirs.
    """

    seeds: int = 128
    tuning_seeds: int = 20
    n_samples: int = 100
    n_few: int = 20

    name, chapter = "low-supervision", "sharing/layers-and-cascades"
    smallest = (("n_samples", 20), ("n_few", 2))
    widths, lrs, extensions, steps, eval_every = (3, 6, 12), (0.03, 0.1), 1, 300, 12
    sentences = (
        Sentence("helps", "A needed helper at the lowest layer saves error", SG, "low", "alone", **LOWER),
        Sentence("low-top", "... at least a twentieth more than at the top", SG, "low", "top", most=-0.05, relative=True),
        Sentence("middle-top", "... and more in the middle than at the top", "ours", "middle", "top", **LOWER),
        Sentence("shuffled", "... but not with shuffled labels", "control", "low", "shuffled", **LOWER),
        Sentence("stranger", "A stranger at the lowest layer does no harm", "ours", "stranger", "alone", **HARMLESS),
        Sentence("stranger-top", "... and less than at the top", "ours", "stranger", "stranger, top", **LOWER),
        Sentence("wide-low-top", f"With {WIDE} units a helper serves better at the lowest layer", SG, "low, wide", "top, wide", **LOWER),
        Sentence("wide-cascade", "... and better still in a cascade than at the top", JMT, "cascade, wide", "top, wide", **LOWER),
        Sentence("wide-low", "... at the lowest layer it saves nothing", "ours", "low, wide", "alone, wide", **NOTHING),
        Sentence("width", "The best width saves more than the best place in wide nets", "ours", "top", "cascade, wide", **LOWER),
        Sentence("cascade-alone", "A cascade that reads the needed answer saves error", JMT, "cascade", "alone", **LOWER),
        Sentence("cascade-top", "... and more than a shared net does, each as wide as is best for it", JMT, "cascade", "top", **LOWER),
        Sentence("told", "... and as much as being told the true answer", "ours", "cascade", "told", margin=0.1, relative=True),
        Sentence("cascade-few", "With few answers of the helper a cascade still saves error", "ours", "cascade, few", "alone", **LOWER),
        Sentence("low-few", "... and so does a helper at the lowest layer", "ours", "low, few", "alone", **LOWER),
        Sentence("turn", "First the helper and then the main task is better than both at once", TEXT, "in turn", "low", **LOWER),
        Sentence("turn-alone", "... and better than the main task alone", TEXT, "in turn", "alone", **LOWER),
        Sentence("frozen", "... also where the helper's layer is frozen then", "ours", "frozen", "alone", **LOWER),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """Three shared layers."""
        return HardSharing(data.n_features, (n_hidden,) * 3, n_outputs=data.n_outputs)

    def arms(self) -> Mapping[str, Arm]:
        """Every place, order and company of the helper."""
        draw, stranger = needed(self.n_samples), needed(self.n_samples, helper=2)
        few, low = few_answers(draw, self.n_few), supervised_at(1)
        found = {
            "alone": Arm("alone", "single_task", alone(draw)),
            "low": Arm("helper at layer 1", "main", draw, net=low),
            "middle": Arm("helper at layer 2", "other", draw, net=supervised_at(2)),
            "top": Arm("helper at layer 3", "third", draw),
            "cascade": Arm("cascade", "fourth", draw, net=cascade),
            "told": Arm("told the helper's answer", "control", told(self.n_samples)),
            "in turn": Arm("helper first, at layer 1", "main", InTurn(draw), net=low),
            "frozen": Arm("helper first, then frozen", "main", InTurn(draw), net=low, trunk_lr=0.0),
            "shuffled": Arm("shuffled, at layer 1", "control", beside_shuffled(draw), net=low),
            "stranger": Arm("stranger at layer 1", "control", stranger, net=low),
            "stranger, top": Arm("stranger at layer 3", "control", stranger),
            "low, few": Arm("few answers, at layer 1", "main", few, net=low),
            "cascade, few": Arm("few answers, cascade", "fourth", few, net=cascade),
        }
        wide = ("alone", "low", "top", "cascade")
        return found | {f"{name}, wide": replace(found[name], label=f"{found[name].label}, wide", n_hidden=WIDE) for name in wide}

    def train(self, arm: Arm, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: float | Float[np.ndarray, "seed"]) -> History:
        """Train one arm's nets, in two stages where the tasks come one after the other."""
        if isinstance(arm.data, InTurn) and arm.net:
            net = arm.net(arm.data(self.first_seed), n_hidden)
            return train_in_turn(net, arm, seeds, lr, steps=self.steps, eval_every=self.eval_every)
        return super().train(arm, seeds, n_hidden, lr)


Helper = Literal["needed", "a stranger"]


def layers(helper: Helper = "needed", samples: int = 100, *, n_seeds: int = 64) -> Curves:
    """Follow the main task's error over the width of the net; rate 0.1 up to eight units and 0.03 beyond, else untuned.

    Parameters
    ----------
    helper : the task whose answer is needed, or another one.
    samples : of training.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = LowSupervision(seeds=n_seeds, first_seed=2000, n_samples=samples)
    draw = needed(samples, helper=2 if helper == "a stranger" else 1)
    arms, lines, widths = trial.arms(), dict[str, list[Interval]](), (3, 6, 12, 24)
    shown = {arms[name].label: arms[name] for name in ("alone", "low", "top", "cascade")}
    for label, arm in shown.items():
        arm = replace(arm, data=alone(draw) if label == "alone" else draw)
        lines[label] = [bootstrap(trial.measured(arm, width, 0.1 if width <= 8 else 0.03)[STOPPED]) for width in widths]
    roles: dict[str, Role] = {label: arm.role for label, arm in shown.items()}
    look = {"xlabel": "units per layer", "ylabel": STOPPED, "ylim": (0.0, 1.2)}
    return Curves.of_intervals(np.array(widths, dtype=float), lines, roles=roles, xscale="log", **look)
