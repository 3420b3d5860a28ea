"""The public door: what comes out, what is left alone, and what it says to a mistaken reader."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.balancing import EqualWeighting, FixedWeighting, PCGrad, StatelessWeighting
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import Samples, Task, TaskData, sine_family
from mtl_tutor.training import SGD, Adam, FreshNoise, predict, train
from mtl_tutor.training.chunks import WIDTH

DATA = sine_family(n_tasks=2, n_samples=12, seed=0)


def net() -> HardSharing:
    return HardSharing(1, 4, 2)


def test_the_history_has_a_row_per_seed_an_evaluation_per_tenth_step_and_every_split():
    history = train(net(), DATA, seeds=[7, 2], steps=25, eval_every=10)
    assert history.seeds.tolist() == [7, 2]
    assert history.steps.tolist() == [0, 10, 20, 25]
    assert history.tasks == tuple(task.name for task in DATA.tasks)
    assert set(history.loss) == set(history.error) == {"train", "validation", "test"}
    assert all(values.shape == (2, 4, 2) for values in [*history.loss.values(), *history.error.values()])
    assert history.best().shape == history.last().shape == (2, 2)


def test_about_fifty_evaluations_are_taken_by_default():
    assert len(train(net(), DATA, seeds=1, steps=500).steps) == 51
    assert train(net(), DATA, seeds=1, steps=3).steps.tolist() == [0, 1, 2, 3]


def test_training_learns():
    history = train(net(), DATA, seeds=8, steps=300)
    assert (history.loss["train"][:, -1] < history.loss["train"][:, 0]).all()


@pytest.mark.parametrize("settings", [{}, {"batch_size": 5}])
def test_the_last_evaluation_belongs_to_the_parameters_that_are_returned(settings):
    history = train(net(), DATA, seeds=3, steps=7, dtype=torch.float64, **settings)
    for split, samples in DATA.splits().items():
        answers = np.concatenate(predict(net(), history, samples.x), axis=2)
        np.testing.assert_allclose(((answers - samples.y) ** 2).mean(1), history.loss[split][:, -1], atol=1e-12)


def test_neither_the_model_nor_the_global_generator_is_touched():
    model = net()
    before, state = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    threads = torch.get_num_threads()
    train(model, DATA, seeds=3, steps=5, batch_size=4)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in before.items())
    assert torch.get_num_threads() == threads


class Half(nn.Module):
    """A layer that torch resets, a parameter that nobody resets, a frozen one and a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 2)
        self.gain = nn.Parameter(torch.tensor([2.0, 3.0]))
        self.frozen = nn.Parameter(torch.tensor(0.5), requires_grad=False)
        self.register_buffer("shift", torch.tensor(4.0))

    def forward(self, x):
        return list((self.layer(x) * self.gain * self.frozen + self.shift).split(1, -1))


def test_a_seed_starts_as_manual_seed_and_the_submodules_reset_would():
    history = train(Half(), DATA, seeds=[3, 4], steps=1, lr=1e-12)
    for row, seed in enumerate([3, 4]):
        layer = nn.Linear(1, 2)
        torch.manual_seed(seed)
        layer.reset_parameters()
        np.testing.assert_allclose(history.parameters["layer.weight"][row], layer.weight.detach(), atol=1e-6)
        np.testing.assert_allclose(history.parameters["gain"][row], [2, 3], atol=1e-6)


def test_frozen_parameters_and_buffers_stay_as_they_are():
    history = train(Half(), DATA, seeds=2, steps=20)
    np.testing.assert_array_equal(history.parameters["frozen"], [0.5, 0.5])
    np.testing.assert_array_equal(history.parameters["shift"], [4, 4])
    assert (history.parameters["gain"] != [2, 3]).all()


