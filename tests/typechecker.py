"""The checker of the shape pass (``make shapes``): beartype, with three exceptions that let it only look, not touch."""

from collections.abc import Iterable
from typing import Any, Self, get_origin

from beartype import BeartypeConf, beartype

# An int passes for a float. `Self` needs a decorated class, which we don't have. To look into an Iterable uses it up.
_beartype = beartype(conf=BeartypeConf(is_pep484_tower=True))


def check(function: Any) -> Any:
    """Check arguments and result of `function` against its annotations at each call."""
    hints = getattr(function, "__annotations__", {})
    hints.update({name: Any for name, hint in hints.items() if hint is Self or get_origin(hint) is Iterable})
    return _beartype(function)
