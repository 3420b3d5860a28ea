"""Every seed starts with weights of its own, and what is frozen or chosen stays."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing import Architecture, HardSharing
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import inspect_nets, predict, train

DATA = sine_family(n_tasks=2, n_samples=12, seed=0)
PARAMETRIZED = nn.utils.parametrizations


class Around(nn.Module):
    """Two heads on a layer under test, which reads and returns eight numbers."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.first, self.layer, self.head = nn.Linear(1, 8), layer, nn.Linear(8, 2)

    def forward(self, x):
        return list(self.head(self.layer(self.first(x))).split(1, -1))


class Attention(nn.Module):
    """Attention among three copies of a sample."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        x = x[:, None].repeat(1, 3, 1)
        return self.attention(x, x, x, need_weights=False)[0].mean(1)


class Times(nn.Module):
    """Multiply by a parameter that no reset knows."""

    def __init__(self, values: torch.Tensor) -> None:
        super().__init__()
        self.values = nn.Parameter(values)

    def forward(self, x):
        return x * self.values


class Own(Architecture):
    """An architecture of a reader's own, with a part that is no linear layer."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__(1, 8, 2)
        self.trunk, self.part, self.heads = self.new_trunk(), part, self.new_heads()
        self.reset_parameters()

    def forward(self, x):
        values = next(self.part.parameters())
        return [head(self.trunk(x) * values.flatten()[:8]) for head in self.heads]

    def shared_parameters(self):
        return self.trunk.parameters()


def starts(model: nn.Module) -> dict[str, np.ndarray]:
    return train(model, DATA, seeds=4, steps=1, lr=1e-12).parameters


LAYERS = {
    "attention": lambda: Around(Attention()),
    "weight norm": lambda: Around(PARAMETRIZED.weight_norm(nn.Linear(8, 8))),
    "orthogonal": lambda: Around(PARAMETRIZED.orthogonal(nn.Linear(8, 8))),
    "convolution": lambda: Around(nn.Sequential(nn.Unflatten(1, (1, 8)), nn.Conv1d(1, 1, 3, padding=1), nn.Flatten())),
    "own architecture, embedding": lambda: Own(nn.Embedding(2, 8)),
    "own architecture, weight norm": lambda: Own(PARAMETRIZED.weight_norm(nn.Linear(8, 8), name="weight")),
}


@pytest.mark.filterwarnings("ignore")  # of torch's own, about attention under vmap
@pytest.mark.parametrize("case", LAYERS)
def test_every_seed_draws_weights_of_its_own(case):
    for name, values in starts(LAYERS[case]()).items():
        if values[0].size > 1 and np.ptp(values[0]) > 0:  # no bias of zeros, no scale of ones
            assert len(np.unique(values.reshape(4, -1), axis=0)) == 4, name


@pytest.mark.messages
@pytest.mark.parametrize("build", [lambda: Around(Times(torch.randn(8))), lambda: Own(Times(torch.randn(8)))])
def test_a_parameter_that_no_reset_draws_is_named(build):
    with pytest.raises(ValueError, match=r"`model` must draw `\w+\.values` in a reset"):
        starts(build())


def test_a_single_number_that_no_reset_draws_gets_a_warning():
    with pytest.warns(UserWarning, match=r"`model` must draw `layer.values`.*All seeds start with 0\.123457"):
        starts(Around(Times(torch.tensor(0.123456789))))


@pytest.mark.parametrize("values", [torch.zeros(8), torch.full((8,), 1 / 3), torch.tensor(0.25), torch.arange(8) * 0.1], ids=str)
def test_constants_that_somebody_chose_stay(values):
    with warnings.catch_warnings(action="error"):
        found = starts(Around(Times(values.float())))
    np.testing.assert_allclose(found["layer.values"], np.broadcast_to(values, (4, *values.shape)), atol=1e-6)


def test_what_is_frozen_or_handed_over_needs_no_reset():
    model = Around(Times(torch.randn(8)))
    before = train(model, DATA, seeds=2, steps=1, freeze="layer.*")
    np.testing.assert_array_equal(before.parameters["layer.values"][1], model.layer.values.detach())
    train(model, DATA, seeds=2, steps=1, start=before)
    model.layer.requires_grad_(False)
    train(model, DATA, seeds=2, steps=1)


