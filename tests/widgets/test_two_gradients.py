"""The widget of two gradients, without a browser: what may be asked of it, and its still picture."""

import io
import math
from base64 import b64decode

import pytest
from matplotlib.image import imread

from mtl_tutor.widgets import two_gradients
from mtl_tutor.widgets._arrow_presets import METHODS, PRESETS
from mtl_tutor.widgets.two_gradients import page_spec


def test_a_preset_is_shown_by_its_name():
    for name, preset in PRESETS.items():
        setting = two_gradients(name).setting
        assert [(one["length"], one["angle"]) for one in setting["tasks"]] == [*preset.tasks]
        assert preset.bet.endswith("?")
        assert preset.look.count(".") >= 2


def test_the_presets_are_what_they_are_called():
    angles = {name: [angle for _, angle in preset.tasks] for name, preset in PRESETS.items()}
    cosine = {name: math.cos(math.radians(a[0] - a[1])) for name, a in angles.items()}
    assert cosine["conflict"] < 0 < cosine["agree"]
    assert cosine["opposite"] == -1
    long, short = (length for length, _ in PRESETS["one long"].tasks)
    assert long / short == pytest.approx(30)
    assert PRESETS["one vanishes"].tasks[1][0] == 0
    assert len(PRESETS["three"].tasks) == 3


def test_methods_stand_in_the_order_of_the_list_and_have_a_sentence():
    assert two_gradients(methods=["nash", "sum"]).setting["show"] == ["sum", "nash"]
    for label, says in METHODS.values():
        assert label
        assert says.endswith(".")
    assert [one["name"] for one in page_spec()["methods"]] == [*METHODS]


@pytest.mark.messages
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gradients": "on long"}, "Did you mean 'one long'"),
        ({"gradients": [[1.0, 2.0]]}, "must be two or three pairs"),
        ({"gradients": [[1.0, 2.0], [1.0]]}, "must be two or three pairs"),
        ({"gradients": [[1.0, 3.0], [1.0, 0.0]]}, "must be at most 3 long"),
        ({"methods": ["PCGrad"]}, "`methods` must be one of 'sum', 'pcgrad'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(given, said):
    with pytest.raises(ValueError, match=said):
        two_gradients(**given)


def test_viewers_without_scripts_get_a_picture_and_its_words():
    data, _ = two_gradients()._repr_mimebundle_()
    picture = imread(io.BytesIO(b64decode(data["image/png"])), format="png")
    assert picture.shape[0] > 300
    assert picture[..., :3].std() > 0.1
    assert page_spec()["alt"].startswith("Two gradients A and B at an angle of 120 degrees.")
