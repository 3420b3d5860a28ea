"""The book's address and version stand in one place each; every other mention must agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import mtl_tutor

MENTIONS = ("README.md", "CONTRIBUTING.md", "CITATION.cff", "_config.yml", "tests/book/colab_cell.txt", "mtl_tutor", "book", ".github")
TEXT = {".md", ".cff", ".yml", ".txt", ".py", ".ipynb", ".js", ".html"}
OURS = re.compile(r"https?://(?:www\.)?github\.com/[\w.-]+/mtl[-_]tutor\b|https?://[\w-]+\.github\.io/[\w-]+", re.IGNORECASE)


def address(root: Path) -> str:
    """The one place: ``[project.urls] Repository`` in pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]


def files(root: Path) -> list[Path]:
    """Every text file that may name the address."""
    found = [path for name in MENTIONS for path in [root / name, *(root / name).rglob("*")]]
    return sorted({path for path in found if path.is_file() and path.suffix in TEXT and "checkpoint" not in str(path)})


def wrong_addresses(text: str, right: str) -> set[str]:
    """Addresses in `text` that name this repository, or its Pages, under another owner, name or spelling."""
    owner, name = right.split("/")[-2:]
    return {found for found in OURS.findall(text) if found not in (right, f"https://{owner}.github.io/{name}")}


def test_every_mention_is_the_address_of_pyproject(root: Path) -> None:
    right = address(root)
    found = {str(path.relative_to(root)): wrong_addresses(path.read_text(encoding="utf-8"), right) for path in files(root)}
    assert not any(found.values()), {name: wrong for name, wrong in found.items() if wrong}


def test_the_launch_buttons_use_the_address(root: Path) -> None:
    assert yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"] == address(root)


def test_the_citation_has_the_address_and_the_version(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["repository-code"], citation["version"]) == (address(root), mtl_tutor.__version__)


def test_colab_installs_this_version_from_the_address(root: Path) -> None:
    cell = (root / "tests/book/colab_cell.txt").read_text(encoding="utf-8")
    assert f"{address(root)}/archive/refs/tags/v{mtl_tutor.__version__}.zip" in cell


@pytest.mark.parametrize(
    "elsewhere",
    ["https://github.com/someone/mtl-tutor", "http://github.com/mtl-tutor/mtl-tutor", "https://github.com/mtl-tutor/mtl_tutor", "https://someone.github.io/mtl-tutor"],
)
def test_another_address_is_noticed(elsewhere: str) -> None:
    assert wrong_addresses(f"see {elsewhere}/issues", "https://github.com/mtl-tutor/mtl-tutor") == {elsewhere}
