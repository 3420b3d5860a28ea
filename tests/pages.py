"""The pages of the built book: which are opened, in which theme, and what the tests of one depend on, as one number.

Two builds of the same sources give the same page, but for the numbers by which its widgets know one another.
"""

import hashlib
import json
import os
import re
from functools import cache
from pathlib import Path

from fingerprints import ROOT, code_of_all, digest
from unchanged import commit, share

SITE = Path(os.environ.get("MTL_SITE", ROOT / "_build/html"))
PAGES = sorted(page.relative_to(SITE).as_posix() for page in (SITE / "book").rglob("*.html"))
GENERATED = [page for page in PAGES if page.startswith("book/reference/api/")]
ALL = bool(os.environ.get("MTL_ALL"))
CARRIED = [page for page in PAGES if page not in GENERATED or ALL or page in share(GENERATED, commit(), 8)]
THEMES = {page: ("light", "dark") if ALL else ("dark",) if page in share(CARRIED, commit(), 2) else ("light",) for page in CARRIED}
TESTS = ("tests/book/test_site.py", "tests/book/conftest.py")
DRAWN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
STATES = re.compile(r'(<script type="application/vnd.jupyter.widget-state\+json">)(.*?)(</script>)', re.DOTALL)


def page_of(test: str) -> str:
    """The page that a test of `tests/book/test_site.py` opens, and the themes in which it does; "" if it opens none, or many."""
    file, _, rest = test.partition("::")
    found = re.search(r"\[([\w/.-]+\.html)\]$", rest)
    return " in ".join([found[1], *THEMES.get(found[1], ())]) if file == TESTS[0] and found else ""


def of_page(page: str) -> str:
    """Fingerprint a built page ("book/intro.html in dark"): its text and pictures, all scripts and styles, the tests, the pins."""
    text = STATES.sub(lambda found: sorted_states(found[2]), DRAWN.sub("#", (SITE / page.partition(" ")[0]).read_text(encoding="utf-8")))
    pictures = [SITE / "_images" / name for name in sorted(set(re.findall(r"_images/([\w.-]+)", text)))]
    return digest(text, *map(content_of, pictures), around())


def sorted_states(text: str) -> str:
    """The states of a page's widgets, in an order that their numbers don't decide.

    All numbers are one here, so a dict won't do. Script and style lie with one widget of each kind, whichever comes first.
    """

    def ordered(pairs: list[tuple[str, object]]) -> list[tuple[str, object]]:
        return sorted([pair for pair in pairs if pair[0] not in ("_css", "_esm")], key=json.dumps)

    return json.dumps(json.loads(text, object_pairs_hook=ordered))


@cache
def around() -> str:
    """Fingerprint what all pages have in common."""
    widgets = [one for one in (ROOT / "mtl_tutor/widgets").iterdir() if one.suffix in (".js", ".css")]
    files = [one for one in (*sorted((SITE / "_static").rglob("*")), *sorted(widgets)) if one.is_file()]
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return digest(*map(content_of, files), code_of_all(ROOT / name for name in TESTS), pins)


def content_of(file: Path) -> str:
    """Fingerprint a file's bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
