"""Shrinkage in canonical coordinates as a recipe: its limits, its classes, its missing labels."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from mtl_tutor.recipes import TrainingConfig
from mtl_tutor.recipes.canonical import canonical_shrinkage
from mtl_tutor.recipes.curds_and_whey import CurdsAndWhey
from mtl_tutor.tasks import Samples, Task, TaskData

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)) + 1
Y = X @ RNG.normal(size=(3, 4)).T + RNG.normal(size=(60, 3)) + [5.0, 0.0, -5.0]
REGRESSIONS = tuple(Task(name) for name in "abc")


def data_of(x, y, tasks=REGRESSIONS):
    return TaskData(tasks, Samples(x, y), Samples(x, y), Samples(x, y))


def answers(data, strength=0.0):
    return np.column_stack(CurdsAndWhey().answers(data, data.test.x, strength))


def test_on_complete_regressions_it_is_canonical_shrinkage_of_centred_data():
    w = canonical_shrinkage(X - X.mean(axis=0), Y - Y.mean(axis=0))
    np.testing.assert_allclose(answers(data_of(X, Y)), Y.mean(axis=0) + (X - X.mean(axis=0)) @ w.T, atol=1e-10)


def test_one_task_is_its_own_fit_shrunk_by_a_factor():
    own = Ridge(alpha=1e-12).fit(X, Y[:, 0]).predict(X)
    centred = Y[:, 0] - Y[:, 0].mean()
    c2, r = ((own - own.mean()) ** 2).sum() / (centred**2).sum(), 4 / 60
    d = (1 - r) * (c2 - r) / ((1 - r) ** 2 * c2 + r**2 * (1 - c2))
    found = answers(data_of(X, Y[:, :1], REGRESSIONS[:1]))[:, 0]
    np.testing.assert_allclose(found, own.mean() + d * (own - own.mean()), atol=1e-8)


def test_noise_in_one_task_moves_the_answers_to_another():
    other = Y.copy()
    other[:, 1] = RNG.permutation(other[:, 1])
    assert np.abs(answers(data_of(X, Y))[:, 0] - answers(data_of(X, other))[:, 0]).max() > 0.01


def test_a_task_is_fitted_to_all_its_labels():
    some = Y.copy()
    some[40:, 1:] = np.nan  # the first task has labels that the others lack
    changed = some.copy()
    changed[40:, 0] += 3.0
    assert np.abs(answers(data_of(X, some))[:, 0] - answers(data_of(X, changed))[:, 0]).max() > 0.1


def test_a_stronger_ridge_answers_less():
    spread = [answers(data_of(X, Y), strength).std(axis=0) for strength in (0.0, 1.0, 1e9)]
    assert (spread[0] > spread[1]).all()
    assert (spread[1] > spread[2]).all()
    np.testing.assert_allclose(spread[2], 0, atol=1e-6)


def test_classes_are_answered_by_shares_and_a_copy_of_a_task_does_no_harm():
    colour = np.digitize(Y[:, 0], np.quantile(Y[:, 0], [0.3, 0.7])) * 1.0
    tasks = (Task("a"), Task("coin", "binary"), Task("colour", "multiclass", 3), Task("coin again", "binary"))
    coin = (Y[:, 1] > Y[:, 1].mean()) * 1.0
    data = data_of(X, np.column_stack([Y[:, 0], coin, colour, coin]), tasks)
    _, one, three, again = CurdsAndWhey().answers(data, X)
    assert ((one[:, 0] > 0) == coin).mean() > 0.8
    assert (three.argmax(axis=1) == colour).mean() > 0.55  # by chance 0.4
    np.testing.assert_allclose(np.exp(three).sum(axis=1), 1)
    np.testing.assert_allclose(again, one, atol=1e-9)


def test_tasks_that_no_sample_shares_get_a_sentence():
    apart = np.where(np.arange(60)[:, None] % 3 == np.arange(3), Y, np.nan)
    with pytest.raises(ValueError, match="`data` must have more than 3 training samples with the labels of all tasks; got 0"):
        CurdsAndWhey().run(data_of(X, apart), [0], [0.0], TrainingConfig())


@pytest.mark.parametrize("bad", [(), (-1.0,), (float("inf"),), (float("nan"),)])
def test_impossible_strengths_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"`strengths.* finite number"):
        CurdsAndWhey(bad)


def test_it_stores_a_line_per_column():
    tasks = (Task("a"), Task("colour", "multiclass", 3))
    assert CurdsAndWhey().cost(data_of(X, np.column_stack([Y[:, 0], np.arange(60) % 3]), tasks), TrainingConfig()).parameters == 3 * 5
