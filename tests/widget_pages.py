"""A widget in a page of its own, with the book's host, for the tests of single widgets in a browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, Page

HOST = Path(__file__).parents[1] / "book/assets/mtl-host.js"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><meta name="viewport" content="width=device-width"><title>A widget</title>
<style>:root {{ color-scheme: {theme}; --pst-color-background: {paper}; --pst-color-text-base: {ink}; }}
body {{ background: {paper}; color: {ink}; }}</style>
<body><main><h1>A widget</h1>
<script type="application/vnd.jupyter.widget-state+json">{state}</script>
<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "one"}}</script></main><script>{host}</script></body></html>"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def html_of(widget: Any, theme: str) -> str:
    """A page as the book builds it."""
    state = {name: getattr(widget, name) for name in ("spec", "setting")}
    state |= {"_esm": str(widget._esm), "_css": str(widget._css), "_anywidget_id": "one"}
    written = json.dumps({"state": {"one": {"model_name": "AnyModel", "state": state}}}).replace("</", "<\\/")
    paper, ink = ("#ffffff", "#222222") if theme == "light" else ("#14181e", "#ced6dd")
    return PAGE.format(theme=theme, paper=paper, ink=ink, state=written, host=HOST.read_text(encoding="utf-8"))


@contextmanager
def pages_of(browser: Browser) -> Iterator[Any]:
    """A function that opens a widget at an address; no page may log an error or ask another host."""
    contexts, errors = [], []

    def opened(widget: Any, query: str = "", theme: str = "light", before: str = "", **settings: Any) -> Page:
        contexts.append(browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | settings)))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
        body = html_of(widget, theme)
        page.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto(f"http://widget.test/?{query}")
        page.wait_for_selector(".mtl-host[data-ready] .mtl-pg")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


IN_A_NOTEBOOK = """async ([source, css, state]) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const { render } = (await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })))).default;
  window.saved = [];
  const model = { get: (name) => state[name], set: (name, value) => (state[name] = value), save_changes: () => saved.push(state.setting) };
  await render({ model, el: document.body });
}"""


def in_a_notebook(browser: Browser, widget: Any) -> Page:
    """A page in which a widget is drawn as a notebook draws it: with a model and without the book's host."""
    page = browser.new_page()
    page.set_default_timeout(20_000)
    state = {name: getattr(widget, name) for name in ("spec", "setting")}
    page.evaluate(IN_A_NOTEBOOK, [str(widget._esm), str(widget._css), json.loads(json.dumps(state))])
    return page


def breaches(page: Page) -> list[tuple[str, list]]:
    """What breaks a rule of WCAG in the widget."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("(runOnly) => axe.run('.mtl-pg', { runOnly })", WCAG)["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


def too_small(page: Page) -> list[str]:
    """Controls that a finger may miss: lower than 44 px."""
    return page.locator(".mtl-pg :is(button, input, select)").evaluate_all(
        "all => all.filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 80))"
    )


def functions_of(browser: Browser, widget: Any, parts: str) -> Page:
    """An empty page in which a widget's own functions can be called."""
    page = browser.new_page()
    source = str(widget._esm).replace('export default { render: begun(start, "The widget") };', f"return {parts};")
    page.add_script_tag(content=f"const {parts} = (() => {{ {source} }})();")
    return page
