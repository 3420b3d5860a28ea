"""A plugin of pytest for ``make test``: leave out what passed before and hasn't changed since, and say so.

It concerns tests/claims, unit tests and doctests, and the pages of the book in a browser: what gives the same
answer each time, as long as its code, its data and the pins are the same.
What last passed is written down in tests/passed.json: path -> fingerprint (tests/fingerprints.py). Of the
unchanged ones, a third runs all the same; which third, the commit decides.

    python -m pytest -p unchanged FILE...                   what changed, and a third of the rest
    python -m pytest -p unchanged --everything FILE...      all
    python -m pytest -p unchanged --draw 3 NOTEBOOK...      three of the chapters; nothing is written down
    python -m pytest -p unchanged --stage WORD FILE...      a run of its own: what passed in another isn't left out

Plain ``pytest`` doesn't load it and runs everything.
"""

import hashlib
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PASSED = ROOT / "tests/passed.json"
COSTS = (
    ROOT / "_build/costs.json"
)  # CPU seconds of each chapter when the book was last built, without ".ipynb"
SHARES = 3
UNITS = ("balancing", "cli", "comparison", "contracts", "exercises", "experiments", "plots", "recipes", "results", "sharing", "statistics")
UNITS += ("tasks", "training", "widgets")
READ_PAGES = ("tests/exercises/test_notebooks.py",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("unchanged")
    group.addoption("--everything", action="store_true", help="leave nothing out because it is unchanged")
    group.addoption("--draw", type=int, metavar="N", help="run N of the notebooks, drawn by the commit")
    group.addoption("--stage", default="", metavar="WORD", help="remember this run apart from others")


def pytest_configure(config: pytest.Config) -> None:
    """Start the plugin's memory of this run."""
    config.pluginmanager.register(Unchanged(config), "unchanged-memory")


# ---- choices -------------------------------------------------------------------------------------


@cache
def commit() -> str:
    """The hash of the commit that is checked out ("" outside a repository); MTL_COMMIT overrides it."""
    git = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    return (
        os.environ.get("MTL_COMMIT")
        or subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    )


def drawn(names: Iterable[str], key: str) -> list[str]:
    """The names in an order that looks random and that `key` decides."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{key} {name}".encode()).hexdigest())


def share(names: Sequence[str], key: str, shares: int = SHARES) -> set[str]:
    """One of `shares` equal parts of the names, rounded up."""
    return set(drawn(names, key)[: -(-len(names) // shares)])


def fingerprint_of(name: str) -> str:
    """The fingerprint of a module of tests, by its path from the root."""
    from fingerprints import of_test, of_unit  # late: the shape checker has to see the package before it is imported

    if is_page(name):
        from pages import of_page

        return of_page(place_of(name))
    return (of_test if name.startswith("tests/claims/") else of_unit)(ROOT / place_of(name))


def place_of(name: str) -> str:
    """The path of what is remembered, without the stage that follows it in brackets."""
    return name.partition(" (")[0]


def is_page(name: str) -> bool:
    """Whether a name is that of a built page."""
    return ".html" in name


def subject_of(test: str) -> str:
    """What a test is about, by its name: the page that it opens in a browser, or else its own file."""
    from pages import page_of  # late: it imports this module

    return page_of(test) or test.partition("::")[0]


def is_there(name: str) -> bool:
    """Whether what passed once still exists."""
    from pages import SITE

    return ((SITE if is_page(name) else ROOT) / place_of(name).partition(" ")[0]).is_file()


def unchanged(names: Iterable[str], passed: Mapping[str, str]) -> list[str]:
    """The names whose fingerprint is what it was when they last passed."""
    return [name for name in names if name in passed and passed[name] == fingerprint_of(name)]


def last_passed(file: Path = PASSED) -> dict[str, str]:
    """What last passed: path -> fingerprint."""
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def remembered(name: str) -> bool:
    """Whether a file or page is one of those that may be left out. A recording's point is drawn anew each time.

    Tests that read the repository's files, such as pages, aren't among them.
    """
    if is_page(name):
        return True
    claims = name.startswith("tests/claims/") and not name.endswith("test_recordings.py")
    units = name.startswith("mtl_tutor/") or (name.startswith("tests/") and name.split("/")[1] in UNITS)
    return (claims or units) and place_of(name) not in READ_PAGES


# ---- a run ---------------------------------------------------------------------------------------


class Unchanged:
    """What one run leaves out, and what passed in it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.everything, self.n_drawn = config.getoption("everything"), config.getoption("draw")
        self.stage = f" ({config.getoption('stage')})" if config.getoption("stage") else ""
        self.in_part = bool(config.getoption("keyword")) or any("::" in one for one in config.args)
        self.left_out: set[str] = set()
        self.collected: dict[str, int] = {}
        self.passed: Counter[str] = Counter()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect the tests of what is left out, after marks have selected."""
        within = [item for item in items if item.path.is_relative_to(ROOT)]
        places = {item: subject_of(f"{item.path.relative_to(ROOT).as_posix()}::{item.name}") + self.stage for item in within}
        self.collected = Counter(place for place in places.values() if self.n_drawn is not None or remembered(place))
        self.left_out = self.choose(sorted(self.collected))
        gone = [item for item in items if places.get(item) in self.left_out]
        if gone:
            config.hook.pytest_deselected(items=gone)
            items[:] = [item for item in items if places.get(item) not in self.left_out]
        costs = json.loads(COSTS.read_text(encoding="utf-8")) if COSTS.is_file() else {}
        items.sort(
            key=lambda item: -costs.get(places.get(item, "").removesuffix(".ipynb"), 0)
        )  # two processes end together

    def choose(self, names: Sequence[str]) -> set[str]:
        """The files to leave out."""
        if self.everything:
            return set()
        if self.n_drawn is not None:
            return set(drawn(names, commit())[self.n_drawn :])
        same = unchanged(names, last_passed())
        return set(same) - share(same, commit())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the tests that passed, file by file."""
        if report.when == "call" and report.passed:
            self.passed[subject_of(report.nodeid) + self.stage] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write down what passed; one of several processes tells the first what it saw."""
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["unchanged"] = [sorted(self.left_out), dict(self.collected)]
        elif self.n_drawn is None and not self.in_part and not self.config.option.collectonly:
            self.write_down()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Hear what another process saw."""
        left_out, self.collected = getattr(node, "workeroutput", {}).get("unchanged", [(), self.collected])
        self.left_out |= set(left_out)

    def write_down(self) -> None:
        """Add the files of which every test passed; forget those that are gone or failed."""
        ran = set(self.collected) - self.left_out
        whole = {name for name in ran if self.passed[name] == self.collected[name]}
        before = last_passed()
        kept = {name: mark for name, mark in before.items() if is_there(name) and name not in ran}
        now = dict(sorted({**kept, **{name: fingerprint_of(name) for name in whole}}.items()))
        if now != before:
            PASSED.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List what was left out."""
        if self.left_out:
            why = (
                "not drawn by this commit"
                if self.n_drawn is not None
                else "passed before and unchanged since"
            )
            terminalreporter.section(f"left out: {why} ({len(self.left_out)})")
            for name in sorted(self.left_out):
                terminalreporter.line(name)
