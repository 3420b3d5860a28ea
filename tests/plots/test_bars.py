"""Dots on their intervals."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from mtl_tutor.plots import PALETTE, draw_bars
from mtl_tutor.results import Bars
from mtl_tutor.statistics import Interval

BARS = {"joint": Interval(0.9, 0.8, 0.95, 200), "alone": Interval(0.5, 0.4, 0.6, 200)}


def drawn(**settings):
    return draw_bars(Bars(BARS, roles={"alone": "single_task"}, ylabel="share of nets", **settings))


def test_dots_and_intervals_lie_where_the_numbers_say():
    for row, (container, value) in enumerate(zip(drawn(ylim=(0, 1)).containers[1::2], BARS.values(), strict=True)):
        dot, _, (whisker,) = container
        assert dot.get_xydata().tolist() == [[value.estimate, row]]
        np.testing.assert_allclose(whisker.get_segments()[0], [[value.low, row], [value.high, row]])


def test_the_interval_is_also_a_box_of_the_same_colour_at_a_fifth():
    for box, value, role in zip(drawn().patches, BARS.values(), ("main", "single_task"), strict=True):
        assert (box.get_x(), box.get_x() + box.get_width()) == pytest.approx((value.low, value.high))
        assert to_hex(box.get_facecolor()).upper() == PALETTE[role].light
        assert box.get_alpha() == 0.2


def test_names_stand_left_from_top_to_bottom_and_numbers_right():
    ax = drawn()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["joint", "alone"]
    assert ax.yaxis_inverted()
    assert [text.get_text() for text in ax.texts] == ["0.90", "0.50"]


def test_numbers_are_as_fine_as_the_axis_is_narrow_and_nothing_is_minus_nothing():
    bars = {"up": Interval(0.0123, 0.01, 0.015, 50), "down": Interval(-0.0001, -0.002, 0.002, 50)}
    assert [text.get_text() for text in draw_bars(Bars(bars, ylim=(-0.02, 0.03))).texts] == ["0.012", "0.000"]
    assert [text.get_text() for text in draw_bars(Bars(bars, ylim=(-1.0, 1.0))).texts] == ["0.01", "0.00"]


def test_numbers_have_the_minus_of_the_axis():
    ax = draw_bars(Bars({"down": Interval(-0.5, -0.6, -0.4, 50)}, ylim=(-1.0, 1.0)))
    assert [text.get_text() for text in ax.texts] == ["−0.50"]


def test_the_value_axis_is_labelled_and_limited():
    ax = drawn(ylim=(0.25, 1.0))
    assert ax.get_xlabel() == "share of nets"
    assert ax.get_xlim() == (0.25, 1.0)
    low, high = drawn().get_xlim()
    assert low < 0.4
    assert 0.95 < high < 1.2


def test_a_reference_is_a_line_at_its_value():
    assert not [line for line in drawn().lines if line.is_dashed()]
    (line,) = (line for line in drawn(reference=0.5).lines if line.is_dashed())
    assert line.get_xdata() == [0.5, 0.5]


def test_intervals_without_a_width_can_be_drawn():
    draw_bars(Bars({"sure": Interval(1.0, 1.0, 1.0, 1)}))


def test_what_a_source_prints_is_a_cross_in_the_row_of_its_bar():
    bars = Bars({"a": Interval(0.1, 0.0, 0.2, 9), "b": Interval(0.3, 0.2, 0.4, 9)}, printed={"b": 0.35})
    crosses = [line for line in draw_bars(bars).lines if line.get_marker() == "x"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in crosses] == [(0.35, 1)]


@pytest.mark.messages
def test_a_printed_value_belongs_to_a_bar():
    with pytest.raises(ValueError, match="'c'"):
        Bars({"a": Interval(0.1, 0.0, 0.2, 9)}, printed={"c": 0.1})
