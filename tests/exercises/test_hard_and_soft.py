"""The strength that one step asks for, by gradient descent itself."""

import pytest
import torch

from mtl_tutor.exercises import check_step_to_mean


def test_one_step_leads_to_the_mean_only_at_one_strength():
    trunks = torch.tensor([1.0, 5.0], requires_grad=True)
    (10.0 * (trunks - trunks.mean()).square().sum()).backward()
    assert (trunks - 0.05 * trunks.grad).tolist() == pytest.approx([3.0, 3.0])
    assert check_step_to_mean(10.0).startswith("Right")
