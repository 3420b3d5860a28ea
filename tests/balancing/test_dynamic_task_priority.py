"""Dynamic task priority against the paper's formulas in plain numbers."""

import math

import pytest
import torch

from mtl_tutor.balancing import DynamicTaskPriority
from tests.following import followed

LOSSES = torch.rand(9, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 3
ROWS = torch.ones(9, 2, 1, dtype=torch.float64)


@pytest.mark.parametrize(("gamma", "decay"), [(1.0, 0.1), (0.0, 0.5), (2.0, 1.0)])
def test_weights_are_the_focal_loss_of_a_running_performance(gamma, decay):
    expected, usual = [], [math.exp(-loss) for loss in LOSSES[0].tolist()]
    for row in LOSSES.tolist():
        usual = [decay * math.exp(-loss) + (1 - decay) * before for loss, before in zip(row, usual, strict=True)]
        expected.append([-((1 - kpi) ** gamma) * math.log(kpi) for kpi in usual])
    weights = followed(DynamicTaskPriority(gamma, decay), LOSSES, ROWS).weights
    torch.testing.assert_close(weights, torch.tensor(expected, dtype=torch.float64))


def test_hard_tasks_come_first():
    losses = torch.tensor([[0.01, 0.5, 3.0, 1e4]])
    weights = followed(DynamicTaskPriority(), losses, torch.ones(1, 4, 1)).weights[0]
    assert (weights.diff() > 0).all()


def test_a_negative_loss_counts_as_zero():
    losses = torch.tensor([[-5.0, 0.0], [1.0, 1.0]])
    weights = followed(DynamicTaskPriority(), losses, torch.ones(2, 2, 1)).weights
    torch.testing.assert_close(weights[:, 0], weights[:, 1])
    assert weights[0].tolist() == [0.0, 0.0]


def test_the_first_label_is_the_whole_memory():
    late = LOSSES.clone()
    late[:4, 1] = float("nan")
    weights = followed(DynamicTaskPriority(), late, ROWS).weights
    torch.testing.assert_close(weights[4:, 1], followed(DynamicTaskPriority(), LOSSES[4:], ROWS[4:]).weights[:, 1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((11.0,), r"`gamma` must lie in \[0, 10\]"),
        ((-1.0,), r"`gamma` must lie in \[0, 10\]"),
        ((1.0, 0.0), "`decay` must be above 0"),
        ((1.0, 1.5), "`decay` must be above 0 and at most 1"),
    ],
)
def test_impossible_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        DynamicTaskPriority(*settings)
