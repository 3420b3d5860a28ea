"""Several linear tasks on the same samples: what they have in common is what was asked for."""

import numpy as np
import pytest

from mtl_tutor.tasks import linear_tasks
from mtl_tutor.tasks.responses import responses


def noise_of(tasks):
    return tasks.y - np.einsum("tnd,td->tn", tasks.x, tasks.w)


def test_all_tasks_see_the_same_inputs_and_keep_their_weights():
    tasks, own = responses(4, 30, seed=3), linear_tasks(4, 30, n_features=15, rank=2, seed=3)
    np.testing.assert_array_equal(tasks.w, own.w)
    assert (tasks.x == tasks.x[0]).all()
    assert (tasks.x_validation == tasks.x_validation[0]).all()
    assert not np.isin(tasks.x, tasks.x_validation).any()


@pytest.mark.parametrize("common", [0.0, 0.7, 1.0])
def test_noise_is_as_strong_and_as_common_as_asked_for(common):
    noise = noise_of(responses(3, 20_000, noise=2.0, common=common, seed=1))
    np.testing.assert_allclose(np.cov(noise), 4 * (common + (1 - common) * np.eye(3)), atol=0.15)


def test_validation_labels_have_noise_of_their_own():
    tasks = responses(3, 5000, common=1.0, seed=2)
    fresh = tasks.y_validation - np.einsum("tnd,td->tn", tasks.x_validation, tasks.w)
    assert abs(np.corrcoef(fresh[0], noise_of(tasks)[0])[0, 1]) < 0.05
    np.testing.assert_allclose(fresh[0], fresh[2])


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"common": -0.1}, {"common": 1.1}, {"common": float("nan")}, {"n_tasks": 0}, {"rank": 16}])
def test_responses_refuses(bad):
    with pytest.raises(ValueError, match="must"):
        responses(**bad)
