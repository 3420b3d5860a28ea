"""The loss of each task, which is descended, and its error, which is reported.

Labels that are missing (NaN) are left out of every mean.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap
from torch.nn import functional as F

from mtl_tutor.tasks import Task

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""A user's loss: (outputs [sample output], labels [sample]) -> loss of every sample [sample]."""


class Labels(NamedTuple):
    """The labels that are there; counted once, because every step and every evaluation needs the counts."""

    truth: Tensor  # [... sample task], 0 where the label is missing
    known: Tensor  # [... sample task]
    n_known: Tensor  # [... task]
    weight: Tensor | tuple[()] = ()  # [... sample task], with mean 1 over the known labels; empty for equal weights

    @classmethod
    def of(cls, y: Float[Tensor, "... sample column"], n_tasks: int | None = None) -> "Labels":
        """Read labels, one column per task, and the samples' weights from the columns after them, if there are any."""
        n_tasks = y.shape[-1] if n_tasks is None else n_tasks
        labels, weight = y[..., :n_tasks], y[..., n_tasks:].nan_to_num()
        known = ~labels.isnan()
        if not weight.shape[-1]:
            return cls(labels.nan_to_num(), known, known.sum(-2))
        known = known & (weight > 0)
        mean = torch.where(known, weight, 0).sum(-2) / known.sum(-2).clamp(min=1)
        return cls(labels.nan_to_num(), known, known.sum(-2), weight / torch.where(mean > 0, mean, 1)[..., None, :])

    def at(self, step: int) -> "Labels":
        """Return one step's labels, where steps are the first axis."""
        weight = self.weight[step] if isinstance(self.weight, Tensor) else ()
        return Labels(self.truth[step], self.known[step], self.n_known[step], weight)


def losses_of(
    tasks: Sequence[Task],
    outputs: Sequence[Float[Tensor, "seed sample _"]],
    labels: Labels,
    own: Sequence[LossFunction | None] = (),
) -> Float[Tensor, "seed task"]:
    """Return each task's mean loss over its labelled samples; 0 where a seed has no label.

    A regression has the squared error (the label's unit, squared), a classification the cross-entropy (nats),
    unless `own` holds another loss for the task.
    """
    if not any(own) and all(task.kind == "regression" for task in tasks):  # one operation for all tasks
        return _mean((torch.cat(list(outputs), -1) - labels.truth).square(), labels)
    each = []
    for i, (task, answers) in enumerate(zip(tasks, outputs, strict=True)):
        truth, function = labels.truth[..., i], own[i] if own else None
        if function is None:
            each.append(_loss(task, answers, truth))
        else:  # 0 instead of the outputs of unlabelled samples, so that no slope comes from them, not even NaN
            each.append(vmap(function)(torch.where(labels.known[..., i, None], answers, 0), truth))
    return _mean(torch.stack(each, -1), labels)


def errors_of(
    tasks: Sequence[Task],
    outputs: Sequence[Float[Tensor, "seed sample _"]],
    labels: Labels,
    losses: Float[Tensor, "seed task"],
) -> Float[Tensor, "seed task"]:
    """Return the mean squared error of a regression, and the share of wrong answers of a classification.

    `losses` must be the package's own losses with equal weights; a regression's error is its loss.
    """
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
    if isinstance(labels.weight, Tensor):
        each = each * labels.weight
    return torch.where(labels.known, each, 0).sum(1) / labels.n_known.clamp(min=1)


def targets_of(task: Task, labels: Float[Tensor, "... sample"]) -> Float[Tensor, "... output sample"]:
    """Return the value of `answers_of_` at which the loss has no slope: the label itself, or 1 at the right class."""
    truth = labels.nan_to_num()
    if task.kind != "multiclass":
        return truth[..., None, :]
    return (truth[..., None, :] == torch.arange(task.n_outputs, device=labels.device)[:, None]).to(labels.dtype)


def answers_of_(task: Task, outputs: Float[Tensor, "seed output sample"]) -> None:
    """Turn outputs, in place, into what the loss compares with the target: the number itself, or probabilities."""
    if task.kind == "binary":
        outputs.sigmoid_()
    elif task.kind == "multiclass":
        outputs.copy_(outputs.softmax(1))
