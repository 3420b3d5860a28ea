"""What every architecture owes to the engine, to a student's own loop, and to whoever wants to know what it decided."""

import copy
import inspect
import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mtl_tutor import sharing
from mtl_tutor.balancing import EqualWeighting
from mtl_tutor.sharing import Architecture, HardSharing, SingleTask, cost_of
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import inspect_nets, train
from mtl_tutor.training.any_module import StackedModule

EVERY = [
    thing
    for name, thing in sorted(vars(sharing).items())
    if inspect.isclass(thing) and issubclass(thing, Architecture) and not inspect.isabstract(thing)
]
TASKS = (Task("number"), Task("coin", "binary"), Task("animal", "multiclass", 3))
WHOLE_TRUNKS = {"CGC", "GlobalAndLocal", "HardSharing", "MMoE", "OMoE", "PLE", "SingleTask", "SoftSharing", "TaskDecomposition"}
OUTPUTS = tuple(task.n_outputs for task in TASKS)
each = pytest.mark.parametrize("architecture", EVERY, ids=lambda one: one.__name__)


@pytest.fixture(autouse=True)
def one_thread():
    """A student's tiny nets are slowed down by a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def net(architecture, n_hidden=(6, 5), **form) -> Architecture:
    torch.manual_seed(0)
    return architecture(4, n_hidden, **{"n_outputs": OUTPUTS} | form)


def stirred(model: nn.Module) -> nn.Module:
    """Move every parameter a little: some start at zero, where they hide what depends on them."""
    torch.manual_seed(1)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return model


def data(n_samples: int = 23) -> TaskData:
    """One task of each kind; a fifth of the labels missing."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_samples, 4))
    y = np.stack([x[:, 0] + 0.1 * x[:, 3], x[:, 1] > 0, np.digitize(x[:, 2], [-0.5, 0.5])], 1).astype(float)
    y[rng.random(y.shape) < 0.2] = np.nan
    return TaskData(TASKS, Samples(x, y))


def losses(answers, y) -> list[torch.Tensor]:
    """PyTorch's own, over the labelled samples."""
    known = ~y.isnan()
    number, coin, animal = (out[known[:, i]] for i, out in enumerate(answers))
    labels = [y[known[:, i], i] for i in range(3)]
    return [
        F.mse_loss(number[:, 0], labels[0]),
        F.binary_cross_entropy_with_logits(coin[:, 0], labels[1]),
        F.cross_entropy(animal, labels[2].long()),
    ]


