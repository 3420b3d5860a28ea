"""Print what each stage of this run of make took, and what each chapter cost if the book was built."""

import os
import time
from pathlib import Path

from execute import COSTS, ROOT, last_costs

STAGES = ROOT / "_build/stages.tsv"


def stages(start: float, now: float, log: Path = STAGES) -> list[tuple[str, float]]:
    """The stages that began since `start` and their wall seconds; each lasts until the next one begins."""
    lines = (
        [line.split("\t", 1) for line in log.read_text(encoding="utf-8").splitlines()]
        if log.is_file()
        else []
    )
    begun = [(float(when), title) for when, title in lines if float(when) >= start]
    ends = [when for when, _ in begun[1:]] + [now]
    return [(title, end - when) for (when, title), end in zip(begun, ends, strict=True)]


def main() -> None:
    """Print both tables, and forget the stages of earlier runs."""
    now = time.time()
    start = float(os.environ.get("MTL_STARTED", now))
    found = stages(start, now)
    print("\nWall seconds by stage")
    for title, seconds in [*found, ("in all", now - start)]:
        print(f"{seconds:7.0f}  {title}")
    if COSTS.is_file() and COSTS.stat().st_mtime >= start:
        costs = sorted(last_costs().items(), key=lambda pair: -pair[1])
        print("\nCPU seconds by chapter")
        for page, seconds in [*costs, ("in all", sum(seconds for _, seconds in costs))]:
            print(f"{seconds:7.1f}  {page}")
    STAGES.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
