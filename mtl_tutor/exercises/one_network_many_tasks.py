"""Exercises of *Multi-task learning*."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache, partial

import numpy as np
import torch

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.exercises._trained import number_of
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, digits
from mtl_tutor.tasks.digits import LABELINGS
from mtl_tutor.training import train

NAN = float("nan")
SEEDS = range(32)


@checker
def check_masked_loss(loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None) -> str:
    """Check a squared error that leaves missing labels out: `loss(output [sample], label [sample])` -> one number."""
    if loss is None:
        return "Not yet: write `loss(output, label)` and pass the function itself."
    for outputs, labels in (((1.0, 5.0, 2.0), (3.0, NAN, 2.0)), ((0.5, 1.0, 4.0, 1.0), (NAN, 4.0, NAN, 2.0))):
        output, label = torch.tensor(outputs, requires_grad=True), torch.tensor(labels)
        value = number_of(loss(output, label), "your loss", "`output`")
        if not torch.isfinite(value):
            return "Not yet: a missing label made the loss NaN. Drop those samples before you square."
        known = ~label.isnan()
        errors = output.detach()[known] - label[known]
        if not torch.isclose(value, errors.square().mean()):
            return (
                f"Not yet: the labelled samples have the errors {errors.tolist()}, and the loss says {value.item():.3g}. "
                "Is each error squared, and over which samples do you take the mean?"
            )
        (gradient,) = asked(partial(torch.autograd.grad, value, output, materialize_grads=True, allow_unused=True))
        if not torch.isfinite(gradient).all() or gradient[~known].any():
            return f"Not yet: the value is right, its gradient is not: {gradient.tolist()}. NaN times zero is NaN: select, don't multiply."
    return "Right: the unlabelled samples neither count nor pull."


@checker
def check_sixth_question(yes: Collection[int] | None) -> str:
    """Check a sixth yes/no question: with the five of the chapter, it has to tell all ten digits apart.

    Parameters
    ----------
    yes : the digits for which its answer is yes.
    """
    if not yes:
        return "Not yet: give the digits for which the answer is yes."
    if strangers := set(yes) - set(range(10)):
        return f"Not yet: the digits are 0 to 9; {min(strangers)} is none of them."
    if set(yes) == set(range(10)):
        return "Not yet: that answer is yes for every digit, so it tells nothing apart."
    for name, digits_of in LABELINGS.items():
        if set(yes) in (set(digits_of), set(range(10)) - set(digits_of)):
            return f"Not yet: that is the question {name!r} again, or its opposite. Ask something that the five don't ask."
    rows = {(*(digit in digits_of for digits_of in LABELINGS.values()), digit in yes) for digit in range(10)}
    if len(rows) < 10:
        return "Not yet: two digits still have the same six answers. Write down the five answers of every digit, and look for equal rows."
    return "Right: ten digits, ten different rows of answers."


@checker
def check_digits_control(control: Callable[[int], TaskData] | None) -> str:
    """Check a control that removes the gain: the same images, and as many answers of each kind, but answers that don't help.

    Parameters
    ----------
    control : from a seed to the data of the control.
    """
    if control is None:
        return "Not yet: write `control(seed)`, a function that returns data such as `digits` makes."
    made = {}
    for seed in SEEDS:
        made[seed] = control(seed)
        if wrong := _unlike(made[seed], _true(seed)):
            return f"Not yet: {wrong}"
    (alone, joint), yours = _references(), _misread(lambda seed: replace(_true(seed), train=made[seed].train), 6)
    left = (alone - yours) / (alone - joint)
    if left > 0.4:
        return (
            f"Not yet: with your answers the nets still save {100 * (alone - yours):.1f} digits in a hundred; "
            f"with the true ones {100 * (alone - joint):.1f}. What do your answers still say about their images?"
        )
    return f"Right: of a gain of {100 * (alone - joint):.1f} digits in a hundred, {100 * (alone - yours):.1f} is left."


def _unlike(made: object, true: TaskData) -> str:
    """What a control changes that it should keep; nothing if it keeps all."""
    if not isinstance(made, TaskData):
        return "return a TaskData, such as `digits` makes."
    x, y = made.train.x, made.train.y
    if y.shape != true.train.y.shape or not np.array_equal(x, true.train.x):
        return "the control should have the same 400 images for each seed as `few_and_many(seed)`, and six tasks."
    if not np.array_equal(y[:, 0], true.train.y[:, 0], equal_nan=True):
        return "the digits have changed, too. A control changes only what it is a control for."
    if np.isnan(y[:, 1:]).any():
        return "some of the 400 images have no answers. If these nets err more, it may be because they see fewer labels."
    if (y[:, 1:].sum(axis=0) != true.train.y[:, 1:].sum(axis=0)).any():
        return "some question has another number of yes answers than before. Keep the answers; only their images may change."
    return ""


@cache
def _true(seed: int) -> TaskData:
    return digits(40, n_images=400, seed=seed)


@cache
def _references() -> tuple[float, float]:
    """What nets misread that learn the digits alone, and beside true answers."""
    return _misread(lambda seed: digits(40, extra=(), seed=seed), 1), _misread(_true, 6)


def _misread(data: Callable[[int], TaskData], n_tasks: int) -> float:
    """Share of the test digits that nets misread, averaged over seeds."""
    net = HardSharing(64, 64, n_outputs=(10, 1, 1, 1, 1, 1)[:n_tasks])
    return float(train(net, data, seeds=SEEDS, steps=80, lr=0.01, eval_every=80).last()[:, 0].mean())
