"""PCGrad against TorchJD, and through the engine against a plain loop."""

import numpy as np
import pytest
import torch
from torchjd.aggregation import PCGradWeighting

from mtl_tutor.balancing import GradientSurgery, PCGrad
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import SGD, train

RNG = np.random.default_rng(0)
X = RNG.standard_normal((29, 3))
DATA = TaskData((Task("sum"), Task("minus"), Task("square")), Samples(X, np.stack([X.sum(1), -X[:, 0], X[:, 1] ** 2], 1)))
SEEDS, STEPS = (5, 2), 60


def noise_for(orders) -> torch.Tensor:
    """Return numbers whose order is the given one, for every task."""
    return torch.stack([order.argsort().double() for order in orders])


@pytest.mark.parametrize("n_tasks", [2, 3, 6])
def test_the_weights_are_those_of_torchjd(n_tasks):
    for seed in range(20):
        torch.manual_seed(seed)
        jacobian = torch.randn(n_tasks, 5, dtype=torch.float64)
        gramian = jacobian @ jacobian.T
        torch.manual_seed(seed)
        orders = [torch.randperm(n_tasks) for _ in range(n_tasks)]
        torch.manual_seed(seed)
        expected = PCGradWeighting()(gramian)
        found, _ = PCGrad().weigh(gramian, (), noise_for(orders))
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)
        direction, _ = PCGrad().combine(jacobian, (), noise_for(orders))
        torch.testing.assert_close(direction, expected @ jacobian, rtol=0, atol=1e-10)


def test_gradients_that_agree_are_added_up():
    gramian = torch.tensor([[1.0, 0.5], [0.5, 2.0]])
    assert PCGrad().weigh(gramian, (), torch.zeros(2, 2))[0].tolist() == [1.0, 1.0]


def test_a_task_with_a_zero_gradient_changes_nothing():
    jacobian = torch.tensor([[1.0, 0.0], [-1.0, 1.0], [0.0, 0.0]])
    with_zero, _ = PCGrad().combine(jacobian, (), torch.rand(3, 3))
    without, _ = PCGrad().combine(jacobian[:2], (), torch.rand(2, 2))
    torch.testing.assert_close(with_zero, without)


def test_the_order_matters_from_three_tasks_on():
    jacobian = torch.tensor([[1.0, 0.0], [-1.0, 0.5], [-0.5, -1.0]])
    results = {tuple(PCGrad().combine(jacobian, (), noise_for(orders))[0].tolist()) for orders in ORDERS}
    assert len(results) > 1


ORDERS = [[torch.tensor(order)] * 3 for order in ([0, 1, 2], [2, 1, 0])]


class NoiseReader(GradientSurgery):
    """Moves the trunk's first parameters by the method's noise, so that the noise can be read back."""

    def noise_shape(self, n_tasks):
        return (n_tasks, n_tasks)

    def combine(self, jacobian, state, noise):
        rest = jacobian.new_zeros(jacobian.shape[1] - noise.numel())
        return torch.cat([noise.flatten(), rest]), state


def noise_read() -> np.ndarray:
    """Return the noise that the engine draws, [seed step task task]."""
    net = HardSharing(3, 3, 3)  # the trunk's first parameter has 3 x 3 entries
    settings = {"lr": 1.0, "optimizer": SGD(), "keep_at": range(STEPS + 1), "dtype": torch.float64}
    history = train(net, DATA, NoiseReader(), seeds=SEEDS, steps=STEPS, **settings)
    weights = np.stack([history.parameters_at(step)["trunk.0.weight"] for step in range(STEPS + 1)], axis=1)
    return -np.diff(weights, axis=1)


def test_every_seed_and_step_has_noise_of_its_own():
    drawn = noise_read()
    assert drawn.shape == (2, STEPS, 3, 3)
    assert len(np.unique(drawn.round(6))) == drawn.size
    assert abs(drawn.mean()) < 0.15
    assert 0.9 < drawn.std() < 1.1


def test_training_ends_where_a_plain_loop_ends():
    history = train(HardSharing(3, 8, 3), DATA, PCGrad(), seeds=SEEDS, steps=STEPS, dtype=torch.float64)
    orders, x, y = noise_read().argsort(axis=-1), torch.from_numpy(DATA.train.x), torch.from_numpy(DATA.train.y)
    conflicts = 0
    for row, seed in enumerate(SEEDS):
        torch.manual_seed(seed)
        model = HardSharing(3, 8, 3)
        torch.manual_seed(seed)
        model.reset_parameters()
        model.double()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        trunk, heads = list(model.trunk.parameters()), list(model.heads.parameters())
        for step in range(STEPS):
            losses = [torch.nn.functional.mse_loss(out[:, 0], y[:, i]) for i, out in enumerate(model(x))]
            rows = [torch.autograd.grad(loss, trunk, retain_graph=True) for loss in losses]
            gradients = [torch.cat([g.flatten() for g in of_task]) for of_task in rows]
            total = torch.zeros_like(gradients[0])
            for i, gradient in enumerate(gradients):
                for j in orders[row, step, i]:
                    if j != i and gradient @ gradients[j] < 0:
                        gradient = gradient - (gradient @ gradients[j]) / (gradients[j] @ gradients[j]) * gradients[j]
                        conflicts += 1
                total = total + gradient
            parts = [part.view_as(p) for p, part in zip(trunk, total.split([p.numel() for p in trunk]), strict=True)]
            for p, g in zip([*trunk, *heads], [*parts, *torch.autograd.grad(sum(losses), heads)], strict=True):
                p.grad = g
            optimizer.step()
        for name, p in model.named_parameters():
            np.testing.assert_allclose(history.parameters[name][row], p.detach(), rtol=0, atol=1e-10, err_msg=name)
    assert conflicts > STEPS