def test_predictions_have_a_tensor_per_task_with_a_row_per_seed():
    data = TaskData((Task("a"), Task("b", "multiclass", 3)), Samples(np.eye(4), np.array([[0.5, 0], [1, 1], [2, 2], [0, 1]])))
    for model in (HardSharing(4, 5, n_outputs=(1, 3)), SingleTask(4, 5, n_outputs=(1, 3))):
        history = train(model, data, seeds=70, steps=2)
        outputs = predict(model, history, np.eye(4)[:3])
        assert [out.shape for out in outputs] == [(70, 3, 1), (70, 3, 3)]


def test_a_bar_is_shown_when_asked_for(capsys):
    train(net(), DATA, seeds=WIDTH + 1, steps=2)
    assert capsys.readouterr().err == ""
    train(net(), DATA, seeds=WIDTH + 1, steps=2, progress=True)
    assert "2/2" in capsys.readouterr().err


class Wrong(nn.Module):
    """Answers one task however many there are."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, x):
        return [self.layer(x)]


class Scale(StatelessWeighting):
    """A weighting for the general path."""

    def weights_for(self, losses):
        return losses / losses.sum()


MISTAKES = [
    ({"seeds": 0}, ValueError, "`seeds` must be at least 1; got 0"),
    ({"seeds": []}, ValueError, "`seeds` must be a count or a sequence"),
    ({"seeds": [3, -1]}, ValueError, "`seeds\\[1\\]` must be at least 0; got -1"),
    ({"seeds": [0.5]}, TypeError, "`seeds\\[0\\]` must be a whole number; got 0.5"),
    ({"seeds": 2**31}, ValueError, "`seeds` must be at most"),
    ({"seeds": 10**30}, ValueError, "`seeds` must be at most"),
    ({"seeds": 10**7, "steps": 10**5, "eval_every": 1}, ValueError, "`seeds` must leave room for all weights and curves"),
    ({"seeds": "3"}, TypeError, "`seeds` must be a whole number or a sequence"),
    ({"steps": None}, TypeError, "`steps` must be a whole number; got None"),
    ({"lr": "0.1"}, TypeError, "`lr` must be a number or a sequence of numbers"),
    ({"lr": []}, ValueError, "`lr` must be one number or one per row, 3"),
    ({"weight_decay": "0.1"}, TypeError, "`weight_decay` must be a number; got '0.1'"),
    ({"trunk_lr": None}, TypeError, "`trunk_lr` must be a number; got None"),
    ({"trunk_from": []}, TypeError, "`trunk_from` must be a History; got \\[\\]"),
    ({"n_jobs": 1.5}, TypeError, "`n_jobs` must be a whole number"),
    ({"keep_best": "yes"}, TypeError, "`keep_best` must be True or False; got 'yes'"),
    ({"steps": 0}, ValueError, "`steps` must be at least 1; got 0"),
    ({"steps": 2.5}, TypeError, "`steps` must be a whole number; got 2.5"),
    ({"eval_every": -1}, ValueError, "`eval_every` must be at least 1; got -1"),
    ({"batch_size": 0}, ValueError, "`batch_size` must be at least 1; got 0"),
    ({"lr": 0.0}, ValueError, "`lr` must be positive and finite; got 0.0"),
    ({"lr": [0.1, 0.1]}, ValueError, "`lr` must be one number or one per row, 3"),
    ({"weight_decay": -0.1}, ValueError, "`weight_decay` must be zero or more; got -0.1"),
    ({"device": "tpu"}, ValueError, "`device` must be 'cpu' or 'cuda'; got 'tpu'"),
    ({"dtype": torch.float16}, ValueError, "`dtype` must be torch.float32 or torch.float64"),
    ({"optimizer": torch.nn.ReLU()}, TypeError, "`optimizer` must be a SGD or an Adam"),
    ({"method": EqualWeighting}, TypeError, "`method` must be a Balancing; got the class EqualWeighting. Add ()"),
    ({"method": FixedWeighting((1.0, 1.0, 1.0))}, ValueError, "`method` must have one weight per task, 2; got 3"),
    ({"model": "net"}, TypeError, "`model` must be a Module; got 'net'"),
    ({"model": nn.Identity()}, ValueError, "`model` must have parameters to train; it has none"),
    ({"model": HardSharing(2, 4, 2)}, ValueError, "`model` must accept x of shape \\(sample, 1\\).*`trunk.0`, Linear"),
    ({"model": HardSharing(1, 4, 3)}, ValueError, "`model` must return a list of outputs with shapes \\[\\(2, 1\\), \\(2, 1\\)\\]"),
    ({"model": Wrong()}, ValueError, "`model` must return a list of outputs"),
    ({"model": nn.Sequential(nn.Linear(1, 2), nn.Dropout(0.5))}, ValueError, "`model` must not use dropout"),
    ({"model": nn.Sequential(nn.Linear(1, 2), nn.BatchNorm1d(2))}, ValueError, "`model` must not normalise over the batch, as BatchNorm1d"),
    ({"data": np.zeros(3)}, TypeError, "`data` must be a TaskData or a function"),
    ({"data": lambda seed: None}, TypeError, "`data\\(seed\\)` must return a TaskData; got NoneType for seed 0"),
    ({"data": lambda seed: sine_family(n_samples=12 + seed)}, ValueError, "`data\\(seed\\)` must have the same tasks and shapes.*seed 1"),
]


@pytest.mark.messages
@pytest.mark.parametrize(("mistake", "error", "message"), MISTAKES, ids=[message[:40] for *_, message in MISTAKES])
def test_a_mistake_is_answered_with_a_sentence(mistake, error, message):
    arguments = {"model": net(), "data": DATA, "seeds": 3, "steps": 2} | mistake
    with pytest.raises(error, match=message):
        train(**arguments)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_missing_gpu_is_named():
    with pytest.raises(ValueError, match="torch sees no GPU"):
        train(net(), DATA, device="cuda")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SGD(momentum=1.0), "`momentum` must be in"),
        (lambda: Adam(beta1=-0.1), "`beta1` must be in"),
        (lambda: Adam(beta2=1.0), "`beta2` must be in"),
        (lambda: Adam(epsilon=-1.0), "`epsilon` must be zero or more"),
    ],
)
def test_an_optimizer_refuses_what_cannot_work(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_predicting_with_another_model_is_refused():
    history = train(net(), DATA, seeds=2, steps=2)
    with pytest.raises(ValueError, match="`model` must have the parameters of `history`"):
        predict(HardSharing(1, 5, 2), history, DATA.train.x)


def test_training_does_not_load_torch_optim_or_a_compiler():
    import subprocess
    import sys

    code = (
        "import sys; from mtl_tutor.training import train; from mtl_tutor.sharing import HardSharing; "
        "from mtl_tutor.tasks import sine_family; train(HardSharing(1, 4, 2), sine_family(), seeds=2, steps=2); "
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)}).returncode == 0


def test_a_nested_reset_is_not_undone_by_the_defaults_of_what_it_reset():
    class Inside(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = HardSharing(1, 4, 2, init_scale=0.01)

        def forward(self, x):
            return self.net(x)

    history = train(Inside(), DATA, seeds=[3], steps=1, lr=1e-12)
    torch.manual_seed(3)
    alone = HardSharing(1, 4, 2, init_scale=0.01)
    torch.manual_seed(3)
    alone.reset_parameters()
    np.testing.assert_allclose(history.parameters["net.trunk.0.weight"][0], alone.trunk[0].weight.detach(), atol=1e-6)


def test_predictions_may_be_about_samples_of_each_nets_own():
    history = train(net(), DATA, seeds=70, steps=2)
    x = np.random.default_rng(0).normal(size=(70, 3, 1))
    own, together = predict(net(), history, x), [predict(net(), history, row) for row in x]
    for task, outputs in enumerate(own):
        np.testing.assert_allclose(outputs, [answers[task][seed] for seed, answers in enumerate(together)], rtol=1e-5)


@pytest.mark.messages
def test_samples_for_another_number_of_nets_are_refused():
    with pytest.raises(ValueError, match="each of 2 nets"):
        predict(net(), train(net(), DATA, seeds=2, steps=1), np.zeros((3, 4, 1)))


def test_a_net_can_start_with_an_earlier_trunk_and_new_heads():
    before = train(net(), DATA, seeds=[5, 3], steps=30)
    after = train(net(), DATA, seeds=[3, 5, 5], steps=1, lr=1e-12, trunk_from=before)
    fresh = train(net(), DATA, seeds=[3, 5, 5], steps=1, lr=1e-12)
    for name, values in after.parameters.items():
        earlier = before.parameters[name][[1, 0, 0]] if name.startswith("trunk") else fresh.parameters[name]
        np.testing.assert_allclose(values, earlier, atol=1e-6)


def test_a_frozen_trunk_stays_as_it_was():
    before = train(net(), DATA, seeds=3, steps=30)
    after = train(net(), DATA, seeds=3, steps=30, trunk_from=before, trunk_lr=0.0)
    for name, values in after.parameters.items():
        assert np.array_equal(values, before.parameters[name]) is name.startswith("trunk")


@pytest.mark.messages
def test_a_trunk_that_does_not_fit_is_refused():
    before = train(net(), DATA, seeds=2, steps=1)
    with pytest.raises(ValueError, match="seed 2 has none"):
        train(net(), DATA, seeds=3, steps=1, trunk_from=before)
    with pytest.raises(ValueError, match="must hold nets with this model's shared parameters"):
        train(HardSharing(1, 5, 2), DATA, seeds=2, steps=1, trunk_from=before)
    with pytest.raises(ValueError, match="must hold nets with this model's shared parameters"):
        train(SingleTask.like(net()), DATA, seeds=2, steps=1, trunk_from=before)


SAMPLES = np.zeros((5, 1))
PREDICT_MISTAKES = [
    (lambda m, h: (m, h, SAMPLES[:, 0]), ValueError, r"`x` must have two axes \(sample, feature\) or more; got shape \(5,\)"),
    (lambda m, h: (m, h, np.zeros((5, 3))), ValueError, r"`x` must have samples that the model reads.*got shape \(5, 3\)"),
    (lambda m, h: (m, h, np.full((5, 1), np.nan)), ValueError, "`x` must be finite; 5 entries are not"),
    (lambda m, h: (m, h, [[1e300]]), ValueError, r"`x` must lie between ±3.4e\+38; got 1e\+300. Change its unit\."),
    (lambda m, h: (m, h, [["a"]]), TypeError, "`x` must be"),
    (lambda m, h: (h, m, SAMPLES), TypeError, "`model` must be a Module; got a History"),
    (lambda m, h: (m, SAMPLES, h), TypeError, "`history` must be a History; got an array"),
    (lambda m, h: (m, h, np.ma.masked_equal(SAMPLES, 0)), TypeError, "`x` must be a plain array"),
]


@pytest.mark.messages
@pytest.mark.parametrize(("mistaken", "error", "message"), PREDICT_MISTAKES, ids=[message[:40] for *_, message in PREDICT_MISTAKES])
def test_a_mistaken_question_is_answered_with_a_sentence(mistaken, error, message):
    history = train(net(), DATA, seeds=2, steps=1)
    with pytest.raises(error, match=message) as caught:
        predict(*mistaken(net(), history))
    assert "\n" not in str(caught.value)


def test_a_batch_larger_than_the_table_is_the_table():
    whole, larger = (train(net(), DATA, seeds=2, steps=9, batch_size=size) for size in (12, 1000))
    np.testing.assert_array_equal(whole.last("train"), larger.last("train"))


@pytest.mark.messages  # the shape checker draws from Python's generator
def test_no_global_generator_is_touched():
    import random

    def states():
        return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002

    model, before = net(), states()
    train(model, DATA, seeds=3, steps=5, batch_size=4, noise=FreshNoise(inputs=0.1))
    train(model, DATA, PCGrad(), seeds=3, steps=2)
    assert states() == before
