"""Drawings of weight matrices: a square for each weight, none for zero."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from mtl_tutor.plots import draw_weights
from mtl_tutor.widgets import show

SUM = {"shared": np.ones((4, 3)), "+ own": np.eye(4, 3), "= all": np.ones((4, 3)) + np.eye(4, 3)}


def frames(ax, n):
    """The frames of the matrices, which are the largest of all boxes, in the order drawn."""
    largest = sorted(ax.patches, key=lambda patch: -patch.get_width())[:n]
    return [patch for patch in ax.patches if patch in largest]


def test_each_weight_that_is_not_zero_has_a_square_whose_area_is_its_size():
    squares = draw_weights({"w": np.array([[4.0, 0.0], [-1.0, 0.25]])}).patches[1:]
    sides = np.array([square.get_width() for square in squares])
    np.testing.assert_allclose(sides**2 / sides[0] ** 2, [1, 1 / 4, 1 / 16])
    assert [square.get_facecolor()[3] > 0 for square in squares] == [True, False, True]


def test_a_square_lies_in_its_row_and_column():
    frame, square = draw_weights({"w": np.array([[0.0, 0, 0], [0, 0, 1]])}).patches
    (x, y), cell = frame.get_xy(), frame.get_width() / 3
    assert x + 2 * cell < square.get_x() < square.get_x() + square.get_width() < x + 3 * cell
    assert y + cell < square.get_y() < square.get_y() + square.get_height() < y + 2 * cell


def test_matrices_of_one_drawing_share_one_scale():
    _, small, _, large = draw_weights({"a": np.ones((1, 1)), "b": np.full((1, 1), 4.0)}).patches
    assert small.get_width() == large.get_width() / 2


def test_a_sum_has_its_signs_and_stays_in_one_line():
    ax = draw_weights({"alone": np.ones((4, 13))} | SUM)
    assert [text.get_text() for text in ax.texts[:6]] == ["alone", "shared", "+", "own", "=", "all"]
    alone, *terms = frames(ax, 4)
    assert len({term.get_y() for term in terms}) == 1
    assert terms[0].get_y() > alone.get_y() + alone.get_height()


def test_only_negative_weights_are_explained():
    assert not any("hollow" in text.get_text() for text in draw_weights(SUM).texts)
    assert any("hollow" in text.get_text() for text in draw_weights({"w": -np.eye(2)}).texts)


def test_no_text_touches_another_and_all_fits_on_a_phone():
    ax = draw_weights({f"matrix {k}": np.ones((3, 2)) for k in range(9)} | SUM)
    ax.figure.canvas.draw()
    extents = [text.get_window_extent() for text in ax.texts]
    assert not [(one, two) for one, two in combinations(extents, 2) if one.overlaps(two)]
    assert all(text.get_fontsize() * 350 / (ax.figure.get_figwidth() * 72 + 8) >= 11 for text in ax.texts)


def test_ink_is_the_pages():
    with plt.style.context("dark_background"):
        assert {to_hex(patch.get_edgecolor()) for patch in draw_weights(SUM).patches} == {to_hex("white")}
    assert "#000000" not in show(draw_weights(SUM), alt="All is shared plus own.").svg


def test_zeros_alone_are_an_empty_frame():
    assert len(draw_weights({"nothing": np.zeros((2, 2))}).patches) == 1


@pytest.mark.messages
@pytest.mark.parametrize(
    ("matrices", "sentence"),
    [
        ({}, "`matrices` must hold one to 24 matrices; got none."),
        ({"w": np.ones((0, 2))}, "`matrices['w']` must have 1 to 24 rows and columns; got 0 and 2."),
        ({"w": np.ones((2, 25))}, "`matrices['w']` must have 1 to 24 rows and columns; got 2 and 25."),
        ({"w": np.array([[1.0, np.nan]])}, "`matrices['w']` must be finite; got nan. Replace it by 0."),
        ({"w " * 60: np.ones((1, 1))}, "must have short names, to be read on a phone"),
        ({"w": np.ones(3)}, "`matrices['w']` must be an array of numbers [feature task]; got an array of shape (3,)"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(matrices, sentence):
    with pytest.raises((TypeError, ValueError)) as caught:
        draw_weights(matrices)
    assert sentence in str(caught.value)
