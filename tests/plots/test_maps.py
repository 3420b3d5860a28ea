"""A landscape with its routes and ends."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from mtl_tutor.plots import PALETTE, draw_map
from mtl_tutor.results import Map

X, Y = np.linspace(-2, 2, 9), np.linspace(0, 1, 5)
ENDS = np.array([[-1.0, 0.2], [1.0, 0.8], [1.5, 0.5]])


@pytest.fixture
def ax():
    starts = np.zeros((2, 2))
    paths = np.stack([starts, ENDS[:2]], axis=1)
    runs = {"paths": paths, "points": ENDS, "kinds": np.array([0, 1, 1]), "kind_names": {"in A": "main", "in B": "other"}}
    z = Y[:, None] + X[None, :] ** 2
    return draw_map(Map(X, Y, z, xlabel="u (no unit)", ylabel="v (no unit)", zlabel="loss", marks={"A": (-1, 0.2)}, zlim=(0, 3), **runs))


def test_axes_are_labelled_and_span_the_grid(ax):
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("u (no unit)", "v (no unit)")
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2, 2), (0, 1))
    assert not ax.patches


def test_an_end_at_the_edge_or_just_beyond_is_seen_whole_and_a_lost_one_moves_no_axis():
    ends = np.array([[2.0, 0.5], [0.0, 1.1], [9.0, 0.5], [np.nan, 0.5]])
    ax = draw_map(Map(X, Y, np.zeros((5, 9)), points=ends, kinds=np.zeros(4, dtype=int), kind_names={"run": "main"}))
    assert ax.get_xlim() == pytest.approx((-2, 2.08))
    assert ax.get_ylim() == pytest.approx((0, 1.12))
    (shades,) = ax.images
    assert tuple(shades.get_extent()) == (-2, 2, 0, 1)
    (frame,) = ax.patches
    assert frame.get_bbox().extents.tolist() == [-2, 0, 2, 1]


def test_heights_are_shaded_within_their_limits_from_bottom_to_top(ax):
    (shades,) = ax.images
    assert (shades.norm.vmin, shades.norm.vmax, shades.origin) == (0, 3, "lower")
    np.testing.assert_allclose(shades.get_array(), np.clip(Y[:, None] + X[None, :] ** 2, 0, 3))


def test_routes_and_ends_have_their_kinds_colour(ax):
    assert [to_hex(line.get_color()).upper() for line in ax.lines] == [PALETTE["main"].light, PALETTE["other"].light]
    dots = {artist.get_label(): artist for artist in ax.collections if artist.get_label().endswith("of 3")}
    np.testing.assert_array_equal(dots["in B: 2 of 3"].get_offsets(), ENDS[1:])
    assert to_hex(dots["in A: 1 of 3"].get_facecolor()[0]).upper() == PALETTE["main"].light


def test_marks_stand_at_their_places_and_the_legend_counts(ax):
    assert {text.get_text(): text.get_position() for text in ax.texts}["A"] == (-1, 0.2)
    assert {text.get_text() for text in ax.texts} == {"A", "loss"}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["in A: 1 of 3", "in B: 2 of 3"]


def test_one_run_of_each_kind_needs_no_counting():
    runs = {"paths": np.zeros((2, 1, 2)), "points": ENDS[:2], "kinds": np.array([0, 1]), "kind_names": {"in A": "main", "in B": "other"}}
    ax = draw_map(Map(X, Y, np.zeros((5, 9)), **runs))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["in A", "in B"]


def test_a_flat_map_without_runs_can_be_drawn():
    draw_map(Map(X, Y, np.zeros((5, 9))))


@pytest.mark.messages
@pytest.mark.parametrize("kinds", [np.array([0, 1]), np.array([0, 1, 2])], ids=["too few", "without a name"])
def test_every_run_has_one_of_the_named_kinds(kinds):
    with pytest.raises(ValueError, match="`kinds` must say for each of 3 points"):
        Map(X, Y, np.zeros((5, 9)), points=ENDS, kinds=kinds, kind_names={"in A": "main", "in B": "other"})
