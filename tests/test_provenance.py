"""A fingerprint changes with the code that makes a number, wherever it stands, and with nothing else."""

import importlib
import sys

import pytest

from mtl_tutor.provenance import closure, code_of

TRIAL = '''"""A trial."""
from laboratory.machine import Arm, run_all


def run():
    return run_all(Arm("with a label", 3))
'''
MACHINE = '''"""Machine."""
from laboratory.engine import train


class Arm:
    def __init__(self, label, size):
        """Make it."""
        self.label, self.size = label, size


def run_all(arm: Arm) -> float:
    """Run it."""
    if arm.size < 0:
        raise ValueError(f"`size` must be 0 or more; got {arm.size}.")
    return train(arm.size)
'''
PASSED_ON = "from laboratory.engine.loop import train\n"
LOOP = "RATE = 0.1\n\n\ndef train(size):\n    return size * RATE\n"
OTHER = "RATE = 5\n"


@pytest.fixture
def fingerprint(tmp_path, monkeypatch):
    """Write a package whose trial stands three imports above its engine, and fingerprint the trial."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    folder = tmp_path / "laboratory"

    def made(trial=TRIAL, machine=MACHINE, loop=LOOP, other=OTHER, place="trial"):
        for name in [name for name in sys.modules if name.startswith("laboratory")]:
            monkeypatch.delitem(sys.modules, name)
        texts = {f"{place}.py": trial, "machine.py": machine, "engine/loop.py": loop, "engine/other.py": other}
        for file, text in (texts | {"__init__.py": "", "engine/__init__.py": PASSED_ON, "why/__init__.py": ""}).items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text)
        importlib.invalidate_caches()
        return code_of(importlib.import_module(f"laboratory.{place.replace('/', '.')}").run)

    return made


def test_code_counts_however_many_imports_away(fingerprint):
    assert fingerprint() != fingerprint(trial=TRIAL.replace("3", "4"))
    assert fingerprint() != fingerprint(machine=MACHINE.replace("train(arm.size)", "-train(arm.size)"))
    assert fingerprint() != fingerprint(loop=LOOP.replace("0.1", "0.2"))


def test_words_do_not_count(fingerprint):
    before = fingerprint()
    assert before
    assert before == fingerprint(trial=TRIAL.replace('"""A trial."""', '"""Another trial."""  # well').replace("with a label", "renamed"))
    assert before == fingerprint(loop=LOOP.replace("RATE = 0.1\n", 'RATE = 0.1\n"""A constant, explained."""\n'))
    machine = MACHINE.replace("Run it.", "Run them.").replace(" -> float", "").replace("must be 0 or more", "must not be negative")
    assert before == fingerprint(machine=machine)


def test_neither_where_a_module_stands_nor_how_it_is_imported_counts(fingerprint):
    one_by_one = "from laboratory.machine import run_all\nfrom laboratory.machine import Arm"
    moved = TRIAL.replace("from laboratory.machine import Arm, run_all", one_by_one)
    assert fingerprint() == fingerprint(trial=moved, place="why/trial")


def test_modules_that_are_not_imported_do_not_count(fingerprint):
    assert fingerprint() == fingerprint(other="RATE = 6\n")


def test_an_unknown_callable_with_a_label_keeps_its_arguments(fingerprint):
    calling = MACHINE.replace("train(arm.size)", "train(len('four'))")
    assert fingerprint(machine=calling) != fingerprint(machine=calling.replace("four", "more than four"))


def test_what_was_typed_in_has_no_fingerprint():
    names = {}
    exec("def f():\n    return 1", names)
    assert code_of(names["f"]) == ""


def test_every_experiment_stands_on_the_engine(root):
    package = root / "mtl_tutor"
    modules = closure(package / "experiments/why/eavesdropping/eavesdropping.py", package)
    assert {package / f"training/{name}.py" for name in ("mlp", "loop", "chunks")} <= modules
    assert package / "sharing/ple.py" not in modules
