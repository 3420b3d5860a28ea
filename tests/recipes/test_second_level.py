"""The second fit against other libraries and against its own condition for an optimum."""

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.linear_model import LinearRegression, LogisticRegression

from mtl_tutor.recipes._second_level import correction
from mtl_tutor.tasks import Task

NUMBER, COIN, COLOUR = Task("number"), Task("coin", "binary"), Task("colour", "multiclass", 3)


def drawn(task, *, n_seeds=2, n=60, missing=0.2):
    rng = np.random.default_rng(1)
    answers = rng.normal(size=(n_seeds, n, 5)) * [1, 10, 0.1, 1, 1] + 3
    own = answers[:, :, : task.n_outputs]
    truth = answers[:, :, 4] + rng.normal(size=(n_seeds, n))
    labels = {"regression": truth, "binary": (truth > 3) * 1.0, "multiclass": np.digitize(truth, [2.5, 3.5]) * 1.0}[task.kind]
    return answers, own, np.where(rng.random(labels.shape) < missing, np.nan, labels)


def test_without_a_pull_it_is_least_squares_on_all_answers():
    answers, own, labels = drawn(NUMBER)
    found = correction(NUMBER, answers, own, labels, 0.0)(answers, own)
    for seed in range(2):
        known = ~np.isnan(labels[seed])
        fit = LinearRegression().fit(answers[seed][known], labels[seed][known])
        np.testing.assert_allclose(found[seed, :, 0], fit.predict(answers[seed]), atol=1e-8)


def test_where_there_is_nothing_to_correct_it_is_logistic_regression_on_all_answers():
    answers, own, labels = drawn(COIN)
    own = 0 * own  # nothing to correct: a plain fit
    found = correction(COIN, answers, own, labels, 0.003)(answers, own)
    standard = (answers - answers.mean(axis=1, keepdims=True)) / answers.std(axis=1, keepdims=True)
    for seed in range(2):
        known, columns = ~np.isnan(labels[seed]), np.column_stack([standard[seed], np.ones(60)])
        fit = LogisticRegression(C=1 / (0.003 * known.sum()), fit_intercept=False, tol=1e-10, max_iter=10_000)
        fit.fit(columns[known], labels[seed][known])
        np.testing.assert_allclose(found[seed, :, 0], fit.decision_function(columns), atol=0.02)


@pytest.mark.parametrize("task", [NUMBER, COIN, COLOUR], ids=lambda task: task.name)
def test_at_its_end_no_weight_wants_to_move(task):
    answers, own, labels = drawn(task)
    fit = correction(task, answers, own, labels, 0.1)

    def objective(weights, seed):
        outputs = own[seed] + np.column_stack([(answers[seed] - fit.centre[seed]) / fit.scale[seed], np.ones(60)]) @ weights
        known, y = ~np.isnan(labels[seed]), np.nan_to_num(labels[seed])
        if task.kind == "regression":
            lost = (outputs[:, 0] - y) ** 2 / 2
        elif task.kind == "binary":
            lost = np.logaddexp(0, -(2 * y - 1) * outputs[:, 0])
        else:
            lost = -np.take_along_axis(log_softmax(outputs, axis=1), y[:, None].astype(int), 1)[:, 0]
        return lost[known].mean() + 0.05 * (weights**2).sum()

    for seed in range(2):
        best = objective(fit.weights[seed], seed)
        for place in np.ndindex(*fit.weights[seed].shape):
            moved = [fit.weights[seed].copy() for _ in range(2)]
            moved[0][place] += 1e-3
            moved[1][place] -= 1e-3
            assert min(objective(one, seed) for one in moved) > best - 1e-6


@pytest.mark.parametrize("task", [NUMBER, COIN, COLOUR], ids=lambda task: task.name)
def test_an_infinite_pull_leaves_the_own_answers_alone(task):
    answers, own, labels = drawn(task)
    np.testing.assert_array_equal(correction(task, answers, own, labels, np.inf)(answers, own), own)


def test_answers_that_never_vary_add_a_constant_at_most():
    _, own, labels = drawn(NUMBER)
    same = np.full((2, 60, 4), 7.0)
    added = correction(NUMBER, same, own, labels, 0.0)(same, own) - own
    np.testing.assert_allclose(added, added[:, :1] + 0 * own, atol=1e-9)
