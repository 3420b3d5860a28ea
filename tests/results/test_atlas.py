"""The atlas as a table, and what it says to a reader with a case of their own."""

import json
from dataclasses import replace

import pytest
from atlases import GAINS, near, small_atlas

from mtl_tutor.results.atlas import AtlasRow, mark_of
from mtl_tutor.results.atlas_advice import RELATED, SINGLE, advise, all_advice
from mtl_tutor.statistics import Interval
from mtl_tutor.widgets import AtlasMap
from mtl_tutor.widgets.atlas import columns_of

ATLAS = small_atlas()


@pytest.mark.parametrize(
    ("low", "high", "mark"),
    [(2.1, 9, "gain"), (2, 9, "unclear"), (1, 9, "unclear"), (-9, -2.1, "harm"), (-9, -2, "unclear"), (-1, 1, "unclear")],
)
def test_the_whole_interval_must_lie_beyond_two_per_cent(low, high, mark):
    assert mark_of(Interval((low + high) / 2, low, high, 48)) == mark


def test_rows_count_gains_and_harms_and_know_their_worst_case():
    row = ATLAS.rows["MMoE"]
    assert row.cases("gain") == ["p10-n60", "p10-n60-20tasks"]
    assert row.cases("harm") == ["p5-n60", "p0-n60", "p10-n600", "p0-n60-own"]
    assert row.worst == ("p0-n60-own", -90.0)
    assert row.cost == (100.0, 130.0)


def test_fewest_harms_stand_first_and_among_equals_the_larger_mean_gain():
    assert ATLAS.ranked() == ["SoftSharing", "HardSharing", "MMoE", "TaskTokens"]
    twin = AtlasRow({case: near(gain.estimate + 0.5) for case, gain in ATLAS.rows["MMoE"].gains.items()}, ATLAS.rows["MMoE"].costs)
    assert replace(ATLAS, rows={**ATLAS.rows, "Twin": twin}).ranked()[2:4] == ["Twin", "MMoE"]
    lines = str(ATLAS).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ATLAS.ranked()
    assert lines[2].split()[1:4] == ["4", "2", "-40%"]


def test_an_unknown_architecture_or_case_is_refused():
    for bad in (("Nobody", "p10-n60"), ("MMoE", "p3-n60")):
        with pytest.raises(ValueError, match="must be"):
            ATLAS.gain(*bad)


def test_a_recorded_case_is_answered_by_itself_and_nothing_is_said():
    advice = advise(ATLAS, related="yes", tasks=20)
    assert (advice.note, advice.nearest) == ("", ("p10-n60-20tasks",))
    assert [one.name for one in advice.top] == ["HardSharing", "MMoE", "SoftSharing"]
    assert advice.like == ("p10-n60", "p10-n60-20tasks")


def test_the_risk_counts_cases_that_differ_in_one_thing_relatedness_among_them():
    first = advise(ATLAS, related="yes").top[0]
    assert (first.name, first.harms, first.of, first.worst) == ("HardSharing", 1, 5, -40.0)
    assert str(first).startswith("HardSharing: saves 60%. Risk: harm in 1 of 5 cases like yours, at worst -40%.")


def test_who_does_harm_in_a_nearest_case_stands_behind_single_task_nets():
    advice = advise(ATLAS)
    assert advice.nearest == ("p0-n60", "p5-n60", "p10-n60")
    assert [one.name for one in advice.top] == ["SoftSharing", SINGLE, "HardSharing"]
    assert advise(ATLAS, related="no").top[1].name == SINGLE


@pytest.mark.parametrize(
    ("asked", "case"),
    [
        ({"samples": 5000}, "p10-n600"),
        ({"samples": 61}, "p10-n60"),
        ({"samples": 180}, "p10-n60"),
        ({"samples": 200}, "p10-n600"),
        ({"samples": 1}, "p10-n60"),
        ({"tasks": 15}, "p10-n60-20tasks"),
        ({"tasks": 1e300}, "p10-n60-20tasks"),
        ({"depth": 3}, "p10-n60"),
        ({"inputs": "own"}, "p10-n60"),
    ],
)
def test_a_case_outside_the_grid_gets_the_nearest_and_is_told_so(asked, case):
    advice = advise(ATLAS, related="yes", **asked)
    assert advice.nearest == (case,)
    assert advice.note == f"Your case isn't recorded. The nearest: {ATLAS.cases[case].label}."
    assert len(advice.top) == 3
    assert str(advice).startswith(advice.note)


@pytest.mark.parametrize(
    "bad",
    [{"tasks": 0}, {"tasks": float("nan")}, {"samples": float("inf")}, {"samples": -5}, {"depth": 0}, {"inputs": "none"}, {"related": "1"}],
)
def test_what_is_no_case_is_refused(bad):
    with pytest.raises(ValueError, match="must be"):
        advise(ATLAS, **bad)


def test_every_combination_has_three_suggestions_of_different_names():
    advice = all_advice(ATLAS)
    assert len(advice) == 3 * 2 * 3 * len(RELATED) * 2
    assert all(len({one.name for one in each.top}) == 3 for each in advice.values())


def test_the_map_holds_every_number_and_fits_into_a_page():
    spec = json.loads(json.dumps(AtlasMap(ATLAS).spec))
    keys = [column["key"] for column in spec["columns"]]
    assert keys == columns_of(ATLAS)
    assert sorted(keys) == sorted(ATLAS.cases)
    assert [column["group"] for column in spec["columns"]] == ["related"] * 3 + ["half"] + ["unrelated"] * 2 + ["real"]
    for row in spec["rows"]:
        assert row["cells"] == [[gain, gain - 5, gain + 5] for gain in (ATLAS.gain(row["name"], key).estimate for key in keys)]
    assert set(spec["advice"]) == set(all_advice(ATLAS))


def test_without_scripts_a_picture_stands_in_its_place():
    data, _ = AtlasMap(ATLAS)._repr_mimebundle_()
    assert data["image/png"].startswith("iVBOR")
    assert repr(AtlasMap(ATLAS)) == f"AtlasMap({len(GAINS)} architectures, 7 cases)"
