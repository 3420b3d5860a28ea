"""Nobody sits in training for one task and in the test for another, whoever draws."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from mtl_tutor.tasks import Samples, Task, TaskData

X = np.arange(50.0)[:, None]


def table(**settings):
    """Fifty samples that know their own number, the second task's labels being rare."""
    rare = np.where(np.arange(50) % 5 == 0, 1.0, np.nan)
    return TaskData.from_arrays(X, {"often": X[:, 0], "rarely": rare}, **settings)


def sizes(data):
    return {name: len(samples) for name, samples in data.splits().items()}


def members(data):
    return {name: set(samples.x[:, 0].astype(int)) for name, samples in data.splits().items()}


def in_one_split_only(parts, n_all):
    counts = Counter(one for part in parts.values() for one in part)
    return set(counts.values()) == {1} and len(counts) == n_all


def test_every_sample_is_in_one_split_with_its_own_labels():
    data = table().split(seed=3)
    assert sizes(data) == {"train": 30, "validation": 10, "test": 10}
    assert in_one_split_only(members(data), 50)
    for samples in data.splits().values():
        np.testing.assert_array_equal(samples.y[:, 0], samples.x[:, 0])


def test_a_seed_decides_who_and_never_how_many():
    drawn = [members(table().split(seed=seed)) for seed in range(20)]
    assert members(table().split(seed=7)) == drawn[7]
    assert len({tuple(sorted(one["test"])) for one in drawn}) == 20
    assert {tuple(len(part) for part in one.values()) for one in drawn} == {(30, 10, 10)}


def test_every_sample_is_as_likely_to_be_tested_as_any_other():
    counts = Counter(one for seed in range(400) for one in members(table().split(seed=seed))["test"])
    assert min(counts.values()) > 40  # 80 expected, standard deviation 8
    assert max(counts.values()) < 130


def test_every_task_has_a_label_in_every_split():
    data = TaskData.from_arrays(X, {"often": X[:, 0], "once each": [1.0] * 3 + [None] * 47})
    for seed in range(20):
        assert [(~np.isnan(samples.y[:, 1])).sum() for samples in data.split(seed=seed).splits().values()] == [1, 1, 1]


def test_every_class_is_seen_in_training():
    data = TaskData.from_arrays(X, {"kind": ["rare", *["a", "b"] * 24, "rarer"]}, kinds={"kind": "multiclass"})
    for seed in range(20):
        assert set(data.split(seed=seed).train.y[:, 0]) == {0, 1, 2, 3}


@pytest.mark.parametrize("n_people", [10, 23])
def test_people_stay_together(n_people):
    person = np.random.default_rng(0).integers(n_people, size=50)
    for seed in range(20):
        data = table(groups=person).split(seed=seed)
        assert in_one_split_only({name: set(person[[*rows]]) for name, rows in members(data).items()}, len(set(person)))


def test_a_person_asked_for_two_tasks_is_learned_from_or_judged_on():
    pairs, groups = {"a": (X, X[:, 0]), "b": (X + 0.5, X[:, 0])}, {"a": range(50), "b": range(50)}
    data = TaskData.from_pairs(pairs, groups=groups).split(seed=1)
    people = {name: set(np.floor(samples.x[:, 0])) for name, samples in data.splits().items()}
    assert in_one_split_only(people, 50)
    assert sizes(data) == {"train": 60, "validation": 20, "test": 20}
    assert not in_one_split_only(
        {name: set(np.floor(s.x[:, 0])) for name, s in TaskData.from_pairs(pairs).split(seed=1).splits().items()}, 50
    )


def test_groups_fill_a_split_as_nearly_as_they_can_for_every_seed():
    person = np.repeat(range(6), (20, 10, 7, 6, 4, 3))  # 10 of 50 wanted: 10, 7 + 3 or 6 + 4
    tests = [table(groups=person).split(validation=0, seed=seed).test for seed in range(20)]
    assert {len(samples) for samples in tests if samples} == {10}
    assert {tuple(sorted(set(samples.group))) for samples in tests if samples} == {(1,), (2, 5), (3, 4)}


def test_redrawing_leaves_the_test_alone_and_draws_the_rest_anew():
    person = np.random.default_rng(1).integers(15, size=50)
    data = table(groups=person).split(seed=0)
    drawn = [data.redraw(seed=seed) for seed in range(10)]
    assert {tuple(sizes(one).items()) for one in drawn} == {tuple(sizes(data).items())}
    assert len({tuple(one.train.x[:, 0]) for one in drawn}) == 10
    for one in drawn:
        assert one.test is data.test
        assert in_one_split_only(members(one), 50)
        assert in_one_split_only({name: set(samples.group) for name, samples in one.splits().items()}, len(set(person)))


