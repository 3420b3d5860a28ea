"""The built book in a real browser, with every other host cut off."""

import base64
import html
import io
import json
import re
import zlib
from pathlib import Path
from urllib.parse import urlparse

import nbformat
import numpy as np
import pytest
from PIL import Image
from portable import claims_of, verdicts_that_differ

from mtl_tutor import widgets
from mtl_tutor.results import Curves
from mtl_tutor.widgets import explore

EMPTY_CARDS = """() => [...document.querySelectorAll(".cell_output > .output")].filter((box) => box.offsetHeight
  && !box.innerText.trim() && !box.querySelector("svg, img, canvas")).length"""
MAX_PAGE = 2_700_000
MAX_STYLES = 200_000  # three times as much before what no page uses is taken out
ROOT = Path(__file__).parents[2]


# ---- every page ------------------------------------------------------------------------------------------------------


def test_only_the_page_of_answers_loads_the_search_index_and_it_finds_what_is_there(visit, address, site):
    loads = {page.relative_to(site).as_posix() for page in site.rglob("*.html") if "searchindex.js" in page.read_text(encoding="utf-8")}
    assert loads == {"search.html"}
    seen = visit(f"{address}/search.html?q=eavesdropping")
    seen.page.wait_for_selector("#search-results li a")
    assert seen.errors == []


def test_a_page_asks_no_other_host_logs_no_error_and_is_not_heavy(desk, address, site):
    check_quiet_and_light(desk, address, site)


def test_so_does_the_front_door(visit, address, site):
    check_quiet_and_light(visit(f"{address}/index.html"), address, site)


def check_quiet_and_light(seen, address, site):
    seen.page.wait_for_timeout(400)  # for what a script asks for late
    assert seen.foreign == []
    assert seen.errors == []
    files = {urlparse(url).path.lstrip("/") for url in seen.fetched if url.startswith(address)}
    weights = {file: (site / file).stat().st_size for file in files if (site / file).is_file()}
    assert sum(weights.values()) <= MAX_PAGE, sorted(weights.items(), key=lambda pair: -pair[1])[:6]
    assert sum(weight for file, weight in weights.items() if file.endswith(".css")) <= MAX_STYLES


def test_no_cell_of_a_page_failed(site, name):
    assert "Traceback (most recent call last)" not in re.sub(r"<[^>]+>", "", (site / name).read_text(encoding="utf-8"))


def test_a_page_repeats_the_verdicts_that_its_chapter_keeps(site, notebook):
    source = (ROOT / notebook).with_suffix(".ipynb")
    cells = [cell for cell in nbformat.read(source, as_version=4).cells if "keep_output" in cell.metadata.get("tags", [])]
    kept = [output.text for cell in cells for output in cell.outputs]
    shown = re.findall(r'tag_keep_output.*?cell_output.*?<pre>(.*?)</pre>', (site / notebook).read_text(encoding="utf-8"), re.DOTALL)
    assert len(shown) == len(kept)
    for here, there in zip(shown, kept, strict=True):
        text = html.unescape(re.sub(r"<[^>]+>", "", here))
        assert verdicts_that_differ(text, there, claims_of(source.relative_to(ROOT).as_posix())) == []


def test_what_a_cell_prints_is_indented_where_a_line_goes_on(browser):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    css = (ROOT / "book/assets/mtl.css").read_text(encoding="utf-8")
    page.set_content(f"<style>{css}</style><div class='cell_output'><pre>{'a word ' * 20}\nb</pre></div>")
    lefts = page.evaluate(
        """() => {
          const text = document.querySelector("pre").firstChild, range = document.createRange();
          range.selectNodeContents(text);
          return [...range.getClientRects()].filter((box) => box.width).map((box) => box.left);
        }"""
    )
    page.close()
    assert lefts[0] == lefts[-1] < min(lefts[1:-1])


@pytest.mark.carried
def test_what_the_book_adds_to_the_theme_breaks_no_rule_of_wcag(desk, chapter, themes):
    for theme in themes[chapter]:
        in_theme(desk, theme)
        check_wcag(desk)
    in_theme(desk, "light")


def test_no_empty_card_stands_in_the_dark(desk):
    in_theme(desk, "dark")
    empty = desk.page.evaluate(EMPTY_CARDS)
    in_theme(desk, "light")
    assert not empty, "outputs without content, behind which the theme puts a card"


