"""Distances between gates, how many experts they read, and the picture of one of them."""

import numpy as np
import pytest

from mtl_tutor.experiments._gate_readings import between_kinds, between_tasks, n_read
from mtl_tutor.experiments.gates_read import GatesRead, GatesReadResult, mmoe
from mtl_tutor.tasks import task_pairs

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
    assert n_read(np.array([gate])) == pytest.approx([count])


def test_the_picture_has_groups_of_samples_in_the_order_of_their_first_input():
    x = np.array([[2.0], [-1.0], [0.5], [-3.0]])
    gates = np.zeros((1, 2, 4, 2))
    gates[0, 1, :, 0] = [0.9, 0.1, 0.6, 0.3]
    picture = GatesReadResult({}, gates, x).curves(groups=2)
    assert list(picture.x) == [-2.0, 1.25]
    np.testing.assert_allclose(picture.y["task 2"], [0.2, 0.75])


def test_a_net_that_took_no_step_is_read_as_it_starts():
    trial = GatesRead(seeds=20, first_seed=30)
    draws = [lambda seed: task_pairs(seed=seed).data, lambda seed: task_pairs(correlation=1.0, seed=seed).data]

    one, other = (trial.inspected(mmoe, draw, 1)["gates"] for draw in draws)
    np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"seeds": 19}, {"first_seed": -1}])
def test_gates_read_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must be at least"):
        GatesRead(**bad)