def test_a_test_of_ones_own_leaves_the_rest_to_be_drawn():
    whole = table()
    data = replace(whole, train=whole.train.at(range(40)), test=whole.train.at(range(40, 50))).redraw(seed=0, validation=0.25)
    assert sizes(data) == {"train": 30, "validation": 10, "test": 10}
    assert members(data)["test"] == set(range(40, 50))


@pytest.mark.parametrize("groups", [None, np.repeat(range(25), 2)])
def test_every_sample_is_tested_in_one_fold(groups):
    folds = table(groups=groups).folds(4, seed=2)
    assert in_one_split_only({k: members(fold)["test"] for k, fold in enumerate(folds)}, 50)
    assert sorted(len(fold.test) for fold in folds if fold.test) == ([12, 12, 13, 13] if groups is None else [12, 12, 12, 14])
    for fold in folds:
        assert in_one_split_only(members(fold), 50)
        assert groups is None or not set(fold.train.group) & set(fold.test.group)


def test_folds_of_unequal_groups_are_about_equal():
    person = np.repeat(range(8), (16, 12, 8, 4, 4, 2, 2, 2))
    for seed in range(5):
        folds = table(groups=person).folds(3, seed=seed)
        assert sorted(len(fold.test) for fold in folds if fold.test) == [16, 16, 18]


def test_folds_can_have_validation_samples_too():
    for fold in table().folds(5, validation=0.25):
        assert sizes(fold) == {"train": 30, "validation": 10, "test": 10}
        assert in_one_split_only(members(fold), 50)


def test_a_class_that_training_never_shows_is_named():
    tasks, x = (Task("ripe", "binary", classes=("no", "yes")),), np.zeros((2, 1))
    data = TaskData(tasks, Samples(x, np.zeros((2, 1))), test=Samples(x, np.array([[0.0], [1.0]])))
    with pytest.raises(ValueError, match=r"'ripe' must have a training label of every class; class yes occurs in `test` only"):
        data.check_classes()
    TaskData(tasks, data.test or data.train, test=data.train).check_classes()


def shares_of(data, task=0):
    """The number of samples of each class in each split."""
    return {name: Counter(samples.y[:, task][~np.isnan(samples.y[:, task])].astype(int)) for name, samples in data.splits().items()}


CLASSES = np.repeat(["often", "sometimes", "rarely"], (35, 10, 5))


def test_each_split_gets_its_share_of_every_class():
    data = TaskData.from_arrays(X, {"kind": CLASSES, "size": X[:, 0]})
    for seed in range(20):
        split = data.split(seed=seed, stratify=True)
        assert sizes(split) == {"train": 30, "validation": 10, "test": 10}
        assert in_one_split_only(members(split), 50)
        assert shares_of(split) == {"train": {0: 21, 1: 3, 2: 6}, "validation": {0: 7, 1: 1, 2: 2}, "test": {0: 7, 1: 1, 2: 2}}
        assert shares_of(split.redraw(seed=seed, stratify=True)) == shares_of(split)
    assert len({tuple(data.split(seed=seed, stratify=True).train.x[:, 0]) for seed in range(20)}) == 20
    shares = [shares_of(data.split(seed=seed))["test"][1] for seed in range(20)]
    assert len(set(shares)) > 1  # what a plain draw does


def test_classes_of_several_tasks_and_rare_labels_are_spread_at_once():
    rng = np.random.default_rng(0)
    y = {"a": rng.permutation([0, 1, 1, 1, 1] * 40), "b": rng.permutation(np.r_[np.zeros(20), np.ones(20), [np.nan] * 160])}
    y["c"] = np.where(rng.random(200) < 0.1, 1.0, np.nan)
    data = TaskData.from_arrays(np.arange(200.0)[:, None], y, kinds=["binary", "binary", "regression"])
    n_rare = (~np.isnan(data.train.y[:, 2])).sum()
    for seed in range(10):
        split = data.split(seed=seed, stratify=True)
        assert sizes(split) == {"train": 120, "validation": 40, "test": 40}
        for name, share in {"train": 0.6, "validation": 0.2, "test": 0.2}.items():
            assert abs(shares_of(split)[name][0] - 40 * share) <= 1
            assert abs(shares_of(split, 1)[name][0] - 20 * share) <= 1
            assert abs(shares_of(split, 1)[name][1] - 20 * share) <= 1
            assert abs((~np.isnan(split.splits()[name].y[:, 2])).sum() - n_rare * share) <= 1


