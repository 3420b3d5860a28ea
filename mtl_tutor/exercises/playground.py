"""Exercises of *Playground: train two tasks in your browser*: an address is trained again, by the package."""

import numpy as np

from mtl_tutor.exercises._answers import NotYetError, checker
from mtl_tutor.exercises._playground_nets import trained
from mtl_tutor.widgets.playground_setting import PREFIX, Setting

MOST_HARMED = 0.9  # of the seeds
SAVED = 0.5
_UNTOUCHED = "Not yet: set the playground up, press Copy link, and paste the address between quotation marks."


@checker
def check_playground(url: str | None) -> str:
    """Check the address of a setting in which sharing harms both tasks for more than 90% of the seeds.

    Parameters
    ----------
    url : str
        What "Copy link" copies.
    """
    if url is None:
        return _UNTOUCHED
    joint, alone = _errors(url)
    harmed = (joint > alone)[:, :2]
    share, each = harmed.all(axis=1).mean(), harmed.mean(axis=0)
    if not share > MOST_HARMED:
        return (
            f"Not yet: both tasks lose in {share:.0%} of the seeds; A in {each[0]:.0%} and B in {each[1]:.0%}. "
            "What would two tasks have to fight about?"
        )
    return f"Right: both tasks lose in {share:.0%} of {len(joint)} seeds."


@checker
def check_saved_half(url: str | None) -> str:
    """Check the address of a setting in which sharing saves half of task B's single-task error or more.

    Parameters
    ----------
    url : str
        What "Copy link" copies.
    """
    if url is None:
        return _UNTOUCHED
    joint, alone = _errors(url)
    saved = 1 - joint[:, 1].mean() / alone[:, 1].mean()
    if not saved >= SAVED:
        return f"Not yet: sharing saves {saved:.0%} of B's error. Who could tell B what its few labels don't?"
    return f"Right: sharing saves {saved:.0%} of B's error."


def _errors(url: str) -> tuple[np.ndarray, np.ndarray]:
    """Test errors [seed task] with sharing and alone."""
    setting, changed = Setting.from_url(url)
    if PREFIX not in url:
        raise NotYetError("an address of the playground has `?play.` in it; yours hasn't. Press Copy link.")
    if changed:
        raise NotYetError(f"not all of this address can be: {changed[0]}")
    if setting.net == "separate":
        raise NotYetError("these nets share nothing. Choose another way of sharing.")
    joint, alone = (history.best() if setting.stop else history.last() for history in trained(setting))
    if not np.isfinite([joint, alone]).all():
        raise NotYetError("some of these nets diverge. Take a smaller learning rate.")
    return joint, alone
