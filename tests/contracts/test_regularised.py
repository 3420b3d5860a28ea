"""What every penalty on linear tasks owes its reader, whatever it makes cheap."""

import importlib
import pkgutil

import numpy as np
import pytest

from mtl_tutor.sharing import regularised
from mtl_tutor.sharing.regularised._base import Regularised
from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.sharing.regularised.clustered import Clustered
from mtl_tutor.sharing.regularised.dirty_model import DirtyModel
from mtl_tutor.sharing.regularised.joint_features import JointFeatures
from mtl_tutor.sharing.regularised.mean_regularised import MeanRegularised
from mtl_tutor.sharing.regularised.task_covariance import TaskCovariance
from mtl_tutor.sharing.regularised.trace_norm import TraceNorm

PENALTIES = [MeanRegularised(0.5), JointFeatures(0.2), TraceNorm(0.3), DirtyModel(0.3, 0.15), TaskCovariance(0.3), Clustered(0.2)]
WITHOUT = [MeanRegularised(0.0), JointFeatures(0.0), TraceNorm(0.0), DirtyModel(0.0, 0.0), TaskCovariance(0.0), Clustered(0.0)]
LEAVING = [method for method in PENALTIES + WITHOUT if not isinstance(method, Clustered)]  # clusters refuse it
KINDS = ("regression", "binary", "multiclass", "regression")
every = pytest.mark.parametrize("method", PENALTIES, ids=repr)
every_and_none = pytest.mark.parametrize("method", PENALTIES + WITHOUT, ids=repr)


def draw(n_samples: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Four tasks of three kinds with a common part, none separable, each without some of its labels."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(n_samples, 5)) + 0.5
    z = x @ (rng.normal(size=(5, 1)) + 0.5 * rng.normal(size=(5, 4))) + 4 * rng.normal(size=(n_samples, 4))
    y = np.stack([z[:, 0], z[:, 1] > 0, np.digitize(z[:, 2], [-1, 2]), z[:, 3]], axis=1).astype(float)
    for task in range(4):
        y[task::7, task] = np.nan
    return x, y


def same(found, expected, rows=slice(None), atol=1e-8) -> None:
    np.testing.assert_allclose(found.weights[rows], expected.weights, atol=atol)
    np.testing.assert_allclose(found.intercepts[rows], expected.intercepts, atol=atol)


@every_and_none
def test_every_fit_reaches_its_minimum(method):
    fit = method.fit(*draw(), kinds=KINDS)
    assert fit.residual <= 1e-12
    assert [answers.shape for answers in fit.predict(draw()[0])] == [(60, 1), (60, 1), (60, 3), (60, 1)]


@every
def test_no_neighbour_of_a_fit_is_better(method):
    x, y = draw()
    loss, rng = linear_loss(x, y, KINDS), np.random.default_rng(0)
    best = method.solve(loss)

    def cost(parts, levels):
        weights = parts if parts.ndim == 2 else parts.sum(axis=0)
        return loss.value(weights, levels) + method.penalty(parts, loss.n_outputs)

    for size in (1.0, 1e-2, 1e-4):
        for _ in range(20):
            parts, levels = (value + size * rng.normal(size=value.shape) for value in best[:2])
            assert cost(parts, levels) > cost(*best[:2])


@every
@pytest.mark.parametrize("step", [0.1, 2.0, 50.0])
def test_the_proximal_step_minimises_what_it_says(method, step):
    rng, n_outputs = np.random.default_rng(1), (1, 2, 1, 2)
    parts = rng.normal(size=(2, 6, 4) if isinstance(method, DirtyModel) else (6, 4))
    shrunk = method.prox(parts, step, n_outputs)

    def cost(candidate):
        return ((candidate - parts) ** 2).sum() / (2 * step) + method.penalty(candidate, n_outputs)

    for size in (1.0, 1e-3):
        assert all(cost(shrunk + size * rng.normal(size=parts.shape)) > cost(shrunk) for _ in range(30))
    for towards in (parts, np.zeros_like(parts), np.broadcast_to(parts.mean(axis=-2, keepdims=True), parts.shape)):
        assert cost(shrunk + 1e-4 * (towards - shrunk)) >= cost(shrunk) - 1e-12


@pytest.mark.parametrize("method", WITHOUT, ids=repr)
def test_without_strength_the_loss_of_every_task_is_flat_at_its_fit(method):
    x, y = draw()
    loss = linear_loss(x, y, KINDS)
    best = method.solve(loss)
    weights = best.parts if best.parts.ndim == 2 else best.parts.sum(axis=0)
    by_weight, by_level = loss.gradient(weights, best.levels)
    assert max(np.abs(by_weight).max(), np.abs(by_level).max()) < 1e-10


@every_and_none
def test_samples_without_any_label_change_nothing(method):
    x, y = draw()
    more_x, more_y = np.concatenate([x, 100 + x[:9]]), np.concatenate([y, np.full((9, 4), np.nan)])
    same(method.fit(more_x, more_y, kinds=KINDS), method.fit(x, y, kinds=KINDS))


@every_and_none
def test_a_missing_label_is_as_good_as_a_task_with_samples_of_its_own(method):
    """Each task's labelled samples stacked below those of the others."""
    x, y = draw()
    blocks = [(x[own], np.where(np.arange(4) == task, y[own], np.nan)) for task, own in enumerate(~np.isnan(y).T)]
    stacked = method.fit(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)), kinds=KINDS)
    same(stacked, method.fit(x, y, kinds=KINDS))


