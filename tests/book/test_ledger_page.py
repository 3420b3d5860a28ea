"""The ledger's page in a browser: search, filters, order, links into its folds, and without a script."""

import csv
import re
from urllib.parse import quote

import pytest

from mtl_tutor.ledger import read_ledger
from mtl_tutor.statistics import Verdict

NAME = "book/reference/ledger.html"
ROWS = {row["id"]: row for row in read_ledger()}
FINDINGS = [one for one, row in ROWS.items() if row["role"] == "finding"]
COLUMNS = ["id", "claim", "source", "estimate", "low", "high", "n", "by_block", "verdict", "baseline", "control", "rule", "condition"]
COLUMNS += ["printed", "agree", "borderline", "edges", "role", "finding", "as_expected", "scale", "experiment", "chapter", "first_seed"]
COLUMNS += ["after", "status"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def ledger(visit, address):
    """Open the page, with what comes behind its name in the address."""

    def open_page(asked="", **settings):
        return visit(f"{address}/{NAME}{asked}", **settings).page

    return open_page


def shown(page):
    """The ids of the findings that a reader sees, in their order."""
    listed = ".mtl-part .mtl-claims > li, .mtl-sorted > li"
    return page.locator(listed).evaluate_all("rows => rows.filter((row) => row.checkVisibility()).map((row) => row.id)")


def count(page):
    return page.locator("output[name=count]").text_content()


def in_view(page, anchor):
    page.wait_for_function("() => document.readyState === 'complete'")
    box = page.locator(f"[id='{anchor}']").bounding_box()
    return box is not None and 40 <= box["y"] < page.viewport_size["height"]


# ---- what is listed ------------------------------------------------------------------------------------------------------


def test_every_claim_has_its_row_and_every_row_a_link_to_itself(ledger):
    page = ledger()
    rows = page.locator(".mtl-part .mtl-claims > li, .mtl-under > li")
    found = rows.evaluate_all("rows => rows.map((row) => [row.id, row.querySelector('.mtl-at').getAttribute('href')])")
    assert sorted(one for one, _ in found) == sorted(ROWS)
    assert all(link == f"#{one}" for one, link in found)
    assert sorted(shown(page)) == sorted(FINDINGS)
    assert count(page) == f"{len(FINDINGS)} of {len(FINDINGS)} findings"


def test_a_claims_row_says_its_verdict_numbers_and_marks(ledger):
    page = ledger()
    for one in ("digits-joint", "eavesdropping-listens", "cost-unrelated"):
        row, text = ROWS[one], page.locator(f"#{one}").inner_text()
        assert row["claim"] in text
        assert row["verdict"] in text
        assert f"n = {row['n']}" in text
        assert f"{row['agree']} of {len(row['by_block'])} blocks agree" in text
        assert all(edge in text for edge in row["edges"])
        assert row["condition"] in text
    assert "%" in page.locator("#cost-unrelated").inner_text()
    assert not [text for text in page.locator(".mtl-claims > li, .mtl-under > li").all_text_contents() if text.startswith("...")]


def test_twenty_stand_on_top_and_lead_to_their_rows(ledger):
    page = ledger()
    links = page.locator(".mtl-first li a").evaluate_all("links => links.map((link) => link.getAttribute('href').slice(1))")
    assert len(set(links)) == 20
    assert set(links) <= set(FINDINGS)
    page.locator(".mtl-first li a").last.press("Enter")
    assert in_view(page, links[-1])


def test_headings_count_their_findings(ledger):
    page = ledger("?verdict=opposite")
    for section in page.locator(".mtl-part:visible, .mtl-chapter:visible").all():
        inside = section.locator(".mtl-claims > li:visible").count()
        assert inside == int(section.locator("h2 .mtl-n, h3 .mtl-n").first.text_content())
    assert page.locator(".mtl-first:visible").count() == 0


def test_the_csv_has_a_row_per_claim_and_all_columns(ledger, site):
    page = ledger()
    link = page.get_by_role("link", name="Download as CSV").get_attribute("href")
    with (site / "book/reference" / link).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS
    assert [row["id"] for row in rows] == list(ROWS)
    assert [row["estimate"] for row in rows] == [str(row["estimate"]) for row in ROWS.values()]


def test_findings_lead_to_pages_and_headings_that_exist(ledger, site):
    links = ledger().locator(".mtl-part .mtl-claims > li > div:first-child > a, .mtl-loose a[href*=book]")
    targets = set(links.evaluate_all("links => links.map((link) => link.getAttribute('href'))"))
    assert targets
    for target in targets:
        file, _, anchor = target.partition("#")
        assert f'id="{anchor}"' in (site / "book/reference" / file).read_text(encoding="utf-8") or not anchor


# ---- search, filters, order ----------------------------------------------------------------------------------------------


def test_the_verdict_is_chosen_by_keyboard(ledger):
    page = ledger()
    page.get_by_role("combobox", name="Verdict").focus()
    page.keyboard.type("opposite")
    expected = [one for one in FINDINGS if ROWS[one]["verdict"] == "opposite"]
    assert sorted(shown(page)) == sorted(expected)
    assert count(page).startswith(f"{len(expected)} of {len(FINDINGS)} findings")
    assert page.url.endswith("?verdict=opposite")


def test_a_search_finds_ids_pages_and_what_lies_folded(ledger):
    page = ledger()
    box = page.get_by_role("searchbox", name="Search the claims")
    box.fill("EAVESDROPPING-listens")
    assert shown(page) == ["eavesdropping-listens"]
    box.fill("mixtures of experts")
    assert {ROWS[one]["chapter"] for one in shown(page)} == {"sharing/experts-and-gates"}
    box.fill("eavesdropping-not-copies")
    assert shown(page) == ["eavesdropping-listens"]
    assert page.locator("#eavesdropping-not-copies[data-hit]").is_visible()
    box.fill("")
    assert page.locator("#eavesdropping-not-copies").is_visible() is False
    assert len(shown(page)) == len(FINDINGS)


def test_a_source_is_a_paper_wherever_in_it_and_looks_into_folds(ledger):
    page = ledger()
    page.get_by_role("combobox", name="Source").select_option("Caruana 1997")
    expected = {row["finding"] for row in ROWS.values() if "Caruana 1997" in row["source"] and row["finding"]}
    assert set(shown(page)) == expected
    assert page.url.endswith("?source=Caruana+1997")


def test_filters_narrow_each_other_down(ledger):
    page = ledger("?status=confirmed&part=how to share")
    assert page.get_by_role("combobox", name="Part").input_value() == "How to share"
    assert {ROWS[one]["chapter"].split("/")[0] for one in shown(page)} == {"sharing"}
    assert all("confirmed" in page.locator(f"#{one}").inner_text() for one in shown(page))
    both = len(shown(page))
    page.get_by_role("combobox", name="Part").select_option("")
    assert len(shown(page)) > both > 0


def test_findings_can_be_sorted_and_put_back(ledger):
    page = ledger()
    before = shown(page)
    page.get_by_role("combobox", name="Order").select_option("effect")
    sizes = [float(page.locator(f"[id='{one}']").get_attribute("data-size")) for one in shown(page)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == len(FINDINGS)
    page.get_by_role("combobox", name="Order").select_option("verdict")
    verdicts = [list(Verdict).index(Verdict(ROWS[one]["verdict"])) for one in shown(page)]
    assert verdicts == sorted(verdicts)
    page.get_by_role("combobox", name="Order").select_option("")
    assert shown(page) == before


def test_without_a_hit_one_sentence_says_so_and_a_button_clears_all(ledger):
    page = ledger("?q=no+such+words&verdict=opposite")
    assert page.get_by_text("No finding fits the search and the filters.").is_visible()
    assert shown(page) == []
    assert page.locator(".mtl-part:visible, .mtl-rest:visible, .mtl-first:visible").count() == 0
    page.get_by_role("button", name="Clear them all").press("Enter")
    assert len(shown(page)) == len(FINDINGS)
    assert page.url.endswith(NAME)
    assert page.evaluate("document.activeElement.name") == "q"


def test_the_address_holds_the_state_and_can_be_copied(ledger):
    page = ledger()
    page.get_by_label("Search the claims").fill("copies & more")
    page.get_by_label("Search the claims").fill("copies")
    page.get_by_role("combobox", name="Order").select_option("verdict")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    seen = shown(page)
    page.goto(link)
    assert shown(page) == seen


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("verdict=true", "verdict"),
        (f"source={quote('<img src=x onerror=alert(1)>')}&sort=__proto__", "source and order"),
        (f"q={'x' * 5000}", "search"),
    ],
)
def test_an_address_that_asks_for_what_is_not_there_gets_the_nearest_and_a_line(visit, address, asked, said):
    seen = visit(f"{address}/{NAME}?{asked}")
    assert seen.errors == []
    line = seen.page.locator(".mtl-tools [role=status]").text_content()
    assert line == f"The address asks for a {said} that this page doesn't have; the nearest is shown."
    assert seen.page.locator(".bd-article img[src=x]").count() == 0
    assert [select.input_value() for select in seen.page.locator(".mtl-tools select").all()] == [""] * 5
    assert len(seen.page.get_by_label("Search the claims").input_value()) <= 100
    seen.page.get_by_label("Search the claims").fill("a")
    assert seen.page.locator(".mtl-tools [role=status]").text_content() == ""


