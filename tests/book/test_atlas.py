"""The atlas in a page of a real browser: by keys, by its address, on a phone, as a picture; no kernel, no other host."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from atlases import GAINS, small_atlas

from mtl_tutor.widgets import AtlasMap
from mtl_tutor.widgets import atlas as source
from tests.book.conftest import AXE, WCAG

ROOT = Path(__file__).parents[2]
FIRST = ["SoftSharing", "HardSharing", "MMoE", "TaskTokens"]  # fewest harms first


@pytest.fixture(scope="module")
def page_of_atlas(tmp_path_factory):
    """A page as the book has them: the state of a widget, its place, and the host."""
    widget, folder = AtlasMap(small_atlas()), tmp_path_factory.mktemp("atlas")
    code = {"_esm": Path(source.__file__).with_suffix(".js").read_text(encoding="utf-8"), "_css": AtlasMap._css}
    model = {"model_name": "AnyModel", "state": {**code, "_anywidget_id": "atlas", "spec": widget.spec}}
    state = json.dumps({"state": {"one": model}}).replace("</", r"<\/")
    kind = "application/vnd.jupyter.widget"
    file = folder / "page.html"
    host = (ROOT / "book/assets/mtl-host.js").read_text(encoding="utf-8")
    file.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Atlas</title><meta name="viewport" content="width=device-width">'
        f'<body><main><h1>Atlas</h1><script type="{kind}-state+json">{state}</script>'
        f'<script type="{kind}-view+json">{{"model_id": "one"}}</script></main><script type="module">{host}</script></body></html>',
        encoding="utf-8",
    )
    return file.as_uri()


@pytest.fixture
def opened(browser, page_of_atlas):
    """Open the page with what its address asks for; the errors that it logs must be none at the end."""
    contexts, errors = [], []

    def open_page(query="", **settings):
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(page_of_atlas + query)
        page.wait_for_selector(".mtl-host[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def names(page):
    return page.locator(".mtl-atlas tbody tr:not(.mtl-control) th").all_text_contents()


def told(page):
    return page.locator(".mtl-told").text_content()


def picked(page):
    return page.locator(".mtl-mine ~ .mtl-controls label:has(:checked)").all_text_contents()


def test_rows_are_sorted_by_harm_and_every_cell_says_its_number(opened):
    page = opened()
    assert names(page) == FIRST
    cells = page.locator("td.mtl-cell").all_text_contents()
    assert len(cells) == (4 + 2) * 7
    assert all(re.fullmatch("−?[0-9]+", text) for text in cells)
    for name in GAINS:
        row = page.locator(".mtl-atlas tbody tr", has_text=name)
        assert row.locator("a").get_attribute("href") == f"page.html#{name.lower()}"
    bold = page.locator(".mtl-atlas tbody tr", has_text="SoftSharing").locator("td.mtl-gain").all_text_contents()
    assert bold == ["20", "25", "22", "15"]  # their intervals lie above 2


def test_another_order_is_chosen_and_kept_in_the_address(opened):
    page = opened()
    page.locator("select").select_option("p10-n60")
    assert names(page) == ["HardSharing", "MMoE", "SoftSharing", "TaskTokens"]
    page.wait_for_function("location.search === '?atlas.sort=p10-n60'")
    page.reload()
    page.wait_for_selector(".mtl-host[data-ready]")
    assert names(page)[0] == "HardSharing"


def test_keys_alone_reach_every_cell_and_every_choice(opened):
    page = opened()
    page.locator("select").focus()
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('td')"):
            break
    assert page.evaluate("document.activeElement.textContent") == "20"
    for key in ("ArrowDown", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == "−20"
    assert page.locator(".mtl-detail").text_content() == "MMoE. related: 6 tasks, 600 samples: errs more by 20% [15%, 25%]; harm."
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")  # there is nothing beyond
    assert page.evaluate("document.activeElement.dataset.c") == "6"
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    assert "single-task, wide" in page.locator(".mtl-detail").text_content()
    page.keyboard.press("ArrowUp")
    assert "Regret: 6% [1%, 11%]." in page.locator(".mtl-detail").text_content()
    page.locator("input[type=radio]:checked").nth(1).focus()
    page.keyboard.press("ArrowRight")
    assert picked(page)[0] == "20"


def test_three_are_suggested_with_risk_and_reason(opened):
    page = opened()
    top = page.locator(".mtl-top li")
    assert top.count() == 3
    assert top.nth(0).text_content().startswith("SoftSharing: saves 12%. Risk: no harm seen in 6 cases like yours. Each task keeps")
    page.get_by_label("yes", exact=True).check()
    assert top.nth(0).text_content().startswith("HardSharing: saves 60%. Risk: harm in 1 of 5 cases like yours, at worst −40%.")
    assert page.locator("th.mtl-near").all_text_contents() == ["6 tasks, 60"]
    page.wait_for_function("location.search === '?atlas.related=yes'")


def test_a_case_that_was_not_recorded_is_answered_by_the_nearest_and_the_page_says_so(opened):
    page = opened("?atlas.related=yes&atlas.samples=20&atlas.depth=3")
    assert page.locator(".mtl-note").text_content() == "Your case isn't recorded. The nearest: related: 6 tasks, 60 samples."
    page = opened("?atlas.tasks=15&atlas.samples=5000")
    assert picked(page)[0] == "20"
    assert picked(page)[2] == "600"
    assert told(page) == "The link asks for what wasn't recorded. Shown instead: number of tasks = 20, how many = 600."


HOSTILE = ["<img src=x onerror=alert(1)>", "1e999", "-5", "NaN", "__proto__", "constructor", "%", "0", " ", "x" * 100_000, "null\0", "6;1"]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_address_shows_the_nearest_legal_state_and_one_line(opened, value):
    names_of = ("tasks", "inputs", "samples", "related", "depth", "sort", "columns", "nobody")
    page = opened("?" + "&".join(f"atlas.{name}={quote(value)}" for name in names_of) + "&other=1")
    assert "Shown instead" in told(page)
    assert "control that this widget doesn't have" in told(page)
    assert len(told(page)) < 400
    assert names(page) == FIRST
    assert page.locator(".mtl-top li").count() == 3
    assert page.evaluate("document.querySelectorAll('img').length") == 0


def test_a_link_is_copied_or_offered_and_others_keep_theirs(opened, page_of_atlas):
    page = opened("?other=1&atlas.tasks=20")
    page.get_by_role("button", name="copy link").click()
    page.wait_for_function("document.querySelector('.mtl-told').textContent !== ''")
    page.get_by_label("half", exact=True).last.check()
    page.wait_for_function("location.search === '?other=1&atlas.tasks=20&atlas.related=half'")


def test_one_page_is_saved_as_a_picture(opened):
    page = opened()
    with page.expect_download() as download:
        page.get_by_role("button", name="save as PNG").click()
    assert download.value.suggested_filename == "atlas.png"
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert [int.from_bytes(content[at : at + 4]) for at in (16, 20)] == [1240, 1480]
    assert len(content) > 30_000  # a white page would be smaller


@pytest.mark.parametrize("group", ["related", "half", "unrelated", "real", "sum"])
def test_a_phone_shows_one_group_of_columns_without_scrolling_sideways(opened, group):
    page = opened(f"?atlas.columns={group}", viewport={"width": 390, "height": 800})
    for what in ("html", ".mtl-map-room"):
        assert page.locator(what).evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
    shown = page.locator("thead .mtl-up:visible").count()
    assert shown == {"related": 4, "half": 2, "unrelated": 3, "real": 2, "sum": 4}[group]
    assert page.locator("tbody th:visible").count() == 6


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_passes_the_rules_of_access(opened, theme):
    page = opened(color_scheme=theme)
    page.add_script_tag(path=AXE)
    found = page.evaluate("(rules) => axe.run('.mtl-host', {runOnly: rules})", WCAG)
    assert [(rule["id"], [node["target"] for node in rule["nodes"]][:3]) for rule in found["violations"]] == []


def test_print_hides_the_buttons(opened):
    page = opened()
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="save as PNG").is_visible()
    assert page.locator(".mtl-atlas").is_visible()


def test_a_notebook_has_no_address_to_write_and_no_links_to_pages(browser):
    context = browser.new_context()
    page, widget = context.new_page(), AtlasMap(small_atlas())
    code = Path(source.__file__).with_suffix(".js").read_text(encoding="utf-8")
    page.evaluate(
        """async ([code, spec]) => {
          const module = await import(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
          await module.default.render({model: {get: () => spec}, el: document.body});
        }""",
        [code, json.loads(json.dumps(widget.spec))],
    )
    assert page.locator("button").all_text_contents() == ["save as PNG"]
    assert page.locator("a").count() == 0
    assert names(page) == FIRST
    context.close()
