"""What the ledger's page lists, and in which order: sources by paper, pages by the table of contents, the first page's twenty."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sphinx.errors import ExtensionError

from mtl_tutor.ledger import read_ledger
from mtl_tutor.results import Claim
from mtl_tutor.statistics import Interval, Verdict

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book/_ext"))
import mtl_ledger_page  # noqa: E402
import mtl_ledger_rows as ledger  # noqa: E402

sys.path.pop(0)

ROWS = [{**row, "status": "exploratory"} for row in read_ledger()]


@pytest.fixture(scope="module")
def listed():
    return ledger.entries(ROWS)


@pytest.mark.parametrize(
    ("source", "groups"),
    [
        ("Caruana 1997", ["Caruana 1997"]),
        ("Caruana 1997, §3.2", ["Caruana 1997"]),
        ("Caruana 1997, Table 4, beside rankprop", ["Caruana 1997"]),
        ("Caruana 1997, §3.2; source text 003", ["Caruana 1997", "source text 003"]),
        ("source text 003, why it works and overfitting prevention", ["source text 003"]),
        ("source text 002 §2.2", ["source text 002"]),
        ("Goodfellow et al. 2016 §7.7", ["Goodfellow et al. 2016"]),
        ("a common reading of Misra et al. 2016", ["Misra et al. 2016"]),
        ("after Srebro et al. 2004; Amit et al. 2007", ["Srebro et al. 2004", "Amit et al. 2007"]),
        ("Søgaard & Goldberg 2016", ["Søgaard and Goldberg 2016"]),
        ("ours", ["ours"]),
        ("Bayes' rule", ["Bayes' rule"]),
        ("control", []),
    ],
)
def test_sources_are_grouped_by_paper_or_text(source, groups):
    assert ledger.sources_of(source) == groups


def test_groups_of_sources_name_no_place_in_a_paper_and_each_paper_once():
    groups = {group for row in ROWS for group in ledger.sources_of(row["source"])}
    assert not [group for group in groups if "§" in group or "," in group or group.startswith(("after ", "a common"))]
    kinds = [ledger.order_of_source(group)[0] for group in sorted(groups, key=ledger.order_of_source)]
    assert kinds == sorted(kinds)
    assert min(groups, key=ledger.order_of_source) == "ours"


def test_every_claim_is_listed_once_and_beneath_its_own_finding(listed):
    found, others = listed
    ids = [row.claim.id for entry in found for row in (entry.row, *entry.under)] + [row.claim.id for row in others]
    assert sorted(ids) == sorted(row["id"] for row in ROWS)
    of = {row["id"]: row["finding"] for row in ROWS}
    assert all(of[row.claim.id] == entry.row.claim.id for entry in found for row in (entry.row, *entry.under))
    assert not [row for row in others if of[row.claim.id]]


def test_findings_follow_the_table_of_contents(listed):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    order = [page["file"] for chapter in chapters for page in (chapter, *chapter.get("sections", []))]
    places = [order.index(f"book/{entry.row.page.name}") for entry in listed[0]]
    assert places == sorted(places)
    assert {entry.row.page.name for entry in listed[0]} >= {"what/relatives", "why/caruana-1997-road", "sharing/which-one"}


def test_a_section_tells_an_experiment_that_it_imports_and_else_the_chapter_does():
    pages = [
        ledger.Page("why/paper", "Paper", "Why", own_code=frozenset({"Road", "Peaks"})),
        ledger.Page("why/paper-road", "Road", "Why", section=True, own_code=frozenset({"Road"})),
    ]
    assert [ledger.page_of("why/paper", name, pages).name for name in ("Road", "Peaks")] == ["why/paper-road", "why/paper"]


def test_claims_are_whole_sentences_and_their_effects_on_one_scale(listed):
    rows = {row.claim.id: row.claim for entry in listed[0] for row in (entry.row, *entry.under)}
    raw = {row["id"]: row for row in ROWS}
    assert not [claim for claim in rows.values() if claim.claim.startswith("...")]
    changes = [one for one in rows if raw[one]["scale"] == "change"]
    assert changes
    assert all(rows[one].measured.estimate == -raw[one]["estimate"] for one in changes)
    assert all(rows[one].as_expected == raw[one]["as_expected"] for one in rows)


@pytest.mark.parametrize(
    ("ends", "size"), [((0.2, 0.1, 0.3), 2), ((-0.2, -0.3, -0.1), 2), ((0.0, -1.0, 1.0), 0), ((1.0, 1.0, 1.0), 9999), ((0.0, 0.0, 0.0), 0)]
)
def test_the_size_of_an_effect_is_told_in_halves_of_its_interval(ends, size):
    claim = Claim("a", "A", "ours", Interval(*ends, n=10), Verdict.REPRODUCED)
    assert ledger.size_of(claim) == pytest.approx(size)


def test_a_finding_says_what_its_arms_were_tuned_to(listed):
    settings = {entry.row.claim.id: entry.settings for entry in listed[0]}
    assert settings["eavesdropping-listens"] == tuple((arm, "6 hidden units, learning rate 0.1") for arm in ("joint", "alone"))


def test_a_rows_words_are_escaped(listed):
    entry = listed[0][0]
    claim = replace(entry.row.claim, claim='<script>"&', source='"><b>')
    html = mtl_ledger_page.listed([ledger.Entry(replace(entry.row, claim=claim), ())], "../../")
    assert "<script>" not in html
    assert "<b>" not in html.replace("<b>reproduced</b>", "")


# ---- the first page's twenty ---------------------------------------------------------------------------------------------


def intro(folder, *cells):
    page = folder / "intro.ipynb"
    page.write_text(json.dumps({"cells": [{"cell_type": "code", "source": [cell]} for cell in cells]}), encoding="utf-8")
    return page


NAMES = [f"a-{number}" for number in range(20)]


def test_the_twenty_are_those_of_the_first_page(tmp_path):
    assert ledger.first_findings(intro(tmp_path, "%pip install x", f"twenty = {NAMES}"), NAMES) == NAMES
    assert set(ledger.first_findings()) <= {row["id"] for row in ROWS if row["role"] == "finding"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["x = 1"], "got none"),
        ([f"twenty = {NAMES[:19]}"], "got 19"),
        ([f"twenty = {NAMES[:19] + NAMES[:1]}"], "got 20"),
        ([f"twenty = {NAMES}", f"twenty = {NAMES}"], "got 20, 20"),
        (["twenty = names()"], "can't be read"),
        ([f"twenty = {[*NAMES[:19], 'b-1']}"], "'b-1' is none"),
    ],
)
def test_a_list_that_cannot_be_used_stops_the_build_with_one_sentence(tmp_path, cells, said):
    with pytest.raises(ExtensionError, match=said) as error:
        ledger.first_findings(intro(tmp_path, *cells), NAMES)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("`twenty` in intro.ipynb must be a list of 20 ids of findings")


def test_so_does_a_first_page_that_is_missing_or_broken(tmp_path):
    with pytest.raises(ExtensionError, match="FileNotFoundError"):
        ledger.first_findings(tmp_path / "intro.ipynb", NAMES)
    (tmp_path / "intro.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ExtensionError, match="can't be read"):
        ledger.first_findings(tmp_path / "intro.ipynb", NAMES)
