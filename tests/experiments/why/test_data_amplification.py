"""The floor of the error is read off exactly where the law holds exactly."""

import numpy as np

from mtl_tutor.experiments import floor_over_theory


def test_a_floor_that_was_put_in_comes_out():
    views, noise, n_samples = np.array([8, 16, 32, 64]), 2.0, 100
    theory = 2 * noise**2 / n_samples
    errors = np.array([[5.0], [1.0]]) / views + np.array([[1.0], [1.5]]) * theory
    np.testing.assert_allclose(floor_over_theory(errors, n_samples, noise), [1.0, 1.5])
