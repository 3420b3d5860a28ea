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

from mtl_tutor.experiments import grids
from mtl_tutor.experiments.sharing.which_one.cases import CASES
from mtl_tutor.reseal import stale_grids
from mtl_tutor.widgets import explore
from mtl_tutor.widgets._grid import manifest_of, point_of
from mtl_tutor.widgets._recording import Recording, take_apart

FEWEST = {"atlas": 32, "atlas-disputes": 48}  # of many nets, each tuned
DATA = Path(__file__).parents[2] / "data/recorded"
GRIDS = grids()
pytestmark = pytest.mark.claims


def test_every_recording_has_its_recipe_and_every_recipe_its_recording():
    assert {path.stem for path in DATA.glob("[!.]*.npz")} == set(GRIDS)


def test_recordings_were_made_by_the_code_and_the_settings_of_today():
    stale = stale_grids(GRIDS, DATA)
    assert not stale, f"stale: {stale}. If no number should have changed: python -m mtl_tutor record --reseal"


@pytest.mark.parametrize("name", GRIDS)
def test_a_recording_has_seeds_enough_todays_words_and_a_small_file(name):
    fixed = manifest_of(GRIDS[name].function, GRIDS[name].axes)["fixed"]
    assert fixed.get("n_seeds", min(case.n_seeds for case in CASES.values())) >= FEWEST.get(name, 64)
    spec = explore(name).spec
    assert (spec["title"], spec["alt"]) == (GRIDS[name].title, GRIDS[name].alt)
    assert (DATA / f"{name}.npz").stat().st_size <= 1_000_000


def pytest_generate_tests(metafunc):
    """Draw the recording of which a point is computed, or take all of them."""
    if "drawn_name" in metafunc.fixturenames:
        names = drawn(GRIDS, commit())
        everything = metafunc.config.getoption("everything", default=False)
        metafunc.parametrize("drawn_name", sorted(names) if everything else names[:1])


def test_a_point_drawn_at_random_comes_out_again(drawn_name):
    grid, number = GRIDS[drawn_name], zlib.crc32(f"{commit()} {drawn_name}".encode())
    point, settings = point_of(grid.function, grid.axes, number)
    found = (grid.few or grid.function)(**settings)
    if not Recording.load(DATA / f"{drawn_name}.npz").differs_from(found, point):
        return
    with np.load(DATA / f"{drawn_name}.npz") as file:  # recorded on another processor: within the band of the recording
        recorded = {layer: file[layer] for layer in ("low", "high")}
        names = json.loads(file["spec"].tobytes())["shared"]["names"]
    frame = take_apart(found)
    rows = [names.index(one) for one in frame.shared["names"]]
    low, high = (recorded[edge][point][rows] for edge in ("low", "high"))
    middle = frame.layers["estimate" if frame.shared["kind"] == "bars" else "y"]
    banded, slack = np.isfinite(low), 1e-6 + 0.001 * np.abs(high)  # of the packed numbers
    assert banded.any()
    assert (middle >= low - slack)[banded].all(), (drawn_name, settings)
    assert (middle <= high + slack)[banded].all(), (drawn_name, settings)
