"""Deep fusion for strongly related tasks, layers for weakly related ones? Two wavy tasks that agree as much as you like."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, alone, beside_shuffled, best_of
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.experiments._layered_nets import InTurn, as_large_as_two_nets, own_samples, train_in_turn
from mtl_tutor.results import History
from mtl_tutor.sharing import CrossStitch, HardSharing, LowLevelSupervision
from mtl_tutor.tasks import TaskData, task_pairs

FUSION, LAYERS, SAME = (f"source text 000, {what}" for what in ("deep fusion", "layered training", "its premise"))
LOG = "log of the error at the best validation step"
KINDS = {"strong": 1.0, "weak": 0.5, "none": 0.0}  # how strongly the tasks are related: the cosine of their directions
HARD, STITCHES = as_large_as_two_nets(HardSharing), as_large_as_two_nets(CrossStitch)
LAYERED = as_large_as_two_nets(partial(LowLevelSupervision, depths=(2, 1)))


@dataclass(frozen=True)
class FusionOrLayers(Trial):
    """Deep fusion suits strongly related tasks and layered training weakly related ones, one text has it.

    Two tasks, each with samples of its own; two hidden layers; every net stores what two separate ones of four units a layer store
    (of 4, 8 and 24 what is best for those); the learning rate is chosen for each. Layers: the other task answers from layer 1, trained
    before the main task or with it, whichever validation prefers. Fusion: cross-stitches.

    Attributes
    ----------
    n_samples : of training for each task, and as many more for validation.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than 20 samples, or too few seeds.

    Source: source text 000, which gives no numbers. Departures: all of the set-up is ours.
    """

    seeds: int = 64
    tuning_seeds: int = 20
    n_samples: int = 100

    name, chapter = "fusion-or-layers", "sharing/layers-and-cascades"
    smallest = (("n_samples", 20),)
    baseline, control = "alone, strong", "fusion, shuffled"
    widths, lrs, extensions, steps, eval_every = (4,), (0.03, 0.1), 0, 300, 12
    sentences = (
        Sentence("strong", "Tasks that are the same do better fused than in layers", FUSION, "fusion, strong", "layers, strong", most=0.0),
        Sentence("strong-alone", "... and better than alone", FUSION, "fusion, strong", "alone, strong", most=0.0),
        Sentence("strong-hard", "... and better than in one trunk", "ours", "fusion, strong", "hard, strong", most=0.0),
        Sentence("shuffled", "... and better than beside shuffled labels", "control", "fusion, strong", "fusion, shuffled", most=0.0),
        Sentence("weak", "Weakly related tasks do better in layers than fused", LAYERS, "layers, weak", "fusion, weak", most=0.0),
        Sentence("weak-alone", "... and better than alone", LAYERS, "layers, weak", "alone, weak", most=0.0),
        Sentence("none", "Unrelated tasks do better in layers than fused", LAYERS, "layers, none", "fusion, none", most=0.0),
        Sentence("same", "Unrelated tasks on the same samples do better in layers", SAME, "layers, same", "alone, same", most=0.0),
        Sentence("same-hard", "... or in one trunk", SAME, "hard, same", "alone, same", most=0.0),
        Sentence("same-fusion", "... or, by more than a quarter, fused", SAME, "fusion, same", "alone, same", most=-0.3),
    )

    def arms(self) -> Mapping[str, Arm]:
        """Each way for each relation, and for unrelated tasks on the same samples; fusion with a shuffled neighbour."""
        draws = {name: own_samples(self.pairs(p, 2 * self.n_samples)) for name, p in KINDS.items()}
        draws["same"] = self.pairs(0.0, self.n_samples)
        found = {name: arm for kind, draw in draws.items() for name, arm in _ways(kind, draw).items()}
        return found | {"fusion, shuffled": Arm("fusion, shuffled", "control", beside_shuffled(draws["strong"]), net=STITCHES)}

    def pairs(self, correlation: float, n_samples: int) -> Draw:
        """Draw two tasks whose directions have that cosine."""
        return lambda seed: task_pairs(2, n_samples, correlation=correlation, seed=seed).data

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """Two shared layers."""
        return HardSharing(data.n_features, (n_hidden,) * 2, n_outputs=data.n_outputs)

    def measure(self, history: History) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Judge the main task by the logarithm of its error: narrow nets fail now and then by a factor, and a mean would see only those."""
        return {LOG: np.log(history.best()[:, 0])}

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """Choose settings by the same measure."""
        return np.log(history.best("validation")[:, 0])

    def train(self, arm: Arm, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: float | Float[np.ndarray, "seed"]) -> History:
        """Train one arm's nets, in two stages where the tasks come one after the other."""
        if isinstance(arm.data, InTurn) and arm.net:
            net = arm.net(arm.data(self.first_seed), n_hidden)
            return train_in_turn(net, arm, seeds, lr, steps=self.steps, eval_every=self.eval_every)
        return super().train(arm, seeds, n_hidden, lr)


def _ways(kind: str, draw: Draw) -> dict[str, Arm]:
    layered = [Arm("in turn", "main", InTurn(draw), net=LAYERED), Arm("at once", "main", draw, net=LAYERED)]
    return {
        f"alone, {kind}": Arm(f"alone, {kind}", "single_task", alone(draw)),
        f"hard, {kind}": Arm(f"one trunk, {kind}", "third", draw, net=HARD),
        f"layers, {kind}": best_of(f"layers, {kind}", "main", layered),
        f"fusion, {kind}": Arm(f"fusion, {kind}", "other", draw, net=STITCHES),
    }
