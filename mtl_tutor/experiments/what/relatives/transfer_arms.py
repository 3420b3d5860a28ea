"""Arms that ask several questions about digits, all at once or one after the other, and their controls."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import History
from mtl_tutor.tasks import TaskData, digits, only_tasks, shuffled_labels
from mtl_tutor.tasks.digits import LABELINGS
from mtl_tutor.training import predict, train
from mtl_tutor.tuning import search

Rates = float | Float[np.ndarray, "seed"]


@dataclass(frozen=True)
class Questions:
    """Sample one seed's digits, with some questions about them.

    Attributes
    ----------
    asked : str
        "all" questions, the "main" one alone, the "others", or the "main after the others", of trunks that learned these.
    n_labels, n_images, n_extra : int
        Images with an answer to "which digit?" and to the others, and how many others.
    shuffled : bool
        Whether the others' answers are shuffled.

    Examples
    --------
    >>> Questions("others", 20, 100, n_extra=2)(seed=0).train.y.shape
    (100, 2)
    """

    asked: Literal["all", "main", "others", "main after the others"]
    n_labels: int
    n_images: int
    n_extra: int
    shuffled: bool = False

    def __call__(self, seed: int) -> TaskData:
        """Draw the images."""
        data = digits(self.n_labels, extra=tuple(LABELINGS)[: self.n_extra], n_images=self.n_images, seed=seed)
        others = list(range(1, len(data.tasks)))
        if self.shuffled:
            data = shuffled_labels(data, others, seed=seed)
        return only_tasks(data, {"all": [0, *others], "others": others}.get(self.asked, [0]))


def transfer_arms(n_labels: int, n_images: int, n_extra: int = 5) -> dict[str, Arm]:
    """List the ways to use so many labels, images and other questions."""
    joint = Questions("all", n_labels, n_images, n_extra)
    main, after = replace(joint, asked="main"), replace(joint, asked="main after the others")
    lighter = FixedWeighting((0.1, *n_extra * (1.0,)))
    return {
        "alone": Arm("alone", "single_task", main),
        "same images": Arm("answers on the same images", "fourth", replace(joint, n_images=n_labels)),
        "joint": Arm("joint", "main", joint),
        "light": Arm("joint, main loss a tenth", "main", joint, method=lighter, like="joint"),
        "tuned": Arm("pre-trained, fine-tuned", "other", after),
        "frozen": Arm("pre-trained, frozen", "third", after, trunk_lr=0.0),
        "shuffled": Arm("joint, shuffled answers", "control", replace(joint, shuffled=True)),
        "tuned, shuffled": Arm("fine-tuned after shuffled", "control", replace(after, shuffled=True), like="tuned"),
        "random": Arm("frozen as it started", "control", main, trunk_lr=0.0),
    }


def train_in_turn(trial: Trial, arm: Arm, data: Questions, seeds: Int[np.ndarray, "seed"], n_hidden: int, lr: Rates) -> History:
    """Pre-train trunks on the other questions for half of the steps, then train the main one for the rest.

    The first stage's learning rate is the one of the trial's at which these questions' own validation loss is lowest;
    the same for shuffled answers, whose own would be the one that learns least.
    """
    trunks = _pretrained(trial, replace(data, asked="others"), tuple(np.unique(seeds).tolist()), n_hidden)
    return _stage(trial, data, seeds, n_hidden, lr, trunk_lr=arm.trunk_lr, trunk_from=trunks)


def swapped(trial: Trial, arm: Arm, history: History, n_hidden: int, pair: tuple[int, int] = (5, 7)) -> Float[np.ndarray, "seed"]:
    """Count the test images of two digits that are taken for the other one: a share for every net."""
    data = [arm.data(int(seed)) if callable(arm.data) else arm.data for seed in history.seeds]
    tests = [each.splits()["test"] for each in data]
    logits = predict(trial.net(data[0], n_hidden), history, np.stack([test.x for test in tests]))[0]
    answers, truth = logits.argmax(axis=-1), np.stack([test.y[:, 0] for test in tests])
    wrong = np.isin(answers, pair) & (answers != truth)
    return np.array([wrong[row, of_pair].mean() for row, of_pair in enumerate(np.isin(truth, pair))])


@lru_cache(maxsize=8)  # however many learning rates the second stage tries
def _pretrained(trial: Trial, source: Questions, seeds: tuple[int, ...], n_hidden: int) -> History:
    return _stage(trial, source, np.array(seeds), n_hidden, _source_rate(trial, replace(source, shuffled=False), n_hidden))


@lru_cache(maxsize=8)
def _source_rate(trial: Trial, source: Questions, n_hidden: int) -> float:
    def evaluate(width: int, seeds: Int[np.ndarray, "row"], lr: Float[np.ndarray, "row"]) -> Float[np.ndarray, "row"]:
        return _stage(trial, source, seeds, width, lr).loss["validation"][:, -1].mean(axis=1)

    return search(evaluate, [n_hidden], trial.lrs, trial.tuning_range(trial.tuning_seeds), extensions=trial.extensions).lr or 0.0


def _stage(
    trial: Trial,
    data: Sampler,
    seeds: Int[np.ndarray, "seed"],
    n_hidden: int,
    lr: Rates,
    *,
    trunk_lr: float = 1.0,
    trunk_from: History | None = None,
) -> History:
    net, half = trial.net(data(int(seeds[0])), n_hidden), trial.steps // 2
    how = {"trunk_lr": trunk_lr, "trunk_from": trunk_from, "optimizer": trial.optimizer, "n_jobs": trial.n_jobs}
    return train(net, data, seeds=seeds, steps=half, lr=lr, eval_every=half, **how)
