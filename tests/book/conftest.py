"""The built book, a server of it, and a browser that reaches nothing else."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

SITE = Path(os.environ.get("MTL_SITE", Path(__file__).parents[2] / "_build" / "html"))
PAGES = sorted(page.relative_to(SITE).as_posix() for page in (SITE / "book").rglob("*.html"))
QUIET = ["quic", "background-networking", "component-update", "sync", "gpu"]
CHROMIUM = ["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
CHROMIUM += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # no other host is there
OURS = ("http://127.0.0.1", "file:", "data:", "blob:")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `name` once for each page, one that takes `chapter` once for each page with content."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", [*PAGES, "index.html"])
    if "chapter" in metafunc.fixturenames:
        metafunc.parametrize("chapter", PAGES or ["the book"])


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


@pytest.fixture
def visit(contexts: Callable[..., BrowserContext]) -> Iterator[Callable[..., Visit]]:
    """Open an address in a new page; further arguments are those of a browser context."""
    pages = []

    def open_page(url: str, **settings: Any) -> Visit:
        pages.append(contexts(**({"viewport": {"width": 1280, "height": 900}} | settings)).new_page())
        visit = Visit(pages[-1])
        visit.page.set_default_timeout(20_000)
        visit.page.goto(url)
        visit.settle()
        return visit

    yield open_page
    for page in pages:
        page.close()