def test_an_address_is_read_whatever_its_case_and_foreign_names_do_no_harm(visit, address):
    seen = visit(f"{address}/{NAME}?verdict=Too%20Small&utm=1&q=%00%E0#%E0%A4%A")
    assert seen.errors == []
    assert seen.page.get_by_role("combobox", name="Verdict").input_value() == "too small"


# ---- links into the list -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("anchor", ["eavesdropping-listens", "eavesdropping-not-copies", "cost-wide", "doors-knob-alone"])
def test_a_link_opens_the_folds_and_scrolls_there(ledger, anchor):
    anchor = anchor if anchor in ROWS else next(one for one, row in ROWS.items() if not row["finding"])
    page = ledger(f"#{anchor}")
    page.wait_for_timeout(200)
    assert page.locator(f"[id='{anchor}']").is_visible()
    assert in_view(page, anchor)
    assert page.locator(f"[id='{anchor}'] > details:not([open])").count() == 0


def test_a_link_to_what_the_filters_hide_clears_them(ledger):
    page = ledger("?verdict=opposite#eavesdropping-not-copies")
    page.wait_for_timeout(200)
    assert in_view(page, "eavesdropping-not-copies")
    assert len(shown(page)) == len(FINDINGS)
    assert page.url.endswith(f"{NAME}#eavesdropping-not-copies")


