"""Readings of a robot: later ones are harder to know, and strangers know nothing of one another."""

import numpy as np
import pytest

from mtl_tutor.tasks.horizons import horizons


def linear_error(data):
    """What least squares on the inputs and their products leaves, as a share of each label's variance."""

    def features(x):
        pairs = [x[:, i] * x[:, j] * x[:, k] for i in range(3) for j in range(i + 1) for k in range(j + 1)]
        return np.column_stack([x, *pairs])

    w = np.linalg.lstsq(features(data.train.x), data.train.y, rcond=None)[0]
    return ((features(data.test.x) @ w - data.test.y) ** 2).mean(axis=0) / data.test.y.var(axis=0)


def test_without_wander_and_noise_a_swing_obeys_its_recursion():
    data = horizons(n_samples=50, n_past=8, noise=0, wander=0, seed=3).test
    turn = (data.x[:, 7] + data.x[:, 5]) / (2 * data.x[:, 6])  # cos of the speed: sin(a + b) + sin(a - b) = 2 sin a cos b
    np.testing.assert_allclose(data.y[:, 0], 2 * turn * data.x[:, 7] - data.x[:, 6], atol=1e-9)
    np.testing.assert_allclose(data.y[:, 1], 2 * turn * data.y[:, 0] - data.x[:, 7], atol=1e-9)


def test_four_and_eight_ahead_are_that_far():
    data = horizons(n_samples=50, n_past=8, noise=0, wander=0, seed=3).test
    turn = (data.x[:, 7] + data.x[:, 5]) / (2 * data.x[:, 6])
    path = [data.x[:, 6], data.x[:, 7]]
    for _ in range(8):
        path.append(2 * turn * path[-1] - path[-2])
    for task, far in enumerate((1, 2, 4, 8)):
        np.testing.assert_allclose(data.y[:, task], path[1 + far], atol=1e-7)


def test_the_farther_the_harder():
    assert (np.diff(linear_error(horizons(n_samples=4000, seed=1))) > 0.02).all()


def test_training_labels_are_noisy_readings_and_test_labels_are_not():
    clear, noisy = (horizons(n_samples=4000, noise=sd, wander=0, seed=1) for sd in (0.0, 0.3))
    assert (noisy.train.y - clear.train.y).std() == pytest.approx(0.3, rel=0.05)
    np.testing.assert_allclose(np.abs(noisy.test.y).max(), 1, atol=0.01)


def test_the_noisier_ladder_asks_for_one_step_with_more_and_more_noise():
    data = horizons("noisier", 4000, noise=0.0, wander=0, seed=1)
    for task in range(4):
        np.testing.assert_array_equal(data.test.y[:, task], data.test.y[:, 0])
    added = data.train.y - data.train.y[:, [0]]
    np.testing.assert_allclose(added.std(axis=0), [0, 0.25, 0.5, 1], rtol=0.05)
    assert abs(np.corrcoef(added[:, 1], added[:, 2])[0, 1]) < 0.05


def test_a_stranger_is_seen_in_its_own_readings_only():
    data = horizons("strangers", 4000, n_past=8, seed=1)
    assert data.n_features == 32
    last = data.train.x.reshape(-1, 4, 8)[:, :, -1]
    strength = np.abs(np.corrcoef(np.column_stack([last, data.train.y[:, :2]]).T)[4:, :4])
    assert strength[0, 0] > 0.5
    assert strength[1, 1] > 0.3
    assert max(strength[0, 1:].max(), strength[1, [0, 2, 3]].max()) < 0.08


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"ladder": "steeper"}, {"n_samples": 0}, {"n_past": 1}, {"noise": -1.0}, {"wander": float("nan")}])
def test_impossible_robots_are_refused(bad):
    with pytest.raises(ValueError, match="must"):
        horizons(**bad)
