"""Every checker accepts the right answer in any form, rejects plausible wrong ones with a hint, and raises nothing."""

from collections import deque

import numpy as np
import pytest
import torch

from mtl_tutor.exercises._answers import FAILED
from tests.exercises.answers import CHECKERS, tables

TABLES = tables()
RIGHT = [(name, place) for name, answers in TABLES.items() for place in range(len(answers.accepted))]
WRONG = [(name, place) for name, answers in TABLES.items() for place in range(len(answers.rejected))]


class WordlessError(Exception):
    """An error that can't be printed."""

    def __str__(self):
        raise ValueError("no words")


def fails(error):
    def raises(*given):
        raise error

    return raises


own_part: list[object] = []
own_part.append(own_part)

NO_ANSWERS = [
    own_part,
    -(10**5000),
    deque([np.zeros(2)]),
    torch.zeros(3, device="meta"),
    fails(SystemExit(1)),
    fails(WordlessError()),
    fails(RuntimeError("half a character: \ud800")),
    lambda *given: own_part,
    lambda *given: torch.zeros(3, device="meta", requires_grad=True).sum(),
    None,
    float("nan"),
    float("inf"),
    -1,
    "a word",
    "",
    b"bytes",
    True,
    [],
    {},
    set(),
    (1, "a"),
    {"a": 1},
    object(),
    int,
    np.array([[np.nan]]),
    np.zeros((2, 3, 4)),
    torch.zeros(0),
    lambda: 1,
    lambda *given: None,
    lambda *given: "a word",
    lambda *given: float("nan"),
    lambda *given: 1 / 0,
]


def test_every_checker_has_a_table_and_every_table_a_checker():
    assert sorted(TABLES) == sorted(CHECKERS)


@pytest.mark.parametrize("name", CHECKERS)
def test_a_table_has_three_right_forms_and_five_wrong_answers(name):
    assert len(TABLES[name].accepted) >= 3
    assert len(TABLES[name].rejected) >= 5


@pytest.mark.parametrize(("name", "place"), RIGHT)
def test_the_right_answer_is_accepted_in_this_form(name, place):
    assert CHECKERS[name](TABLES[name].accepted[place]).startswith("Right")


@pytest.mark.parametrize(("name", "place"), WRONG)
def test_a_wrong_answer_is_told_what_to_look_at(name, place):
    answer, words = TABLES[name].rejected[place]
    said = CHECKERS[name](answer)
    assert said.startswith("Not yet")
    assert words in said


@pytest.mark.parametrize("name", TABLES)
def test_no_hint_gives_the_number_away(name):
    numbers = [one for one in TABLES[name].accepted if isinstance(one, int | float) and not isinstance(one, bool) and abs(one) > 12]
    said = " ".join(CHECKERS[name](answer) for answer, _ in TABLES[name].rejected if numbers)
    assert not [one for one in numbers if f"{one:g}" in said.replace(",", "")]


@pytest.mark.parametrize("name", CHECKERS)
def test_what_is_no_answer_gets_one_sentence(name):
    right = [one for one in TABLES[name].accepted if isinstance(one, int | float | str)]
    for given in NO_ANSWERS:
        said = CHECKERS[name](given)
        assert said.startswith("Right" if any(type(one) is type(given) and one == given for one in right) else "Not yet")
        assert "\n" not in said
        assert FAILED not in said
        assert said.encode()
