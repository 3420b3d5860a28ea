"""A claim in a picture: everything stands where the numbers are, and the words say the same."""

import pytest

from mtl_tutor.plots import draw_verdict
from mtl_tutor.results import Claim
from mtl_tutor.statistics import Interval, Verdict


def a_claim(rule: str = "less than -0.3", scale: str = "change") -> Claim:
    effect = Interval(-0.5, -0.6, -0.4, 64)
    return Claim("small-one", "it helps", "ours", effect, Verdict.REPRODUCED, rule=rule, scale=scale)  # type: ignore[arg-type]


def test_the_marks_stand_on_the_scale_of_the_table():
    ax = draw_verdict(a_claim())
    (bar,) = ax.patches
    assert (bar.get_x(), bar.get_width()) == pytest.approx((0.4, 0.2))
    lines = sorted(float(segment[0][0]) for drawn in ax.collections for segment in drawn.get_segments() if segment[0][0] == segment[1][0])
    assert lines == pytest.approx([0.0, 0.3])
    texts = ["effect: 50%", "95% interval: 40% to 60%", "zero: no difference", "rule: more than 30%"]
    assert [text.get_text() for text in ax.texts] == texts
    assert ax.get_xlabel() == "share of the error that is saved"


def test_an_effect_of_another_kind_stays_as_it_is():
    ax = draw_verdict(a_claim("less than 0", ""))
    assert [text.get_text() for text in ax.texts] == ["effect: -0.5", "95% interval: -0.6 to -0.4", "zero: no difference"]
    assert ax.get_xlabel() == "effect"


def test_no_text_touches_another():
    ax = draw_verdict(a_claim())
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
