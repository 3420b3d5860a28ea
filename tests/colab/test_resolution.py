"""In Colab, installing mtl-tutor must leave every package that Colab brought alone."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

COLAB_PYTHON = "3.12"
NEW_IN_COLAB = {"jaxtyping", "wadler-lindig"}  # small, pure Python; the only packages that Colab lacks


def resolve(project: str, constraints: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask uv which versions pip would choose for `project` (the text of a pyproject.toml) beside Colab's."""
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-config", "--system-certs"]
    command += ["--python-version", COLAB_PYTHON]
    command += ["--python-platform", "x86_64-manylinux_2_28", "--constraint", str(constraints), *options, "pyproject.toml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})


def versions(text: str) -> dict[str, str]:
    """``name==version`` lines as a dictionary."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;+]+)", text, re.MULTILINE))


@pytest.fixture(scope="module")
def declared(root: Path) -> str:
    """What pyproject.toml declares: name, Python and dependencies, without the build system."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [f'name = "{project["name"]}"', 'version = "0"', f'requires-python = "{project["requires-python"]}"']
    return "\n".join(["[project]", *lines, f"dependencies = {project['dependencies']}"])


@pytest.fixture(scope="module")
def constraints(root: Path) -> Path:
    return root / "tests/constraints-colab.txt"


@pytest.fixture(scope="module")
def resolved(declared: str, constraints: Path, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What pip would choose, in Colab, for the package as it is declared."""
    return resolve(declared, constraints, tmp_path_factory.mktemp("colab"))


def test_nothing_of_colab_is_replaced(resolved: subprocess.CompletedProcess[str], constraints: Path) -> None:
    assert resolved.returncode == 0, resolved.stderr
    here, chosen = versions(constraints.read_text(encoding="utf-8")), versions(resolved.stdout)
    assert {name: chosen[name] for name in here if name in chosen} == {name: here[name] for name in here if name in chosen}
    assert {"torch", "numpy", "ipywidgets", "anywidget", "traitlets", "ipython"} <= here.keys() & chosen.keys()


def test_only_small_packages_are_added(declared: str, constraints: Path) -> None:
    """Every dependency that we name is in Colab already, but for the shape annotations."""
    named = {re.split(r"[^\w-]", name)[0] for name in tomllib.loads(declared)["project"]["dependencies"]}
    assert named - versions(constraints.read_text(encoding="utf-8")).keys() <= NEW_IN_COLAB


@pytest.mark.parametrize(
    ("ours", "too_new"),
    [("ipywidgets>=7.7", "ipywidgets>=8"), ("anywidget>=0.9", "anywidget>=0.10"), ("numpy>=1.26", "numpy>=2.1")],
)
@pytest.mark.usefixtures("resolved")  # it has filled uv's cache
def test_a_bound_that_would_replace_something_is_noticed(ours: str, too_new: str, declared: str, constraints: Path, tmp_path: Path) -> None:
    assert ours in declared
    refused = resolve(declared.replace(ours, too_new), constraints, tmp_path, "--offline")
    assert refused.returncode != 0
    assert f"depends on {too_new}" in " ".join(refused.stderr.split())
