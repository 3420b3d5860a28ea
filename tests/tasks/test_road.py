"""The road has the geometry that it promises, and its picture shows it."""

import numpy as np
import pytest

from mtl_tutor.tasks.road import LINE, QUESTIONS, road, scan_line, sights


@pytest.fixture(scope="module")
def seen():
    return dict(zip(QUESTIONS, sights(500, seed=3).T, strict=True))


def test_edges_lie_in_the_picture_and_the_centre_between_them(seen):
    assert (seen["left edge"] >= 0).all()
    assert (seen["right edge"] <= 1).all()
    np.testing.assert_allclose(seen["road centre"], (seen["left edge"] + seen["right edge"]) / 2)


def test_two_lanes_are_twice_as_wide_as_one(seen):
    width = seen["right edge"] - seen["left edge"]
    two = seen["lanes"] == 1
    assert width[~two].min() >= 0.15
    assert width[~two].max() <= 0.35
    assert width[two].min() >= 0.30
    assert width[two].max() <= 0.70
    assert 0.4 < two.mean() < 0.6


def test_only_two_lanes_have_a_line_and_it_lies_near_the_centre(seen):
    two = seen["lanes"] == 1
    for question in ("line centre", "line grey"):
        np.testing.assert_array_equal(np.isnan(seen[question]), ~two)
    off = np.abs(seen["line centre"] - seen["road centre"]) / (seen["right edge"] - seen["left edge"])
    assert np.nanmax(off) <= 0.1
    assert np.nanmax(off) > 0.08


def test_greys_are_ordered_border_road_line(seen):
    two = seen["lanes"] == 1
    assert (seen["border grey"] + 0.2 <= seen["road grey"]).all()
    assert (seen["road grey"] + 0.2 <= seen["line grey"])[two].all()


def test_one_steers_for_the_middle_of_the_own_lane(seen):
    two = seen["lanes"] == 1
    target = np.where(two, (seen["line centre"] + seen["right edge"]) / 2, seen["road centre"])
    angle = np.degrees(np.arctan2(target - 0.5, 0.5))
    np.testing.assert_allclose(seen["steering"], (angle + 45) / 90)


def test_the_picture_of_two_lanes_by_hand():
    one = [0.5, 1.0, 0.2, 0.8, 0.5, 0.5, 0.5, 0.1, 0.9]
    picture = scan_line(np.array([one]), n_pixels=10)[0]
    half = 0.5 + (0.9 - 0.5) * LINE / 2 / 0.1  # half of the line lies on each of the two middle pixels
    np.testing.assert_allclose(picture, [0.1, 0.1, 0.5, 0.5, half, half, 0.5, 0.5, 0.1, 0.1])


def test_an_edge_within_a_pixel_shows_as_a_mixture():
    one = [0.5, 0.0, 0.225, 0.8, np.nan, 0.5, 0.5, 0.1, np.nan]
    assert scan_line(np.array([one]), n_pixels=10)[0, 2] == pytest.approx(0.75 * 0.5 + 0.25 * 0.1)


def test_labels_have_mean_zero_and_variance_one_and_only_line_labels_miss():
    y = road(4000, seed=2).train.y
    np.testing.assert_allclose(np.nanmean(y, axis=0), 0, atol=0.07)
    np.testing.assert_allclose(np.nanstd(y, axis=0), 1, atol=0.05)
    assert np.isnan(y).any(axis=0).nonzero()[0].tolist() == [QUESTIONS.index("line centre"), QUESTIONS.index("line grey")]


def test_a_shadow_takes_half_of_the_light_and_changes_no_answer():
    clear, dark = (road(300, noise=0, shadows=share, seed=5).train for share in (0.0, 1.0))
    np.testing.assert_array_equal(clear.y, dark.y)
    light = ((dark.x + 1) / 2) / ((clear.x + 1) / 2)
    assert (light >= 0.5 - 1e-12).all()
    assert (light <= 1 + 1e-12).all()
    assert ((np.abs(light - 0.5) < 1e-9).any(axis=1)).mean() > 0.9  # the rest lie on the edge of the picture


def test_noise_has_the_standard_deviation_asked_for():
    clear, noisy = (road(300, noise=sd, shadows=0, seed=5).train.x for sd in (0.0, 0.1))
    assert (noisy - clear).std() == pytest.approx(2 * 0.1, rel=0.05)


def test_splits_are_different_roads_and_a_seed_draws_the_same_ones():
    data = road(200, seed=7)
    assert not np.isin(data.train.x, data.validation.x).any()
    assert not np.isin(data.train.x, data.test.x).any()
    np.testing.assert_array_equal(data.test.x, road(50, seed=7).test.x)


@pytest.mark.messages
@pytest.mark.parametrize(
    "bad",
    [
        {"n_samples": 0},
        {"n_pixels": 7},
        {"lane": 0.4},
        {"lane": 0.0},
        {"widest": 0.5},
        {"noise": -0.1},
        {"noise": float("nan")},
        {"shadows": 1.5},
    ],
)
def test_impossible_roads_are_refused(bad):
    with pytest.raises(ValueError, match="must"):
        road(**bad)