def test_groups_stay_together_where_classes_are_spread():
    rng = np.random.default_rng(0)
    person = np.repeat(range(60), rng.integers(1, 5, size=60))
    ill = np.where(person % 10 == 0, 1, 0)
    data = TaskData.from_arrays(np.arange(len(person))[:, None], {"ill": ill}, kinds="binary", groups=person)
    for seed in range(10):
        split = data.split(seed=seed, stratify=True)
        assert in_one_split_only({name: set(samples.group) for name, samples in split.splits().items()}, 60)
        assert all(counts[1] for counts in shares_of(split).values())
        assert abs(len(split.train) / len(person) - 0.6) < 0.05
        for fold in data.folds(3, seed=seed, stratify=True):
            assert not set(fold.train.group) & set(fold.test.group)
            assert shares_of(fold)["test"][1] >= 1


def test_every_fold_gets_its_share_of_every_class():
    data = TaskData.from_arrays(X, {"kind": CLASSES})
    for seed in range(5):
        folds = data.folds(5, seed=seed, stratify=True, validation=0.25)
        assert in_one_split_only({k: members(fold)["test"] for k, fold in enumerate(folds)}, 50)
        assert [shares_of(fold)["test"] for fold in folds] == [{0: 7, 1: 1, 2: 2}] * 5
        assert all(counts[1] for fold in folds for counts in shares_of(fold).values())


def test_a_class_with_a_sample_per_split_is_in_each_split():
    data = TaskData.from_arrays(X, {"kind": ["rare"] * 3 + ["often"] * 47})
    for seed in range(20):
        assert [counts[1] for counts in shares_of(data.split(seed=seed, stratify=True)).values()] == [1, 1, 1]


def test_what_plain_draws_do_not_find_is_found_by_spreading():
    labels = np.full((50, 8), np.nan)  # eight tasks with three labels each: a plain draw serves one in a million times
    for task in range(8):
        labels[3 * task : 3 * task + 3, task] = 1
    data = TaskData.from_arrays(X, {f"t{task}": labels[:, task] for task in range(8)}).split()
    assert {(~np.isnan(samples.y)).sum() for samples in data.splits().values()} == {8}


@pytest.mark.messages
@pytest.mark.parametrize("seed", [None, 1.0, "3", [], True])
def test_a_seed_is_a_whole_number(seed):
    for draw in (table().split, table().folds, table().split().redraw):
        with pytest.raises(TypeError, match="`seed` must be a whole number; got"):
            draw(seed=seed)
    np.testing.assert_array_equal(table().split(seed=np.int64(3)).train.x, table().split(seed=3).train.x)


BAD = {
    r"`seed` must be at least 0; got -1": lambda: table().split(seed=-1),
    r"`validation` must be a finite number; got nan": lambda: table().split(validation=float("nan")),
    r"`test`=0.5 and `validation`=0.5 must leave samples to learn from": lambda: table().split(validation=0.5, test=0.5),
    r"must leave samples to learn from; got 50 samples in 2 groups": lambda: table(groups=[0, 1] * 25).split(),
    r"A share must be above 0": lambda: table().split(validation=0, test=0),
    r"`validation` must be a share of the samples, at least 0 and below 1; got 1.5": lambda: table().split(validation=1.5),
    r"`n_folds` must lie between 2 and .*, 50; got 51": lambda: table().folds(51),
    r"`n_folds` must lie between 2 and .*, 3; got 4": lambda: table(groups=[0, 1, 2, 0, 1] * 10).folds(4),
    r"`n_folds` must lie between 2 and .*; got 1": lambda: table().folds(1),
    r"not yet split; got \['train', 'validation', 'test'\].* `redraw`": lambda: table().split().split(),
    r"`validation` must be a share, such as 0.25": lambda: table().redraw(seed=0),
    r"Task 'two' has the fewest labels, 2": lambda: TaskData.from_arrays(X, {"two": [1, 2] + [None] * 48}).split(),
    r"every class one in training": lambda: TaskData.from_arrays(X[:3], {"c": [0, 1, 2]}, kinds={"c": "multiclass"}).folds(3),
}


@pytest.mark.messages
@pytest.mark.parametrize("sentence", BAD)
def test_what_cannot_be_split_gets_a_sentence(sentence):
    with pytest.raises(ValueError, match=sentence):
        BAD[sentence]()
