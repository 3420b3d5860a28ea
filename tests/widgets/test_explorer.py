"""What the widget carries into the page, and what it answers when a kernel runs. The browser is in tests/book."""

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zlib
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets.embed import embed_data
from matplotlib.image import imread

from mtl_tutor import __version__
from mtl_tutor.keys import key_of
from mtl_tutor.plots import PALETTE, draw_curves
from mtl_tutor.provenance import write_whole
from mtl_tutor.results import Bars, Curves, Graph, Map
from mtl_tutor.statistics import Interval
from mtl_tutor.widgets import explore, record
from mtl_tutor.widgets._recording import Recording

X = np.linspace(0, 1, 200)
WEIGHTS = np.linspace(0, 1, 11)


def curves(weight=0.5, method="sum"):
    a, b = weight * X, (1 - weight) * X**2 + (method == "pcgrad")
    return Curves(X, {"A": a, "B": b}, low={"A": a - 0.1}, high={"A": a + 0.1}, xlabel="step", ylabel="error")


def bars(n=3):
    return Bars({"joint": Interval(0.1 * n, 0.1 * n - 0.1, 0.1 * n + 0.1, n)}, ylabel="share")


def landscape(tilt=0.0):
    points = np.array([[tilt, 0.0], [np.nan, 1.0]])
    kinds = {"kinds": np.array([0, 1]), "kind_names": {"in A": "main", "lost": "control"}}
    z = tilt + np.arange(12.0).reshape(3, 4)
    return Map(np.arange(4.0), np.arange(3.0), z, marks={"A": (tilt, 1.0)}, paths=np.ones((2, 5, 2)) * tilt, points=points, **kinds)


def figure(height=1):
    fig, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, height])
    return fig


def decoded(explorer):
    """Read the numbers back, as the page does: layer after layer, the last axis fastest."""
    data, start, layers = zlib.decompress(explorer.data), 0, {}
    grid = [len(axis["labels"]) for axis in explorer.spec["axes"]]
    for layer in explorer.spec["layers"]:
        shape = [*grid, *layer["shape"]]
        codes = np.frombuffer(data, "<" + layer["type"], np.prod(shape, dtype=int), start).reshape(shape)
        start += codes.nbytes
        if layer["type"] == "u2":
            codes = np.where(codes == 65535, np.nan, layer["low"] + codes / 65534 * (layer["high"] - layer["low"]))
        layers[layer["name"]] = codes
    assert start == len(data)
    return layers


def told(explorer, **message):
    """Send what the page would send; return what it would hear."""
    heard = []
    explorer.send = lambda content, buffers=None: heard.append((content, buffers))
    explorer.comm.handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})
    return heard


# ---- recorded numbers ------------------------------------------------------------------------------------------------


def test_recorded_curves_come_back_to_within_half_a_step_of_their_range():
    explorer = explore(curves, title="Two tasks", weight=(0.0, 1.0, 0.1), method=["sum", "pcgrad"])
    wanted = np.array([[list(curves(w, m).y.values()) for m in ("sum", "pcgrad")] for w in WEIGHTS])
    layers = decoded(explorer)
    assert np.abs(layers["y"] - wanted).max() <= np.ptp(wanted) / 65534 / 2 + 1e-9
    np.testing.assert_allclose(layers["low"][..., 0, :], wanted[..., 0, :] - 0.1, atol=1e-4)
    assert np.isnan(layers["low"][..., 1, :]).all()
    assert explorer.spec["shared"]["names"] == ["A", "B"]
    assert explorer.spec["shared"]["roles"] == ["main", "other"]


def test_recorded_bars_are_exact_and_keep_their_counts():
    layers = decoded(explore(bars, title="Share", n=(1, 5)))
    np.testing.assert_allclose(layers["estimate"][:, 0], 0.1 * np.arange(1, 6), rtol=1e-6)
    np.testing.assert_allclose(layers["high"] - layers["low"], 0.2, rtol=1e-5)
    assert layers["n"][:, 0].tolist() == [1, 2, 3, 4, 5]


