"""The table on trial: its rows, its controls, and what its numbers mean."""

import numpy as np
import pytest
from mtl_tutor.experiments._road_table import CHANGES, OWN, PRINTED, rank_correlation, table_claims
from mtl_tutor.experiments.road import Road, company_on_the_road

from mtl_tutor.results import History
from mtl_tutor.tasks.road import QUESTIONS


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"seeds": 3}, {"n_samples": 9}, {"noise": -1.0}, {"shadows": -0.1}, {"n_hidden": 0}, {"tuning_seeds": 2}])
def test_road_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Road(**bad)


def test_every_sentence_speaks_of_arms_and_conditions_that_exist():
    arms, ids = Road().arms(), {s.id for s in Road.sentences}
    for sentence in Road.sentences:
        assert sentence.more in arms
        assert sentence.less is None or sentence.less in arms
        assert set(sentence.unless.values()) <= ids
        assert sentence.measure in (*QUESTIONS, OWN)


def test_the_printed_changes_are_those_of_the_printed_errors():
    best = [0.069, 0.178, 0.069, 0.056, 0.152, 0.037, 0.054, 0.037, 0.054]
    joint = [0.058, 0.156, 0.062, 0.051, 0.151, 0.034, 0.038, 0.038, 0.054]
    changes = [round(j / b - 1, 3) for j, b in zip(joint, best, strict=True)]
    np.testing.assert_allclose(changes, list(PRINTED.values()), atol=1.1e-3)


def test_every_arm_asks_what_it_says():
    arms = Road(n_samples=12).arms()

    def tasks(name):
        return [task.name for task in arms[name].data(3).tasks]

    for question in QUESTIONS:
        assert tasks(f"{question} alone") == tasks(f"{question} alone, fast") == [question]
    assert tasks("joint") == list(QUESTIONS)
    assert [name for name in tasks("shuffled") if name in QUESTIONS] == ["steering"]
    assert [name for name in tasks("copies") if name in QUESTIONS] == ["steering"]
    assert len(arms["joint, twice"].data(3).train) == 24


def test_one_order_agrees_with_itself_and_the_reverse_does_not():
    assert rank_correlation(np.array(CHANGES)) == pytest.approx(1)
    assert rank_correlation(-np.array(CHANGES)) == pytest.approx(-1)


def test_all_rows_together_by_hand():
    ones = {of: np.ones(20) for of in QUESTIONS}
    like_the_table = {of: np.full(20, 1 + PRINTED[of]) for of in QUESTIONS}
    mean, fair, order = table_claims(like_the_table, ones, ones, ones)
    assert mean.measured.estimate == pytest.approx(np.mean(CHANGES))
    assert mean.printed == pytest.approx(np.mean(CHANGES), abs=5e-4)
    assert fair.measured.estimate == 0
    assert mean.verdict == "conditional"
    assert order.measured.estimate == pytest.approx(1)


def history(validation, test, tasks=QUESTIONS, diverged=(False,)):
    error = {"validation": np.array(validation, dtype=float), "test": np.array(test, dtype=float)}
    n = len(diverged)
    return History(np.arange(n), np.arange(2), tasks, error, error, np.full(n, 0.1), np.array(diverged), {})


def test_a_common_stop_costs_what_each_own_stop_would_have_saved():
    validation, test = np.full((1, 2, 9), 4.0), np.full((1, 2, 9), 1.0)
    validation[0, 1] = 3.0  # eight tasks are best at the second look
    validation[0, :, 0], test[0, :, 0] = (4.0, 5.0), (1.0, 9.0)  # the first at the first one
    measured = Road().measure(history(validation, test))
    assert measured["steering"][0] == pytest.approx(1)
    assert measured[OWN][0] == pytest.approx(np.log(3) / 9)


def test_a_diverged_net_counts_as_one_that_answers_the_mean_and_is_never_chosen():
    lost = history(np.full((1, 2, 9), 4.0), np.full((1, 2, 9), 4.0), diverged=(True,))
    assert Road().measure(lost)["lanes"][0] == 1
    assert Road().measure(lost)[OWN][0] == 0
    assert np.isnan(Road().validated(lost)[0])


def test_shuffled_questions_neither_count_nor_tune():
    names = ("steering", *(f"{of}, shuffled" for of in QUESTIONS[1:]))
    validation = np.full((1, 2, 9), np.e)
    validation[..., 1:] = 100.0
    beside = history(validation, validation, tasks=names)
    assert list(Road().measure(beside)) == ["steering"]
    assert Road().validated(beside)[0] == pytest.approx(1)


@pytest.mark.parametrize(("over", "x"), [("hidden units", [2, 4, 8, 16, 32]), ("training samples", [25, 50, 100, 200, 400])])
def test_the_picture_follows_four_companies(over, x, monkeypatch):
    monkeypatch.setattr(Road, "steps", 16)
    curves = company_on_the_road("road grey", over, n_seeds=20)
    assert list(curves.y) == ["alone", "alone, trunk × 9", "nine questions", "others shuffled"]
    assert (curves.xlabel, curves.x.tolist()) == (over, x)
    assert all(np.isfinite(line).all() for line in curves.y.values())
