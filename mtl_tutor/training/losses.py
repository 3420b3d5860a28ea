"""What a task's answers cost: the loss that is descended, the error that a reader understands, and the loss's slope.

Labels that nobody wrote down (NaN) are left out of every mean.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from mtl_tutor.tasks import Task


class Labels(NamedTuple):
    """The labels that are there; counted once, because every step and every evaluation asks."""

    truth: Tensor  # [... sample task], 0 where nobody labelled the sample
    known: Tensor  # [... sample task]
    n_known: Tensor  # [... task]

    @classmethod
    def of(cls, y: Float[Tensor, "... sample task"]) -> "Labels":
        """NaN is a missing label."""
        known = ~y.isnan()
        return cls(y.nan_to_num(), known, known.sum(-2))


def losses_of(tasks: Sequence[Task], outputs: Sequence[Float[Tensor, "seed sample _"]], labels: Labels) -> Float[Tensor, "seed task"]:
    """Mean squared error (the label's unit, squared) or cross-entropy (nats); 0 where a seed has no label at all."""
    if all(task.kind == "regression" for task in tasks):  # one operation for all tasks
        return _mean((torch.cat(list(outputs), -1) - labels.truth).square(), labels)
    each = [_loss(task, answers, labels.truth[..., i]) for i, (task, answers) in enumerate(zip(tasks, outputs, strict=True))]
    return _mean(torch.stack(each, -1), labels)


def errors_of(
    tasks: Sequence[Task],
    outputs: Sequence[Float[Tensor, "seed sample _"]],
    labels: Labels,
    losses: Float[Tensor, "seed task"],
) -> Float[Tensor, "seed task"]:
    """Mean squared error of a regression (its loss), share of wrong answers of a classification."""
    if all(task.kind == "regression" for task in tasks):
        return losses
    answers = [out.argmax(-1) if task.kind == "multiclass" else (out[..., 0] > 0).long() for task, out in zip(tasks, outputs, strict=True)]
    wrong = _mean((torch.stack(answers, -1) != labels.truth).to(losses.dtype), labels)
    return torch.where(torch.tensor([task.kind == "regression" for task in tasks], device=losses.device), losses, wrong)


def _loss(task: Task, outputs: Float[Tensor, "seed sample output"], truth: Float[Tensor, "seed sample"]) -> Float[Tensor, "seed sample"]:
    match task.kind:
        case "regression":
            return (outputs[..., 0] - truth).square()
        case "binary":
            return F.binary_cross_entropy_with_logits(outputs[..., 0], truth, reduction="none")
        case "multiclass":
            return -outputs.log_softmax(-1).gather(-1, truth.long()[..., None])[..., 0]


def _mean(each: Float[Tensor, "seed sample task"], labels: Labels) -> Float[Tensor, "seed task"]:
    return torch.where(labels.known, each, 0).sum(1) / labels.n_known.clamp(min=1)


def targets_of(task: Task, labels: Float[Tensor, "... sample"]) -> Float[Tensor, "... output sample"]:
    """What `answers_of` would have to be for the loss to have no slope: the label itself, or 1 at the right class."""
    truth = labels.nan_to_num()
    if task.kind != "multiclass":
        return truth[..., None, :]
    return (truth[..., None, :] == torch.arange(task.n_outputs, device=labels.device)[:, None]).to(labels.dtype)


def answers_of_(task: Task, outputs: Float[Tensor, "seed output sample"]) -> None:
    """Turn outputs into what the loss compares with the target, in place: the number itself, or probabilities."""
    if task.kind == "binary":
        outputs.sigmoid_()
    elif task.kind == "multiclass":
        outputs.copy_(outputs.softmax(1))
