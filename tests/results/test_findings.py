"""Findings as a table: which, in which order, what lies beneath; a picture that tells the truth; text for a terminal."""

import math
import re
from dataclasses import FrozenInstanceError, dataclass, replace
from html.parser import HTMLParser

import pytest

from mtl_tutor.experiments import Capacity, Eavesdropping, EavesdroppingByStart, Hypothesis, Result, above, below
from mtl_tutor.ledger import read_ledger
from mtl_tutor.plots import PALETTE
from mtl_tutor.results import Claim, Findings, findings
from mtl_tutor.statistics import Interval, Verdict

VOID = {"line", "rect", "circle", "path", "br"}


def a_claim(name: str, text: str = "it helps", **kwargs: object) -> Claim:
    given = {"source": "ours", "measured": Interval(0.3, 0.2, 0.4, 200), "verdict": Verdict.REPRODUCED, **kwargs}
    return Claim(f"small-{name}", text, **given)  # type: ignore[arg-type]


def a_finding(name: str, text: str = "it helps", **kwargs: object) -> Claim:
    return a_claim(name, text, role="finding", finding=f"small-{name}", **kwargs)


def a_control(name: str, of: str, text: str = "it helps", **kwargs: object) -> Claim:
    return a_claim(name, text, role="control", finding=f"small-{of}", **{"source": "control", **kwargs})


def a_detail(name: str, of: str, text: str = "it helps", **kwargs: object) -> Claim:
    return a_claim(name, text, role="detail", finding=f"small-{of}", **kwargs)


def a_result(*claims: Claim, name: str = "small") -> Result:
    return Result({}, claims=claims, name=name)


TWO = a_result(
    a_finding("one", "B helps A"),
    a_detail("error", "one", "... and its error falls"),
    a_control("copy", "one", "... more than a copy"),
    a_finding("two", "C helps A"),
    a_control("shuffled", "two", "so do wrong labels", verdict=Verdict.OPPOSITE, expected=False),
)


@dataclass
class Tag:
    """An element of a page, with what lies in it."""

    name: str
    attributes: dict[str, str]
    inside: list["Tag | str"]

    def all(self, name: str) -> list["Tag"]:
        tags = [one for one in self.inside if isinstance(one, Tag)]
        return [found for one in tags for found in ([one] if one.name == name else []) + one.all(name)]

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.inside)


