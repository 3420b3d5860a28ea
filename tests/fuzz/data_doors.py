"""Doors of a reader's own data, of files that may be damaged, and of the command line."""

import io
import json
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mtl_tutor import ledger, widgets
from mtl_tutor.cli import main
from mtl_tutor.estimator import MultiTaskNet
from mtl_tutor.provenance import seal
from mtl_tutor.results import Bars, History
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import Samples, Task, TaskData
from tests.fuzz.doors import Door, door
from tests.fuzz.trained_doors import trained


def own_data_doors() -> list[Door]:
    """Tables, frames and pairs; and what is done with them."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    group = np.arange(30) // 3
    frame = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "price": y[:, 0], "sold": ["no", "yes", "no"] * 10, "day": group})
    pairs = {"price": (x[:9], y[:9, 0]), "rent": (x[9:], y[9:, 1])}
    data = TaskData.from_frame(frame, ["price", "sold"], groups="day")
    split = data.split(validation=0.3, test=0.2)
    scaling = data.scaled()[1]
    pieces = {"tasks": split.tasks, "train": split.train, "validation": split.validation, "test": split.test}
    samples = data.train
    rows: dict[str, Any] = {"may_hold_nan": True}
    also: dict[str, Any] = {"names": ["validation", "test", "n_folds", "x", "y", "groups", "price", "sold", "rent", "frame", "targets"]}
    called = {name: getattr(data, name) for name in ("split", "folds", "scaled")}
    return [
        door("own data", Task, {"name": "sold", "kind": "binary", "classes": ("no", "yes")}),
        door("own data", Samples, {"x": x, "y": y, "group": group}, **rows),
        door("own data", samples.at, {"rows": [0, 2]}, name="Samples.at"),
        door("own data", samples.and_then, {"other": samples}, name="Samples.and_then"),
        door("own data", TaskData, pieces, **also),
        door("own data", TaskData.from_arrays, {"x": x, "y": {"price": y[:, 0], "sold": frame["sold"]}, "groups": group}, **also),
        door("own data", TaskData.from_arrays, {"x": x, "y": y, "kinds": "regression"}, name="TaskData.from_arrays of tables", **also),
        door("own data", TaskData.from_frame, {"frame": frame, "targets": ["price", "sold"], "groups": "day"}, **also),
        door("own data", TaskData.from_pairs, {"pairs": pairs}, **also),
        *(door("own data", call, name=f"TaskData.{name}", **also) for name, call in called.items()),
        door("own data", split.redraw, {"seed": 1}, name="TaskData.redraw", **also),
        door("own data", scaling.inputs, {"x": x}, name="Scaling.inputs"),
        door("own data", scaling.undo, {"answers": [np.zeros((1, 3, 1))] * 2}, name="Scaling.undo", **rows),
        door("own data", scaling.undo_errors, {"errors": np.ones(2)}, name="Scaling.undo_errors", **rows),
    ]


def file_doors() -> list[Door]:
    """Files that are read: whole ones, and what is left of them."""
    folder = Path(tempfile.mkdtemp())
    rng = np.random.default_rng(0)

    def bars(n: int) -> Bars:
        return Bars({"a": Interval(float(n), n - 1.0, n + 1.0, 3)})

    history = trained()[2]
    history.save(folder / "history.npz")
    MultiTaskNet(n_hidden=2, steps=2).fit(rng.normal(size=(20, 2)), rng.normal(size=(20, 2))).save(folder / "net.npz")
    widgets.record(bars, folder / "bars.npz", title="Bars", n=[1, 2], progress=False)
    claims = [{"id": "a", "claim": "It helps.", "estimate": 1.0}]
    settings = {"seeds": 4, "first_seed": 0}
    entry = {"experiment": "a", "settings": settings, "code": "0", "chapter": "why", "measured": "0", "claims": claims}
    (folder / "ledger.json").write_text(json.dumps(seal({"experiments": [entry]}, renew="again")))
    readers: dict[str, Callable[[Path], Any]] = {
        "history.npz": History.load,
        "net.npz": MultiTaskNet.load,
        "bars.npz": widgets.explore,
        "ledger.json": ledger.read_ledger,
    }

    def read(name: str) -> Callable[[Any], Any]:
        return lambda content: readers[name](_written(folder / f"odd-{name}", content))

    found = [Door("files", f"read {name}", read(name), {"content": (folder / name).read_bytes()}, names=["path", "fn"]) for name in readers]
    opened = [name for name in readers if name != "bars.npz"]
    found += [door("files", readers[name], {"path": folder / name}, name=f"open {name}") for name in opened]
    found.append(Door("files", "open bars.npz", lambda fn: widgets.explore(fn), {"fn": folder / "bars.npz"}, names=["title", "axes"]))
    return found


def _written(path: Path, content: Any) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else str(content).encode(errors="replace"))
    return path


TABLE = "a,b,price,sold\n" + "".join(f"{i},{i % 3},{i * i},{i % 2}\n" for i in range(24))


def command_doors() -> list[Door]:
    """The command line, with odd words: it ends with an exit status and a sentence."""
    folder = Path(tempfile.mkdtemp())
    table = folder / "table.csv"
    table.write_text(TABLE)
    short = ["--seeds", "2", "--steps", "1", "--n-hidden", "2"]

    def compared(**given: Any) -> str:
        """One table, whose text may be another, and one option more."""
        words = {name: _word(value) for name, value in given.items()}
        (folder / "odd.csv").write_text(words["text"], errors="replace")
        return said(["compare", "--data", str(folder / "odd.csv"), "--targets", words["targets"], *short, *_option(words)])

    def asked(**given: Any) -> str:
        words = {name: _word(value) for name, value in given.items()}
        return said([words["command"], *_option(words), "--no-such-option"])

    def recorded(**given: Any) -> str:
        words = {name: _word(value) for name, value in given.items()}
        return said(["record", f"no-{words['name']}", "--to", str(folder), *_option(words)])

    kinds, planted = {"option": "--kinds", "value": "sold=binary"}, {"option": "--data", "value": "shared-subspace"}
    on = {"option": "--seeds", "value": "2"}
    compare = {"text": TABLE, "targets": "price", "option": "--sharing", "value": "HardSharing"}
    return [
        Door("command line", "compare", compared, compare, answers=True),
        Door("command line", "compare with steps", compared, compare | {"option": "--first-seed", "value": "3"}, answers=True),
        Door("command line", "compare classes", compared, compare | {"targets": "sold"} | kinds, answers=True),
        Door("command line", "compare planted", asked, {"command": "compare"} | planted, answers=True),
        Door("command line", "experiment", asked, {"command": "eavesdropping", **on}, answers=True),
        Door("command line", "record", recorded, {"name": "such-name", "option": "--jobs", "value": "2"}, answers=True),
    ]


def _word(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _option(words: dict[str, str]) -> list[str]:
    """An option that is none of those that make it work for long."""
    brief = {"1000000000", "2147483647", "100000000"}
    return [words["option"], "2" if words["value"] in brief else words["value"]]


def said(words: list[str]) -> str:
    """What a call of the program says, in short; an error where it is more than a sentence.

    Raises
    ------
    RuntimeError
        A traceback, another exit status, or more than one line about a wrong call.
    """
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(words)
        except SystemExit as end:  # of --help and --version
            status = int(end.code or 0)
    text = err.getvalue()
    if status not in (0, 1, 2) or "Traceback" in text:
        raise RuntimeError(f"exit status {status}: {text[:200]}")
    if status == 2 and len(text.splitlines()) != 1:
        raise RuntimeError(f"not one sentence: {text[:300]!r}")
    return f"exit status {status}"
