"""Ways to ask several questions about digits: all at once, one after the other, and what each is held against."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments._arms import Arm, Draw
from mtl_tutor.experiments._base import TUNING_SEED, Trial
from mtl_tutor.results import History
from mtl_tutor.tasks import TaskData, digits, only_tasks, shuffled_labels
from mtl_tutor.tasks.digits import LABELINGS
from mtl_tutor.training import predict, train


@dataclass(frozen=True)
class Asked:
    """What is asked about one seed's digits: "all" questions, the "main" one alone, or the "others".

    Attributes
    ----------
    n_labels, n_images, n_extra : images with an answer to "which digit?" and to the others, and how many others.
    shuffled : whether the others' answers are shuffled.

    >>> Asked("others", 20, 100, n_extra=2)(seed=0).train.y.shape
    (100, 2)
    """

    questions: str
    n_labels: int
    n_images: int
    n_extra: int
    shuffled: bool = False

    def __call__(self, seed: int) -> TaskData:
        """Draw the images."""
        data = digits(self.n_labels, extra=tuple(LABELINGS)[: self.n_extra], n_images=self.n_images, seed=seed)
        data = shuffled_labels(data, range(1, len(data.tasks)), seed=seed) if self.shuffled else data
        return only_tasks(data, {"all": range(len(data.tasks)), "main": [0], "others": range(1, len(data.tasks))}[self.questions])


@dataclass(frozen=True)
class Afterwards:
    """The main question, asked of nets whose trunk has learned others before."""

    others: Asked

    def __call__(self, seed: int) -> TaskData:
        """Draw the same images, with answers to the main question only."""
        return replace(self.others, questions="main")(seed)


def ways(n_labels: int, n_images: int, n_extra: int = 5) -> dict[str, Arm]:
    """All ways to use so many labels, images and other questions."""
    joint = Asked("all", n_labels, n_images, n_extra)
    main, others, mixed = replace(joint, questions="main"), replace(joint, questions="others"), replace(joint, shuffled=True)
    lighter = FixedWeighting((0.1, *n_extra * (1.0,)))
    return {
        "alone": Arm("alone", "single_task", main),
        "same images": Arm("answers on the same images", "fourth", replace(joint, n_images=n_labels)),
        "joint": Arm("joint", "main", joint),
        "light": Arm("joint, main loss a tenth", "main", joint, method=lighter, like="joint"),
        "tuned": Arm("pre-trained, fine-tuned", "other", Afterwards(others)),
        "frozen": Arm("pre-trained, frozen", "third", Afterwards(others), trunk_lr=0.0),
        "shuffled": Arm("joint, shuffled answers", "control", mixed),
        "tuned, shuffled": Arm("fine-tuned after shuffled", "control", Afterwards(replace(others, shuffled=True)), like="tuned"),
        "random": Arm("frozen as it started", "control", main, trunk_lr=0.0),
    }


def train_afterwards(
    trial: Trial, arm: Arm, after: Afterwards, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: float | Float[np.ndarray, "seed"]
) -> History:
    """Let trunks learn the other questions for half of the steps, and whole nets or new heads the main one for the rest.

    The first stage's learning rate is the one of the trial's at which these questions' own validation loss is lowest; the
    same for shuffled answers, whose own would be the one that learns least.
    """
    trunks = _trunks(trial, after.others, tuple(np.unique(seeds).tolist()), n_hidden)
    return _stage(trial, after, seeds, n_hidden, lr, trunk_lr=arm.trunk_lr, trunk_from=trunks)


def swapped(trial: Trial, arm: Arm, history: History, n_hidden: int, pair: tuple[int, int] = (5, 7)) -> Float[np.ndarray, "seed"]:
    """Count among the test images of two digits those that are taken for the other one: a share for every net."""
    data = [arm.data(int(seed)) if callable(arm.data) else arm.data for seed in history.seeds]
    tests = [each.splits()["test"] for each in data]
    answers = predict(trial.net(data[0], n_hidden), history, np.stack([test.x for test in tests]))[0].argmax(axis=-1)
    truth = np.stack([test.y[:, 0] for test in tests])
    wrong = np.isin(answers, pair) & (answers != truth)
    return np.array([wrong[row, asked].mean() for row, asked in enumerate(np.isin(truth, pair))])


@lru_cache(maxsize=8)  # however many rates the second stage tries
def _trunks(trial: Trial, others: Asked, seeds: tuple[int, ...], n_hidden: int) -> History:
    return _stage(trial, others, np.array(seeds), n_hidden, _rate(trial, replace(others, shuffled=False), n_hidden))


@lru_cache(maxsize=8)
def _rate(trial: Trial, others: Asked, n_hidden: int) -> float:
    seeds, rates = np.arange(TUNING_SEED, TUNING_SEED + trial.tuning_seeds), trial.lrs
    history = _stage(trial, others, np.repeat(seeds, len(rates)), n_hidden, np.tile(rates, len(seeds)))
    return rates[history.loss["validation"][:, -1].mean(axis=1).reshape(len(seeds), -1).mean(axis=0).argmin()]


def _stage(
    trial: Trial,
    data: Draw,
    seeds: Int[np.ndarray, "seed"],
    n_hidden: int,
    lr: float | Float[np.ndarray, "seed"],
    *,
    trunk_lr: float = 1.0,
    trunk_from: History | None = None,
) -> History:
    net, half = trial.net(data(int(seeds[0])), n_hidden), trial.steps // 2
    how = {"trunk_lr": trunk_lr, "trunk_from": trunk_from, "optimizer": trial.optimizer, "n_jobs": trial.n_jobs}
    return train(net, data, seeds=seeds, steps=half, lr=lr, eval_every=half, **how)