class Reader(HTMLParser):
    """Builds the tree of a page, and refuses tags that don't close."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Tag("", {}, [])
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Tag(tag, {name: value or "" for name, value in attrs}, [])
        self.open[-1].inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Tag(tag, dict(attrs), []))  # type: ignore[arg-type]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def tree(shown: Findings) -> Tag:
    reader = Reader()
    reader.feed(shown._repr_html_())
    assert reader.open == [reader.root]
    return reader.root


def dot(svg: Tag) -> float:
    (circle,) = svg.all("circle")
    return float(circle.attributes["cx"].rstrip("%"))


def ends(svg: Tag) -> tuple[float, float]:
    (bar,) = [line for line in svg.all("line") if line.attributes["class"] == "mtl-bar"]
    return float(bar.attributes["x1"].rstrip("%")), float(bar.attributes["x2"].rstrip("%"))


def places(svg: Tag, kind: str) -> list[float]:
    return [float(line.attributes["x1"].rstrip("%")) for line in svg.all("line") if line.attributes["class"] == kind]


# ---- which, and in which order -------------------------------------------------------------------------------------------


def test_all_findings_come_in_the_experiments_order_and_only_they_are_rows() -> None:
    assert [row.claim.id for row in findings(TWO).rows] == ["small-one", "small-two"]


def test_ids_choose_and_order_with_or_without_the_experiments_name() -> None:
    assert [row.claim.id for row in findings(TWO, ids=["small-two", "one"]).rows] == ["small-two", "small-one"]


def test_controls_and_details_lie_beneath_their_own_finding() -> None:
    one, two = findings(TWO).rows
    assert [[claim.id for claim in under] for under in (one.controls, one.details)] == [["small-copy"], ["small-error"]]
    assert [[claim.id for claim in under] for under in (two.controls, two.details)] == [["small-shuffled"], []]


def test_several_results_are_shown_together_and_ids_may_name_findings_of_any() -> None:
    other = a_result(replace(a_finding("x"), id="other-three", finding="other-three"), name="other")
    assert [row.claim.id for row in findings(TWO, other).rows] == ["small-one", "small-two", "other-three"]
    assert [row.claim.id for row in findings(TWO, other, ids=["three", "two"]).rows] == ["other-three", "small-two"]


def test_a_claim_that_goes_on_is_completed_as_the_ledger_does() -> None:
    (one, *_) = findings(TWO).rows
    assert one.controls[0].claim == "B helps A ... more than a copy"
    assert one.details[0].claim == "B helps A ... and its error falls"
    rows = findings(Eavesdropping.recorded(), EavesdroppingByStart.recorded()).rows
    found = {claim.id: claim.claim for row in rows for claim in (row.claim, *row.controls, *row.details)}
    ledger = {claim["id"]: f"{claim['after']} {claim['claim']}".strip() for claim in read_ledger() if claim["id"] in found}
    assert found == ledger
    assert len(found) == 20


def test_more_than_six_are_shown_only_if_they_are_asked_for() -> None:
    names = [f"f{i}" for i in range(7)]
    many = a_result(*map(a_finding, names))
    with pytest.raises(ValueError, match=r"at most 6 findings together; got 7\. Choose by `ids`"):
        findings(many)
    assert len(findings(many, ids=names).rows) == 7
    assert len(findings(many, ids=names[:6]).rows) == 6


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        findings(TWO).rows = ()  # type: ignore[misc]


# ---- errors --------------------------------------------------------------------------------------------------------------

SAME = a_result(replace(a_finding("x"), id="other-one", finding="other-one"), name="other")
WRONG = {
    "unknown": ((TWO,), ["onne"], "`ids` must be one of 'one', 'two'; got 'onne'. Did you mean 'one'?"),
    "a control": ((TWO,), ["copy"], "`ids` must name findings; 'copy' is a control of 'one'. Ask for that."),
    "a detail of none": (
        (a_result(a_finding("x"), a_claim("y")),), ["y"], "`ids` must name findings; 'y' is a detail of none. Ask for one.",
    ),
    "twice": ((TWO,), ["one", "small-one"], "`ids` must name each finding once; got 'small-one' 2 times. Leave one of them."),
    "ambiguous": (
        (TWO, SAME), ["one"], "`ids` must each name one finding; 'one' fits small-one and other-one. Write it with its experiment.",
    ),
    "nothing": ((), (), "`results` must hold a result; got none. Give what an experiment's `run` or `recorded` returned."),
    "no finding": (
        (a_result(a_claim("a")),), (),
        "`results` must have findings; got 'small', none of whose 1 claims is one. Print its `tell()`, or give another result.",
    ),
}
ODD = {
    "a class": (Eavesdropping, "got the class Eavesdropping."),
    "an experiment": (Eavesdropping(), "got an Eavesdropping."),
    "a word": ("listens", "got 'listens'."),
}


@pytest.mark.messages
@pytest.mark.parametrize(("results", "ids", "sentence"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_shown_is_refused_in_a_sentence(results, ids, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^`(ids|results)`") as error:
        findings(*results, ids=ids)
    assert str(error.value) == sentence


@pytest.mark.messages
@pytest.mark.parametrize(("odd", "end"), ODD.values(), ids=ODD)
def test_what_is_no_result_is_refused(odd: object, end: str) -> None:
    with pytest.raises(TypeError, match=r"^`results`") as error:
        findings(odd)  # type: ignore[arg-type]
    assert str(error.value) == f"`results` must be what an experiment's `run` or `recorded` returned; {end}"


@pytest.mark.messages
def test_a_single_id_has_to_stand_in_a_list() -> None:
    with pytest.raises(TypeError, match=r"`ids` must be a sequence of strings; got 'one'\. Write \['one'\]\."):
        findings(TWO, ids="one")


@pytest.mark.messages
def test_a_claim_without_an_interval_is_none() -> None:
    with pytest.raises(TypeError, match=r"`measured` must be an Interval; got None\."):
        replace(a_finding("one"), measured=None)  # type: ignore[arg-type]


# ---- text ----------------------------------------------------------------------------------------------------------------


def test_as_text_it_says_verdict_sentence_numbers_and_what_lies_beneath() -> None:
    finding = a_finding("one", "B helps A", agree=7, rule="more than 0.1", printed=0.25, borderline=True, edges=("alone", "joint, tied"))
    finding = replace(finding, measured=Interval(0.3, 0.2, 0.4, 200, (0.3,) * 8), verdict=Verdict.CONDITIONAL, condition="not with half")
    control = a_control("copy", "one", "... than a copy", expected=False)
    assert str(findings(a_result(finding, control), caption="A share.")) == "\n".join(
        [
            "A share.",
            "",
            "1. conditional: B helps A",
            "   0.3 [0.2, 0.4], n = 200, 7 of 8 blocks agree; rule: more than 0.1; not with half;",
            "   printed in the source: 0.25; borderline; edge of the grid: alone and joint, tied;",
            "   source: ours; id: small-one",
            "   - control, not as expected: B helps A ... than a copy",
            "     0.3 [0.2, 0.4], n = 200; id: small-copy",
        ]
    )


def test_in_a_notebook_text_stands_beside_the_table_and_both_come_out_alike_again() -> None:
    first, again = (findings(Eavesdropping.recorded()) for _ in range(2))
    assert repr(first) == str(first) == str(again)
    assert first._repr_html_() == again._repr_html_()


def test_the_rounding_of_a_zero_reads_as_zero() -> None:
    (line,) = re.findall(r"1\. .*\n   (.*)\n?", str(findings(a_result(a_finding("one", measured=Interval(-1e-17, -1e-17, 0.25, 9))))))
    assert line.startswith("0 [0, 0.25], n = 9;")


# ---- the page ------------------------------------------------------------------------------------------------------------


def test_it_is_a_table_with_caption_heads_and_a_head_for_each_row() -> None:
    (table,) = tree(findings(TWO, caption="Share of nets")).all("table")
    assert table.all("caption")[0].text.startswith("Share of nets")
    heads = [(head.attributes["scope"], head.attributes["role"]) for head in table.all("th")]
    assert heads == [("col", "columnheader")] * 4 + [("row", "rowheader")] * 2
    assert [head.text for head in table.all("th")[4:]] == ["B helps ASource: ours · small-one", "C helps ASource: ours · small-two"]


def test_without_a_caption_it_is_called_after_its_experiments() -> None:
    other = a_result(replace(a_finding("x"), id="other-way-x", finding="other-way-x"), name="other-way")
    assert findings(TWO, other).caption == "Findings: small, other way"


def test_verdicts_stand_in_words_and_controls_say_whether_they_came_out_as_expected() -> None:
    bodies = tree(findings(TWO)).all("tbody")
    assert [[word.text for word in body.all("b")] for body in bodies] == [
        ["reproduced", "control, as expected", "reproduced"],
        ["reproduced", "control, as expected"],
    ]
    folded = [body.all("summary")[0].text for body in bodies]
    assert folded == ["Controls: 1 of 1 as expected. Details: 1.", "Controls: 1 of 1 as expected."]


def test_what_lies_beneath_is_folded_in_an_element_that_keys_open() -> None:
    one = tree(findings(TWO)).all("tbody")[0]
    (folded,) = one.all("details")
    assert "open" not in folded.attributes
    assert folded.inside[0].name == "summary"  # type: ignore[union-attr]
    assert [item.all("code")[0].text for item in folded.all("li")] == ["small-copy", "small-error"]


def test_a_finding_alone_has_nothing_to_unfold() -> None:
    assert tree(findings(a_result(a_finding("one")))).all("details") == []


def test_what_a_claim_says_is_escaped_everywhere() -> None:
    odd = "<script>&\"'"
    claim = a_finding("one", odd, source=odd, condition=odd, rule=odd, edges=(odd,))
    shown = findings(a_result(claim, a_control("c", "one", f"... {odd}")), caption=odd)
    page = tree(shown)
    assert page.all("script") == []
    assert page.text.count(odd) == 1 + 5 + 2
    assert "<script" not in shown._repr_html_()


SPREAD = a_result(
    a_finding("one", measured=Interval(0.3, 0.2, 0.5, 9), rule="more than 0.1"),
    a_finding("two", measured=Interval(-0.2, -0.25, 0.0, 9), rule="within 0.1 of -0.2"),
    a_control("c", "two", measured=Interval(0.1, 0.05, 0.15, 9), rule="less than 0"),
    a_detail("d", "two", measured=Interval(0.9, 0.4, 1.4, 9)),
)


def test_dots_bars_zero_and_thresholds_lie_where_the_numbers_are_on_one_axis() -> None:
    one, two, control, detail = (svg for svg in tree(findings(SPREAD)).all("svg") if "role" in svg.attributes)
    (zero,) = places(one, "mtl-zero")
    unit = (dot(one) - zero) / 0.3

    def at(value: float) -> object:
        return pytest.approx(zero + unit * value, abs=0.02)

    assert unit > 0
    assert (dot(two), dot(control)) == (at(-0.2), at(0.1))
    assert (ends(one), ends(two), ends(control)) == ((at(0.2), at(0.5)), (at(-0.25), at(0.0)), (at(0.05), at(0.15)))
    assert [places(svg, "mtl-zero") for svg in (two, control, detail)] == [[zero]] * 3
    assert [places(svg, "mtl-rule") for svg in (one, two, control)] == [[at(0.1)], [at(-0.3), at(-0.1)], []]
    assert min(at(-0.3).expected, 100 - at(0.5).expected) > 2.5  # type: ignore[attr-defined]  # room for a dot


def test_what_lies_beyond_the_axis_ends_in_an_arrow_and_has_no_dot() -> None:
    *_, detail = tree(findings(SPREAD)).all("li")
    (svg, *_) = detail.all("svg")
    assert svg.all("circle") == []
    assert [arrow.attributes["x"] for arrow in svg.all("svg")] == ["100%"]
    assert "0.9 [0.4, 1.4]" in detail.text


def test_an_effect_of_another_order_of_magnitude_does_not_squeeze_the_others() -> None:
    steps = a_finding("steps", measured=Interval(50.0, 33.0, 67.0, 9))
    page = tree(findings(a_result(*SPREAD.claims, steps)))
    pictures = [svg for svg in page.all("svg") if "role" in svg.attributes]
    alone = [svg for svg in tree(findings(SPREAD)).all("svg") if "role" in svg.attributes]
    assert [dot(svg) for svg in pictures[:3]] == [dot(svg) for svg in alone[:3]]
    assert "from -0.3 to 0.5;" in page.text
    assert [arrow.attributes["x"] for arrow in pictures[-1].all("svg")] == ["100%"]
    assert "50 [33, 67]" in page.text


def test_a_control_of_a_detail_follows_the_detail() -> None:
    claims = (
        a_finding("one"),
        a_control("ca", "one", "... more than a copy"),
        a_detail("d", "one", "The codes stand in order"),
        a_control("cd", "one", "... also shuffled ones"),
        a_detail("e", "one", "And at the end?"),
    )
    shown = findings(a_result(*claims))
    ids = [code.text for code in tree(shown).all("code")]
    assert ids == ["small-one", "small-ca", "small-d", "small-cd", "small-e"]
    assert [str(shown).index(f"id: {one}") for one in ids] == sorted(str(shown).index(f"id: {one}") for one in ids)


def test_a_large_number_is_told_without_a_power_of_ten() -> None:
    text = tree(findings(a_result(a_finding("one", measured=Interval(-1514.0, -1939.0, 2e7, 9))))).text
    assert "-1510 [-1940, 2e+07]" in text


def test_every_picture_says_in_words_what_it_shows() -> None:
    pictures = [svg for svg in tree(findings(SPREAD)).all("svg") if "x" not in svg.attributes]
    assert all(svg.attributes["role"] == "img" for svg in pictures)
    assert [svg.attributes["aria-label"] for svg in pictures][:2] == [
        "Dot at 0.3, bar from 0.2 to 0.5, above zero.",
        "Dot at -0.2, bar from -0.25 to 0, around zero, with the rule's -0.1 inside.",
    ]


def test_an_effect_that_never_varied_has_a_picture_too() -> None:
    still = a_finding("one", measured=Interval(0.0, 0.0, 0.0, 9), rule="more than 0")
    (svg,) = tree(findings(a_result(still))).all("svg")
    assert dot(svg) == places(svg, "mtl-zero")[0] == 50


def test_it_asks_no_host_runs_no_script_and_its_style_touches_nothing_else() -> None:
    page = tree(findings(Eavesdropping.recorded()))
    assert not re.search(r"https?:|//|url\(|@import|<script|\bon\w+=", findings(Eavesdropping.recorded())._repr_html_())
    (style,) = page.all("style")
    plain = re.sub(r"\([^()]*\)", lambda found: found[0].replace(",", ";"), style.text)
    selectors = re.findall(r"(?:^|(?<=[{}]))\s*([^{}@]+)\{", plain)
    assert len(selectors) > 20
    assert all(".mtl-findings" in one for selector in selectors for one in selector.split(","))


def test_its_colours_are_the_palettes() -> None:
    (style,) = tree(findings(TWO)).all("style")
    known = {(ink.light, ink.dark) for ink in PALETTE.values()}
    used = set(re.findall(r"light-dark\((#\w+), (#\w+)\)", style.text))
    assert used <= known
    assert len(used) == 4


def test_a_finding_links_to_the_page_that_tells_it() -> None:
    page = findings(TWO, pages={"small": "why/small.ipynb"})._repr_html_()
    assert page.count('<a href="why/small.ipynb">') == 2
    assert "<a " not in findings(TWO, pages={"other": "why/other.ipynb"})._repr_html_()


@pytest.mark.messages
def test_pages_without_names_are_refused() -> None:
    with pytest.raises(TypeError, match="`pages` must be"):
        findings(TWO, pages=["why/small.ipynb"])  # type: ignore[arg-type]


# ---- one scale of effect --------------------------------------------------------------------------------------------


def numbers_of(claim: Claim) -> str:
    """The second line of a finding's text."""
    return " ".join(str(findings(a_result(claim))).split("\n", 3)[3].split())


