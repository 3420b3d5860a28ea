"""Simulated patients have the relations that they promise, and no others."""

import numpy as np
import pytest

from mtl_tutor.tasks.patients import patients


def explained(x, y):
    """The share of each column of y that a linear function of x explains."""
    x = np.column_stack([x, np.ones(len(x))])
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return 1 - left.var(axis=0) / y.var(axis=0)


@pytest.fixture(scope="module")
def crowd():
    return patients(20, n_test=20_000, seed=3).test


@pytest.mark.parametrize("prevalence", [0.03, 0.109, 0.5, 0.9])
def test_as_many_die_as_asked_for(prevalence):
    died = patients(50, prevalence=prevalence, n_labs=1, n_test=40_000, seed=1).test.y[:, 0]
    assert set(died) == {0.0, 1.0}
    assert died.mean() == pytest.approx(prevalence, abs=0.007)


def test_without_severity_death_is_a_coin():
    ward = patients(20, severity=0.0, n_test=40_000, seed=1).test
    assert ward.y[:, 0].mean() == pytest.approx(0.109, abs=0.006)
    assert explained(np.hstack([ward.x, ward.y[:, 1:]]), ward.y[:, [0]]).max() < 0.004


def test_the_first_of_every_three_inputs_sees_the_organs_the_second_traits_the_third_nothing(crowd):
    organs, traits, nothing = crowd.x[:, 0::3], crowd.x[:, 1::3], crowd.x[:, 2::3]
    died, tests = crowd.y[:, [0]], crowd.y[:, 1:]
    assert explained(organs, died)[0] > 0.1
    assert explained(np.hstack([traits, nothing]), died)[0] < 0.004
    assert explained(organs, tests).mean() > 0.1
    assert explained(traits, tests).mean() > 0.1
    assert explained(nothing, tests).max() < 0.004
    np.testing.assert_allclose(crowd.x.std(axis=0), 1, atol=0.02)


@pytest.mark.parametrize(("relatedness", "low", "high"), [(0.0, 0.0, 0.005), (0.5, 0.05, 0.4), (1.0, 0.2, 0.5)])
def test_tests_tell_about_death_as_far_as_they_are_about_organs(relatedness, low, high):
    ward = patients(20, relatedness=relatedness, n_test=20_000, seed=5).test
    assert low <= explained(ward.y[:, 1:], ward.y[:, [0]])[0] < high


def test_tests_of_the_same_patient_are_informative_and_those_of_another_are_not(crowd):
    dealt = np.random.default_rng(0).permutation(crowd.y[:, 1:])
    assert explained(crowd.y[:, 1:], crowd.y[:, [0]])[0] > 0.1
    assert explained(dealt, crowd.y[:, [0]])[0] < 0.005
    assert explained(dealt, crowd.x).max() < 0.005


def test_inputs_do_not_contain_the_tests(crowd):
    tests = crowd.y[:, 1:]
    assert np.abs(np.corrcoef(np.hstack([crowd.x, tests]).T)[30:, :30]).max() < 0.7
    assert ((1 - explained(crowd.x, tests)) * tests.var(axis=0)).min() > 1.0  # the noise alone has variance 1


@pytest.mark.parametrize(("relatedness", "dimensions"), [(0.0, 3), (0.5, 6), (1.0, 3)])
def test_without_noise_the_tests_have_as_many_dimensions_as_there_are_states(relatedness, dimensions):
    data = patients(400, n_organs=3, noise=0.0, relatedness=relatedness, seed=2)
    assert np.linalg.matrix_rank(data.train.y[:, 1:], tol=1e-8) == dimensions
    assert np.linalg.matrix_rank(data.train.x, tol=1e-8) == 6
    assert data.train.y[:, 1:].std() == pytest.approx(1, abs=0.1)


def test_neither_the_tests_nor_the_number_of_patients_change_who_is_asked_about():
    one, other = patients(40, seed=4), patients(80, n_labs=3, relatedness=1.0, seed=4)
    np.testing.assert_array_equal(one.test.x, other.test.x)
    np.testing.assert_array_equal(one.test.y[:, 0], other.test.y[:, 0])
    same = patients(40, n_labs=3, relatedness=0.0, seed=4)
    np.testing.assert_array_equal(one.train.x, same.train.x)
    np.testing.assert_array_equal(one.train.y[:, 0], same.train.y[:, 0])
    assert not np.isin(one.train.x, one.validation.x).any()
    assert not np.array_equal(one.test.x, patients(40, seed=5).test.x)


@pytest.mark.messages
@pytest.mark.parametrize(
    "bad",
    [
        *({"prevalence": value} for value in (0.0, 1.0, -0.1, float("nan"))),
        *({name: 0} for name in ("n_samples", "n_inputs", "n_labs", "n_organs", "n_test")),
        *({"relatedness": value} for value in (-0.1, 1.1)),
        {"noise": -1.0},
        {"severity": -1.0},
        {"severity": float("inf")},
        {"n_samples": 9},
        {"n_samples": 100, "prevalence": 0.005},
    ],
)
def test_patients_refuses(bad):
    with pytest.raises(ValueError, match="must"):
        patients(**bad)
