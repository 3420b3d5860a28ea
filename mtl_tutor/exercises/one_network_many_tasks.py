"""Exercises of *Multi-task learning*."""

from collections.abc import Callable

import torch

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.tasks.digits import LABELINGS


@checker
def check_masked_loss(loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None) -> str:
    """Check a squared error that leaves missing labels out: `loss(output [sample], label [sample])` -> one number."""
    if loss is None:
        return "Not yet: write `loss(output, label)` and pass the function itself."
    output = torch.tensor([1.0, 5.0, 2.0], requires_grad=True)
    value = asked(loss, output, torch.tensor([3.0, float("nan"), 2.0]))
    if not isinstance(value, torch.Tensor) or value.shape != () or not value.requires_grad:
        return "Not yet: return one number, a tensor that is computed from `output`, so that it has a gradient."
    if not torch.isfinite(value):
        return "Not yet: a missing label made the loss NaN. Drop those samples before you square."
    if not torch.isclose(value, torch.tensor(2.0)):
        return f"Not yet: two labelled samples, errors -2 and 0, should give 2; got {value.item():.3g}. Divide by the labelled ones only."
    (gradient,) = torch.autograd.grad(value, output)
    if not torch.equal(gradient, torch.tensor([-2.0, 0.0, 0.0])):
        return f"Not yet: the value is right, its gradient is not: {gradient.tolist()}. NaN times zero is NaN; select, don't multiply."
    return "Right: the unlabelled sample neither counts nor pulls."


@checker
def check_sixth_question(yes: set[int] | None) -> str:
    """Check a sixth yes/no question: with the five of the chapter, it has to tell all ten digits apart.

    Parameters
    ----------
    yes : the digits for which its answer is yes.
    """
    if not yes:
        return "Not yet: give the set of digits for which the answer is yes."
    answers = {digit: (*(digit in digits for digits in LABELINGS.values()), digit in yes) for digit in range(10)}
    twins = [(a, b) for b in range(10) for a in range(b) if answers[a] == answers[b]]
    if twins:
        return f"Not yet: {twins[0][0]} and {twins[0][1]} still get the same answers."
    return "Right: ten digits, ten different rows of answers."
