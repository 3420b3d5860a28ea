"""Tasks on a plane: their directions agree as far as asked, and labels are those that the docstring says."""

import numpy as np
import pytest

from mtl_tutor.tasks import plane_tasks

PATTERNS = ["waves", "half-moons", "rings", "checkerboard"]


def test_waves_are_sines_along_directions_that_spread_as_relatedness_falls():
    data = plane_tasks("waves", 50, relatedness=0.5, noise=0.0, units=(1.0, 3.0))
    x, y = data.train.x, data.train.y
    np.testing.assert_allclose(y[:, 0], np.sqrt(2) * np.sin(1.5 * np.pi * x[:, 0]))
    z = (x[:, 0] + x[:, 1]) / np.sqrt(2)  # turned by half of 90°
    np.testing.assert_allclose(y[:, 1], 3 * np.sqrt(2) * np.cos(1.5 * np.pi * z), atol=1e-12)


@pytest.mark.parametrize("pattern", ["half-moons", "rings"])
def test_patterns_are_copies_at_relatedness_1_and_differ_below(pattern):
    same, other = (plane_tasks(pattern, relatedness=r, noise=0.0).test.y for r in (1.0, 0.0))
    np.testing.assert_array_equal(same[:, 0], same[:, 1])
    np.testing.assert_array_equal(same[:, 0], other[:, 0])
    assert (other[:, 0] != other[:, 1]).mean() > 0.2


def test_half_moons_and_rings_are_where_they_should_be():
    data = plane_tasks("half-moons", 4000, noise=0.0).train
    u, v = 1.5 * data.x[:, 0] + 0.5, 1.5 * data.x[:, 1] + 0.25
    upper = (np.abs(np.hypot(u, v) - 1) < 0.05) & (v > 0.1)
    lower = (np.abs(np.hypot(u - 1, v - 0.5) - 1) < 0.05) & (v < 0.4)
    assert not data.y[upper, 0].any()
    assert data.y[lower, 0].all()
    data = plane_tasks("rings", 4000, noise=0.0).train
    np.testing.assert_array_equal(data.y[:, 0] == 1, np.abs(np.hypot(data.x[:, 0] - 0.4, data.x[:, 1]) - 0.5) < 0.22)


def test_the_two_hints_make_the_checkerboard_together():
    y = plane_tasks("checkerboard", 200, n_tasks=3, noise=0.0).train.y
    np.testing.assert_array_equal(y[:, 0] == 1, y[:, 1] == y[:, 2])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_noise_and_missing_labels_are_in_training_and_the_test_has_neither(pattern):
    clean, noisy = (plane_tasks(pattern, 400, noise=noise, labelled=(1, 0.25)) for noise in (0.0, 0.4))
    np.testing.assert_array_equal(clean.test.y, noisy.test.y)
    np.testing.assert_array_equal(clean.test.x, plane_tasks(pattern, 8).test.x)
    assert np.isnan(noisy.train.y).sum(axis=0).tolist() == [0, 300]
    assert not np.isnan(noisy.validation.y).any()
    if pattern == "waves":
        rough = noisy.train.y[:, 0] - np.sqrt(2) * np.sin(1.5 * np.pi * noisy.train.x[:, 0])
        assert rough.std() == pytest.approx(0.4, abs=0.05)
    else:
        assert plane_tasks(pattern, 4000, noise=1.0, relatedness=1.0).train.y.mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.messages
@pytest.mark.parametrize(
    "bad",
    [
        {"pattern": "stars"},
        {"n_tasks": 4},
        {"relatedness": 1.1},
        {"noise": -0.1},
        {"labelled": (1.0, 0.0)},
        {"labelled": (1.0, 2.0)},
        {"labelled": (1.0,)},
        {"units": (1.0, -1.0)},
        {"units": (1.0, 2.0), "pattern": "rings"},
    ],
)
def test_what_cannot_be_gets_a_sentence(bad):
    with pytest.raises(ValueError, match=rf"`{next(iter(bad))}` must .*; got"):
        plane_tasks(**bad)
