"""What all planted toys promise: a seed decides them, noise spares the test, and a task may have samples of its own."""

import numpy as np
import pytest

from mtl_tutor.tasks.clusters import clusters
from mtl_tutor.tasks.deviations import deviations
from mtl_tutor.tasks.needed_answer import needed_answer
from mtl_tutor.tasks.shared_rows import shared_rows
from mtl_tutor.tasks.shared_subspace import shared_subspace
from mtl_tutor.tasks.sine_codes import sine_codes
from mtl_tutor.tasks.task_pairs import task_pairs
from mtl_tutor.tasks.task_tree import task_tree

WITH_OWN_SAMPLES = [shared_subspace, shared_rows, deviations, clusters, task_tree, sine_codes]
ALL = [*WITH_OWN_SAMPLES, needed_answer, task_pairs]
OF_VARIANCE_ONE = [shared_subspace, shared_rows, deviations, clusters, task_tree, needed_answer]


def arrays(planted):
    splits = {f"{name}.{axis}": getattr(split, axis) for name, split in planted.data.splits().items() for axis in "xy"}
    return {**splits, **planted.truth}


@pytest.mark.parametrize("plant", ALL)
def test_a_seed_decides_data_and_truth(plant):
    one, again, other = (arrays(plant(seed=seed)) for seed in (3, 3, 4))
    for name in one:
        np.testing.assert_array_equal(one[name], again[name], err_msg=name)
    assert all(not np.array_equal(one[name], other[name]) for name in one if "." in name)
    assert plant is task_tree or any(not np.array_equal(one[name], other[name]) for name in plant().truth)


@pytest.mark.parametrize("plant", ALL)
def test_noise_is_as_strong_as_asked_for_and_spares_inputs_and_test(plant):
    noisy, clean = (plant(n_samples=1000, noise=noise).data for noise in (0.4, 0.0))
    added = [getattr(noisy, split).y - getattr(clean, split).y for split in ("train", "validation")]
    assert [np.nanstd(noise) for noise in added] == pytest.approx([0.4, 0.4], rel=0.06)
    assert not np.array_equal(*added)
    np.testing.assert_array_equal(noisy.train.x, clean.train.x)
    np.testing.assert_array_equal(noisy.test.y, clean.test.y)


@pytest.mark.parametrize("plant", ALL)
def test_truth_and_test_stay_whatever_there_is_to_learn_from(plant):
    few, many = arrays(plant(n_samples=7)), arrays(plant(n_samples=30, noise=0.0))
    for name in few:
        if name.startswith("test") or "." not in name:
            np.testing.assert_array_equal(few[name], many[name], err_msg=name)


@pytest.mark.parametrize("plant", ALL)
def test_no_sample_is_learned_from_and_judged_on(plant):
    x = np.concatenate([split.x for split in plant().data.splits().values()])
    assert len(np.unique(x, axis=0)) == len(x)


@pytest.mark.parametrize("plant", WITH_OWN_SAMPLES)
def test_own_samples_are_as_many_for_every_task_and_answer_it_alone(plant):
    data = plant(n_samples=12, separate=True).data
    for split in (data.train, data.validation):
        known = ~np.isnan(split.y)
        assert (known.sum(axis=1) == 1).all()
        assert (known.sum(axis=0) == 12).all()
    assert not np.isnan(data.test.y).any()


@pytest.mark.parametrize("plant", ALL)
def test_tasks_answer_the_same_samples_when_they_have_none_of_their_own(plant):
    data = (plant(n_samples=12, separate=False) if plant in WITH_OWN_SAMPLES else plant(n_samples=12)).data
    assert len(data.train) == len(data.validation) == 12
    assert not np.isnan(data.train.y).any()


@pytest.mark.parametrize("plant", OF_VARIANCE_ONE)
def test_noise_free_labels_have_variance_one_on_average(plant):
    assert np.mean([plant(seed=seed).data.test.y.var(axis=0).mean() for seed in range(100)]) == pytest.approx(1, abs=0.07)


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"n_tasks": 0}, {"n_samples": 0}, {"n_samples": 2.5}, {"noise": -1.0}, {"noise": float("nan")}])
@pytest.mark.parametrize("plant", ALL)
def test_bad_counts_and_noise_get_a_sentence(plant, bad):
    with pytest.raises((TypeError, ValueError), match=rf"`{next(iter(bad))}` must .*; got"):
        plant(**bad)
