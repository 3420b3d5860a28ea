"""Checkers say what is wrong with a wrong answer. That they accept the folded solutions: ``exercises/test_notebooks.py``."""

import pytest

from mtl_tutor import exercises
from mtl_tutor.exercises import (
    check_auc,
    check_decay,
)


@pytest.mark.parametrize("check", [getattr(exercises, name) for name in exercises.__all__])
def test_an_untouched_exercise_is_not_yet_right(check):
    assert check(None).startswith("Not yet")


@pytest.mark.messages
@pytest.mark.parametrize(
    ("check", "answer", "sentence"),
    [
        (check_auc, 0.5, "Not yet: `auc` must be a function; got 0.5."),
        (check_decay, [1.0], "Not yet: `costs` must have 2 entries; got 1."),
    ],
)
def test_a_checker_answers_to_any_kind_of_answer(check, answer, sentence) -> None:
    assert check(answer).startswith(sentence)