def test_recorded_maps_keep_heights_marks_paths_points_and_kinds():
    explorer = explore(landscape, title="Valleys", tilt=(0.0, 1.0, 0.5))
    layers, wanted = decoded(explorer), [landscape(tilt) for tilt in (0.0, 0.5, 1.0)]
    for name in ("z", "paths", "points", "kinds"):
        np.testing.assert_allclose(layers[name], [getattr(m, name) for m in wanted])
    assert layers["marks"][:, 0, 0].tolist() == [0.0, 0.5, 1.0]
    assert explorer.spec["shared"]["zlim"] == (0.0, 12.0)


def test_a_figure_is_a_webp_per_setting_and_none_stays_open():
    explorer = explore(figure, title="Lines", height=(1, 3))
    data, offsets = zlib.decompress(explorer.data), explorer.spec["shared"]["offsets"]
    assert [data[start : start + 4] + data[start + 8 : start + 12] for start in offsets[:-1]] == [b"RIFFWEBP"] * 3
    assert offsets[-1] == len(data)
    assert plt.get_fignums() == []


def test_the_page_and_the_png_know_which_points_are_dots():
    joined, dotted = (explore(curves, title="Two tasks", weight=(0, 1), dots=dots) for dots in ([], ["B"]))
    assert "dots" not in joined.spec["shared"]
    assert dotted.spec["shared"]["dots"] == ["B"]
    assert dotted.data == joined.data
    assert dotted._still != joined._still


def test_missing_numbers_are_gaps():
    explorer = explore(lambda k: Curves(X, {"A": np.where(X < 0.5, np.nan, k)}), title="Gaps", k=(0, 40))
    assert np.array_equal(np.isnan(decoded(explorer)["y"][7, 0]), X < 0.5)


def test_a_line_that_leaves_the_picture_does_not_blur_the_one_inside():
    explorer = explore(lambda k: Curves(X, {"A": X, "B": 1e6**k * X}, ylim=(0, 1)), title="Diverging", k=(0.0, 1.0, 0.05))
    np.testing.assert_allclose(decoded(explorer)["y"][:, 0], np.tile(X, (21, 1)), atol=1e-6)


def test_small_numbers_keep_their_digits_on_a_log_axis():
    explorer = explore(lambda k: Curves(X, {"A": 10.0 ** (-9 * X) * k}, yscale="log"), title="Log", k=(1, 30))
    np.testing.assert_allclose(decoded(explorer)["y"][3, 0], 10.0 ** (-9 * X) * 4, rtol=1e-6)


def test_the_vertical_axis_holds_every_setting_unless_given():
    low, high = explore(curves, title="T", weight=WEIGHTS).spec["shared"]["ylim"]
    assert low < -0.1
    assert high > 1.1
    assert explore(curves, title="T", ylim=(0, 9), weight=WEIGHTS).spec["shared"]["ylim"] == (0, 9)


