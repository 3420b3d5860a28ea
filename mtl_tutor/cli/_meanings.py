"""The meanings of options, read from docstrings, so that help and reference say the same."""

import inspect
import re
from collections.abc import Callable
from typing import Any

_SECTION = re.compile(r"^(Parameters|Attributes)\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^(\w[\w, ]*?)(?: : [^\n]*)?\n((?:[ \t]+[^\n]*\n?|\n)+)", re.MULTILINE)


def meanings_of(thing: type | Callable[..., Any]) -> dict[str, str]:
    """Read what the parameters or attributes of a function or class mean, those of its base classes included.

    Parameters
    ----------
    thing : type | Callable[..., Any]
        What has a numpydoc docstring.

    Returns
    -------
    dict[str, str]
        Name -> its description in one line.
    """
    found: dict[str, str] = {}
    for one in reversed(thing.__mro__) if isinstance(thing, type) else [thing]:
        for _, section in _SECTION.findall(inspect.cleandoc(one.__doc__ or "") + "\n"):
            for names, text in _ENTRY.findall(section):
                words = " ".join(text.split()).replace("`", "")
                known = found if words.startswith("As in") else {}  # the base class has said it already
                found |= {name: known.get(name, words) for name in names.split(", ")}
    return found
