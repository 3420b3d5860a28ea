"""The claims of *MTL as regularisation*, on seeds of their own."""

import numpy as np
import pytest

from mtl_tutor.experiments import Reconstruction, Result, Stein, Subspace

pytestmark = pytest.mark.claims
ALONE, JOINT = "alone, ridge", ("joint, no penalty", "joint, penalised", "joint, soft")


def risk_of(n_tasks: int, shared: bool = True) -> str:
    return f"risk of {n_tasks} tasks" + ("" if shared else " that share nothing")


@pytest.fixture(scope="module")
def result() -> Result:
    return Subspace(seeds=20, first_seed=20_000, n_jobs=2).run()


@pytest.fixture(scope="module")
def rebuilt() -> Result:
    return Reconstruction(seeds=32, first_seed=20_000, tuning_seeds=20, n_jobs=2).run()


@pytest.mark.parametrize("arm", JOINT)
def test_three_hundred_tasks_learn_together_what_none_of_them_can_learn_alone(result, arm):
    assert result.interval(ALONE, measure=risk_of(300)).low > 1.4
    assert result.interval(arm, measure=risk_of(300)).high < 0.1


def test_the_shared_part_of_the_risk_falls_in_proportion_to_the_tasks_and_the_rest_stays(result):
    power, height = (result.claim(name).measured for name in ("proportion", "floor"))
    assert -1.3 < power.low < power.high < -0.9
    assert abs(height.estimate) < 0.02


@pytest.mark.parametrize("n_tasks", [3, 10])
def test_a_joint_fit_without_penalties_is_worse_than_none_where_tasks_are_few(result, n_tasks):
    assert result.interval("joint, no penalty", ALONE, risk_of(n_tasks)).low > 0.1


@pytest.mark.parametrize("n_tasks", [1, 3, 10, 30, 100, 300])
@pytest.mark.parametrize("shared", [True, False])
def test_soft_constraints_do_no_harm(result, n_tasks, shared):
    assert result.interval("joint, soft", ALONE, risk_of(n_tasks, shared)).estimate < 0.05


@pytest.mark.parametrize("arm", JOINT[:2])
def test_where_nothing_is_shared_a_subspace_does_harm_however_many_tasks_there_are(result, arm):
    assert all(result.interval(arm, ALONE, risk_of(n, shared=False)).low > 0.1 for n in (10, 30, 100, 300))


def test_the_number_of_processes_changes_no_number():
    one, two = (Subspace(seeds=20, first_seed=20_000, n_jobs=n_jobs).measured((1, 3)) for n_jobs in (1, 2))
    assert all(np.array_equal(one[arm], two[arm]) for arm in one)


def test_stein_gains_in_total_from_three_means_on_and_not_for_each():
    stein = Stein(seeds=2000, first_seed=20_000).run()
    names = [f"{p} means, mean square {size}" for p, size in ((3, 0), (3, 1), (10, 0), (10, 1), (10, 9))]
    assert all(stein.interval(name).high < 0 for name in names)
    assert all(np.abs(stein.values(f"2 means, mean square {size}")).max() < 1e-12 for size in (0, 1, 9))
    assert stein.interval("one far from nine others").low > 1


def test_the_risk_at_zero_is_what_the_formula_says():
    gain = Stein(seeds=4000, first_seed=20_000).changes(np.zeros(10)).mean()
    assert -0.9 < gain < -0.8  # 2/p without the positive part, a little less with it


@pytest.mark.parametrize("arm", ["joint", "same images", "shuffled", "copies"])
def test_reconstruction_gains_no_digit_in_a_hundred(rebuilt, arm):
    assert rebuilt.interval("alone", arm).estimate < 0.01
