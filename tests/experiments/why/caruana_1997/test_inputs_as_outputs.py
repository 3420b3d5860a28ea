"""The arms of inputs-as-outputs are what their names say."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.experiments.why.caruana_1997.inputs_as_outputs import RMSE, InputsAsOutputs, SigmoidNet, arm_of, inputs_as_outputs_curves

TRIAL = InputsAsOutputs(noise=3.0)


def test_every_arm_of_a_sentence_exists_and_no_other():
    assert set(TRIAL.arms()) == {arm for s in TRIAL.hypotheses for arm in (s.treatment, s.reference)}


def test_the_feature_is_where_the_arm_says_and_bits_are_what_the_net_expects():
    for name, arm in TRIAL.arms().items():
        data, way = arm.data(7), name.split(", ")[0].split()[-1]
        assert (data.n_features, len(data.tasks)) == {"alone": (20, 1), "in": (21, 1), "out": (20, 2), "shuffled": (20, 2)}[way]
        assert data.train.x[:, :20].min() == (0 if "sigmoids" in name else -1)
        noisy = np.ptp(np.column_stack([data.train.x[:, 20:], data.train.y[:, 1:]])) > 2 if way in ("in", "out") else False
        assert noisy == name.startswith("noisy")


def test_shuffling_leaves_the_main_task_and_the_values_of_the_other():
    true, shuffled = (TRIAL.arms()[name].data(7).train.y for name in ("out, small", "shuffled, small"))
    np.testing.assert_array_equal(true[:, 0], shuffled[:, 0])
    np.testing.assert_array_equal(np.sort(true[:, 1]), np.sort(shuffled[:, 1]))
    assert (true[:, 1] != shuffled[:, 1]).any()


@pytest.mark.parametrize(("net", "scale"), [("small", 0.1), ("middle", 1.0), ("large", 2.0), ("large sigmoids", 4.0)])
def test_nets_start_from_the_scale_of_their_name(net, scale):
    arm = arm_of("out", net, 0.0)
    model = arm.net(arm.data(0), 4000)
    weight = model.trunk[0].weight
    assert float(weight.detach().std()) * 20**0.5 == pytest.approx(scale, rel=0.02)


def test_a_net_of_sigmoids_answers_with_the_sigmoid_of_what_a_linear_one_would():
    torch.manual_seed(0)
    net = SigmoidNet(3, 4, 2, activation=nn.Sigmoid)
    x = torch.randn(5, 3)
    hidden = torch.sigmoid(x @ net.trunk[0].weight.T + net.trunk[0].bias)
    for head, answer in zip(net.heads, net(x), strict=True):
        torch.testing.assert_close(answer, torch.sigmoid(hidden @ head.weight.T + head.bias))


def test_the_lighter_arm_stands_for_three_weights_of_the_second_task():
    variants = TRIAL.arms()["light out, small"].variants
    assert [variant.method.weights for variant in variants] == [(1.0, w) for w in (0.03, 0.1, 0.3)]


def test_what_is_measured_is_the_root_of_the_mean_squared_error_on_the_main_task():
    trial = replace(TRIAL, seeds=20, first_seed=0)
    arm = trial.arms()["out, small"]
    history = trial.train(arm, np.arange(20), 16, 0.1)
    np.testing.assert_allclose(trial.measure(history)[RMSE] ** 2, history.best()[:, 0], rtol=1e-5)
    np.testing.assert_allclose(trial.validated(history) ** 2, history.best("validation")[:, 0], rtol=1e-5)


def test_the_widget_compares_three_ways_with_none(monkeypatch):
    monkeypatch.setattr(InputsAsOutputs, "steps", 60)
    monkeypatch.setattr(InputsAsOutputs, "lrs", (0.1,))
    curves = inputs_as_outputs_curves("0 and 1", n_seeds=20)
    arms = [arm_of(way, "small", 0.0, scale=3.0, low=0.0) for way in ("in", "alone")]
    wrong = [InputsAsOutputs(seeds=20, first_seed=2000).measured(arm, 16, 0.1)[RMSE].mean() for arm in arms]
    assert set(curves.y) == {"as output", "as input", "shuffled"}
    assert curves.y["as input"][-1] == pytest.approx(wrong[0] / wrong[1], rel=1e-4)


