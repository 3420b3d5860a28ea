"""Four questions that hide one hard feature: when do they help one another, and in how large a net?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import Sampler, alone, beside_copies, beside_shuffled
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, within
from mtl_tutor.experiments.trial import LAST, STOPPED, Trial
from mtl_tutor.results import Curves, History
from mtl_tutor.tasks.eight_bits import HARD, eight_bits

BOOLEAN, CONTROLS, ADVICE = "Caruana 1993", "Caruana 1997, §3.1", "Caruana 1997, §6"


@dataclass(frozen=True)
class EightBits(Trial):
    """Four tasks that all need the parity of seven bits learn it better together, if the net is large
    enough.

    Attributes
    ----------
    n_samples, n_fewer : int
        Patterns learned from, of 256, and a smaller number of them.
    n_small, n_large : int
        Hidden units of a net that is too small for four tasks, and of one that is not.

    Raises
    ------
    ValueError
        Fewer than ten patterns, no units, or too few seeds; patterns that `eight_bits` refuses.

    Notes
    -----
    Source: Caruana (1993) for the tasks, whose results we could not read; the claims are of 1997. Departures: all
    settings, which are ours: the number of patterns, tanh units, Adam, 400 steps over all patterns at once.
    """

    seeds: int = 192
    tuning_seeds: int = 8
    n_samples: int = 128
    n_fewer: int = 96
    n_small: int = 16
    n_large: int = 64

    name = "eight-bits"
    failing_controls = ("trivial",)
    smallest = (("n_samples", 10), ("n_fewer", 10), ("n_small", 1), ("n_large", 1))
    widths = (16, 32, 64)
    lrs = (0.007, 0.02, 0.06)
    extensions = 1
    steps = 400
    eval_every = 20
    activation = nn.Tanh
    hypotheses = (
        Hypothesis("best", "Each at its best width: the four tasks lower the first one's error", BOOLEAN, "alone", "four"),
        Hypothesis("best-stopped", "... and that at the lowest validation loss", "ours", "alone", "four", measure=STOPPED),
        Hypothesis("fewer", "... and that after fewer patterns", "ours", "alone, fewer", "four, fewer"),
        Hypothesis("hint", "Parity itself as the only other task lowers it, too", "ours", "alone", "hint"),
        Hypothesis("hint-more", "... and more than the three others", "ours", "four", "hint"),
        Hypothesis("copies", "Copies of the first task lower it, too", ADVICE, "alone", "copies"),
        Hypothesis("trivial", "... and so do tasks that ask for a bit", "control", "alone", "trivial"),
        Hypothesis("shuffled", "With their labels shuffled, it is what it is alone", CONTROLS, "shuffled", "alone", within(0.02)),
        Hypothesis("small", "In 16 units the four tasks do harm", "ours", "four, small", "alone, small", scale="harm"),
        Hypothesis("large", "... in 64 they do good", "ours", "alone, large", "four, large"),
        Hypothesis("too-large", "Alone, 64 units are worse than 16", "ours", "alone, large", "alone, small", scale="harm"),
        Hypothesis(
            *("width", "... for four tasks they are better: the best width grows with the tasks", ADVICE, "four, small", "four, large")
        ),
        Hypothesis(
            *("second", "In 64 units the second task helps, which tells parity where the first hides it", "ours", "alone, large", "+2")
        ),
        Hypothesis("third", "... and more than the third, which tells it in the same places", "ours", "+3", "+2"),
        Hypothesis("fourth", "... and the fourth helps, which tells nothing that the first does not", "ours", "alone, large", "+4"),
    )

    def asked(self, *questions: int, n_samples: int = 0) -> Sampler:
        """Ask the first task, and others beside it: 2 to 4, and 5 for parity."""
        names = [HARD[0], *(HARD[k - 1] for k in questions)]
        return lambda seed: eight_bits(names, n_samples or self.n_samples, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """The first task beside others, at the best width, at given ones, and after fewer patterns."""
        four, bits = self.asked(2, 3, 4), (HARD[0], "B2", "B3", "B4")
        fewer = self.asked(2, 3, 4, n_samples=self.n_fewer)
        arms = {
            "alone": Arm("alone", "single_task", alone(four)),
            "four": Arm("four tasks", "main", four),
            "hint": Arm("parity as a hint", "other", self.asked(5)),
            "copies": Arm("copies", "third", beside_copies(four)),
            "trivial": Arm("three of the bits", "fourth", lambda seed: eight_bits(bits, self.n_samples, seed=seed)),
            "shuffled": Arm("shuffled tasks", "control", beside_shuffled(four)),
        }
        for size, h in (("small", self.n_small), ("large", self.n_large)):
            arms |= {f"{name}, {size}": replace(arms[name], label=f"{name}, {h} units", n_hidden=h) for name in ("alone", "four")}
        arms |= {f"+{k}": Arm(f"tasks 1 and {k}", "third", self.asked(k), n_hidden=self.n_large) for k in (2, 3, 4)}
        arms["alone, fewer"] = Arm("alone, fewer patterns", "single_task", alone(fewer), like="alone")
        arms["four, fewer"] = Arm("four tasks, fewer patterns", "main", fewer, like="four")
        return arms

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The share of wrong answers to the first task."""
        return {LAST: history.last()[:, 0], STOPPED: history.best()[:, 0]}

    def validated(self, history: History) -> np.ndarray:
        """Tune for the last step."""
        return history.last("validation")[:, 0]


@recorded(
    "eight-bits",
    title="How large must the net be for four tasks?",
    alt="Four tasks are worse than one in small nets and better in large ones; shuffled tasks are worst everywhere.",
    samples=[64, 96, 128],
    read=["error at the last step", "error at the best validation step"],
)
def eight_bits_curves(samples: int = 128, read: str = LAST, *, n_seeds: int = 128) -> Curves:
    """Follow the error over the number of hidden units, beside several auxiliary tasks; one learning
    rate (0.02), untuned.

    Parameters
    ----------
    samples : int
        Patterns learned from, of 256.
    read : str
        A measure of the trial.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = EightBits(seeds=n_seeds, first_seed=2000, n_samples=samples)
    arms, widths = ("alone", "four", "hint", "copies", "shuffled"), (4, 8, 16, 32, 64, 128)
    look = {"xlabel": "hidden units", "ylabel": "wrong answers to the first task", "ylim": (0.0, 0.5), "xscale": "log"}
    return trial.curves("n_hidden", widths, arms, lr=0.02, measure=read, **look)
