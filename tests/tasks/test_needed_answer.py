"""A main task and its helper: the helper's answer gives the main one away, and the inputs don't."""

import numpy as np
import pytest

from mtl_tutor.tasks.needed_answer import needed_answer


def test_without_a_part_of_its_own_the_main_answer_is_a_function_of_the_helpers():
    main, helper = needed_answer(own=0.0, seed=1).truth["answers"].T
    slope, level = np.polyfit(np.cos(2 * helper), main, deg=1)
    np.testing.assert_allclose(main, slope * np.cos(2 * helper) + level, atol=1e-9)


def test_the_own_part_is_a_line_along_the_first_direction():
    planted = needed_answer(own=0.6, noise=0.0, seed=1)
    (main, helper), x = planted.data.train.y.T, planted.data.train.x
    bump = (np.cos(2 * helper) + 0.2310) / 0.6628
    np.testing.assert_allclose(main, 0.8 * bump + 0.6 * x @ planted.truth["directions"][0])


def test_no_line_through_the_inputs_sees_the_bump_but_the_helper_is_nearly_one():
    data = needed_answer(n_samples=20_000, own=0.0, noise=0.0, seed=2).data.train
    with_x = np.corrcoef(np.column_stack([data.y, data.x]).T)[:2, 2:]
    assert np.abs(with_x[0]).max() < 0.03
    assert np.linalg.norm(with_x[1]) > 0.9


def test_helpers_bend_their_direction_and_directions_are_orthonormal():
    planted = needed_answer(4, noise=0.0, seed=3)
    directions = planted.truth["directions"]
    np.testing.assert_allclose(directions @ directions.T, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(planted.data.train.y[:, 1:], np.tanh(1.5 * planted.data.train.x @ directions[1:].T) / 0.7353)


def test_strangers_say_nothing_about_the_main_task():
    planted = needed_answer(4, own=0.0)
    assert planted.truth["needed"].tolist() == [False, True, False, False]
    assert [task.name for task in planted.data.tasks] == ["main", "helper", "stranger 1", "stranger 2"]
    main, helper, *strangers = needed_answer(4, 20_000, own=0.0, noise=0.0).data.train.y.T
    seen = np.corrcoef([main, *(np.cos(2 * one) for one in (helper, *strangers))])[0, 1:]
    assert np.abs(seen) == pytest.approx([1, 0, 0], abs=0.03)


def test_the_answers_are_those_to_the_test_inputs():
    planted = needed_answer(seed=5)
    np.testing.assert_array_equal(planted.truth["answers"], planted.data.test.y)


@pytest.mark.parametrize("bad", [{"n_tasks": 1}, {"n_tasks": 11}, {"own": -0.1}, {"own": 1.1}])
def test_a_main_task_without_a_helper_gets_a_sentence(bad):
    with pytest.raises(ValueError, match=rf"`{next(iter(bad))}` must .*; got"):
        needed_answer(**bad)
