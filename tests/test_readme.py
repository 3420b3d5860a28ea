"""The README tells the truth: its example runs, and the tree that it draws is there."""

import re
from hashlib import sha256
from pathlib import Path

from mtl_tutor import balancing, metrics, sharing, tasks, training

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_five_lines_run():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    names = {name: getattr(room, name) for room in (tasks, sharing, balancing, training) for name in room.__all__} | vars(metrics)
    exec(code[1].replace("seeds=256, steps=300", "seeds=4, steps=5"), names)
    assert names["gain"].shape == (4, 2)


def test_every_folder_and_file_on_the_map_exists():
    paths = re.findall(r"^(  )?(\w+(?:/|\.py))", README.split("## What is where")[1], re.MULTILINE)
    assert len(paths) > 8
    for inside, name in paths:
        assert (ROOT / ("mtl_tutor" if inside else "") / name).exists(), name


def test_it_fits_on_two_screens():
    assert len(README.splitlines()) <= 90


def test_every_file_that_the_book_ships_is_listed_with_its_checksum():
    table = (ROOT / "data/README.md").read_text(encoding="utf-8")
    shipped = [path for path in (ROOT / "data/recorded").iterdir() if path.suffix]
    assert shipped
    for path in shipped:
        assert f"| `recorded/{path.name}` |" in table
        assert sha256(path.read_bytes()).hexdigest() in table, f"{path.name} changed: renew its row in data/README.md"
