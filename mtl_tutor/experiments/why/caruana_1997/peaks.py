"""Does a net that is told nothing of how its tasks are related find out which of them belong together?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.stats import rankdata
from torch import nn

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, above, below, within
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tasks import TaskData, shuffled_labels
from mtl_tutor.tasks.peaks import peaks
from mtl_tutor.training import train
from mtl_tutor.tuning import Setting

TRAINED, UNTRAINED, SHUFFLED = "trained", "untrained", "shuffled"
SMALL, SPREAD, SIGNED = "trained, small start", "trained, spread", "trained, signed"
PAPER, ANY, TEST = "Caruana 1997, §3.3", "any variables", "the test among them"
WHERE = {"from small first weights": "small", "where a unit's spread counts": "spread"}


def head_weights(history: History) -> Float[np.ndarray, "seed task hidden"]:
    """The weight that leads from each hidden unit to each task's output."""
    return np.stack([history.parameters[f"heads.{task}.weight"][:, 0] for task in range(len(history.tasks))], axis=1)


def spread_of_units(history: History, x: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "seed 1 hidden"]:
    """Standard deviation of each tanh unit's activation over some samples, for a trunk of one layer."""
    weight, bias = history.parameters["trunk.0.weight"], history.parameters["trunk.0.bias"]
    return np.tanh(x @ weight.swapaxes(1, 2) + bias[:, None]).std(axis=1, keepdims=True)


def pairs(names: Sequence[str]) -> dict[str, Bool[np.ndarray, "task task"]]:
    """Group the pairs of tasks, each once, by how many letters their names share; "2, test" if the first letter is among these.

    Examples
    --------
    >>> {group: int(chosen.sum()) for group, chosen in pairs(["ABC", "ACB", "BDE", "DEF"]).items()}
    {'0': 2, '1': 2, '2': 1, '3': 1, '1, test': 0, '2, test': 0, '3, test': 1}
    """
    shared = np.array([[len({*one} & {*other}) for other in names] for one in names])
    test = np.array([[one[0] == other[0] for other in names] for one in names])
    once = np.triu(np.ones_like(test), 1)
    return {f"{n}": once & (shared == n) for n in range(4)} | {f"{n}, test": once & test & (shared == n) for n in (1, 2, 3)}


def shared_units(sensitivity: Float[np.ndarray, "seed task hidden"], names: Sequence[str]) -> dict[str, Float[np.ndarray, "seed"]]:
    """Rank the units for each task and correlate the ranks between tasks: group of pairs -> mean correlation, in each net.

    Examples
    --------
    >>> one, other = [0.1, 0.2, 0.9, 0.4], [5.0, 6.0, 9.0, 8.0]  # the same order
    >>> shared_units(np.array([[one, other, other, one]]), ["ABC", "ACB", "ADE", "FDB"])["3, test"].round(6)
    array([1.])
    """
    ranks = rankdata(sensitivity, axis=2)
    correlation = np.array([np.corrcoef(net) for net in ranks])
    return {group: correlation[:, chosen].mean(axis=1) for group, chosen in pairs(names).items() if chosen.any()}


def _hypothesis(
    key: str, text: str, source: str, treatment: str, reference: str | None = None, rule: Rule | None = None, nets: str = TRAINED
) -> Hypothesis:
    """Compare two groups of pairs, in the nets that the measure names."""
    return Hypothesis(key, text, source, treatment, reference, rule or above(0.02), measure=nets)


