"""Every way of sharing with its knobs as they are, and every planted structure: what the command line knows by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mtl_tutor import sharing, tasks
from mtl_tutor.comparison._entries import Way
from mtl_tutor.sharing import Architecture, HardSharing
from mtl_tutor.tasks import Planted, TaskData


@dataclass(frozen=True)
class Drawn:
    """Draw a planted structure, and keep its data."""

    draw: Callable[..., Planted]

    def __call__(self, seed: int) -> TaskData:
        """One seed's data."""
        return self.draw(seed=seed).data
