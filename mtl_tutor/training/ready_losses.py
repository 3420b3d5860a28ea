"""Losses beside the squared error and the cross-entropy, ready for `train(losses=…)`."""

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from mtl_tutor.checks import checked
from mtl_tutor.training.losses import LossFunction


@checked
def huber(delta: float = 1.0) -> LossFunction:
    """Huber loss of a regression: squared for small errors, linear for large ones, so that outliers count less.

    Parameters
    ----------
    delta : float
        The error, in the unit of the labels, from which on the loss is linear.

    Returns
    -------
    function
        A loss for `train(losses={"task": …})`.

    Raises
    ------
    ValueError, TypeError
        `delta` is not a positive number.

    Notes
    -----
    With error e = output - label: e² / 2 where |e| <= delta, delta (|e| - delta / 2) elsewhere.

    Source: Huber (1964), "Robust estimation of a location parameter". Departures: none.

    Examples
    --------
    >>> huber(delta=1.0)(torch.tensor([[0.5], [3.0]]), torch.zeros(2))
    tensor([0.1250, 2.5000])
    """
    _check_positive("delta", delta)
    return partial(_huber, delta=delta)


def _huber(outputs: Float[Tensor, "sample output"], labels: Float[Tensor, "sample"], delta: float) -> Float[Tensor, "sample"]:
    size = (outputs[:, 0] - labels).abs()
    return torch.where(size <= delta, size.square() / 2, delta * (size - delta / 2))


@checked
def pinball(quantile: float = 0.5) -> LossFunction:
    """Pinball loss of a regression: the net learns a quantile of the label, not its mean.

    Parameters
    ----------
    quantile : float
        Between 0 and 1: 0.5 for the median, 0.9 for what nine labels of ten stay below.

    Returns
    -------
    function
        A loss for `train(losses={"task": …})`.

    Raises
    ------
    ValueError, TypeError
        `quantile` is not a number between 0 and 1.

    Notes
    -----
    With e = label - output: quantile · e where e >= 0, (quantile - 1) · e elsewhere.

    Source: Koenker and Bassett (1978), "Regression quantiles". Departures: none.

    Examples
    --------
    >>> pinball(quantile=0.75)(torch.tensor([[0.0], [0.0]]), torch.tensor([1.0, -1.0]))
    tensor([0.7500, 0.2500])
    """
    if not 0 < quantile < 1:
        raise ValueError(f"`quantile` must lie between 0 and 1; got {quantile}. The median is 0.5.")
    return partial(_pinball, quantile=quantile)


def _pinball(outputs: Float[Tensor, "sample output"], labels: Float[Tensor, "sample"], quantile: float) -> Float[Tensor, "sample"]:
    error = labels - outputs[:, 0]
    return torch.maximum(quantile * error, (quantile - 1) * error)


def poisson() -> LossFunction:
    """Poisson loss of a count: the net's output is the logarithm of the expected count.

    Returns
    -------
    function
        A loss for `train(losses={"task": …})`. Labels are counts, zero or more; scaled labels are none.

    Notes
    -----
    exp(output) - label · output: the negative log-likelihood, without the term that no output changes.
    `history.error` would compare the logarithm with the count; read `history.loss`, or give `metrics`.

    Source: Nelder and Wedderburn (1972), "Generalized linear models". Departures: none.

    Examples
    --------
    >>> poisson()(torch.zeros(2, 1), torch.tensor([0.0, 3.0]))
    tensor([1., 1.])
    """
    return _poisson


def _poisson(outputs: Float[Tensor, "sample output"], labels: Float[Tensor, "sample"]) -> Float[Tensor, "sample"]:
    return outputs[:, 0].exp() - labels * outputs[:, 0]


@checked
def focal(gamma: float = 2.0) -> LossFunction:
    """Focal loss of a classification: samples that are classified well already count less.

    Parameters
    ----------
    gamma : float
        How fast their weight falls; 0 is the cross-entropy.

    Returns
    -------
    function
        A loss for `train(losses={"task": …})`, for two or for more classes.

    Raises
    ------
    ValueError, TypeError
        `gamma` is not a number of zero or more.

    Notes
    -----
    -(1 - p)^gamma · log p, with p the probability of the right class.

    Source: Lin et al. (2017), "Focal loss for dense object detection", eq. 4. Departures: the weight of a class,
    alpha there, is `train`'s `class_weight`; several classes, by their softmax.

    Examples
    --------
    >>> focal(gamma=2.0)(torch.zeros(1, 1), torch.ones(1)) / torch.tensor(2.0).log()  # p = 0.5
    tensor([0.2500])
    """
    if gamma < 0:
        raise ValueError(f"`gamma` must be zero or more; got {gamma}.")
    return partial(_focal, gamma=gamma)


def _focal(outputs: Float[Tensor, "sample output"], labels: Float[Tensor, "sample"], gamma: float) -> Float[Tensor, "sample"]:
    if outputs.shape[-1] == 1:
        logit = outputs[:, 0] * (2 * labels - 1)
        right, wrong = F.logsigmoid(logit), F.logsigmoid(-logit)  # log p and log(1 - p)
    else:
        each = outputs.log_softmax(-1)
        is_right = labels[:, None] == torch.arange(outputs.shape[-1], device=outputs.device)
        right = torch.where(is_right, each, 0).sum(-1)
        wrong = each.masked_fill(is_right, -torch.inf).logsumexp(-1)
    return -(gamma * wrong).exp() * right


def _check_positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"`{name}` must be positive; got {value}.")