def test_the_same_link_works_a_second_time(ledger):
    page = ledger("#stein-ten")
    page.locator("#stein-ten > details > summary").press("Enter")
    page.locator("#stein-ten > details").evaluate("fold => { fold.open = false; scrollTo(0, 0); }")
    page.locator("#stein-ten .mtl-at").first.press("Enter")
    assert page.locator("#stein-ten > details[open]").count() == 1


# ---- everybody -----------------------------------------------------------------------------------------------------------


def test_without_a_script_everything_is_there_and_folds_open(browser, address):
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{address}/{NAME}")
    assert page.locator(".mtl-tools").is_visible() is False
    assert page.locator(".mtl-none").is_visible() is False
    assert page.locator(".mtl-part .mtl-claims > li:visible").count() == len(FINDINGS)
    control = page.locator("#eavesdropping-not-copies")
    assert control.is_visible() is False
    page.locator("#eavesdropping-listens > details > summary").press("Enter")
    assert control.is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_folds_open_and_a_search_it_breaks_no_rule_of_wcag(visit, address, scheme):
    seen = visit(f"{address}/{NAME}?q=eavesdropping&verdict=oops", color_scheme=scheme)
    for fold in seen.page.locator(".mtl-claims details:visible").all():
        fold.evaluate("fold => { fold.open = true; }")
    assert seen.breaches() == []
    seen.page.get_by_label("Search the claims").fill("no such words")
    assert seen.breaches() == []


def test_nothing_of_it_is_wider_than_a_phone_when_all_is_open(ledger):
    page = ledger(**PHONE)
    page.evaluate("document.querySelectorAll('.bd-article details').forEach((fold) => { fold.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = page.locator(".mtl-claims *, .mtl-under *").evaluate_all(
        "nodes => nodes.filter((node) => !node.closest('svg') && node.getBoundingClientRect().right > 390).map((node) => node.outerHTML)"
    )
    assert wide == []
    for control in page.locator(".mtl-tools :is(input, select, button), .mtl-claims summary, .mtl-at").all()[:60]:
        assert control.bounding_box()["height"] >= 24


def test_on_paper_the_form_is_gone_and_the_folds_of_findings_are_open(ledger):
    page = ledger()
    page.emulate_media(media="print")
    assert page.locator(".mtl-tools").is_visible() is False
    assert page.locator(".mtl-part .mtl-under > li:visible").count() == sum(row["finding"] not in ("", one) for one, row in ROWS.items())
    assert page.locator(".mtl-loose li:visible").count() == 0


def test_in_forced_colours_bars_and_the_focus_are_seen(ledger):
    page = ledger(forced_colors="active")
    colours = page.evaluate(
        """() => ["svg circle", "svg .mtl-bar"].map((name) => document.querySelector(`.mtl-part ${name}`))
          .map((node) => getComputedStyle(node)).map((style) => [style.fill, style.stroke])"""
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colours[0][0] != ground != colours[1][1]


def test_only_the_ledgers_page_loads_its_script(site):
    loads = {page.relative_to(site).as_posix() for page in site.rglob("*.html") if "mtl-ledger.js" in page.read_text(encoding="utf-8")}
    assert loads == {NAME}


def test_the_page_stays_light(site):
    text = (site / NAME).read_text(encoding="utf-8")
    assert len(text.encode()) < 800 * len(ROWS)
    assert len(re.findall(r"<[a-z]", text)) < 16 * len(ROWS)
