"""Kernel averages against a library and by hand; attribute weights that descend; learning curves turned around."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsRegressor

from mtl_tutor.experiments import Result
from mtl_tutor.experiments.why.caruana_1997.kernel_averages import ask, descend, local_averages
from mtl_tutor.experiments.why.caruana_1997.kernel_regression import (
    END,
    SIZES,
    START,
    STOPS,
    Fit,
    KernelRegression,
    kernel_regression_curves,
)
from mtl_tutor.experiments.why.caruana_1997.pneumonia_data import FOP
from mtl_tutor.tuning import TUNING_SEED


@pytest.fixture(scope="module")
def few():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3, 40, 4))
    y = np.stack([x[..., 0], np.abs(x[..., 1])], axis=2) + 0.1 * rng.normal(size=(3, 40, 2))
    return x, y, rng.uniform(0.1, 1.0, size=(3, 4)), rng.normal(size=(3, 7, 4))


def by_hand(x, y, weights, *, leave_out):
    """Predict every sample from the others, or from all, one pair at a time."""
    answers = np.zeros_like(y)
    for i, point in enumerate(x):
        kernel = np.array([np.exp(-(weights * (point - other) ** 2).sum()) for other in x])
        kernel[i] *= not leave_out
        answers[i] = kernel @ y / kernel.sum()
    return answers


def test_answers_for_new_points_are_those_of_a_library(few):
    x, y, weights, at = few
    answers = ask(x, y, weights, at)
    for i in range(3):
        root = np.sqrt(weights[i])
        library = KNeighborsRegressor(40, weights=lambda distance: np.exp(-(distance**2))).fit(x[i] * root, y[i])
        np.testing.assert_allclose(answers[i], library.predict(at[i] * root), rtol=1e-4, atol=1e-5)


def test_left_out_answers_are_those_by_hand(few):
    x, y, weights, _ = (torch.from_numpy(values) for values in few)
    answers = local_averages(x, y, weights)
    for i in range(3):
        np.testing.assert_allclose(answers[i], by_hand(*(values[i].numpy() for values in (x, y, weights)), leave_out=True), rtol=1e-9)
    np.testing.assert_allclose(local_averages(x, y, weights, x)[1], by_hand(*(v[1] for v in few[:3]), leave_out=False), rtol=1e-9)


def test_far_points_are_no_division_by_zero():
    x, y = torch.tensor([[[0.0], [1.0]]]), torch.tensor([[[2.0], [3.0]]])
    assert ask(x.numpy(), y.numpy(), np.array([[1.0]]), np.array([[[1000.0]]]))[0, 0, 0] == pytest.approx(3.0)


def test_attribute_weights_start_equal_keep_their_sum_and_descend_the_error(few):
    x, y, _, _ = few
    start, end = descend(x, y, [1.0, 0.5], (0, 12), sharpness=2.0)
    np.testing.assert_allclose(start, 0.5)
    np.testing.assert_allclose(end.sum(axis=1), 2.0, rtol=1e-5)
    for i in range(3):
        losses = [((by_hand(x[i], y[i], w[i], leave_out=True) - y[i]) ** 2).mean(axis=0) @ [1.0, 0.5] for w in (start, end)]
        assert losses[1] < 0.8 * losses[0]


def test_each_task_finds_its_own_attribute_and_two_tasks_share_the_weight(few):
    x, y, _, _ = few
    first, second, both = (descend(x, y, weights, (12,))[0].mean(axis=0) for weights in ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0]))
    assert first.argmax() == 0
    assert second.argmax() == 1
    assert first[1] < both[1] < second[1]
    assert set(both.argsort()[-2:]) == {0, 1}


def test_a_task_of_weight_zero_and_other_seeds_change_nothing(few):
    x, y, _, _ = few
    alone = descend(x, y[..., :1], [1.0], (5,))
    np.testing.assert_allclose(descend(x, y, [3.0, 0.0], (5,)), alone, rtol=1e-5)
    np.testing.assert_allclose(descend(x[1:2], y[1:2, :, :1], [1.0], (5,))[:, 0], alone[:, 1], rtol=1e-5)
    many = descend(np.concatenate([x] * 4), np.concatenate([y] * 4)[..., :1], [1.0], (5,))
    np.testing.assert_allclose(many[:, 9:], alone, rtol=1e-5)


def test_a_fit_judges_start_stop_and_end_and_stops_where_tuning_says():
    fit, measures = Fit(n_samples=60, n_labs=2), {*FOP.values(), START, END}
    stop = fit.tune((1, 2, 3)).steps
    errors = fit.errors((1, 2, 3), stop)
    assert set(errors) == measures
    other = fit.errors((3, 1), stop)
    for measure in measures:
        np.testing.assert_allclose(other[measure], errors[measure][[2, 0]], atol=0.002)
    ends = np.mean([errors[START].mean(), errors[END].mean()])
    assert errors[FOP[0.3]].mean() < ends  # tuned on these very seeds
    assert STOPS[0] == 0


def test_shuffled_tests_of_weight_zero_leave_death_alone():
    one, other = (Fit(0.0, n_samples=40, n_labs=2, shuffled=shuffled).errors((1, 2), 4) for shuffled in (False, True))
    np.testing.assert_array_equal(one[FOP[0.3]], other[FOP[0.3]])
    true, dealt = (Fit(1.0, 1.0, 40, 5, shuffled=shuffled).errors((1, 2), 4) for shuffled in (False, True))
    assert not np.array_equal(true[END], dealt[END])


def more_patients(which, treatment):
    """What the claim about more patients says of numbers that are known: all alike but the treatment's."""
    curve = {f"alone, {n}": {FOP[0.3]: np.full(20, 1 / n)} for n in SIZES}
    hypothesis = next(h for h in KernelRegression.hypotheses if h.id == f"more-{which}")
    return hypothesis.effect(Result(curve | {hypothesis.treatment: {FOP[0.3]: np.full(20, treatment)}}), hypothesis).estimate


def test_patients_that_would_have_to_be_added_are_read_off_the_learning_curve():
    assert more_patients("pure", 1 / 200) == pytest.approx(1.0)
    assert more_patients("half", 1 / 150) == pytest.approx(0.0)
    between = (1 / 100 + 1 / 150) / 2  # half-way between two errors: at the geometric mean of the sizes
    assert more_patients("pure", between) == pytest.approx(1.5**0.5 - 1)


@pytest.mark.slow
def test_the_picture_has_a_flat_line_for_death_alone_and_ends_apart():
    picture = kernel_regression_curves(samples=40, labs=2, n_seeds=20)
    assert set(picture.y) == {"death alone", "beside tests", "beside shuffled tests"}
    fit = Fit(0.0, n_samples=40, n_labs=2)
    alone = fit.errors(range(2000, 2020), fit.tune(range(TUNING_SEED, TUNING_SEED + 20)).steps)
    np.testing.assert_allclose(picture.y["death alone"], alone[FOP[0.3]].mean())
    assert picture.xscale == "log"
    assert abs(picture.y["beside tests"][0] - picture.y["death alone"][0]) < 0.003  # hardly any weight, hardly any change
