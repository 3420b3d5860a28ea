"""One softmax or ten sigmoids: the measures against brute force, and what linear sigmoids share (nothing)."""

from itertools import product

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from mtl_tutor.experiments import OneOfMany, exclusiveness
from mtl_tutor.experiments.what.multi_label_and_ensembles.one_of_many import IMPOSSIBLE, MEAN, NATS, NOT_ONE, SUM
from mtl_tutor.experiments.what.one_network_many_tasks import WRONG
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import digits
from mtl_tutor.tasks.one_against_rest import one_against_rest
from mtl_tutor.training import SGD, predict, train

TRIAL = OneOfMany(seeds=20, first_seed=50)


def test_what_independent_answers_leave_to_no_class_or_several_is_the_sum_over_all_such_cases():
    p = np.array([0.9, 0.3, 0.2, 0.05])
    cases = np.array(list(product((0, 1), repeat=4)))
    chance = np.where(cases, p, 1 - p).prod(axis=1)
    found = exclusiveness(np.log(p / (1 - p))[None, None], np.array([[0]]), exclusive=False)
    assert found[IMPOSSIBLE][0] == pytest.approx(chance[cases.sum(axis=1) != 1].sum())
    assert found[SUM][0] == pytest.approx(0.45)
    assert found[NATS][0] == pytest.approx(np.log(1.45 / 0.9))
    assert (found[WRONG][0], found[NOT_ONE][0]) == (0, 0)


def test_sums_above_and_below_one_cancel_in_their_mean_only():
    p = np.array([[[0.8, 0.6], [0.4, 0.2]]])
    found = exclusiveness(np.log(p / (1 - p)), np.array([[0, 0]]), exclusive=False)
    assert found[MEAN][0] == pytest.approx(0.0)
    assert found[SUM][0] == pytest.approx(0.4)
    assert found[NOT_ONE][0] == 1.0


def test_a_softmax_always_sums_to_one():
    found = exclusiveness(np.random.default_rng(0).normal(size=(2, 50, 10)) * 20, np.zeros((2, 50), dtype=int), exclusive=True)
    np.testing.assert_allclose(found[SUM], 0, atol=1e-12)


def test_the_share_misread_is_the_engines():
    arm = TRIAL.arms()["softmax"]
    history = TRIAL.train(arm, np.arange(50, 70), 8, 0.01)
    np.testing.assert_allclose(TRIAL.measured(arm, 8, 0.01)[WRONG], history.last()[:, 0], atol=1e-6)


def test_nets_apart_are_asked_as_nets_apart():
    trial = OneOfMany(seeds=20, first_seed=50, n_images=20)
    together, apart = (trial.measured(trial.arms()[name], 4, 0.01)[SUM] for name in ("sigmoids", "apart"))
    data = one_against_rest(digits(20, extra=(), seed=50))
    net = SingleTask.like(trial.net(data, 4))
    answers = predict(net, train(net, data, seeds=[50], steps=160, lr=0.01, eval_every=160), data.test.x)
    total = (1 / (1 + np.exp(-np.concatenate(answers, axis=-1)))).sum(axis=-1)
    assert apart[0] == pytest.approx(np.abs(total - 1).mean(), abs=1e-5)
    assert not np.allclose(together, apart)


class Linear(nn.Module):
    """Ten linear answers to the same inputs, with no layer in common."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(64, 1, bias=False) for _ in range(10))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return [head(x) for head in self.heads]


def test_linear_multi_label_learning_is_ten_logistic_regressions():
    data = one_against_rest(digits(60, extra=(), seed=3))
    how = {"steps": 400, "lr": 0.5, "optimizer": SGD(momentum=0.9), "eval_every": 400, "dtype": torch.float64}
    history = train(Linear(), data, seeds=[0], weight_decay=0.1, **how)
    for k in range(10):
        own = LogisticRegression(C=1 / (0.1 * 60), fit_intercept=False, tol=1e-10, max_iter=10_000)
        own.fit(data.train.x, data.train.y[:, k])
        np.testing.assert_allclose(history.parameters[f"heads.{k}.weight"][0], own.coef_, atol=1e-6)


def test_only_a_layer_in_common_lets_the_questions_talk():
    data = one_against_rest(digits(60, extra=(), seed=3))
    other = digits(60, extra=(), seed=4)
    swapped = one_against_rest(other)
    labels = np.column_stack([data.train.y[:, 0], swapped.train.y[:, 1:]])
    changed = type(data)(data.tasks, type(data.train)(data.train.x, labels), data.validation, data.test)
    first = {}
    for name, net in (("shared", HardSharing(64, 8, n_outputs=data.n_outputs)), ("linear", Linear())):
        found = [predict(net, train(net, d, seeds=[0], steps=50, lr=0.02, eval_every=50), data.test.x)[0] for d in (data, changed)]
        first[name] = np.array_equal(*found)
    assert first == {"shared": False, "linear": True}