@pytest.mark.parametrize("method", LEAVING, ids=repr)
def test_a_task_without_labels_leaves_the_others_as_they_are(method):
    x, y = draw()
    more = method.fit(x, np.insert(y, 1, np.nan, axis=1), kinds=(KINDS[0], "regression", *KINDS[1:]))
    same(more, method.fit(x, y, kinds=KINDS), rows=[0, 2, 3, 4, 5, 6], atol=1e-7)
    assert more.intercepts[1] == 0


@pytest.mark.parametrize("method", WITHOUT, ids=repr)
def test_without_strength_a_task_is_what_it_is_alone(method):
    x, y = draw()
    together, lone = method.fit(x, y, kinds=KINDS), method.fit(x, y[:, 2:3], kinds=KINDS[2:3])
    np.testing.assert_allclose(together.weights[2:5], lone.weights, atol=1e-8)


@every
def test_tasks_in_another_order_get_the_same_fits(method):
    x, y = draw()
    order, rows = [2, 0, 3, 1], [2, 3, 4, 0, 5, 1]
    turned = method.fit(x, y[:, order], kinds=[KINDS[task] for task in order])
    expected = method.fit(x, y, kinds=KINDS)
    np.testing.assert_allclose(turned.weights, expected.weights[rows], atol=1e-8)
    np.testing.assert_allclose(turned.intercepts, expected.intercepts[rows], atol=1e-8)


@every
def test_samples_in_another_order_give_the_same_fit(method):
    x, y = draw()
    order = np.random.default_rng(0).permutation(len(x))
    same(method.fit(x[order], y[order], kinds=KINDS), method.fit(x, y, kinds=KINDS))


@every
def test_moved_inputs_move_intercepts_only(method):
    x, y = draw()
    moved, expected = method.fit(x + 3, y, kinds=KINDS), method.fit(x, y, kinds=KINDS)
    np.testing.assert_allclose(moved.weights, expected.weights, atol=1e-8)
    np.testing.assert_allclose(moved.predict(x + 3)[2], expected.predict(x)[2], atol=1e-7)


@every
def test_a_second_fit_is_the_first(method):
    first, second = (method.fit(*draw(), kinds=KINDS) for _ in range(2))
    np.testing.assert_array_equal(first.weights, second.weights)
    assert first.inspect().keys() == second.inspect().keys() > {"weights", "intercepts"}


