"""What the book needs from Sphinx: recorded widgets, no foreign host, few scripts, the reference's names."""

import importlib
import inspect
import json
import os
import re
import shutil
import sys
from enum import Enum
from importlib.metadata import files
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.autosummary import autosummary_toc
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.nodes import make_refnode

_STATE = "application/vnd.jupyter.widget-state+json"
_MATHJAX = re.compile(r"static/mathjax/(tex-mml-chtml\.js|output/chtml/fonts/woff-v2/.+\.woff)$")
_SEARCH = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
_NOTEBOOK = re.compile(r'(<a href="(?![a-z]+:)[^"#]*)\.ipynb((?:#[^"]*)?")')
_ARROW = re.compile(r'(<a class="(?:current )?reference internal"[^>]*>)((?:(?!</a>).)*)(</a><details[^>]*><summary)(?=>)')
_ROOM = re.compile(r"^ +(mtl_tutor\.[\w.]+)$", re.MULTILINE)
_CODE = re.compile(r"(``.+?``|`[^`]+`|^ *>>> .*$)", re.MULTILINE)
_SHAPE = re.compile(r'(\w\[[\w.]+, )("[^"]*")')
_BEFORE, _AFTER = re.compile(r"\S{1,12}$"), re.compile(r"^\S{1,12}")
_ICONS = re.compile(
    r'\s*<(?:script defer|link rel="preload" as="script")[^>]*fontawesome[^>]*>(?:</script>)?'
)


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


