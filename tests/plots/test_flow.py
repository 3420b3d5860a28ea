"""Drawings of nets by their parts: every part once, arrows between parts, nothing on top of anything."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch

from mtl_tutor.plots import PALETTE, draw_flow
from mtl_tutor.widgets import explore, show

TWO_HEADS = """
    inputs -> shared layers -F-> head of A / F + x
    inputs -> shared layers -F-> head of B / F · x
"""
KINDS = {"inputs": "data", "shared layers": "shared", "head of A": "other", "head of B": "main"}
EXPERTS = """
    experts and gates:
    inputs -> gate A   -> mixture A -> head A
    inputs -> expert 1 -> mixture A -> head A
    inputs -> expert 2 -> mixture B -> head B
    inputs -> gate B   -> mixture B -> head B

    towers:
    inputs -> main 1  -> stitch -> main 2  -> task
    inputs -> other 1 -> stitch -> other 2 -> task
"""
CROSSED = ["expert 1 -> mixture B", "expert 2 -> mixture A", "main 1 ~pull~ other 1"]
TURN = "first | second\ninputs -long label-> layer that has a long name"


def boxes(ax):
    """Name -> the frames of the parts with this name: left, low, right, high."""
    found = {}
    for patch in ax.patches:
        if isinstance(patch, FancyBboxPatch) and patch.get_label():
            frame = (patch.get_x(), patch.get_y(), patch.get_x() + patch.get_width(), patch.get_y() + patch.get_height())
            found.setdefault(patch.get_label(), []).append(frame)
    return found


def edges(ax):
    """Name -> colour of the outline."""
    return {p.get_label(): to_hex(p.get_edgecolor()).upper() for p in ax.patches if p.get_label()}


def distance(place, frame):
    (x, y), (left, low, right, high) = place, frame
    return np.hypot(max(left - x, 0, x - right), max(low - y, 0, y - high))


def lines(ax):
    return [np.column_stack(line.get_data()) for line in ax.lines]


def test_each_part_is_drawn_once_and_one_in_two_rows_is_as_tall_as_both():
    found = boxes(draw_flow(TWO_HEADS, KINDS))
    assert {name: len(frames) for name, frames in found.items()} == dict.fromkeys(KINDS, 1)
    (trunk,), (a,), (b,) = (found[name] for name in ("shared layers", "head of A", "head of B"))
    assert (trunk[1], trunk[3]) == (b[1], a[3])
    assert trunk[2] < a[0] == b[0]
    assert a[1] > b[3]


@pytest.mark.parametrize("between", ["\n\n", "\nonce more:\n"])
def test_below_an_empty_line_or_a_title_a_name_is_a_new_part(between):
    assert len(boxes(draw_flow("a -> b\na -> c"))["a"]) == 1
    assert len(boxes(draw_flow(f"a -> b{between}a -> c"))["a"]) == 2


def test_a_title_stands_above_its_rows_and_below_those_before():
    ax = draw_flow("a -> b\nnext:\nc -> d")
    (title,) = (text for text in ax.texts if text.get_text() == "next")
    assert boxes(ax)["a"][0][1] > title.get_position()[1] > boxes(ax)["c"][0][3]


def test_every_arrow_goes_from_its_source_to_its_target():
    rows, also = "a -> b | c\nd | e -> f", ["a -> d", "e -> c", "f -> b"]
    ax = draw_flow(rows, also=also)
    ends = [("a", "b"), ("e", "f"), ("a", "d"), ("e", "c"), ("f", "b")]
    assert len(lines(ax)) == len(ends)
    for line, (source, target) in zip(lines(ax), ends, strict=True):
        assert distance(line[0], boxes(ax)[source][0]) < 2
        assert distance(line[-1], boxes(ax)[target][0]) < 10  # the head covers the rest
        assert distance(line[-1], boxes(ax)[source][0]) > 5


def test_an_arrow_named_twice_is_drawn_once():
    assert len(draw_flow("a -> b\na -> b").lines) == len(draw_flow("a -> b", also=["a -> b"]).lines) == 1


def test_two_arrows_between_the_same_parts_run_side_by_side():
    there, back = lines(draw_flow("a -values-> b", also=["b -gradient-> a"]))
    assert abs(there[0, 1] - back[0, 1]) > 8
    assert (there[1, 0] - there[0, 0]) * (back[1, 0] - back[0, 0]) < 0


def test_between_parts_that_face_each_other_arrows_are_level_or_upright():
    ax = draw_flow("a -> b\na -> c", also=["b -> c"])
    (level, _, upright) = lines(ax)
    assert level[0, 1] == level[1, 1]
    assert upright[0, 0] == upright[1, 0]


@pytest.mark.parametrize(
    ("rows", "also"), [(TWO_HEADS, []), (EXPERTS, CROSSED), (TURN, ["first -a label-> inputs"]), ("a ~pull~ b =copy=> c", ["b -back-> a"])]
)
def test_no_text_touches_another_or_leaves_its_box(rows, also):
    ax = draw_flow(rows, also=also)
    ax.figure.canvas.draw()
    extents = [text.get_window_extent() for text in ax.texts]
    assert not [(one, two) for one, two in combinations(extents, 2) if one.overlaps(two)]
    parts = [patch.get_window_extent() for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    for text in extents:
        around = [part for part in parts if part.overlaps(text)]
        assert all(part.x0 <= text.x0 and text.x1 <= part.x1 and part.y0 <= text.y0 and text.y1 <= part.y1 for part in around)
        assert text.x0 >= 0
        assert text.x1 <= ax.figure.bbox.width


@pytest.mark.parametrize(("rows", "also"), [(TWO_HEADS, []), (EXPERTS, CROSSED)])
def test_all_text_is_eleven_pixels_high_on_a_phone(rows, also):
    figure = draw_flow(rows, also=also).figure
    points = figure.get_figwidth() * 72 + 8  # with what the margin adds
    assert all(text.get_fontsize() * 350 / points >= 11 for text in figure.axes[0].texts)


def test_a_part_has_the_colour_of_its_kind_and_a_tint_of_it():
    ax = draw_flow("a -> b -> c -> d", {"a": "main", "b": "other frozen", "c": "shared gate", "d": "control data"})
    ink = {"a": "main", "b": "other", "c": "single_task", "d": "control"}
    assert edges(ax) == {name: PALETTE[role].light for name, role in ink.items()}
    tints = [to_hex(patch.get_facecolor()).upper() for patch in ax.patches if 0 < patch.get_facecolor()[3] < 0.5]
    assert tints == [PALETTE["main"].light, PALETTE["single_task"].light]  # neither what is frozen nor data


def test_an_arrow_has_the_colour_of_the_task_that_it_belongs_to_and_noise_is_dotted():
    ax = draw_flow("x -> trunk -> head\nnoise -> trunk -> more", {"trunk": "shared", "head": "main", "noise": "control words"})
    colours = [to_hex(line.get_color()).upper() for line in ax.lines]
    assert colours == ["#000000", PALETTE["main"].light, PALETTE["control"].light, "#000000"]
    assert [line.get_linestyle() for line in ax.lines] == ["-", "-", "--", "-"]


def test_copied_weights_are_dashed_and_a_penalty_is_a_spring():
    data, weights, penalty = draw_flow("a -> b =start=> c ~ d").lines
    assert (data.get_linestyle(), weights.get_linestyle()) == ("-", "--")
    assert len(penalty.get_xdata()) > 8 > len(weights.get_xdata())


def test_words_have_no_box():
    assert set(boxes(draw_flow("a -> b", {"a": "words"}))) == {"b"}


def test_parts_that_a_picture_is_not_about_fade_and_none_moves():
    whole, some = (draw_flow(TWO_HEADS, KINDS, lit=lit) for lit in (None, ["inputs", "shared layers", "head of A"]))
    assert boxes(whole) == boxes(some)
    alpha = {text.get_text(): text.get_alpha() for text in some.texts}
    assert alpha["head of A"] == alpha["inputs"] == 1
    assert alpha["head of B"] < 0.5
    assert [line.get_alpha() < 0.5 for line in some.lines] == [False, False, True]


def test_ink_is_white_on_dark_paper():
    with plt.style.context("dark_background"):
        ax = draw_flow("a -> b", also=["b ~ a"])
    assert {text.get_color() for text in ax.texts} == {"white"}
    assert set(edges(ax).values()) == {to_hex("white").upper()}
    assert {to_hex(line.get_color()) for line in ax.lines} == {to_hex("white")}


def test_in_a_page_ink_follows_the_page_and_roles_the_theme():
    svg = show(draw_flow(TWO_HEADS, KINDS), alt="A and B read F.").svg
    assert "currentColor" in svg
    assert "#000000" not in svg
    for role in ("main", "other", "single_task"):
        assert f"light-dark({PALETTE[role].light}, {PALETTE[role].dark})".lower() in svg.lower()


def test_steps_can_be_explored():
    def at(step):
        return draw_flow("a -> b", lit=[step])

    assert repr(explore(at, title="Steps", step=["a", "b"])) == "Explorer('Steps', step: 2)"


@pytest.mark.messages
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"rows": "\n"}, "`rows` must name at least one part and at most 60; got none."),
        ({"rows": "a->b"}, "have a part on both sides of an arrow, and spaces around it; got 'a->b'. Write 'a -> b', or 'a -label-> b'."),
        (
            {"rows": ". -> b"},
            "`rows` must have arrows between two parts; got one to '.', or from a part to itself. Write '|' beside an empty place.",
        ),
        ({"rows": "next:\nnow:\na"}, "`rows` must have a row below each title; got none below 'next'. Drop it, or its colon."),
        ({"rows": "a\nnext:"}, "`rows` must have a row below each title; got none below 'next'. Drop it, or its colon."),
        ({"rows": "a -x-> b\na -y-> b"}, "`rows` must label the arrow from 'a' to 'b' once; got 'x' and 'y'. Drop one."),
        (
            {"rows": "a | b | c", "also": ["a -> c"]},
            "leave room for the arrow from 'a' to 'c'; 'b' is in its way. Move one to another row.",
        ),
        ({"also": ["trunk -> haed"]}, "`also` must be one of 'x', 'trunk', 'head'; got 'haed'. Did you mean 'head'?"),
        ({"rows": "a | a", "also": ["a ~ a"]}, "`also` must name one part; 'a' names 2. Give them different names."),
        ({"kinds": {"trnk": "main"}}, "`key of kinds` must be one of 'x', 'trunk', 'head'; got 'trnk'. Did you mean 'trunk'?"),
        ({"kinds": {"trunk": "sharde"}}, "got 'sharde'. Did you mean 'shared'?"),
        ({"kinds": {"trunk": "main other"}}, "`kinds['trunk']` must have one colour and one shape; got 'main other'. Drop one."),
        ({"lit": ["trunks"]}, "`lit` must be one of 'x', 'trunk', 'head'; got 'trunks'. Did you mean 'trunk'?"),
        ({"rows": " -> ".join(["unbreakable"] * 6)}, "fit into 360 points, to be read on a phone; needs"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(given, sentence):
    with pytest.raises(ValueError) as caught:
        draw_flow(**({"rows": "x -> trunk -> head"} | given))
    assert sentence in str(caught.value)
