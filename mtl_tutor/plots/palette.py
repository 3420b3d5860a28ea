"""One colour and one dash per role, for all figures and widgets, light and dark."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mtl_tutor.results import Role


@dataclass(frozen=True)
class Ink:
    """Look of a role: its colour on light and on dark paper, and its dashes.

    ``dash`` counts in line widths: on, off, on, off; empty is a solid line. Every colour keeps a
    contrast of at least 3 to 1 with its paper.
    """

    light: str
    dark: str
    dash: tuple[float, ...] = ()


PALETTE: Mapping[Role, Ink] = MappingProxyType(
    {
        "main": Ink("#0072B2", "#56B4E9"),
        "other": Ink("#D55E00", "#FF9D5C", (5, 1.4)),
        "third": Ink("#008A65", "#3FD0A4", (4, 1.4, 1, 1.4)),
        "fourth": Ink("#B65F92", "#E79AC9", (4, 1.2, 1, 1.2, 1, 1.2)),
        "single_task": Ink("#595959", "#C4C4C4", (2.6, 1.8)),
        "control": Ink("#8F8F8F", "#8A8A8A", (1, 1.8)),
    }
)
"""The house colours (after Okabe and Ito, safe for colour-blind readers)."""

_IN_TURN: tuple[Role, ...] = ("main", "other", "third", "fourth")


def roles_of(names: Iterable[str], roles: Mapping[str, Role]) -> dict[str, Role]:
    """Give every name a role: its own where it has one, else the first free one.

    Examples
    --------
    >>> roles_of(["A", "B", "alone"], {"alone": "single_task"})
    {'A': 'main', 'B': 'other', 'alone': 'single_task'}
    """
    free: list[Role] = [role for role in _IN_TURN if role not in roles.values()]
    return {name: roles[name] if name in roles else free.pop(0) if free else "control" for name in names}