def in_theme(seen, theme):
    """Let the reader's system ask for a theme, and wait until the page has it."""
    seen.page.emulate_media(color_scheme=theme)
    seen.page.wait_for_function("(theme) => document.documentElement.dataset.theme === theme", arg=theme)


def check_wcag(seen):
    closed = seen.page.locator(".mtl-numbers:not([open]) > summary:visible")
    while closed.count():
        closed.first.press("Enter")
    seen.page.evaluate("scrollTo(0, 0)")  # else a control may lie under the theme's sticky header, where axe finds it too small
    assert seen.breaches() == []


def test_a_phone_shows_a_page_without_scrolling_sideways_and_controls_a_finger_can_hit(phone):
    page = phone
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in page.locator(".mtl :is(input, select, button, summary):visible").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    titles = """() => [...document.querySelectorAll(".prev-next-title")].map((title) => {
        const words = document.createRange(); words.selectNodeContents(title); return words.getBoundingClientRect().right; })"""
    assert max(page.evaluate(titles), default=0) <= 390
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("svg.mtl-still text, .mtl-plot text")].map((text) =>
             parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a / Math.abs(Math.cos(
             Math.atan2(text.getScreenCTM().b, text.getScreenCTM().a))))"""
    )
    assert min((size for size in sizes if np.isfinite(size) and size > 1), default=9) >= 8.9


def test_a_formula_is_no_wider_than_a_phone(phone):
    if "MathJax" in phone.content():
        phone.wait_for_function("() => window.MathJax?.startup?.promise", timeout=30_000)
        phone.evaluate("() => MathJax.startup.promise")
    ends = """(formulas) => formulas.map((formula) => [formula.getBoundingClientRect().right,
                formula.closest("section").querySelector("h1, h2").textContent])"""
    assert [section for right, section in phone.locator("mjx-math").evaluate_all(ends) if right > 390] == []


def test_no_word_of_a_neighbours_title_is_torn_on_a_phone(phone):
    torn = """() => [...document.querySelectorAll(".prev-next-title")].flatMap(({ firstChild: text }) =>
      [...text.data.matchAll(/[^\\s-]+/g)].filter((word) => {
        const range = document.createRange();
        range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
        return range.getClientRects().length > 1;
      }).map((word) => word[0]))"""
    assert phone.evaluate(torn) == []


def test_a_table_is_no_wider_than_a_phone(phone):
    wide = """(boxes) => boxes.filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent.slice(0, 60))"""
    assert phone.locator(".pst-scrollable-table-container").evaluate_all(wide) == []


def test_no_table_is_only_a_head(desk):
    bare = """(tables) => tables.filter((table) => !table.querySelector("td")).map((table) => table.textContent)"""
    assert desk.page.locator(".bd-article table.table").evaluate_all(bare) == []


def test_no_line_begins_with_a_full_stop_after_a_formula_or_with_a_headings_link(desk):
    torn = """() => {
      const box = (text, from, to) => {
        const range = document.createRange();
        range.setStart(text, from); range.setEnd(text, to);
        return range.getBoundingClientRect();
      };
      const formulas = [...document.querySelectorAll(".bd-article span.math")];
      const marked = formulas.filter((formula) => /^[.,;:)]/.test(formula.nextSibling?.data ?? ""));
      const links = [...document.querySelectorAll(".bd-article a.headerlink")].filter((link) => link.previousSibling?.data);
      return [
        ...marked.filter((formula) => box(formula.nextSibling, 0, 1).left < formula.getBoundingClientRect().right - 2),
        ...links.filter((link) => link.getBoundingClientRect().top > box(link.previousSibling, 0, link.previousSibling.length).bottom - 2),
      ].map((node) => node.parentElement.parentElement.textContent.slice(0, 60));
    }"""
    assert desk.page.evaluate(torn) == []


def test_no_code_is_cut_at_its_side_on_a_laptop(desk):
    cut = """(cells) => cells.filter((cell) => cell.offsetHeight && cell.scrollWidth > cell.clientWidth + 1)
                             .map((cell) => cell.textContent.slice(0, 60))"""
    assert desk.page.locator(".cell:not(.tag_hide-cell, .tag_hide-input) > .cell_input pre").evaluate_all(cut) == []


def test_every_picture_says_in_words_what_it_shows(desk):
    silent = desk.page.evaluate(
        """() => [...document.querySelectorAll(".bd-article :is(img, svg)")]
          .filter((node) => !node.closest("mjx-container, [aria-hidden=true], button, a.headerlink") && !node.parentElement.closest("svg"))
          .filter((node) => !(node.getAttribute("alt") || node.getAttribute("aria-label") || "").trim())
          .map((node) => node.outerHTML.slice(0, 200))"""
    )
    assert silent == []


# ---- every widget: what is drawn is what was recorded ----------------------------------------------------------------


def recordings(html):
    """The saved state of every recorded widget that a page shows, in the order of the page; the playground records nothing."""
    kind, states = r'<script type="application/vnd\.jupyter\.widget-{}\+json">(.*?)</script>', {}
    for text in re.findall(kind.format("state"), html, re.DOTALL):
        states |= json.loads(text)["state"]
    shown = [states[json.loads(text)["model_id"]] for text in re.findall(kind.format("view"), html, re.DOTALL)]
    return [state for state in shown if "axes" in state["state"]["spec"]]


def recorded(state, index):
    """The numbers of one setting, decoded here as the page has to: layer after layer, the last axis fastest."""
    spec, data = state["state"]["spec"], zlib.decompress(base64.b64decode(state["buffers"][0]["data"]))
    grid, start, layers = [len(axis["labels"]) for axis in spec["axes"]], 0, {}
    if offsets := spec["shared"].get("offsets"):
        at = np.ravel_multi_index(index, grid)
        return np.array(Image.open(io.BytesIO(data[offsets[at] : offsets[at + 1]])).convert("RGBA"))
    for layer in spec["layers"]:
        shape = [*grid, *layer["shape"]]
        codes = np.frombuffer(data, "<" + layer["type"], np.prod(shape, dtype=int), start).reshape(shape)
        start += codes.nbytes
        values = codes[tuple(index)].astype(float)
        if layer["type"] == "u2":
            values = np.where(values == 65535, np.nan, layer["low"] + values / 65534 * (layer["high"] - layer["low"]))
        layers[layer["name"]] = values
    return layers


def ruler(widget, axis, log=False):
    """From a number to its place in the picture, read off the axis as a reader does."""
    ticks = [(node.text_content().replace("−", "-"), node.get_attribute(axis)) for node in widget.locator(f"text.mtl-{axis}").all()]
    numbers, places = np.array([[float(number), float(place)] for number, place in ticks]).T
    scale = np.log10 if log else np.asarray
    slope, origin = np.polyfit(scale(numbers), places - (4.5 if axis == "y" else 0), 1)
    return lambda values: origin + slope * scale(values)


def attributes(widget, selector, *names):
    found = widget.locator(selector).evaluate_all(
        "(nodes, names) => nodes.map((node) => names.map((name) => node.getAttribute(name)))", names
    )
    return np.array(found, dtype=float).reshape(-1, len(names))


def check_curves(widget, shared, layers):
    place, log = ruler(widget, "y", shared["yscale"] == "log"), shared["yscale"] == "log"
    for name, line in zip(shared["names"], layers["y"], strict=True):
        if name in shared.get("dots", ()):
            heights = attributes(widget, f'g[data-name="{name}"] circle', "cy")[:, 0]
            np.testing.assert_allclose(heights, place(line[np.isfinite(line)]), rtol=1e-4, atol=0.3)
            continue
        path = widget.locator(f'path.mtl-line[data-name="{name}"]').get_attribute("d")
        drawn = [float(y) for y in re.findall(r"[ML]\S+ (\S+?)(?=[ML]|$)", path)]
        known = np.isfinite(line) & (line > 0 if log else True)
        np.testing.assert_allclose(drawn, place(line[known]), rtol=1e-4, atol=0.3)


def check_bars(widget, shared, layers):
    drawn = attributes(widget, "circle.mtl-dot[data-name]", "cx")[:, 0]
    np.testing.assert_allclose(drawn, ruler(widget, "x")(layers["estimate"]), atol=0.3)
    boxes = attributes(widget, "rect.mtl-band", "x", "width")
    edges = ruler(widget, "x")(np.stack([layers["low"], layers["high"]]))
    np.testing.assert_allclose([boxes[:, 0], boxes.sum(axis=1)], edges, atol=0.3)


def check_map(widget, shared, layers):
    known = np.isfinite(layers["points"]).all(axis=1)
    wanted = np.column_stack([ruler(widget, axis)(layers["points"][known, k]) for k, axis in enumerate("xy")])
    np.testing.assert_allclose(attributes(widget, "circle.mtl-point", "cx", "cy"), wanted, atol=0.3)
    for kind, name in enumerate(shared["names"]):
        assert f"{name}: {(layers['kinds'] == kind).sum()} of {len(known)}" in widget.locator(".mtl-legend").text_content()
    assert widget.locator("canvas").bounding_box()["height"] > 150


def check_image(widget, shared, pixels):
    url = widget.locator("img").evaluate(
        """async (image) => {
             await image.decode();
             const canvas = Object.assign(document.createElement("canvas"), {width: image.naturalWidth, height: image.naturalHeight});
             canvas.getContext("2d").drawImage(image, 0, 0);
             return canvas.toDataURL();
           }"""
    )
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))), pixels)


def check_drawn(widget, state):
    """Compare the picture with the recording; return where the controls stand."""
    shared, index = state["state"]["spec"]["shared"], [int(at) for at in widget.get_attribute("data-shown").split(",")]
    check = {"curves": check_curves, "bars": check_bars, "map": check_map, "image": check_image}[shared["kind"]]
    check(widget, shared, recorded(state, index))
    return index


def test_every_control_answers_the_keyboard_with_what_was_recorded(desk, site, chapter):
    page, states = desk.page, recordings((site / chapter).read_text(encoding="utf-8"))
    widgets = page.locator(".mtl[data-mode]")  # the map and the playground have tests of their own
    assert widgets.count() == len(states)
    for number, state in enumerate(states):
        widget, spec = widgets.nth(number), state["state"]["spec"]
        assert widget.get_attribute("data-mode") == "replay"
        assert check_drawn(widget, state) == [axis["start"] for axis in spec["axes"]]
        for k, axis in enumerate(spec["axes"]):
            row, last, before = widget.locator(".mtl-row").nth(k), len(axis["labels"]) - 1, check_drawn(widget, state)
            if axis["kind"] == "range":
                for key, wanted in (("Home", 0), ("ArrowRight", 1), ("End", last)):
                    row.locator("input").press(key)
                    assert check_drawn(widget, state)[k] == wanted
                    assert row.locator("output").text_content() == axis["labels"][wanted]
            elif axis["kind"] == "switch":
                row.locator("input").press("Space")
                assert check_drawn(widget, state)[k] == 1 - before[k]
            else:
                row.locator("select, input:checked").press("ArrowUp" if before[k] == last else "ArrowDown")
                assert abs(check_drawn(widget, state)[k] - before[k]) == 1


def test_every_slider_can_play_and_pause(desk):
    page = desk.page
    pairs = [(widget, button) for widget in page.locator(".mtl").all() for button in widget.locator("button.mtl-play").all()]
    for widget, button in pairs:
        before = widget.get_attribute("data-shown")
        button.press("Enter")
        page.wait_for_function("([node, before]) => node.dataset.shown !== before", arg=[widget.element_handle(), before])
        button.press("Space")
        assert button.get_attribute("aria-pressed") == "false"
        paused = widget.get_attribute("data-shown")
        page.wait_for_timeout(500)
        assert widget.get_attribute("data-shown") == paused


@pytest.mark.carried
def test_a_page_works_from_a_folder_without_a_server(visit, site, chapter):
    seen = visit((site / chapter).as_uri())
    assert seen.foreign == []
    for slider in seen.page.locator(".mtl input[type=range]:visible").all():
        least, step = float(slider.get_attribute("min") or 0), float(slider.get_attribute("step") or 1)
        slider.press("Home")
        slider.press("ArrowRight")
        assert float(slider.input_value()) == pytest.approx(least + step)


# ---- the same widget with a kernel -----------------------------------------------------------------------------------

LIVE = """async ({esm, css, state, data}) => {
  const heard = {}, values = {...state, data: Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))};
  const model = {
    get: (name) => values[name],
    set: (name, value) => { values[name] = value; (heard[`change:${name}`] ?? []).forEach((listener) => listener()); },
    on: (event, listener) => (heard[event] ??= []).push(listener), off: () => {}, save_changes: () => {},
    send: async (message) => {
      for (const [content, buffers] of await kernel(message))
        heard["msg:custom"].forEach((tell) => tell(content, buffers.map((b) => new DataView(Uint8Array.from(b).buffer))));
    },
  };
  document.head.append(Object.assign(document.createElement("style"), {textContent: css}));
  const module = await import(URL.createObjectURL(new Blob([esm], {type: "text/javascript"})));
  module.default.render({model, el: document.body});
}"""


@pytest.fixture
def live(browser):
    """Put a widget into an empty page and connect it with its Python half."""
    context = browser.new_context()

    def connect(explorer):
        page, heard = context.new_page(), []
        explorer.send = lambda content, buffers=None: heard.append([content, [list(buffer) for buffer in buffers or []]])

        def kernel(message):
            heard.clear()
            explorer.comm.handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})
            return heard

        page.expose_function("kernel", kernel)
        state = json.loads(json.dumps({"spec": explorer.spec, "index": explorer.index}))
        data = base64.b64encode(explorer.data).decode()
        source = Path(widgets.__file__)
        code = {kind: source.with_name(f"explorer.{file}").read_text(encoding="utf-8") for kind, file in (("esm", "js"), ("css", "css"))}
        page.evaluate(LIVE, code | {"state": state, "data": data})
        page.wait_for_selector(".mtl[data-mode=live]")
        return page.locator(".mtl")

    yield connect
    context.close()


X = np.linspace(0.0, 1.0, 11)


def slope(a=0.0):
    if a > 1.5:
        raise ZeroDivisionError("too steep")
    return Curves(X, {"A": a * X}, xlabel="x", ylabel="y", ylim=(0, 2))


def heights(widget):
    path = widget.locator("path.mtl-line[data-name=A]").get_attribute("d")
    return [float(y) for y in re.findall(r"[ML]\S+ (\S+?)(?=[ML]|$)", path)]


def test_a_live_widget_computes_between_the_recorded_points(live):
    widget = live(explore(slope, title="Slope", record=True, a=(0.0, 1.0, 0.5)))
    widget.get_by_label("between the recorded points").press("Space")
    widget.locator("input[type=range]").press("ArrowRight")
    widget.page.wait_for_selector(".mtl[data-shown='0.1']")
    np.testing.assert_allclose(heights(widget), ruler(widget, "y")(0.05 * X), atol=0.3)
    assert widget.locator("output").text_content() == "0.05"
    widget.get_by_label("between the recorded points").press("Space")
    assert widget.get_attribute("data-shown") == "0"


def test_an_unrecorded_widget_computes_what_it_shows_and_shows_what_went_wrong(live):
    widget = live(explore(slope, title="Slope", record=False, a=(0.0, 2.0, 0.5)))
    widget.page.wait_for_selector(".mtl[data-shown='0']")
    for at in (1, 2, 3):
        widget.locator("input[type=range]").press("ArrowRight")
        widget.page.wait_for_selector(f".mtl[data-shown='{at}']")
        np.testing.assert_allclose(heights(widget), ruler(widget, "y")(0.5 * at * X), atol=0.3)
    widget.locator("input[type=range]").press("ArrowRight")
    widget.get_by_text("ZeroDivisionError: too steep").wait_for()
    widget.locator("input[type=range]").press("ArrowLeft")
    assert widget.locator(".mtl-trouble").text_content() == ""


def test_of_many_questions_only_the_first_and_the_last_are_asked(live):
    asked = []

    def counted(a=0):
        asked.append(a)
        return slope(a / 100)

    widget = live(explore(counted, title="Slope", record=False, a=(0, 100)))
    widget.page.wait_for_selector(".mtl[data-shown='0']")
    asked.clear()
    widget.locator("input[type=range]").evaluate(
        "(slider) => { for (let at = 1; at <= 50; at++) { slider.value = at; slider.dispatchEvent(new Event('input')); } }"
    )
    widget.page.wait_for_selector(".mtl[data-shown='50']")
    assert asked == [1, 50]
