"""Let Sphinx read the executed copy of a chapter in place of the notebook without outputs."""

import base64
import hashlib
import json
import os
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

_VIEW = "application/vnd.jupyter.widget-view+json"
_STATE = "application/vnd.jupyter.widget-state+json"


def read_executed(app: Sphinx, page: str, source: list[str]) -> None:
    """Replace a notebook's text by that of its copy in the folder MTL_EXECUTED (scripts/build_book.py)."""
    folder = os.environ.get("MTL_EXECUTED")
    copy = Path(folder or "", f"{page}.ipynb")
    if folder and copy.is_file():
        images = Path(app.outdir, "_images")
        source[0] = with_stills(copy.read_text(encoding="utf-8"), images, "../" * page.count("/") + "_images/")


def with_stills(text: str, images: Path, address: str) -> str:
    """Put the still picture of each widget behind it, for browsers that run no scripts; only these load its file.

    Parameters
    ----------
    text : str
        An executed notebook.
    images : Path
        The folder for the pictures.
    address : str
        How the page calls this folder, with a slash at its end.
    """
    images.mkdir(parents=True, exist_ok=True)
    notebook = json.loads(text)
    states = notebook["metadata"].get("widgets", {}).get(_STATE, {}).get("state", {})
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", [])
        for at, output in reversed([*enumerate(outputs)]):
            data = output.get("data", {})
            if _VIEW in data and "image/png" in data:
                picture = base64.b64decode(data["image/png"])
                file = images / f"still-{hashlib.sha256(picture).hexdigest()[:16]}.png"
                file.write_bytes(picture)
                outputs.insert(at + 1, _still(address + file.name, states[data[_VIEW]["model_id"]]["state"]["spec"]))
    return json.dumps(notebook)


def _still(address: str, spec: dict[str, Any]) -> dict[str, Any]:
    words = escape(" ".join(part if part[-1] in ".?!" else f"{part}." for part in (spec["title"], spec["alt"]) if part))
    image = f'<img alt="{words}" src="{address}">'
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": f"<noscript>{image}</noscript>"}}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the above. Without the folder (`jupyter-book build .`), chapters run while they are read."""
    app.connect("source-read", read_executed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
