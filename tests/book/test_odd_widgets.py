"""A widget in an empty page of a real browser: odd numbers, damaged data, a kernel that dies, keys, print, forced colours."""

import base64
import io
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtl_tutor import widgets
from mtl_tutor.results import Bars, Curves, Map
from mtl_tutor.statistics import Interval
from mtl_tutor.widgets import explore

PAGE = """async ({esm, css, state, data, kernel}) => {
  const heard = {}, values = {...state, data: Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))};
  window.sent = [];
  const model = {
    get: (name) => values[name],
    set: (name, value) => { values[name] = value; (heard[`change:${name}`] ?? []).forEach((listener) => listener()); },
    on: (event, listener) => (heard[event] ??= []).push(listener), off: () => {}, save_changes: () => {},
    send: (message) => {
      window.sent.push(message.kind);
      if (message.kind === "ping" && kernel) heard["msg:custom"].forEach((tell) => tell({kind: kernel}, []));
    },
  };
  document.head.append(Object.assign(document.createElement("style"), {textContent: css}));
  const module = await import(URL.createObjectURL(new Blob([esm], {type: "text/javascript"})));
  await module.default.render({model, el: document.body});
}"""
X = np.linspace(0.0, 1.0, 11)


@pytest.fixture
def opened(browser):
    """Open a widget, its description or data changed on the way, and return it with the errors that the page logged."""
    contexts = []

    def open_widget(explorer, change=lambda spec: None, data=None, *, kernel="", clock=False, **settings):
        contexts.append(browser.new_context(**settings))
        page, errors = contexts[-1].new_page(), []
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if clock:
            page.clock.install()
        state = json.loads(json.dumps({"spec": explorer.spec, "index": explorer.index}))
        change(state["spec"])
        source = Path(widgets.__file__)
        code = {kind: source.with_name(f"explorer.{file}").read_text(encoding="utf-8") for kind, file in (("esm", "js"), ("css", "css"))}
        encoded = base64.b64encode(explorer.data if data is None else data).decode()
        page.evaluate(PAGE, code | {"state": state, "data": encoded, "kernel": kernel})
        return page, errors

    yield open_widget
    for context in contexts:
        context.close()


def lines(scale=1.0, **settings):
    return explore(lambda k: Curves(X, {"A": scale * k * X}, **settings), title="T", alt="Lines.", k=(1, 3))


def trouble(page):
    return page.locator(".mtl-trouble").text_content()


def shared(**changes):
    return lambda spec: spec["shared"].update(changes)


