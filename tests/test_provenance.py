"""A fingerprint changes with the code that makes a number, wherever it stands, and with nothing else."""

import importlib
import sys

import pytest

from mtl_tutor.provenance import code_of

TRIAL = '"""A trial."""\nfrom laboratory._fits import fit\n\n\ndef run():\n    return fit()\n'
FITS = '"""Fits."""\n\n\ndef fit():\n    """Fit."""\n    return 1\n'


@pytest.fixture
def fingerprint(tmp_path, monkeypatch):
    """Write a package of two modules, and fingerprint the public one."""
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "laboratory"
    folder.mkdir()
    (folder / "__init__.py").write_text("")

    def made(trial=TRIAL, fits=FITS, base="KNOB = 1\n"):
        for name in [name for name in sys.modules if name.startswith("laboratory")]:
            monkeypatch.delitem(sys.modules, name)
        (folder / "trial.py").write_text(trial)
        (folder / "_fits.py").write_text(fits)
        (folder / "_base.py").write_text(base)
        importlib.invalidate_caches()
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        try:
            return code_of(importlib.import_module("laboratory.trial").run)
        finally:
            sys.dont_write_bytecode = before

    return made


def test_code_in_a_private_module_beside_counts(fingerprint):
    assert fingerprint() != fingerprint(fits=FITS.replace("return 1", "return 2"))
    assert fingerprint() != fingerprint(trial=TRIAL.replace("return fit()", "return -fit()"))


def test_words_do_not_count(fingerprint):
    changed = fingerprint(TRIAL.replace("A trial.", "One trial."), FITS.replace('"""Fit."""', '"""Fit it."""  # well'))
    assert fingerprint() == changed != ""


def test_the_machinery_of_all_trials_does_not_count(fingerprint):
    leaning = TRIAL.replace("from laboratory._fits", "from laboratory._base import KNOB\nfrom laboratory._fits")
    assert fingerprint(leaning) == fingerprint(leaning, base="KNOB = 2\n")


def test_what_was_typed_in_has_no_fingerprint():
    names = {}
    exec("def f():\n    return 1", names)
    assert code_of(names["f"]) == ""
