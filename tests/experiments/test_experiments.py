"""Experiments from the outside: settings are checked, the command line tells the truth."""

import json

from mtl_tutor.__main__ import main
from mtl_tutor.experiments import experiments

BESIDE = ("baseline", "control", "rule", "condition", "printed", "by_block", "agree", "borderline", "edges")
STANDS = ("role", "finding", "as_expected", "scale")


def test_without_an_experiment_the_command_line_lists_all_of_them(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(experiments())
    assert "shared-minimum" in experiments()


def test_json_is_one_object_with_every_claim(capsys):
    assert main(["shared-minimum", "--seeds", "20", "--first-seed", "77", "--n-hidden", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["experiment"], report["seeds"], report["first_seed"]) == ("shared-minimum", 20, 77)
    assert set(report["claims"][0]) == {"id", "claim", "source", "estimate", "low", "high", "n", "verdict", *BESIDE, *STANDS}
    assert all(claim["low"] <= claim["estimate"] <= claim["high"] for claim in report["claims"])


def test_settings_reach_the_experiment_and_bad_ones_come_back_as_a_sentence(capsys):
    assert main(["shared-minimum", "--seeds", "3"]) == 2
    assert "at least 20" in capsys.readouterr().err
