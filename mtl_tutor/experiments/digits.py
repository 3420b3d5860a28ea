"""Few labelled digits, many digits with other labels: what do the other labels buy?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.results import Bars, Claim, Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, above, bootstrap, paired_difference
from mtl_tutor.tasks import TaskData, copies_of_task, digits, only_tasks, shuffled_labels
from mtl_tutor.tasks.digits import LABELINGS
from mtl_tutor.training import train

ARMS = {
    "alone": "alone",
    "joint": "answers on more images",
    "same images": "answers on the same images",
    "shuffled": "shuffled answers",
    "copies": "copies of the main task",
}
ROLES: dict[str, Role] = {"alone": "single_task", "joint": "main", "same images": "other", "shuffled": "control", "copies": "control"}


@dataclass(frozen=True)
class DigitsResult:
    """How often each arm's nets misread a digit.

    Attributes
    ----------
    wrong : arm -> share of 800 test images misread at the last step, per seed.
    settings : arm -> the width and learning rate that tuning chose for it.
    claims : the sentences on trial, with what was measured.
    """

    wrong: Mapping[str, Float[np.ndarray, "seed"]]
    settings: Mapping[str, tuple[int, float]]
    claims: tuple[Claim, ...]

    def bars(self) -> Bars:
        """Picture the error of every arm with its 95% interval."""
        bars = {ARMS[arm]: bootstrap(wrong) for arm, wrong in self.wrong.items()}
        return Bars(bars, {ARMS[arm]: ROLES[arm] for arm in self.wrong}, ylabel="share of test digits misread")


@dataclass(frozen=True)
class Digits:
    """Extra questions about handwritten digits lower the error on the main one.

    The main question, "which digit?", is answered for a few images only. Extra yes/no questions
    ("even?", "prime?", …) are answered for the same few images, or for many more.

    Attributes
    ----------
    seeds, first_seed : how many draws of images and weights are reported, and the first of their seeds.
    n_labels, n_images : images with an answer to the main question, and to the extra ones.
    n_extra : how many of the five extra questions are asked.
    steps : of full-batch Adam.
    tuning_seeds : other seeds, from 900,000 on, by whose validation error every arm gets its own width and
        learning rate, out of the same grid.
    n_jobs : processes.

    Raises
    ------
    ValueError : fewer than 20 seeds, or 1 to 5 extra questions not kept.

    Source: multi-task learning from extra labels, as Caruana (1997, §4) collects it; digits and questions are ours.
    """

    seeds: int = 256
    first_seed: int = 1000
    n_labels: int = 40
    n_images: int = 400
    n_extra: int = 5
    steps: int = 80
    tuning_seeds: int = 24
    n_jobs: int = 1

    def __post_init__(self) -> None:
        if min(self.seeds, self.tuning_seeds) < 20 or self.first_seed < 0:
            raise ValueError(f"`seeds` and `tuning_seeds` must be at least 20; got {self.seeds} and {self.tuning_seeds}.")
        if not 1 <= self.n_extra <= len(LABELINGS):
            raise ValueError(f"`n_extra` must lie between 1 and {len(LABELINGS)}; got {self.n_extra}.")

    def data(self, arm: str, seed: int) -> TaskData:
        """Draw one seed's images and let the arm decide who gets which labels. The main task comes first."""
        n_images = self.n_images if arm in ("joint", "shuffled") else self.n_labels
        data = digits(self.n_labels, extra=tuple(LABELINGS)[: self.n_extra], n_images=n_images, seed=seed)
        if arm == "alone":
            return only_tasks(data, [0])
        if arm == "copies":
            return copies_of_task(data, n_copies=self.n_extra)
        return shuffled_labels(data, range(1, self.n_extra + 1), seed=seed) if arm == "shuffled" else data

    def train(self, arm: str, seeds: np.ndarray, width: int, lr: float | np.ndarray) -> History:
        """Train one arm's nets: one trunk of `width` units, one head per question."""
        example = self.data(arm, 0)
        model = HardSharing(example.n_features, width, n_outputs=example.n_outputs, init_scale=2**0.5)
        return train(model, partial(self.data, arm), seeds=seeds, steps=self.steps, lr=lr, eval_every=self.steps, n_jobs=self.n_jobs)

    def tune(self, arm: str, widths: tuple[int, ...] = (64, 128, 256), lrs: tuple[float, ...] = (0.003, 0.01, 0.03)) -> tuple[int, float]:
        """Choose the width and learning rate with the lowest validation error, on seeds that are not reported."""
        seeds = np.repeat(np.arange(900_000, 900_000 + self.tuning_seeds), len(lrs))
        rates = np.tile(lrs, self.tuning_seeds)
        wrong = [self.train(arm, seeds, width, rates).last("validation")[:, 0].reshape(-1, len(lrs)).mean(axis=0) for width in widths]
        best_width, best_lr = np.unravel_index(np.argmin(wrong), (len(widths), len(lrs)))
        return widths[best_width], lrs[best_lr]

    def run(self, *, progress: bool = False) -> DigitsResult:
        """Tune every arm, train it on the reported seeds, and decide the claims."""
        seeds = np.arange(self.first_seed, self.first_seed + self.seeds)
        settings, wrong = {}, {}
        for arm in tqdm(ARMS, desc="digits", disable=not progress):
            settings[arm] = self.tune(arm)
            wrong[arm] = self.train(arm, seeds, *settings[arm]).last()[:, 0]
        return DigitsResult(wrong, settings, tuple(_claims(wrong)))


