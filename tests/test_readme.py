"""The README tells the truth: its example runs, and the tree that it draws is there."""

import re
from pathlib import Path

import pytest

from mtl_tutor.experiments import experiments
from mtl_tutor.ledger import read_ledger
from mtl_tutor.results import findings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


TABLE, EXPERIMENT = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_five_lines_run():
    names: dict[str, object] = {}
    exec(EXPERIMENT.replace("seeds=256, steps=300", "seeds=4, steps=5"), names)
    assert names["gain"].shape == (4, 2)


def test_three_architectures_are_compared_on_a_table_of_ones_own_in_eight_lines(capsys):
    """The answer has the contestants and the columns that the README prints."""
    assert len(TABLE.splitlines()) <= 8
    exec(TABLE.replace("seeds=64", "seeds=2, steps=5"), {})
    printed, shown = capsys.readouterr().out.splitlines()[:7], README.split("seeds=64))\n```\n\n```\n")[1].splitlines()[:7]
    assert [line.split()[0] for line in shown[1:]] == [line.split()[0] for line in printed[1:]]
    assert re.split(r"  +", shown[0].strip()) == re.split(r"  +", printed[0].strip())


@pytest.mark.slow
def test_the_table_of_the_readme_is_what_its_lines_print(capsys):
    """Another machine rounds differently: every gain that the README prints lies in the interval of a fresh run."""
    exec(TABLE, {})
    gain = re.compile(r"([+-][\d.]+)% \[([+-][\d.]+), ([+-][\d.]+)\]")
    fresh, shown = gain.findall(capsys.readouterr().out), gain.findall(README.split("seeds=64))")[1])
    assert len(shown) == len(fresh) == 6
    for (estimate, *_), (_, low, high) in zip(shown, fresh, strict=True):
        assert float(low) <= float(estimate) <= float(high)


def test_every_folder_and_file_on_the_map_exists():
    paths = re.findall(r"^(  )?(\w+(?:/|\.py))", README.split("## What is where")[1], re.MULTILINE)
    assert len(paths) > 8
    for inside, name in paths:
        assert (ROOT / ("mtl_tutor" if inside else "") / name).exists(), name


def test_it_fits_on_two_screens():
    assert len(README.splitlines()) <= 94


def test_every_file_that_the_book_ships_is_listed():
    table = (ROOT / "data/README.md").read_text(encoding="utf-8")
    shipped = [path for path in (ROOT / "data/recorded").iterdir() if path.suffix]
    assert shipped
    for path in shipped:
        assert f"| `recorded/{path.name}` |" in table


def test_its_three_findings_are_those_of_the_ledger():
    lines = re.findall(r"^- (.+): (\S+% \[.+\]), \*(.+)\* \(`(.+)`\)\.$", README, re.MULTILINE)
    assert len(lines) == 3
    for words, effect, verdict, name in lines:
        row = next(claim for claim in read_ledger() if claim["id"] == name)
        shown = str(findings(experiments()[row["experiment"]].recorded(), ids=[name]))
        assert f"{verdict}: {words}" in " ".join(shown.split())
        assert effect in shown
