"""Links and markup of the reference: names become links, types keep their shapes, constants have a source, signatures their lines."""

import importlib.util
import re
from functools import reduce
from typing import Any

from docutils import nodes
from mtl_chapters import telling
from mtl_rooms import kind_of, resolve, where_defined
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.viewcode import viewcode_anchor
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

WORD = re.compile(r'"[^"]*"|[A-Za-z_][\w.]*')


class Name(SphinxRole):
    """What stands between single backticks: a link if it is a public name, code in any case."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave it to the end of the build, when all names are known."""
        code, target = nodes.literal(self.text, self.text), self.text.partition("(")[0]
        return [_xref(self.env, target, code) if re.fullmatch(r"[A-Za-z_][\w.]*", target) else code], []


class Type(SphinxRole):
    """An annotation: code in which public names are links."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Keep shapes and punctuation as they are."""
        code, at = nodes.literal(classes=["mtl-type"]), 0
        for word in WORD.finditer(self.text):
            code += nodes.Text(self.text[at : word.start()])
            code += nodes.Text(word[0]) if word[0][0] == '"' else _xref(self.env, word[0], nodes.Text(word[0]))
            at = word.end()
        code += nodes.Text(self.text[at:])
        return [code], []


def _xref(env: BuildEnvironment, target: str, shown: nodes.Node) -> nodes.Node:
    context = {key: env.ref_context.get(key) for key in ("py:module", "py:class")}
    return addnodes.pending_xref("", shown, refdomain="py", reftype="obj", reftarget=target, refdoc=env.docname, **context)


def _find(app: Sphinx, env: BuildEnvironment, node: nodes.Element, shown: nodes.Node) -> nodes.Node | None:
    """Find a public name by its last word, whichever room it is in. A role that somebody wrote must lead somewhere; a type needn't."""
    if node.get("refdomain") != "py":
        return None
    package, target = app.config.mtl_api_package, node["reftarget"]
    root, written = target.partition(".")[0], "refexplicit" in node
    tail = target.rpartition(".")[2] if root == package else target
    objects = env.domains["py"].objects
    found = [full for full, it in objects.items() if full.endswith(f".{tail}") and full.startswith(f"{package}.") and not it.aliased]
    if len(found) == 1 and (written or telling(tail)):
        return make_refnode(app.builder, node["refdoc"], objects[found[0]].docname, objects[found[0]].node_id, shown, found[0])
    elsewhere = "." in target and root != package and importlib.util.find_spec(root) is not None
    return None if written and not elsewhere else shown


def _follow(app: Sphinx, module: str, name: str) -> str | None:
    """Tell viewcode where a constant or a class's member is defined; it would look for the module of their value's type."""
    first, _, member = name.partition(".")
    thing = resolve(f"{module}.{first}")
    if kind_of(thing) == "data":
        return where_defined(f"{module}.{first}")[0]
    return thing.__module__ if member else None


def _link_constants(app: Sphinx, doctree: nodes.document) -> None:
    """Viewcode links functions and classes; a constant gets a link to its module."""
    for desc in doctree.findall(addnodes.desc):
        if (desc.get("domain"), desc.get("objtype")) == ("py", "data"):
            for line in desc.findall(addnodes.desc_signature):
                module, _ = where_defined(f"{line['module']}.{line['fullname']}")
                line += viewcode_anchor(reftarget=f"_modules/{module.replace('.', '/')}", refid="", refdoc=app.env.docname)


def _quote(app: Sphinx, doctree: nodes.document) -> None:
    """Shapes and defaults in signatures have the quotes that they have in the code."""
    for text in doctree.findall(lambda node: isinstance(node, addnodes.desc_sig_literal_string) or "default_value" in _classes(node)):
        text.children = [nodes.Text(text.astext().replace("'", '"'))]


def _classes(node: nodes.Node) -> list[str]:
    return node["classes"] if isinstance(node, nodes.Element) else []


def _shorten_contents(app: Sphinx, domain: str, kind: str, content: nodes.Element) -> None:
    """A page's contents name classes and functions; with methods, every page's navigation would take twice the time to build."""
    if domain == "py" and kind in ("method", "property", "attribute") and content.parent is not None:
        content.parent["no-contents-entry"] = True


def _set_lines(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Sphinx breaks long signatures by lists of definitions without terms, which a screen reader can't make sense of."""

    def spans(line: re.Match[str]) -> str:
        tags = (("<dl>", '<span class="mtl-lines">'), ("</dl>", "</span>"), ("<dd>", "<span>"), ("</dd>", "</span>"))
        return reduce(lambda html, pair: html.replace(*pair), tags, line[0])

    if "body" in context:
        context["body"] = re.sub(r'<dt class="sig .*?</dt>', spans, context["body"], flags=re.DOTALL)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the two roles, and what is done to links and signatures."""
    app.add_role("mtl-name", Name())
    app.add_role("mtl-type", Type())
    app.connect("viewcode-follow-imported", _follow)
    app.connect("object-description-transform", _shorten_contents)
    app.connect("doctree-read", _quote)
    app.connect("doctree-read", _link_constants)
    app.connect("missing-reference", _find)
    app.connect("html-page-context", _set_lines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