def test_the_change_of_an_error_is_told_as_the_share_that_is_saved() -> None:
    less = a_finding("one", measured=Interval(-0.583, -0.645, -0.522, 128), rule="less than -0.3", printed=-0.2, scale="change")
    assert numbers_of(less).startswith("58.3% [52.2, 64.5], n = 128; rule: more than 30%; printed in the source: 20%")
    more = a_finding("one", measured=Interval(0.424, 0.184, 0.665, 128), rule="more than 0.5", scale="change")
    assert numbers_of(more).startswith("-42.4% [-66.5, -18.4], n = 128; rule: less than -50%")
    alike = a_finding("one", measured=Interval(0.01, -0.03, 0.05, 128), rule="within 0.1 of 0", scale="change")
    assert numbers_of(alike).startswith("-1% [-5, 3], n = 128; rule: -10% to 10%")
    named = a_finding("one", measured=Interval(-0.5, -0.6, -0.4, 9), rule="mean change less than -0.3", scale="change")
    assert numbers_of(named).startswith("50% [40, 60], n = 9; rule: more than 30%")
    bare = a_finding("one", measured=Interval(-0.5, -0.6, -0.4, 128), rule="rank correlation less than -0.8")
    assert numbers_of(bare).startswith("-0.5 [-0.6, -0.4], n = 128; rule: rank correlation less than -0.8")


