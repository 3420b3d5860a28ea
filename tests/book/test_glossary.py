"""The glossary: a sentence and a Chinese word for every term, and a link to it from the page on which it first occurs."""

import os
import re
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "book/reference/glossary.md"
ENTRIES = dict(re.findall(r"^## (.+)\n\n(.+)$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE))
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
NAMES = [TOC["root"], *(page["file"] for chapter in CHAPTERS for page in (chapter, *chapter.get("sections", [])))]
PAGES = [ROOT / f"{name}.ipynb" for name in NAMES]
LINK = re.compile(r"\]\(([^)\s]*)glossary\.md#([^)\s]+)\)")


def slug(term: str) -> str:
    return term.lower().replace(" ", "-")


def prose(page: Path) -> str:
    """What a reader reads: no code, formulas, headings or addresses, and no names of other pages."""
    cells = nbformat.read(page, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"\[[^\]]*\]\([^)]*\.ipynb[^)]*\)", " ", text)
    return re.sub(r"```.*?```|`[^`\n]*`|\$[^$]*\$|^#[^\n]*$|\]\([^)]*\)", " ", text, flags=re.DOTALL | re.MULTILINE)


def first_page_with(term: str) -> Path | None:
    """The first page, in the book's order, on which a word occurs."""
    word = re.compile(rf"(?<![\w-]){re.escape(term.lower())}(e?s)?(?![\w-])")
    return next((page for page in PAGES if page.is_file() and word.search(prose(page).lower())), None)


def links(page: Path) -> list[tuple[str, str]]:
    return LINK.findall(page.read_text(encoding="utf-8"))


def test_there_is_a_glossary():
    assert len(ENTRIES) >= 60
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)


@pytest.mark.parametrize("term", ENTRIES)
def test_a_term_has_a_chinese_word_and_one_sentence(term):
    chinese, sentence = re.fullmatch(r'<span lang="zh-Hans">(.+?)</span>: (.+)', ENTRIES[term]).groups()
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert sentence.endswith(".")
    assert ". " not in sentence


@pytest.mark.parametrize("term", ENTRIES)
def test_a_term_is_linked_from_the_page_on_which_it_first_occurs(term):
    page = first_page_with(term)
    assert page is not None, f"no page uses {term!r}: drop it, or use it"
    assert slug(term) in [anchor for _, anchor in links(page)], f"link {term!r} in {page.relative_to(ROOT)}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_file()], ids=lambda page: page.stem)
def test_links_lead_to_the_glossary_and_to_a_term_of_it(page):
    for folder, anchor in links(page):
        assert os.path.normpath(page.parent / folder / "glossary.md") == str(GLOSSARY)
        assert anchor in map(slug, ENTRIES)
