"""What labels leave of a prior over several functions: by hand, by brute force, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from mtl_tutor.sharing.coregionalisation import Coregionalisation

ORIGIN = np.zeros((1, 1))


def model(mixing, own, noise=1.0, length_scale=1.0, mean=0.0) -> Coregionalisation:
    mixing = np.array(mixing, dtype=float)
    full = [np.broadcast_to(np.array(value, dtype=float), len(mixing)) for value in (own, noise, mean)]
    return Coregionalisation(mixing, full[0], full[1], length_scale, full[2])


def draw(n_samples=9, n_tasks=3, seed=0):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n_samples, 2)), rng.normal(size=(n_samples, n_tasks))
    y[rng.random(y.shape) < 0.3] = np.nan
    return x, y


def same(found, expected, **tolerance):
    np.testing.assert_allclose(np.hstack(found), np.hstack(expected), **({"atol": 1e-10} | tolerance))


def test_a_label_as_noisy_as_the_prior_is_wide_is_believed_by_half():
    fit = model([[0.0]], 1.0, mean=2.0).given(ORIGIN, np.array([[4.0]]))
    assert fit.predict(ORIGIN)[0].item() == pytest.approx(3)
    assert fit.variance(ORIGIN)[0].item() == pytest.approx(0.5)
    assert fit.log_likelihood == pytest.approx(-1 - np.log(2 * np.pi * 2) / 2)  # N(4; 2, 1 + 1)


def test_the_opposite_task_is_moved_the_other_way():
    fit = model([[1.0], [-1.0]], 0.0).given(ORIGIN, np.array([[2.0, np.nan]]))
    assert [answer.item() for answer in fit.predict(ORIGIN)] == pytest.approx([1, -1])
    assert [doubt.item() for doubt in fit.variance(ORIGIN)] == pytest.approx([0.5, 0.5])


def test_one_length_scale_away_a_label_says_exp_minus_a_half_as_much():
    fit = model([[1.0]], 0.0, length_scale=3.0).given(ORIGIN, np.array([[2.0]]))
    assert fit.predict(np.array([[3.0]]))[0].item() == pytest.approx(np.exp(-0.5))


def test_tasks_without_a_common_function_are_processes_of_their_own():
    x, y = draw()
    own, noise = np.array([0.5, 1.0, 2.0]), np.array([0.1, 0.3, 0.2])
    together = model(np.zeros((3, 1)), own, noise).given(x, y)
    alone = [model([[0.0]], own[t], noise[t]).given(x, y[:, [t]]) for t in range(3)]
    same(together.predict(x + 0.3), [fit.predict(x + 0.3)[0] for fit in alone])
    same(together.variance(x + 0.3), [fit.variance(x + 0.3)[0] for fit in alone])
    assert together.log_likelihood == pytest.approx(sum(fit.log_likelihood for fit in alone))


def test_tasks_with_nothing_of_their_own_are_one_process():
    x, y = draw()
    together = model(np.ones((3, 1)), 0.0, 0.4).given(x, y)
    pooled = model([[1.0]], 0.0, 0.4).given(np.tile(x, (3, 1)), y.T.reshape(-1, 1))
    same(together.predict(x + 0.3), [pooled.predict(x + 0.3)[0]] * 3)
    same(together.variance(x + 0.3), [pooled.variance(x + 0.3)[0]] * 3)


def test_the_posterior_is_the_joint_gaussian_given_its_labels():
    x, y = draw()
    prior = model([[1.0, 0.3], [-0.7, 0.2], [0.1, 0.9]], [0.1, 0.2, 0.3], [0.2, 0.1, 0.4], 0.8, [1.0, -1.0, 0.0])
    task, sample = np.nonzero(~np.isnan(y.T))
    everywhere, asked = np.concatenate([x[sample], x[:4] - 0.5]), np.concatenate([task, np.full(4, 1)])
    joint = prior.covariance(everywhere, asked, everywhere, asked)
    n = len(task)
    gain = joint[n:, :n] @ np.linalg.inv(joint[:n, :n] + np.diag(prior.noise[task]))
    fit = prior.given(x, y)
    same(fit.predict(x[:4] - 0.5)[1:2], [(-1.0 + gain @ (y[sample, task] - prior.mean[task]))[:, None]])
    same(fit.variance(x[:4] - 0.5)[1:2], [np.diag(joint[n:, n:] - gain @ joint[:n, n:])[:, None]])


def test_one_task_agrees_with_scikit_learn():
    x, y = draw(20, 1)
    x, y = x[~np.isnan(y[:, 0])], y[~np.isnan(y[:, 0])]
    theirs = GaussianProcessRegressor(ConstantKernel(1.5) * RBF(0.7), alpha=0.2, optimizer=None).fit(x, y[:, 0])
    ours = model([[1.0]], 0.5, 0.2, 0.7).given(x, y)
    mean, spread = theirs.predict(x + 0.1, return_std=True)
    same(ours.predict(x + 0.1), [mean[:, None]])
    same(ours.variance(x + 0.1), [spread[:, None] ** 2])
    assert ours.log_likelihood == pytest.approx(theirs.log_marginal_likelihood_value_)


def test_far_from_all_samples_a_task_answers_its_mean_and_knows_nothing():
    x, y = draw()
    prior = model(np.ones((3, 1)), 0.5, mean=[1.0, 2.0, 3.0])
    fit = prior.given(x, y)
    same(fit.predict(x[:1] + 100), [[[1.0, 2.0, 3.0]]])
    same(fit.variance(x[:1] + 100), [[[1.5, 1.5, 1.5]]])


def test_other_units_change_the_numbers_only():
    x, y = draw()
    prior, scale, shift = model([[1.0], [0.5], [-2.0]], 0.3, 0.2), np.array([1.0, 10.0, 0.1]), np.array([0.0, 5.0, -1.0])
    before, after = prior.given(x, y), prior.in_units(scale, shift).given(x, y * scale + shift)
    same(after.predict(x), [shift[t] + scale[t] * answer for t, answer in enumerate(before.predict(x))])
    n_labels = (~np.isnan(y)).sum(axis=0)
    assert after.log_likelihood == pytest.approx(before.log_likelihood - n_labels @ np.log(scale))


def test_inspect_shows_covariances_as_correlations_too():
    found = model([[2.0], [-1.0]], [0.0, 3.0], length_scale=0.7).inspect()
    assert found["task_covariance"].tolist() == [[4, -2], [-2, 4]]
    assert found["task_correlation"].tolist() == [[1, -0.5], [-0.5, 1]]
    assert found["length_scale"] == 0.7


@pytest.mark.parametrize("bad", [{"own": -0.1}, {"noise": 0.0}, {"length_scale": 0.0}])
def test_impossible_variances_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"must be positive and .*; got"):
        model(**({"mixing": [[1.0]], "own": 1.0} | bad))