def labels_needed(questions: int = 5, answers: str = "400 images", *, n_seeds: int = 128) -> Curves:
    """Follow the error over the number of labelled images: alone, with extra answers, with shuffled ones.

    Every net has 128 hidden units and learning rate 0.01, untuned, so that thousands of them fit into minutes.

    Parameters
    ----------
    questions : how many extra ones are asked.
    answers : which images carry their answers: "400 images", or "the labelled images only".
    n_seeds : nets per point; the band is the 95% interval of their mean.
    """
    n_labels = (20, 40, 80, 160)
    arms = {"alone": "alone", "with extra answers": "joint", "with shuffled answers": "shuffled"}
    asked = {arm: 1 if arm == "alone" else questions for arm in ROLES}  # asked of nobody, so that one run serves all
    everywhere = {arm: answers == "400 images" and arm != "alone" for arm in ROLES}
    return Curves.of_intervals(
        np.array(n_labels, dtype=float),
        {name: [_wrong(arm, n, 400 if everywhere[arm] else n, asked[arm], n_seeds) for n in n_labels] for name, arm in arms.items()},
        roles={name: ROLES[arm] for name, arm in arms.items()},
        xlabel="images with an answer to the main question",
        ylabel="share of test digits misread",
        xscale="log",
        ylim=(0.0, 0.45),
    )


@cache
def _wrong(arm: str, n_labels: int, n_images: int, n_extra: int, n_seeds: int) -> Interval:
    trial = Digits(n_labels=n_labels, n_images=n_images, n_extra=n_extra)
    return bootstrap(trial.train(arm, np.arange(2000, 2000 + n_seeds), 128, 0.01).last()[:, 0])


def _claims(wrong: Mapping[str, np.ndarray]) -> list[Claim]:
    """One digit in a hundred is the smallest gain that counts as one."""
    gain = {arm: paired_difference(wrong["alone"], wrong[arm]) for arm in wrong}
    gain["not noise"] = paired_difference(wrong["shuffled"], wrong["joint"])
    rows = {
        "joint": ("Extra answers on many more images save at least one digit in a hundred", "ours"),
        "same images": ("... and so do answers on the same images", "ours"),
        "copies": ("... and so do copies of the main question", "control"),
        "shuffled": ("... and so do shuffled answers on many more images", "control"),
        "not noise": ("True answers on many more images save more than shuffled ones", "control"),
    }
    return [Claim(f"digits-{arm.replace(' ', '-')}", *row, gain[arm], above(gain[arm], 0.01)) for arm, row in rows.items()]
