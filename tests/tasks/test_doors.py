"""The doors have the geometry that they promise, and their stripes show it."""

import numpy as np
import pytest

from mtl_tutor.tasks.doors import GAP, KNOB, QUESTIONS, colours, doors, doorways, stripes


@pytest.fixture(scope="module")
def seen():
    return dict(zip(QUESTIONS, doorways(500, seed=3).T, strict=True))


def test_jambs_stand_beside_the_door_and_the_doorway_is_all_of_it(seen):
    outer_left = seen["left edge"] - seen["left jamb width"]
    outer_right = seen["right edge"] + seen["right jamb width"]
    assert outer_left.min() >= 0
    assert outer_right.max() <= 1
    np.testing.assert_allclose(seen["left jamb"], (outer_left + seen["left edge"]) / 2)
    np.testing.assert_allclose(seen["right jamb"], (outer_right + seen["right edge"]) / 2)
    np.testing.assert_allclose(seen["doorway width"], outer_right - outer_left)
    np.testing.assert_allclose(seen["doorway centre"], (outer_right + outer_left) / 2)


def test_a_double_door_is_twice_as_wide(seen):
    width, double = seen["right edge"] - seen["left edge"], seen["double"] == 1
    assert 0.15 <= width[~double].min() < width[~double].max() <= 0.35
    assert 0.30 <= width[double].min() < width[double].max() <= 0.70
    assert 0.4 < double.mean() < 0.6


def test_the_knob_is_near_the_edge_of_a_single_door_and_near_the_middle_of_a_double_one(seen):
    double, left, right = seen["double"] == 1, seen["left edge"], seen["right edge"]
    leaf = (right - left) / (1 + double)
    to_edge = np.minimum(seen["knob"] - left, right - seen["knob"]) / leaf
    to_middle = np.abs(seen["knob"] - (left + right) / 2) / leaf
    near = np.where(double, to_middle, to_edge)
    assert near.min() >= 0.1 - 1e-9
    assert near.max() <= 0.2 + 1e-9
    on_the_right = seen["knob"] > (left + right) / 2
    for kind in (double, ~double):
        assert 0.4 < on_the_right[kind].mean() < 0.6


def test_the_stripes_of_a_double_door_by_hand():
    one = [0.65, 1, 0.5, 0.8, 0.2, 0.8, 0.15, 0.1, 0.85, 0.1]
    parts = np.array([[[0.5, 0.1], [0.6, 0.2], [0.4, 0.3], [0.8, 0.9]]])  # wall, jambs, door, knob: green, blue
    green, blue = np.split(stripes(np.array([one]), parts, n_pixels=10)[0], 2)
    split, knob = GAP / 2 / 0.1, KNOB / 0.1  # shares of the two middle pixels, and of the one with the knob
    for seen, wall, jamb, door, handle in ((green, 0.5, 0.6, 0.4, 0.8), (blue, 0.1, 0.2, 0.3, 0.9)):
        half, bright = door * (1 - split), door + (handle - door) * knob
        np.testing.assert_allclose(seen, [wall, jamb, door, door, half, half, bright, door, jamb, wall], atol=1e-12)


def test_parts_that_touch_differ_and_all_are_colours():
    wall, jambs, door, knob = np.moveaxis(colours(1000, seed=1), 1, 0)
    assert (wall - jambs).min() >= 0.2
    assert ((door - jambs) * np.array([1, -1])).min() >= 0.1
    assert (knob - door).min() >= 0.1
    assert min(part.min() for part in (wall, jambs, door, knob)) >= 0
    assert max(part.max() for part in (wall, jambs, door, knob)) <= 1


def test_labels_have_mean_zero_and_variance_one():
    y = doors(4000, seed=2).train.y
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=0.07)
    np.testing.assert_allclose(y.std(axis=0), 1, atol=0.05)


def test_noise_has_the_standard_deviation_asked_for_and_changes_no_label():
    clear, noisy = (doors(300, noise=sd, seed=5).train for sd in (0.0, 0.1))
    assert (noisy.x - clear.x).std() == pytest.approx(2 * 0.1, rel=0.05)
    np.testing.assert_array_equal(noisy.y, clear.y)


def test_splits_are_different_doors_and_a_seed_draws_the_same_ones():
    data = doors(200, seed=7)
    assert not np.isin(data.train.x, data.validation.x).any()
    assert not np.isin(data.train.x, data.test.x).any()
    np.testing.assert_array_equal(data.test.x, doors(50, seed=7).test.x)


@pytest.mark.messages
@pytest.mark.parametrize(
    "bad",
    [{"n_samples": 0}, {"n_pixels": 7}, {"leaf": 0.4}, {"leaf": 0.0}, {"widest": 0.42}, {"noise": -0.1}, {"noise": float("nan")}],
)
def test_impossible_doors_are_refused(bad):
    with pytest.raises(ValueError, match="must"):
        doors(**bad)
