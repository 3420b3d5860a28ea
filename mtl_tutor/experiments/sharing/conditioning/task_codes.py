"""Two numbers per task: nets that are told by a code which of twenty curves is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments.controls import Sampler, beside_shuffled
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.conditioning.code_nets import (
    KINDS,
    N_TUNING,
    NetKind,
    circular_order,
    codes_of,
    curves,
    explained,
    strangers,
)
from mtl_tutor.results import History
from mtl_tutor.sharing import TaskConditioned
from mtl_tutor.tasks import TaskData
from mtl_tutor.tuning import Setting

ERROR = "mean squared error per curve (no unit)"
PLANE, ORDER = "R² of the planted codes", "circular order"
ALL = {
    **KINDS,
    "one number": NetKind(partial(TaskConditioned, n_code=1)),
    "eight numbers": NetKind(partial(TaskConditioned, n_code=8)),
}


@dataclass(frozen=True)
class TaskCodes(Experiment):
    """Twenty curves of a few points each are better learned by one net that two numbers tell which is asked.

    A fifth of the error counts as a gain.

    Attributes
    ----------
    seeds, first_seed, n_jobs
        As in `Experiment`: nets of each kind, each with curves of its own.
    n_tasks, n_samples : int
        How many curves, and points of each; as many more points choose settings and when to stop.
    noise : float
        Standard deviation of the labels' noise.

    Raises
    ------
    ValueError
        Too few seeds, fewer than three curves, no points, or negative noise.

    Notes
    -----
    Source: Perez et al. (2018), Ha et al. (2017). Departures: the problem, the codes' being learned, and every number are ours.
    """

    seeds: int = 48
    n_tasks: int = 20
    n_samples: int = 8
    noise: float = 0.2

    name = "task-codes"
    findings = ("film", "plane")
    failing_controls = ("strangers", "plane-shuffled", "order-shuffled")
    smallest = (("n_tasks", 3), ("n_samples", 1), ("noise", 0))
    hypotheses = (
        Hypothesis("film", "Eight points per curve: a code that scales and shifts units saves a fifth", "Perez et al. 2018",
                   "film", "alone", below(-0.2), ratio),
        Hypothesis("hypernetwork", "... and so does a code that writes the net", "Ha et al. 2017",
                   "hypernetwork", "alone", below(-0.2), ratio),
        Hypothesis("strangers", "... also where curves are unrelated, so that no two numbers tell them apart", "control",
                   "film, strangers", "alone, strangers", below(-0.2), ratio),
        Hypothesis("embedding", "A code beside the input errs less than a net per curve", "ours",
                   "embedding", "alone", below(), ratio),
        Hypothesis("hard", "Scaled units err less than a common trunk with a head per curve", "ours",
                   "film", "hard", below(), ratio),
        Hypothesis("input", "... and less than with the code beside the input", "ours", "film", "embedding", below(), ratio),
        Hypothesis("one", "... and less than with a code of one number", "ours", "film", "one number", below(), ratio),
        Hypothesis("eight", "... and less than with one of eight", "ours", "film", "eight numbers", below(), ratio),
        Hypothesis("plane", "A linear map reads the planted plane off the learned codes: R² above a half", "ours",
                   "film", rule=above(0.5), measure=PLANE),
        Hypothesis("plane-shuffled", "... also from curves that were shuffled", "control",
                   "film, shuffled", rule=above(0.5), measure=PLANE),
        Hypothesis("order", "Codes stand around their centre in the order of the phases: above 0.7 of 1", "ours",
                   "film", rule=above(0.7), measure=ORDER),
        Hypothesis("order-shuffled", "... also those of shuffled curves", "control",
                   "film, shuffled", rule=above(0.7), measure=ORDER),
    )

    def tuned(self) -> Sequence[str]:
        """Every kind of net; controls take the setting of what they control."""
        return list(ALL)

    def tune(self, name: str) -> Setting:
        """Choose a width and a learning rate by the mean validation error of the curves."""
        return ALL[name].tune(self.draw, self.tuning_range(N_TUNING), n_jobs=self.n_jobs)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train all kinds of net, and compare the learned codes with the planted ones."""

        def trained(kind: str, draw: Sampler) -> History:
            return ALL[kind].trained(draw, self.seed_range.tolist(), settings[kind], self.n_jobs)

        measured = {}
        for kind in self._shown(list(ALL), "training", progress):
            history = trained(kind, self.draw)
            measured[kind] = {ERROR: history.best().mean(axis=1)} | (self.places(history) if kind == "film" else {})
        for kind in ("film", "alone"):
            measured[f"{kind}, strangers"] = {ERROR: trained(kind, self.strangers).best().mean(axis=1)}
        return measured | {"film, shuffled": self.places(trained("film", beside_shuffled(self.draw)))}

    def draw(self, seed: int) -> TaskData:
        """Draw a seed's curves."""
        return curves(seed, self.n_tasks, self.n_samples, self.noise).data

    def strangers(self, seed: int) -> TaskData:
        """Draw curves that have no code of two numbers."""
        return strangers(self.draw(seed), self.noise, seed)

    def places(self, history: History) -> dict[str, Float[np.ndarray, "seed"]]:
        """Compare the learned codes with the planted ones."""
        truths = [curves(int(seed), self.n_tasks, self.n_samples, self.noise).truth for seed in history.seeds]
        pairs = list(zip(truths, codes_of(history), strict=True))
        plane = [explained(truth["code"], codes) for truth, codes in pairs]
        order = [circular_order(truth["phase"], codes) for truth, codes in pairs]
        return {PLANE: np.array(plane), ORDER: np.array(order)}
