"""Weights that training keeps, and nets that go on from them."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.balancing import PCGrad
from mtl_tutor.sharing import HardSharing, MMoE
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import SGD, inspect_nets, predict, train

DATA = sine_family(n_tasks=2, n_samples=24, relatedness=0.5, seed=0)
KINDS = {"fast path": lambda: HardSharing(1, 6, 2), "general path": lambda: MMoE(1, 6, 2)}


@pytest.fixture(params=KINDS)
def model(request) -> nn.Module:
    return KINDS[request.param]()


def assert_same(found, expected) -> None:
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def test_kept_weights_are_those_of_a_training_that_ends_there(model):
    history = train(model, DATA, seeds=3, steps=20, batch_size=5, keep_at=(7, 13, 20))
    for step in (7, 13, 20):
        short = train(model, DATA, seeds=3, steps=step, batch_size=5)
        assert_same(history.parameters_at(step), short.parameters)
        for found, expected in zip(predict(model, history, DATA.train.x, at=step), predict(model, short, DATA.train.x), strict=True):
            np.testing.assert_array_equal(found, expected)


def test_keeping_weights_changes_no_number(model):
    kept = train(model, DATA, seeds=3, steps=20, keep_at=range(21), keep_best=True)
    assert_same(kept.parameters, train(model, DATA, seeds=3, steps=20).parameters)


def test_the_start_can_be_kept(model):
    history = train(model, DATA, seeds=3, steps=5, keep_at=0)
    outputs = predict(model, history, DATA.train.x, at=0)
    for task, output in enumerate(outputs):
        loss = ((output[..., 0] - DATA.train.y[:, task]) ** 2).mean(1)
        np.testing.assert_allclose(history.loss["train"][:, 0, task], loss, rtol=1e-5)


def test_every_row_may_be_taken_at_a_step_of_its_own():
    history = train(HardSharing(1, 6, 2), DATA, seeds=3, steps=20, keep_at=(7, 13))
    mixed = history.parameters_at(np.array([13, 20, 7]))
    for name, values in mixed.items():
        expected = [history.parameters_at(step)[name][row] for row, step in enumerate((13, 20, 7))]
        np.testing.assert_array_equal(values, np.stack(expected))


def test_the_best_weights_have_the_lowest_validation_loss(model):
    history = train(model, DATA, seeds=70, steps=200, lr=0.1, eval_every=10, keep_best=True)
    best = history.best_step()
    assert len(np.unique(best)) > 3
    answers = predict(model, history, DATA.validation.x, at="best")
    for task, output in enumerate(answers):
        loss = ((output[..., 0] - DATA.validation.y[:, task]) ** 2).mean(1)
        np.testing.assert_allclose(loss, history.loss["validation"][:, :, task].min(1), rtol=1e-4)
        np.testing.assert_allclose(loss, history.best("validation")[:, task], rtol=1e-4)


def test_the_best_weights_are_those_kept_at_the_best_step():
    history = train(HardSharing(1, 6, 2), DATA, seeds=5, steps=60, lr=0.1, eval_every=10, keep_best=True, keep_at=range(0, 61, 10))
    for task, name in enumerate(history.tasks):
        steps = history.steps[history.best_step()[:, task]]
        assert_same(history.best_parameters(name), history.parameters_at(steps))


def test_gates_are_read_at_a_step_or_at_a_tasks_best():
    model = MMoE(1, 6, 2)
    history = train(model, DATA, seeds=3, steps=20, keep_at=7, keep_best=True)
    early = inspect_nets(model, history, DATA.train.x, at=7)
    best = inspect_nets(model, history, DATA.train.x, at="best", task=history.tasks[0])
    short = train(model, DATA, seeds=3, steps=7)
    assert_same(early, inspect_nets(model, short, DATA.train.x))
    assert best.keys() == early.keys()
    with pytest.raises(ValueError, match="`task` must say whose best weights"):
        inspect_nets(model, history, DATA.train.x, at="best")
    with pytest.raises(ValueError, match="`x` must lie between"):
        inspect_nets(model, history, np.full((3, 1), 1e300))


def test_plain_gradient_descent_in_two_halves_is_one_descent(model):
    """SGD without momentum on all samples remembers nothing but the weights."""
    settings = {"seeds": [4, 1, 4], "lr": [0.01, 0.02, 0.03], "optimizer": SGD(), "dtype": torch.float64}
    whole = train(model, DATA, steps=20, keep_at=8, **settings)
    first = train(model, DATA, steps=8, **settings)
    for start in (first, whole.at(8)):
        assert_same(train(model, DATA, steps=12, start=start, **settings).parameters, whole.parameters)


def test_nets_are_found_by_their_seed_where_rows_are_others():
    model = HardSharing(1, 6, 2)
    before = train(model, DATA, seeds=[5, 3], steps=10)
    after = train(model, DATA, seeds=[3, 5, 3], steps=1, lr=1e-30, start=before)
    for name, values in after.parameters.items():
        np.testing.assert_array_equal(values, before.parameters[name][[1, 0, 1]])


def test_a_start_is_handed_out_chunk_by_chunk():
    model = HardSharing(1, 6, 2)
    before = train(model, DATA, seeds=70, steps=5)
    after = train(model, DATA, seeds=70, steps=1, lr=1e-30, start=before)
    assert_same(after.parameters, before.parameters)


@pytest.mark.parametrize("method", [None, PCGrad()], ids=["equal weights", "PCGrad"])
def test_frozen_parameters_stay_and_the_others_train_as_in_a_plain_loop(model, method):
    freeze = ("heads.0.*", "trunk.*") if isinstance(model, HardSharing) else "experts.0.*"
    settings = {"seeds": 2, "dtype": torch.float64, "keep_at": 0} | ({"method": method} if method else {})
    history = train(model, DATA, steps=30, freeze=freeze, **settings)
    moved = {name for name, values in history.parameters.items() if (values != history.parameters_at(0)[name]).any()}
    prefixes = ("heads.0.", "trunk.") if isinstance(model, HardSharing) else ("experts.0.",)
    assert moved == {name for name in history.parameters if not name.startswith(prefixes)}
    x, y = torch.from_numpy(DATA.train.x), torch.from_numpy(DATA.train.y)
    for row in range(2 if method is None else 0):
        net = (HardSharing if isinstance(model, HardSharing) else MMoE)(1, 6, 2).double()
        net.load_state_dict({name: torch.from_numpy(values[row]) for name, values in history.parameters_at(0).items()})
        for name, p in net.named_parameters():
            p.requires_grad_(not name.startswith(prefixes))
        optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
        for _ in range(30):
            optimizer.zero_grad()
            sum(((out[:, 0] - y[:, i]) ** 2).mean() for i, out in enumerate(net(x))).backward()
            optimizer.step()
        for name, p in net.named_parameters():
            np.testing.assert_allclose(history.parameters[name][row], p.detach(), rtol=0, atol=1e-10, err_msg=name)


class Pretrained(nn.Module):
    """A layer that came with weights and is not trained, below one that is."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head = nn.Linear(1, 5), nn.Linear(5, 2)
        self.layer.requires_grad_(False)

    def forward(self, x):
        return list(self.head(self.layer(x).tanh()).split(1, -1))


