"""Two numbers per task: nets that are told by a code which of twenty curves is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.experiments._base import Sentence
from mtl_tutor.experiments._code_nets import (
    FILM,
    WAYS,
    Draw,
    Way,
    by_validation,
    check_trial,
    codes_of,
    curves,
    explained,
    in_order,
    others_shuffled,
    strangers,
)
from mtl_tutor.experiments._verdicts import Setting
from mtl_tutor.results import Bars, Claim, History, Role
from mtl_tutor.sharing import TaskConditioned
from mtl_tutor.statistics import Interval, bootstrap, relative_change
from mtl_tutor.tasks import TaskData

ERROR = "mean squared error per curve (no unit)"
FIFTH: dict[str, Any] = {"most": -0.2, "relative": True}
LESS: dict[str, Any] = {"most": 0.0, "relative": True}
SENTENCES = (  # a fifth of the error is what counts as a gain here
    Sentence(
        "film", "Eight points per curve: a code that scales and shifts units saves a fifth", "Perez et al. 2018", "film", "alone", **FIFTH
    ),
    Sentence("hypernetwork", "... and so does a code that writes the net", "Ha et al. 2017", "hypernetwork", "alone", **FIFTH),
    Sentence(
        "strangers",
        "... also where curves are strangers, which no two numbers tell apart",
        "control",
        "strangers",
        "strangers alone",
        **FIFTH,
    ),
    Sentence("embedding", "A code beside the input errs less than a net per curve", "ours", "embedding", "alone", **LESS),
    Sentence("hard", "Scaled units err less than a common trunk with a head per curve", "ours", "film", "hard", **LESS),
    Sentence("input", "... and less than with the code beside the input", "ours", "film", "embedding", **LESS),
    Sentence("one", "... and less than with a code of one number", "ours", "film", "one number", **LESS),
    Sentence("eight", "... and less than with one of eight", "ours", "film", "eight numbers", **LESS),
    Sentence("plane", "A linear map reads the planted plane off the learned codes: R² above a half", "ours", "plane", least=0.5),
    Sentence("plane-shuffled", "... also from curves that were shuffled", "control", "plane, shuffled", least=0.5),
    Sentence("order", "Codes stand around their centre in the order of the phases: above 0.7 of 1", "ours", "order", least=0.7),
    Sentence("order-shuffled", "... also those of shuffled curves", "control", "order, shuffled", least=0.7),
)
MORE = {"one number": Way(partial(TaskConditioned, n_code=1)), "eight numbers": Way(partial(TaskConditioned, n_code=8))}
LABELS = {"alone": "a net each, tuned", "hard": "one trunk, a head each", "embedding": "code at the input", "film": "code scales units"}
LABELS |= {"hypernetwork": "code writes the net", "one number": "code of 1 number", "eight numbers": "code of 8 numbers"}
ROLES: dict[str, Role] = {"alone": "single_task", "hard": "other", "film": "main", "embedding": "third", "hypernetwork": "fourth"}


@dataclass(frozen=True, eq=False)
class TaskCodesResult:
    """What the nets did, and where they put the tasks.

    Attributes
    ----------
    measured : what was measured -> one number per seed.
    settings : way -> the width and the rate that validation chose.
    claims : what was decided.
    """

    measured: Mapping[str, Float[np.ndarray, "seed"]]
    settings: Mapping[str, Setting]
    claims: tuple[Claim, ...] = ()

    def bars(self) -> Bars:
        """Picture the errors."""
        bars = {label: bootstrap(self.measured[name]) for name, label in LABELS.items()}
        return Bars(bars, {LABELS[name]: role for name, role in ROLES.items()}, ylabel=ERROR)


@dataclass(frozen=True)
class TaskCodes:
    """Twenty curves of a few points each are better learned by one net that two numbers tell which is asked.

    Attributes
    ----------
    seeds, first_seed : how many nets of each kind, each with curves of its own, and the first of their seeds.
    n_tasks, n_samples, noise : of the curves; as many more points choose settings and when to stop.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, fewer than three curves, no points, or negative noise.

    Source: Perez et al. (2018), Ha et al. (2017). Departures: the problem, the codes' being learned, and every number are ours.
    """

    seeds: int = 48
    first_seed: int = 1000
    n_tasks: int = 20
    n_samples: int = 8
    noise: float = 0.2
    n_jobs: int = 1

    name, chapter = "task-codes", "sharing/conditioning"

    def __post_init__(self) -> None:
        check_trial(self, ("n_tasks", 3), ("n_samples", 1), ("noise", 0))

    def run(self, *, progress: bool = False) -> TaskCodesResult:
        """Tune, train, look where the codes lie, and decide."""
        settings, histories = {}, {}
        for name, way in tqdm(({**WAYS, **MORE}).items(), desc=self.name, disable=not progress):
            settings[name] = way.tune(self.draw, by_validation, self.n_jobs)
            histories[name] = self.history(way, settings[name], self.draw)
        shuffled = self.history(FILM, settings["film"], self.shuffled)
        measured = {name: history.best().mean(axis=1) for name, history in histories.items()}
        apart = {"strangers": ("film", self.strangers), "strangers alone": ("alone", self.strangers)}
        measured |= {name: self.history(WAYS[way], settings[way], draw).best().mean(axis=1) for name, (way, draw) in apart.items()}
        measured |= self.places(histories["film"]) | {f"{what}, shuffled": values for what, values in self.places(shuffled).items()}
        claims = tuple(s.claim(self.name, effect(measured, s)) for s in SENTENCES)
        return TaskCodesResult(measured, settings, claims)

    def draw(self, seed: int) -> TaskData:
        """Draw a seed's curves."""
        return curves(seed, self.n_tasks, self.n_samples, self.noise).data

    def shuffled(self, seed: int) -> TaskData:
        """Draw them, and deal out anew what was measured on all but the first."""
        return others_shuffled(self.draw(seed), seed)

    def strangers(self, seed: int) -> TaskData:
        """Draw curves that have no code of two numbers."""
        return strangers(self.draw(seed), self.noise, seed)

    def history(self, way: Way, setting: Setting, draw: Draw) -> History:
        """Train on the reported seeds; controls take the setting of what they control."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        return way.train(draw, seeds, setting.n_hidden, [setting.lr] * self.seeds, self.n_jobs)

    def places(self, history: History) -> dict[str, Float[np.ndarray, "seed"]]:
        """Compare the learned codes with the planted ones."""
        truths = [curves(int(seed), self.n_tasks, self.n_samples, self.noise).truth for seed in history.seeds]
        pairs = list(zip(truths, codes_of(history), strict=True))
        plane = [explained(truth["code"], codes) for truth, codes in pairs]
        return {"plane": np.array(plane), "order": np.array([in_order(truth["phase"], codes) for truth, codes in pairs])}


def effect(measured: Mapping[str, Float[np.ndarray, "seed"]], sentence: Sentence) -> Interval:
    """What decides a sentence: one measure, or the share by which it exceeds another."""
    values = measured[sentence.more]
    return bootstrap(values) if sentence.less is None else relative_change(values, measured[sentence.less])
