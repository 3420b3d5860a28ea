"""FAMO against TorchJD, whose losses after a step are the next step's here, and what happens where labels are missing."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torchjd.scalarization import FAMO as Oracle

from mtl_tutor.balancing import FAMO
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train
from tests.following import followed

LOSSES = torch.rand(30, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
ROWS = torch.ones(30, 3, 1, dtype=torch.float64)
X = np.random.default_rng(0).standard_normal((29, 3))
Y = np.stack([5 * X.sum(1), X[:, 0] ** 2], 1)
DATA, STEPS = TaskData((Task("one"), Task("two")), Samples(X, Y)), 60


@pytest.mark.parametrize(("lr", "decay"), [(0.025, 0.001), (0.3, 0.0), (0.3, 0.5)])
def test_weights_are_those_of_torchjd(lr, decay):
    oracle, expected = Oracle(3, lr=lr, weight_decay=decay).double(), []
    for step, row in enumerate(LOSSES):
        if step:
            oracle.update(row)
        leaf = row.clone().requires_grad_()
        expected.append(torch.autograd.grad(oracle(leaf), leaf)[0])
    torch.testing.assert_close(followed(FAMO(lr, decay), LOSSES, ROWS).weights, torch.stack(expected), rtol=1e-5, atol=1e-8)


def test_nets_train_as_with_torchjd_on_full_batches():
    history = train(HardSharing(3, 8, 2), DATA, FAMO(lr=0.1), seeds=[5], steps=STEPS, dtype=torch.float64)
    model, oracle = HardSharing(3, 8, 2), Oracle(2, lr=0.1).double()
    torch.manual_seed(5)
    model.reset_parameters()
    optimizer = torch.optim.Adam(model.double().parameters(), lr=0.01)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def losses() -> torch.Tensor:
        return torch.stack([F.mse_loss(out[:, 0], y[:, i]) for i, out in enumerate(model(x))])

    for _ in range(STEPS):
        optimizer.zero_grad()
        oracle(losses()).backward()
        optimizer.step()
        oracle.update(losses())
    for name, p in model.named_parameters():
        np.testing.assert_allclose(history.parameters[name][0], p.detach(), rtol=0, atol=1e-6, err_msg=name)


def test_weights_of_labelled_tasks_sum_to_one():
    holes = LOSSES.clone()
    holes[4:8, 1] = float("nan")
    torch.testing.assert_close(followed(FAMO(), holes, ROWS).weights.sum(1), torch.ones(30, dtype=torch.float64))


def test_a_steady_fall_counts_the_same_after_a_gap():
    """Both fall by a fifth at every step; that the second has labels at every third step only makes it fall no faster."""
    losses = 0.8 ** torch.arange(30, dtype=torch.float64)[:, None].expand(30, 2).clone()
    losses[:, 1] = torch.where(torch.arange(30) % 3 == 0, losses[:, 1], float("nan"))
    numbers = followed(FAMO(lr=0.1, decay=0.0), losses, ROWS[:, :2]).states[-1][0]
    torch.testing.assert_close(numbers, torch.zeros(2, dtype=torch.float64), rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [((0.0,), "`lr` must be positive"), ((0.1, 2.0), r"`decay` must lie in \[0, 1\]"), ((0.1, -0.1), r"`decay` must lie in \[0, 1\]")],
)
def test_impossible_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        FAMO(*settings)
