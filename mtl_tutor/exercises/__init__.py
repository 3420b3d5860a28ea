"""Checkers for the exercises of the book: each takes your answer and says what is right or what to look at."""

from mtl_tutor.exercises.data_amplification import check_floor, check_spread
from mtl_tutor.exercises.one_network_many_tasks import check_masked_loss, check_sixth_question
from mtl_tutor.exercises.shared_minimum import check_meeting_place, check_two_trunks

__all__ = [
    "check_floor",
    "check_masked_loss",
    "check_meeting_place",
    "check_sixth_question",
    "check_spread",
    "check_two_trunks",
]
