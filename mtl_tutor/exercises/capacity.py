"""Exercises of *Capacity, overfitting*."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import NotYetError, asked, checker, shown
from mtl_tutor.exercises._main_task import data_of, main_error
from mtl_tutor.exercises._trained import AdamOn, descend, tensor_of
from mtl_tutor.tasks import TaskData, only_tasks
from mtl_tutor.training import SGD

MOST_PARAMETERS = 90


@checker
def check_same_size(n_hidden: int | None) -> str:
    """Check the width of a single-task net with as many parameters as 16 units have for eight tasks, on fifteen inputs."""
    if n_hidden is None:
        return "Not yet: give a width."
    if not 1 <= n_hidden <= 1000:
        return f"Not yet: a width is a number of units; {n_hidden} is too {'small' if n_hidden < 1 else 'large'}."
    wanted, found = _size(16, 8), _size(n_hidden, 1)
    if abs(found - wanted) > min(abs(_size(h, 1) - wanted) for h in range(1, 65)):
        return f"Not yet: with one head, {n_hidden} units make {found} parameters; the joint net has {wanted}."
    return f"Right: {found} parameters against {wanted}."


def _size(n_hidden: int, n_tasks: int) -> int:
    """Weights and biases of a net with fifteen inputs."""
    return 16 * n_hidden + n_tasks * (n_hidden + 1)


@checker
def check_needs_room(family: Callable[[int], TaskData] | None) -> str:
    """Check tasks beside which the main task errs more in two units and less in twelve.

    Parameters
    ----------
    family : function
        From a seed to the data; the first task is the main task. Nets are trained on those of 32 seeds.
    """
    if family is None:
        return "Not yet: write a function of a seed that returns a TaskData, and pass the function itself."
    joint = data_of(family, {seed: seed for seed in range(32)})
    if len(joint[0].tasks) < 2:
        return "Not yet: your data have one task. Give the main task at least one other task."
    if any(task.kind != "regression" for task in joint[0].tasks):
        return "Not yet: use regressions, whose labels are numbers, not classes."
    if np.isclose(joint[0].train.y[:, 1:], joint[0].train.y[:, :1]).all(axis=0).any():
        return "Not yet: some other task is a copy of the main task. Give it labels of its own."
    if np.array_equal(joint[0].train.x, joint[1].train.x):
        return "Not yet: seeds 0 and 1 have the same inputs. Pass the seed on, so that each seed has its own data."
    narrow, wide = (_saved(joint, n_hidden) for n_hidden in (2, 12))
    if narrow > -0.05:
        does = f"save {narrow:.0%} of the error" if narrow > 0 else f"raise the error by only {-narrow:.0%}"
        return f"Not yet: in two units your tasks {does}. How many features do all your tasks need together?"
    if wide < 0.1:
        does = f"save only {wide:.0%} of the error" if wide > 0 else f"raise the error by {-wide:.0%}"
        return f"Not yet: in twelve units your tasks {does}. What do they have in common with the main task?"
    return f"Right: in two units your tasks raise the error by {-narrow:.0%}, in twelve they save {wide:.0%} of it."


def _saved(joint: dict[int, TaskData], n_hidden: int) -> float:
    """The share of the single-task error that joint training saves."""
    alone = {seed: only_tasks(data, [0]) for seed, data in joint.items()}
    single, shared = (main_error(data, n_hidden, lr=0.01, steps=250, optimizer=SGD(0.9)) for data in (alone, joint))
    return 1 - shared / max(single, 1e-9)


@checker
def check_two_trunks(build: Callable[[], nn.Module] | None) -> str:
    """Check a net of at most 90 parameters for eight tasks, of which the first four need two features, and the others two more.

    Parameters
    ----------
    build : function
        Without arguments, to a new net: from inputs [sample 15] to answers [sample 8].
    """
    if build is None:
        return "Not yet: write a function without arguments that returns a new net, and pass the function itself."
    error, small = built_error(build), one_trunk()
    if error > small / 2:
        return (
            f"Not yet: your nets have an error of {error:.2f}. One trunk of three tanh units for all tasks has {small:.2f}; "
            "at most half of that is wanted. Does every task reach two tanh units that suit it? Does a head read more than it needs?"
        )
    return f"Right: an error of {error:.2f}. One trunk of three units for all tasks, with about as many parameters, has {small:.2f}."


@cache
def one_trunk() -> float:
    """The error of one trunk of three units: 0.12 to 0.21 in six blocks of seeds, where two trunks of two units have 0.01 to 0.03."""
    return built_error(lambda: nn.Sequential(nn.Linear(15, 3), nn.Tanh(), nn.Linear(3, 8)))


def built_error(build: Callable[[], nn.Module], first_seed: int = 0) -> float:
    """Test error of a reader's nets, a mean over tasks and seeds."""
    wrong = []
    for seed in range(first_seed, first_seed + 6):
        (x, y), (new_x, new_y) = _two_groups(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            net = asked(build)
            if not isinstance(net, nn.Module):
                raise NotYetError(f"your function should return a net, a torch module; got {shown(net)}.")
            weights = [one for one in asked(net.parameters) if one.requires_grad]
            size = sum(one.numel() for one in weights)
            if not 1 <= size <= MOST_PARAMETERS:
                raise NotYetError(f"your net has {size} parameters to train; from 1 to {MOST_PARAMETERS} are wanted.")
            descend(partial(_error, net, x, y), AdamOn(weights, lr=0.03), 150)
            with torch.no_grad():
                wrong.append(_error(net, new_x, new_y).item() / 8)
    return float(np.mean(wrong))


def _error(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return (tensor_of(asked(net, x), (len(x), 8), "eight answers for each sample") - y).square().mean(dim=0).sum()


@cache
def _two_groups(seed: int) -> list[tuple[Tensor, Tensor]]:
    """Inputs and labels, 100 for training and 300 as a test, of two groups of four tasks; each group mixes two features of its own."""
    rng = np.random.default_rng([seed, 0xCA])
    a, v = rng.normal(size=(15, 4)), rng.normal(size=(4, 8))
    v[2:, :4] = v[:2, 4:] = 0
    a, v = a / np.linalg.norm(a, axis=0), v / np.linalg.norm(v, axis=0)
    found = []
    for n, noise in ((100, 0.3), (300, 0.0)):
        x = rng.normal(size=(n, 15))
        y = 1.5 * np.tanh(1.5 * x @ a) @ v + noise * rng.normal(size=(n, 8))
        found.append((torch.from_numpy(x).float(), torch.from_numpy(y).float()))
    return found
