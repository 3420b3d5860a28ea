"""Two experiments over the scale of the initial weights: nets start there, and gains are read as they should be."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments import EavesdroppingByStart, Result, SharedMinimumByStart
from mtl_tutor.experiments.why.eavesdropping.start_scales import SCALES, least_gain, shrinkage


@pytest.mark.parametrize("experiment", [EavesdroppingByStart, SharedMinimumByStart])
def test_initial_weights_are_in_proportion_to_the_scale(experiment):
    trial, weights = experiment(), []
    for scale in SCALES:
        arm = trial.arms()[f"joint, {scale:g}"]
        data = arm.data(5000) if callable(arm.data) else arm.data
        torch.manual_seed(0)
        weights.append(trial.net_of(arm, arm.data, 12).trunk[0].weight.detach().numpy() / scale)
        assert data.n_features == weights[-1].shape[1]
    for others in weights[1:]:
        np.testing.assert_allclose(others, weights[0], rtol=1e-5)


def test_gains_are_joint_minus_alone_at_each_scale():
    gains = dict(zip(SCALES, (0.5, 0.25, 0.75, 0.125), strict=True))
    measured = {f"alone, {scale:g}": {"solved": np.zeros(32, bool)} for scale in SCALES}
    measured |= {f"joint, {scale:g}": {"solved": np.arange(32) % 8 < 8 * gain} for scale, gain in gains.items()}
    result, hypotheses = Result(measured, n_blocks=4), {one.id: one for one in EavesdroppingByStart.hypotheses}
    assert least_gain(result, hypotheses["every"]).estimate == 0.125
    assert shrinkage(result, hypotheses["shrinks"]).estimate == 0.25 - 0.125