# ---- controls --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "kind", "labels"),
    [
        ((0, 3), "range", ("0", "1", "2", "3")),
        ((0, 10, 5), "range", ("0", "5", "10")),
        ((0.0, 0.3, 0.1), "range", ("0", "0.1", "0.2", "0.3")),
        ((np.int64(1), np.int64(3)), "range", ("1", "2", "3")),
        ((np.float32(0.1), np.float32(0.3), 0.1), "range", ("0.1", "0.2", "0.3")),
        (range(2, 5), "range", ("2", "3", "4")),
        (np.array([0.001, 0.1]), "range", ("0.001", "0.1")),
        ([1, 2], "choice", ("1", "2")),
        ({"one": 1, "two": 2}, "choice", ("one", "two")),
        (True, "switch", ("off", "on")),
        (np.True_, "switch", ("off", "on")),
        (np.array(["sum", "pcgrad"]), "choice", ("sum", "pcgrad")),
    ],
    ids=str,
)
def test_axes_are_the_abbreviations_of_interact(axis, kind, labels):
    spec = explore(lambda k: Curves(X, {"A": X * len(str(k))}), title="T", k=axis).spec["axes"][0]
    assert (spec["kind"], spec["labels"]) == (kind, labels)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([10000, 10050, 12345, 12346], ("10000", "10050", "12345", "12346")),
        ([100_000, 1_234_567], ("100000", "1234567")),
        ([10000.5, 12345.25], ("10000.5", "12345.25")),
        ([0.00001, 0.000015], ("1e-05", "1.5e-05")),
        ([1 / 3, 2 / 3], ("0.3333", "0.6667")),
        ([1 / 3, 1 / 3 + 1e-6], ("0.33333333", "0.33333433")),
        (np.array([0.1, 0.3], "f4"), ("0.1", "0.3")),
        ([1e15, 1e15 + 1], ("1e+15", "1000000000000001")),
        ([-123456.0, 0.0], ("-123456", "0")),
    ],
    ids=str,
)
def test_a_slider_shows_the_values_that_it_stands_for(values, labels):
    found = explore(lambda k: bars(), title="T", k=np.asarray(values)).spec["axes"][0]["labels"]
    assert found == labels
    assert len(set(found)) == len(values)


def test_arrays_can_be_choices_and_the_default_is_found_among_them():
    left, right = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    default = right.copy()

    def line(start=default, far=None):
        return Curves(X, {"A": X * start[0]})

    explorer = explore(line, title="T", start={"left": left, "right": right}, far=[right, left])
    assert explorer.index == [1, 0]


def test_a_function_that_draws_may_return_its_axes():
    def on_axes(height=1):
        return draw_curves(Curves(X, {"A": X * height}))

    def on_a_part(height=1):
        fig = plt.figure(figsize=(2, 1))
        ax = fig.subfigures(1, 2)[0].subplots()
        ax.plot([0, height])
        return ax

    for fn in (on_axes, on_a_part):
        explorer = explore(fn, title="T", height=(1, 2))
        assert explorer.spec["shared"]["kind"] == "image"
        assert len(explorer.spec["shared"]["offsets"]) == 3
    assert plt.get_fignums() == []


def test_controls_start_at_the_functions_own_defaults():
    explorer = explore(curves, title="T", weight=(0.0, 1.0, 0.1), method=["pcgrad", "sum"])
    assert explorer.index == [5, 1]


def test_only_numbers_that_vary_continuously_can_be_refined():
    axes = explore(lambda a, b, c: Curves(X, {"A": X * a}), title="T", a=(0, 2), b=(0.0, 1.0), c=[0.5, 1.5]).spec["axes"]
    assert [axis["between"] for axis in axes] == [False, True, False]


def test_the_decorator_form_is_the_call_form():
    @explore(title="Two tasks", weight=(0.0, 1.0, 0.5))
    def widget(weight):
        return curves(weight)

    assert repr(widget) == "Explorer('Two tasks', weight: 3)"


# ---- what travels ----------------------------------------------------------------------------------------------------


def test_the_saved_state_holds_the_data_in_base64_and_the_rest_as_json():
    explorer = explore(curves, title="T", weight=(0.0, 1.0, 0.5))
    saved = embed_data(views=[explorer])["manager_state"]["state"][explorer.model_id]
    (buffer,) = saved["buffers"]
    assert buffer["path"] == ["data"]
    assert base64.b64decode(buffer["data"]) == explorer.data
    assert json.loads(json.dumps(saved["state"]["spec"]))["palette"]["main"]["light"] == PALETTE["main"].light


def test_the_text_is_the_same_every_run_and_a_png_stands_by():
    explorer = explore(bars, title="Share", n=(1, 3))
    data, _ = explorer._repr_mimebundle_()  # IPython's protocol
    assert data["text/plain"] == repr(explorer) == "Explorer('Share', n: 3)"
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG")
    assert png == base64.b64decode(explorer._repr_mimebundle_()[0]["image/png"])


