"""How long a reader waits for the first widget of each page: ``python -m benchmarks.page`` (after ``make book``).

The page comes from this machine and the browser starts with an empty cache, so that what is measured is parsing,
formulas and drawing, not the network. Printed per page: the median of seven visits in ms, the fastest and the slowest.
"""

import functools
import http.server
import shutil
import statistics
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

SITE = Path("_build/html")
VISITS = 7
WATCH = """new MutationObserver((_, watch) => {
  if (!document.querySelector(".mtl-host[data-ready]")) return;
  window.firstWidget = performance.now();
  watch.disconnect();
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"]})"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and keeps silent."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def main() -> None:
    """Visit each page that has a widget and print how long the first one took."""
    pages = [page for page in sorted((SITE / "book").rglob("*.html")) if "jupyter.widget-view" in page.read_text(encoding="utf-8")]
    if not pages:
        raise SystemExit(f"`{SITE}` holds no page with a widget. Run `make book` first.")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"])
        for page in pages:
            url = f"http://127.0.0.1:{server.server_address[1]}/{page.relative_to(SITE).as_posix()}"
            times = sorted(first_widget(browser, url) for _ in range(VISITS))
            print(f"{statistics.median(times):6.0f} ms  ({times[0]:.0f} to {times[-1]:.0f})  {page.relative_to(SITE)}")
        browser.close()
    server.shutdown()


def first_widget(browser: Any, url: str) -> float:
    """Open a page in a fresh profile; return the ms until its first widget was drawn."""
    context = browser.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("window.firstWidget")
    ms = page.evaluate("window.firstWidget")
    context.close()
    return ms


if __name__ == "__main__":
    main()
