"""The book's docstrings as reStructuredText: words move below the name they explain, beside its type; sources are set off."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

Complain = Callable[[str], None]
LISTS = ("Parameters", "Attributes", "Raises")  # every entry has a name
PROSE = ("Returns", "Yields", "Found")
NAMES = re.compile(r"(?P<names>\*{0,2}[\w.]+(?:, \*{0,2}[\w.]+)*) :(?: (?P<words>.*))?$")
TYPED = re.compile(r"(?P<names>[A-Za-z_][\w.]*(?:\[.*\])?(?: \| [\w.]+)*) :(?: (?P<words>.*))?$")
CODE = re.compile(r"(``.+?``|:[\w:+-]+:`[^`]+`|`[^`]+`(?:__?)?)", re.DOTALL)
ASIDE = re.compile(r"^(Source|Departures(?: [\w ]+)?): ", re.MULTILINE)
DEPARTURES = re.compile(r"(?<=[.;:)\]\"”]) (Departures(?: [\w ]+)?):\s")


def to_rst(text: str, types: Mapping[str, str], own: Collection[str] = (), complain: Complain = lambda _: None) -> list[str]:
    """Rewrite a docstring.

    Parameters
    ----------
    text : the docstring, without its indentation.
    types : name -> annotation, of parameters and attributes.
    own : names that need no link where they stand between backticks: parameters, fields.
    complain : hears what is wrong.
    """
    lines, out = text.expandtabs().strip("\n").split("\n"), []
    while lines:
        if len(lines) > 1 and re.fullmatch(r"-{3,}", lines[1]) and lines[0].strip():
            title, body, lines = lines[0], *_split(lines[2:], _section_end(lines[2:]))
            if title not in (*LISTS, *PROSE):
                complain(f"{title!r} is no section; the sections are {', '.join((*LISTS, *PROSE))}")
            out += _section(title, body, types, own, complain)
        else:
            paragraph, lines = _split(lines, next((i for i, line in enumerate(lines) if not line.strip()), len(lines)) + 1)
            out += [*(paragraph if paragraph[0].startswith(">>>") else _paragraph(paragraph, own)), ""]
    return out


def aside(name: str, fields: Sequence[str]) -> list[str]:
    """Give a list of fields a class, for the style sheet."""
    return [f".. rst-class:: {name}", "", *(f"    {line}" for line in fields), ""]


def documented(text: str) -> list[str]:
    """The names that a docstring lists under Parameters and Attributes."""
    lines, names = text.split("\n"), []
    for i in range(len(lines) - 1):
        if lines[i] in LISTS[:2] and re.fullmatch(r"-{3,}", lines[i + 1]):
            body = lines[i + 2 :]
            entries = filter(None, map(NAMES.match, body[: _section_end(body)]))
            names += [name.lstrip("*") for entry in entries for name in entry["names"].split(", ")]
    return names


def _split(lines: list[str], at: int) -> tuple[list[str], list[str]]:
    return lines[:at], lines[at:]


def _section_end(lines: Sequence[str]) -> int:
    """Where a section ends: at a blank line that neither an entry nor something indented follows."""
    for i, line in enumerate(lines[:-1]):
        after = lines[i + 1]
        if not line.strip() and after.strip() and not (after.startswith(" ") or NAMES.match(after)):
            return i + 1
    return len(lines)


def _section(title: str, body: Sequence[str], types: Mapping[str, str], own: Collection[str], complain: Complain) -> list[str]:
    out, entry = [f":{title}:"], TYPED if title in PROSE else NAMES
    for i, line in enumerate(body):
        found = entry.match(line)
        if found:
            out += ["", "    " + _term(title, found["names"], types, complain), *_words([f"        {found['words'] or ''}"], own)]
        elif line.startswith(" ") or not line.strip():
            out += _words([f"    {line}"], own)
        else:
            if title not in PROSE:
                complain(f"{title}: {line!r} is no 'name : words'")
            out += [*([""] if i == 0 else []), *_words([f"    {line}"], own)]
    return [line.rstrip() for line in out] + [""]


def _term(title: str, names: str, types: Mapping[str, str], complain: Complain) -> str:
    if title not in LISTS[:2]:
        return f":mtl-type:`{names}`"
    bare = [name.lstrip("*") for name in names.split(", ")]
    for name in (name for name in bare if name not in types):
        complain(f"{title}: there is no {name!r}")
    kinds = [f":mtl-type:`{types[name]}`" if types.get(name) else "" for name in bare]
    shown = [f"**{_escape(name)}**" for name in names.replace("*", "\\*").split(", ")]
    if len(set(kinds)) == 1:
        return ", ".join(shown) + (f" : {kinds[0]}" if kinds[0] else "")
    return ", ".join(f"{name} {kind}" for name, kind in zip(shown, kinds, strict=True))


def _paragraph(lines: Sequence[str], own: Collection[str]) -> list[str]:
    text = "\n".join(lines).rstrip()
    if text.startswith("Found: "):
        return _field("Found", text.removeprefix("Found: "), own)
    if not (found := ASIDE.search(text)):
        return _words(text.split("\n"), own)
    before, rest = text[: found.start()].rstrip(), DEPARTURES.sub(r"\n\1: ", text[found.start() :])
    parts = ASIDE.split(rest)[1:]
    fields = [line for name, words in zip(parts[::2], parts[1::2], strict=True) for line in _field(name, words, own)]
    return [*(_words(before.split("\n"), own) if before else []), "", *aside("mtl-source", fields)]


def _field(name: str, words: str, own: Collection[str]) -> list[str]:
    first, *more = _words(words.rstrip().split("\n"), own)
    return [f":{name}: {first}", *(f"    {line.strip()}" for line in more)]


def _words(lines: Sequence[str], own: Collection[str]) -> list[str]:
    """Prose: what reStructuredText would take for a substitution or a link is neither; own names are code."""
    parts = CODE.split("\n".join(lines))
    parts[::2] = map(_escape, parts[::2])
    parts[1::2] = [f"`{part}`" if part.strip("`") in own and not part.startswith(("``", ":")) else part for part in parts[1::2]]
    return "".join(parts).split("\n")


def _escape(text: str) -> str:
    return re.sub(r"(?<=\w)_(?!\w)", r"\\_", text.replace("|", r"\|"))
