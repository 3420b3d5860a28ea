"""Still figures: ink of the page, words beside the picture, readable on a phone."""

import re
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from mtl_tutor.plots import PALETTE, draw_bars, draw_curves, draw_graph, draw_layers, draw_map, draw_networks
from mtl_tutor.plots.palette import contrast
from mtl_tutor.results import Bars, Curves, Graph, Map
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


# ---- styles and themes -----------------------------------------------------------------------------------------------

STYLES = ["default", "dark_background", "ggplot", "grayscale", "Solarize_Light2", "seaborn-v0_8-dark"]
THEMES = {"light": ("#000000", "#ffffff"), "dark": ("#dddddd", "#14181e")}  # ink and paper


def in_theme(css, theme):
    """The colour that a browser shows in a theme."""
    ink, paper = THEMES[theme]
    pair = re.fullmatch(r"light-dark\((#\w{6}), (#\w{6})\)", css)
    return pair[1 if theme == "light" else 2] if pair else {"currentColor": ink}.get(css, paper if css.startswith("var") else css)


def fill_of(svg, word):
    tag = re.search(rf"<text([^>]*)>\s*{re.escape(word)}", svg)[1]
    found = re.search(r"fill: ([^;\"]+)", tag) or re.search(r'<svg[^>]* fill="([^"]+)"', svg)
    return found[1]


@pytest.mark.parametrize("style", STYLES)
def test_text_is_readable_whatever_style_is_in_force(style):
    with plt.style.context(style):
        fig, ax = plt.subplots(figsize=(4, 3))
        ax.set(title="Title", xlabel="step")
        ax.text(0.5, 0.5, "grey", color="#333333" if style != "dark_background" else "#bbbbbb")
        ax.text(0.2, 0.5, "navy", color="navy")
        svg = show(fig, alt="Words.").svg
    for word, theme in product(("Title", "step", "grey", "navy"), THEMES):
        assert contrast(in_theme(fill_of(svg, word), theme), THEMES[theme][1]) >= 3, (word, fill_of(svg, word))
    assert "DejaVu" not in svg
    assert "Arial" not in svg


@pytest.mark.parametrize("style", STYLES)
def test_a_line_is_as_visible_in_the_other_theme_as_in_its_own(style):
    with plt.style.context(style):
        fig, ax = plt.subplots(figsize=(4, 3))
        ax.set_axis_off()
        (line,) = ax.plot([0, 1], gid="the-line")
        (other,) = ax.plot([1, 0], color="#feffb3" if style == "dark_background" else "navy", gid="other-line")
        own = [contrast(to_hex(one.get_color()), fig.get_facecolor()) for one in (line, other)]
        svg = show(fig, alt="Lines.").svg
    for name, before in zip(("the-line", "other-line"), own, strict=True):
        css = re.search(rf'id="[^"]*{name}">.*?stroke: ([^;]+);', svg, re.DOTALL)[1]
        assert min(contrast(in_theme(css, theme), THEMES[theme][1]) for theme in THEMES) >= min(3, before) - 0.3, css


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("draw", ["imshow", "pcolormesh"])
def test_numbers_in_a_heat_map_keep_their_contrast_with_their_cells(draw, style):
    with plt.style.context(style):
        fig, ax = plt.subplots(figsize=(4, 3))
        getattr(ax, draw)([[0.0, 1.0]], cmap="Greys")
        places = [0, 1] if draw == "imshow" else [0.5, 1.5]
        ax.text(places[0], 0.5 * (draw != "imshow"), "low", color="black", ha="center", va="center")
        ax.text(places[1], 0.5 * (draw != "imshow"), "high", color="white", ha="center", va="center")
        svg = show(fig, alt="Two cells.").svg
    for theme in THEMES:
        assert contrast(in_theme(fill_of(svg, "low"), theme), "white") > 15
        assert contrast(in_theme(fill_of(svg, "high"), theme), "black") > 15
    if draw == "pcolormesh":
        cells = re.findall(r'<path [^>]*style="fill: (#\w{6})"', svg)
        assert sorted(cells) == ["#000001", "#fffffe"]  # as good as black and white, and no theme changes them


@pytest.mark.parametrize("colour", ["black", "white"])
def test_words_on_a_bar_in_a_house_colour_keep_their_contrast_with_the_bar(colour):
    fig, ax = plt.subplots(figsize=(4, 3))
    ax.bar([0], [1], color=PALETTE["main"].light)
    ax.text(0, 0.5, "inside", color=colour, ha="center", va="center")
    ax.set_axis_off()
    svg = show(fig, alt="A bar.").svg
    for theme, bar in {"light": PALETTE["main"].light, "dark": PALETTE["main"].dark}.items():
        assert contrast(in_theme(fill_of(svg, "inside"), theme), bar) >= 3


PLOTS = {
    "curves": lambda ax: draw_curves(Curves(X, {"A": X}, xlabel="step", ylabel="error"), ax),
    "bars": lambda ax: draw_bars(Bars({"A": Interval(0.5, 0.4, 0.6, 9)}, ylabel="share", reference=0.5, printed={"A": 0.45}), ax),
    "map": lambda ax: draw_map(Map(X, X, np.outer(X, X), xlabel="u", zlabel="loss", marks={"M": (0.5, 0.5)}), ax),
    "graph": lambda ax: draw_graph(Graph((("x",), ("a", "b")), {("x", "a"): "1", ("a", "b"): "2"}), ax),
    "networks": lambda ax: draw_networks(["A", "B"], shared=False, tied=True, ax=ax),
    "layers": lambda ax: draw_layers(["y", None], ax=ax),
}


@pytest.mark.parametrize("given", [True, False], ids=["axes given", "new figure"])
@pytest.mark.parametrize("plot", PLOTS)
def test_the_books_own_figures_are_the_same_in_a_dark_style(plot, given):
    def drawn(style):
        with plt.style.context(style):
            ax = plt.subplots(figsize=(4, 3))[1] if given else None
            svg = show(PLOTS[plot](ax), alt="One.").svg
        words = [(word, fill_of(svg, word)) for word in re.findall(r"<text[^>]*>([^<$]+)</text>", svg)]
        inks = {css for css in re.findall(r"(?:fill|stroke): ([^;\"]+)", svg) if not css.startswith("var")}  # but for the paper
        return words, inks | {"currentColor"}

    assert drawn("dark_background") == drawn("default")


def test_a_figure_of_the_book_is_readable_where_only_its_png_is_shown():
    with plt.style.context("dark_background"):
        ax = draw_curves(Curves(X, {"A": X}))
    for text in [*ax.texts, *ax.get_xticklabels(), ax.xaxis.label]:
        assert contrast(text.get_color(), ax.figure.get_facecolor()) > 10
