"""Run inside .venv-colab only: the environment is what it claims to be, and a widget opens in it."""

import re
from importlib.metadata import distributions
from pathlib import Path

import mtl_tutor


def test_colab_versions_are_installed(root: Path) -> None:
    here = {re.sub(r"[-_.]+", "-", found.name).lower(): found.version for found in distributions()}
    wanted = dict(re.findall(r"^([\w.-]+)==(\S+)", (root / "tests/constraints-colab.txt").read_text(encoding="utf-8"), re.MULTILINE))
    wanted.pop("torch")  # ours: Colab's own build is large, and the resolution test covers its version
    assert {name: here.get(name) for name in wanted} == wanted


def test_the_package_is_this_checkout(root: Path) -> None:
    assert Path(mtl_tutor.__file__).parents[1] == root
