"""Distances between gates, how many experts they read, and the picture of one of them."""

import numpy as np
import pytest

from mtl_tutor.experiments import (
    between_kinds,
    between_tasks,
    experts_read,
    experts_used,
    gates_read_curves,
    inspected,
    wavy_net,
    wavy_pair,
)
from mtl_tutor.experiments.sharing.experts_and_gates.models import PROBES
from mtl_tutor.training import inspect_nets, train

LEFT, RIGHT, EVEN = [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]


def test_gates_are_as_far_apart_as_weight_has_to_move():
    gates = np.array([[[LEFT, LEFT], [RIGHT, RIGHT]], [[LEFT, EVEN], [LEFT, LEFT]], [[EVEN, EVEN], [EVEN, EVEN]]])
    assert between_tasks(gates) == pytest.approx([1.0, 0.25, 0.0])


def test_kinds_are_told_apart_by_the_sign_of_the_first_input():
    x = np.array([[1.0, 9.0], [-1.0, 9.0]])
    gates = np.array([[[LEFT, RIGHT], [EVEN, EVEN]], [[LEFT, LEFT], [RIGHT, RIGHT]]])
    assert between_kinds(gates, x) == pytest.approx([0.5, 0.0])


@pytest.mark.parametrize(("gate", "count"), [(LEFT, 1.0), (EVEN, 2.0), ([0.25] * 4, 4.0), ([0.5, 0.5, 0.0], 2.0)])
def test_a_gate_reads_as_many_experts_as_it_weighs_alike(gate, count):
    assert experts_read(np.array([gate])) == pytest.approx([count])


def test_samples_that_read_one_expert_each_use_both_and_samples_that_read_the_same_one_use_one():
    gates = np.array([[LEFT, RIGHT], [LEFT, LEFT], [EVEN, EVEN]])
    assert experts_read(gates).mean(axis=-1) == pytest.approx([1.0, 1.0, 2.0])
    assert experts_used(gates) == pytest.approx([2.0, 1.0, 2.0])


def test_the_picture_has_groups_of_samples_in_the_order_of_their_first_input():
    picture, first = gates_read_curves(7, groups=2), PROBES[:, 0]
    gates = inspected("two kinds", np.array([7]))["gates"][0]
    half = first > np.median(first)
    np.testing.assert_allclose(picture.x, [first[~half].mean(), first[half].mean()])
    np.testing.assert_allclose(picture.y["task 2"], [gates[1, ~half, 0].mean(), gates[1, half, 0].mean()], rtol=1e-5)


def test_a_net_that_took_no_step_is_read_as_it_starts():
    net = wavy_net("mmoe", 3)
    history = train(net, wavy_pair(1.0), seeds=[30, 31], steps=1, lr=1e-12)
    start = inspect_nets(net, history, PROBES)["gates"]
    np.testing.assert_allclose(inspected("start", np.array([30, 31]))["gates"], start, atol=1e-5)
