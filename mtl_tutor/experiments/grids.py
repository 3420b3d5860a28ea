"""The grids of settings that the book's widgets replay: each is declared beside the function that measures it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Grid:
    """How a widget's grid is recorded.

    Attributes
    ----------
    name : str
        As ``python -m mtl_tutor record`` takes it; the file is ``data/recorded/<name>.npz``.
    function : callable
        From settings to a picture.
    title, alt : str
        What the reader can find out, and what the picture says for those who don't see it.
    axes : mapping
        Argument of the function -> its values, as `explore` takes them.
    few : callable, optional
        A cheaper function of the same arguments that measures some of the lines only, for checks.
    """

    name: str
    function: Callable[..., Any]
    title: str
    alt: str
    axes: Mapping[str, Any]
    few: Callable[..., Any] | None = None


def recorded(
    name: str, *, title: str, alt: str, few: Callable[..., Any] | None = None, **axes: Any
) -> Callable[[Function], Function]:
    """Declare that the book replays a function over a grid of settings.

    Parameters
    ----------
    name : str
        What the recording is called.
    title, alt : str
        What the reader can find out, and what the picture says for those who don't see it.
    few : callable, optional
        A cheaper function of the same arguments that measures some of the lines only, for checks.
    **axes
        Argument of the function -> its values, as `explore` takes them.
    """

    def declare(function: Function) -> Function:
        function.grid = Grid(name, function, title, alt, axes, few)  # type: ignore[attr-defined]
        return function

    return declare
