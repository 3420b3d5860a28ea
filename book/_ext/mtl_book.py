"""What the book needs from Sphinx: recorded widgets, pages that ask no other host, and no script without a use."""

import json
import os
import re
import shutil
from importlib.metadata import files
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

_STATE = "application/vnd.jupyter.widget-state+json"
_MATHJAX = re.compile(r"static/mathjax/(tex-mml-chtml\.js|output/chtml/fonts/woff-v2/.+\.woff)$")
_SEARCH = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
_ICONS = re.compile(r'\s*<(?:script defer|link rel="preload" as="script")[^>]*fontawesome[^>]*>(?:</script>)?')


def _choose_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Leave out sphinx-thebe, which declares one name twice, and the widget host where no widget is."""
    scripts = context["script_files"]
    states = [script for script in scripts if script.attributes.get("type") == _STATE]
    for script in states:
        script.attributes["body"] = _once(script.attributes["body"])

    def useful(script: Any) -> bool:
        name = str(script.filename or "")
        thebe = "thebe" in name or "THEBE_JS_URL" in str(script.attributes.get("body", ""))
        return not thebe and (bool(states) or "mtl-host.js" not in name)

    scripts[:] = [script for script in scripts if useful(script)]


def _once(body: str) -> str:
    """Store the program of each kind of widget with its first widget only; mtl-host.js knows."""
    page, known = json.loads(body), set()
    for widget in page["state"].values():
        kind = widget["state"].get("_anywidget_id")
        if kind in known:
            del widget["state"]["_esm"], widget["state"]["_css"]
        known |= {kind} - {None}
    return json.dumps(page).replace("</", r"<\/")


def _finish(app: Sphinx, error: Exception | None) -> None:
    """Put MathJax into the site; take out scripts without a use.

    One draws icons (1.5 MB) which the theme's fonts draw too. Three are there to search as one types, which is off:
    only the page of the search's answers needs them, and the index of all names with them.
    """
    if error or app.builder.format != "html":
        return
    for file in files("sphinx-mathjax-offline") or []:
        if match := _MATHJAX.search(file.as_posix()):
            target = Path(app.outdir, "_static/vendor/mathjax", match[1])
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)
    for page in Path(app.outdir).rglob("*.html"):
        text = _ICONS.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text if page.name == "search.html" else _SEARCH.sub("", text), encoding="utf-8")


def _read_in_parallel(app: Sphinx, config: object) -> None:
    """Speak for two of Jupyter Book's extensions that don't say whether pages may be read side by side: neither acts on this HTML."""
    for silent in ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"):
        if silent in app.extensions:
            app.extensions[silent].parallel_read_safe = True


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the above; the kernels that execute the notebooks inherit MTL_RECORD."""
    os.environ["MTL_RECORD"] = "1"
    app.connect("config-inited", _read_in_parallel)
    app.connect("html-page-context", _choose_scripts, priority=900)
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
