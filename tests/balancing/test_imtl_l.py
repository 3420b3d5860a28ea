"""IMTL-L through the engine against TorchJD, and where its scales come to rest."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torchjd.scalarization import IMTLL as Oracle

from mtl_tutor.balancing import IMTLL
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train
from tests.following import followed

X = np.random.default_rng(0).standard_normal((29, 3))
Y = np.stack([5 * X.sum(1), X[:, 0] ** 2], 1)
DATA, STEPS = TaskData((Task("one"), Task("two")), Samples(X, Y)), 120


def test_nets_train_as_with_torchjd():
    history = train(HardSharing(3, 8, 2), DATA, IMTLL(lr=0.05), seeds=[5], steps=STEPS, dtype=torch.float64)
    model, oracle = HardSharing(3, 8, 2), Oracle(2).double()
    torch.manual_seed(5)
    model.reset_parameters()
    model.double()
    optimizer = torch.optim.Adam([{"params": model.parameters()}, {"params": oracle.parameters(), "lr": 0.05}], lr=0.01)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    for _ in range(STEPS):
        optimizer.zero_grad()
        oracle(torch.stack([F.mse_loss(out[:, 0], y[:, i]) for i, out in enumerate(model(x))])).backward()
        optimizer.step()
    assert (oracle.log_scale.abs() > 0.1).all()
    for name, p in model.named_parameters():
        np.testing.assert_allclose(history.parameters[name][0], p.detach(), rtol=0, atol=1e-10, err_msg=name)


def test_scales_make_constant_losses_one():
    losses = torch.tensor([4.0, 0.25], dtype=torch.float64).expand(2000, 2)
    weights = followed(IMTLL(lr=0.05), losses, torch.zeros(2000, 2, 1, dtype=torch.float64)).weights
    torch.testing.assert_close(weights[-1] * losses[-1], torch.ones(2, dtype=torch.float64), rtol=1e-3, atol=0)


def test_a_scale_starts_with_the_first_label_as_if_it_were_the_first_step():
    late, rows = torch.full((5, 2), 3.0, dtype=torch.float64), torch.zeros(5, 2, 1, dtype=torch.float64)
    late[:3, 1] = float("nan")
    scales = [state[0] for state in followed(IMTLL(), late, rows).states]
    torch.testing.assert_close(scales[5][1], scales[2][0])


@pytest.mark.parametrize("lr", [0.0, -1.0, float("inf"), float("nan")])
def test_an_impossible_rate_gets_a_sentence(lr):
    with pytest.raises(ValueError, match="`lr` must be"):
        IMTLL(lr)
