"""Exercises of *Transfer and its relatives*."""

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.exercises._trained import AdamOn, descend
from mtl_tutor.tasks import Samples, digits


@checker
def check_pretrained(pretrain: Callable[[torch.Tensor, torch.Tensor], nn.Module] | None) -> str:
    """Check a trunk that has learned yes/no questions: frozen, it has to be of more use for the digits than the pixels are.

    Parameters
    ----------
    pretrain : from images x [400, 64] and answers [400, 5] to a trained trunk, a module from [sample, 64] to [sample, hidden].
    """
    if pretrain is None:
        return "Not yet: write `pretrain(x, answers)`, a function that returns a trained trunk."
    yours = pixels = 0
    with torch.random.fork_rng(devices=[]):
        for seed in range(8):
            data = digits(20, n_images=400, seed=seed)
            torch.manual_seed(seed)
            trunk = pretrain(_tensor(data.train.x), _tensor(data.train.y[:, 1:]))
            if not isinstance(trunk, nn.Module):
                return "Not yet: return the trunk, a torch module."
            known, new = (_hidden(trunk, samples.x) for samples in (data.train.at(np.arange(20)), data.test))  # type: ignore[union-attr]
            if known is None or new is None:
                return "Not yet: the trunk should turn images [sample, 64] into finite hidden activations [sample, hidden]."
            if known.shape[1] <= 5:
                return f"Not yet: your module gives {known.shape[1]} numbers per image. Return the trunk without the heads."
            yours += _misread(known, new, data.train, data.test)
            pixels += _misread(data.train.x[:20], data.test.x, data.train, data.test)  # type: ignore[union-attr]
    if yours > 0.85 * pixels:
        return (
            f"Not yet: a head on your frozen trunk makes {yours / pixels:.2f} times the errors of a head on the pixels; at most 0.85 is "
            "wanted. Does the trunk learn from all five answers, each beside its own image, and for long enough?"
        )
    return f"Right: a head on your frozen trunk makes {yours / pixels:.2f} times the errors of a head on the pixels."


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32)


def _hidden(trunk: nn.Module, x: np.ndarray) -> np.ndarray | None:
    with torch.no_grad():
        found = asked(lambda: copy.deepcopy(trunk).eval()(_tensor(x)))
    if not isinstance(found, torch.Tensor) or found.ndim != 2 or len(found) != len(x) or not torch.isfinite(found).all():
        return None
    return found.double().numpy()


def _misread(known: np.ndarray, new: np.ndarray, train: Samples, test: Samples | None) -> int:
    """How many test digits a head misreads that is fitted to twenty images: least squares with a ridge, in closed form."""
    centre, scale = known.mean(axis=0), known.std() + 1e-9
    known, new = (np.column_stack([(one - centre) / scale, np.ones(len(one))]) for one in (known, new))
    labels = np.eye(10)[train.y[:20, 0].astype(int)] - 0.1
    head = known.T @ np.linalg.solve(known @ known.T + np.eye(20), labels)
    return int(((new @ head).argmax(axis=1) != test.y[:, 0]).sum())  # type: ignore[union-attr]


@checker
def check_frozen(freeze: Callable[[nn.Module], nn.Module | None] | None) -> str:
    """Check a trunk that is frozen, batch normalisation and all: training a head must not change what the trunk answers.

    Parameters
    ----------
    freeze : a function that changes a trunk in place, or returns the frozen one.
    """
    if freeze is None:
        return "Not yet: write `freeze(trunk)`, a function that freezes the trunk or returns a frozen one."
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        trunk, x = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU()), torch.randn(100, 6)
        for _ in range(30):
            trunk(x)  # so that the running means are those of x
        before = _answers_of(trunk, x)
        frozen = freeze(trunk)
        frozen = trunk if frozen is None else frozen
        if not isinstance(frozen, nn.Module):
            return "Not yet: return the frozen trunk, a torch module, or nothing."
        if not _same(_answers_of(frozen, x), before):
            return "Not yet: your function itself changes what the trunk answers. Freezing should keep all of its numbers."
        state = {name: value.clone() for name, value in frozen.state_dict().items()}
        asked(_train_head, frozen, x)
    if _same(_answers_of(frozen, x), before):
        return "Right: the head has learned, and the trunk answers as before."
    moved = [name for name, value in frozen.state_dict().items() if not torch.equal(value, state[name])]
    if set(moved) & {name for name, _ in frozen.named_parameters()}:
        return f"Not yet: while the head was trained, the trunk's {moved[0]!r} moved. Which parameters may the optimiser still change?"
    return (
        f"Not yet: no parameter of the trunk moved, but it answers otherwise: {', '.join(moved) or 'something else'} changed. "
        "When does a batch normalisation layer take new means from what it sees?"
    )


def _answers_of(trunk: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return asked(lambda: copy.deepcopy(trunk).eval()(x))


def _same(found: object, before: torch.Tensor) -> bool:
    return isinstance(found, torch.Tensor) and found.shape == before.shape and torch.allclose(found, before, atol=1e-6)


def _train_head(frozen: nn.Module, x: torch.Tensor) -> None:
    net = nn.Sequential(frozen, nn.Linear(8, 1))
    free = [one for one in net.parameters() if one.requires_grad]
    descend(lambda: (net(2 * x + 3) - x[:, :1]).square().mean(), AdamOn(free, lr=0.05), 20)
