"""What the table of answers to *Multi-task learning* cannot show: all sets of digits, by brute force."""

from itertools import combinations

from mtl_tutor.exercises import check_sixth_question


def test_a_sixth_question_is_right_if_and_only_if_it_parts_five_from_seven() -> None:
    sets = [set(digits) for n in range(11) for digits in combinations(range(10), n)]
    right = [digits for digits in sets if check_sixth_question(digits).startswith("Right")]
    assert right == [digits for digits in sets if (5 in digits) != (7 in digits)]
