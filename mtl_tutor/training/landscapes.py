"""Landscapes: two losses of two parameters, on which one can watch what a balancing method does, step by step."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mtl_tutor.balancing import Balancing, EqualWeighting
from mtl_tutor.checks import check_least, checked
from mtl_tutor.results import History
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training.optimizers import Adam, Optimizer
from mtl_tutor.training.train import train

_TASKS = ("first loss", "second loss")
_DATA = TaskData(tuple(Task(name) for name in _TASKS), Samples(np.zeros((1, 1)), np.zeros((1, 2))))


class Landscape(nn.Module):
    """Two losses of one point in the plane: a "net" whose two parameters all tasks share.

    A subclass writes `losses_at`. A landscape can be trained as any net, or its paths followed by `descend`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.point = nn.Parameter(torch.zeros(2))

    @abstractmethod
    def losses_at(self, point: Float[Tensor, "2"]) -> Float[Tensor, "task"]:
        """Return both losses at a point."""

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Return both losses, whatever the samples are."""
        return [loss.expand(len(x), 1) for loss in self.losses_at(self.point)]

    def reset_parameters(self) -> None:
        """Put the point at the origin."""
        nn.init.zeros_(self.point)


def _valley(value: Tensor) -> Tensor:
    return value.abs().clamp(min=5e-6).log()


class PCGradToy(Landscape):
    """Two deep and narrow valleys that cross: the example by which PCGrad was introduced.

    With a point (a, b)::

        first loss  = 20 log max(|a / 2 + tanh b|, 0.000005)
        second loss = 25 log max(|a / 2 - tanh b + 2|, 0.000005)

    Notes
    -----
    The paper starts at (0.5, -3) and takes 500,000 steps of Adam with a learning rate of 0.001.

    Source: Yu et al. (2020), *Gradient surgery for multi-task learning*, appendix D. Departures: none.

    Examples
    --------
    >>> PCGradToy().losses_at(torch.tensor([2.0, 0.0]))
    tensor([ 0.0000, 27.4653])
    """

    def losses_at(self, point: Float[Tensor, "2"]) -> Float[Tensor, "task"]:
        """Return the logarithms of the distances to the two valleys' floors."""
        half, bend = point[0] / 2, point[1].tanh()
        return torch.stack([20 * _valley(half + bend), 25 * _valley(half - bend + 2)])


class CAGradToy(Landscape):
    """Two valleys in the upper half plane, two bowls in the lower one: the example of CAGrad, Nash-MTL and others.

    With a point (a, b), where f is a valley that bends and q a bowl::

        loss_i = max(tanh(b / 2), 0) f_i + max(tanh(-b / 2), 0) q_i
        f_1 = log max(|(-a - 7) / 2 + tanh b|, 0.000005) + 6       q_1 = ((7 - a)² + 0.1 (-b - 8)²) / 10 - 20
        f_2 = log max(|(3 - a) / 2 - tanh b + 2|, 0.000005) + 6    q_2 = ((-7 - a)² + 0.1 (-b - 8)²) / 10 - 20

    No point of the bowls between a = -7 and a = 7 is better than another for both tasks: they are the Pareto set.

    Notes
    -----
    CAGrad's paper starts at (-8.5, 7.5), (-8.5, -5) and (9, 9), and takes 100,000 steps of Adam with a learning rate of 0.001.

    Source: Liu et al. (2021), *Conflict-averse gradient descent for multi-task learning*, and its published code.
    Departures: none.

    Examples
    --------
    >>> CAGradToy().losses_at(torch.tensor([7.0, -80.0])).round()
    tensor([32., 51.])
    """

    def losses_at(self, point: Float[Tensor, "2"]) -> Float[Tensor, "task"]:
        """Return the valleys above, and the bowls below."""
        a, b = point[0], point[1]
        bend, bowl = b.tanh(), 0.1 * (-b - 8) ** 2
        valleys = torch.stack([_valley((-a - 7) / 2 + bend), _valley((3 - a) / 2 - bend + 2)]) + 6
        bowls = torch.stack([(7 - a) ** 2 + bowl, (-7 - a) ** 2 + bowl]) / 10 - 20
        return (b / 2).tanh().clamp(min=0) * valleys + (-b / 2).tanh().clamp(min=0) * bowls


