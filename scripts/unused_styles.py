"""Take out of the theme's stylesheets what no page of the built book can use.

The theme brings the styles of all of Bootstrap and of two thousand icons, which every reader would load before the first
word is drawn. A rule stays unless each of its selectors names a class or an id that no page and no script of the book holds.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tinycss2

_OURS = ("mtl", "ledger")  # the book's own stylesheets hold what its widgets make
_NAMES = re.compile(r'(?:class|id)="([^"]*)"|<script(?![^>]*json)[^>]*>(.*?)</script>', re.DOTALL)
_NESTED = ("media", "supports", "layer", "container")


def thin_all(site: Path, scripts: Iterable[Path]) -> None:
    """Rewrite the stylesheets of a built site; `scripts` are sources of what the pages hold compressed."""
    static = site / "_static"
    texts = [source.read_text(encoding="utf-8") for source in (*static.rglob("*.js"), *scripts)]
    for page in site.rglob("*.html"):
        texts += [name for found in _NAMES.findall(page.read_text(encoding="utf-8")) for name in found]
    words = {word for text in texts for word in re.findall(r"[\w-]+", text)}
    before = after = 0
    for sheet in sorted(static.rglob("*.css")):
        if not sheet.name.startswith(_OURS):
            style = sheet.read_text(encoding="utf-8")
            thin = thinned(style, words)
            sheet.write_text(thin, encoding="utf-8")
            before, after = before + len(style), after + len(thin)
    print(f"Styles of the theme: {before / 1000:.0f} kB, of which {after / 1000:.0f} kB can be used and are kept.")


def thinned(style: str, words: set[str]) -> str:
    """Return a stylesheet without comments and without what nothing of these classes and ids can use."""
    return "".join(_kept(tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True), words))


def _kept(rules: list[Any], words: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            used = [one for one in _selectors(rule.prelude) if _named(one) <= words]
            if used:
                yield ",".join(tinycss2.serialize(one).strip() for one in used) + "{" + tinycss2.serialize(rule.content).strip() + "}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in _NESTED and rule.content is not None:
            inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), words))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        else:
            yield tinycss2.serialize([rule])


def _selectors(prelude: list[Any]) -> list[list[Any]]:
    """Split at the commas between selectors; those inside of parentheses are parts of a token."""
    found: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        elif token.type != "comment":
            found[-1].append(token)
    return found


def _named(selector: list[Any]) -> set[str]:
    """Classes and ids that an element must have; what stands in parentheses (`:not(.x)`, `:is(.x, .y)`) need not be there."""
    pairs = zip(selector, selector[1:], strict=False)
    classes = {after.value for before, after in pairs if before == "." and after.type == "ident"}
    return classes | {token.value for token in selector if token.type == "hash"}

