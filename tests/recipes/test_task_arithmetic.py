"""Sums of what tasks change."""

import numpy as np
import pytest

from mtl_tutor.recipes import Network, TrainingConfig
from mtl_tutor.recipes.task_arithmetic import TaskArithmetic, merged
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import sine_family


def nets(**parameters):
    nothing = np.zeros((2, 1, 2))
    seeds = np.arange(2)
    losses = {"train": nothing}
    return History(seeds, np.zeros(1, int), ("a", "b"), losses, losses, np.ones(2), np.zeros(2, bool), parameters)


START = nets(**{"trunk.0.weight": np.array([[1.0], [2.0]]), "heads.0.weight": np.array([[7.0], [7.0]])})
END = nets(**{"nets.0.trunk.0.weight": np.array([[4.0], [2.0]]), "nets.1.trunk.0.weight": np.array([[0.0], [10.0]])})


@pytest.mark.parametrize(("coefficient", "expected"), [(0.0, [1, 2]), (1.0, [1 + 3 - 1, 2 + 0 + 8]), (0.5, [2, 6]), (-1.0, [-1, -6])])
def test_task_vectors_are_added_to_the_trunk_seed_by_seed(coefficient, expected):
    found = merged(START, END, coefficient).parameters
    np.testing.assert_allclose(found["trunk.0.weight"][:, 0], expected)
    assert found["heads.0.weight"] is START.parameters["heads.0.weight"]
    assert START.parameters["trunk.0.weight"].tolist() == [[1.0], [2.0]]


def test_half_of_the_sum_of_two_is_the_mean_of_their_trunks():
    mean = (END.parameters["nets.0.trunk.0.weight"] + END.parameters["nets.1.trunk.0.weight"]) / 2
    np.testing.assert_allclose(merged(START, END, 0.5).parameters["trunk.0.weight"], mean)


def test_the_coefficient_is_chosen_for_all_tasks_together():
    data, plan = sine_family(n_tasks=2, n_samples=16, seed=1), TrainingConfig(n_hidden=(6,), steps=20)
    each = [TaskArithmetic((c,)).run(data, [0], [0.03], plan) for c in (0.0, 0.5, 1.0)]
    chosen = TaskArithmetic((0.0, 0.5, 1.0)).run(data, [0], [0.03], plan)
    relative = [float((one.validation / each[0].validation).mean()) for one in each]
    best = each[int(np.argmin(relative))]
    np.testing.assert_array_equal(chosen.validation, best.validation)
    np.testing.assert_array_equal(chosen.test, best.test)


def test_the_finished_net_is_one_with_a_shared_trunk():
    data, plan = sine_family(n_tasks=3), TrainingConfig(n_hidden=(8,))
    assert TaskArithmetic().cost(data, plan) == Network(HardSharing).cost(data, plan)
    assert not TaskArithmetic().is_separate(data, plan)


@pytest.mark.parametrize("bad", [{"coefficients": ()}, {"coefficients": (float("nan"),)}, {"together": 0.0}])
def test_impossible_settings_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"must (hold finite numbers|be a finite number|lie between 0 and 1)"):
        TaskArithmetic(**bad)


def test_only_a_net_with_a_trunk_to_hand_on_is_taken():
    with pytest.raises(ValueError, match=r"`build` must make a HardSharing net"):
        TaskArithmetic(build=SingleTask).run(sine_family(), [0], [0.01], TrainingConfig(n_hidden=(4,), steps=4))