@dataclass(frozen=True)
class Peaks(Experiment):
    """A net that learns 120 functions at once shares its units among those that have variables in common.

    For each output, IF one variable > 1/2 THEN a second ELSE a third, the units are ranked by the size of the weight that
    leads there; the ranks of two outputs are correlated. Conditions are groups of pairs of tasks, measures are kinds of nets.

    Attributes
    ----------
    n_variables, n_samples : int
        As in `peaks`; six variables at least, or any two functions have one in common.
    n_hidden, steps : int
        Units of the trunk, and training steps.

    Raises
    ------
    ValueError
        Fewer than 20 nets, six variables, two units, one sample or step; or variables that `peaks` refuses.

    Notes
    -----
    Source: Caruana (1997, §3.3). It counts 15,360 sensitivities; 120 outputs times 64 units are 7,680. Departures: what sensitivity
    is (the slope of an output along a unit: with linear outputs, their weight), tanh, Adam, samples; and many nets.
    """

    seeds: int = 64
    n_variables: int = 6
    n_samples: int = 200
    n_hidden: int = 64
    steps: int = 300

    name = "peaks"
    findings = ("one",)
    smallest = (("n_variables", 6), ("n_samples", 1), ("n_hidden", 2), ("steps", 1))
    hypotheses = (
        Hypothesis("none", "Tasks without a common variable avoid each other's units", PAPER, "0", rule=below(), unless=WHERE),
        _hypothesis("one", "Tasks with one variable in common share more units than tasks with none", PAPER, "1", "0"),
        _hypothesis("two", "... those with two still more", PAPER, "2", "1"),
        _hypothesis("three", "... and those with all three the most", PAPER, "3", "2"),
        _hypothesis("same-one", "Of tasks with one variable in common, those that both test it share more", PAPER, "1, test", "1"),
        _hypothesis("same-two", "... of those with two, too", PAPER, "2, test", "2"),
        _hypothesis("same-three", "... and of those with three", PAPER, "3, test", "3"),
        _hypothesis("signs", "ABC and ACB use the same units with opposite signs", "ours", "3, test", None, below(-0.2), SIGNED),
        _hypothesis(
            *("small", "From small first weights, too, tasks without a common variable avoid each other", "ours", "0", None, below(), SMALL)
        ),
        _hypothesis("small-rise", "... and those with three in common share more", "ours", "3", "0", above(0.05), SMALL),
        _hypothesis("spread", "Where a unit's spread counts, too, they avoid each other", "ours", "0", None, below(), SPREAD),
        _hypothesis("spread-rise", "... and those with three in common share more", "ours", "3", "0", above(0.05), SPREAD),
        _hypothesis(
            *("untrained", "Before training common variables make no difference", "control", "3, test", "0", within(0.03), UNTRAINED)
        ),
        _hypothesis("shuffled", "... nor after training on shuffled labels", "control", "3, test", "0", within(0.03), SHUFFLED),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.data(0)  # which checks the rest

    def data(self, seed: int) -> TaskData:
        """Draw the samples of one net."""
        return peaks(self.n_variables, self.n_samples, seed=seed)

    def trained(self, start: float = 1.0, *, shuffled: bool = False, lr: float = 0.02, steps: int | None = None) -> History:
        """Train every net on all functions at once, from first weights of such a scale."""
        draw = (lambda seed: shuffled_labels(self.data(seed), range(len(names)), seed=seed)) if shuffled else self.data
        names, n_features = self.data(0).tasks, self.data(0).n_features
        net = HardSharing(n_features, self.n_hidden, len(names), activation=nn.Tanh, init_scale=start)
        n_steps = self.steps if steps is None else steps
        return train(net, draw, seeds=self.seed_range, steps=n_steps, lr=lr, eval_every=n_steps, n_jobs=self.n_jobs)

    def untrained(self, start: float = 1.0) -> History:
        """Nets as they start: one step at a learning rate of nearly zero."""
        return self.trained(start, lr=1e-12, steps=1)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train, and correlate the units of each group of pairs: group -> nets -> mean rank correlation."""
        trained = self.trained()
        weights = head_weights(trained)
        sensitivity = {TRAINED: abs(weights), SIGNED: weights}
        sensitivity[SPREAD] = abs(weights) * spread_of_units(trained, self.data(self.first_seed).train.x)
        sensitivity[SMALL] = abs(head_weights(self.trained(0.3)))
        sensitivity[SHUFFLED] = abs(head_weights(self.trained(shuffled=True)))
        sensitivity[UNTRAINED] = abs(head_weights(self.untrained()))
        found = {nets: shared_units(values, trained.tasks) for nets, values in sensitivity.items()}
        return {group: {nets: groups[group] for nets, groups in found.items()} for group in found[TRAINED]}

    def beside(self, result: Result, hypothesis: Hypothesis) -> Sequence[Interval | None]:
        """The control is the same comparison in untrained nets."""
        return None, result.interval(hypothesis.treatment, hypothesis.reference, UNTRAINED)


def rank_curves(result: Result, nets: str = TRAINED) -> Curves:
    """Picture the correlation over the number of common variables in some nets, and beside them untrained ones."""
    lines = {ANY: (nets, "0", "1", "2", "3"), TEST: (nets, "1, test", "2, test", "3, test"), UNTRAINED: (UNTRAINED, "0", "1", "2", "3")}
    roles: dict[str, Role] = {ANY: "main", TEST: "other", UNTRAINED: "control"}
    rows = {name: [bootstrap(result.values(group, of)) for group in groups] for name, (of, *groups) in lines.items()}
    y, low, high = (
        # without a common variable there is no common test: that line starts at 1
        {name: np.array([np.nan] * (4 - len(row)) + [getattr(interval, edge) for interval in row]) for name, row in rows.items()}
        for edge in ("estimate", "low", "high")
    )
    return Curves(np.arange(4.0), y, low, high, roles, "variables in common", "rank correlation of their units", ylim=(-0.2, 0.7))


@recorded(
    "peaks",
    title="Who shares units with whom?",
    alt="The more variables two tasks have in common, the more they use the same units, most of all if both test the same one.",
    units=[16, 32, 64],
    steps=[10, 30, 100, 300, 1000],
    start=[0.3, 1.0],
)
def peaks_curves(units: int = 64, steps: int = 300, start: float = 1.0, *, n_seeds: int = 64) -> Curves:
    """Follow the rank correlation over the number of variables that two tasks have in common.

    Parameters
    ----------
    units, steps : int
        Hidden units, and training steps.
    start : float
        Scale of the first weights.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = Peaks(seeds=n_seeds, first_seed=2000, n_hidden=units, steps=steps)
    nets = {TRAINED: trial.trained(start), UNTRAINED: trial.untrained(start)}
    found = {name: shared_units(abs(head_weights(history)), history.tasks) for name, history in nets.items()}
    return rank_curves(Result({group: {name: groups[group] for name, groups in found.items()} for group in found[TRAINED]}))
