"""How experts come to nothing: started as one, or behind gates that were closed before training began."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._gate_readings import n_read
from mtl_tutor.experiments._gate_starts import LABELS, STARTS
from mtl_tutor.experiments._gated_nets import STEPS, two_kinds
from mtl_tutor.results import Bars, Claim, Role
from mtl_tutor.statistics import bootstrap, relative_change
from mtl_tutor.training import inspect_nets, train

ERROR, OPEN, APART = "squared error (no unit)", "experts read per sample", "distance of experts' weights, relative"
SENTENCES = (
    Sentence("stay", "Experts that start equal behind even gates stay one (distance)", "identity", "same", margin=1e-6, measure=APART),
    Sentence("stay-error", "... and are as bad as one expert", "ours", "same", "one", margin=0.1, measure=ERROR, relative=True),
    Sentence(
        "gates", "... but not if the gates start uneven", "ours", "same, gates drawn", "same", most=-0.1, measure=ERROR, relative=True
    ),
    Sentence("three", "Three experts are better than one here", "ours", "drawn", "one", most=-0.1, measure=ERROR, relative=True),
    Sentence("closed", "Gates that start closed cost most of that", "ours", "closed", "drawn", 0.3, measure=ERROR, relative=True),
    Sentence("fast", "... and so does a learning rate ten times as high", "ours", "fast", "drawn", 0.3, measure=ERROR, relative=True),
    Sentence("reopened", "A price on steep gates opens them", "ours", "closed, cured", "closed", 0.2, measure=OPEN),
    Sentence("cured", "... and restores the error", "ours", "closed, cured", "drawn", most=0.1, measure=ERROR, relative=True),
)


@dataclass(frozen=True, eq=False)
class ExpertCollapseResult:
    """What became of the experts.

    Attributes
    ----------
    measured : start -> measure -> one number per seed, the mean of both tasks.
    claims : what was decided.
    """

    measured: Mapping[str, Mapping[str, Float[np.ndarray, "seed"]]]
    claims: tuple[Claim, ...] = ()

    def bars(self, measure: str = ERROR) -> Bars:
        """Picture a measure for all starts."""
        roles: dict[str, Role] = {LABELS[name]: "single_task" if name == "one" else "main" for name in self.measured}
        bars = {LABELS[name]: bootstrap(measures[measure]) for name, measures in self.measured.items()}
        return Bars(bars, roles, ylabel=measure, ylim=(0.0, 3.0))


@dataclass(frozen=True)
class ExpertCollapse:
    """Experts that start equal behind even gates remain one expert; gates that start closed waste theirs, and opening them is too late.

    Attributes
    ----------
    seeds, first_seed : how many draws of data and nets, and the first of their seeds.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds, or a negative first one.

    Source: collapse of experts is in Jacobs et al. (1991) and Shazeer et al. (2017); constant starts are a reported bug. Departures: all.
    """

    seeds: int = 48
    first_seed: int = 1000
    n_jobs: int = 1

    name, chapter = "expert-collapse", "sharing/experts-and-gates"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0))

    def run(self, *, progress: bool = False) -> ExpertCollapseResult:
        """Train from every start, and decide, in half a minute; `progress` has nothing to show."""
        found: Any = joblib.Parallel(n_jobs=self.n_jobs)(joblib.delayed(self.measured)(name) for name in STARTS)
        measured = dict(zip(STARTS, found, strict=True))
        return ExpertCollapseResult(measured, tuple(_claim(sentence, measured) for sentence in SENTENCES))

    def measured(self, start: str) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train nets from one start; read their errors, gates and experts."""
        model = STARTS[start](10, (4, 4))
        seeds, lr = range(self.first_seed, self.first_seed + self.seeds), 0.3 if start == "fast" else 0.03
        history = train(model, two_kinds(), seeds=seeds, steps=STEPS, lr=lr, eval_every=6)
        gates = inspect_nets(model, history, np.random.default_rng(0).normal(size=(200, 10)))["gates"]
        first, *others = (history.parameters[name] for name in history.parameters if name.endswith("0.0.weight"))
        apart = np.mean([np.linalg.norm(first - other, axis=(1, 2)) for other in others or [first]], axis=0)
        return {
            ERROR: history.best().mean(axis=1),
            OPEN: n_read(gates).mean(axis=(1, 2)),
            APART: apart / np.linalg.norm(first, axis=(1, 2)),
        }


def _claim(sentence: Sentence, measured: Mapping[str, Mapping[str, Float[np.ndarray, "seed"]]]) -> Claim:
    measure = sentence.measure or ERROR
    more = measured[sentence.more][measure]
    if sentence.less is None:
        return sentence.claim("expert-collapse", bootstrap(more))
    less = measured[sentence.less][measure]
    return sentence.claim("expert-collapse", relative_change(more, less) if sentence.relative else bootstrap(more - less))
