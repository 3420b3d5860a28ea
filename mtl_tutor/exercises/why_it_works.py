"""Exercises of *Summary: why MTL works*."""

from collections.abc import Sequence

from mtl_tutor.exercises._answers import checker
from mtl_tutor.ledger import read_ledger

PAPER = {  # arm -> test error, as a paper might report it
    "single task": 0.31,
    "joint": 0.27,
    "joint, labels of the other task shuffled": 0.26,
    "single task, tuned": 0.25,
}


@checker
def check_reading(because_of_the_task: bool | None) -> str:
    """Check whether the errors of `PAPER` show that the net used what the other task knows."""
    if because_of_the_task is None:
        return f"Not yet: say True or False. The errors: {PAPER}."
    if because_of_the_task:
        return "Not yet: look at what shuffled labels and a tuned single-task net reach."
    return "Right: shuffled labels gain as much, and tuning gains more. Whatever helped, it wasn't what the other task knows."


@checker
def check_opposite(ids: Sequence[str] | None) -> str:
    """Check a list of the ids of all claims of source text 003 of which the ledger shows the opposite."""
    if ids is None:
        return "Not yet: make a list of ids."
    wanted = {row["id"] for row in read_ledger() if row["verdict"] == "opposite" and "003" in row["source"]}
    if extra := set(ids) - wanted:
        return f"Not yet: {sorted(extra)[0]} is not shown to be the opposite, or not a claim of text 003."
    if missing := wanted - set(ids):
        return f"Not yet: {len(missing)} more."
    return f"Right: {len(wanted)} of them."
