"""Places of a small atlas, in which it is known who gains and who does harm."""

from atlases import small_atlas

from mtl_tutor.exercises import check_breaks


def test_a_place_that_breaks_nothing_is_told_from_one_that_does(monkeypatch):
    monkeypatch.setattr("mtl_tutor.exercises.which_one.read_atlas", small_atlas)
    assert "isn't harm" in check_breaks([("HardSharing", "p10-n60")])
    assert "isn't harm" in check_breaks([("MMoE", "flares")])  # below zero, but not clearly
    assert "gains nowhere" in check_breaks([("TaskTokens", "p0-n60")])
    assert "another architecture" in check_breaks([("HardSharing", "p0-n60")])
    assert check_breaks([("HardSharing", "p0-n60"), ("MMoE", "p0-n60-own")]).startswith("Right")