def test_logarithms_of_errors_are_told_as_the_share_that_is_saved() -> None:
    half = a_finding("one", measured=Interval(math.log(2), 0.0, math.log(4), 9), rule="more than 0", scale="log gain")
    assert numbers_of(half).startswith("50% [0, 75], n = 9; rule: more than 0%")
    twice = a_finding("one", measured=Interval(math.log(2), 0.0, math.log(4), 9), rule="less than 0", scale="log change")
    assert numbers_of(twice).startswith("-100% [-300, 0], n = 9; rule: more than 0%")
    without_end = a_finding("one", measured=Interval(0.0, -1000.0, 1000.0, 9), scale="log gain")
    assert re.match(r"0% \[-1\.01e\+306, 100\], n = 9", numbers_of(without_end))


def test_a_harm_is_told_as_a_loss_in_its_own_unit() -> None:
    harm = a_finding("one", measured=Interval(1.53, 0.918, 2.14, 64), rule="more than 0.1", printed=1.0, scale="harm")
    assert numbers_of(harm).startswith("-1.53 [-2.14, -0.918], n = 64; rule: less than -0.1; printed in the source: -1")
    none = a_finding("one", measured=Interval(-0.0167, -0.0371, 0.0037, 64), rule="less than 0.05", scale="harm")
    assert numbers_of(none).startswith("0.0167 [-0.0037, 0.0371], n = 64; rule: more than -0.05")
    alike = a_finding("one", measured=Interval(0.075, 0.07, 0.08, 64), rule="within 0.02 of 0", scale="harm")
    assert numbers_of(alike).startswith("-0.075 [-0.08, -0.07], n = 64; rule: -0.02 to 0.02")
    assert "from -2.14 to 0;" in findings(a_result(harm))._repr_html_()


