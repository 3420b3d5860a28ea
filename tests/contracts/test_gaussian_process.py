"""What a multi-task Gaussian process owes its reader."""

import numpy as np
import pytest

from mtl_tutor.sharing.coregionalisation import Coregionalisation
from mtl_tutor.sharing.gaussian_process import MultiTaskGP

METHODS = [MultiTaskGP(n_starts=2), MultiTaskGP(2, n_starts=1)]
every = pytest.mark.parametrize("method", METHODS, ids=repr)


def draw(n_samples=12, n_tasks=3):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(n_samples, 2))
    y = np.sin(x @ rng.normal(size=(2, n_tasks))) + 0.2 * rng.normal(size=(n_samples, n_tasks))
    y[[1, 5, 5, 5, 7], [0, 0, 1, 2, 2]] = np.nan  # sample 5 has no label at all
    return x, y


def answers(fit, x):
    return np.hstack([*fit.predict(x), *fit.variance(x)])


@every
def test_one_column_per_task_with_a_doubt_that_is_no_larger_than_before(method):
    x, y = draw()
    fit = method.fit(x, y)
    assert [answer.shape for answer in fit.predict(x + 1)] == [(12, 1)] * 3
    prior = np.diag(fit.inspect()["task_covariance"])
    for task, doubt in enumerate(fit.variance(x + 1)):
        assert (doubt > 0).all()
        assert (doubt <= prior[task] + 1e-9).all()


@every
def test_it_says_what_it_found(method):
    found = method.fit(*draw()).inspect()
    assert {name: value.shape for name, value in found.items()} == {
        "task_covariance": (3, 3),
        "task_correlation": (3, 3),
        "length_scale": (),
        "noise": (3,),
    }
    np.testing.assert_allclose(np.diag(found["task_correlation"]), 1)
    assert np.linalg.eigvalsh(found["task_covariance"]).min() > 0


@every
def test_a_sample_without_labels_is_as_good_as_none(method):
    x, y = draw()
    there, gone = (method.fit(x_, y_).log_likelihood for x_, y_ in ((x, y), (np.delete(x, 5, 0), np.delete(y, 5, 0))))
    start = MultiTaskGP().start(x, y).mixing
    assert np.array_equal(start, MultiTaskGP().start(np.delete(x, 5, 0), np.delete(y, 5, 0)).mixing)
    assert there == pytest.approx(gone, abs=1e-3)  # from another length scale


@every
def test_the_same_seed_gives_the_same_answers(method):
    x, y = draw()
    assert np.array_equal(answers(method.fit(x, y), x), answers(method.fit(x, y), x))


@every
def test_the_data_stay_as_they_were(method):
    x, y = draw()
    method.fit(x, y)
    assert np.array_equal(np.c_[x, y], np.hstack(draw()), equal_nan=True)


@every
def test_its_repr_makes_it_again(method):
    assert eval(repr(method)) == method


def test_in_whichever_order_the_samples_come():
    x, y = draw()
    order, model = np.random.default_rng(0).permutation(len(x)), some_model()
    np.testing.assert_allclose(answers(model.given(x[order], y[order]), x), answers(model.given(x, y), x), atol=1e-10)


def test_in_whichever_order_the_tasks_come():
    x, y = draw()
    order, model = [2, 0, 1], some_model()
    turned = Coregionalisation(model.mixing[order], model.own[order], model.noise[order], model.length_scale, model.mean[order])
    found, expected = turned.given(x, y[:, order]), model.given(x, y)
    np.testing.assert_allclose(np.hstack(found.predict(x)), np.hstack(expected.predict(x))[:, order], atol=1e-10)


def some_model() -> Coregionalisation:
    return Coregionalisation(np.array([[1.0], [-0.5], [2.0]]), np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.2, 0.1]), 0.9, np.zeros(3))


BAD = {
    "other samples": ({"y": np.zeros((3, 3))}, "a row per sample"),
    "a flat y": ({"y": np.zeros(12)}, r"`y` must be an array of numbers \[sample task\]"),
    "inputs not there": ({"x": np.full((12, 2), np.nan)}, "`x` must be finite"),
    "an infinite label": ({"y": np.full((12, 3), np.inf)}, "finite or NaN"),
    "a task nobody labelled": ({"y": draw()[1] * [1, np.nan, 1]}, "a label of every task"),
    "classes": ({"kinds": ("regression", "binary", "regression")}, "must be 'regression'"),
    "too few kinds": ({"kinds": ("regression",)}, "once per task"),
    "one task": ({"y": draw()[1][:, :1]}, "`rank` must be at most the number of tasks, 1; got 2"),
}


@pytest.mark.messages
@pytest.mark.parametrize("name", BAD)
def test_bad_data_get_a_sentence(name):
    bad, sentence = BAD[name]
    with pytest.raises((TypeError, ValueError), match=sentence):
        MultiTaskGP(2).fit(**({"x": draw()[0], "y": draw()[1]} | bad))
