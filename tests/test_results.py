"""The frozen results: best and last steps, honest about divergence; pictures that fit together."""

import json

import numpy as np
import pytest

from mtl_tutor.results import Bars, Claim, Curves, History, Map
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
        "verdict": "reproduced",
        "baseline": 0.7,
        "control": None,
        "rule": "",
        "condition": "",
        "printed": None,
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
