"""What all tests share: where the repository is, and which folders are tested by which part of ``make test``."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
collect_ignore = ["typechecker.py"]  # no tests; .venv-colab lacks beartype
MARKED = {"tests/book/test_site.py": "site", "tests/colab/": "colab"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser or Colab's versions, so that plain ``pytest`` leaves them out."""
    for item in items:
        place = item.path.relative_to(ROOT).as_posix()
        for start, mark in MARKED.items():
            if place.startswith(start):
                item.add_marker(mark)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds the repository."""
    return ROOT
