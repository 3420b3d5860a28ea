"""What a widget replays from data/recorded is what its function returns today."""

from pathlib import Path

import numpy as np
import pytest

from mtl_tutor.__main__ import RECORDINGS
from mtl_tutor.experiments import labels_needed
from mtl_tutor.widgets import explore

DATA = Path(__file__).parents[2] / "data/recorded"
pytestmark = pytest.mark.claims


def read(values):
    return [str(value) for value in (range(values[0], values[1] + 1) if isinstance(values, tuple) else values)]


@pytest.mark.parametrize("name", sorted(RECORDINGS))
def test_the_recording_has_the_settings_that_the_code_would_record(name):
    spec, settings = explore(name).spec, RECORDINGS[name]
    assert (spec["title"], spec["alt"]) == (settings["title"], settings["alt"])
    assert all(axis["labels"] == read(settings[axis["name"]]) for axis in spec["axes"])


def test_a_point_of_the_digits_recording_comes_out_again():
    names = explore("digits").spec["shared"]["names"]
    again = labels_needed(1, "the labelled images only")
    with np.load(DATA / "digits.npz") as file:
        for name, edges in {"y": again.y, "low": again.low, "high": again.high}.items():
            assert list(edges) == names
            assert np.allclose(file[name][1], list(edges.values()), atol=0.004)
