"""Do other tasks shake a net out of local minima?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, alone
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import wilson
from mtl_tutor.tasks import TaskData, only_tasks, parity
from mtl_tutor.training import SGD

TEXT, HINTS, SOLVED = "source text 003, why it works", "Suddarth and Kergosien 1990", "share of nets that solve it"
WIDE, UNITS = {"in nets of 16 units": "wide"}, {"tanh": nn.Tanh, "ReLU": nn.ReLU, "sigmoid": nn.Sigmoid}


@dataclass(frozen=True)
class LocalMinima(Trial):
    """Other tasks lead a net out of local minima in which it would be caught alone.

    Parity of four bits in four units, XOR in two, as few as can do it; solved if all patterns, all learned from, are right at the end.

    Attributes
    ----------
    n_bits, n_hidden, n_wide : bits of the larger problem, units that just suffice for it, and units of a wide net.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial. Learning rates are tuned, widths are not.

    Raises
    ------
    ValueError : fewer than three bits, no units, or too few seeds.

    Source: the claim of source text 003; hints as in Suddarth and Kergosien (1990). Departures: the set-up is ours.
    """

    seeds: int = 384
    tuning_seeds: int = 170
    n_bits: int = 4
    n_hidden: int = 4
    n_wide: int = 16

    name, chapter, smallest, control = "local-minima", "why/local-minima", (("n_bits", 3), ("n_hidden", 1), ("n_wide", 1)), "random"
    lrs, extensions, steps, eval_every = (0.02, 0.05, 0.1), 1, 500, 500
    sentences = (
        Sentence("hints", "Easier questions about the same bits lead more nets to parity", TEXT, "hints", "alone", 0.1, unless=WIDE),
        Sentence("not-copies", "... more than copies of it", "control", "hints", "copies", 0.1),
        Sentence("not-random", "... and more than random labels", "control", "hints", "random", 0.1),
        Sentence("copies", "Copies of parity do, too", "control", "copies", "alone", 0.1),
        Sentence("random", "... and random labels", TEXT, "random", "alone", 0.1),
        Sentence("trivial", "... and questions that are trivial", "control", "inputs", "alone", 0.1),
        Sentence("other", "... and the same kind of question about other counts", "ours", "flipped counts", "alone", 0.1),
        Sentence("sigmoid", "Hints help sigmoid units, too", "ours", "hints, sigmoid", "alone, sigmoid", 0.1),
        Sentence("relu", "... and ReLU units", "ours", "hints, ReLU", "alone, ReLU", 0.1),
        Sentence("sgd", "... and SGD with momentum", "ours", "hints, SGD", "alone, SGD", 0.1),
        Sentence("wide", "... and nets of 16 units", "ours", "hints, wide", "alone, wide", 0.1),
        Sentence("adam", "Alone, Adam leads more nets there than SGD does", "source text 002 §3", "alone", "alone, SGD", 0.1),
        Sentence("or-and", "Caruana's four questions with AND and OR lead more nets to the first", "ours", "or-and", "or alone", 0.1),
        Sentence("xor", "OR and AND lead more nets to XOR", HINTS, "xor, hints", "xor", 0.1),
        Sentence("xor-trivial", "... and so does one trivial question", "control", "xor, one input", "xor", 0.1),
        Sentence("xor-random", "... and so do random labels", "control", "xor, random", "xor", 0.1),
    )

    def net(self, data: TaskData, n_hidden: int, units: str = "tanh") -> nn.Module:
        """A trunk of tanh units, or others."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=UNITS[units])

    def arms(self) -> Mapping[str, Arm]:
        """Parity beside hints and beside five controls; other units, optimiser and width; Caruana's questions; XOR."""
        beside = {name: questions(self.n_bits, name) for name in ("copies", "random", "inputs", "constants", "flipped counts")}
        narrow: dict[str, Any] = {"n_hidden": self.n_hidden}
        counts = questions(self.n_bits)
        pair = {"alone": Arm("alone", "single_task", alone(counts), **narrow), "hints": Arm("hints", "main", counts, **narrow)}
        kinds: dict[str, dict[str, Any]] = {unit: {"net": partial(self.net, units=unit)} for unit in ("sigmoid", "ReLU")}
        kinds |= {"SGD": {"optimizer": SGD(momentum=0.9)}, "wide": {"n_hidden": self.n_wide}}
        others = {}
        for kind, how in kinds.items():
            others |= {f"{name}, {kind}": replace(arm, label=f"{name}, {kind}", **how) for name, arm in pair.items()}
        return pair | others | {name: Arm(name, "control", draw, **narrow) for name, draw in beside.items()} | {
            "or alone": Arm("first bit or parity", "single_task", alone(questions(self.n_bits, "or-and")), n_hidden=3),
            "or-and": Arm("... beside three like it", "main", questions(self.n_bits, "or-and"), n_hidden=3),
            "xor": Arm("XOR alone", "single_task", alone(questions(2)), n_hidden=2),
            "xor, hints": Arm("XOR, hints", "main", questions(2), n_hidden=2),
            "xor, one input": Arm("XOR, one input", "control", lambda seed: only_tasks(questions(2, "inputs")(seed), [0, 1]), n_hidden=2),
            "xor, random": Arm("XOR, random", "control", questions(2, "random"), n_hidden=2),
        }

    def validated(self, history: History) -> np.ndarray:
        """Tune for what is measured: the share of nets that do not solve it."""
        return 1.0 * (history.last("validation")[:, 0] > 0)

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Whether the main question is answered for every pattern."""
        return {SOLVED: history.last()[:, 0] == 0}


def questions(n_bits: int, company: str = "counts") -> Draw:
    """Ask for parity and beside it other questions, which may depend on the seed."""
    return lambda seed: parity(n_bits, company, seed=seed)


def ways_out(problem: str = "parity of 4", spare: int = 0, units: str = "tanh", *, n_seeds: int = 100) -> Curves:
    """Follow the share of nets that solve it over the learning rate: alone, with hints, copies, random labels.

    Parameters
    ----------
    problem, spare, units : "XOR" or "parity of 4"; units beyond those that it needs; "tanh", "ReLU" or "sigmoid".
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of the share.
    """
    trial, n, x = LocalMinima(seeds=n_seeds, first_seed=2000), 2 if problem == "XOR" else 4, np.array([0.005, 0.02, 0.05, 0.1, 0.3])
    draws = {"alone": alone(questions(n)), "beside hints": questions(n)}
    draws |= {"beside copies": questions(n, "copies"), "beside random labels": questions(n, "random")}
    roles: dict[str, Role] = {"alone": "single_task", "beside hints": "main", "beside copies": "control", "beside random labels": "other"}
    arms = {name: Arm(name, roles[name], draw, net=partial(trial.net, units=units)) for name, draw in draws.items()}
    lines = {name: [wilson(trial.measured(arm, n + spare, lr)[SOLVED]) for lr in x] for name, arm in arms.items()}
    return Curves.of_intervals(x, lines, roles=roles, xscale="log", xlabel="learning rate", ylabel=SOLVED, ylim=(0.0, 1.0))
