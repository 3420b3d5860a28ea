"""What threads of one process share, and how they take turns: torch's generator, its recorder, its number of threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_TURN = threading.RLock()
_RUNNING = threading.Lock()
_before: list[int] = []
"""The number of threads that torch had before the first of the trainings that run now; one entry per training."""


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
