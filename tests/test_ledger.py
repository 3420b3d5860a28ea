"""The ledger holds what the experiments of today say, nothing typed in, and the chapters say the same."""

import csv
import json
from pathlib import Path

import nbformat
import pytest

from mtl_tutor.__main__ import EXPERIMENTS
from mtl_tutor.experiments import Trial
from mtl_tutor.ledger import identity, keep_ledger, read_ledger
from mtl_tutor.results import Claim
from mtl_tutor.statistics import Interval, Verdict

ROOT = Path(__file__).parents[1]
LEDGER = ROOT / "data/recorded/ledger.json"
CLAIMS = read_ledger(LEDGER)


class Small:
    """An experiment that costs nothing."""

    name, chapter = "small", "why/small"

    def run(self):
        claim = Claim("small-one", "it helps", "ours", Interval(0.5, 0.4, 0.6, 100), Verdict.REPRODUCED)
        return type("Result", (), {"claims": (claim,)})


def test_every_experiment_has_its_entry_with_the_settings_and_the_code_of_today():
    kept = {entry["experiment"]: entry for entry in json.loads(LEDGER.read_text(encoding="utf-8"))["experiments"]}
    assert set(kept) == set(EXPERIMENTS)
    for name, experiment in EXPERIMENTS.items():
        today = json.loads(json.dumps(identity(experiment)))
        stale = [part for part in today if kept[name][part] != today[part]]
        assert not stale, f"{name}: {stale} changed. Renew the ledger: python -m mtl_tutor record ledger"


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
    assert next(claim for claim in CLAIMS if claim["id"] == "digits-copies")["after"].startswith("Extra answers")


def test_claims_of_trials_show_baseline_and_control():
    trials = {name for name, experiment in EXPERIMENTS.items() if issubclass(experiment, Trial)}
    bare = [claim["id"] for claim in CLAIMS if claim["experiment"] in trials and claim["baseline"] is None]
    together = ("floor", "spread", "order", "mean", "own-stop")  # what several arms or tasks decide together has no one baseline
    assert all(any(word in name for word in together) for name in bare)


@pytest.mark.parametrize("chapter", sorted({claim["chapter"] for claim in CLAIMS}))
def test_the_chapter_gives_the_verdicts_of_the_ledger(chapter):
    notebook = nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4)
    kept = next(cell for cell in notebook.cells if "keep_output" in cell.metadata.get("tags", []))
    lines = [line for output in kept.outputs for line in output.text.splitlines()]
    assert lines == [f"{claim['verdict']:12} {claim['claim']}" for claim in CLAIMS if claim["chapter"] == chapter]


def test_what_is_not_on_trial_has_a_reason():
    with (ROOT / "data/untested.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["source"][:3] for row in rows} >= {"000", "001", "002", "003", "004"}
    kinds = ("planned", "identity", "definition", "not testable", "measured")
    assert all(row["claim"] and row["why not"].startswith(kinds) for row in rows)


def test_a_ledger_is_written_whole_and_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr("mtl_tutor.ledger.fields", lambda experiment: [])
    monkeypatch.setattr("mtl_tutor.ledger.identity", lambda experiment: {"experiment": "small", "settings": {"first_seed": 7}, "code": ""})
    keep_ledger({"small": Small}, tmp_path / "ledger.json", progress=False)
    (row,) = read_ledger(tmp_path / "ledger.json")
    assert (row["id"], row["chapter"], row["first_seed"], row["baseline"]) == ("small-one", "why/small", 7, None)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.json"]


def test_a_verdict_that_somebody_typed_is_refused(tmp_path):
    typed = LEDGER.read_text(encoding="utf-8").replace('"refuted"', '"reproduced"', 1)
    (tmp_path / "ledger.json").write_text(typed, encoding="utf-8")
    with pytest.raises(ValueError, match="Renew it: python -m mtl_tutor record ledger"):
        read_ledger(tmp_path / "ledger.json")