def _link_pages(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Let links from outputs to other notebooks lead to their pages, as links from the text do."""
    if "body" in context:
        context["body"] = to_pages(context["body"])


def to_pages(body: str) -> str:
    """Turn relative links to notebooks into links to the pages made of them."""
    return _NOTEBOOK.sub(r"\1.html\2", body)


def with_names(text: str) -> str:
    """Give each arrow that unfolds the sidebar a name: that of the page whose subpages it shows."""

    def named(found: re.Match[str]) -> str:
        title = re.sub(r"<[^>]+>", "", found[2]).replace('"', "&quot;")
        return f'{found[1]}{found[2]}{found[3]} aria-label="Pages of {title}"'

    return _ARROW.sub(named, text)


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
    """Put MathJax into the site; name the sidebar's arrows; take out scripts without a use.

    One draws icons (1.5 MB) which the theme's fonts draw too. Three are there to search as one types,
    which is off: only the page of the search's answers needs them, and the index of all names with them.
    """
    if error or app.builder.format != "html":
        return
    for file in files("sphinx-mathjax-offline") or []:
        if match := _MATHJAX.search(file.as_posix()):
            target = Path(app.outdir, "_static/vendor/mathjax", match[1])
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)
    for page in Path(app.outdir).rglob("*.html"):
        text = with_names(_ICONS.sub("", page.read_text(encoding="utf-8")))
        page.write_text(text if page.name == "search.html" else _SEARCH.sub("", text), encoding="utf-8")


def _read_in_parallel(app: Sphinx, config: object) -> None:
    """Let pages be read in parallel: two of Jupyter Book's extensions allow it without saying so."""
    for silent in ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"):
        if silent in app.extensions:
            app.extensions[silent].parallel_read_safe = True


def public_names(room: ModuleType) -> dict[str, list[str]]:
    """List what a reader may import from a room, by kind."""
    if hasattr(room, "__all__"):
        found_on_demand = [name for name in dir(room) if name not in vars(room)]
        names = [*room.__all__, *found_on_demand]
    else:
        constants = ModuleAnalyzer.for_module(room.__name__).find_attr_docs()
        explained = {name for owner, name in constants if not owner}
        public = {name: thing for name, thing in vars(room).items() if not name.startswith("_")}
        own = {name for name, thing in public.items() if getattr(thing, "__module__", "") == room.__name__}
        names = [name for name in public if name in own | explained]
    found: dict[str, list[str]] = {kind: [] for kind in ("class", "enum", "experiment", "function", "data")}
    for name in names:
        found[_kind(getattr(room, name))].append(name)
    return found


def _kind(thing: Any) -> str:
    if inspect.isclass(thing):
        if issubclass(thing, Enum):
            return "enum"
        runs = hasattr(thing, "run") and hasattr(thing, "name") and not inspect.isabstract(thing)
        return "experiment" if runs else "class"
    return "function" if inspect.isroutine(thing) else "data"


def rooms_of(index: str) -> dict[str, str]:
    """The rooms that the reference's first page lists, and the name of each one's page."""
    return {room: room.rpartition(".")[2] for room in _ROOM.findall(index)}


def _list_rooms(app: Sphinx, config: Any) -> None:
    """Name the reference's pages, and tell their template what to list: autosummary misses constants."""
    rooms = rooms_of(Path(app.srcdir, "book/reference/api/index.md").read_text(encoding="utf-8"))
    config.autosummary_filename_map = rooms
    names = {room: public_names(importlib.import_module(room)) for room in rooms}
    config.autosummary_context = {"names": names}


def _drop_toctree(app: Sphinx, doctree: nodes.document) -> None:
    """Leave the order of pages to _toc.yml; autosummary would list the rooms once more."""
    for listed in [*doctree.findall(autosummary_toc)]:
        listed.parent.remove(listed)


def keep_together(app: object, doctree: nodes.Element, page: str) -> None:
    """Keep a formula on one line with what touches it: browsers would put its full stop on the next."""
    for formula in [*doctree.findall(nodes.math)]:
        parent, at = formula.parent, formula.parent.index(formula)
        whole = parent[at] = nodes.inline(classes=["mtl-together"])
        whole += formula
        before, after = parent[at - 1] if at else None, parent[at + 1] if at + 1 < len(parent) else None
        if isinstance(before, nodes.Text) and (found := _BEFORE.search(before)):
            whole.insert(0, nodes.Text(found[0]))
            parent[at - 1] = nodes.Text(before[: found.start()])
        if isinstance(after, nodes.Text) and (found := _AFTER.search(after)):
            whole += nodes.Text(found[0])
            parent[at + 1] = nodes.Text(after[found.end() :])


def _explain_constant(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Find a constant's docstring where it is defined; autodoc looks in the room that exports it."""
    room, _, last = name.rpartition(".")
    inside = [module for module in sys.modules if what == "data" and f"{module}.".startswith(f"{room}.")]
    for module in inside:
        if found := ModuleAnalyzer.for_module(module).find_attr_docs().get(("", last)):
            lines[:] = found


def protected(text: str) -> str:
    """Keep |x| and "seed *task" as they are: reStructuredText would read a substitution and emphasis."""
    parts = _CODE.split(text)
    parts[::2] = [_SHAPE.sub(r"\1``\2``", part.replace("|", r"\|")) for part in parts[::2]]
    return "".join(parts)


def _protect(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    lines[:] = protected("\n".join(lines)).split("\n")


def _find_name(
    app: Sphinx, env: BuildEnvironment, node: nodes.Element, shown: nodes.Element
) -> nodes.Node | None:
    """Link names of other rooms: `HardSharing` or `draw_bars`; a plain word like `train` may be anything."""
    name = node["reftarget"]
    if node.get("refdomain") != "py" or (name == name.lower() and "_" not in name):
        return None
    objects = env.domains["py"].objects  # type: ignore[attr-defined]
    found = [full for full, entry in objects.items() if full.endswith(f".{name}") and not entry.aliased]
    if len(found) != 1:
        return None
    entry = objects[found[0]]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, shown, found[0])


def _skip_foreign(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leave out methods that another package makes for a class of ours, such as scikit-learn's `set_fit_request`."""
    function = getattr(thing, "__func__", None) or getattr(thing, "fget", None) or thing
    module = getattr(function, "__module__", None) or ""
    return True if what == "class" and callable(thing) and module.startswith("sklearn.") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the above; the kernels that execute the notebooks inherit MTL_RECORD."""
    os.environ["MTL_RECORD"] = "1"
    app.connect("config-inited", _read_in_parallel)
    app.connect("config-inited", _list_rooms)
    app.connect("autodoc-process-docstring", _explain_constant, priority=400)  # before numpydoc
    app.connect("autodoc-process-docstring", _protect, priority=400)
    app.connect("autodoc-skip-member", _skip_foreign)
    app.connect("doctree-read", _drop_toctree, priority=400)  # before the lists of pages are read
    app.connect("doctree-resolved", keep_together)
    app.connect("missing-reference", _find_name)
    app.connect("html-page-context", _choose_scripts, priority=900)
    app.connect("html-page-context", _link_pages)
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
