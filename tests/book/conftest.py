"""The built book, a server of it, and a browser that reaches nothing else."""

import functools
import hashlib
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from pages import ALL, CARRIED, PAGES, ROOT, SITE, THEMES
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from unchanged import commit

QUIET = ["quic", "background-networking", "component-update", "sync", "gpu"]
CHROMIUM = ["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
CHROMIUM += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # no other host is there
OURS = ("http://127.0.0.1", "file:", "data:", "blob:")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ROWS, TOKENS = 12, 1  # so many rows and entries of one kind are scanned, and coloured tokens, whose style is that of every page


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each page.

    What takes `name` looks at a file, what takes `notebook` at that of a chapter. What takes `chapter` opens pages with content,
    one after the other. What is marked `carried`
    opens the book's own and a few of the reference, drawn by the commit: these are made alike.
    """
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", [*PAGES, "index.html"])
    if "notebook" in metafunc.fixturenames:
        metafunc.parametrize("notebook", [page for page in PAGES if (ROOT / page).with_suffix(".ipynb").is_file()])
    if "chapter" in metafunc.fixturenames:
        rest = [] if metafunc.definition.get_closest_marker("carried") else [page for page in PAGES if page not in CARRIED]
        pages = [*CARRIED, *rest]
        metafunc.parametrize("chapter", pages or ["the book"], scope="module")  # all tests of a page, then those of the next


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and keeps silent."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built book."""
    if not PAGES:
        pytest.fail(f"`{SITE}` holds no page of the book. Run `make book` first.", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def themes() -> dict[str, tuple[str, ...]]:
    """Page -> the themes in which its colours are scanned: one, which the commit draws; both with MTL_ALL=1."""
    return THEMES


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the book is served during the tests."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as installed on this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


class Visit:
    """An open page, and what happened on the way: hosts asked, errors logged, files fetched."""

    def __init__(self, page: Page) -> None:
        self.page, self.errors, self.fetched = page, [], []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: self.fetched.append(request.url))

    @property
    def foreign(self) -> list[str]:
        """What was asked of other hosts."""
        return [url for url in self.fetched if not url.startswith(OURS)]

    def settle(self) -> None:
        """Wait for every widget and for the formulas."""
        self.page.wait_for_function(
            """() => document.readyState === "complete" && !document.querySelector("meta[http-equiv=Refresh]")
              && document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').length
                 === document.querySelectorAll(".mtl-host[data-ready]").length"""
        )
        self.page.evaluate("window.MathJax?.startup?.promise")
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def breaches(self, rules: list[str] = WCAG) -> list[tuple[str, list]]:
        """What breaks a rule of WCAG in the page's article, as it stands now: rule, and places.

        Of many rows, entries or tokens of one kind only some are there meanwhile: the commit draws them, and all are with MTL_ALL=1.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=AXE)
        number = int(hashlib.sha256(commit().encode()).hexdigest()[:8], 16)
        found = self.page.evaluate(SCAN, [rules, *((10**9, 10**9) if ALL else (ROWS, TOKENS)), number])
        return [(rule["id"], [node["target"] for node in rule["nodes"]][:5]) for rule in found["violations"]]


SCAN = """async ([runOnly, rows, tokens, number]) => {
  const groups = new Map(), gone = [], parents = new Map();
  const numbered = (node) => parents.get(node) ?? parents.set(node, parents.size).get(node);
  const lines = "tbody > tr, .mtl-claims > li, .mtl-under > li";
  const repeated = `${lines}, dl.py, .genindextable li, .highlight:not(:has(a)) span[class]`;  // a link is judged with its line
  for (const node of document.querySelectorAll(`.bd-article :is(${repeated})`)) {
    const where = node.matches("span, li") ? node.tagName : numbered(node.parentElement);
    const key = [where, node.className, node.dataset.verdict].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  for (const nodes of groups.values()) {
    const step = Math.ceil(nodes.length / (nodes[0].matches("span") ? tokens : rows));
    nodes.forEach((node, at) => { if (at % step !== number % step) gone.push([node, document.createComment("")]); });
  }
  for (const [node, place] of gone) node.replaceWith(place);
  const found = await axe.run(".bd-article", {runOnly});
  for (const [node, place] of gone.reverse()) place.replaceWith(node);
  return found;
}"""


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """One browser context for each set of settings: tests share what it has cached, not the pages."""
    made: dict[str, BrowserContext] = {}

    def context(**settings: Any) -> BrowserContext:
        key = repr(sorted(settings.items()))
        if key not in made:
            made[key] = browser.new_context(**settings)
        return made[key]

    yield context
    for one in made.values():
        one.close()


def opened(contexts: Callable[..., BrowserContext], url: str, **settings: Any) -> Visit:
    """Open an address in a new page; further arguments are those of a browser context."""
    visit = Visit(contexts(**({"viewport": {"width": 1280, "height": 900}} | settings)).new_page())
    visit.page.set_default_timeout(20_000)
    visit.page.goto(url)
    visit.settle()
    return visit


@pytest.fixture(scope="module")
def desk(contexts: Callable[..., BrowserContext], address: str, chapter: str) -> Iterator[Visit]:
    """A page of the book, opened once: its tests share it, one after the other."""
    visit = opened(contexts, f"{address}/{chapter}")
    yield visit
    visit.page.close()


@pytest.fixture(scope="module")
def phone(contexts: Callable[..., BrowserContext], address: str, chapter: str) -> Iterator[Page]:
    """A page of the book on a phone, opened once."""
    seen = opened(contexts, f"{address}/{chapter}", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield seen.page
    seen.page.close()


@pytest.fixture
def visit(contexts: Callable[..., BrowserContext]) -> Iterator[Callable[..., Visit]]:
    """Open an address in a page of the test's own; further arguments are those of a browser context."""
    visits = []

    def open_page(url: str, **settings: Any) -> Visit:
        visits.append(opened(contexts, url, **settings))
        return visits[-1]

    yield open_page
    for visit in visits:
        visit.page.close()
