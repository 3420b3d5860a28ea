"""What threads of one process share, and how they take turns: torch's generator, its recorder, its number of threads."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_TURN = threading.RLock()
_RUNNING = threading.Lock()
_before: list[int] = []
"""The number of threads that torch had before the first of the trainings that run now; one entry per training."""


def _renew_locks() -> None:
    """A process that was forked while another thread had its turn would wait for a thread that it doesn't have."""
    global _TURN, _RUNNING
    _TURN, _RUNNING = threading.RLock(), threading.Lock()


if hasattr(os, "register_at_fork"):  # not on Windows, which doesn't fork
    os.register_at_fork(after_in_child=_renew_locks)


@contextmanager
def alone() -> Iterator[None]:
    """Let no other thread's training draw from torch's global generator, or record, meanwhile."""
    with _TURN:
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Use one torch thread: sums are reproducible, and other programs on the machine do not slow the training down.

    Trainings may run side by side in threads of one process: the last that ends puts the number back.
    """
    with _RUNNING:
        _before.append(_before[0] if _before else torch.get_num_threads())
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _RUNNING:
            before = _before.pop()
            if not _before:
                torch.set_num_threads(before)
