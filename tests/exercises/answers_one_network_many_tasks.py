"""Answers to the exercises of *Multi-task learning*."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from mtl_tutor.tasks import TaskData, copies_of_task, digits, only_tasks, shuffled_labels
from tests.exercises.answers import Answers

QUESTIONS = [1, 2, 3, 4, 5]


def selected(output: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    known = ~label.isnan()
    return (output[known] - label[known]).square().mean()


def replaced(output: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    known = ~label.isnan()
    return (torch.where(known, output, 0) - torch.where(known, label, 0)).square().sum() / known.sum()


def listed(output: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    pairs = [(one, right) for one, right in zip(output, label, strict=True) if not torch.isnan(right)]
    return torch.stack([(one - right) ** 2 for one, right in pairs]).mean()


def data(seed: int) -> TaskData:
    return digits(40, n_images=400, seed=seed)


def with_answers(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Callable[[int], TaskData]:
    """A control that changes the answers [image, question] of the training images."""

    def control(seed: int) -> TaskData:
        true = data(seed)
        y = true.train.y.copy()
        y[:, 1:] = change(y[:, 1:], np.random.default_rng([seed, 5]))
        return replace(true, train=replace(true.train, y=y))

    return control


def but_a_tenth(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    y[:40] = rng.permuted(y[:40], axis=0)
    return y


TABLE = {
    "check_masked_loss": Answers(
        accepted=[selected, replaced, listed, lambda output, label: (output - label)[~label.isnan()].pow(2).mean()],
        rejected=[
            (lambda output, label: (output - label).square().mean(), "made the loss NaN"),
            (lambda output, label: (output - label).square().nansum() / len(label), "over which samples"),
            (lambda output, label: (output - label).square().nansum(), "over which samples"),
            (lambda output, label: (output - label.nan_to_num()).square().mean(), "over which samples"),
            (lambda output, label: (output - label).abs().nanmean(), "each error squared"),
            (
                lambda output, label: torch.where(label.isnan(), 0, (output - label).square()).sum() / (~label.isnan()).sum(),
                "NaN times zero",
            ),
            (lambda output, label: (output - label).square().nanmean(), "NaN times zero"),
            (lambda output, label: selected(output, label).item(), "calculated in torch"),
            (lambda output, label: (output - label)[~label.isnan()].square(), "return one number"),
        ],
    ),
    "check_sixth_question": Answers(
        accepted=[{0, 2, 3, 5, 6, 8, 9}, [5], (7, 1, 4), np.array([7.0, 2.0]), torch.tensor([5, 6, 8]), range(6)],
        rejected=[
            ({0, 1, 2}, "two digits still have the same"),
            ([5, 7], "two digits still have the same"),
            ({0, 2, 4, 6, 8}, "'even' again"),
            ((1, 3, 5, 7, 9), "'even' again, or its opposite"),
            ([2, 3, 5, 7], "'prime' again"),
            (range(10), "yes for every digit"),
            ({5, 10}, "digits are 0 to 9"),
            ([5.5], "whole number"),
        ],
    ),
    "check_digits_control": Answers(
        accepted=[
            lambda seed: shuffled_labels(data(seed), QUESTIONS, seed=seed),
            with_answers(lambda y, rng: rng.permutation(y)),
            with_answers(lambda y, rng: rng.permuted(y, axis=0)),
            with_answers(lambda y, rng: np.roll(y, 100, axis=0)),
        ],
        rejected=[
            (data, "What do your answers still say"),
            (with_answers(but_a_tenth), "What do your answers still say"),
            (lambda seed: shuffled_labels(data(seed), [3], seed=seed), "What do your answers still say"),
            (with_answers(lambda y, rng: 1 - y), "another number of yes answers"),
            (with_answers(lambda y, rng: (rng.random(y.shape) < 0.5) * 1.0), "another number of yes answers"),
            (with_answers(lambda y, rng: 0 * y), "another number of yes answers"),
            (lambda seed: shuffled_labels(data(seed), range(6), seed=seed), "the digits have changed"),
            (lambda seed: digits(40, seed=seed), "the same 400 images"),
            (lambda seed: data(0) if seed else data(1), "the same 400 images"),
            (lambda seed: only_tasks(data(seed), [0]), "six tasks"),
            (lambda seed: copies_of_task(data(seed), n_copies=5), "have no answers"),
            (lambda seed: data(seed).train.y, "return a TaskData"),
        ],
    ),
}
