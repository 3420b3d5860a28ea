"""Both paths against what a reader would write: a loop over seeds, a plain module, torch.optim, float64."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mtl_tutor.balancing import EqualWeighting, FixedWeighting, GradientSurgery, StatelessWeighting
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import SGD, Adam, train

TASKS = (Task("number"), Task("coin", "binary"), Task("animal", "multiclass", 3))
SEEDS = (4, 0)
CLOSE = 1e-9


class SameButUnknown(HardSharing):
    """A net that the fast path does not recognise, so that the general path has to train it."""


class SameButUnknownSingle(SingleTask):
    """The same for the single-task baseline."""


def mixed_data(seed: int = 0, *, missing: float = 0.2, n_samples: int = 37) -> TaskData:
    """One task of each kind, a fifth of the labels missing."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_samples, 3))
    y = np.stack([x[:, 0] + 0.1 * rng.standard_normal(n_samples), x[:, 1] > 0, np.digitize(x[:, 2], [-0.5, 0.5])], 1).astype(float)
    y[rng.random(y.shape) < missing] = np.nan
    return TaskData(TASKS, Samples(x, y), validation=Samples(x[:11], y[:11]))


def loss_of(task: Task, outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """PyTorch's own losses over the labelled samples."""
    known = ~labels.isnan()
    outputs, labels = outputs[known], labels[known]
    if task.kind == "multiclass":
        return F.cross_entropy(outputs, labels.long())
    return F.mse_loss(outputs[:, 0], labels) if task.kind == "regression" else F.binary_cross_entropy_with_logits(outputs[:, 0], labels)


def naive(model, data, method, optimizer, *, seed: int, steps: int, batches=None) -> dict[str, np.ndarray]:
    """Train one net and return its parameters."""
    torch.manual_seed(seed)
    model.reset_parameters()
    model.double()
    step_down = optimizer(model.parameters())
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    for step in range(steps):
        rows = slice(None) if batches is None else batches[step]
        losses = []
        for i, (task, outputs) in enumerate(zip(data.tasks, model(x[rows]), strict=True)):
            if not y[rows, i].isnan().all():
                losses.append(method.weights_for(torch.ones(len(data.tasks), dtype=torch.float64))[i] * loss_of(task, outputs, y[rows, i]))
        step_down.zero_grad()
        torch.stack(losses).sum().backward()
        step_down.step()
    return {name: p.detach().numpy() for name, p in model.named_parameters()}


@pytest.fixture(autouse=True)
def one_thread():
    """The naive loop's tiny nets are slowed down by a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


OPTIMIZERS = {
    "Adam": (Adam(), lambda p: torch.optim.Adam(p, lr=0.01), 0.0),
    "Adam, other betas, decay": (
        Adam(0.8, 0.99, 1e-6),
        lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1),
        0.1,
    ),
    "SGD": (SGD(), lambda p: torch.optim.SGD(p, lr=0.01), 0.0),
    "momentum, decay": (SGD(0.9), lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1), 0.1),
}
NETS = {
    "hard sharing": (HardSharing, {}),
    "hard sharing, general path": (SameButUnknown, {}),
    "two layers, tanh": (HardSharing, {"n_hidden": (7, 5), "activation": nn.Tanh}),
    "two layers, tanh, general path": (SameButUnknown, {"n_hidden": (7, 5), "activation": nn.Tanh}),
    "single task": (SingleTask, {}),
    "single task, general path": (SameButUnknownSingle, {}),
}


def build(name: str) -> nn.Module:
    kind, settings = NETS[name]
    return kind(**{"n_features": 3, "n_hidden": 8, "n_outputs": (1, 1, 3)} | settings)


def assert_same_nets(history, expected: list[dict[str, np.ndarray]]) -> None:
    for row, parameters in enumerate(expected):
        assert parameters.keys() == history.parameters.keys()
        for name, values in parameters.items():
            np.testing.assert_allclose(history.parameters[name][row], values, rtol=0, atol=CLOSE, err_msg=name)


@pytest.mark.parametrize("net", NETS)
def test_five_hundred_adam_steps_end_where_the_naive_loop_ends(net):
    data = mixed_data()
    history = train(build(net), data, seeds=SEEDS, steps=500, dtype=torch.float64)
    optimizer = OPTIMIZERS["Adam"][1]
    assert_same_nets(history, [naive(build(net), data, EqualWeighting(), optimizer, seed=seed, steps=500) for seed in SEEDS])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("net", ["hard sharing", "hard sharing, general path"])
def test_every_optimizer_steps_as_torch_optim_does(net, optimizer):
    ours, theirs, decay = OPTIMIZERS[optimizer]
    data, method = mixed_data(missing=0.0), FixedWeighting((1.0, 0.3, 2.0))
    history = train(build(net), data, method, seeds=SEEDS, steps=60, optimizer=ours, weight_decay=decay, dtype=torch.float64)
    assert_same_nets(history, [naive(build(net), data, method, theirs, seed=seed, steps=60) for seed in SEEDS])


@pytest.mark.parametrize("net", ["hard sharing", "hard sharing, general path", "single task"])
def test_every_seed_can_have_data_of_its_own(net):
    history = train(build(net), mixed_data, seeds=SEEDS, steps=60, dtype=torch.float64)
    theirs = OPTIMIZERS["Adam"][1]
    assert_same_nets(history, [naive(build(net), mixed_data(seed), EqualWeighting(), theirs, seed=seed, steps=60) for seed in SEEDS])


class Spy(nn.Module):
    """One weight per sample, moved by 1 in every step that sees the sample: reads the batches back."""

    def __init__(self, n_samples: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_samples))

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.weight)

    def forward(self, x):
        return [x @ self.weight[:, None]]


def batches_seen(n_samples: int, size: int, steps: int, seed: int) -> list[list[int]]:
    """Which samples every step saw."""
    data = TaskData((Task("seen"),), Samples(np.eye(n_samples), np.ones((n_samples, 1))))
    seen, before = [], np.zeros(n_samples)
    for step in range(1, steps + 1):
        history = train(Spy(n_samples), data, seeds=[seed], steps=step, batch_size=size, lr=0.01, optimizer=SGD())
        now = history.parameters["weight"][0]
        seen.append(np.flatnonzero(now != before).tolist())
        before = now
    return seen


def test_an_epoch_shows_every_sample_at_most_once_and_drops_the_rest():
    seen = batches_seen(n_samples=11, size=3, steps=6, seed=1)
    assert [len(batch) for batch in seen] == [3] * 6
    first, second = [s for batch in seen[:3] for s in batch], [s for batch in seen[3:] for s in batch]
    assert len(set(first)) == len(set(second)) == 9
    assert first != second


@pytest.mark.parametrize("net", ["hard sharing", "hard sharing, general path", "single task"])
def test_mini_batches_end_where_the_naive_loop_ends(net):
    seed, steps, size = 3, 12, 9
    data = mixed_data(seed)
    batches = batches_seen(len(data.train), size, steps, seed)
    history = train(build(net), data, seeds=[seed], steps=steps, batch_size=size, dtype=torch.float64)
    theirs = OPTIMIZERS["Adam"][1]
    assert_same_nets(history, [naive(build(net), data, EqualWeighting(), theirs, seed=seed, steps=steps, batches=batches)])


@pytest.mark.parametrize("net", ["hard sharing", "hard sharing, general path"])
def test_a_batch_without_labels_of_a_task_leaves_that_task_out(net):
    data = mixed_data()
    data.train.y[1:, 1] = np.nan  # the coin is labelled once: most batches have none
    batches = batches_seen(len(data.train), 5, 14, seed=2)
    assert sum(0 in batch for batch in batches) < 7
    history = train(build(net), data, seeds=[2], steps=14, batch_size=5, dtype=torch.float64)
    theirs = OPTIMIZERS["Adam"][1]
    assert_same_nets(history, [naive(build(net), data, EqualWeighting(), theirs, seed=2, steps=14, batches=batches)])


class SumOfLogs(StatelessWeighting):
    """A weighting that looks at the losses: descend the sum of their logarithms."""

    def weights_for(self, losses):
        return 1 / losses


class Longest(GradientSurgery):
    """A surgery that follows the longest gradient alone."""

    def combine(self, jacobian, state, noise):
        return jacobian[jacobian.square().sum(1).argmax()], state


def test_a_weighting_that_looks_at_the_losses_descends_what_it_says():
    data, seed = mixed_data(), 5
    history = train(build("hard sharing"), data, SumOfLogs(), seeds=[seed], steps=100, dtype=torch.float64)
    model = build("hard sharing")
    torch.manual_seed(seed)
    model.reset_parameters()
    model.double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    for _ in range(100):
        losses = [loss_of(task, out, y[:, i]) for i, (task, out) in enumerate(zip(TASKS, model(x), strict=True))]
        optimizer.zero_grad()
        torch.stack([loss.log() for loss in losses]).sum().backward()
        optimizer.step()
    assert_same_nets(history, [{name: p.detach().numpy() for name, p in model.named_parameters()}])


def test_surgery_acts_on_the_trunk_and_heads_follow_their_own_task():
    data, seed = mixed_data(), 5
    history = train(build("hard sharing"), data, Longest(), seeds=[seed], steps=100, dtype=torch.float64)
    model = build("hard sharing")
    torch.manual_seed(seed)
    model.reset_parameters()
    model.double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    trunk, heads = list(model.shared_parameters()), list(model.heads.parameters())
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    for _ in range(100):
        losses = [loss_of(task, out, y[:, i]) for i, (task, out) in enumerate(zip(TASKS, model(x), strict=True))]
        rows = [torch.autograd.grad(loss, trunk, retain_graph=True) for loss in losses]
        longest = max(rows, key=lambda row: sum(float(g.square().sum()) for g in row))
        for p, g in zip([*trunk, *heads], [*longest, *torch.autograd.grad(sum(losses), heads)], strict=True):
            p.grad = g
        optimizer.step()
    assert_same_nets(history, [{name: p.detach().numpy() for name, p in model.named_parameters()}])


@pytest.mark.parametrize("net", ["hard sharing", "hard sharing, general path", "single task"])
def test_recorded_losses_and_errors_are_pytorchs(net):
    data, model = mixed_data(), build(net)
    history = train(model, data, seeds=SEEDS, steps=20, eval_every=20, dtype=torch.float64)
    model.double()
    for row in range(len(SEEDS)):
        model.load_state_dict({name: torch.from_numpy(values[row]) for name, values in history.parameters.items()})
        for split, samples in data.splits().items():
            outputs, y = model(torch.from_numpy(samples.x)), torch.from_numpy(samples.y)
            losses = [loss_of(task, out, y[:, i]).item() for i, (task, out) in enumerate(zip(TASKS, outputs, strict=True))]
            np.testing.assert_allclose(history.loss[split][row, -1], losses, atol=1e-12)
            answers = [(outputs[1][:, 0] > 0).double(), outputs[2].argmax(1).double()]
            known = ~y.isnan()
            wrong = [float((a != y[:, i])[known[:, i]].double().mean()) for i, a in enumerate(answers, start=1)]
            np.testing.assert_allclose(history.error[split][row, -1], [losses[0], *wrong], atol=1e-12)
