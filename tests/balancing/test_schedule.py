"""Weights that change with the step, as planned."""

import numpy as np
import pytest
import torch

from mtl_tutor.balancing import FixedWeighting, WeightSchedule
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import train
from tests.following import followed

LOSSES, ROWS = torch.rand(7, 3, dtype=torch.float64), torch.rand(7, 3, 2, dtype=torch.float64)
DATA = sine_family(n_tasks=2, n_samples=15, seed=1)


@pytest.mark.parametrize(("shape", "quarter"), [("linear", 0.25), ("cosine", (1 - np.sqrt(0.5)) / 2)])
def test_it_goes_from_the_first_to_the_last_weights(shape, quarter):
    weights = followed(WeightSchedule((1.0, 1.0, 1.0), (1.0, 0.0, 2.0), 4, shape), LOSSES, ROWS).weights
    way = [0, quarter, 0.5, 1 - quarter, 1, 1, 1]
    np.testing.assert_allclose(weights, [[1, 1 - share, 1 + share] for share in way], atol=1e-12)


def test_one_that_stays_trains_as_fixed_weights_do():
    methods = FixedWeighting((1.0, 0.25)), WeightSchedule((1.0, 0.25), (1.0, 0.25), 5)
    expected, found = (train(HardSharing(1, 6, 2), DATA, method, seeds=2, steps=20, dtype=torch.float64) for method in methods)
    for name, values in expected.parameters.items():
        np.testing.assert_allclose(found.parameters[name], values, atol=1e-12)


def test_a_task_that_comes_in_late_starts_late():
    start = train(HardSharing(1, 6, 2), DATA, FixedWeighting((1.0, 0.0)), seeds=2, steps=1, lr=1e-30)
    one, two = (train(HardSharing(1, 6, 2), DATA, WeightSchedule((1.0, 0.0), (1.0, 1.0), 9), seeds=2, steps=n) for n in (1, 2))
    for name, values in start.parameters.items():
        if name.startswith("heads.1"):
            np.testing.assert_array_equal(one.parameters[name], values)
            assert not np.array_equal(two.parameters[name], values)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (((1.0, -1.0), (1.0, 1.0)), "`first` must be zero or more"),
        (((1.0, 1.0), (0.0, 0.0)), "`last` must be zero or more, not all zero"),
        (((), (1.0,)), "`first` must be zero or more"),
        (((1.0, 1.0), (1.0,)), "`last` must have as many weights as `first`, 2; got 1"),
        (((1.0,), (1.0,), 0), "`steps` must be at least 1"),
        (((1.0,), (1.0,), 5, "square"), "`shape` must be"),
    ],
)
def test_impossible_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        WeightSchedule(*settings)


def test_weights_for_another_number_of_tasks_get_a_sentence():
    with pytest.raises(ValueError, match="`first` must have one weight per task, 2; got 1"):
        WeightSchedule((1.0,), (1.0,)).start(2)