def test_a_reset_that_leaves_all_as_it_is_keeps_the_values_on_purpose():
    class Kept(Times):
        def reset_parameters(self):
            """Keep the values."""

    model = Around(Kept(torch.randn(8)))
    np.testing.assert_allclose(starts(model)["layer.values"][3], model.layer.values.detach(), atol=1e-6)


@pytest.mark.messages
def test_a_reset_that_draws_from_elsewhere_is_refused():
    class Elsewhere(Times):
        def reset_parameters(self):
            with torch.no_grad():
                self.values.copy_(torch.from_numpy(np.random.default_rng().normal(size=8)))

    with pytest.raises(ValueError, match=r"`model` must draw `layer.values` from torch's global generator"):
        starts(Around(Elsewhere(torch.zeros(8))))


def test_a_frozen_trunk_keeps_its_weights():
    trunk = nn.Sequential(nn.Linear(1, 8), nn.Tanh()).requires_grad_(False)
    net = HardSharing(1, 8, 2, trunk=trunk)
    assert torch.equal(net.trunk.module[0].weight, trunk[0].weight)
    found = starts(net)
    for row in range(4):
        np.testing.assert_array_equal(found["trunk.module.0.weight"][row], trunk[0].weight)
    assert len(np.unique(found["heads.0.weight"].reshape(4, -1), axis=0)) == 4


def test_a_frozen_embedding_in_an_own_architecture_keeps_its_weights():
    given = torch.randn(2, 8)
    np.testing.assert_array_equal(starts(Own(nn.Embedding.from_pretrained(given)))["part.weight"][2], given)


def test_a_trained_trunk_is_drawn_anew():
    trunk = nn.Sequential(nn.Linear(1, 8), nn.Tanh())
    assert not torch.equal(HardSharing(1, 8, 2, trunk=trunk).trunk.module[0].weight, trunk[0].weight)


class Tied(nn.Module):
    """One layer under two names, and heads that share a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Linear(1, 8)
        self.same, self.heads = self.trunk, nn.ModuleList([nn.Linear(8, 1), nn.Linear(8, 1)])
        self.heads[1].bias = self.heads[0].bias

    def forward(self, x):
        return [head(layer(x).relu()) for head, layer in zip(self.heads, (self.trunk, self.same), strict=True)]


@pytest.mark.parametrize("build", [Tied, lambda: tied_heads(HardSharing(1, 8, 2))])
def test_tied_parameters_train_as_one(build):
    model = build()
    history = train(model, DATA, seeds=3, steps=20, dtype=torch.float64, optimizer=_sgd(), lr=0.05)
    assert not {"same.weight", "heads.1.bias"} & history.parameters.keys()
    answers = predict(model, history, DATA.train.x)
    expected = _by_hand(build(), 20)
    for task, output in enumerate(expected):
        np.testing.assert_allclose(answers[task][2], output, atol=1e-9)


def test_tied_nets_can_be_inspected():
    net = tied_heads(HardSharing(1, 8, 2))
    assert inspect_nets(Inspected(1, 8, 2), train(net, DATA, seeds=2, steps=1), DATA.train.x)["bias"].shape == (2, 1)


class Inspected(HardSharing):
    """Shows the bias that its heads share."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes)
        tied_heads(self)

    def inspect(self, x):
        return {"bias": self.heads[1].bias.detach().numpy()}


def tied_heads(net: HardSharing) -> HardSharing:
    net.heads[1].bias = net.heads[0].bias
    return net


def _sgd():
    from mtl_tutor.training import SGD

    return SGD()


def _by_hand(net: nn.Module, steps: int) -> list[np.ndarray]:
    """Train seed 2 with a plain loop."""
    torch.manual_seed(2)
    if hasattr(net, "reset_parameters"):
        net.reset_parameters()
    else:
        for part in (net.trunk, *net.heads):
            part.reset_parameters()
    net.double()
    x, y = torch.from_numpy(DATA.train.x), torch.from_numpy(DATA.train.y)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        sum((out[:, 0] - y[:, i]).square().mean() for i, out in enumerate(net(x))).backward()
        optimizer.step()
    return [out.detach().numpy() for out in net(x)]


def test_a_net_with_a_hook_is_not_mistaken_for_a_plain_one():
    net = HardSharing(1, 8, 2)
    plain = train(net, DATA, seeds=2, steps=5)
    net.trunk.register_forward_hook(lambda module, inputs, output: 0 * output)
    assert not np.allclose(train(net, DATA, seeds=2, steps=5).last(), plain.last())
