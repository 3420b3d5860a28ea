"""What may be set in the playground, and what an address of its page means. Imports no torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl

from mtl_tutor.checks import checked
from mtl_tutor.widgets._playground_presets import PRESETS

PREFIX = "play."
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,4})?", re.ASCII | re.IGNORECASE)
_SHOWN = 24  # letters of a value that a line repeats


def _knob(default: Any, values: list[Any] | range, label: str, group: str, **more: Any) -> Any:
    """A field of `Setting`, and what the page has to know about its control."""
    return field(default=default, metadata={"values": list(values), "label": label, "group": group, **more})


_NETS = {
    "separate": "separate nets",
    "trunk": "one trunk",
    "soft": "soft sharing",
    "stitch": "cross-stitch",
    "conditioned": "conditioned on the task",
}
_METHODS = {"equal": "fixed weights", "uncertainty": "uncertainty weighting", "pcgrad": "PCGrad"}
_WEIGHTS = [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]
_SHARES = [round(0.05 * i, 2) for i in range(21)]


@dataclass(frozen=True)
class Setting:
    """Everything that decides what the playground shows.

    `Setting.from_url` reads one from an address. The page takes its controls from these fields.

    Attributes
    ----------
    pattern, relatedness, noise, samples, tasks : str, float, float, int, int
        What `mtl_tutor.tasks.plane_tasks` is asked for.
    labelled, unit : float
        The share of training samples with a label of task B, and the unit of its labels (waves
        only).
    shuffled : int
        1 if the training and validation labels of task B are shuffled.
    net : str
        "separate" (SingleTask), "trunk" (HardSharing), "soft", "stitch" or "conditioned".
    layers, units, activation : int, int, str
        Hidden layers, units of each, "tanh" or "relu".
    strength : float
        Of soft sharing.
    method, weight : str, float
        "equal", "uncertainty" or "pcgrad"; and the weight of task B's loss with "equal".
    optimizer, lr, steps : str, float, int
        "adam" or "sgd", the learning rate, and the number of updates.
    stop : int
        1 if each net is judged at the step at which its validation loss was lowest.
    seed : int
        The first of 32 seeds.
    """

    pattern: str = _knob("waves", ["waves", "half-moons", "rings", "checkerboard"], "pattern", "Tasks")
    relatedness: float = _knob(1.0, _SHARES, "relatedness", "Tasks")
    labelled: float = _knob(0.25, _SHARES[1:], "labels of B", "Tasks", percent=True)
    samples: int = _knob(64, [8, 12, 16, 24, 32, 48, 64, 100, 150, 200], "samples", "Tasks")
    noise: float = _knob(0.3, _SHARES, "noise", "Tasks")
    shuffled: int = _knob(0, [0, 1], "shuffle B's labels", "Tasks", switch=True)
    unit: float = _knob(1.0, [0.1, 0.3, 1.0, 3.0, 10.0], "unit of B", "Tasks", when=["pattern", "waves"], times=True)
    tasks: int = _knob(2, [2, 3], "number of tasks", "Tasks")
    net: str = _knob("trunk", list(_NETS), "sharing", "Net", words=_NETS)
    strength: float = _knob(0.1, [0.0, 0.001, 0.01, 0.1, 1.0, 10.0], "strength", "Net", when=["net", "soft"])
    units: int = _knob(8, range(1, 17), "units", "Net")
    layers: int = _knob(1, [1, 2], "hidden layers", "Net")
    activation: str = _knob("tanh", ["tanh", "relu"], "activation", "Net", words={"relu": "ReLU"})
    method: str = _knob("equal", list(_METHODS), "balancing", "Training", words=_METHODS)
    weight: float = _knob(1.0, _WEIGHTS, "weight of B", "Training", when=["method", "equal"], times=True)
    optimizer: str = _knob("adam", ["adam", "sgd"], "optimiser", "Training", words={"adam": "Adam", "sgd": "SGD"})
    lr: float = _knob(0.03, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3], "learning rate", "Training")
    steps: int = _knob(300, [50, 100, 200, 300, 500, 1000], "updates", "Training")
    stop: int = _knob(1, [0, 1], "early stopping", "Training", switch=True)
    seed: int = _knob(0, [0, 9999], "first seed", "Training", whole=True)

    @classmethod
    @checked
    def from_url(cls, url: str) -> tuple["Setting", tuple[str, ...]]:
        """Read a setting from the address of a page, or from its part after the question mark.

        What the playground doesn't know, or allow, becomes the nearest that it does. Nothing is
        evaluated.

        Parameters
        ----------
        url : str
            Such as ``"playground.html?play.net=soft&play.strength=1"``. What isn't mentioned is as
            in the preset that `play.preset` names, or at its start.

        Returns
        -------
        Setting
            A legal one, whatever the address was.
        tuple[str, ...]
            What was changed, a sentence for each; empty if nothing was.

        Examples
        --------
        >>> setting, changed = Setting.from_url("?play.units=1e9&play.net=soft")
        >>> setting.units, setting.net, changed
        (16, 'soft', ('units can’t be 1e9: it is 16 now.',))
        """
        asked: dict[str, str] = {}
        for name, text in _pairs(url):
            if name.startswith(PREFIX):
                asked.setdefault(name.removeprefix(PREFIX), text)
        changed, known = [], {one.name: one for one in fields(cls)}
        preset = asked.pop("preset", None)
        if preset is not None and preset not in PRESETS:
            changed.append(f"There is no preset {_shown(preset)}.")
        found: dict[str, Any] = dict(PRESETS[preset].setting) if preset in PRESETS else {}
        for name, text in asked.items():
            if name not in known:
                changed.append(f"There is no setting {_shown(name)}.")
                continue
            value, is_legal = _nearest(text, known[name].metadata, found.get(name, known[name].default))
            found[name] = value
            if not is_legal:
                changed.append(f"{known[name].metadata['label']} can’t be {_shown(text)}: it is {_written(value)} now.")
        return cls(**found), tuple(changed)

    @property
    def query(self) -> str:
        """The part of an address after its question mark that leads to this setting."""
        wanted = [one.name for one in fields(self) if getattr(self, one.name) != one.default or one.name == "seed"]
        return "&".join(f"{PREFIX}{name}={_written(getattr(self, name))}" for name in wanted)


def _pairs(url: str) -> list[tuple[str, str]]:
    query = url.partition("?")[2].partition("#")[0] if "?" in url else url
    try:
        return parse_qsl(query, keep_blank_values=True)
    except ValueError:
        return []


def _nearest(text: str, knob: Mapping[str, Any], default: Any) -> tuple[Any, bool]:
    """The legal value that is nearest to a text, and whether the text names it."""
    values = knob["values"]
    if isinstance(values[0], str):
        return (text, True) if text in values else (default, False)
    if not _NUMBER.fullmatch(text):
        return default, False
    number, low, high = float(text), values[0], values[-1]
    inside = min(max(number, low), high)
    value = int(inside + 0.5) if knob.get("whole") else min(values, key=lambda one: abs(one - inside))
    return value, value == number


def _written(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.10g}"


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
