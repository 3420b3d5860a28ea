"""Places of an atlas of two points, in which it is known who gains and who does harm."""

from mtl_tutor.exercises import check_breaks
from mtl_tutor.statistics import Interval


def test_a_place_that_breaks_nothing_is_told_from_one_that_does(monkeypatch):
    gain, none, harm = Interval(0.2, 0.1, 0.3, 64), Interval(0.0, -0.1, 0.1, 64), Interval(-0.2, -0.3, -0.1, 64)
    atlas = {(0.0, 60, 6): {"A": harm, "B": harm, "C": harm}, (1.0, 60, 6): {"A": gain, "B": gain, "C": none}}
    monkeypatch.setattr("mtl_tutor.exercises.which_one.read_atlas", lambda: atlas)
    assert "isn't harm" in check_breaks([("A", 1.0, 60, 6)])
    assert "gains nowhere" in check_breaks([("C", 0.0, 60, 6)])
    assert "another architecture" in check_breaks([("A", 0.0, 60, 6)])
    assert check_breaks([("A", 0.0, 60, 6), ("B", 0.0, 60, 6)]).startswith("Right")
