"""The landscape of trunks: its heights are those of least squares, and both tasks know more than one."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from mtl_tutor.experiments import model_space


def distance(task, samples, related=True):
    marks = [model_space(task, samples, related, seed=seed).marks for seed in range(60)]
    return np.mean([np.hypot(*np.subtract(at["×"], at["T"])) for at in marks])


def test_heights_are_those_of_a_linear_fit_on_the_unit():
    rng = np.random.default_rng([1000, 0x5BACE])
    x, blur = rng.normal(size=(100, 2))[:20], 0.7 * rng.normal(size=(2, 100))[:, :20]
    label = 2 * np.exp(-((x - [0.6, 0.4]) ** 2).sum(1)) + blur[0]
    landscape, errors = model_space("T alone"), np.empty((61, 61))
    for row, column in np.ndindex(61, 61):
        h = np.exp(-((x - [landscape.x[column], landscape.y[row]]) ** 2).sum(1))[:, None]
        errors[row, column] = np.mean((LinearRegression().fit(h, label).predict(h) - label) ** 2)
    np.testing.assert_allclose(landscape.z, np.minimum(errors - errors.min(), 0.4), atol=1e-8)


def test_two_related_tasks_find_the_place_better_than_either_alone():
    both = distance("both", 20)
    assert both < distance("T alone", 20) - 0.05
    assert both < distance("T′ alone", 20) - 0.05


def test_an_unrelated_task_leads_away():
    assert distance("both", 20, related=False) > distance("T alone", 20) + 0.2


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"samples": 2}, {"noise": -1.0}, {"task": "T"}])
def test_impossible_landscapes_are_refused(bad):
    with pytest.raises(ValueError, match="must be"):
        model_space(**bad)
