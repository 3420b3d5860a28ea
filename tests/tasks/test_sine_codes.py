"""Sines by their code: two numbers per task give every label, also of tasks that nobody trains on."""

import numpy as np
import pytest

from mtl_tutor.tasks.sine_codes import sine_codes


def test_labels_are_linear_in_the_code():
    planted = sine_codes(noise=0.0, seed=1)
    x = planted.data.train.x
    np.testing.assert_allclose(planted.data.train.y, np.hstack([np.sin(x), np.cos(x)]) @ planted.truth["code"].T, atol=1e-12)


def test_labels_are_sines_of_the_planted_amplitude_and_phase():
    planted = sine_codes(seed=2)
    curves = planted.truth["amplitude"] * np.sin(planted.data.test.x + planted.truth["phase"])
    np.testing.assert_allclose(planted.data.test.y, curves)


def test_new_tasks_are_known_by_code_and_answers_only():
    planted = sine_codes(4, n_new=3, seed=2)
    truth, x = planted.truth, planted.data.test.x
    assert len(planted.data.tasks) == 4
    np.testing.assert_allclose(truth["new_answers"], np.hstack([np.sin(x), np.cos(x)]) @ truth["new_code"].T, atol=1e-12)
    assert not set(truth["new_phase"]) & set(truth["phase"])
    np.testing.assert_allclose(np.linalg.norm(truth["new_code"], axis=1), truth["new_amplitude"])


def test_codes_lie_in_the_ring_that_was_asked_for_and_all_around_it():
    truth = sine_codes(400, smallest=1.0, seed=3).truth
    radius = np.linalg.norm(truth["code"], axis=1)
    assert 1.0 <= radius.min() < 1.05
    assert 1.45 < radius.max() <= 1.5
    assert np.abs(truth["code"].mean(axis=0)).max() < 0.2


def test_inputs_cover_one_wave():
    x = sine_codes(n_samples=500).data.train.x
    assert x.shape == (500, 1)
    assert -np.pi <= x.min() < -3
    assert 3 < x.max() <= np.pi


@pytest.mark.parametrize("bad", [{"n_new": 0}, {"smallest": 0.0}, {"smallest": 1.6}])
def test_curves_that_cannot_be_get_a_sentence(bad):
    with pytest.raises(ValueError, match=rf"`{next(iter(bad))}` must .*; got"):
        sine_codes(**bad)
