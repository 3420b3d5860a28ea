"""Deaths among those ranked safest, counted by hand; and wards whose tests were moved about."""

import numpy as np
import pytest

from mtl_tutor.experiments.why.caruana_1997.pneumonia import Pneumonia, pneumonia_curves
from mtl_tutor.experiments.why.caruana_1997.pneumonia_data import (
    FOP,
    death_squared,
    fop_error,
    fop_errors,
    known_tests,
    new_patients,
    repaired,
    risk_among_safest,
)
from mtl_tutor.tasks.patients import patients


@pytest.mark.parametrize(("fraction", "share"), [(0.2, 0.0), (0.4, 0.5), (0.6, 1 / 3), (0.8, 0.25), (1.0, 0.4)])
def test_deaths_among_the_safest_by_hand(fraction, share):
    score, died = np.array([[5.0, -1.0, 3.0, 2.0, 0.0]]), np.array([[1.0, 0.0, 0.0, 0.0, 1.0]])  # from the safest on: 0 1 0 0 1
    assert fop_error(score, died, fraction)[0] == pytest.approx(share)


def test_deaths_among_the_safest_against_sorting_every_net_by_itself():
    rng = np.random.default_rng(1)
    score, died = rng.normal(size=(6, 200)).round(1), 1.0 * (rng.random((6, 200)) < 0.3)  # rounded: with ties
    errors = fop_errors(score, died)
    assert list(errors) == list(FOP.values())
    for fraction, name in FOP.items():
        for net in range(6):
            safest = sorted(range(200), key=lambda patient: (score[net, patient], patient))[: round(200 * fraction)]
            assert errors[name][net] == fop_error(score, died, fraction)[net] == np.mean(died[net, safest])


def test_a_perfect_score_puts_all_deaths_last_and_an_inverted_one_first():
    died = 1.0 * (np.random.default_rng(2).random((3, 50)) < 0.4)
    assert not fop_error(died, died, 0.3).any()
    assert (fop_error(-died, died, 0.1) == 1).all()
    np.testing.assert_allclose(fop_error(np.zeros((3, 50)), died, 1.0), died.mean(axis=1))


@pytest.mark.messages
@pytest.mark.parametrize("fraction", [0.0, 1.1, 0.01, -0.5])
def test_fop_error_refuses_fractions_that_hold_nobody_or_too_many(fraction):
    with pytest.raises(ValueError, match="fraction"):
        fop_error(np.zeros((2, 20)), np.zeros((2, 20)), fraction)


@pytest.mark.messages
@pytest.mark.parametrize("score", [np.zeros((2, 19)), np.zeros(20), np.full((2, 20), np.nan)])
def test_fop_error_refuses_scores_that_are_not_for_these_patients(score):
    with pytest.raises(ValueError, match="score"):
        fop_error(score, np.zeros((2, 20)), 0.5)


def test_repaired_patients_get_the_whole_sheet_of_another_one():
    data = patients(60, n_labs=4, n_test=20, seed=1)
    dealt = repaired(data, 1)
    for name in ("train", "validation"):
        before, after = getattr(data, name), getattr(dealt, name)
        np.testing.assert_array_equal(before.x, after.x)
        np.testing.assert_array_equal(before.y[:, 0], after.y[:, 0])
        assert sorted(map(tuple, before.y[:, 1:])) == sorted(map(tuple, after.y[:, 1:]))
        assert (before.y[:, 1] == after.y[:, 1]).mean() < 0.1
    np.testing.assert_array_equal(data.test.y, dealt.test.y)


def test_known_tests_are_inputs_and_death_is_the_only_question():
    data = patients(30, n_labs=4, n_test=20, seed=1)
    known = known_tests(data)
    assert [task.name for task in known.tasks] == ["death"]
    np.testing.assert_array_equal(known.train.x, np.hstack([data.train.x, data.train.y[:, 1:]]))
    np.testing.assert_array_equal(known.test.y, data.test.y[:, :1])


def test_the_squared_error_asks_for_death_once_more():
    data = patients(30, n_labs=4, n_test=20, seed=1)
    twice = death_squared(data)
    assert [task.kind for task in twice.tasks] == ["binary", *["regression"] * 5]
    np.testing.assert_array_equal(twice.train.y, data.train.y[:, [0, 1, 2, 3, 4, 0]])


def test_new_patients_are_the_test_patients_of_their_seed():
    x, y = new_patients((3, 8), 2, 1.0)
    test = patients(50, n_labs=2, relatedness=1.0, seed=8).test
    np.testing.assert_allclose(x[1], test.x, rtol=1e-6)
    np.testing.assert_allclose(y[1], test.y, rtol=1e-6)


@pytest.mark.parametrize("name", ["joint", "known"])
def test_nets_are_judged_as_one_would_by_hand(name):
    trial = Pneumonia(n_samples=40, n_labs=3)
    arm = trial.arms()[name]
    arm = arm.variants[0] if arm.variants else arm
    history = trial.train(arm, np.array([7, 5, 7]), 2, np.array([0.01, 0.02, 0.02]))
    errors = risk_among_safest(history, 3, 0.5)
    for row, seed in enumerate((7, 5, 7)):
        test = patients(40, n_labs=3, seed=seed).test
        x = test.x if name == "joint" else np.hstack([test.x, test.y[:, 1:]])
        p = {key: value[row] for key, value in history.parameters.items()}
        risk = np.tanh(x @ p["trunk.0.weight"].T + p["trunk.0.bias"]) @ p["heads.0.weight"].T
        for fraction, measure in FOP.items():
            assert errors[measure][row] == pytest.approx(fop_error(risk.T, test.y[:, :1].T, fraction)[0], abs=2.1 / (4000 * fraction))


def test_the_picture_has_a_line_for_each_company_and_rises():
    picture = pneumonia_curves(samples=100, relatedness=1.0, n_seeds=20)
    assert set(picture.y) == {"death alone", "beside tests", "beside others' tests"}
    assert all((np.diff(line) > 0).all() for line in picture.y.values())
    assert (picture.y["beside tests"] < picture.y["beside others' tests"] - 0.003).all()
    np.testing.assert_array_equal(picture.x, [0.1, 0.2, 0.3, 0.4, 0.5])
