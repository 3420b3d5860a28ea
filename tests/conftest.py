"""What all tests share: where the repository is, and which folders are tested by which part of ``make test``."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]
collect_ignore = ["typechecker.py"]  # no tests; .venv-colab lacks beartype
PAGES = ("site", "odd_widgets", "ledger_page", "links", "theme", "firefox", "playground", "atlas", "two_gradients", "landscapes")
MARKED = {f"tests/book/test_{name}.py": "site" for name in PAGES} | {"tests/colab/": "colab"}


def pytest_configure(config: pytest.Config) -> None:
    """Let tests have toy tables: that a task has few labels is not worth an error there."""
    config.addinivalue_line("filterwarnings", "ignore:Task '.*' has:UserWarning")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser or Colab's versions, so that plain ``pytest`` leaves them out."""
    for item in items:
        place = item.path.relative_to(ROOT).as_posix()
        for start, mark in MARKED.items():
            if place.startswith(start):
                item.add_marker(mark)


@pytest.fixture(autouse=True)
def no_figure_is_open() -> None:
    """Close what earlier tests and doctests left open, so that a test may count figures."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(autouse=True)
def a_message_needs_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a widget hear the page outside Jupyter: Colab's ipykernel asks for the kernel's shell first, and there is none."""
    if "ipykernel.comm" not in sys.modules:
        return
    comm = sys.modules["ipykernel.comm"].Comm
    hear = comm.handle_msg

    def handle_msg(self: object, message: dict) -> None:
        with monkeypatch.context() as for_now:
            for_now.setattr(comm, "kernel", SimpleNamespace(shell=None), raising=False)
            hear(self, message)

    monkeypatch.setattr(comm, "handle_msg", handle_msg)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds the repository."""
    return ROOT
