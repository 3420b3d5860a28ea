"""Kernel averages whose attribute weights are learned by leaving each sample out, for many seeds at once."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.training import Adam

_CHUNK = 8  # seeds whose kernels fit into a cache together


def local_averages(
    x: Float[Tensor, "seed sample feature"],
    y: Float[Tensor, "seed sample task"],
    weights: Float[Tensor, "seed feature"],
    at: Float[Tensor, "seed point feature"] | None = None,
) -> Float[Tensor, "seed point task"]:
    """Answer with the mean label of the samples nearby: sample i counts exp(-d_i), d the weighted
    squared distance.

    Parameters
    ----------
    x : Float[Tensor, "seed sample feature"]
        Samples and their labels.
    y : Float[Tensor, "seed sample task"]
        Samples and their labels.
    weights : Float[Tensor, "seed feature"]
        Of the attributes, zero or more.
    at : Float[Tensor, "seed point feature"] | None
        Where to ask; at the samples themselves, each without its own label, when not given.

    Notes
    -----
    Source: the Nadaraya-Watson estimator; leaving one out as in Caruana (1997, §5.1).

    Examples
    --------
    >>> x, y = torch.tensor([[[0.0], [1.0], [9.0]]]), torch.tensor([[[1.0], [3.0], [5.0]]])
    >>> local_averages(x, y, torch.tensor([[1.0]]))[0, :, 0].round(decimals=3)
    tensor([3., 1., 3.])
    """
    points = x if at is None else at
    scaled = x * weights[:, None]
    near = 2 * points @ scaled.mT - (x * scaled).sum(-1)[:, None]  # minus the distance, up to what a point has for all samples
    if at is None:
        near.diagonal(dim1=1, dim2=2).fill_(-torch.inf)
    return near.softmax(-1) @ y


def descend(
    x: Float[np.ndarray, "seed sample feature"],
    y: Float[np.ndarray, "seed sample task"],
    task_weights: Sequence[float],
    stops: Sequence[int],
    *,
    sharpness: float = 0.8,
    lr: float = 0.2,
) -> Float[np.ndarray, "step seed feature"]:
    """Learn attribute weights, which add up to `sharpness`, on the weighted sum of all tasks'
    leave-one-out errors.

    Parameters
    ----------
    x, y
        Each seed's samples; labels of variance 1 make tasks comparable.
    task_weights : Sequence[float]
        Of the tasks' mean squared errors.
    stops : Sequence[int]
        Sequence[int] After how many steps of Adam the weights are kept, ascending; 0 keeps equal
        weights.
    sharpness : float
        Sum of the attribute weights: the larger, the fewer neighbours count.

    Returns
    -------
    Float[np.ndarray, "step seed feature"]
        The attribute weights of every seed at every stop.
    """
    used = [task for task, weight in enumerate(task_weights) if weight > 0]
    kept = torch.tensor([task_weights[task] for task in used])
    parts = []
    for first in range(0, len(x), _CHUNK):
        x_some, y_some = (torch.from_numpy(values[first : first + _CHUNK].astype(np.float32)) for values in (x, y[..., used]))
        parts.append(_descent(x_some, y_some, kept / kept.sum(), stops, sharpness, lr))
    return torch.cat(parts, 1).numpy()


def ask(
    x: Float[np.ndarray, "seed sample feature"],
    y: Float[np.ndarray, "seed sample task"],
    weights: Float[np.ndarray, "seed feature"],
    at: Float[np.ndarray, "seed point feature"],
) -> Float[np.ndarray, "seed point task"]:
    """Answer for new points, one seed after the other."""
    tensors = [torch.from_numpy(values.astype(np.float32, copy=False)) for values in (x, y, weights, at)]
    answers = []
    for i in range(len(x)):
        x_i, y_i, weights_i, at_i = (tensor[i : i + 1] for tensor in tensors)
        answers.append(local_averages(x_i, y_i, weights_i, at_i)[0].numpy())
    return np.stack(answers)


def _descent(x: Tensor, y: Tensor, task_weights: Tensor, stops: Sequence[int], sharpness: float, lr: float) -> Tensor:
    logits = torch.zeros(len(x), x.shape[2])
    optimizer, seen = Adam(), []
    memory, rate = optimizer.start(logits), torch.full_like(logits, lr)
    for step in range(max(stops) + 1):
        logits.requires_grad_()
        weights = sharpness * logits.softmax(-1)
        if step in stops:
            seen.append(weights.detach())
        loss = ((local_averages(x, y, weights) - y).square().mean(1) * task_weights).sum()
        (slope,) = torch.autograd.grad(loss, logits)
        logits = logits.detach()
        optimizer.step(logits, slope, rate, memory, step + 1)
    return torch.stack(seen)
