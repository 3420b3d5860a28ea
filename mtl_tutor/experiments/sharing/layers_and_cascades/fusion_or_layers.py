"""Deep fusion for strongly related tasks, layers for weakly related ones? Two wavy tasks of any relatedness."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.experiments import Arm, Hypothesis, Trial, below, best_of
from mtl_tutor.experiments.controls import Sampler, alone, beside_shuffled
from mtl_tutor.experiments.sharing.layers_and_cascades.layered_nets import as_large_as_two_nets, in_turn, own_samples
from mtl_tutor.results import History, Scale
from mtl_tutor.sharing import CrossStitch, HardSharing, LowLevelSupervision
from mtl_tutor.tasks import TaskData, task_pairs

FUSION, LAYERS, SAME = (f"source text 000, {what}" for what in ("deep fusion", "layered training", "its premise"))
LOG = "log of the error at the best validation step"
SCALES: Mapping[str, Scale] = {LOG: "log change"}
COSINES = {"strong": 1.0, "weak": 0.5, "none": 0.0}  # how strongly the tasks are related, by their directions
HARD, STITCHES = as_large_as_two_nets(HardSharing), as_large_as_two_nets(CrossStitch)
LAYERED = as_large_as_two_nets(partial(LowLevelSupervision, depths=(2, 1)))


@dataclass(frozen=True)
class FusionOrLayers(Trial):
    """Deep fusion suits strongly related tasks and layered training weakly related ones, one text has it.

    Two tasks, each with samples of its own; two hidden layers; every net stores at most what two separate ones of four
    units a layer store (of 4, 8 and 24 the best for those); the learning rate is tuned for each. Layers: the auxiliary
    task answers from layer 1, trained before the main task or with it, as validation prefers. Fusion: cross-stitches.

    Attributes
    ----------
    n_samples : int
        Training samples of each task, at least 20, and as many more for validation.

    Notes
    -----
    Source: source text 000, which gives no numbers.
    Departures: all of the set-up is ours.
    """

    seeds: int = 64
    tuning_seeds: int = 8
    n_samples: int = 100

    name = "fusion-or-layers"
    scales = SCALES
    findings = ("weak",)
    smallest = (("n_samples", 20),)
    baseline, control = "alone, strong", "fusion, shuffled"
    widths, lrs = (4,), (0.03, 0.1)
    steps, eval_every = 300, 12
    hypotheses = (
        Hypothesis("strong", "Tasks that are the same do better fused than in layers",
                   FUSION, "fusion, strong", "layers, strong", below()),
        Hypothesis("strong-alone", "... and better than alone", FUSION, "fusion, strong", "alone, strong", below()),
        Hypothesis("strong-hard", "... and better than in one trunk",
                   "ours", "fusion, strong", "hard, strong", below()),
        Hypothesis("shuffled", "... and better than beside shuffled labels",
                   "control", "fusion, strong", "fusion, shuffled", below()),
        Hypothesis("weak", "Weakly related tasks do better in layers than fused",
                   LAYERS, "layers, weak", "fusion, weak", below()),
        Hypothesis("weak-alone", "... and better than alone", LAYERS, "layers, weak", "alone, weak", below()),
        Hypothesis("none", "Unrelated tasks do better in layers than fused",
                   LAYERS, "layers, none", "fusion, none", below()),
        Hypothesis("same", "Unrelated tasks on the same samples do better in layers",
                   SAME, "layers, same", "alone, same", below()),
        Hypothesis("same-hard", "... or in one trunk", SAME, "hard, same", "alone, same", below()),
        Hypothesis("same-fusion", "... or, by more than a quarter, fused",
                   SAME, "fusion, same", "alone, same", below(-0.3)),
    )

    def arms(self) -> Mapping[str, Arm]:
        """Each way for each relation, and for unrelated tasks on the same samples; fusion with shuffled labels."""
        draws = {name: own_samples(self.pairs(cosine, 2 * self.n_samples)) for name, cosine in COSINES.items()}
        draws["same"] = self.pairs(0.0, self.n_samples)
        found = {name: arm for kind, draw in draws.items() for name, arm in _ways(kind, draw).items()}
        shuffled = Arm("fusion, shuffled", "control", beside_shuffled(draws["strong"]), net=STITCHES)
        return found | {"fusion, shuffled": shuffled}

    def pairs(self, correlation: float, n_samples: int) -> Sampler:
        """Draw two tasks whose directions have that cosine."""
        return lambda seed: task_pairs(2, n_samples, correlation=correlation, seed=seed).data

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """Two shared layers."""
        return HardSharing(data.n_features, (n_hidden, n_hidden), n_outputs=data.n_outputs)

    def measure(self, history: History) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """The logarithm of the main task's error: a few narrow nets fail by a factor, and would decide a mean."""
        return {LOG: np.log(history.best()[:, 0])}

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """Choose settings by the same measure."""
        return np.log(history.best("validation")[:, 0])


def _ways(kind: str, draw: Sampler) -> dict[str, Arm]:
    layered = [in_turn("in turn", "main", draw, LAYERED), Arm("at once", "main", draw, net=LAYERED)]
    return {
        f"alone, {kind}": Arm(f"alone, {kind}", "single_task", alone(draw)),
        f"hard, {kind}": Arm(f"one trunk, {kind}", "third", draw, net=HARD),
        f"layers, {kind}": best_of(f"layers, {kind}", "main", layered, ordered=False),
        f"fusion, {kind}": Arm(f"fusion, {kind}", "other", draw, net=STITCHES),
    }
