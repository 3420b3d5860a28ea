"""Do other tasks shake a net out of local minima?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import Sampler, alone
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, only_tasks, parity
from mtl_tutor.training import SGD

TEXT, HINTS, SOLVED = "source text 003, why it works", "Suddarth and Kergosien 1990", "share of nets that solve it"
WIDE, MORE = {"in nets of 16 units": "wide"}, above(0.1)
UNITS = {"tanh": nn.Tanh, "ReLU": nn.ReLU, "sigmoid": nn.Sigmoid}


def _parity_beside(n_bits: int, others: str = "counts") -> Sampler:
    """Ask for parity and beside it other questions, which may depend on the seed."""
    return lambda seed: parity(n_bits, others, seed=seed)


def _net_of(units: str) -> Callable[[TaskData, int], nn.Module]:
    """Build nets of tanh, ReLU or sigmoid units."""
    return lambda data, n_hidden: HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=UNITS[units])


@dataclass(frozen=True)
class LocalMinima(Trial):
    """Other tasks lead a net out of local minima in which it would be caught alone.

    Parity of four bits in four units, XOR in two; solved if all patterns, all learned from, are right
    at the end. Learning rates are tuned, widths are not.

    Attributes
    ----------
    n_bits, n_hidden, n_wide : int
        Bits of the larger problem, units that just suffice for it, and units of a wide net.

    Notes
    -----
    Source: the claim of source text 003; hints as in Suddarth and Kergosien (1990). Departures: the set-up is ours.
    """

    seeds: int = 384
    tuning_seeds: int = 48
    n_bits: int = 4
    n_hidden: int = 4
    n_wide: int = 16

    name = "local-minima"
    findings = ("hints", "adam", "or-and", "xor")
    failing_controls = ("copies", "trivial", "xor-trivial", "xor-random")
    smallest = (("n_bits", 3), ("n_hidden", 1), ("n_wide", 1))
    control = "random"
    lrs = (0.02, 0.05, 0.1)
    extensions = 1
    steps = 500
    eval_every = 500
    activation = nn.Tanh
    hypotheses = (
        Hypothesis("hints", "Easier questions about the same bits lead more nets to parity", TEXT, "hints", "alone", MORE, unless=WIDE),
        Hypothesis("not-copies", "... more than copies of it", "control", "hints", "copies", MORE),
        Hypothesis("not-random", "... and more than random labels", "control", "hints", "random", MORE),
        Hypothesis("copies", "Copies of parity do, too", "control", "copies", "alone", MORE),
        Hypothesis("random", "... and random labels", TEXT, "random", "alone", MORE),
        Hypothesis("trivial", "... and questions that are trivial", "control", "inputs", "alone", MORE),
        Hypothesis("other", "... and the same kind of question about other counts", "ours", "flipped counts", "alone", MORE),
        Hypothesis("sigmoid", "Hints help sigmoid units, too", "ours", "hints, sigmoid", "alone, sigmoid", MORE),
        Hypothesis("relu", "... and ReLU units", "ours", "hints, ReLU", "alone, ReLU", MORE),
        Hypothesis("sgd", "... and SGD with momentum", "ours", "hints, SGD", "alone, SGD", MORE),
        Hypothesis("wide", "... and nets of 16 units", "ours", "hints, wide", "alone, wide", MORE),
        Hypothesis("adam", "Alone, Adam leads more nets to parity than SGD does", "source text 002 §3", "alone", "alone, SGD", MORE),
        Hypothesis("or-and", "Caruana's four questions with AND and OR lead more nets to the first", "ours", "or-and", "or alone", MORE),
        Hypothesis("xor", "OR and AND lead more nets to XOR", HINTS, "xor, hints", "xor", MORE),
        Hypothesis("xor-trivial", "... and so does one trivial question", "control", "xor, one input", "xor", MORE),
        Hypothesis("xor-random", "... and so do random labels", "control", "xor, random", "xor", MORE),
    )

    def arms(self) -> Mapping[str, Arm]:
        """Parity beside hints and beside five controls; other units, optimiser and width; Caruana's questions; XOR."""
        narrow: dict[str, Any] = {"n_hidden": self.n_hidden}
        counts, or_and = _parity_beside(self.n_bits), _parity_beside(self.n_bits, "or-and")
        arms = {"alone": Arm("alone", "single_task", alone(counts), **narrow), "hints": Arm("hints", "main", counts, **narrow)}
        kinds: dict[str, dict[str, Any]] = {
            "sigmoid": {"net": _net_of("sigmoid")},
            "ReLU": {"net": _net_of("ReLU")},
            "SGD": {"optimizer": SGD(momentum=0.9)},
            "wide": {"n_hidden": self.n_wide},
        }
        for kind, how in kinds.items():
            for name in ("alone", "hints"):
                arms[f"{name}, {kind}"] = replace(arms[name], label=f"{name}, {kind}", **how)
        for name in ("copies", "random", "inputs", "constants", "flipped counts"):
            arms[name] = Arm(name, "control", _parity_beside(self.n_bits, name), **narrow)
        return arms | {
            "or alone": Arm("first bit or parity", "single_task", alone(or_and), n_hidden=3),
            "or-and": Arm("... beside three like it", "main", or_and, n_hidden=3),
            "xor": Arm("XOR alone", "single_task", alone(_parity_beside(2)), n_hidden=2),
            "xor, hints": Arm("XOR, hints", "main", _parity_beside(2), n_hidden=2),
            "xor, one input": Arm("XOR, one input", "control", _xor_beside_one_input, n_hidden=2),
            "xor, random": Arm("XOR, random", "control", _parity_beside(2, "random"), n_hidden=2),
        }

    def validated(self, history: History) -> np.ndarray:
        """Tune for what is measured: the share of nets that do not solve it."""
        return 1.0 * (history.last("validation")[:, 0] > 0)

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Whether the main question is answered for every pattern."""
        return {SOLVED: history.last()[:, 0] == 0}


def _xor_beside_one_input(seed: int) -> TaskData:
    return only_tasks(_parity_beside(2, "inputs")(seed), [0, 1])


@recorded(
    "local-minima",
    title="What leads a small net to parity?",
    alt="Hints lead most nets to parity at every learning rate; copies and random labels don't, and no learning rate does.",
    problem=["parity of 4", "XOR"],
    spare=[0, 2, 4],
    units=["tanh", "sigmoid", "ReLU"],
)
def local_minima_curves(problem: str = "parity of 4", spare: int = 0, units: str = "tanh", *, n_seeds: int = 100) -> Curves:
    """Follow the share of nets that solve it over the learning rate: alone, with hints, copies, random labels.

    Parameters
    ----------
    problem, units : str
        "XOR" or "parity of 4"; "tanh", "ReLU" or "sigmoid".
    spare : int
        Units beyond those that it needs.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of the share.
    """
    trial, n = LocalMinima(seeds=n_seeds, first_seed=2000), 2 if problem == "XOR" else 4
    arms = [
        Arm("alone", "single_task", alone(_parity_beside(n)), net=_net_of(units)),
        Arm("beside hints", "main", _parity_beside(n), net=_net_of(units)),
        Arm("beside copies", "control", _parity_beside(n, "copies"), net=_net_of(units)),
        Arm("beside random labels", "other", _parity_beside(n, "random"), net=_net_of(units)),
    ]
    roles: dict[str, Role] = {arm.label: arm.role for arm in arms}

    def solved(lr: float) -> dict[str, np.ndarray]:
        return {arm.label: trial.measured(arm, n + spare, lr)[SOLVED] for arm in arms}

    look = {"xlabel": "learning rate", "ylabel": SOLVED, "xscale": "log", "ylim": (0.0, 1.0)}
    return curves_of(solved, (0.005, 0.02, 0.05, 0.1, 0.3), roles, **look)
