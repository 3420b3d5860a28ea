"""Do laboratory tests that come too late to be inputs help as extra outputs?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments.arms import Arm, best_of
from mtl_tutor.experiments.controls import Sampler, alone, beside_shuffled
from mtl_tutor.experiments.curves import interval_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, above, below, ratio, within
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.experiments.why.caruana_1997.pneumonia_data import (
    FOP,
    FRACTIONS,
    RISK,
    SAFEST,
    death_squared,
    known_tests,
    repaired,
    risk_among_safest,
)
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.tasks.patients import patients
from mtl_tutor.training import SGD

TABLE_3, TABLE_4, SHUFFLING = "Caruana 1997, Table 3", "Caruana 1997, Table 4, beside rankprop", "Caruana 1997, §3.1"
TEXTS = ("35 tests as extra outputs: fewer deaths among the 10% ranked safest", *(f"... among {f:.0%}" for f in FRACTIONS[1:]))
PRINTED = (-0.108, -0.118, -0.062, -0.069, -0.057)
WEIGHTS, DECAY, STRONGER = (0.1, 0.3), 0.03, 0.1


def _third(key: str, text: str, source: str, treatment: str, reference: str, rule: Rule) -> Hypothesis:
    return Hypothesis(key, text, source, treatment, reference, rule, ratio, FOP[0.3])


@dataclass(frozen=True)
class Pneumonia(Trial):
    """Tests that come too late to be inputs help, as extra outputs, to tell which patients are safe.

    Where no fraction is named it is 30%. Arms are tuned for the mean over five; those beside tests
    also in the weight of each test, 0.1 or 0.3, and those that learn death alone in their weight decay, 0.03 or 0.1, so
    that all choose among equally many.

    Attributes
    ----------
    n_samples, n_labs, relatedness : int, int, float
        As in `patients`.

    Raises
    ------
    ValueError
        Too few patients, tests or seeds, or a negative relatedness; `patients` refuses one above 1.

    Notes
    -----
    Source: Caruana (1997, §2.3, §4.2). Departures: 300 simulated patients; cross-entropy, not rankprop; last step; tuned on 4,000 more.
    """

    seeds: int = 128
    tuning_seeds: int = 8
    n_samples: int = 300
    n_labs: int = 35
    relatedness: float = 0.5

    name = "pneumonia"
    findings = ("fop-0.1",)
    control = "repaired"
    smallest = (("n_samples", 20), ("n_labs", 1), ("relatedness", 0))
    widths = (8, 32)
    lrs = (0.01, 0.02, 0.04)
    extensions = 1
    steps = 100
    eval_every = 100
    optimizer = SGD(momentum=0.9)
    activation = nn.Tanh
    init_scale = 0.1  # a trunk that starts all but silent
    hypotheses = (
        *(
            Hypothesis(f"fop-{f:.1f}", text, TABLE_3, "joint", "alone", below(), ratio, FOP[f], change)
            for f, text, change in zip(FRACTIONS, TEXTS, PRINTED, strict=True)
        ),
        _third("pairing", "Tests of the same patients help more than others'", "source text 003", "joint", "repaired", below()),
        _third("shuffled", "Shuffled tests leave the net as good as alone", SHUFFLING, "shuffled", "alone", within(0.05)),
        _third("unrelated", "Tests of the same patients that show harmless traits do harm", "ours", "unrelated", "alone", above()),
        _third("known", "If they came in time, the tests would help more as inputs", "ours", "known", "joint", below()),
        _third("double", "Twice the patients help more than 35 tests", "ours", "double", "joint", below()),
        Hypothesis(
            *("squared", "Squared error for death, too, saves 5% more (of 10%)", TABLE_4, "squared", "joint"),
            *(below(-0.05), ratio, FOP[0.1], -0.108),
        ),
    )

    def ward(self, n_samples: int = 0, relatedness: float = -1) -> Sampler:
        """Sampler the patients to learn from; others judge."""
        n, share = n_samples or self.n_samples, self.relatedness if relatedness < 0 else relatedness
        return lambda seed: patients(n, n_labs=self.n_labs, relatedness=share, n_test=10, seed=seed)

    def beside_tests(self, label: str, role: Role, draw: Sampler, others: int = 0) -> Arm:
        """Learn death beside tests, of the better of two weights, and beside so many other tasks."""
        methods = {w: FixedWeighting((1.0, *[w] * self.n_labs, *[1.0] * others)) for w in WEIGHTS}
        return best_of(label, role, [Arm(f"weight {w:g}", role, draw, method=how, weight_decay=DECAY) for w, how in methods.items()])

    def by_itself(self, label: str, role: Role, draw: Sampler) -> Arm:
        """Learn death alone, with the better of two weight decays: as many choices as beside tests."""
        return best_of(label, role, [Arm(f"decay {decay:g}", role, draw, weight_decay=decay) for decay in (DECAY, STRONGER)])

    def arms(self) -> Mapping[str, Arm]:
        """Death alone and beside tests; three controls; two yardsticks; and one error more."""
        ward = self.ward()
        return {
            "alone": self.by_itself("death alone", "single_task", alone(ward)),
            "joint": self.beside_tests("beside tests", "main", ward),
            "repaired": self.beside_tests("beside others' tests", "control", lambda seed: repaired(ward(seed), seed)),
            "shuffled": self.beside_tests("beside shuffled tests", "control", beside_shuffled(ward)),
            "unrelated": self.beside_tests("beside tests of harmless traits", "other", self.ward(relatedness=0)),
            "known": self.by_itself("tests as inputs", "third", lambda seed: known_tests(ward(seed))),
            "double": self.by_itself("twice the patients", "fourth", alone(self.ward(2 * self.n_samples))),
            "squared": self.beside_tests("beside tests and squared error", "other", lambda seed: death_squared(ward(seed)), 1),
        }

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Let 4,000 new patients judge every net."""
        return risk_among_safest(history, self.n_labs, self.relatedness)

    def validated(self, history: History) -> np.ndarray:
        """Tune for what is measured, on new patients."""
        return np.mean(list(self.measure(history).values()), axis=0)