@pytest.mark.parametrize("fn", [curves, figure])
def test_beneath_the_png_stands_why_it_has_no_controls(fn, tmp_path):
    explorer = explore(fn, title="T", record=True, **{"weight" if fn is curves else "height": (1, 2)})
    picture = imread(io.BytesIO(base64.b64decode(explorer._repr_mimebundle_()[0]["image/png"])), format="png")[..., :3].mean(axis=2)
    strip = picture[-46:]
    rows = np.flatnonzero((strip < 0.6).any(axis=1))
    columns = np.flatnonzero((strip < 0.6).any(axis=0))
    assert (picture[:-46] < 0.6).any()
    assert 15 < rows[-1] - rows[0] < 40, "two lines of text"
    assert strip[:, :4].min() == strip[:, -4:].min() == strip[:3].min() == 1, "no word is cut off"
    assert columns[-1] - columns[0] > 250


def test_the_landscape_of_the_book_fits_a_page():
    grid = np.linspace(-2, 2, 60)
    runs = {"points": np.zeros((200, 2)), "kinds": np.zeros(200, dtype=int), "kind_names": {"in A": "main"}}

    def valleys(tilt):
        return Map(grid, grid, np.add.outer(grid, tilt * grid), paths=np.zeros((40, 25, 2)), **runs)

    assert len(zlib.decompress(explore(valleys, title="Valleys", record=True, tilt=np.linspace(0, 1, 41)).data)) < 510_000


@pytest.mark.slow
def test_neither_widgets_nor_plots_load_torch():
    code = "import sys, mtl_tutor.widgets, mtl_tutor.plots; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- with a kernel ---------------------------------------------------------------------------------------------------


def test_a_ping_is_answered_and_a_file_says_that_it_computes_nothing():
    assert told(explore(curves, title="T", weight=(0.0, 1.0, 0.5)), kind="ping") == [({"kind": "pong"}, None)]
    assert told(explore("digits"), kind="ping") == [({"kind": "recorded"}, None)]
    assert told(explore("digits"), kind="ask", index=[0, 0]) == []


def test_a_setting_between_the_recorded_ones_is_computed():
    explorer = explore(curves, title="T", weight=(0.0, 1.0, 0.5))
    ((content, buffers),) = told(explorer, kind="ask", index=[0.5])
    assert content == {"kind": "frame", "index": [0.5]}
    names = [layer["name"] for layer in explorer.spec["layers"]]
    numbers = np.frombuffer(buffers[names.index("y")], "<f4").reshape(2, -1)
    np.testing.assert_allclose(numbers, [0.25 * X, 0.75 * X**2], atol=1e-6)


