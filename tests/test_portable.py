"""On another processor a verdict at its boundary may differ, any other not, and on a like one none."""

import nbformat
import portable
import pytest
from portable import may_flip, verdicts_that_differ

CLEAR = {"claim": "It helps", "verdict": "reproduced", "borderline": False}
CLOSE = {"claim": "... a little", "verdict": "reproduced", "borderline": True}
SAID = "reproduced   It helps\nreproduced   ... a little\n"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another processor."""
    monkeypatch.setattr(portable, "same_rounding", lambda: False)


def test_this_machine_rounds_the_same_each_time():
    first = portable.rounding()
    portable.rounding.cache_clear()
    assert portable.rounding() == first


@pytest.mark.parametrize(
    ("changes", "flips"), [({}, False), ({"borderline": True}, True), ({"verdict": "conditional"}, True)]
)
def test_a_borderline_claim_and_one_that_hangs_on_others_may_flip(changes, flips):
    assert may_flip(CLEAR | changes) is flips


def test_most_claims_of_the_ledger_are_clear():
    chapters = {
        path.relative_to(portable.ROOT).as_posix() for path in (portable.ROOT / "book").rglob("*.ipynb")
    }
    claims = [claim for chapter in chapters for claim in portable.claims_of(chapter)]
    assert len(claims) > 400
    assert sum(map(may_flip, claims)) < 0.1 * len(claims)


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_only_a_verdict_at_its_boundary_may_differ():
    claims = [CLEAR, CLOSE]
    assert verdicts_that_differ(SAID, SAID, claims) == []
    assert verdicts_that_differ(SAID.replace("reproduced   ...", "not shown    ..."), SAID, claims) == []
    assert verdicts_that_differ(SAID.replace("reproduced   It", "not shown    It"), SAID, claims) == [
        "not shown    It helps"
    ]
    assert verdicts_that_differ(SAID.replace("a little", "a lot"), SAID, claims) == [
        "reproduced   ... a lot"
    ]
    assert verdicts_that_differ(SAID + "opposite   More\n", SAID, claims) == ["3 lines, not 2"]
    assert verdicts_that_differ(SAID.replace("\n", "\n\n"), SAID, claims) == []


def test_where_rounding_is_the_same_no_verdict_may_differ(monkeypatch):
    monkeypatch.setattr(portable, "same_rounding", lambda: True)
    assert verdicts_that_differ(SAID.replace("reproduced   ...", "not shown    ..."), SAID, [CLEAR, CLOSE])


@pytest.mark.usefixtures("elsewhere")
def test_nbval_judges_by_that(monkeypatch):
    """The method that nbval compares by is put in place, as on another processor, and taken away again."""
    cell_class = pytest.importorskip("nbval.plugin").IPyNbCell
    with monkeypatch.context() as patched:
        patched.setattr(
            cell_class, "compare_outputs", lambda cell, test, ref, skip_compare=None: test == ref
        )
        portable.pytest_configure()
        cell = type(
            "Cell",
            (),
            {"path": portable.ROOT / "book/why/capacity.ipynb", "compare": cell_class.compare_outputs},
        )()
        patched.setattr(
            portable,
            "claims_of",
            lambda chapter: (CLEAR, CLOSE) if chapter == "book/why/capacity.ipynb" else (),
        )
        kept, close, clear = (
            [nbformat.v4.new_output("stream", text=text)]
            for text in (
                SAID,
                SAID.replace("reproduced   ...", "too small    ..."),
                SAID.replace("reproduced   It", "opposite   It"),
            )
        )
        assert cell.compare(kept, kept)
        assert cell.compare(close, kept)
        assert not cell.compare(clear, kept)
        assert not cell.compare(close, [])
