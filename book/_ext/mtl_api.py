"""The reference: each room's public names, written from their docstrings, with their source and the chapters that use them."""

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from mtl_chapters import IN_TOC, chapters_with
from mtl_docstrings import aside, documented, to_rst
from mtl_rooms import groups_of, kind_of, resolve, where_defined
from mtl_signatures import annotations_of, parts_of, signature
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)
FEW = 4  # chapters that are all named; of more, the first three


class Room(SphinxDirective):
    """A room's docstring, and everything that it exports."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Hand the names to autodoc."""
        room = importlib.import_module(self.arguments[0])
        lines = [f".. py:module:: {room.__name__}", "", *to_rst(inspect.getdoc(room) or "", {}), ""]
        for folder, names in groups_of(room):
            if folder is not room:
                title = folder.__name__.removeprefix(f"{room.__name__}.")
                lines += [title, "=" * len(title), "", *to_rst(inspect.getdoc(folder) or "", {}), ""]
            for name in names:
                lines += _directive(name)
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


class Rooms(SphinxDirective):
    """The rooms that have a page beside this one, in the order of the book, each with its names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Link every page and every name."""
        folder = self.env.docname.rpartition("/")[0]
        pages = [page for page in IN_TOC.findall(_toc(self.env).read_text(encoding="utf-8")) if page.startswith(f"{folder}/")]
        lines: list[str] = []
        for page in (page for page in pages if page != self.env.docname):
            room = importlib.import_module(f"{self.arguments[0]}.{page.rpartition('/')[2]}")
            first = to_rst((inspect.getdoc(room) or "").split("\n\n")[0], {})
            names = " · ".join(f":py:obj:`~{name}`" for _, names in groups_of(room) for name in names)
            lines += [f":doc:`/{page}`", *(f"    {line}" for line in first), f"    {names}", ""]
        return self.parse_text_to_nodes("\n".join(lines))


def _directive(name: str) -> list[str]:
    thing = resolve(name)
    kind = kind_of(thing)
    options = {"class": [":members:", ":member-order: bysource"], "data": [":no-value:"]}.get(kind, [])
    if hasattr(thing, "__members__"):
        options += [":undoc-members:"]
    return [f".. auto{kind}:: {name}", *(f"   {option}" for option in options), ""]


def _sign(app: Sphinx, what: str, name: str, thing: Any, *_: Any) -> tuple[str, str] | None:
    return signature(thing, documented(inspect.cleandoc(thing.__doc__ or ""))) if what not in ("module", "data", "attribute") else None


def _rewrite(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Turn a docstring into reStructuredText, and name the chapters that have to do with it."""
    owner = _owner(name)
    types = dict(annotations_of(thing)) if inspect.isclass(thing) else {}
    types |= {part.strip("*"): kind for part, (kind, _) in parts_of(thing)[0].items()} if what not in ("data", "attribute") else {}
    text = "\n".join(where_defined(name)[1] if what == "data" else lines)
    own = {*types, *(annotations_of(owner) if owner else ())}
    lines[:] = to_rst(text, types, own, lambda wrong: LOG.warning("docstring of %s: %s", name, wrong))
    if what in ("class", "exception", "function", "data"):
        lines += _in_the_book(app.env, name, app.config.mtl_api_package)


def _owner(name: str) -> type | None:
    room, _, last = name.rpartition(".")[0].rpartition(".")
    thing = getattr(sys.modules.get(room), last, None)
    return thing if inspect.isclass(thing) else None


def _in_the_book(env: BuildEnvironment, name: str, package: str) -> list[str]:
    room, _, last = name.removeprefix(f"{package}.").rpartition(".")
    pages = chapters_with(_toc(env), room, last, package)
    shown = [f":doc:`/{page}`" for page in (pages if len(pages) <= FEW else pages[: FEW - 1])]
    more = [f"and {len(pages) - len(shown)} more chapters"] if len(shown) < len(pages) else []
    return ["", *aside("mtl-chapters", [f":In the book: {' · '.join(shown + more)}"])] if pages else []


def _toc(env: BuildEnvironment) -> Path:
    return Path(env.app.confdir, env.config.mtl_api_toc)


def check_written(app: Sphinx, error: Exception | None) -> None:
    """Sphinx forgets the error of a process that writes pages beside others; a page that isn't there says enough."""
    missing = [page for page in sorted(app.env.found_docs) if not Path(app.outdir, f"{page}.html").is_file()]
    if missing and not error and app.builder.name == "html":
        raise ExtensionError(f"{len(missing)} pages were not written: {', '.join(missing[:5])}. Build with one job to see why.")


def _configure(app: Sphinx, config: Any) -> None:
    config.default_role = "mtl-name"
    config.add_module_names = False
    config.autodoc_typehints = "none"  # mtl_signatures writes them
    config.autodoc_inherit_docstrings = False  # or torch's words would stand under our methods
    config.python_maximum_signature_line_length = 110  # the dotted name included, which isn't shown
    config.html_domain_indices = False  # one index of names is enough
    config.toc_object_entries_show_parents = "hide"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives, and what is done to docstrings and signatures; mtl_links does the rest."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.viewcode")
    app.setup_extension("mtl_links")
    app.add_config_value("mtl_api_package", "mtl_tutor", "env")
    app.add_config_value("mtl_api_toc", "_toc.yml", "env")
    app.add_directive("room", Room)
    app.add_directive("rooms", Rooms)
    app.connect("config-inited", _configure)
    app.connect("autodoc-process-signature", _sign)
    app.connect("autodoc-process-docstring", _rewrite)
    app.connect("build-finished", check_written)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