def test_an_error_of_the_function_is_told_to_the_reader():
    explorer = explore(lambda n: bars(n + 0 // (n - 4)), title="Share", record=False, n=[3, 4])
    ((content, _),) = told(explorer, kind="ask", index=[1])
    assert content == {"kind": "error", "text": "ZeroDivisionError: integer division or modulo by zero"}


def test_a_picture_of_another_size_is_not_drawn():
    explorer = explore(lambda k: Curves(np.arange(k), {"A": np.ones(int(k))}), title="T", record=False, k=[2.0, 3.0])
    ((content, _),) = told(explorer, kind="ask", index=[1])
    assert content["kind"] == "error"
    assert "same names, axes and sizes" in content["text"]


def test_a_slow_function_waits_to_be_asked_unless_the_book_is_built(monkeypatch):
    calls = []

    def slow_at_first(k):
        calls.append(k)
        time.sleep(0.3 if len(calls) == 1 else 0)
        return Curves(X, {"A": X * k})

    monkeypatch.delenv("MTL_RECORD", raising=False)
    waiting = explore(slow_at_first, title="T", k=np.arange(20))
    assert not waiting.spec["recorded"]
    assert zlib.decompress(waiting.data) == b""
    assert calls == [0]
    calls.clear()
    monkeypatch.setenv("MTL_RECORD", "1")
    assert explore(slow_at_first, title="T", k=np.arange(20)).spec["recorded"]


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fn", [curves, bars, landscape, figure])
def test_a_file_replays_what_the_function_would_show(fn, tmp_path):
    axis = {curves: "weight", bars: "n", landscape: "tilt", figure: "height"}[fn]
    record(fn, tmp_path / "grid.npz", title="T", progress=False, **{axis: (1, 3)})
    replayed, direct = explore(tmp_path / "grid.npz"), explore(fn, title="T", record=True, **{axis: (1, 3)})
    assert replayed.data == direct.data
    assert json.dumps(replayed.spec) == json.dumps(direct.spec)
    assert replayed.index == direct.index
    assert repr(replayed) == repr(direct)


def test_a_recording_that_fails_leaves_the_older_file_whole(tmp_path):
    path = tmp_path / "grid.npz"
    record(bars, path, title="T", progress=False, n=(1, 3))
    older = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        record(lambda n: bars(n + 0 // (n - 4)), path, title="T", progress=False, n=(1, 5))
    assert path.read_bytes() == older
    assert [file.name for file in tmp_path.glob("[!.]*")] == ["grid.npz"]


def test_a_recording_that_was_stopped_goes_on_where_it_stopped(tmp_path):
    log, stop, target = tmp_path / "log", tmp_path / "stop", tmp_path / "grids/grid.npz"
    stop.touch()
    log.touch()

    def fragile(n=1):
        log.write_text(f"{log.read_text()} {n}")
        if n == 4 and stop.exists():
            raise KeyboardInterrupt
        return bars(n)

    with pytest.raises(KeyboardInterrupt):
        record(fragile, target, title="T", progress=False, n=(1, 5))
    assert not [file for file in target.parent.rglob("*") if file.suffix == ".pickle"]
    log.write_text("")
    stop.unlink()
    record(fragile, target, title="T", progress=False, n=(1, 5))
    assert log.read_text().split() == ["1", "4", "5"]  # the start is always looked at
    assert explore(target).data == explore(bars, title="T", record=True, n=(1, 5)).data
    assert [file.name for file in target.parent.iterdir()] == ["grid.npz"]


def typed(source: str, **known):
    """A function as it would be typed into a notebook: it stands in no file."""
    names = {"Bars": Bars, "Interval": Interval, "__name__": "__main__", **known}
    exec(source, names)
    return names["typed"]


STOPPED = """
def level(): return {level}
def typed(n=1):
    if {stop} and n == 3: raise KeyboardInterrupt
    return Bars({{"joint": Interval(level() + added, 0.0, 99.0, n)}})
"""


@pytest.mark.parametrize(
    ("level", "stop", "added"),
    [(1, "n == 0", 0.0), (2, "n == 9", 0.0), (1, "n == 9", 1.0)],
    ids=["the function", "its helper", "its data"],
)
def test_what_was_edited_in_a_notebook_does_not_go_on_from_older_frames(tmp_path, level, stop, added):
    """They used to share a folder, since neither stands in a file; the recording then mixed both."""
    target = tmp_path / "grid.npz"
    with pytest.raises(KeyboardInterrupt):
        record(typed(STOPPED.format(level=1, stop="n < 9"), added=0.0), target, title="T", progress=False, n=(1, 4))
    edited = typed(STOPPED.format(level=level, stop=stop).replace("99.0", "50.0" if stop == "n == 0" else "99.0"), added=added)
    record(edited, target, title="T", progress=False, n=(1, 4))
    layers = decoded(explore(target))
    assert set(layers["estimate"].ravel()) == {level + added}
    assert len(set(layers["high"].ravel())) == 1


def test_the_same_function_typed_again_goes_on():
    source = STOPPED.format(level=1, stop="n < 9")
    assert key_of(typed(source, added=X)) == key_of(typed(source, added=X.copy()))
    assert key_of(typed(source, added=X)) != key_of(typed(source, added=X + 1))


def test_two_runs_of_one_recording_do_not_end_each_other(tmp_path):
    """The one that finishes first clears up what both of them kept."""
    target = tmp_path / "grid.npz"

    def clearing(n=1):
        if n == 3:
            for folder in tmp_path.glob(".grid-*"):
                shutil.rmtree(folder)
        return bars(n)

    record(clearing, target, title="T", progress=False, n=(1, 5))
    assert explore(target).data == explore(bars, title="T", record=True, n=(1, 5)).data


@pytest.mark.parametrize("what", ["folder", "link", "device"])
def test_only_a_file_is_replaced(tmp_path, what):
    target = tmp_path / "grid.npz"
    if what == "folder":
        target.mkdir()
    elif what == "link":
        (tmp_path / "other").touch()
        target.symlink_to(tmp_path / "other")
    else:
        os.mkfifo(target)
    with pytest.raises(ValueError, match="`path` must be a file, or a new one"):
        record(bars, target, title="T", progress=False, n=(1, 3))
    with pytest.raises(ValueError, match="`path` must be a file, or a new one"):
        write_whole(target, b"")
    assert target.exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "flipped", "no json", "object"])
def test_a_damaged_recording_is_to_be_renewed(tmp_path, damage):
    path = tmp_path / "grid.npz"
    record(bars, path, title="T", progress=False, n=(1, 3))
    whole = path.read_bytes()
    middle = len(whole) // 3
    broken = {"cut": whole[:middle], "empty": b"", "text": b"nothing", "flipped": whole[:middle] + b"\0" * 40 + whole[middle + 40 :]}
    if damage in broken:
        path.write_bytes(broken[damage])
    elif damage == "no json":
        changed(path, "spec", text(lambda spec: spec[:-3]))
    else:
        np.savez(path, estimate=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"[Rr]enew it|holds no recording"):
        explore(path)


def test_every_damage_of_a_recording_is_told_in_one_sentence(tmp_path):
    """Cut files, flipped bytes and archives' ends behind odd beginnings, seeded: an error, or the same numbers."""
    path, rng = tmp_path / "grid.npz", np.random.default_rng(1)
    record(bars, path, title="T", progress=False, n=(1, 3))
    whole, told = path.read_bytes(), 0
    expected = explore(path).data
    for round_ in range(1000):
        damaged = bytearray([whole, whole[: rng.integers(1, len(whole))], b"PK" + whole[rng.integers(len(whole)) :]][round_ % 3])
        places = rng.integers(len(damaged), size=rng.integers(1, 4))
        places[0] = len(damaged) - 1 - min(rng.integers(30), len(damaged) - 1)  # among what says where all else lies
        for place in places:
            damaged[place] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            told += explore(path).data == expected
        except ValueError as error:
            told += str(error).startswith("`path` must ") and "enew it" in str(error)
    assert told == 1000


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("mtl_tutor.provenance.MOST_BYTES", 2**20)
    np.savez_compressed(tmp_path / "bomb.npz", spec=np.zeros(2**21, np.uint8))
    with pytest.raises(ValueError, match="`path` must unpack to at most 1,048,576 bytes"):
        explore(tmp_path / "bomb.npz")


def test_other_settings_do_not_go_on_from_what_a_stopped_recording_left(tmp_path):
    def fragile(n=1, *, lift=0.0):
        if n == 4 and not lift:
            raise KeyboardInterrupt
        return Bars({"joint": Interval(0.1 * n + lift, lift, 9.0, n)})

    with pytest.raises(KeyboardInterrupt):
        record(fragile, tmp_path / "grid.npz", title="T", progress=False, n=(1, 5))
    fragile.__kwdefaults__["lift"] = 1.0
    record(fragile, tmp_path / "grid.npz", title="T", progress=False, n=(1, 5))
    assert decoded(explore(tmp_path / "grid.npz"))["estimate"].min() > 1


def test_a_recording_can_be_read_by_whom_other_files_can(tmp_path):
    record(bars, tmp_path / "grid.npz", title="T", progress=False, n=(1, 3))
    (tmp_path / "other").touch()
    assert (tmp_path / "grid.npz").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_recording_says_how_it_was_made(tmp_path):
    def fn(n=2, *, n_seeds=7):
        return bars(n)

    record(fn, tmp_path / "grid.npz", title="T", progress=False, renew="make it", n=(1, 3))
    manifest = Recording.load(tmp_path / "grid.npz").manifest
    assert (manifest["fixed"], manifest["axes"]) == ({"n_seeds": 7}, {"n": ["1", "2", "3"]})
    assert (manifest["version"], manifest["renew"]) == (__version__, "make it")
    assert len(manifest["sha256"]) == 64


def changed(path, name, change):
    with np.load(path) as file:
        arrays = dict(file)
    arrays[name] = change(arrays[name])
    np.savez(path, **arrays)


def text(change):
    return lambda codes: np.frombuffer(change(codes.tobytes().decode()).encode(), np.uint8)


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("estimate", lambda values: values + 0.01, "checksum"),
        ("spec", text(lambda spec: spec.replace('"T"', '"U"')), "checksum"),
        ("manifest", text(lambda manifest: manifest.replace('"axes": {"n": ["1"', '"axes": {"n": ["0"')), "checksum"),
    ],
)
def test_a_recording_that_somebody_changed_is_refused_with_the_command_that_renews_it(tmp_path, name, change, sentence):
    path = tmp_path / "grid.npz"
    record(bars, path, title="T", progress=False, renew="python make.py", n=(1, 3))
    changed(path, name, change)
    with pytest.raises(ValueError, match=f"{sentence}.*Renew it: python make.py"):
        explore(path)