class ConcaveFront(Landscape):
    """Two losses whose best compromises bulge towards the origin's far side: no weighted sum has one as its minimum.

    With a point x and the unit diagonal u = (1, 1) / √2::

        first loss  = 1 - exp(-|x - u|²)
        second loss = 1 - exp(-|x + u|²)

    The Pareto set is the segment from -u to u. In the plane of losses it is a concave curve between (0, 0.98) and (0.98, 0).

    Notes
    -----
    Source: Fonseca & Fleming (1995), *An overview of evolutionary algorithms in multiobjective optimization*, with two
    variables. Departures: none.

    Examples
    --------
    >>> ConcaveFront().losses_at(torch.tensor([0.0, 0.0]))
    tensor([0.6321, 0.6321])
    """

    def losses_at(self, point: Float[Tensor, "2"]) -> Float[Tensor, "task"]:
        """Return one minus a bell around each end."""
        end = 0.5**0.5
        return torch.stack([1 - (-((point - side) ** 2).sum()).exp() for side in (end, -end)])


@dataclass(frozen=True)
class Paths:
    """Where a method went from each start.

    Attributes
    ----------
    steps : Int[ndarray, "step"]
        The steps at which the point was written down; 0 is the start.
    points : Float[ndarray, "start step 2"]
        The point.
    losses : Float[ndarray, "start step task"]
        Both losses there.
    """

    steps: Int[np.ndarray, "step"]
    points: Float[np.ndarray, "start step 2"]
    losses: Float[np.ndarray, "start step task"]


@checked
def descend(
    landscape: Landscape,
    method: Balancing = EqualWeighting(),  # noqa: B008
    *,
    starts: Float[np.ndarray, "start 2"],
    steps: int = 1000,
    lr: float = 0.01,
    optimizer: Optimizer = Adam(),  # noqa: B008
    every: int = 10,
) -> Paths:
    """Follow a balancing method down a landscape, from several starts at once.

    Parameters
    ----------
    landscape : Landscape
        The two losses.
    method : Balancing
        How one step is made of their gradients.
    starts : Float[ndarray, "start 2"]
        The points to start from.
    steps : int
        Number of steps.
    lr : float
        Learning rate.
    optimizer : Adam or SGD
        What takes the steps.
    every : int
        Steps between two points of a path.

    Returns
    -------
    Paths
        Points and losses, one row per start, in double precision.

    Raises
    ------
    ValueError, TypeError
        Starts that are no points of the plane, a count below 1, or what `train` refuses.

    Examples
    --------
    >>> paths = descend(ConcaveFront(), starts=np.array([[0.1, 0.0]]), steps=500, lr=0.05, every=500)
    >>> paths.losses.round(2)[0]  # the sum of both losses slides to one end of the front
    array([[0.58, 0.68],
           [0.  , 0.98]])
    """
    check_least("every", every)
    if starts.ndim != 2 or starts.shape[1] != 2 or not len(starts) or not np.isfinite(starts).all():
        raise ValueError(f"`starts` must be finite points [start 2]; got an array of shape {starts.shape}. For example [[0.5, -3.0]].")
    number = np.arange(len(starts))
    nothing = np.zeros((len(starts), 1, 2))
    unlike = np.ones(len(starts)), np.zeros(len(starts), bool)  # learning rates, and who diverged
    before = History(number, np.array([0]), _TASKS, {}, {"train": nothing}, *unlike, {"point": np.asarray(starts, dtype=float)})
    kept = range(0, steps + 1, every)
    history = train(
        landscape,
        _DATA,
        method,
        seeds=number,
        steps=steps,
        lr=lr,
        optimizer=optimizer,
        losses={name: lambda outputs, labels: outputs[:, 0] for name in _TASKS},
        start=before,
        eval_every=max(1, steps),
        keep_at=kept,
        dtype=torch.float64,
    )
    points = np.stack([history.parameters_at(step)["point"] for step in kept], 1)
    flat = torch.from_numpy(points.reshape(-1, 2))
    losses = torch.func.vmap(landscape.losses_at)(flat).numpy().reshape(*points.shape[:2], 2)
    return Paths(np.array(kept), points, losses)
