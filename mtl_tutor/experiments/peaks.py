"""Does a net that is told nothing of how its tasks are related find out which of them belong together?"""

from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._shared_units import TRAINED, UNTRAINED, SharedUnits, head_weights, sharing, spread_of_units
from mtl_tutor.experiments._verdicts import decided
from mtl_tutor.results import Claim, Curves, History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, shuffled_labels
from mtl_tutor.tasks.peaks import peaks
from mtl_tutor.training import train

PAPER, SMALL, SPREAD, SIGNED, SHUFFLED = "Caruana 1997, §3.3", "trained, small start", "trained, spread", "trained, signed", "shuffled"
WHERE = {"from small first weights": "small", "where a unit's spread counts": "spread"}
SENTENCES = (  # what is compared are groups of pairs; the measure says in which nets, and how they are looked at
    Sentence("none", "Tasks without a common variable avoid each other's units", PAPER, "0", most=0, unless=WHERE),
    Sentence("one", "... those with one in common share more units", PAPER, "1", "0", 0.02),
    Sentence("two", "... those with two still more", PAPER, "2", "1", 0.02),
    Sentence("three", "... and those with all three the most", PAPER, "3", "2", 0.02),
    Sentence("same-one", "Of tasks with one variable in common, those that both test it share more", PAPER, "1, test", "1", 0.02),
    Sentence("same-two", "... of those with two, too", PAPER, "2, test", "2", 0.02),
    Sentence("same-three", "... and of those with three", PAPER, "3, test", "3", 0.02),
    Sentence("signs", "ABC and ACB use the same units with opposite signs", "ours", "3, test", most=-0.2, measure=SIGNED),
    Sentence(
        "small", "From small first weights, too, tasks without a common variable avoid each other", "ours", "0", most=0, measure=SMALL
    ),
    Sentence("small-rise", "... and those with three in common share more", "ours", "3", "0", 0.05, measure=SMALL),
    Sentence("spread", "Where a unit's spread counts, too, they avoid each other", "ours", "0", most=0, measure=SPREAD),
    Sentence("spread-rise", "... and those with three in common share more", "ours", "3", "0", 0.05, measure=SPREAD),
    Sentence("untrained", "Before training common variables make no difference", "control", "3, test", "0", margin=0.03, measure=UNTRAINED),
    Sentence("shuffled", "... nor after training on shuffled labels", "control", "3, test", "0", margin=0.03, measure=SHUFFLED),
)


@dataclass(frozen=True)
class Peaks:
    """A net that learns 120 functions at once shares its units among those that have variables in common.

    For each output, IF one variable > 1/2 THEN a second ELSE a third, the units are ranked by the size of the weight that
    leads there; the ranks of two outputs are correlated.

    Attributes
    ----------
    seeds, first_seed : how many nets, each with samples and a start of its own, and the first of their seeds.
    n_variables, n_samples : of `peaks`; six variables at least, or any two functions have one in common.
    n_hidden, steps : units of the trunk, and training steps.

    Raises
    ------
    ValueError : fewer than 20 nets, six variables, two units, one sample or step; or variables that `peaks` refuses.

    Source: Caruana (1997, §3.3). It counts 15,360 sensitivities; 120 outputs times 64 units are 7,680. Departures: what sensitivity
    is (the slope of an output along a unit: with linear outputs, their weight), tanh, Adam, samples; and many nets.
    """

    seeds: int = 64
    first_seed: int = 1000
    n_variables: int = 6
    n_samples: int = 200
    n_hidden: int = 64
    steps: int = 300

    name = "peaks"
    chapter = "why/caruana-1997"

    def __post_init__(self) -> None:
        least = ("n_variables", 6), ("n_samples", 1), ("n_hidden", 2), ("steps", 1)
        check_least(self, ("seeds", 20), ("first_seed", 0), *least)
        self.data(0)  # which checks the rest

    def data(self, seed: int) -> TaskData:
        """Draw the samples of one net."""
        return peaks(self.n_variables, self.n_samples, seed=seed)

    def trained(self, start: float = 1.0, *, shuffled: bool = False, lr: float = 0.02) -> History:
        """Train every net on all functions at once, from first weights of such a scale."""
        draw = (lambda seed: shuffled_labels(self.data(seed), range(len(names)), seed=seed)) if shuffled else self.data
        names, n_features = self.data(0).tasks, self.data(0).n_features
        net = HardSharing(n_features, self.n_hidden, len(names), activation=nn.Tanh, init_scale=start)
        seeds = np.arange(self.first_seed, self.first_seed + self.seeds)
        return train(net, draw, seeds=seeds, steps=self.steps, lr=lr, eval_every=self.steps, n_jobs=1)

    def run(self, *, progress: bool = False) -> SharedUnits:
        """Train, compare, and decide, in a quarter of a minute; `progress` has nothing to show."""
        trained = self.trained()
        weights = head_weights(trained)
        spread = spread_of_units(trained, self.data(self.first_seed).train.x)
        found = {TRAINED: abs(weights), SPREAD: abs(weights) * spread, SIGNED: weights}
        found |= {SMALL: abs(head_weights(self.trained(0.3))), SHUFFLED: abs(head_weights(self.trained(shuffled=True)))}
        found[UNTRAINED] = abs(head_weights(replace(self, steps=1).trained(lr=1e-12)))
        result = SharedUnits({nets: sharing(sensitivity, trained.tasks) for nets, sensitivity in found.items()})
        return replace(result, claims=tuple(_claims(result)))


def _claims(result: SharedUnits) -> list[Claim]:
    effects = {s.id: result.interval(s.more, s.less, s.measure) for s in SENTENCES}
    return decided("peaks", SENTENCES, effects, {s.id: (None, result.interval(s.more, s.less, UNTRAINED)) for s in SENTENCES})


def shared_variables(units: int = 64, steps: int = 300, start: float = 1.0, *, n_seeds: int = 64) -> Curves:
    """Follow the rank correlation over the number of variables that two tasks have in common.

    Parameters
    ----------
    units, steps : hidden units, and training steps.
    start : scale of the first weights.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = Peaks(seeds=n_seeds, first_seed=2000, n_hidden=units, steps=steps)
    nets = {TRAINED: trial.trained(start), UNTRAINED: replace(trial, steps=1).trained(start, lr=1e-12)}
    return SharedUnits({name: sharing(abs(head_weights(history)), history.tasks) for name, history in nets.items()}).curves()
