"""Four questions that hide one hard feature: when do they help one another, and in how large a net?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, alone, beside_copies, beside_shuffled
from mtl_tutor.experiments._base import LAST, STOPPED, Sentence, Trial
from mtl_tutor.results import Curves, History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks.eight_bits import HARD, eight_bits

BOOLEAN, CONTROLS, ADVICE = "Caruana 1993", "Caruana 1997, §3.1", "Caruana 1997, §6"


@dataclass(frozen=True)
class EightBits(Trial):
    """Four tasks that all need the parity of seven bits learn it better together, if the net is large enough.

    Attributes
    ----------
    n_samples, n_fewer : patterns learned from, of 256, and a smaller number of them.
    n_small, n_large : hidden units of a net that is too small for four tasks, and of one that is not.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than ten patterns, no units, or too few seeds; patterns that `eight_bits` refuses.

    Source: Caruana (1993) for the tasks, whose results we could not read; the sentences are of 1997. Departures: all
    settings, which are ours: the number of patterns, tanh units, Adam, 400 steps over all patterns at once.
    """

    seeds: int = 192
    tuning_seeds: int = 21
    n_samples: int = 128
    n_fewer: int = 96
    n_small: int = 16
    n_large: int = 64

    name, chapter = "eight-bits", "why/caruana-1997"
    smallest = (("n_samples", 10), ("n_fewer", 10), ("n_small", 1), ("n_large", 1))
    widths, lrs, extensions, steps, eval_every = (16, 32, 64), (0.007, 0.02, 0.06), 1, 400, 20
    sentences = (
        Sentence("best", "Each at its best width: the four tasks lower the first one's error", BOOLEAN, "alone", "four"),
        Sentence("best-stopped", "... and that at the lowest validation loss", "ours", "alone", "four", measure=STOPPED),
        Sentence("fewer", "... and that after fewer patterns", "ours", "alone, fewer", "four, fewer"),
        Sentence("hint", "Parity itself as the only other task lowers it, too", "ours", "alone", "hint"),
        Sentence("hint-more", "... and more than the three others", "ours", "four", "hint"),
        Sentence("copies", "Copies of the first task lower it, too", ADVICE, "alone", "copies"),
        Sentence("trivial", "... and so do tasks that ask for a bit", "control", "alone", "trivial"),
        Sentence("shuffled", "With their labels shuffled, it is what it is alone", CONTROLS, "shuffled", "alone", margin=0.02),
        Sentence("small", "In 16 units the four tasks do harm", "ours", "four, small", "alone, small"),
        Sentence("large", "... in 64 they do good", "ours", "alone, large", "four, large"),
        Sentence("too-large", "Alone, 64 units are worse than 16", "ours", "alone, large", "alone, small"),
        Sentence("width", "... for four tasks they are better: the best width grows with the tasks", ADVICE, "four, small", "four, large"),
        Sentence("second", "In 64 units the second task helps, which tells parity where the first hides it", "ours", "alone, large", "+2"),
        Sentence("third", "... and more than the third, which tells it in the same places", "ours", "+3", "+2"),
        Sentence("fourth", "... and the fourth helps, which tells nothing that the first does not", "ours", "alone, large", "+4"),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh)

    def asked(self, *questions: int, n_samples: int = 0) -> Draw:
        """Ask the first task, and others beside it: 2 to 4, and 5 for parity."""
        names = [HARD[0], *(HARD[k - 1] for k in questions)]
        return lambda seed: eight_bits(names, n_samples or self.n_samples, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Companies of the first task at their best width, at given ones, and after fewer patterns."""
        four, bits = self.asked(2, 3, 4), (HARD[0], "B2", "B3", "B4")
        companies = {
            "alone": Arm("alone", "single_task", alone(four)),
            "four": Arm("four tasks", "main", four),
            "hint": Arm("parity as a hint", "other", self.asked(5)),
            "copies": Arm("copies", "third", beside_copies(four)),
            "trivial": Arm("three of the bits", "fourth", lambda seed: eight_bits(bits, self.n_samples, seed=seed)),
            "shuffled": Arm("shuffled tasks", "control", beside_shuffled(four)),
        }
        sized = {}
        for size, h in (("small", self.n_small), ("large", self.n_large)):
            sized |= {f"{name}, {size}": replace(companies[name], label=f"{name}, {h} units", n_hidden=h) for name in ("alone", "four")}
        sized |= {f"+{k}": Arm(f"tasks 1 and {k}", "third", self.asked(k), n_hidden=self.n_large) for k in (2, 3, 4)}
        fewer = self.asked(2, 3, 4, n_samples=self.n_fewer)
        return companies | sized | {
            "alone, fewer": Arm("alone, fewer patterns", "single_task", alone(fewer), like="alone"),
            "four, fewer": Arm("four tasks, fewer patterns", "main", fewer, like="four"),
        }  # fmt: skip

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The share of wrong answers to the first task."""
        return {LAST: history.last()[:, 0], STOPPED: history.best()[:, 0]}

    def validated(self, history: History) -> np.ndarray:
        """Tune for the last step."""
        return history.last("validation")[:, 0]


def units_for_parity(
    samples: int = 128, read: str = LAST, *, widths: Sequence[int] = (4, 8, 16, 32, 64, 128), n_seeds: int = 128
) -> Curves:
    """Follow the error over the number of hidden units, for every company; one learning rate (0.02), untuned.

    Parameters
    ----------
    samples : patterns learned from, of 256.
    read : a measure of the trial.
    widths, n_seeds : hidden units; nets per point, from seed 2000 on. The band is the 95% interval of their mean.
    """
    trial = EightBits(seeds=n_seeds, first_seed=2000, n_samples=samples)
    arms = [trial.arms()[name] for name in ("alone", "four", "hint", "copies", "shuffled")]
    lines = {arm.label: [bootstrap(trial.measured(arm, h, 0.02)[read]) for h in widths] for arm in arms}
    look = {"xlabel": "hidden units", "ylabel": "wrong answers to the first task", "ylim": (0.0, 0.5)}
    return Curves.of_intervals(np.array(widths, dtype=float), lines, roles={arm.label: arm.role for arm in arms}, xscale="log", **look)
