"""One task and its variants: they scatter around the mean as far as was asked for."""

import numpy as np
import pytest

from mtl_tutor.tasks.deviations import deviations


def test_labels_without_noise_are_what_the_weights_say():
    planted = deviations(noise=0.0, seed=2)
    np.testing.assert_allclose(planted.data.train.y, planted.data.train.x @ planted.truth["weights"].T)


def test_without_spread_all_tasks_are_one():
    truth = deviations(spread=0.0).truth
    assert (truth["weights"] == truth["mean"]).all()


@pytest.mark.parametrize("spread", [0.3, 2.0])
def test_deviations_are_as_large_as_asked_for_beside_the_mean(spread):
    truth = deviations(40, n_features=500, spread=spread, seed=1).truth
    own = truth["weights"] - truth["mean"]
    assert own.std() / truth["mean"].std() == pytest.approx(spread, rel=0.1)
    np.testing.assert_allclose(own.mean(axis=0), 0, atol=5 * own.std() / 40**0.5)


@pytest.mark.parametrize("spread", [0.5, 1.0])
def test_labels_of_two_tasks_correlate_as_the_docstring_says(spread):
    pairs = [np.corrcoef(deviations(2, 1, n_features=50, spread=spread, seed=seed).data.test.y.T)[0, 1] for seed in range(200)]
    assert np.mean(pairs) == pytest.approx(1 / (1 + spread**2), abs=0.03)


@pytest.mark.parametrize("spread", [-0.1, float("nan"), float("inf")])
def test_a_spread_below_zero_gets_a_sentence(spread):
    with pytest.raises(ValueError, match=r"`spread` must .*; got"):
        deviations(spread=spread)
