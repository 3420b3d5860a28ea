"""Pin what builds and tests the book (requirements.txt) and the versions that Colab has (tests/colab/requirements.txt).

``make pins`` keeps every pin that still satisfies pyproject.toml; ``make pins UPGRADE=--upgrade`` takes the newest versions.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = "3.11"
HEADER = "# The pinned environment {purpose}. `make pins` writes this file from pyproject.toml (Python {python}).\n"
GPU_ONLY = re.compile(r"^(nvidia|cuda|triton)")


def pin(target: Path, purpose: str, *sources: str, constraint: str = "") -> None:
    """Resolve `sources` and write `target`: one exact version a line, without what only torch's GPU build needs."""
    found = [f"--find-links={place}" for place in os.environ.get("PIP_FIND_LINKS", "").split()]
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--system-certs", "--no-annotate", "--no-header"]
    command += [*found, *sys.argv[1:]]
    command += ["--python-version", OLDEST_PYTHON, *sources, "--constraint", "-", "--output-file", str(target)]
    before = target.read_text() if target.exists() else ""
    subprocess.run(command, input=constraint, text=True, check=True, cwd=ROOT)
    lines = [re.sub(r"\+\w+$", "", line) for line in target.read_text().splitlines() if not GPU_ONLY.match(line)]
    target.write_text(HEADER.format(purpose=purpose, python=OLDEST_PYTHON) + "\n".join(lines) + "\n")
    print(f"{target.relative_to(ROOT)}: {len(lines)} packages, {'unchanged' if target.read_text() == before else 'changed'}")


def main() -> None:
    """Write both files; Colab's torch is left at ours, because its own build is large and tested nowhere else."""
    pin(ROOT / "requirements.txt", "that builds and tests the book", "--all-extras", "pyproject.toml")
    ours = re.findall(r"^(torch==.*|pytest==.*)$", (ROOT / "requirements.txt").read_text(), re.M)
    colab = [line for line in (ROOT / "tests/constraints-colab.txt").read_text().splitlines() if not line.startswith(("#", "torch=="))]
    target = ROOT / "tests/colab/requirements.txt"
    pin(target, "with Colab's versions", "pyproject.toml", "tests/colab/requirements.in", constraint="\n".join([*colab, *ours]))


if __name__ == "__main__":
    main()
