"""What may be set in the playground, and what an address means: always something legal."""

import io
import random
import string
from base64 import b64decode
from dataclasses import asdict, fields

import pytest
from matplotlib.image import imread

from mtl_tutor.widgets import playground
from mtl_tutor.widgets._playground_still import recorded
from mtl_tutor.widgets.playground import page_spec
from mtl_tutor.widgets.playground_setting import PRESETS, Setting

KNOBS = {one.name: one for one in fields(Setting)}


def is_legal(setting):
    for name, value in asdict(setting).items():
        values = KNOBS[name].metadata["values"]
        whole = KNOBS[name].metadata.get("whole")
        assert isinstance(value, int) and values[0] <= value <= values[-1] if whole else value in values, name
    return True


def test_every_start_and_every_preset_is_legal():
    assert is_legal(Setting())
    for name, preset in PRESETS.items():
        assert is_legal(Setting(**preset.setting)), name
        assert preset.title
        assert preset.look.count(".") >= 2, name
        assert preset.bet.endswith("?"), name


def test_a_query_leads_back_to_its_setting():
    for preset in PRESETS.values():
        setting = Setting(**preset.setting, seed=7)
        assert Setting.from_url(f"https://example.org/playground.html?{setting.query}#here") == (setting, ())
        assert "seed=7" in setting.query


def test_a_preset_is_where_an_address_begins():
    setting, changed = Setting.from_url("?play.preset=narrow+trunk&play.units=5")
    assert asdict(setting) == asdict(Setting(**PRESETS["narrow trunk"].setting)) | {"units": 5}
    assert changed == ()


@pytest.mark.messages
@pytest.mark.parametrize(
    ("query", "name", "value", "said"),
    [
        ("play.units=1e9", "units", 16, "units can’t be 1e9: it is 16 now."),
        ("play.units=-3", "units", 1, "units can’t be -3: it is 1 now."),
        ("play.units=NaN", "units", 8, "units can’t be NaN: it is 8 now."),
        ("play.units=0x10", "units", 8, "units can’t be 0x10: it is 8 now."),
        ("play.units=1_0", "units", 8, "units can’t be 1_0: it is 8 now."),
        ("play.lr=1e9999", "lr", 0.3, "learning rate can’t be 1e9999: it is 0.3 now."),
        ("play.lr=0.019", "lr", 0.01, "learning rate can’t be 0.019: it is 0.01 now."),
        ("play.seed=12.7", "seed", 13, "first seed can’t be 12.7: it is 13 now."),
        ("play.net=", "net", "trunk", "sharing can’t be : it is trunk now."),
        ("play.net=%3Cscript%3Ealert(1)%3C/script%3E", "net", "trunk", "sharing can’t be <script>alert(1)</script…: it is trunk now."),
        ("play.__proto__=1", "net", "trunk", "There is no setting __proto__."),
        ("play.preset=best", "net", "trunk", "There is no preset best."),
        ("play.net=soft&play.net=stitch&other=1&net=stitch", "net", "soft", None),
    ],
)
def test_what_cannot_be_becomes_the_nearest_legal_and_a_line_says_so(query, name, value, said):
    setting, changed = Setting.from_url(f"?{query}")
    assert getattr(setting, name) == value
    assert changed == (() if said is None else (said,))
    assert is_legal(setting)


def random_query(rng):
    """A few settings, most of them legal, some of them rubbish."""
    parts = []
    for _ in range(rng.randrange(8)):
        name = rng.choice([*KNOBS, "preset", "zork"])
        values = KNOBS[name].metadata["values"] if name in KNOBS else [*PRESETS]
        rubbish = "".join(rng.choice(string.printable) for _ in range(rng.randrange(12)))
        parts.append(f"play.{name}={rng.choice([str(rng.choice(values)), repr(rng.uniform(-20, 300)), rubbish])}")
    return "&".join(parts)


def test_random_addresses_lead_to_legal_settings():
    rng = random.Random(0)
    for _ in range(500):
        assert is_legal(Setting.from_url(f"?{random_query(rng)}")[0])


def test_the_widget_knows_its_controls_and_says_its_setting():
    assert repr(playground("?play.preset=units&play.seed=3")) == "Playground('play.labelled=1&play.unit=10&play.seed=3')"
    spec = page_spec()
    assert [knob["name"] for knob in spec["knobs"]] == [*KNOBS]
    assert {preset["name"] for preset in spec["presets"]} == set(PRESETS)
    for knob in spec["knobs"]:
        assert knob["start"] in knob["values"]
        assert "when" not in knob or knob["when"][0] in KNOBS


def test_viewers_without_scripts_get_a_picture_of_the_first_preset_and_its_words():
    data, _ = playground("?play.preset=help")._repr_mimebundle_()
    picture = imread(io.BytesIO(b64decode(data["image/png"])), format="png")
    assert picture.shape[0] > 600
    assert picture[..., :3].std() > 0.1
    first = Setting(**next(iter(PRESETS.values())).setting)
    assert recorded()["query"] == first.query
    assert recorded()["steps"][-1] == first.steps
    assert page_spec()["alt"].startswith("Preset Help, trained: ")
    for name, task in zip("ABC", recorded()["tasks"], strict=True):
        assert f"{name} {100 * task['gain'][0]:+.0f}%".replace("-", "−") in page_spec()["alt"]
