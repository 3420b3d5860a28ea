"""The solver that all penalties use, and the fit that comes out."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from mtl_tutor.sharing.regularised import DirtyModel, JointFeatures, Regularised, TaskCovariance
from mtl_tutor.sharing.regularised._base import LinearFit, alone, descend
from mtl_tutor.sharing.regularised._loss import linear_loss


def draw(n_samples: int, n_features: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([n_samples, n_features])
    x = rng.normal(size=(n_samples, n_features))
    return x, x @ rng.normal(size=(n_features, 2)) + 4 + rng.normal(size=(n_samples, 2))


def test_alone_is_least_squares():
    x, y = draw(20, 4)
    found = alone(linear_loss(x, y))
    expected = np.linalg.lstsq(np.c_[x, np.ones(20)], y, rcond=None)[0]
    np.testing.assert_allclose(found.parts, expected[:4].T, atol=1e-12)


def test_alone_takes_the_shortest_of_the_weights_that_fit_perfectly():
    x, y = draw(5, 9)
    found = alone(linear_loss(x, y))
    expected = np.linalg.pinv(x - x.mean(axis=0)) @ (y - y.mean(axis=0))
    np.testing.assert_allclose(found.parts, expected.T, atol=1e-12)


def test_alone_does_not_mind_features_that_nearly_repeat_each_other():
    """Plain steps would take some 10^8 of them to tell the two apart."""
    x, y = draw(20, 1)
    x = np.c_[x, x + 1e-4 * np.random.default_rng(0).normal(size=x.shape)]
    y = y + 3e4 * (x[:, 1:] - x[:, :1])
    found, columns = alone(linear_loss(x, y)), np.c_[x, np.ones(20)]
    expected = columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    np.testing.assert_allclose((x - x.mean(axis=0)) @ found.parts.T + found.levels, expected, atol=1e-6)


def test_plain_steps_reach_what_the_closed_form_gives():
    x, y = draw(20, 4)
    loss = linear_loss(x, y)
    found = descend(loss, lambda parts, _: parts)
    assert found.residual <= 1e-12
    np.testing.assert_allclose(found.parts, alone(loss).parts, atol=1e-9)


def test_starting_at_the_minimum_takes_one_step():
    x, y = draw(20, 4)
    loss, steps = linear_loss(x, y), []
    start = descend(loss, lambda parts, _: parts)
    descend(loss, lambda parts, _: steps.append(1) or parts, start=start, tolerance=1e-10)
    assert len(steps) == 1


def test_the_summands_of_the_weights_are_penalised_apart():
    """One summand may only be positive, the other only negative: together they are free."""
    x, y = draw(20, 4)
    loss = linear_loss(x, y)
    found = descend(loss, lambda parts, _: np.stack([np.maximum(parts[0], 0), np.minimum(parts[1], 0)]), n_parts=2)
    np.testing.assert_allclose(found.parts.sum(axis=0), alone(loss).parts, atol=1e-9)


def test_what_has_no_minimum_says_so_in_its_residual():
    """A line separates the classes, so that longer weights are always better."""
    x = np.arange(-3.0, 3.0)[:, None] + 0.5
    separated = alone(linear_loss(x, (x > 0).astype(float), ["binary"]))
    mixed = alone(linear_loss(x, np.array([[0.0, 1, 0, 1, 0, 1]]).T, ["binary"]))
    assert separated.residual > 1e-12 >= mixed.residual
    assert np.abs(separated.parts).max() > 10 * np.abs(mixed.parts).max()


def test_a_fit_answers_task_by_task_in_the_units_of_x():
    fit = LinearFit(np.array([[1.0, 2], [0, 1], [3, 0]]), np.array([0.0, 10, 20]), (1, 2), {"what": np.ones(3)})
    first, second = fit.predict(np.array([[1.0, 1], [2, 0]]))
    np.testing.assert_array_equal(first, [[3], [2]])
    np.testing.assert_array_equal(second, [[11, 23], [10, 26]])
    assert sorted(fit.inspect()) == ["intercepts", "weights", "what"]


@pytest.mark.messages
def test_answers_need_as_many_features_as_the_fit():
    with pytest.raises(ValueError, match=r"`x` must have shape \(sample, 2\); got \(4, 3\)"):
        LinearFit(np.ones((1, 2)), np.ones(1), (1,), {}).predict(np.ones((4, 3)))


SCALES = {"even": np.ones(4), "uneven": np.array([1.0, 1e3, 1e-3, 1e5])}
FAMILIES = [JointFeatures(0.01), DirtyModel(0.01, 0.01)]  # the others end in the same place, and take longer


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: type(family).__name__)
def test_a_fit_that_ends_before_its_minimum_warns(family: Regularised) -> None:
    """Steps are as long as the largest feature allows: what a tiny feature needs takes too many of them."""
    x, y = draw(60, 4)
    assert family.fit(x * SCALES["even"], y).slope < 1e-9
    with pytest.warns(ConvergenceWarning, match=r"a slope of .* is left \(residual .*\)\. Standardise the features"):
        found = family.fit(x * SCALES["uneven"], y)
    assert found.slope > 1e-6


def test_the_slope_that_is_left_does_not_depend_on_units() -> None:
    """Stop early on purpose, once in metres and once in millimetres of features and labels."""
    x, y = draw(30, 3)
    slopes = [descend(linear_loss(scale * x, scale * y), lambda parts, _: parts, max_steps=3).slope for scale in (1.0, 1e3)]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-9)
    assert slopes[0] > 1e-4


def test_alternation_warns_too() -> None:
    x, y = draw(60, 4)
    with pytest.warns(ConvergenceWarning):
        next(TaskCovariance(0.01).alternate(x * SCALES["uneven"], y, rounds=1))
