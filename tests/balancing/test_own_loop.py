"""Balancing in a loop of one's own: what lands in `grad`, and what is refused."""

import copy
import inspect

import pytest
import torch
from torch import nn

from mtl_tutor import balancing
from mtl_tutor.balancing import (
    FAMO,
    MGDA,
    Balancer,
    EqualWeighting,
    FixedWeighting,
    GradNorm,
    PCGrad,
    UncertaintyWeighting,
    UPGrad,
    combine,
    jacobian_of,
)
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import SGD, train

SETTINGS = {"FixedWeighting": ((1.0, 2.0),), "UnitNormalised": ((1.0, 2.0),), "WeightSchedule": ((1.0, 0.25), (0.5, 1.0))}


class Net(nn.Module):
    """A trunk of two layers and two heads."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.trunk = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 4), nn.Tanh())
        self.heads = nn.ModuleList(nn.Linear(4, 1) for _ in range(2))

    def losses(self, x, y):
        hidden = self.trunk(x)
        return [(head(hidden)[:, 0] - y[:, i]).square().mean() for i, head in enumerate(self.heads)]


X = torch.randn(20, 3, generator=torch.Generator().manual_seed(1))
Y = torch.stack([X[:, 0], 3 - 40 * X[:, 0] + X[:, 1]], 1)


def gradients(net: nn.Module) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in net.parameters()])


@pytest.mark.parametrize("method", [EqualWeighting(), FixedWeighting((1.0, 1.0))], ids=repr)
def test_equal_weights_give_what_backward_gives(method):
    one, other = Net(), Net()
    sum(one.losses(X, Y)).backward()
    Balancer(method).backward(other.losses(X, Y))
    torch.testing.assert_close(gradients(other), gradients(one))


@pytest.mark.parametrize("method", [UPGrad(), MGDA(), PCGrad()], ids=repr)
def test_a_surgery_moves_the_trunk_and_leaves_the_heads_to_their_tasks(method):
    net, plain = Net(), Net()
    sum(plain.losses(X, Y)).backward()
    expected = combine(jacobian_of(net.losses(X, Y), net.trunk.parameters()), method)
    Balancer(method, net.trunk).backward(net.losses(X, Y))
    torch.testing.assert_close(gradients(net.trunk), expected)
    torch.testing.assert_close(gradients(net.heads), gradients(plain.heads))
    assert isinstance(method, PCGrad) or not torch.allclose(gradients(net.trunk), gradients(plain.trunk), rtol=0.1)


def test_heads_follow_the_weights_of_a_method_that_looks_at_both():
    net, plain = Net(), Net()
    balancer = Balancer(GradNorm(lr=0.3), net.trunk)
    for _ in range(2):
        net.zero_grad()
        balancer.backward(net.losses(X, Y))
    weights = balancer.weights
    assert weights.tolist() == pytest.approx([1.3, 0.7], abs=1e-3)
    (weights * torch.stack(plain.losses(X, Y))).sum().backward()
    torch.testing.assert_close(gradients(net), gradients(plain))


def test_gradnorm_looks_at_the_last_shared_layer():
    shared = [nn.Parameter(torch.ones(3, 2)), nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(1, 2)), nn.Parameter(torch.ones(1))]
    balancer = Balancer(GradNorm(lr=0.1), shared)
    losses = [(5 * shared[0]).sum() + shared[2].sum(), shared[0].sum() + 3 * (shared[2].sum() + shared[3].sum())]
    for _ in range(2):
        balancer.backward([loss + 1 for loss in losses])
        losses = [(5 * shared[0]).sum() + shared[2].sum(), shared[0].sum() + 3 * (shared[2].sum() + shared[3].sum())]
    assert balancer.weights[0] > balancer.weights[1]  # the first pulls less at the last layer, though more at the first


@pytest.mark.parametrize("method", [EqualWeighting(), UPGrad(), GradNorm()], ids=repr)
def test_gradients_are_added_to_those_that_are_there(method):
    net, twice = Net(), Net()
    Balancer(method, net.trunk).backward(net.losses(X, Y))
    for _ in range(2):
        Balancer(method, twice.trunk).backward(twice.losses(X, Y))
    torch.testing.assert_close(gradients(twice), 2 * gradients(net))


@pytest.mark.parametrize("method", [EqualWeighting(), UncertaintyWeighting(), UPGrad(), GradNorm(), FAMO()], ids=repr)
def test_a_task_without_labels_moves_nothing(method):
    net, alone = Net(), Net()
    balancer = Balancer(method, net.trunk)
    balancer.backward(net.losses(X, Y))
    net.zero_grad()
    balancer.backward([net.losses(X, Y)[0], None])
    alone.losses(X, Y)[0].backward()
    assert net.heads[1].weight.grad is None
    cosine = torch.cosine_similarity(gradients(net.trunk), gradients(alone.trunk), dim=0)
    assert float(cosine) > 1 - 1e-6


def methods() -> dict[str, type]:
    """Every method of the package, by name."""
    kinds = {name: kind for name in balancing.__all__ if inspect.isclass(kind := getattr(balancing, name)) and not inspect.isabstract(kind)}
    return {name: kind for name, kind in kinds.items() if issubclass(kind, balancing.Balancing) and kind is not balancing.Balancing}


@pytest.mark.parametrize(("name", "kind"), methods().items())
def test_every_method_works_in_a_loop(name, kind):
    net = Net()
    balancer, optimizer = Balancer(kind(*SETTINGS.get(name, ())), net.trunk), torch.optim.Adam(net.parameters(), 0.03)
    first = torch.stack(net.losses(X, Y)).detach()
    for _ in range(30):
        optimizer.zero_grad()
        balancer.backward(net.losses(X, Y))
        optimizer.step()
    last = torch.stack(net.losses(X, Y)).detach()
    assert balancer.step == 30
    assert last.isfinite().all()
    assert (last < first).any()


@pytest.mark.parametrize("method", [UncertaintyWeighting(), UPGrad(), GradNorm()], ids=repr)
def test_the_loop_does_what_the_engine_does(method):
    data = sine_family(n_tasks=2, n_samples=24, relatedness=0.3, seed=0)
    net = HardSharing(data.n_features, 5, 2)
    settings = {"lr": 0.1, "optimizer": SGD(), "keep_at": (0, 5), "dtype": torch.float64, "batch_size": None}
    history = train(net, data, method, seeds=(3,), steps=5, **settings)
    own = copy.deepcopy(net).double()
    own.load_state_dict({name: torch.as_tensor(value[0]) for name, value in history.parameters_at(0).items()})
    balancer, optimizer = Balancer(method, own.shared_parameters()), torch.optim.SGD(own.parameters(), 0.1)
    x, y = torch.as_tensor(data.train.x), torch.as_tensor(data.train.y)
    for _ in range(5):
        optimizer.zero_grad()
        balancer.backward([(output[:, 0] - y[:, i]).square().mean() for i, output in enumerate(own(x))])
        optimizer.step()
    for name, value in history.parameters_at(5).items():
        torch.testing.assert_close(own.state_dict()[name], torch.as_tensor(value[0]), rtol=1e-9, atol=1e-12)


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_is_named_or_skipped():
    net = Net()
    losses = net.losses(X, Y)
    losses[1] = losses[1] * float("nan")
    with pytest.raises(ValueError, match="task 1 has nan at step 0"):
        Balancer(UPGrad(), net.trunk).backward(losses)
    Balancer(UPGrad(), net.trunk, nonfinite="skip").backward(losses)
    assert gradients(net.trunk).isfinite().all()
    assert net.heads[1].weight.grad is None


def test_gradients_that_are_not_finite_are_named():
    net = Net()
    good, other = net.losses(X, Y)
    bad = other + (net.trunk[0].weight[0, 0] * 0).sqrt()
    with pytest.raises(ValueError, match="that of task 1 isn't at step 0"):
        Balancer(UPGrad(), net.trunk).backward([good, bad])
    with pytest.raises(ValueError, match="that of task 1 isn't"):
        combine(torch.tensor([[1.0, 2.0], [1.0, float("inf")]]), MGDA())


@pytest.mark.messages
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: Balancer("UPGrad", net.trunk), "`method` must be a method of mtl_tutor.balancing"),
        (lambda net: Balancer(UPGrad()), "`shared` must hold the parameters that tasks share"),
        (lambda net: Balancer(UPGrad(), net.trunk, nonfinite="stop"), "`nonfinite` must be 'raise' or 'skip'"),
        (lambda net: Balancer(UPGrad(), net.trunk).backward([torch.ones(2), None]), "task 0 has"),
        (lambda net: Balancer(UPGrad(), net.trunk).backward([None, None]), "step 0 has none"),
        (lambda net: combine(torch.ones(3), UPGrad()), "jacobian"),
        (lambda net: combine(torch.ones(2, 3), EqualWeighting()), "method"),
    ],
)
def test_what_cannot_work_gets_a_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call(Net())


def test_another_number_of_tasks_gets_a_sentence():
    net = Net()
    balancer = Balancer(UPGrad(), net.trunk)
    balancer.backward(net.losses(X, Y))
    with pytest.raises(ValueError, match="one loss per task, 2 as at the first step; got 1"):
        balancer.backward(net.losses(X, Y)[:1])
