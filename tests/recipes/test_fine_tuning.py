"""Learning together first, then alone."""

from dataclasses import replace

import numpy as np
import pytest

from mtl_tutor.recipes import Network, TrainingConfig
from mtl_tutor.recipes._continued import Apart, both_phases
from mtl_tutor.recipes.fine_tuning import FineTuning
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import train

DATA = sine_family(n_tasks=2, n_samples=16, seed=1)
PLAN = TrainingConfig(n_hidden=(6,), steps=10)


def test_every_task_goes_on_from_the_shared_net_as_it_was_left():
    shared = HardSharing(1, 6, 2)
    start, end = both_phases(shared, Apart.like(shared), 0.3, DATA, [4, 2], 0.01, PLAN)
    assert (start.steps[-1], end.steps[-1]) == (3, 7)
    for split in ("train", "validation", "test"):
        np.testing.assert_allclose(end.loss[split][:, 0], start.loss[split][:, -1], rtol=1e-6)
    for task in range(2):
        assert (end.parameters[f"nets.{task}.trunk.0.weight"] != start.parameters["trunk.0.weight"]).all()


def test_what_is_handed_on_is_the_shared_net_before_validation_got_worse():
    y = DATA.validation.y
    opposed = replace(DATA, validation=replace(DATA.validation, y=-100 * y))
    shared = HardSharing(1, 6, 2)
    for data, steps in ((DATA, 5), (opposed, 1)):
        start, _ = both_phases(shared, Apart.like(shared), 0.5, data, [4, 2], 0.001, PLAN)
        expected = train(shared, data, seeds=[4, 2], lr=0.001, steps=steps)
        for name, value in expected.parameters.items():
            np.testing.assert_array_equal(start.parameters[name], value)


@pytest.mark.parametrize(("share", "steps"), [(0.001, (1, 9)), (0.999, (9, 1)), (0.5, (5, 5))])
def test_either_phase_has_a_step(share, steps):
    shared = HardSharing(1, 6, 2)
    start, end = both_phases(shared, Apart.like(shared), share, DATA, [0], 0.01, PLAN)
    assert (start.steps[-1], end.steps[-1]) == steps


def test_it_costs_what_single_task_nets_cost_also_under_a_budget():
    for plan in (PLAN, TrainingConfig(n_hidden=(6,), parameters=200)):
        assert FineTuning().cost(DATA, plan) == Network(SingleTask).cost(DATA, plan)


def test_only_a_net_with_a_trunk_to_hand_on_is_taken():
    with pytest.raises(ValueError, match=r"`build` must make a HardSharing net, whose trunk can be handed on; got SingleTask"):
        FineTuning(build=SingleTask).run(DATA, [0], [0.01], PLAN)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, float("nan")])
def test_a_share_that_leaves_a_phase_without_steps_gets_a_sentence(share):
    with pytest.raises(ValueError, match=r"`together` must (lie between 0 and 1|be a finite number); got"):
        FineTuning(share)
