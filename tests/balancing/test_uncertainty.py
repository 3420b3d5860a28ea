"""Uncertainty weighting against TorchJD, and through the engine against a plain loop."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torchjd.scalarization import UW

from mtl_tutor.balancing import UncertaintyWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import SGD, train

RNG = np.random.default_rng(0)
X = RNG.standard_normal((29, 3))
Y = np.stack([5 * X.sum(1) + RNG.standard_normal(29), X[:, 0] > 0, np.digitize(X[:, 2], [-0.5, 0.5])], 1).astype(float)
MIXED = TaskData((Task("number"), Task("coin", "binary"), Task("animal", "multiclass", 3)), Samples(X, Y))
NUMBERS = TaskData((Task("one"), Task("two")), Samples(X, np.stack([5 * X.sum(1), X[:, 0] ** 2], 1)))
SEEDS, STEPS = (5, 2), 120


def started(data: TaskData, seed: int) -> HardSharing:
    model = HardSharing(3, 8, n_outputs=data.n_outputs)
    torch.manual_seed(seed)
    model.reset_parameters()
    return model.double()


def losses_of(model, data) -> torch.Tensor:
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    functions = {"regression": F.mse_loss, "binary": F.binary_cross_entropy_with_logits}
    losses = []
    for i, (task, out) in enumerate(zip(data.tasks, model(x), strict=True)):
        loss = F.cross_entropy(out, y[:, i].long()) if task.kind == "multiclass" else functions[task.kind](out[:, 0], y[:, i])
        losses.append(loss)
    return torch.stack(losses)


def assert_same(history, models) -> None:
    for row, model in enumerate(models):
        for name, p in model.named_parameters():
            np.testing.assert_allclose(history.parameters[name][row], p.detach(), rtol=0, atol=1e-10, err_msg=name)


def test_regressions_train_as_with_torchjd():
    history = train(HardSharing(3, 8, 2), NUMBERS, UncertaintyWeighting(lr=0.05), seeds=SEEDS, steps=STEPS, dtype=torch.float64)
    models = []
    for seed in SEEDS:
        model, scalarizer = started(NUMBERS, seed), UW(2).double()
        groups = [{"params": model.parameters()}, {"params": scalarizer.parameters(), "lr": 0.05}]
        optimizer = torch.optim.Adam(groups, lr=0.01)
        for _ in range(STEPS):
            optimizer.zero_grad()
            scalarizer(losses_of(model, NUMBERS)).backward()
            optimizer.step()
        assert (scalarizer.log_var.abs() > 0.1).all()
        models.append(model)
    assert_same(history, models)


def test_classifications_have_twice_the_weight_for_the_same_variance():
    method = UncertaintyWeighting(("regression", "binary", "multiclass"))
    settings = {"seeds": SEEDS, "steps": STEPS, "optimizer": SGD(0.9), "dtype": torch.float64}
    history = train(HardSharing(3, 8, n_outputs=(1, 1, 3)), MIXED, method, **settings)
    models = []
    for seed in SEEDS:
        model, log_variance = started(MIXED, seed), torch.zeros(3, dtype=torch.float64, requires_grad=True)
        optimizers = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), torch.optim.Adam([log_variance], lr=0.01)
        for _ in range(STEPS):
            factor = torch.tensor([0.5, 1.0, 1.0], dtype=torch.float64)
            loss = (factor * torch.exp(-log_variance) * losses_of(model, MIXED) + log_variance / 2).sum()
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
        models.append(model)
    assert_same(history, models)


def test_the_log_variance_of_a_constant_loss_becomes_its_logarithm():
    """With a loss that stays, exp(-s)·L/2 + s/2 is lowest at s = log L, and the weight is 1/(2L)."""
    method, losses = UncertaintyWeighting(lr=0.05), torch.tensor([4.0, 0.25], dtype=torch.float64)
    state = tuple(value.double() for value in method.start(2))
    for _ in range(2000):
        weights, state = method.weigh(losses, state, torch.zeros(0))
    torch.testing.assert_close(state[0], losses.log(), rtol=0, atol=1e-4)
    torch.testing.assert_close(weights, 1 / (2 * losses), rtol=1e-3, atol=0)


def test_a_task_without_a_label_in_the_first_batch_keeps_its_variance():
    method = UncertaintyWeighting()
    _, (log_variance, *_) = method.weigh(torch.tensor([4.0, float("nan")]), method.start(2), torch.zeros(0))
    assert log_variance[0] != 0
    assert log_variance[1] == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kinds": ("regression", "ordinal")}, "`kinds` must be 'regression' or 'classification'; got 'ordinal'"),
        ({"lr": 0.0}, "`lr` must be positive and finite; got 0.0"),
    ],
)
def test_impossible_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        UncertaintyWeighting(**settings)


@pytest.mark.messages
def test_kinds_for_another_number_of_tasks_are_refused_before_training():
    with pytest.raises(ValueError, match="`kinds` must name one kind per task, 2; got 1"):
        train(HardSharing(3, 8, 2), NUMBERS, UncertaintyWeighting(("regression",)), seeds=1, steps=1)
