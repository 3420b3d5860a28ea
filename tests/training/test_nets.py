"""Trained nets in hand answer as `predict` does, and `best` and `predict` agree about the step."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing import CrossStitch, HardSharing, SingleTask
from mtl_tutor.tasks import Samples, Task, TaskData, sine_family
from mtl_tutor.training import SGD, nets, predict, predict_proba, train

DATA = sine_family(n_tasks=2, n_samples=24, noise=0.6, relatedness=0.5, seed=0)
X = DATA.test.x
KINDS = (Task("number"), Task("coin", "binary"), Task("three", "multiclass", 3))


class WithBuffer(nn.Module):
    """A reader's own module, with a buffer, one that is not saved, and a parameter that is not trained."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.heads = nn.Linear(1, 8), nn.ModuleList(nn.Linear(8, 1) for _ in range(2))
        self.register_buffer("shift", torch.tensor([0.5]))
        self.register_buffer("scale", torch.tensor([2.0]), persistent=False)
        self.still = nn.Parameter(torch.tensor([1.5]), requires_grad=False)

    def forward(self, x):
        hidden = torch.tanh(self.still * self.layer((x - self.shift) * self.scale))
        return [head(hidden) for head in self.heads]


@pytest.fixture(scope="module", params=[HardSharing(1, 8, 2), CrossStitch(1, 8, 2), WithBuffer()], ids=lambda m: type(m).__name__)
def trained(request):
    model = request.param
    return model, train(model, DATA, seeds=[5, 3, 9], steps=60, lr=0.05, keep_at=(0, 20), keep_best=True)


def answers(net: nn.Module, task: int) -> np.ndarray:
    dtype = next(net.parameters()).dtype
    with torch.no_grad():
        return net(torch.from_numpy(X).to(dtype))[task].numpy()


@pytest.mark.parametrize("at", ["last", 0, 20, 60])
def test_every_net_answers_as_predict_does(trained, at) -> None:
    model, history = trained
    expected = predict(model, history, X, at=at)
    for row, net in enumerate(nets(model, history, at=at)):
        for task in (0, 1):
            np.testing.assert_allclose(answers(net, task), expected[task][row], rtol=1e-5, atol=1e-5)


def test_the_best_nets_are_those_of_history_best(trained) -> None:
    """Three ways to the same error: the record, `predict`, and the net in hand."""
    model, history = trained
    for task, name in enumerate(history.tasks):
        expected = history.best()[:, task]
        found = ((predict(model, history, X, at="best")[task][..., 0] - DATA.test.y[:, task]) ** 2).mean(1)
        np.testing.assert_allclose(found, expected, rtol=1e-4)
        for row, net in enumerate(nets(model, history, at="best", task=name)):
            assert ((answers(net, task)[:, 0] - DATA.test.y[:, task]) ** 2).mean() == pytest.approx(expected[row], rel=1e-4)


def test_the_last_nets_are_those_of_history_last(trained) -> None:
    model, history = trained
    found = ((predict(model, history, X)[0][..., 0] - DATA.test.y[:, 0]) ** 2).mean(1)
    np.testing.assert_allclose(found, history.last()[:, 0], rtol=1e-4)


def test_a_seed_names_its_net_and_the_model_stays_as_it_is(trained) -> None:
    model, history = trained
    before = copy.deepcopy(model.state_dict())
    net = nets(model, history, seed=3)
    assert isinstance(net, type(model))
    np.testing.assert_array_equal(answers(net, 0), answers(nets(model, history)[1], 0))
    two = nets(model, history, seed=np.array([9, 5]))
    np.testing.assert_array_equal(answers(two[0], 0), answers(nets(model, history, seed=np.int64(9)), 0))
    for parameter in net.parameters():
        with torch.no_grad():
            parameter.add_(1)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in before.items())
    np.testing.assert_array_equal(answers(nets(model, history, seed=3), 0), answers(nets(model, history)[1], 0))
    assert not net.training


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nets_have_the_precision_of_training(dtype) -> None:
    model = HardSharing(1, 4, 2)
    net = nets(model, train(model, DATA, seeds=1, steps=5, dtype=dtype), seed=0)
    assert {parameter.dtype for parameter in net.parameters()} == {dtype}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_probabilities_are_those_of_the_logits() -> None:
    rng = np.random.default_rng(0)
    y = np.stack([rng.standard_normal(30), rng.integers(2, size=30), np.arange(30) % 3], 1)
    model, data = HardSharing(2, 6, n_outputs=(1, 1, 3)), TaskData(KINDS, Samples(rng.standard_normal((30, 2)), y))
    history = train(model, data, seeds=3, steps=20)
    found, logits = predict_proba(model, history, data.train.x), predict(model, history, data.train.x)
    assert {name: each.shape for name, each in found.items()} == {"coin": (3, 30, 2), "three": (3, 30, 3)}
    np.testing.assert_allclose(found["coin"][..., 1], 1 / (1 + np.exp(-logits[1][..., 0])), rtol=1e-5)
    np.testing.assert_allclose(found["three"].sum(-1), 1, rtol=1e-5)
    assert (found["three"].argmax(-1) == logits[2].argmax(-1)).all()
    with pytest.raises(ValueError, match="`x` must lie between"):
        predict_proba(model, history, np.full((3, 2), 1e300))


@pytest.mark.messages
def test_what_is_not_there_is_told_in_a_sentence(trained) -> None:
    model, history = trained
    asked = [
        ({"seed": 4}, r"^`seed` must be a seed of one net of `history` \(5, 3, 9\); 4 was not trained\.$"),
        ({"seed": -1}, r"^`seed` must be at least 0; got -1\.$"),
        ({"at": 7}, r"^`at` must be 'last', 'best' or a step whose weights were kept, one of \[0, 20, 60\]; got 7\."),
        ({"at": "first"}, r"^`at` must be one of 'last', 'best'; got 'first'\."),
        ({"at": "best"}, r"^`task` must say whose best weights are meant, one of 'curve 1', 'curve 2'; got None\."),
        ({"at": "best", "task": "x"}, r"^`task` must be one of \['curve 1', 'curve 2'\]; got 'x'\.$"),
    ]
    for how, sentence in asked:
        with pytest.raises(ValueError, match=sentence):
            nets(model, history, **how)
    with pytest.raises(ValueError, match=r"^`model` must have the parameters of `history`, .*\. Pass the model that was trained\.$"):
        nets(SingleTask(1, 3, 2), history)
    with pytest.raises(TypeError, match=r"^`history` must be a History; got \{\}\.$"):
        nets(model, {})
    with pytest.raises(ValueError, match=r"^`history` must have a classification among its tasks; .*\. Use `predict`\.$"):
        predict_proba(model, history, X)


@pytest.mark.messages
def test_best_weights_have_to_be_kept() -> None:
    model = HardSharing(1, 4, 2)
    with pytest.raises(ValueError, match=r"it holds none\. Train with keep_best=True\.$"):
        nets(model, train(model, DATA, seeds=1, steps=3), at="best", task=0)


@pytest.mark.messages
def test_nets_that_diverged_or_share_a_seed_are_told() -> None:
    model = HardSharing(1, 4, 2)
    history = train(model, DATA, seeds=[0, 1, 1], lr=[1e30, 0.01, 0.02], steps=30, optimizer=SGD())
    with pytest.raises(ValueError, match=r"^`seed` must name nets whose training stayed finite; that of 0 did not\."):
        nets(model, history)
    with pytest.raises(ValueError, match=r"; 1 was trained 2 times\. Take its row from the list of all nets\.$"):
        nets(model, history, seed=1)
