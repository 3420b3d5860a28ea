"""A real table and the structure of a problem, counted by hand."""

import numpy as np
import pytest
from sklearn.datasets import load_wine

from mtl_tutor.tasks import Samples, Task, TaskData, parity, task_graph, wine_features, wines


def test_every_wine_is_in_one_split_with_its_own_labels():
    measured, cultivar = load_wine(return_X_y=True)
    scaled = (measured - measured.mean(0)) / measured.std(0)
    data, seen = wines(n_wines=60, missing=0.0), []
    for samples in data.splits().values():
        for x, (grower, alcohol) in zip(samples.x, samples.y, strict=True):
            (row,) = np.flatnonzero(np.isclose(scaled[:, 1:], x).all(axis=1))
            assert (grower, alcohol) == (cultivar[row], pytest.approx(scaled[row, 0]))
            seen.append(row)
    assert sorted(seen) == list(range(178))


def test_as_many_labels_are_missing_as_asked_and_no_wine_lost_both():
    known = np.concatenate([np.isfinite(wines(missing=0.4, seed=seed).train.y) for seed in range(30)])
    assert known.any(axis=1).all()
    np.testing.assert_allclose(known.mean(axis=0), 0.6, atol=0.05)
    for samples in (wines().validation, wines().test):
        assert samples is not None
        assert np.isfinite(samples.y).all()


def test_features_have_names_and_alcohol_is_none_of_them():
    assert len(wine_features()) == wines().n_features == 12
    assert "alcohol" not in wine_features()


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"n_wines": 19}, {"n_wines": 101}, {"missing": 0.5}, {"missing": -0.1}])
def test_impossible_tables_are_refused(bad):
    with pytest.raises(ValueError, match="must lie"):
        wines(**bad)


def test_the_graph_counts_labels_and_what_two_tasks_have_in_common():
    y = np.array([[1.0, 0.0, np.nan], [2.0, np.nan, np.nan], [np.nan, 1.0, np.nan], [np.nan, np.nan, 2.0]])
    tasks = (Task("a"), Task("b", "binary"), Task("c", "multiclass", 3))
    graph = task_graph(TaskData(tasks, Samples(np.zeros((4, 5)), y)))
    assert graph.columns == (("5 features",), ("a", "b", "c"), ("a: a number", "b: yes or no", "c: one of 3"))
    counted = {edge: said for edge, said in graph.edges.items() if said}
    features = "5 features"
    assert counted == {(features, "a"): "2 labels", (features, "b"): "2 labels", (features, "c"): "1 labels", ("a", "b"): "1 with both"}


@pytest.mark.messages
def test_more_tasks_than_colours_are_not_drawn():
    with pytest.raises(ValueError, match="at most 4 tasks"):
        task_graph(parity(4))
