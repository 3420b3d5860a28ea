"""One line of a road, nine questions: Caruana's table on a road of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, beside_copies, best_of
from mtl_tutor.experiments._base import Trial
from mtl_tutor.experiments._road_table import OWN, SENTENCES, table_claims
from mtl_tutor.experiments._shuffled_company import among_shuffled
from mtl_tutor.experiments._verdicts import TrialResult
from mtl_tutor.results import Claim, Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tasks import TaskData, only_tasks
from mtl_tutor.tasks.road import QUESTIONS, road
from mtl_tutor.training import SGD, Adam


@dataclass(frozen=True)
class Road(Trial):
    """Nine questions about a road, asked of one net, lower the error on steering and on most of the others.

    Each question alone has the best of several widths; the joint net has 16 units and isn't tuned for size. Learning rates are
    tuned for all, the joint ones' for the mean log error of their tasks. Each task is read at its own best validation step.

    Attributes
    ----------
    n_samples, noise, shadows : of `road`.
    n_hidden : units of the joint net and its controls; the large one has nine times as many.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than ten samples, negative noise, a negative share of shadows, no units, or too few seeds.

    Source: Caruana (1997, §2.1, Table 1). Departures: a road of ours; each seed draws pictures and a net, where he starts ten nets;
    tanh units with small first weights. A net that diverges counts as answering the mean.
    """

    seeds: int = 128
    tuning_seeds: int = 21
    n_samples: int = 100
    noise: float = 0.05
    shadows: float = 0.5
    n_hidden: int = 16

    name, chapter, smallest = "road", "why/caruana-1997", (("n_samples", 10), ("noise", 0), ("shadows", 0), ("n_hidden", 1))
    widths, lrs, extensions, steps, eval_every, optimizer = (2, 4, 8, 16), (0.02, 0.06, 0.18), 0, 400, 16, SGD(momentum=0.9)
    sentences = SENTENCES

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units, whose weights start small."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.3)

    def asked(self, *tasks: int, times: int = 1) -> Draw:
        """Draw roads with some of the questions in a given order, or with all."""
        draw = partial(road, times * self.n_samples, noise=self.noise, shadows=self.shadows)
        return lambda seed: only_tasks(draw(seed=seed), tasks or range(len(QUESTIONS)))

    def arms(self) -> Mapping[str, Arm]:
        """Each question alone, twice; all in one net; controls of the main one; Adam, a larger net, more samples."""
        singles = {f"{of} alone": Arm(f"{of} alone", "single_task", self.asked(task)) for task, of in enumerate(QUESTIONS)}
        fast = {f"{name}, fast": replace(arm, label=f"{name}, fast trunk", role="third", trunk_lr=9.0) for name, arm in singles.items()}
        joint, main = Arm("nine questions", "main", self.asked(), n_hidden=self.n_hidden), singles["steering alone"]
        trunks = (replace(joint, label=f"trunk × {factor:g}", trunk_lr=factor) for factor in (1.0, 3.0, 9.0))
        return singles | fast | {
            "joint": joint,
            "joint, any trunk": best_of("nine questions, best trunk", "other", trunks),
            "shuffled": replace(joint, label="others shuffled", role="control", data=among_shuffled(self.asked())),
            "copies": replace(joint, label="copies of steering", role="control", data=beside_copies(self.asked())),
            "steering alone, Adam": replace(main, label="steering alone, Adam", optimizer=Adam()),
            "joint, Adam": replace(joint, label="nine questions, Adam", optimizer=Adam()),
            "joint, large": replace(joint, label="nine questions, 144 units", n_hidden=9 * self.n_hidden),
            "steering alone, twice": replace(main, label="steering alone, twice the samples", data=self.asked(0, times=2)),
            "joint, twice": replace(joint, label="nine questions, twice the samples", data=self.asked(times=2)),
        }  # fmt: skip

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Each question's root mean squared error (in standard deviations of its labels), and what one common stop would cost."""
        own, at = np.nan_to_num(np.sqrt(history.best()), nan=1.0), history.error["validation"].mean(axis=2).argmin(axis=1)
        common = np.where(history.diverged[:, None], 1.0, np.sqrt(history.error["test"][np.arange(len(at)), at]))
        errors = {of: own[:, task] for task, of in enumerate(history.tasks) if of in QUESTIONS}
        return errors | ({OWN: np.log(common / own).mean(axis=1)} if len(errors) == len(QUESTIONS) else {})

    def validated(self, history: History) -> np.ndarray:
        """Tune for the mean log error of all questions that have their true labels."""
        return np.log(history.best("validation")[:, [of in QUESTIONS for of in history.tasks]]).mean(axis=1)

    def claims(self, result: TrialResult) -> list[Claim]:
        """Decide the sentences, and what all nine rows say together."""
        errors = result.measured
        alone, fast = ({of: errors[f"{of} alone{kind}"][of] for of in QUESTIONS} for kind in ("", ", fast"))
        return [*super().claims(result), *table_claims(errors["joint"], alone, errors["joint, any trunk"], fast)]


def company_on_the_road(question: str = "steering", over: str = "training samples", shadows: float = 0.5, *, n_seeds: int = 64) -> Curves:
    """Follow the error on one question: alone, with a faster trunk, beside the others, beside shuffled ones; learning rate 0.04, untuned.

    Parameters
    ----------
    question, over, shadows : one of nine; "hidden units" (from 100 samples) or "training samples" (in 16 units); as in `road`.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    task, by_units = QUESTIONS.index(question), over == "hidden units"
    first = (task, *(other for other in range(len(QUESTIONS)) if other != task))
    lines, roles = dict[str, list[Interval]](), dict[str, Role]()
    x = (2, 4, 8, 16, 32) if by_units else (25, 50, 100, 200, 400)
    for value in x:
        trial = Road(seeds=n_seeds, first_seed=2000, shadows=shadows, n_samples=100 if by_units else value)
        alone, joint = Arm("alone", "single_task", trial.asked(task)), Arm("nine questions", "main", trial.asked(*first))
        fast = replace(alone, label="alone, trunk × 9", role="third", trunk_lr=9.0)
        for arm in (alone, fast, joint, Arm("others shuffled", "control", among_shuffled(trial.asked(*first)))):
            roles[arm.label] = arm.role
            lines.setdefault(arm.label, []).append(bootstrap(trial.measured(arm, value if by_units else 16, 0.04)[question]))
    ylabel = "root mean squared error (in standard deviations of the labels)"
    return Curves.of_intervals(np.array(x, dtype=float), lines, roles=roles, xlabel=over, ylabel=ylabel, xscale="log", ylim=(0.0, 1.2))
