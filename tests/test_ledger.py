"""The ledger holds what the experiments of today say, nothing typed in, and the chapters say the same."""

import csv
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from mtl_tutor.experiments import Experiment, Hypothesis, Trial, experiments
from mtl_tutor.ledger import keep_ledger, read_entries, read_ledger
from mtl_tutor.reseal import stale_experiments
from mtl_tutor.statistics import Verdict

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "data/recorded"
LEDGER = RECORDED / "ledger.json"
CLAIMS = read_ledger(LEDGER)


@dataclass(frozen=True)
class Small(Experiment):
    """An experiment that costs nothing."""

    seeds: int = 20
    size: float = 1.0

    name = "small"
    chapter = "why/small"
    hypotheses = (Hypothesis("one", "it is positive", "ours", "one"),)

    def measure_all(self, settings, *, progress=False):
        return {"one": {"number": self.size + 0.001 * self.seed_range}}


class Other(Small):
    """Another one."""

    name = "other"


def test_every_experiment_has_its_entry_with_the_settings_and_the_code_of_today():
    assert set(read_entries(LEDGER)) == set(experiments())
    stale = stale_experiments(experiments(), RECORDED)
    assert not stale, f"{stale} changed. If no number should have changed: python -m mtl_tutor record --reseal"


def test_every_claim_has_a_source_an_interval_and_a_verdict_and_no_two_have_one_name():
    assert len({claim["id"] for claim in CLAIMS}) == len(CLAIMS) >= 18
    for claim in CLAIMS:
        assert claim["source"]
        assert claim["low"] <= claim["estimate"] <= claim["high"]
        assert claim["verdict"] in set(Verdict)
        assert claim["n"] >= 20


def test_a_claim_that_goes_on_from_another_says_from_which():
    for claim in CLAIMS:
        assert bool(claim["after"]) is claim["claim"].startswith("...")
    assert next(claim for claim in CLAIMS if claim["id"] == "digits-copies")["after"].startswith("Extra labels")


def test_claims_of_trials_show_baseline_and_control():
    trials = {name for name, experiment in experiments().items() if issubclass(experiment, Trial)}
    bare = [claim["id"] for claim in CLAIMS if claim["experiment"] in trials and claim["baseline"] is None]
    # what several arms or tasks decide together has no one baseline
    together = ("floor", "spread", "order", "mean", "own-stop", "-every", "-shrinks")
    assert all(any(word in name for word in together) for name in bare)


def whole(claim):
    """A claim with the sentence from which it goes on."""
    return f"{claim['after']} {claim['claim']}".strip()


@pytest.mark.parametrize("chapter", sorted({claim["chapter"] for claim in CLAIMS}))
def test_the_chapter_gives_the_verdicts_of_the_ledger(chapter):
    notebook = nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4)
    kept = next(cell for cell in notebook.cells if "keep_output" in cell.metadata.get("tags", []))
    lines = [line for output in kept.outputs for line in output.text.splitlines()]
    here = [claim for claim in CLAIMS if claim["chapter"] == chapter]
    every = [f"{claim['verdict']:12} {claim['claim']}" for claim in here]
    found = [f"{claim['verdict']:12} {whole(claim)}" for claim in here if claim["role"] == "finding"]
    assert lines in (every, found)


def test_what_is_not_on_trial_has_a_reason():
    with (ROOT / "data/untested.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["source"][:3] for row in rows} >= {"000", "001", "002", "003", "004"}
    kinds = ("planned", "identity", "definition", "not testable", "measured")
    assert all(row["claim"] and row["why not"].startswith(kinds) for row in rows)


def test_a_ledger_is_written_whole_and_read_back(tmp_path):
    keep_ledger({"small": Small, "other": Other}, tmp_path, progress=False)
    row, other = read_ledger(tmp_path / "ledger.json")
    assert (row["id"], row["chapter"], row["first_seed"], row["baseline"]) == ("small-one", "why/small", 1000, None)
    assert other["experiment"] == "other"
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["ledger.json", "other.npz", "small.npz"]


def test_one_experiment_can_be_recorded_anew_and_new_ones_are_in_any_case(tmp_path, monkeypatch):
    keep_ledger({"small": Small}, tmp_path, progress=False)
    monkeypatch.setattr(Small, "measure_all", lambda self, settings, **_: {"one": {"number": -1.0 - self.seed_range}})
    keep_ledger({"small": Small, "other": Other}, tmp_path, ["other"], progress=False)
    assert [row["verdict"] for row in read_ledger(tmp_path / "ledger.json")] == ["reproduced", "opposite"]
    keep_ledger({"small": Small, "other": Other}, tmp_path, ["small"], progress=False)
    assert [row["verdict"] for row in read_ledger(tmp_path / "ledger.json")] == ["opposite", "opposite"]


def test_a_verdict_that_somebody_typed_is_refused(tmp_path):
    typed = LEDGER.read_text(encoding="utf-8").replace('"not shown"', '"reproduced"', 1)
    (tmp_path / "ledger.json").write_text(typed, encoding="utf-8")
    with pytest.raises(ValueError, match="Renew it: python -m mtl_tutor record ledger"):
        read_ledger(tmp_path / "ledger.json")


@pytest.mark.parametrize("damage", [b"", b"nothing", b"[]", b"{}", b'{"version": 1}', b"\xff\xfe"])
def test_a_damaged_ledger_is_to_be_renewed(tmp_path, damage):
    (tmp_path / "ledger.json").write_bytes(damage)
    with pytest.raises(ValueError, match="Renew it"):
        read_ledger(tmp_path / "ledger.json")


def test_a_ledger_that_is_not_there_is_to_be_recorded(tmp_path):
    with pytest.raises(ValueError, match="`path` must be a ledger; there is no file"):
        read_ledger(tmp_path / "ledger.json")