def test_what_is_not_trained_keeps_the_values_it_came_with():
    model = Pretrained()
    history = train(model, DATA, seeds=[3, 8], steps=10)
    for row in range(2):
        np.testing.assert_array_equal(history.parameters["layer.weight"][row], model.layer.weight)
        np.testing.assert_array_equal(history.parameters["layer.bias"][row], model.layer.bias)
    assert (history.parameters["head.weight"][0] != history.parameters["head.weight"][1]).all()


def test_what_is_not_trained_can_be_handed_over():
    model = Pretrained()
    before = train(model, DATA, seeds=2, steps=5)
    assert_same(train(Pretrained(), DATA, seeds=2, steps=1, lr=1e-30, start=before).parameters, before.parameters)


def test_a_checkpoint_brings_kept_weights_back(tmp_path):
    settings = {"seeds": 3, "steps": 12, "keep_at": (0, 5), "keep_best": True, "checkpoint": tmp_path}
    first, again = (train(HardSharing(1, 6, 2), DATA, **settings) for _ in range(2))
    assert len(list(tmp_path.iterdir())) == 1
    for step in (0, 5):
        assert_same(again.parameters_at(step), first.parameters_at(step))
    assert_same(again.kept_best, first.kept_best)
    train(HardSharing(1, 6, 2), DATA, **settings | {"keep_at": 5})
    train(HardSharing(1, 6, 2), DATA, **settings, freeze="trunk.*")
    assert len(list(tmp_path.iterdir())) == 3


