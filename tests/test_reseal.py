"""A seal is renewed where every number comes out again, and only there."""

from dataclasses import dataclass

import numpy as np
import pytest

from mtl_tutor import ledger, reseal
from mtl_tutor.experiments import Experiment, Hypothesis, recorded
from mtl_tutor.ledger import keep_ledger, read_entries, read_measured
from mtl_tutor.results import Curves
from mtl_tutor.tuning import Setting
from mtl_tutor.widgets import record
from mtl_tutor.widgets._recording import Recording

WORLD = {"scale": 1.0, "lr": 0.1, "late": 0.0, "mean": False, "line": 1.0}


@dataclass(frozen=True)
class Toy(Experiment):
    """Numbers that depend on the world above."""

    seeds: int = 80

    name = "toy"
    hypotheses = (Hypothesis("positive", "it is positive", "ours", "one"),)

    def tuned(self):
        return ("one",)

    def tune(self, name):
        return Setting(lr=WORLD["lr"])

    def measure_all(self, settings, *, progress=False):
        numbers = np.array([np.random.default_rng(seed).uniform(0.5, 1.5) for seed in self.seed_range])
        late = WORLD["late"] * (self.seed_range > 1010)
        return {"one": {"number": WORLD["scale"] * numbers * settings["one"].lr + late + (numbers.mean() if WORLD["mean"] else 0)}}


class Other(Toy):
    """Another one."""

    name = "other"


@recorded("line", title="A line", alt="It rises.", slope=[1.0, 2.0, 3.0])
def line(slope: float = 1.0) -> Curves:
    """Draw a line."""
    return Curves(np.arange(3.0), {"y": slope * WORLD["line"] * np.arange(3.0)}, ylim=(0.0, 9.0))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A ledger and a grid, recorded by code that has changed since."""
    for name, value in {"scale": 1.0, "lr": 0.1, "late": 0.0, "mean": False, "line": 1.0}.items():
        monkeypatch.setitem(WORLD, name, value)
    keep_ledger({"toy": Toy}, tmp_path, progress=False)
    record(line, tmp_path / "line.npz", title="Old words", alt="Old words.", progress=False, slope=[1.0, 2.0, 3.0])
    monkeypatch.setattr("mtl_tutor.ledger.code_of", lambda thing: "abcdef0123")
    monkeypatch.setattr("mtl_tutor.widgets._grid.code_of", lambda thing: "abcdef0123")
    return tmp_path


def resealed(folder):
    """What resealing says of the toy."""
    return dict(reseal.reseal_experiments({"toy": Toy}, folder))["toy"]


def test_the_same_numbers_get_a_new_seal(folder):
    before = read_entries(folder / "ledger.json")["toy"]
    assert resealed(folder) == "renewed"
    after = read_entries(folder / "ledger.json")["toy"]
    assert before["code"] != after["code"] == "abcdef0123"
    assert after["claims"] == before["claims"]
    assert reseal.stale_experiments({"toy": Toy}, folder) == []


@pytest.mark.parametrize(("what", "value", "said"), [("scale", 1 + 1e-15, "'number' of 'one'"), ("lr", 0.2, "tuning 'one'")])
def test_other_numbers_stay_stale(folder, monkeypatch, what, value, said):
    monkeypatch.setitem(WORLD, what, value)
    before = (folder / "ledger.json").read_text()
    assert said in resealed(folder)
    assert (folder / "ledger.json").read_text() == before
    assert reseal.stale_experiments({"toy": Toy}, folder) == ["toy"]


def test_where_seeds_depend_on_their_company_all_are_run_again(folder, monkeypatch):
    monkeypatch.setitem(WORLD, "mean", True)
    keep_ledger({"toy": Toy}, folder, progress=False)
    monkeypatch.setattr("mtl_tutor.ledger.code_of", lambda thing: "fedcba")
    assert resealed(folder) == "renewed"
    monkeypatch.setattr("mtl_tutor.ledger.code_of", lambda thing: "fedcbb")
    monkeypatch.setitem(WORLD, "late", 1e-9)
    assert "'number' of 'one'" in resealed(folder)


def test_other_settings_are_not_resealed(folder, monkeypatch):
    kept = ledger.identity(Toy)
    monkeypatch.setattr("mtl_tutor.ledger.identity", lambda experiment: kept | {"settings": {**kept["settings"], "seeds": 40}})
    monkeypatch.setattr("mtl_tutor.reseal.identity", ledger.identity)
    assert resealed(folder) == "has other settings; record it"


def test_resealing_one_experiment_keeps_the_entries_of_all_others(folder):
    keep_ledger({"toy": Toy, "other": Other}, folder, ["other"], progress=False)
    assert dict(reseal.reseal_experiments({"toy": Toy}, folder)) == {"toy": "renewed"}
    assert set(read_entries(folder / "ledger.json")) == {"toy", "other"}


def test_a_grid_whose_point_comes_out_again_is_renewed_with_todays_words(folder):
    assert reseal.stale_grids({"line": line.grid}, folder) == ["line"]
    assert dict(reseal.reseal_grids({"line": line.grid}, folder)) == {"line": "renewed"}
    kept = Recording.load(folder / "line.npz")
    assert (kept.spec["title"], kept.manifest["code"]) == ("A line", "abcdef0123")
    assert reseal.stale_grids({"line": line.grid}, folder) == []


def test_a_grid_whose_point_differs_stays_stale(folder, monkeypatch):
    monkeypatch.setitem(WORLD, "line", 1.001)
    assert "is not what was recorded" in dict(reseal.reseal_grids({"line": line.grid}, folder))["line"]
    assert Recording.load(folder / "line.npz").spec["title"] == "Old words"


def test_numbers_come_back_from_the_file_as_they_were(folder):
    measured, settings = read_measured("toy", folder)
    numbers = Toy().measure_all({"one": Setting(lr=0.1)})["one"]["number"]
    np.testing.assert_array_equal(measured["one"]["number"], numbers)
    assert {name: [one.lr for one in chosen] for name, chosen in settings.items()} == {"one": [0.1] * 8}


def test_numbers_of_another_ledger_are_refused(folder):
    ledger.write_measured(folder / "measured/toy.npz", {"one": {"number": np.zeros(30)}}, {})
    with pytest.raises(ValueError, match="record ledger toy"):
        read_measured("toy", folder)