@every_and_none
def test_the_data_stay_as_they_were(method):
    x, y = draw()
    method.fit(x, y, kinds=KINDS)
    np.testing.assert_array_equal(x, draw()[0])
    np.testing.assert_array_equal(y, draw()[1])


@every_and_none
def test_repr_makes_an_equal_one(method):
    assert eval(repr(method)) == method


@pytest.mark.parametrize(
    "make", [MeanRegularised, JointFeatures, TraceNorm, lambda strength: DirtyModel(strength, 1.0), TaskCovariance, Clustered]
)
@pytest.mark.parametrize("strength", [-0.1, np.nan])
def test_a_negative_strength_is_refused(make, strength):
    with pytest.raises(ValueError, match=r"`strength` must be (zero or more.*|a finite number); got"):
        make(strength)


@pytest.mark.messages
@every
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"x": np.ones((7, 5))}, r"`x` and `y` must describe the same samples; got 7 and 60\."),
        ({"x": np.ones(60)}, r"`x` must be an array of numbers \[sample feature\]; got an array of shape \(60,\) and type float64\."),
        ({"y": np.ones((60, 0))}, r"`y` must have two axes \(sample, task\), none of them empty; got shape \(60, 0\)\."),
        ({"x": np.full((60, 5), np.nan)}, r"`x` must be finite; 300 entries are not\. Impute or drop those samples\."),
        ({"y": np.full((60, 4), np.nan)}, r"`y` must hold finite labels, or NaN .*none at all\."),
        ({"y": np.full((60, 4), np.inf)}, r"`y` must hold finite labels, or NaN .*none at all\."),
        ({"kinds": ["regression"] * 3}, r"`kinds` must be .* for each of 4 tasks; got"),
        ({"kinds": ["number"] * 4}, r"`kinds\[0\]` must be one of 'regression', 'binary', 'multiclass'; got 'number'\."),
        ({"n_outputs": (1, 1, 1, 1)}, r"`n_outputs` must be 1 for each task, or its number of classes, 2 or more; got"),
        ({"n_outputs": (1, 1, 3)}, r"`n_outputs` must be 1 for each task.*got \(1, 1, 3\) for"),
        ({"n_outputs": (1, 2, 3, 1)}, r"`n_outputs` must be 1 for each task.*got \(1, 2, 3, 1\) for"),
        ({"n_outputs": (1, 1, 2, 1)}, r"`y` of task 2 must hold the classes 0 to 1 \(multiclass\); got \[0\. 1\. 2\.\]\."),
        ({"n_outputs": (1, 1, 4, 1)}, r"`y` of task 2 must hold each of its 4 classes; got only \[0\. 1\. 2\.\]\. Label one of each\."),
    ],
)
def test_bad_data_get_a_sentence(method, change, sentence):
    x, y = draw()
    good = {"x": x, "y": y, "kinds": KINDS} | change
    with pytest.raises((TypeError, ValueError), match=sentence):
        method.fit(good.pop("x"), good.pop("y"), **good)


@every
@pytest.mark.parametrize(("task", "label"), [(1, 0.5), (1, 2.0), (1, -1.0), (2, 1.5), (2, -1.0)])
def test_a_label_that_is_no_class_is_refused(method, task, label):
    x, y = draw()
    y[10, task] = label
    with pytest.raises(ValueError, match=rf"`y` of task {task} must hold the classes 0 to \d+"):
        method.fit(x, y, kinds=KINDS)


def test_every_penalty_is_on_the_list():
    for module in pkgutil.iter_modules(regularised.__path__, f"{regularised.__name__}."):
        importlib.import_module(module.name)
    ours = {method for method in Regularised.__subclasses__() if method.__module__.startswith(regularised.__name__)}
    assert ours == {type(method) for method in PENALTIES}
