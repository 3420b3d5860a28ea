"""Let Sphinx read the executed copy of a chapter in place of the notebook without outputs."""

import os
from pathlib import Path

from sphinx.application import Sphinx


def read_executed(app: Sphinx, page: str, source: list[str]) -> None:
    """Replace a notebook's text by that of its copy in the folder MTL_EXECUTED (scripts/build_book.py)."""
    folder = os.environ.get("MTL_EXECUTED")
    copy = Path(folder or "", f"{page}.ipynb")
    if folder and copy.is_file():
        source[0] = copy.read_text(encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the above. Without the folder (`jupyter-book build .`), chapters run while they are read."""
    app.connect("source-read", read_executed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
