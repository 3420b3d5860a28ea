"""Functions of three variables out of six: they are in the printed order, they are what their names say, and a net can read its inputs."""

import numpy as np
import pytest

from mtl_tutor.tasks.peaks import peaks


@pytest.mark.parametrize(("place", "name"), [(1, "ABC"), (14, "AEC"), (24, "BAF"), (120, "FED")])
def test_the_functions_are_in_the_order_of_the_paper(place, name):
    tasks = peaks(n_samples=1).tasks
    assert len(tasks) == 120
    assert tasks[place - 1].name == name


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_every_label_is_what_the_name_of_its_task_says(split):
    data = peaks(n_variables=4, n_samples=30, n_units=1, seed=3)
    samples = data.splits()[split]
    for x, y in zip(samples.x, samples.y, strict=True):
        value = dict(zip("ABCD", x, strict=True))
        for task, label in zip(data.tasks, y, strict=True):
            test, then, other = task.name
            assert label == (value[then] if value[test] > 0.5 else value[other])


def test_of_the_units_of_a_variable_the_one_nearest_to_its_value_answers_most():
    plain, spread = (peaks(n_samples=50, n_units=n, seed=5).train.x for n in (1, 10))
    units = spread.reshape(50, 6, 10)
    np.testing.assert_array_equal(units.argmax(axis=2), np.round(9 * plain))
    np.testing.assert_allclose(units[..., 0], np.exp(-((9 * plain) ** 2) / 2))


def test_answers_correlate_by_what_is_shared_in_which_role():
    data = peaks(n_samples=20_000, seed=1)
    names = [task.name for task in data.tasks]
    correlation = np.corrcoef(data.train.y.T)

    def between(one, other):
        return correlation[names.index(one), names.index(other)]

    for pair, known in (
        (("ABC", "DEF"), 0),
        (("ABC", "ACB"), 0),
        (("ABC", "ABD"), 1 / 2),
        (("ABC", "DBE"), 1 / 4),
        (("ABC", "DBC"), 1 / 2),
    ):
        assert between(*pair) == pytest.approx(known, abs=0.03), pair


def test_a_seed_decides_the_samples_and_splits_differ():
    one, again, other = peaks(n_samples=20, seed=1), peaks(n_samples=20, seed=1), peaks(n_samples=20, seed=2)
    np.testing.assert_array_equal(one.train.x, again.train.x)
    assert not np.isclose(one.train.x, other.train.x).all(axis=1).any()
    assert not np.isclose(one.train.x, one.validation.x).all(axis=1).any()


@pytest.mark.messages
@pytest.mark.parametrize(
    ("bad", "message"),
    [({"n_variables": 2}, "letters"), ({"n_variables": 27}, "letters"), ({"n_samples": 0}, "at least 1"), ({"n_units": 0}, "at least 1")],
)
def test_peaks_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        peaks(**bad)