def total(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    penalty = model.penalty() if hasattr(model, "penalty") else 0
    return sum(losses(model(x), y)) + penalty


def test_there_are_twenty_ways():
    assert len(EVERY) >= 20


@each
@pytest.mark.parametrize("n_hidden", [7, (6, 5), (5, 5, 5)], ids=str)
@pytest.mark.parametrize("n_outputs", [(1,), (1, 1), (1, 3, 1, 2)], ids=str)
def test_every_task_gets_its_outputs_in_nets_of_any_depth(architecture, n_hidden, n_outputs):
    model = net(architecture, n_hidden, n_outputs=n_outputs)
    answers = model(torch.randn(9, 4))
    assert [tuple(answer.shape) for answer in answers] == [(9, n) for n in n_outputs]
    assert all(bool(answer.isfinite().all()) for answer in answers)
    assert model.n_tasks == len(n_outputs)


@each
def test_every_parameter_is_pulled_at(architecture):
    model, x = stirred(net(architecture)), torch.randn(40, 4)
    y = torch.from_numpy(np.stack([np.ones(40), np.ones(40), np.ones(40)], 1)).float()
    total(model, x, y).backward()
    idle = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not idle


@each
def test_shared_parameters_are_those_that_more_than_one_task_pulls_at(architecture):
    model, x = stirred(net(architecture)), torch.randn(40, 4)
    pulled: dict[str, int] = {name: 0 for name, _ in model.named_parameters()}
    for task in range(3):
        model.zero_grad()
        model(x)[task].square().sum().backward()
        for name, p in model.named_parameters():
            pulled[name] += p.grad is not None and bool(p.grad.any())
    shared = {id(p) for p in model.shared_parameters()}
    said = {name for name, p in model.named_parameters() if id(p) in shared}
    assert said == {name for name, n in pulled.items() if n > 1}


@each
def test_a_seed_decides_the_start(architecture):
    model = net(architecture)
    starts = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        model.reset_parameters()
        starts.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    assert torch.equal(starts[0], starts[1])
    assert not torch.equal(starts[0], starts[2])


@each
def test_a_batch_is_answered_sample_by_sample(architecture):
    model, x = stirred(net(architecture)).double(), torch.randn(6, 4, dtype=torch.float64)
    whole, alone = model(x), [model(row[None]) for row in x]
    for task, answers in enumerate(whole):
        torch.testing.assert_close(torch.cat([one[task] for one in alone]), answers, rtol=0, atol=1e-12)


@pytest.mark.slow
@each
def test_the_engine_trains_it_as_a_student_would(architecture):
    """Missing labels, three kinds of tasks, penalties and all: fifty Adam steps in float64."""
    samples, model = data(), net(architecture)
    history = train(model, samples, seeds=(2, 5), steps=50, dtype=torch.float64)
    x, y = torch.from_numpy(samples.train.x), torch.from_numpy(samples.train.y)
    for row, seed in enumerate((2, 5)):
        own = copy.deepcopy(model)
        torch.manual_seed(seed)
        own.reset_parameters()
        own.double()
        optimizer = torch.optim.Adam(own.parameters(), lr=0.01)
        for _ in range(50):
            optimizer.zero_grad()
            total(own, x, y).backward()
            optimizer.step()
        for name, p in own.named_parameters():
            np.testing.assert_allclose(history.parameters[name][row], p.detach().numpy(), rtol=0, atol=1e-7, err_msg=name)


@each
def test_a_task_without_labels_leaves_the_training_of_the_others_alone(architecture):
    """The step is the one of the losses that are there: as if nobody had ever asked the third question."""
    samples, model = data(), stirred(net(architecture))
    x, y = torch.from_numpy(samples.train.x), torch.from_numpy(samples.train.y)
    y[:, 2] = torch.nan
    stack = StackedModule(model, TASKS, EqualWeighting(), 1, torch.empty(0, dtype=torch.float64), {})
    for name, p in model.named_parameters():
        stack.named[name].copy_(p.detach())
    stack.differentiate(stack.batches(x[None, None], y[None, None])[0])
    model.double()
    answers, known = model(x), ~y.isnan()
    there = F.mse_loss(answers[0][known[:, 0], 0], y[known[:, 0], 0])
    there = there + F.binary_cross_entropy_with_logits(answers[1][known[:, 1], 0], y[known[:, 1], 1])
    (there + (model.penalty() if hasattr(model, "penalty") else 0)).backward()
    stack.parameters.sub_(stack.gradient)
    for name, p in model.named_parameters():
        expected = p.detach() if p.grad is None else p.detach() - p.grad
        torch.testing.assert_close(stack.named[name][0], expected, rtol=0, atol=1e-9)


@each
def test_what_it_decided_is_told_in_named_arrays_one_row_per_net(architecture):
    samples, model = data(), net(architecture)
    history = train(model, samples, seeds=3, steps=5)
    for name, values in inspect_nets(model, history, samples.train.x).items():
        assert name.isidentifier()
        assert len(values) == 3
        assert np.isfinite(values).all(), name


@pytest.mark.parametrize("architecture", [one for one in EVERY if one.__name__ in WHOLE_TRUNKS], ids=lambda one: one.__name__)
def test_a_trunk_of_ones_own_is_copied_and_starts_afresh_for_every_seed(architecture):
    own = nn.Sequential(nn.Linear(4, 9), nn.LayerNorm(9), nn.Tanh(), nn.Linear(9, 5))
    model = net(architecture, 5, trunk=own)
    assert not {id(p) for p in own.parameters()} & {id(p) for p in model.parameters()}
    history = train(model, data(), seeds=2, steps=3)
    first = next(name for name, p in model.named_parameters() if p.shape == (9, 4))
    assert not history.diverged.any()
    assert not np.array_equal(history.parameters[first][0], history.parameters[first][1])


@pytest.mark.parametrize("architecture", [one for one in EVERY if one.__name__ not in WHOLE_TRUNKS], ids=lambda one: one.__name__)
def test_who_works_between_the_layers_refuses_a_trunk(architecture):
    with pytest.raises(ValueError, match=f"`trunk` must be left out: {architecture.__name__}"):
        net(architecture, 5, trunk=nn.Linear(4, 5))


@each
def test_a_trunk_whose_answer_is_no_table_is_refused(architecture):
    with pytest.raises(ValueError, match="`trunk` must"):
        net(architecture, 5, trunk=nn.Sequential(nn.Linear(4, 5), nn.Unflatten(1, (5, 1))))


@each
@pytest.mark.parametrize(
    "bad", [{"n_features": 0}, {"n_hidden": 0}, {"n_hidden": ()}, {"n_tasks": 0}, {"n_outputs": (1, 0)}, {"init_scale": 0.0}], ids=str
)
def test_sizes_below_one_get_a_sentence(architecture, bad):
    with pytest.raises(ValueError, match=r"must be .*; got"):
        architecture(**({"n_features": 3, "n_hidden": 8, "n_tasks": 2} | bad))


@each
def test_counts_and_knobs_out_of_range_get_a_sentence(architecture):
    knobs = inspect.signature(architecture.__init__).parameters.values()
    for knob in (p for p in knobs if type(p.default) is int and p.kind is p.KEYWORD_ONLY):
        with pytest.raises(ValueError, match=f"`{knob.name}` must"):
            net(architecture, **{knob.name: -1})


@each
def test_its_price_is_known(architecture):
    model = net(architecture)
    cost = cost_of(model)
    assert cost.parameters == sum(p.numel() for p in model.parameters())
    assert cost.multiply_adds > 0


@each
def test_it_travels_between_processes(architecture):
    model, x = net(architecture), torch.randn(5, 4)
    other = pickle.loads(pickle.dumps(model))
    for one, two in zip(model(x), other(x), strict=True):
        assert torch.equal(one, two)


def test_the_baseline_of_an_architecture_has_its_layers_and_shares_nothing():
    model = net(HardSharing, (7, 3), activation=nn.Tanh)
    alone = SingleTask.like(model)
    assert [(one.n_hidden, one.n_outputs) for one in alone.nets] == [((7, 3), (n,)) for n in OUTPUTS]
    assert not list(alone.shared_parameters())
