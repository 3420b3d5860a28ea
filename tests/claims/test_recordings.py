"""What a widget replays from data/recorded is what its function returns today.

Whether a recording is up to date is asked of all; of one of them, which the commit draws, a point is
computed anew. ``make test-all`` computes a point of each.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from unchanged import commit, drawn

from mtl_tutor.experiments import ARCHITECTURES
from mtl_tutor.recordings import RECORDINGS
from mtl_tutor.widgets import explore
from mtl_tutor.widgets._axes import read_axes
from mtl_tutor.widgets._grid import manifest_of
from mtl_tutor.widgets._recording import Recording, take_apart

DATA = Path(__file__).parents[2] / "data/recorded"
TEXTS = ("fn", "title", "alt")
pytestmark = pytest.mark.claims


def axes(name):
    return {axis: values for axis, values in RECORDINGS[name].items() if axis not in TEXTS}


def test_every_recording_has_its_recipe_and_every_recipe_its_recording():
    assert {path.stem for path in DATA.glob("[!.]*.npz")} == set(RECORDINGS)


@pytest.mark.parametrize("name", sorted(RECORDINGS))
def test_the_recording_was_made_by_the_code_and_the_settings_of_today(name):
    manifest, recipe = Recording.load(DATA / f"{name}.npz").manifest, RECORDINGS[name]
    today = manifest_of(recipe["fn"], axes(name))
    stale = [part for part in today if json.loads(json.dumps(today[part])) != manifest[part]]
    assert not stale, f"stale: {stale}. Renew it: {manifest['renew']}"
    assert today["fixed"]["n_seeds"] >= 64
    spec = explore(name).spec
    assert (spec["title"], spec["alt"]) == (recipe["title"], recipe["alt"])
    assert (DATA / f"{name}.npz").stat().st_size <= 1_000_000


def pytest_generate_tests(metafunc):
    """Draw the recording of which a point is computed, or take all of them."""
    if "drawn_name" in metafunc.fixturenames:
        names = drawn(RECORDINGS, commit())
        everything = metafunc.config.getoption("everything", default=False)
        metafunc.parametrize("drawn_name", sorted(names) if everything else names[:1])


def test_a_point_drawn_at_random_comes_out_again(drawn_name, monkeypatch):
    name, rng = drawn_name, np.random.default_rng(zlib.crc32(f"{commit()} {drawn_name}".encode()))
    fn, controls = RECORDINGS[name]["fn"], read_axes(RECORDINGS[name]["fn"], axes(name))
    if name == "atlas":  # a whole point takes minutes, and no contestant's numbers depend on the others'
        some = rng.choice(list(ARCHITECTURES), 3, replace=False).tolist()
        monkeypatch.setattr("mtl_tutor.experiments.atlas.ARCHITECTURES", {one: ARCHITECTURES[one] for one in some})
    with np.load(DATA / f"{name}.npz") as file:
        recorded = {layer: file[layer] for layer in ("low", "high")}
        names = json.loads(file["spec"].tobytes())["shared"]["names"]
    grid = [len(control.values) for control in controls]
    point = rng.integers(np.prod(grid))
    at = np.unravel_index(point, grid)
    frame = take_apart(fn(**{control.name: control.at(int(i)) for control, i in zip(controls, at, strict=True)}))
    rows = [names.index(one) for one in frame.shared["names"]]
    low, high = (recorded[edge][point][rows] for edge in ("low", "high"))
    middle = frame.layers["estimate" if frame.shared["kind"] == "bars" else "y"]
    banded = np.isfinite(low)
    assert banded.any()
    slack = 1e-6 + 0.001 * np.abs(high)  # of the packed numbers
    assert (middle >= low - slack)[banded].all(), (name, at)
    assert (middle <= high + slack)[banded].all(), (name, at)