@recorded(
    "pneumonia",
    title="Who is safe?",
    alt="Tests that come later lower the deaths among those ranked safest; other patients' tests raise them.",
    labs=[5, 35],
    samples=[100, 300, 1000],
    relatedness=[0.0, 0.5, 1.0],
)
def pneumonia_curves(labs: int = 35, samples: int = 300, relatedness: float = 0.5, *, n_seeds: int = 100) -> Curves:
    """Follow deaths over the fraction ranked safest: alone, beside tests, beside other patients'
    tests; untuned.

    Parameters
    ----------
    labs, samples, relatedness : int, int, float
        As in `patients`; the weights of the tests add up to 3.5.
    n_seeds : int
        Nets per line, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = Pneumonia(seeds=n_seeds, first_seed=2000, n_samples=samples, n_labs=labs, relatedness=relatedness)
    ward = trial.ward()
    single = Arm("death alone", "single_task", alone(ward), weight_decay=DECAY)
    both = replace(single, label="beside tests", role="main", data=ward, method=FixedWeighting((1.0, *[3.5 / labs] * labs)))
    others = replace(both, label="beside others' tests", role="control", data=lambda seed: repaired(ward(seed), seed))
    rates = ((single, 0.02 if samples < 500 else 0.04), (both, 0.04), (others, 0.04))
    lines = {arm.label: [interval_of(errors) for errors in trial.measured(arm, 32, lr).values()] for arm, lr in rates}
    x, look = np.array(FRACTIONS), {"xlabel": SAFEST, "ylabel": RISK, "ylim": (0.0, 0.06)}
    return Curves.of_intervals(x, lines, roles={arm.label: arm.role for arm, _ in rates}, **look)