ODD = {
    "limits that are none": (lines(), shared(ylim=[1, 0]), "its axis has no two ends"),
    "unknown limits": (lines(), shared(ylim=[None, 1]), None),
    "infinite limits": (lines(), shared(ylim=[-1e308, 1e308]), "its axis has no two ends"),
    "no points": (lines(), shared(x=[]), "its axis has no two ends"),
    "nothing above zero": (
        lines(-1.0),
        shared(yscale="log", ylim=[0, 1]),
        "no value is finite and above 0, where a logarithmic axis begins",
    ),
    "an axis below zero": (
        lines(yscale="log"),
        shared(ylim=[-2, -1]),
        "no value lies above 0, where a logarithmic axis begins",
    ),
    "an axis from zero": (lines(yscale="log"), shared(ylim=[0, 3]), None),
    "points below zero": (lines(), shared(xscale="log"), None),
    "tiny limits": (lines(), shared(ylim=[0, 1e-200]), None),
    "a tiny logarithmic axis": (lines(yscale="log"), shared(ylim=[1e-300, 1]), None),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_numbers_are_drawn_or_a_sentence_stands_in_the_pictures_place(opened, case):
    explorer, change, sentence = ODD[case]
    page, errors = opened(explorer, change)
    assert errors == []
    if sentence is None:
        assert trouble(page) == ""
        assert page.locator(".mtl-plot svg").count() > 0
        assert len(page.locator(".mtl-plot text").all()) < 60
    else:
        assert trouble(page) == f"This picture cannot be drawn: {sentence}."
        assert page.locator(".mtl-plot svg").count() == 0


def test_the_rounding_of_a_zero_is_told_as_zero(opened):
    page, _ = opened(explore(lambda k=1: Curves(X, {"A": 2e-16 * X}, ylim=(0.0, 1.0)), title="T", k=(1, 3)))
    assert "A from 0 to 0" in page.locator(".mtl-say").text_content()


def test_what_no_eye_tells_from_zero_is_told_as_zero(opened):
    page, _ = opened(explore(lambda k=1: Curves(X, {"A": 8e-4 * X, "B": 0.2 * X}, ylim=(0.0, 1.0)), title="T", k=(1, 3)))
    assert "A from 0 to 0; B from 0 to 0.2" in page.locator(".mtl-say").text_content()
    page, _ = opened(explore(lambda k=1: Curves(X, {"A": 2e-4 * X}, ylim=(0.0, 1e-3)), title="T", k=(1, 3)))
    assert "A from 0 to 0.0002" in page.locator(".mtl-say").text_content()


def test_no_zero_is_negative(opened):
    loss = Interval(-0.4, -8.0, -0.3, 9)
    page, _ = opened(explore(lambda k=1: Bars({"A": loss}, ylim=(-100.0, 100.0)), title="T", k=(1, 3)))
    assert "A 0 (−8 to 0)" in page.locator(".mtl-say").text_content()


def test_a_narrow_axis_of_bars_has_numbers_of_its_own(opened):
    narrow = {"A": Interval(1e-9, 0.5e-9, 2e-9, 9), "B": Interval(-174.25, -202.5, -149.0, 9)}
    for name, bar in narrow.items():
        page, errors = opened(explore(lambda k, n=name, b=bar: Bars({n: b}), title="T", k=(1, 2)))
        assert errors == []
        value, edge = page.locator(".mtl-value").bounding_box(), page.locator(".mtl-quiet").last.bounding_box()
        assert value["x"] + value["width"] <= edge["x"]
    assert "−203" in page.locator(".mtl-quiet").last.text_content()


NAMES = ["a line whose name is far too long to stand beside it", "answers on the same images"]
TITLE = "root mean squared error (in standard deviations of the labels)"
SIZES = [{"width": 330, "height": 700}, {"width": 640, "height": 700}]


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("longest", NAMES)
def test_no_word_leaves_the_picture(opened, longest, size):
    curves = Curves(X, {longest: X, "B": 1 - X}, ylabel=TITLE, xlabel=TITLE)
    pictures = [curves, Bars({"A": Interval(1.0, 0.5, 2.0, 9)}, ylabel=TITLE), Map(X, X, np.outer(X, X), xlabel=TITLE, ylabel=TITLE)]
    for picture in pictures:
        page, errors = opened(explore(lambda k, one=picture: one, title="T", k=(1, 2)), viewport=size)
        assert errors == []
        sheet = page.locator(".mtl-plot svg[role=img]").bounding_box()
        for box in [text.bounding_box() for text in page.locator(".mtl-plot svg[role=img] > text").all()]:
            assert sheet["x"] - 8 <= box["x"]  # the card has a margin
            assert box["x"] + box["width"] <= sheet["x"] + sheet["width"] + 8
            assert sheet["y"] - 1 <= box["y"]
            assert box["y"] + box["height"] <= sheet["y"] + sheet["height"] + 1


def test_what_is_counted_has_whole_numbers_on_its_axis(opened):
    page, _ = opened(explore(lambda k: Curves(np.arange(4.0), {"A": np.arange(4.0)}), title="T", k=(1, 2)))
    assert page.locator("text.mtl-x").all_text_contents() == ["0", "1", "2", "3"]


def test_two_controls_differ_in_their_dots(opened):
    curves = Curves(X, {"shuffled": X, "others": 1 - X}, roles={"shuffled": "control", "others": "control"})
    page, _ = opened(explore(lambda k: curves, title="T", k=(1, 2)), viewport=SIZES[0])
    dots = "(lines) => lines.map((line) => getComputedStyle(line).strokeDasharray)"
    keys, drawn = (page.locator(f"{where} path.mtl-line").evaluate_all(dots) for where in (".mtl-legend", "svg[role=img]"))
    assert keys == drawn
    assert len(set(keys)) == 2


def test_a_letter_of_a_map_does_not_cover_a_sign(opened):
    for place in [(0.5, 0.5), (0.5, 0.52), (0.55, 0.5)]:
        picture = Map(X, X, np.outer(X, X), marks={"T": place, "×": (0.5, 0.5)})
        page, _ = opened(explore(lambda k, one=picture: one, title="T", k=(1, 2)), viewport=SIZES[0])
        letter, sign = (page.locator(".mtl-mark", has_text=text).bounding_box() for text in "T×")
        across = abs(letter["x"] + letter["width"] / 2 - sign["x"] - sign["width"] / 2)
        down = abs(letter["y"] - sign["y"])
        assert np.hypot(across, down) > 19.5
        dot = page.locator(".mtl-place").bounding_box()
        assert np.hypot(dot["x"] + 3 - letter["x"] - letter["width"] / 2, dot["y"] + 3 - letter["y"] - letter["height"] / 2) > 11


DAMAGED = {
    "garbled": lambda data: data[::-1],
    "cut": lambda data: data[: len(data) // 2],
    "of another size": lambda data: zlib.compress(zlib.decompress(data)[:-4]),
    "none": lambda data: b"",
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_numbers_are_said_to_be_so(opened, case):
    explorer = lines()
    page, errors = opened(explorer, data=DAMAGED[case](explorer.data))
    assert errors == []
    assert trouble(page) == "The numbers of this widget are damaged. Run its cell again to renew them."


def test_a_damaged_description_is_said_to_be_so(opened):
    page, _ = opened(lines(), lambda spec: spec.pop("axes"))
    assert "This widget did not start" in trouble(page)
    assert "Run its cell again." in trouble(page)


def test_a_kernel_that_dies_is_missed_and_the_recorded_settings_come_back(opened):
    explorer = explore(lambda k: Curves(X, {"A": k * X}), title="T", alt="Lines.", k=(0.0, 1.0, 0.5))
    page, errors = opened(explorer, kernel="pong", clock=True)
    page.get_by_label("between the recorded points").press("Space")
    page.locator("input[type=range]").press("ArrowRight")
    assert page.locator(".mtl[aria-busy=true]").count() == 1
    page.clock.fast_forward(31_000)
    page.get_by_text("No answer for 30 seconds: the kernel is busy or gone. Here are the recorded settings.").wait_for()
    assert page.locator(".mtl[aria-busy=true]").count() == 0
    assert page.locator(".mtl").get_attribute("data-mode") == "replay"
    assert page.locator(".mtl").get_attribute("data-shown") in ("0", "1")
    page.locator("input[type=range]").press("End")
    assert page.locator(".mtl").get_attribute("data-shown") == "2"
    assert trouble(page) == ""
    assert errors == []


def test_a_setting_between_two_recorded_ones_is_shown_with_its_own_digits(opened):
    explorer = explore(lambda k: Curves(X, {"A": X}), title="T", alt="Lines.", k=np.array([10000.0, 10050.0, 12345.0]))
    page, _ = opened(explorer, kernel="pong")
    page.get_by_label("between the recorded points").press("Space")
    page.locator("input[type=range]").press("ArrowRight")
    assert page.locator("output").text_content() == "10005"


def test_a_recording_whose_kernel_answers_says_that_it_is_one(opened):
    page, errors = opened(lines(), kernel="recorded")
    assert page.locator(".mtl-badge:visible").text_content() == "recorded"
    page.locator("input[type=range]").press("End")
    assert page.locator(".mtl").get_attribute("data-mode") == "replay"
    assert errors == []
    page, _ = opened(lines())
    assert page.locator(".mtl-badge:visible").count() == 0


def test_jupyterlab_takes_keys_with_ctrl_but_no_others(opened):
    """It asks in the document's capture phase whether what holds the focus has this mark, before a widget can stop a key."""
    page, _ = opened(lines())
    page.evaluate(
        """() => document.addEventListener("keydown", (event) => {
          if (!event.target.closest("[data-lm-suppress-shortcuts]")) (window.taken ??= []).push(event.key);
        }, true)"""
    )
    for key in ("Control+s", "ArrowRight", "Meta+s", "a", "Enter"):
        page.locator("input[type=range]").press(key)
    assert [key for key in page.evaluate("window.taken") if key not in ("Control", "Meta")] == ["s", "s"]


def test_the_page_hears_ctrl_s_but_no_arrow_keys(opened):
    page, _ = opened(lines())
    page.evaluate("addEventListener('keydown', (event) => (window.keys ??= []).push(event.key))")
    for key in ("ArrowRight", "Control+s", "Meta+s"):
        page.locator("input[type=range]").press(key)
    assert [key for key in page.evaluate("window.keys") if key not in ("Control", "Meta")] == ["s", "s"]


def test_the_caption_follows_at_once_and_is_spoken_once_at_rest(opened):
    page, _ = opened(explore(lambda k=1: Curves(X, {"A": np.where(X < 0.3, np.nan, -3.3e-4 * k)}), title="T", k=(1, 9)), clock=True)
    page.clock.run_for(500)
    assert page.locator(".mtl-spoken").text_content() == page.locator(".mtl-say").text_content()
    assert "A from −0.00033 to −0.00033" in page.locator(".mtl-say").text_content()
    assert page.locator("output").get_attribute("aria-live") == "off"
    page.get_by_label("Play k").click()
    page.clock.run_for(1000)
    assert "k = 1" not in page.locator(".mtl-say").text_content()
    assert "k = 1" in page.locator(".mtl-spoken").text_content()
    page.clock.run_for(10_000)
    assert "k = 9" in page.locator(".mtl-spoken").text_content()


TEXT = """(node) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  return [box.top, box.bottom];
}"""


@pytest.mark.parametrize("line", ["normal", "1.2", "1.9"])
def test_the_text_of_a_pill_stands_in_its_middle_whatever_the_page_does_to_lines(opened, line):
    page, _ = opened(explore(lambda k: Curves(X, {"A": X}), title="T", k=["one", "two"]))
    page.add_style_tag(content=f"body, label, span {{ line-height: {line}; }} label {{ margin: 0 0 8px; }}")
    for pill in page.locator(".mtl-choice label").all():
        outer, (top, bottom) = pill.bounding_box(), pill.locator("span").evaluate(TEXT)
        assert outer["y"] + outer["height"] / 2 == pytest.approx((top + bottom) / 2, abs=1)


def test_a_page_with_small_letters_makes_no_narrow_widget(opened):
    page, _ = opened(lines())
    before = page.locator(".mtl").bounding_box()["width"]
    page.add_style_tag(content="html { font-size: 10px; }")  # the classic notebook's
    assert page.locator(".mtl").bounding_box()["width"] == before > 600


def test_the_chosen_pill_is_seen_in_print_and_in_forced_colours(opened):
    explorer = explore(lambda k: Curves(X, {"A": X}), title="T", k=["one", "two"])
    border = "(node) => getComputedStyle(node).borderTopWidth"
    page, _ = opened(lines(), forced_colors="active")
    button = np.array(Image.open(io.BytesIO(page.locator(".mtl-play").screenshot())).convert("L"), float)
    assert abs(button[12:18, 13:16].mean() - button[6, 15]) > 100, "the sign on the button is seen"
    page, _ = opened(explorer, forced_colors="active")
    assert [pill.evaluate(border) for pill in page.locator(".mtl-choice label").all()] == ["3px", "1px"]
    page, _ = opened(explorer)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    assert [pill.evaluate(border) for pill in page.locator(".mtl-choice label").all()] == ["2px", "1px"]
    assert page.locator(".mtl").evaluate("(node) => getComputedStyle(node).colorScheme") == "light"


# ---- dots, and a picture that moves ----------------------------------------------------------------------------------


def falling(k=10):
    """A net that comes down a slope in ten steps."""
    return Curves(X, {"slope": X, "net": np.where(np.arange(11) == 10 - k, X, np.nan)}, roles={"net": "third"}, ylim=(0, 1))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_dot_stands_where_the_net_is_and_no_line_leads_to_it(opened, width):
    page, errors = opened(explore(falling, title="T", k=(0, 10), dots=["net"]), viewport={"width": width, "height": 800})
    sliders, dots = page.locator("input[type=range]"), page.locator("g[data-name=net] circle")
    high = page.locator("path[data-name=slope]").bounding_box()
    for key, place in (("End", "left bottom"), ("Home", "right top")):
        sliders.press(key)
        assert dots.count() == 1
        dot = dots.bounding_box()
        x, y = dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2
        wanted = (high["x"], high["y"] + high["height"]) if place == "left bottom" else (high["x"] + high["width"], high["y"])
        assert (x, y) == pytest.approx(wanted, abs=3)
    assert page.locator(".mtl-say").text_content() == "k = 0. net at 1"
    assert page.locator("path[data-name=net]").count() == 0
    assert page.locator(".mtl-leader").count() == (width > 460)  # that of the slope
    assert page.get_by_text("net", exact=True).count() == 1
    assert errors == []


def test_many_dots_are_no_sentence(opened):
    x = np.arange(50.0)
    page, _ = opened(explore(lambda k: Curves(x, {"F": x, "samples": x}), title="T", k=(0, 1), dots=["samples"]))
    assert page.locator("g[data-name=samples] circle").count() == 50
    assert page.locator(".mtl-say").text_content() == "k = 1. F from 0 to 49"


MOTION = {  # the reader's wish, number of steps -> ms for all of them
    "a long way": ("no-preference", 60, 6_000),
    "a short way": ("no-preference", 10, 3_000),
    "a very long way": ("no-preference", 200, 16_000),
    "less motion": ("reduce", 10, 12_000),
    "less motion, a long way": ("reduce", 60, 72_000),
}


@pytest.mark.parametrize("case", MOTION)
def test_a_picture_moves_when_asked_and_only_then(opened, case):
    wish, last, duration = MOTION[case]
    steps = explore(lambda k=0: Curves(X, {"A": X}), title="T", k=(0, last))
    page, _ = opened(steps, clock=True, reduced_motion=wish)
    shown = page.locator(".mtl")
    page.clock.run_for(20_000)
    assert shown.get_attribute("data-shown") == "0"
    page.get_by_label("Play k").press("Enter")
    page.clock.run_for(0.6 * duration)              # time goes on beside this, by itself
    assert 0.5 * last < int(shown.get_attribute("data-shown")) < last
    page.clock.run_for(0.5 * duration)
    assert shown.get_attribute("data-shown") == str(last)
    assert page.get_by_label("Play k").get_attribute("aria-pressed") == "false"


def test_a_picture_that_stands_at_its_end_plays_from_its_beginning(opened):
    page, _ = opened(explore(falling, title="T", k=(0, 10), dots=["net"]), clock=True)
    assert page.locator(".mtl").get_attribute("data-shown") == "10"
    page.get_by_label("Play k").press("Space")
    assert page.locator(".mtl").get_attribute("data-shown") == "0"
