"""Exercises of *Task conditioning*."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.exercises._trained import AdamOn, descend, tensor_of
from mtl_tutor.sharing import TaskConditioned
from mtl_tutor.tasks import sine_codes

Answer = Callable[[Tensor, Tensor], Tensor]
N_NEW = 8


@checker
def check_find_code(find_code: Callable[[Answer, Tensor, Tensor], Tensor] | None) -> str:
    """Check a search for the code of a new curve: find_code(answer, x, y) -> code, from 16 labels.

    Parameters
    ----------
    find_code : function
        From a trained net's answer(x, code), inputs x [16 1] and noisy labels y [16], to a code of two numbers.
    """
    if find_code is None:
        return "Not yet: write find_code(answer, x, y), which returns two numbers. Try answer(x, torch.zeros(2)) in it."
    error, labels = found_error(find_code), found_error(lambda answer, x, y: torch.zeros(2))
    if error > 0.8 * labels:
        return f"Not yet: on new places your codes have an error of {error:.2f}; the code (0, 0) for all curves has {labels:.2f}."
    if error > labels / 3:
        return f"Not yet: an error of {error:.2f} on new places is better than nothing ({labels:.2f}), but these labels can tell much more."
    return f"Right: an error of {error:.3f} on new places, from 16 labels and two free numbers. The net itself was not trained."


def found_error(find_code: Callable[[Answer, Tensor, Tensor], Tensor], first_seed: int = 0) -> float:
    """Mean squared error on new places of the codes that a reader's search finds for new curves."""
    net, curves, places, true = _net(first_seed)

    def answer(x: Tensor, code: Tensor) -> Tensor:
        """The net's answers at x [sample 1] for a code: [sample]."""
        with torch.enable_grad():
            return net.answer(x, torch.as_tensor(code, dtype=torch.float32))[:, 0]

    wrong = []
    for (x, y), right in zip(curves, true, strict=True):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            found = asked(find_code, answer, x.clone(), y.clone())
        code = tensor_of(found, (2,), "a code of two numbers").detach()
        wrong.append((answer(places, code).detach() - right).square().mean())
    return torch.stack(wrong).mean().item()


@cache
def _net(first_seed: int) -> tuple[TaskConditioned, list[tuple[Tensor, Tensor]], Tensor, Tensor]:
    """A trained net; 16 labels of each new curve; new places, and the new curves there."""
    planted = sine_codes(20, 12, n_new=N_NEW, noise=0.2, separate=True, seed=first_seed)
    x, y = (torch.from_numpy(part).float() for part in (planted.data.train.x, planted.data.train.y))
    known, y = ~y.isnan(), y.nan_to_num()
    with torch.random.fork_rng():
        torch.manual_seed(first_seed)
        net = TaskConditioned(n_features=1, n_hidden=16, n_tasks=20, n_code=2)
    weights = 20 * known / known.sum()
    descend(lambda: (weights * (torch.cat(net(x), dim=1) - y).square()).sum(), AdamOn(net.parameters(), lr=0.02), 400)
    rng = np.random.default_rng([first_seed, 16])
    curves = []
    for a, b in planted.truth["new_code"]:
        places = rng.uniform(-np.pi, np.pi, size=(16, 1))
        labels = a * np.sin(places[:, 0]) + b * np.cos(places[:, 0]) + 0.2 * rng.normal(size=16)
        curves.append((torch.from_numpy(places).float(), torch.from_numpy(labels).float()))
    test = planted.data.splits()["test"]
    return net.requires_grad_(False), curves, torch.from_numpy(test.x).float(), torch.from_numpy(planted.truth["new_answers"].T).float()


@checker
def check_own_numbers(numbers: Sequence[int] | None) -> str:
    """Check how many numbers belong to one task alone, in four ways to serve it.

    Parameters
    ----------
    numbers : of a net of its own (1 input, 16 hidden units, 1 output); of a head on a common trunk of 16 units; of a code of two;
        of an addition of rank 2 to a matrix from 16 inputs to 12 outputs, without a bias.
    """
    if numbers is None or len(numbers) != 4:
        return "Not yet: give four counts: own net, head, code, addition."
    net, head, code, addition = numbers
    if net != 49:
        return f"Not yet: an own net has not {net}. Count the weights and the biases of both layers."
    if head != 17:
        return f"Not yet: a head on 16 units has not {head}. Don't forget its bias; the trunk is everybody's."
    if code != 2:
        return f"Not yet: a code of two is not {code} numbers. What turns it into scales and shifts is shared."
    if addition == 192:
        return "Not yet: that is the whole matrix. How many numbers does a product of two thin matrices need?"
    if addition != 56:
        return f"Not yet: an addition of rank 2 has not {addition}. Which shapes have B and A, and how many numbers have both together?"
    return "Right: 49, 17, 2 and 56. What a task has to itself is what its own few labels have to pay for."


@checker
def check_slopes(slopes: Sequence[float] | None) -> str:
    """Check the slope of one hidden unit that is on: with a code beside the input, and with a code that scales and shifts.

    Parameters
    ----------
    slopes : of relu(2 x + 1 + e·c) with e·c = 3, and of relu((1 + s) (2 x + 1) + r) with s = 0.5 and r = 3, as functions of x.
    """
    if slopes is None or len(slopes) != 2:
        return "Not yet: give two slopes: code beside the input, code that scales and shifts."
    beside, scaled = slopes
    if abs(beside - 2) > 1e-6:
        return f"Not yet: beside the input the code is added before the unit. Does {beside:g} still contain it?"
    if abs(scaled - 3) > 1e-6:
        return f"Not yet: scaled and shifted it isn't {scaled:g}. Differentiate by x: what do scale and shift do to the slope?"
    return "Right: 2 and 3. Beside the input a code moves where a unit bends, and never how steep it is."
