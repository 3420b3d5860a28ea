"""Experts that start equal: their gradients are equal as long as gates are even, and a gate between equals has none."""

import pytest
import torch

from mtl_tutor.experiments import ExpertCollapse, StartedMMoE, importance_loss
from mtl_tutor.experiments.sharing.experts_and_gates.collapse import INPUTS, STARTS

X = torch.randn(20, 10, generator=torch.Generator().manual_seed(0))


def gradients(net):
    sum(answers.square().mean() for answers in net(X)).backward()
    return [next(expert.parameters()).grad for expert in net.experts]


def test_equal_experts_behind_even_gates_get_equal_gradients():
    net = StartedMMoE(10, (4, 4), same=True, steepness=0.0)
    first, second, third = gradients(net)
    assert first.abs().max() > 0
    torch.testing.assert_close(first, second, rtol=0, atol=0)
    torch.testing.assert_close(first, third, rtol=0, atol=0)


def test_a_gate_between_equal_experts_has_no_gradient():
    net = StartedMMoE(10, (4, 4), same=True)
    gradients(net)
    for gate in net.gates:
        torch.testing.assert_close(gate.weight.grad, torch.zeros_like(gate.weight), rtol=0, atol=1e-7)


def test_uneven_gates_part_equal_experts_and_so_do_experts_that_are_drawn():
    for net in (StartedMMoE(10, (4, 4), same=True), StartedMMoE(10, (4, 4), steepness=0.0)):
        first, second, _ = gradients(net)
        assert (first - second).abs().max() > 1e-3 * first.abs().max()


def test_steepness_multiplies_the_gates_and_nothing_else():
    torch.manual_seed(1)
    plain = StartedMMoE(10, (4, 4))
    torch.manual_seed(1)
    steep = StartedMMoE(10, (4, 4), steepness=10.0)
    for one, other in zip(plain.gates, steep.gates, strict=True):
        torch.testing.assert_close(10 * one.weight, other.weight)
    torch.testing.assert_close(plain.experts.state_dict(), steep.experts.state_dict())


def test_the_penalty_is_that_of_all_gates_squared_weights():
    net = StartedMMoE(10, (4, 4), strength=0.5)
    with torch.no_grad():
        for gate in net.gates:
            gate.weight.fill_(2.0)
    assert float(net.penalty().detach()) == pytest.approx(0.5 * 4 * 2 * 3 * 10)


def test_one_expert_is_one_and_the_others_are_three():
    assert [len(StartedMMoE(10, (4, 4), **STARTS[name]).experts) for name in ("one", "drawn")] == [1, 3]


@pytest.mark.parametrize(("gate", "loss"), [
    ([[1.0, 0.0, 0.0]] * 4, 2.0),  # all samples to one of three
    ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], 0.0),  # each to another: closed, and balanced
    ([[0.75, 0.25]] * 3, 0.25),
])
def test_the_importance_loss_is_the_squared_coefficient_of_variation_of_the_sums(gate, loss):
    assert float(importance_loss(torch.tensor(gate))) == pytest.approx(loss)


def test_the_balance_charges_for_every_gate_at_its_strength():
    net = StartedMMoE(10, (4, 4), favour=100.0, balance=0.5)
    assert float(net.penalty().detach()) == pytest.approx(0.5 * 2 * 2.0)
    assert not StartedMMoE(10, (4, 4), favour=100.0).penalty()


def test_a_favoured_expert_gets_nearly_all_of_an_even_gate_and_others_stay_as_drawn():
    net = StartedMMoE(10, (4, 4), favour=5.0, steepness=0.0)
    for gate in net.gates:
        assert gate(INPUTS).softmax(-1)[:, 0].min() > 0.98
        assert gate.bias[1:].tolist() == [0.0, 0.0]


def test_every_hypothesis_compares_starts_that_there_are():
    named = {arm for h in ExpertCollapse.hypotheses for arm in (h.treatment, h.reference) if arm}
    assert named <= set(STARTS)
    assert len(set(ExpertCollapse.labels.values())) == len(STARTS)
