"""Still figures: ink of the page, words beside the picture, readable on a phone."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mtl_tutor.plots import PALETTE, draw_bars, draw_curves
from mtl_tutor.results import Bars, Curves
from mtl_tutor.statistics import Interval
from mtl_tutor.widgets import show

X = np.linspace(0, 1, 5)


def a_figure():
    return draw_curves(Curves(X, {"A": X, "B": 1 - X}, low={"A": X - 0.1}, high={"A": X + 0.1}, xlabel="step", ylabel="error"))


def bundle(still):
    return still._repr_mimebundle_()  # IPython's protocol


def test_the_text_alternative_is_in_the_picture_and_in_the_repr():
    still = show(a_figure(), alt='A "learns" & B forgets.')
    assert 'role="img" aria-label="A &quot;learns&quot; &amp; B forgets."' in still.svg
    assert bundle(still)["text/plain"] == repr(still) == """Still(alt='A "learns" & B forgets.')"""


@pytest.mark.messages
def test_a_figure_without_words_is_refused():
    with pytest.raises(ValueError, match="`alt` must say in words"):
        show(a_figure(), alt=" ")
    plt.close("all")


@pytest.mark.messages
def test_a_figure_too_wide_for_a_phone_is_refused():
    with pytest.raises(ValueError, match="at most 7 inches wide"):
        show(plt.figure(figsize=(9, 3)), alt="Too wide.")
    plt.close("all")


def test_black_is_the_pages_ink_and_the_house_colours_follow_its_theme():
    svg = show(a_figure(), alt="Both.").svg
    assert "currentColor" in svg
    assert not re.search(r"#(000000|ffffff)\b", svg)
    blue = PALETTE["main"]
    assert f"light-dark({blue.light}, {blue.dark})" in svg
    assert "DejaVu" not in svg


def test_text_stays_text_and_at_least_nine_pixels_high_on_a_phone():
    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    ax.set_xlabel("tiny", fontsize=4)
    svg = show(fig, alt="Nothing yet.").svg
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:\w+ )*([\d.]+)px", svg)]
    assert "tiny" in svg
    assert min(sizes) * 350 / width >= 8.9


def test_ids_of_two_figures_do_not_meet():
    one, other = (show(a_figure(), alt=alt).svg for alt in ("One.", "Other."))
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert set(re.findall(r"url\(#([^)]+)\)", one)) <= ids[0]


def test_the_same_figure_is_the_same_text_every_time():
    bars = Bars({"A": Interval(0.5, 0.4, 0.6, 100)})
    assert show(draw_bars(bars), alt="Half.").svg == show(draw_bars(bars), alt="Half.").svg


def test_the_figure_is_closed_and_a_png_stands_by():
    still = show(a_figure(), alt="Both.")
    assert plt.get_fignums() == []
    assert still.png.startswith(b"\x89PNG")
    assert set(bundle(still)) == {"text/html", "image/png", "text/plain"}
