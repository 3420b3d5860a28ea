"""Build the book as `jupyter-book build . -W -n --keep-going` does, but read several chapters at a time, which that command can't."""

import os
import sys
from pathlib import Path

from jupyter_book.sphinx import build_sphinx

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return 0 if every page was built without a warning."""
    status = build_sphinx(
        ROOT,
        ROOT / "_build/html",
        path_config=ROOT / "_config.yml",
        noconfig=True,
        confoverrides={"external_toc_path": (ROOT / "_toc.yml").as_posix(), "latex_individualpages": False, "nitpicky": True},
        warningiserror=True,
        keep_going=True,
        jobs=os.cpu_count() or 1,
    )
    return int(status) if isinstance(status, int) else 1


if __name__ == "__main__":
    sys.exit(main())
