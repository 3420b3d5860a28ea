"""Type checkers see the package's types in a reader's own script."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mtl_tutor

SCRIPT = """
from mtl_tutor.comparison import compare
from mtl_tutor.results import Comparison
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData

data = TaskData.from_arrays([[0.0], [1.0]], {"price": [1.0, 2.0]})
found: Comparison = compare(data, [HardSharing], steps=5)
gain: float = found.contestants[1].parameters
wrong: str = found.n_seeds
compare(data, [HardSharing], steps="5")
"""


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(mtl_tutor.__path__[0]) / "py.typed").is_file()


@pytest.mark.slow
def test_a_script_with_two_mistakes_gets_two_errors(tmp_path: Path) -> None:
    pytest.importorskip("pyright")
    (tmp_path / "script.py").write_text(SCRIPT)
    root = str(Path(mtl_tutor.__path__[0]).parent)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"include": ["script.py"], "extraPaths": [root]}))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    lines = [one["range"]["start"]["line"] for one in report["generalDiagnostics"] if one["severity"] == "error"]
    assert lines == [9, 10]
