"""Lines, bands and their names at the right."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex

from mtl_tutor.plots import PALETTE, draw_curves
from mtl_tutor.results import Curves

X = np.linspace(0, 1, 11)


def drawn(**settings):
    lines = {"A": X, "B": 1 - X, "A alone": X**2}
    band = {"low": {"A": X - 0.1}, "high": {"A": X + 0.1}}
    return draw_curves(Curves(X, lines, **band, roles={"A alone": "single_task"}, xlabel="step", ylabel="error (no unit)", **settings))


def test_one_line_per_name_with_its_numbers():
    ax = drawn()
    assert [line.get_label() for line in ax.lines] == ["A", "B", "A alone"]
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), np.column_stack([X, 1 - X]))


def test_colours_and_dashes_follow_the_roles():
    for line, role in zip(drawn().lines, ("main", "other", "single_task"), strict=True):
        assert to_hex(line.get_color()).upper() == PALETTE[role].light
        assert line.is_dashed() == bool(PALETTE[role].dash)


def test_a_band_spans_low_to_high_in_its_lines_colour_at_a_fifth():
    (band,) = (artist for artist in drawn().collections if isinstance(artist, PolyCollection))
    corners = band.get_paths()[0].vertices
    assert corners[:, 1].min() == -0.1
    assert corners[:, 1].max() == 1.1
    assert to_hex(band.get_facecolor()[0][:3]).upper() == PALETTE["main"].light
    assert band.get_alpha() == 0.2


def test_names_stand_apart_where_lines_end_together():
    ax = draw_curves(Curves(X, {name: X * (1 + 1e-3 * i) for i, name in enumerate("abc")}))
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert len(heights) == 3
    assert np.diff(heights).min() > 0.05


def test_a_line_that_stops_early_is_named_where_it_stops():
    ax = draw_curves(Curves(X, {"short": np.where(X < 0.5, 1 + X, np.nan), "long": X}))
    assert {text.get_text(): text.xy[0] for text in ax.texts} == {"short": pytest.approx(0.4), "long": 1.0}


def test_axes_are_labelled_scaled_and_limited_as_asked():
    ax = drawn(ylim=(0.01, 2.0), yscale="log")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("step", "error (no unit)", "log")
    assert ax.get_ylim() == (0.01, 2.0)


def test_given_axes_are_drawn_on():
    ax = drawn()
    assert draw_curves(Curves(X, {"more": X}), ax) is ax


def test_a_line_that_leaves_the_picture_is_named_at_its_edge():
    ax = draw_curves(Curves(X, {"away": 10.0 ** (5 * X), "home": X}, ylim=(0, 1)))
    assert {text.get_text(): text.xy[1] for text in ax.texts} == {"away": 1.0, "home": 1.0}
    assert max(text.get_position()[1] for text in ax.texts) <= 1
    ax = draw_curves(Curves(X, {"A": 20 * X, "B": 0 * X}))
    assert {text.get_text(): round(text.xy[1], 1) for text in ax.texts} == {"A": 1.0, "B": 0.0}


def test_the_few_points_of_a_logarithmic_axis_are_named_as_they_are():
    ax = draw_curves(Curves(np.array([20.0, 40.0, 80.0, 160.0]), {"A": np.ones(4)}, xscale="log"))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["20", "40", "80", "160"]
    assert len(ax.get_xticks(minor=True)) == 0


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_without_limits_the_axes_hold_every_line(scale):
    ax = draw_curves(Curves(X, {"A": 0.01 + 20 * X, "B": 1 + X}, yscale=scale))
    low, high = ax.get_ylim()
    assert low < 0.01
    assert 20.01 < high < 50
    ends = {text.get_text(): text.xy[1] for text in ax.texts}
    assert 0.5 < ends["A"] < 1
    assert 0 < ends["B"] < 0.8


def test_dots_are_joined_by_no_line_and_their_name_leads_to_none_of_them():
    ax = draw_curves(Curves(X, {"A": X, "nets": 1 - X}), dots=["nets"])
    looks = {line.get_label(): (line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert looks == {"A": ("-", "None"), "nets": ("None", "o")}
    assert {text.get_text(): text.arrow_patch is None for text in ax.texts} == {"A": False, "● nets": True}


@pytest.mark.messages
def test_dots_are_named_as_a_line_is():
    with pytest.raises(ValueError, match=r"`dots` must be one of 'nets'; got 'net'\. Did you mean 'nets'\?"):
        draw_curves(Curves(X, {"nets": X}), dots=["net"])


def test_the_numbers_of_both_axes_keep_apart_in_the_corner():
    ax = draw_curves(Curves(np.array([1.0, 2.0, 64.0]), {"A": np.array([0.0, 1.0, 0.5])}, xscale="log", ylim=(0, 0.8)))
    ax.figure.draw_without_rendering()
    across, up = ax.get_xticklabels()[0].get_window_extent(), ax.get_yticklabels()[0].get_window_extent()
    assert not across.overlaps(up)
