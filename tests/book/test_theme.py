"""What the book adds to its theme: paper is light, the focus is seen, arrows have names, a page lives without scripts."""

import re

import pytest

DARK = {"color_scheme": "dark"}
PRINTED = ["sharing/experts-and-gates", "reference/ledger", "what/relatives"]
SHADES = """() => {
  const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const shade = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
    return [(0.2126 * r + 0.7152 * g + 0.0722 * b) / 255, a / 255];
  };
  const wrong = [];
  for (const node of document.querySelectorAll("body, body *")) {
    const style = getComputedStyle(node);
    if (!node.checkVisibility({visibilityProperty: true, opacityProperty: true}) || !node.getClientRects().length) continue;
    const [ground, thick] = shade(style.backgroundColor), [ink] = shade(node instanceof SVGElement ? style.fill : style.color);
    const words = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if ((thick > 0.3 && ground < 0.5) || (words && ink > 0.6)) wrong.push(node.outerHTML.slice(0, 120));
  }
  return [...new Set(wrong)].slice(0, 10);
}"""


# ---- paper -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("printed", PRINTED)
def test_the_dark_theme_is_printed_as_dark_words_on_a_light_ground(visit, address, printed):
    page = visit(f"{address}/book/{printed}.html", **DARK).page
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(SHADES) == []
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_browser_that_prints_asks_for_it(visit, address):
    page = visit(f"{address}/book/reference/glossary.html", **DARK).page
    page.evaluate("addEventListener('beforeprint', () => (window.seen = document.documentElement.dataset.theme))")
    assert page.pdf().startswith(b"%PDF")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate("window.seen") == "light"


def test_on_paper_code_wraps_and_cells_and_widgets_stay_whole(visit, address):
    page = visit(f"{address}/book/sharing/experts-and-gates.html", viewport={"width": 700, "height": 900}).page
    page.emulate_media(media="print")
    wide = "(nodes) => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent.slice(0, 60))"
    assert page.locator(".bd-article pre").count() > 5
    assert page.locator(".bd-article pre").evaluate_all(wide) == []
    whole = "(nodes) => nodes.every((node) => getComputedStyle(node).breakInside === 'avoid')"
    for kept in (".bd-article div.cell", ".mtl", "svg.mtl-still"):
        assert page.locator(kept).count() > 0
        assert page.locator(kept).evaluate_all(whole), kept


# ---- keys ------------------------------------------------------------------------------------------------------------

FOCUS = """() => {
  const node = document.activeElement, places = [node, ...node.querySelectorAll("*")];
  const seen = ({outlineStyle, outlineWidth, boxShadow}) => (outlineStyle !== "none" && parseFloat(outlineWidth) > 0)
    || /rgba?\\((?![^)]*, 0\\))/.test(boxShadow);
  return [node.outerHTML.slice(0, 120), node === document.body || places.some((one) => seen(getComputedStyle(one)))];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_whoever_goes_by_keys_sees_where_they_are(visit, address, scheme):
    page = visit(f"{address}/book/why/stein.html", color_scheme=scheme).page
    seen = []
    while len(seen) < 200:
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUS))
        if "copybtn" in seen[-1][0]:
            break
    assert len(seen) > 20
    assert [where for where, visible in seen if not visible] == []
    page.locator(".dropdown-toggle").first.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.locator(".dropdown-item:focus").count() == 1
    assert page.evaluate(FOCUS)[1]


@pytest.mark.parametrize("button", [".theme-switch-button", ".search-button-field", ".primary-toggle"])
def test_a_button_that_is_pressed_by_a_key_keeps_the_focus(visit, address, button):
    page = visit(f"{address}/book/why/stein.html").page
    page.locator(f"{button}:visible").first.press("Enter")
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement !== document.body")


def test_every_arrow_of_the_sidebar_has_a_name(site):
    for page in [site / "index.html", *site.glob("book/*/*.html")]:
        arrows = re.findall(r"<summary[^>]*><span class=\"toctree-toggle\"", page.read_text(encoding="utf-8"))
        assert all('aria-label="Pages of ' in arrow for arrow in arrows), page


# ---- no scripts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "n_widgets"), [("why/shared-minimum", 2), ("what/playground", 1), ("sharing/which-one", 1)])
def test_without_scripts_a_still_picture_stands_in_each_widgets_place(browser, address, page, n_widgets):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"{address}/book/{page}.html")
    stills = opened.locator("noscript img, .cell_output img[src*='still-']")
    assert stills.count() == n_widgets
    for still in stills.all():
        still.scroll_into_view_if_needed()
        assert still.bounding_box()["height"] > 150
        assert len(still.get_attribute("alt")) > 20
    context.close()


def test_no_widget_of_the_book_is_without_a_still_picture(site):
    view, still = "application/vnd.jupyter.widget-view+json", r"<noscript><img alt=\"[^\"]{20,}\" src=\"[^\"]*still-"
    pages = {page.stem: page.read_text(encoding="utf-8") for page in site.glob("book/*/*.html")}
    assert sum(text.count(view) for text in pages.values()) > 20
    assert [name for name, text in pages.items() if text.count(view) != len(re.findall(still, text))] == []
