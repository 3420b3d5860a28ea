"""The frozen results: best and last steps, honest about divergence; pictures that fit together."""

import json

import numpy as np
import pytest

from mtl_tutor.results import Bars, Claim, Curves, Graph, History, Map
from mtl_tutor.statistics import Interval, Verdict


def a_history(validation=True, diverged=(False, False)):
    test = np.array([[[3.0], [2.0], [1.0]], [[6.0], [5.0], [4.0]]])
    loss = {"train": test, "test": test}
    if validation:
        loss["validation"] = np.array([[[3.0], [1.0], [2.0]], [[np.nan], [2.0], [3.0]]])
    return History(
        seeds=np.arange(2),
        steps=np.array([0, 10, 20]),
        tasks=("T",),
        loss=loss,
        error=loss,
        lr=np.full(2, 0.1),
        diverged=np.array(diverged),
        parameters={},
    )


def test_best_reads_the_test_error_where_the_validation_loss_was_lowest():
    assert a_history().best_step().tolist() == [[1], [1]]
    assert a_history().best().tolist() == [[2.0], [5.0]]


def test_last_reads_the_last_step():
    assert a_history().last().tolist() == [[1.0], [4.0]]


def test_a_diverged_seed_reads_nan_and_its_neighbour_does_not():
    for values in (a_history(diverged=(False, True)).last(), a_history(diverged=(False, True)).best()):
        assert np.isnan(values[1, 0])
        assert np.isfinite(values[0, 0])


def test_without_validation_samples_there_is_no_best_step():
    with pytest.raises(ValueError, match="validation"):
        a_history(validation=False).best()


def test_a_split_that_was_not_given_is_named():
    with pytest.raises(ValueError, match="'exam'"):
        a_history().last("exam")


def test_a_claim_becomes_plain_json():
    claim = Claim("id-1", "it helps", "ours", Interval(0.5, 0.4, 0.6, 100), Verdict.REPRODUCED, baseline=Interval(0.7, 0.7, 0.7, 9))
    assert json.loads(json.dumps(claim.as_dict())) == {
        "id": "id-1",
        "claim": "it helps",
        "source": "ours",
        "estimate": 0.5,
        "low": 0.4,
        "high": 0.6,
        "n": 100,
        "by_block": [],
        "verdict": "reproduced",
        "baseline": 0.7,
        "control": None,
        "rule": "",
        "condition": "",
        "printed": None,
        "agree": None,
        "borderline": False,
        "edges": [],
        "role": "detail",
        "finding": "",
        "as_expected": None,
        "scale": "",
    }


@pytest.mark.messages
def test_pictures_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="as long as `x`"):
        Curves(np.arange(3.0), {"T": np.arange(2.0)})
    with pytest.raises(ValueError, match="at least one line"):
        Curves(np.arange(3.0), {})
    with pytest.raises(ValueError, match="at least one bar"):
        Bars({})
    with pytest.raises(ValueError, match=r"\(row, column\)"):
        Map(np.arange(3.0), np.arange(2.0), np.zeros((3, 2)))


def landscape(**changes):
    return Map(**({"x": np.arange(3.0), "y": np.arange(2.0), "z": np.zeros((2, 3))} | changes))


