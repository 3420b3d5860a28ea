"""The widget of landscapes, without a browser: its presets and its still picture."""

import io
from base64 import b64decode

import numpy as np
import pytest
from matplotlib.image import imread

from mtl_tutor.widgets import landscapes
from mtl_tutor.widgets._landscape_presets import KNOBS, PRESETS, STARTS
from mtl_tutor.widgets._landscape_still import losses, paths
from mtl_tutor.widgets.landscapes import page_spec

VALUES = {knob["name"]: knob["values"] for knob in KNOBS}


def test_every_preset_is_legal_and_has_a_lesson():
    for name, preset in PRESETS.items():
        assert landscapes(name).setting == preset.setting
        assert preset.setting.keys() == VALUES.keys()
        assert all(value in VALUES[key] for key, value in preset.setting.items())
        assert preset.bet.endswith("?")
        assert preset.look.count(".") >= 2
    assert VALUES["landscape"] == [*STARTS]


@pytest.mark.messages
def test_an_unknown_preset_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="Did you mean 'concave'"):
        landscapes("concav")


def test_on_the_still_picture_every_path_ends_at_an_end_of_the_front():
    ends = losses(paths()[-1])
    assert (ends.min(axis=1) < 0.01).all()
    assert (ends.max(axis=1) > 0.95).all()
    np.testing.assert_allclose(losses(np.zeros(2)), 1 - np.exp(-1))


def test_viewers_without_scripts_get_a_picture_and_its_words():
    data, _ = landscapes()._repr_mimebundle_()
    picture = imread(io.BytesIO(b64decode(data["image/png"])), format="png")
    assert picture.shape[1] > 600
    assert picture[..., :3].std() > 0.1
    assert "concave Pareto front" in page_spec()["alt"]