def test_a_hypothesis_says_of_its_own_effect_that_it_is_a_harm() -> None:
    scales = {row["id"]: row["scale"] for row in read_ledger()}
    assert {scales[name] for name in ("subspace-few", "subspace-never-worse", "relatives-many-frozen", "capacity-too-wide")} == {"harm"}
    assert scales["subspace-many"] == scales["relatives-many-joint"] == ""
    assert "-0.0708 [" in str(findings(Capacity.recorded(), ids=["too-wide"]))


def test_a_verdict_and_its_rule_say_the_same_on_either_scale() -> None:
    for effect, rule in ((-0.583, below(-0.3)), (0.2, below(-0.3)), (0.2, above(0.1)), (-0.2, above(0.1))):
        claim = Hypothesis("one", "it helps", "ours", "a", rule=rule).claim("small", Interval(effect, effect, effect, 9), scale="change")
        told = numbers_of(replace(claim, role="finding", finding=claim.id))
        (than,) = re.findall(r"rule: (?:more|less) than -?([\d.]+)%", told)
        side = float(told.split("%")[0]) > math.copysign(float(than), -rule.boundaries[0])
        assert (side == ("more than" in told)) == (claim.verdict is Verdict.REPRODUCED)


def test_the_page_names_per_cent_on_its_axis_only_where_all_rows_have_them() -> None:
    saved = a_finding("one", measured=Interval(-0.5, -0.6, -0.4, 9), scale="change")
    assert "from 0% to 60%" in findings(a_result(saved))._repr_html_()
    assert "Dot at 50%, bar from 40% to 60%, above zero." in findings(a_result(saved))._repr_html_()
    assert "from 0 to 0.6;" in findings(a_result(saved, a_finding("two")))._repr_html_()


def test_every_effect_that_is_a_ratio_of_errors_says_so() -> None:
    scales = {row["id"]: row["scale"] for row in read_ledger()}
    assert scales["which-one-related"] == scales["tied-trunks-near"] == scales["structures-alone"] == "change"
    assert scales["experts-mmoe"] == "log gain"
    assert scales["fusion-or-layers-weak"] == "log change"
    assert scales["noise-by-optimizer-sgd"] == "saved"
    assert scales["trunk-decay-shrink"] == scales["eavesdropping-listens"] == scales["experts-seesaw-trunk"] == ""