def test_a_recording_of_another_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mtl_tutor.provenance.__version__", "0.0.9")
    record(bars, tmp_path / "grid.npz", title="T", progress=False, n=(1, 3))
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"0\.0\.9\. Renew it"):
        explore(tmp_path / "grid.npz")


def test_a_file_is_replaced_at_once_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "grid.npz"
    record(bars, path, title="T", progress=False, n=(1, 3))
    older = path.read_bytes()
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
    with pytest.raises(OSError, match="power cut"):
        record(bars, path, title="T", progress=False, n=(1, 5))
    assert path.read_bytes() == older


def test_progress_is_shown_and_can_be_left_out(tmp_path, capsys):
    record(bars, tmp_path / "a.npz", title="T", n=(1, 3))
    assert "3/3" in capsys.readouterr().err
    record(bars, tmp_path / "b.npz", title="T", progress=False, n=(1, 3))
    assert capsys.readouterr().err == ""


# ---- sentences -------------------------------------------------------------------------------------------------------


@pytest.mark.messages
@pytest.mark.parametrize(
    ("fn", "settings", "error", "sentence"),
    [
        (
            curves,
            {"weight": "oops"},
            TypeError,
            "`weight` must be (low, high[, step]), a list, a dict, an array or a bool; got 'oops'.",
        ),
        (curves, {"weight": np.zeros((2, 2))}, TypeError, "got an array of shape (2, 2) and type float64."),
        (curves, {"weight": (1.0, 0.0)}, ValueError, "`weight` must be (low, high[, step]) with low < high and a positive step; got (1.0"),
        (curves, {"weight": (0, 10**7)}, ValueError, "`weight` must span at most 5,000 settings; got 10,000,001. Take larger steps."),
        (curves, {"weight": (0.0, 1.0, 1e-8)}, ValueError, "`weight` must span at most 5,000 settings; got 100,000,001."),
        (curves, {"weight": (0, 10**7), "record": False}, ValueError, "`weight` must span at most 5,000 settings"),
        (curves, {"weight": range(10**9)}, ValueError, "`weight` must span at most 5,000 settings; got 1,000,000,000."),
        (curves, {"weight": (0, np.nan)}, ValueError, "`weight` must be a finite number; got nan."),
        (curves, {"weight": (0, 10**400)}, ValueError, "`weight` must be a finite number; got 1000"),
        (curves, {"weight": np.array([0, np.inf])}, ValueError, "`weight[1]` must be a finite number; got inf."),
        (curves, {"wieght": (0, 1)}, ValueError, "`axes` must be one of 'weight', 'method'; got 'wieght'. Did you mean 'weight'?"),
        (lambda: bars(), {"n": (0, 1)}, ValueError, "`axes` must be one of '(no argument: `fn` takes none)'; got 'n'."),
        (lambda a, b: bars(), {"a": (0, 1)}, ValueError, "`axes` must name every argument of `fn` that has no default; 'b' is missing."),
        (curves, {}, ValueError, "`axes` must name at least one argument"),
        (3, {"n": (0, 1)}, TypeError, "`fn` must be a function or a string or a PathLike or None; got 3."),
        (curves, {"title": " ", "weight": (0, 1)}, ValueError, "`title` must say"),
        (curves, {"title": 3, "weight": (0, 1)}, TypeError, "`title` must be a string; got 3."),
        (curves, {"record": 1, "weight": (0, 1)}, TypeError, "`record` must be True or False; got 1."),
        (curves, {"dots": ["C"], "weight": (0, 1)}, ValueError, "`dots` must be one of 'A', 'B'; got 'C'."),
        (bars, {"dots": ["A"], "n": (1, 2)}, ValueError, "`dots` must be empty unless `fn` returns Curves; it returned a Bars."),
        ("digits", {"title": "", "dots": ["A"]}, ValueError, "got a recording, which has its own."),
        (curves, {"ylim": (1, 1), "weight": (0, 1)}, ValueError, "`ylim` must be (low, high), finite, with low < high; got (1, 1)."),
        (curves, {"record": True, "weight": np.linspace(0, 1, 6000)}, ValueError, "at most 5,000 settings; got 6,000"),
        (curves, {"record": True, "weight": np.linspace(0, 1, 1000)}, ValueError, "below 1,500,000 bytes; it would take 2,400,000"),
        (
            lambda k: [1, 2],
            {"k": (0, 1)},
            TypeError,
            "`fn` must return Curves, Bars, Map, a matplotlib figure or axes; got [1, 2]. Return the axes you drew on, or for example",
        ),
        (lambda k: Graph((("a",),), {}), {"k": (0, 1)}, TypeError, "got a Graph. Return draw_graph(graph)."),
        (lambda k: Curves(np.arange(k + 2.0), {"A": np.arange(k + 2.0)}), {"k": (0, 1)}, ValueError, "same names, axes and sizes"),
        (lambda k: Curves(X, {"A": 1e-200 * X}), {"k": (0, 1)}, ValueError, "from 1e-37 to 1e+38 in size; got 1e-200. Choose"),
        (lambda k: Curves(X, {"A": 1e200 * X}), {"k": (0, 1)}, ValueError, "from 1e-37 to 1e+38 in size; got 1e+200."),
        ("digit", {"title": ""}, ValueError, "Did you mean 'digits'?"),
        ("digits", {}, ValueError, "got a recording, which has its own."),
        ("nowhere.npz", {"title": ""}, ValueError, "`fn` must be a file that `record` wrote; there is none at 'nowhere.npz'."),
    ],
)
def test_what_a_reader_can_do_wrong_is_said_in_a_sentence(fn, settings, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        explore(fn, **({"title": "T"} | settings))


@pytest.mark.messages
def test_a_file_without_a_recording_is_named(tmp_path):
    np.savez(tmp_path / "other.npz", x=X)
    with pytest.raises(ValueError, match=r"other\.npz', which holds no recording"):
        explore(tmp_path / "other.npz")


def test_a_grid_is_walked_once_with_the_last_axis_fastest():
    seen = []
    explore(lambda a, b=0: seen.append((a, b)) or bars(), title="T", record=True, a=[0, 1], b=(0, 2))
    assert seen == list(product((0, 1), (0, 1, 2)))
