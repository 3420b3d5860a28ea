"""Doors of results, plots and widgets. What is drawn is also rendered."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mtl_tutor import plots, widgets
from mtl_tutor.results import Bars, Claim, Curves, Finding, Findings, Graph, Map, findings
from mtl_tutor.statistics import Interval, Verdict
from mtl_tutor.widgets._recording import Recording, still, take_apart
from mtl_tutor.widgets.playground_setting import Setting
from tests.atlases import small_atlas
from tests.fuzz.doors import Door, door

ROW = Interval(0.2, 0.1, 0.3, 9)
CURVES: dict[str, Any] = {"x": np.arange(1.0, 4), "y": {"a": np.ones(3), "b": np.array([1.0, 2, 4])}, "low": {"a": np.zeros(3)}}
CURVES |= {"high": {"a": np.full(3, 2.0)}, "roles": {"b": "other"}, "xlabel": "step", "ylabel": "error", "ylim": (0.5, 5.0)}
BARS: dict[str, Any] = {"bars": {"a": ROW, "b": ROW}, "roles": {"a": "main"}, "ylabel": "gain", "reference": 0.0, "printed": {"a": 0.25}}
MAP: dict[str, Any] = {"x": np.arange(3.0), "y": np.arange(2.0), "z": np.arange(6.0).reshape(2, 3), "marks": {"here": (1.0, 0.5)}}
MAP |= {"paths": np.ones((2, 3, 2)), "points": np.ones((2, 2)), "kinds": np.array([0, 1]), "zlabel": "loss"}
MAP |= {"kind_names": {"left": "main", "right": "other"}}
GRAPH: dict[str, Any] = {"columns": (("x",), ("a", "b")), "edges": {("x", "a"): "4", ("a", "b"): ""}, "roles": {"a": "main"}}
FLOW: dict[str, Any] = {"rows": "nets:\nx -> trunk -F-> a\nx -> trunk -> b / c", "kinds": {"trunk": "shared", "b": "main gate"}}
FLOW |= {"also": ["a ~pull~ b"], "lit": ["trunk"]}
CLAIM = {"id": "a", "claim": "It helps.", "source": "a paper", "measured": ROW, "verdict": Verdict.REPRODUCED, "printed": 0.1}
PICTURES: list[tuple[type, dict[str, Any]]] = [(Curves, CURVES), (Bars, BARS), (Map, MAP), (Graph, GRAPH)]


def result_doors() -> list[Door]:
    """The data of pictures, and claims."""
    lines = {"a": [ROW, ROW]}
    found = replace(Claim(**CLAIM), role="finding", finding="a")
    result, row = SimpleNamespace(name="two", claims=(found, replace(found, id="b", finding="b"))), {"claim": found, "controls": (found,)}
    return [
        *(door("results", kind, given, may_hold_nan=kind in (Curves, Map)) for kind, given in PICTURES),
        door("results", Curves.of_intervals, {"x": np.arange(2.0), "lines": lines}, name="Curves.of_intervals", names=["y", "low"]),
        door("results", Claim, CLAIM, use=lambda one: (str(one), one.as_dict())),
        door("results", Finding, row),
        door("results", Findings, {"rows": (Finding(**row),), "caption": "Share"}, use=lambda one: (str(one), one._repr_html_())),
        Door("results", "findings", partial(findings, result), {"ids": ["b", "a"], "caption": "", "pages": {"two": "a.html"}}, use=str),
    ]


def rendered(ax: Any) -> None:
    """Draw a figure into a picture, as a page would."""
    figure = ax.figure.figure if isinstance(ax, Axes) else ax
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    plt.close("all")


def plot_doors() -> list[Door]:
    """Drawings, each from what a reader gives: the result is made and drawn in one call."""
    draw: dict[type, Callable[..., Axes]] = {Curves: plots.draw_curves, Bars: plots.draw_bars, Map: plots.draw_map, Graph: plots.draw_graph}

    def of(kind: type) -> Callable[..., Axes]:
        return lambda **given: draw[kind](kind(**given))

    return [
        *(door("plots", draw[kind], {_first(draw[kind]): kind(**given)}, use=rendered) for kind, given in PICTURES),
        *(Door("plots", f"{draw[kind].__name__} of", of(kind), {**_defaults(kind), **given}, use=rendered) for kind, given in PICTURES),
        door("plots", plots.draw_flow, FLOW, use=rendered),
        door("plots", plots.draw_weights, {"matrices": {"own": np.eye(3), "+ shared": np.ones((3, 3))}}, use=rendered),
        door("plots", plots.draw_verdict, {"claim": Claim(**CLAIM)}, use=rendered),
        door("plots", plots.draw_nesting, {"boxes": {"a": {"b": {}}, "c": {}}}, use=rendered),
        door("plots", plots.draw_networks, {"tasks": ["a", "b"], "shared": False, "tied": True}, use=rendered),
        door("plots", plots.draw_layers, {"outputs": ["y", None]}, use=rendered),
        door("plots", plots.Ink, {"light": "#000000", "dark": "#ffffff"}),
        door("plots", plots.roles_of, {"names": ["a", "b"], "roles": {"a": "main"}}),
    ]


def _first(call: Callable[..., Any]) -> str:
    return next(iter(call.__annotations__))


def _defaults(kind: type) -> dict[str, Any]:
    return door("plots", kind).valid


def widget_doors() -> list[Door]:
    """Controls, recordings and still figures."""

    def line(slope: float = 1.0, way: str = "a") -> Curves:
        return Curves(np.arange(3.0), {way: slope * np.arange(3.0)})

    def fixed(slope: float = 1.0) -> Bars:
        return Bars({"a": Interval(float(slope), float(slope) - 1, float(slope) + 1, 3)})

    def figure() -> Figure:
        made = Figure(figsize=(3, 2))
        made.add_subplot().plot([1, 2])
        return made

    def drawn(**given: Any) -> widgets.Still:
        ax = figure().axes[0]
        words = {"title": given.pop("title"), "xlabel": given.pop("label")}
        for one in words.values():
            given["alt"] = given["alt"] if isinstance(one, str) else one  # matplotlib would take anything
        ax.set(**{name: one for name, one in words.items() if isinstance(one, str)})
        return widgets.show(**{"figure": ax, **given})

    def explored(fn: Any, **given: Any) -> Any:
        return widgets.explore(fn, **given)

    axes = {"title": "A line", "alt": "It rises.", "slope": (0.0, 1.0, 0.5)}
    more: dict[str, Any] = {"names": ["axes", "x", "y", "bars", "a", "b", "key of y"]}
    kept = {"path": f"{tempfile.mkdtemp()}/fuzz.npz", "renew": "", "progress": False}
    one = take_apart(fixed())
    recording = Recording.of([one], {"title": "", "axes": []}, still(fixed()))
    return [
        Door("widgets", "explore", explored, {"fn": fixed, **axes, "ylim": (0.0, 1.0), "record": None}, use=repr, **more),
        Door("widgets", "explore on demand", explored, {"fn": line, **axes, "record": False, "way": ["a", "b"]}, use=repr, **more),
        Door("widgets", "explore a figure", explored, {"fn": lambda n: figure(), "title": "A figure", "n": [1, 2]}, use=repr, **more),
        Door("widgets", "record", recorded, {"fn": fixed, **axes, **kept}, **more),
        Door("widgets", "Explorer", widgets.Explorer, {"recording": recording, "ask": None}, use=repr),
        Door("widgets", "AtlasMap", widgets.AtlasMap, {"atlas": small_atlas()}, use=repr),
        Door("widgets", "show", drawn, {"alt": "A line.", "title": "", "label": ""}, names=["figure"]),
        Door("widgets", "show a figure", lambda figure, alt: widgets.show(figure, alt), {"figure": figure(), "alt": "A line."}),
        Door("widgets", "playground", widgets.playground, {"setting": "?play.preset=help&play.units=3"}, use=repr),
        Door("widgets", "Playground", widgets.Playground, {"setting": Setting(units=3)}, use=repr),
        Door(
            "widgets",
            "two_gradients",
            widgets.two_gradients,
            {"gradients": [[1.0, 0.5], [-1.0, 2.0]], "methods": ("sum", "mgda")},
            use=repr,
        ),
        Door("widgets", "two_gradients by name", widgets.two_gradients, {"gradients": "three"}, use=repr),
        Door("widgets", "TwoGradients", widgets.TwoGradients, {"gradients": "agree"}, use=repr),
        Door("widgets", "landscapes", widgets.landscapes, {"preset": "stuck"}, use=repr),
        Door("widgets", "Landscapes", widgets.Landscapes, {"preset": "free"}, use=repr),
        Door("widgets", "Still", widgets.Still, {"alt": "", "svg": "", "png": b""}, use=repr),
    ]


def recorded(fn: Any, path: Any, **given: Any) -> None:
    """Record into the folder at work, and take the file away again."""
    widgets.record(fn, path, **given)
    if isinstance(path, (str, Path)) and Path(path).is_file():
        Path(path).unlink()
