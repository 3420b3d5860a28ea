"""Drawings of relations: every node and line is there, within the frame, and in its colour."""

import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch

from mtl_tutor.plots import PALETTE, draw_graph, draw_nesting
from mtl_tutor.results import Graph

GRAPH = Graph((("x",), ("a", "b")), {("x", "a"): "4 labels", ("x", "b"): "", ("a", "b"): "2 with both"}, {"a": "main", "b": "other"})
BOXES = {"animals": {"cats": {"lions": {}}, "dogs": {}}, "plants": {}}


def test_nodes_have_their_roles_colours_and_columns():
    axes = draw_graph(GRAPH)
    place = {text.get_text(): text.get_position() for text in axes.texts}
    ink = {text.get_text(): text.get_color() for text in axes.texts}
    assert (ink["x"], ink["a"], ink["b"]) == ("black", PALETTE["main"].light, PALETTE["other"].light)
    assert place["x"][0] < place["a"][0] == place["b"][0]
    assert place["a"][1] > place["x"][1] > place["b"][1]


def test_what_a_line_says_stands_halfway():
    place = {text.get_text(): np.array(text.get_position()) for text in draw_graph(GRAPH).texts}
    np.testing.assert_allclose(place["4 labels"], (place["x"] + place["a"]) / 2)
    np.testing.assert_allclose(place["2 with both"], (place["a"] + place["b"]) / 2)


def test_only_a_line_within_a_column_is_dotted():
    lines = [text.arrow_patch.get_linestyle() for text in draw_graph(GRAPH).texts if getattr(text, "arrow_patch", None)]
    assert lines == ["-", "-", ":"]


@pytest.mark.messages
def test_a_graph_has_nodes_with_names_of_their_own_and_no_loose_ends():
    with pytest.raises(ValueError, match="different names"):
        Graph((("a",), ("a",)), {})
    with pytest.raises(ValueError, match="'b'"):
        Graph((("a",),), {("a", "b"): ""})


def frames(axes):
    names = [text.get_text() for text in axes.texts]
    boxes = [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    return {
        name: (box.get_x(), box.get_y(), box.get_x() + box.get_width(), box.get_y() + box.get_height())
        for name, box in zip(names, boxes, strict=True)
    }


def test_a_box_lies_within_its_own_and_beside_its_neighbours():
    found = frames(draw_nesting(BOXES))
    for inner, outer in (("cats", "animals"), ("dogs", "animals"), ("lions", "cats")):
        (x0, y0, x1, y1), (left, top, right, bottom) = found[inner], found[outer]
        assert left < x0 < x1 < right
        assert top < y0 < y1 < bottom
    assert found["cats"][3] < found["dogs"][1]
    assert found["animals"][3] < found["plants"][1]


@pytest.mark.messages
def test_no_boxes_are_refused():
    with pytest.raises(ValueError, match="at least one box"):
        draw_nesting({})


@pytest.mark.messages
def test_what_is_no_box_is_named():
    endless = {}
    endless["again"] = endless
    for boxes, sentence in (
        ({"a": {"b": 3}}, r"`boxes\['a'\]\['b'\]` must be a dict of boxes, {} for none, at most 10 within each other; got 3\."),
        (endless, "at most 10 within each other"),
        ({str(i): {} for i in range(101)}, "at least one box and at most 100; got 101"),
    ):
        with pytest.raises((TypeError, ValueError), match=sentence):
            draw_nesting(boxes)