MISTAKES = [
    ({"keep_at": (3, 9)}, ValueError, "`keep_at` must lie between 0 and `steps`, 2; got 3 to 9"),
    ({"keep_at": 0.5}, TypeError, "`keep_at` must be a whole number or a sequence"),
    ({"freeze": "trnk.0.weight"}, ValueError, "`freeze` must match.*'trnk.0.weight' matches none. Close names are trunk.0.weight"),
    ({"freeze": ("trunk.*", "tail")}, ValueError, "'tail' matches none"),
    ({"freeze": 3.0}, TypeError, "`freeze` must be a string or a sequence of strings"),
    ({"freeze": "*"}, ValueError, "`freeze` must leave a parameter to train"),
    ({"start": {}}, TypeError, "`start` must be a History; got {}"),
]


@pytest.mark.messages
@pytest.mark.parametrize(("mistake", "error", "message"), MISTAKES, ids=[message[:40] for *_, message in MISTAKES])
def test_a_mistake_is_answered_with_a_sentence(mistake, error, message):
    with pytest.raises(error, match=message):
        train(HardSharing(1, 6, 2), DATA, **{"seeds": 3, "steps": 2} | mistake)


@pytest.mark.messages
def test_a_start_that_does_not_fit_is_refused():
    before = train(HardSharing(1, 6, 2), DATA, seeds=2, steps=1)
    with pytest.raises(ValueError, match="`start` must hold a net of every seed; seed 2 has none"):
        train(HardSharing(1, 6, 2), DATA, seeds=3, steps=1, start=before)
    with pytest.raises(ValueError, match="`start` must hold nets with this model's parameters"):
        train(HardSharing(1, 5, 2), DATA, seeds=2, steps=1, start=before)
    with pytest.raises(ValueError, match="`start` and `trunk_from` must not be given together"):
        train(HardSharing(1, 6, 2), DATA, seeds=2, steps=1, start=before, trunk_from=before)


@pytest.mark.messages
def test_weights_that_were_not_kept_are_named():
    model = HardSharing(1, 6, 2)
    history = train(model, DATA, seeds=2, steps=5, keep_at=3)
    with pytest.raises(ValueError, match=r"`step` must be one whose parameters were kept, \[3, 5\]; got 2. Train with keep_at=\(2,\)"):
        history.parameters_at(2)
    with pytest.raises(ValueError, match="it holds none"):
        predict(model, history, DATA.train.x, at="best")
    with pytest.raises(ValueError, match="`task` must be one of"):
        history.best_parameters("task 7")
    with pytest.raises(ValueError, match="`at` must be one of 'last', 'best'; got 'first'"):
        predict(model, history, DATA.train.x, at="first")


@pytest.mark.messages
def test_best_weights_need_validation_samples():
    from dataclasses import replace

    with pytest.raises(ValueError, match="`keep_best` needs validation samples"):
        train(HardSharing(1, 6, 2), replace(DATA, validation=None), seeds=2, steps=5, keep_best=True)
