"""Samples with more axes than one: images and sequences train as tables do, with the same bits in any company."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import SGD, FreshNoise, predict, train

TASKS = (Task("number"), Task("coin", "binary"))


class Images(nn.Module):
    """A small convolutional trunk with two heads, on [sample channel height width]."""

    def __init__(self) -> None:
        super().__init__()
        convolved = (nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2))
        self.trunk = nn.Sequential(*convolved, nn.Flatten(), nn.Linear(18, 5), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(5, 1) for _ in range(2))

    def forward(self, x):
        return [head(self.trunk(x)) for head in self.heads]


class Sequences(nn.Module):
    """Attention over the tokens of [sample token feature]."""

    def __init__(self) -> None:
        super().__init__()
        self.key, self.value, self.heads = nn.Linear(3, 4), nn.Linear(3, 4), nn.ModuleList(nn.Linear(4, 1) for _ in range(2))

    def forward(self, x):
        share = (self.key(x) @ self.key(x).mT).softmax(-1)
        read = (share @ self.value(x)).mean(1).tanh()
        return [head(read) for head in self.heads]


def data_of(*shape: int):
    def draw(seed: int) -> TaskData:
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((11, *shape))
        y = np.stack([x.reshape(11, -1).sum(1), x.reshape(11, -1)[:, 0] > 0], 1).astype(float)
        return TaskData(TASKS, Samples(x, y), Samples(x[:5], y[:5]))

    return draw


CASES = {"images": (Images, data_of(2, 4, 6)), "sequences": (Sequences, data_of(5, 3))}


@pytest.mark.parametrize("settings", [{}, {"batch_size": 4, "noise": FreshNoise(inputs=0.1)}], ids=["all samples", "noisy batches"])
@pytest.mark.parametrize("case", CASES)
def test_a_seed_is_the_same_in_any_company(case, settings):
    build, draw = CASES[case]
    everyone, some = (train(build(), draw, seeds=seeds, steps=4, **settings) for seeds in (40, [39, 3]))
    for name, values in some.parameters.items():
        np.testing.assert_array_equal(values, everyone.parameters[name][[39, 3]], err_msg=name)
    np.testing.assert_array_equal(some.loss["validation"], everyone.loss["validation"][[39, 3]])


@pytest.mark.parametrize("case", CASES)
def test_nets_are_those_of_a_plain_loop(case):
    build, draw = CASES[case]
    data, net = draw(0), build()
    history = train(build(), data, seeds=[3], steps=15, lr=0.05, optimizer=SGD(), dtype=torch.float64)
    net.load_state_dict({name: torch.from_numpy(v[0]) for name, v in _start(build(), data).items()})
    net.double()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    for _ in range(15):
        optimizer.zero_grad()
        number, coin = net(x)
        ((number[:, 0] - y[:, 0]).square().mean() + nn.functional.binary_cross_entropy_with_logits(coin[:, 0], y[:, 1])).backward()
        optimizer.step()
    for name, value in net.named_parameters():
        np.testing.assert_allclose(history.parameters[name][0], value.detach(), atol=1e-10)


def _start(model, data):
    return train(model, data, seeds=[3], steps=1, lr=1e-30, optimizer=SGD(), dtype=torch.float64).parameters


@pytest.mark.parametrize("case", CASES)
def test_predictions_are_about_shared_samples_or_each_nets_own(case):
    build, draw = CASES[case]
    history, model = train(build(), draw, seeds=4, steps=2), build()
    x = np.stack([draw(seed).train.x for seed in range(4)])
    own = predict(model, history, x)
    for seed in range(4):
        shared = predict(model, history, x[seed])
        for task in range(2):
            assert shared[task].shape == (4, 11, 1)
            np.testing.assert_allclose(own[task][seed], shared[task][seed], rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="`x` must have samples that the model reads"):
        predict(model, history, x[:3])