ONE = Interval(0.5, 0.4, 0.6, 9)
REFUSED = {
    "a number for a bar": (lambda: Bars({"a": 1.0}), "`bars['a']` must be an Interval; got 1.0."),
    "an endless bar": (lambda: Bars({"a": Interval(0.5, 0.4, np.inf, 9)}), "`high` must be a finite number; got inf."),
    "too many bars": (
        lambda: Bars(dict.fromkeys(map(str, range(501)), ONE)),
        "`bars` must hold at least one bar and at most 500; got 501.",
    ),
    "limits upside down": (lambda: Bars({"a": ONE}, ylim=(1, 0)), "`ylim` must be (low, high), finite, with low < high; got (1, 0)."),
    "no number": (lambda: Bars({"a": ONE}, reference=np.nan), "`reference` must be a finite number; got nan."),
    "an unknown role": (
        lambda: Curves([1, 2], {"a": [1, 2]}, roles={"a": "mian"}),
        "`roles['a']` must be one of 'main', 'other', 'third', 'fourth', 'single_task', 'control'; got 'mian'. Did you mean 'main'?",
    ),
    "words": (lambda: Curves([1, 2], {"a": ["x", "y"]}), "`y['a']` must be an array of numbers [point]; got ['x', 'y']."),
    "a name that is none": (lambda: Curves([1, 2], {1: [1, 2]}), "`key of y` must be a string; got 1."),
    "no point": (lambda: Curves([], {"a": []}), "`x` must hold at least 1 point; got 0."),
    "an unknown place": (lambda: Curves([0, np.nan], {"a": [1, 2]}), "`x` must be finite and ascending; got [0.0, nan]."),
    "back and forth": (lambda: Curves([0, 2, 1], {"a": [1, 2, 3]}), "`x` must be finite and ascending; got [0.0, 2.0, 1.0]."),
    "no logarithm": (lambda: Curves([0, 1], {"a": [1, 2]}, xscale="log"), "`x` must lie above 0 on a logarithmic axis; got 0."),
    "no logarithm either": (
        lambda: Curves([0, 1], {"a": [1, 2]}, yscale="log", ylim=(0, 1)),
        "`ylim` must lie above 0 on a logarithmic axis; got (0, 1).",
    ),
    "another scale": (
        lambda: Curves([0, 1], {"a": [1, 2]}, yscale="logg"),
        "`yscale` must be one of 'linear', 'log'; got 'logg'. Did you mean 'log'?",
    ),
    "half a band": (
        lambda: Curves([0, 1], {"a": [1, 2]}, low={"a": [0, 0]}),
        "`low` and `high` must both name the same lines of `y`; got ['a'] and [].",
    ),
    "a band inside out": (
        lambda: Curves([0, 1], {"a": [1, 2]}, low={"a": [2, 3]}, high={"a": [0, 1]}),
        "`low['a']` must nowhere lie above `high['a']`; it does.",
    ),
    "one column": (lambda: landscape(x=[1.0], z=np.zeros((2, 1))), "`x` must hold at least 2 points; got 1."),
    "nothing but gaps": (
        lambda: landscape(z=np.full((2, 3), np.nan)),
        "`z` must hold a finite number, and no infinite one without `zlim`; it does not.",
    ),
    "triples": (
        lambda: landscape(paths=np.zeros((1, 2, 3))),
        "`paths` must have pairs (x, y) on their last axis; got an array of shape (1, 2, 3) and type float64.",
    ),
    "half a mark": (lambda: landscape(marks={"a": (1.0,)}), "`marks['a']` must have 2 entries; got 1."),
    "no node": (lambda: Graph((), {}), "`columns` must hold at least one node and at most 500; got none."),
    "no verdict": (lambda: Claim("a", "b", "c", ONE, "reproduced"), "`verdict` must be a Verdict; got 'reproduced'."),
    "no measurement": (lambda: Claim("a", "b", "c", 0.5, Verdict.REPRODUCED), "`measured` must be an Interval; got 0.5."),
}


@pytest.mark.messages
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(case):
    make, sentence = REFUSED[case]
    with pytest.raises((TypeError, ValueError)) as caught:
        make()
    assert str(caught.value) == sentence


def test_lists_and_numpys_numbers_make_a_picture():
    curves = Curves([1, 2], {"a": [np.float32(0.5), np.nan]}, ylim=(np.int64(0), np.float32(1)))
    assert curves.y["a"].dtype == float
    assert curves.ylim == (0, 1)
    assert landscape(z=np.where(np.arange(6).reshape(2, 3) == 0, np.inf, 1.0), zlim=(0, 2)).zlim == (0, 2)
