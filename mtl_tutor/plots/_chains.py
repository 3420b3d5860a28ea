"""Read drawings that are written as chains: ``inputs -> trunk -F-> head``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mtl_tutor.checks import check_named
from mtl_tutor.results import Role

EMPTY, BREAK = ".", " / "
_MOST = 60
_ROLES: dict[str, Role] = {"main": "main", "other": "other", "third": "third", "fourth": "fourth"}
_ROLES |= {"shared": "single_task", "control": "control"}
_FORMS = ("layers", "data", "gate", "words")
_WORDS = (*_ROLES, *_FORMS, "frozen")
_LABEL = r"([^\s>~=](?:[^>~]*?[^\s>~])?)"
_LINK = re.compile(rf"\s+(?:(-)(?:{_LABEL}-)?>|(=)(?:{_LABEL}=)?>|(~)(?:{_LABEL}~)?|(\|))\s+")


@dataclass(frozen=True)
class Kind:
    """What a part is: its colour (None: the page's ink), its shape, and whether it is frozen."""

    role: Role | None = None
    form: str = "layers"
    is_frozen: bool = False


@dataclass(frozen=True)
class Part:
    """A named part, in one column and in the rows from ``first`` to ``last``."""

    name: str
    column: int
    first: int
    last: int
    kind: Kind = Kind()

    @property
    def key(self) -> str:
        """Its first line, which is enough to name it."""
        return self.name.split(BREAK)[0]


@dataclass(frozen=True)
class Link:
    """What goes from one part (its number) to another: ``-`` data, ``=`` weights, ``~`` a penalty."""

    source: int
    target: int
    form: str
    label: str


@dataclass(frozen=True)
class Chains:
    """What was read: parts, links, titles by their row, and the rows before which there is a gap."""

    parts: list[Part]
    links: list[Link]
    titles: dict[int, str]
    gaps: set[int]

    @property
    def n_rows(self) -> int:
        """How many rows there are, with those of titles."""
        return max(part.last for part in self.parts) + 1


def read_chains(rows: str, kinds: Mapping[str, str], also: Sequence[str]) -> Chains:
    """Read rows, what kind their parts are, and further links.

    Raises
    ------
    ValueError
        No part or more than 60, an arrow without a part at both ends, or an unknown part or kind.
    """
    lines, titles, gaps = _lines(rows)
    parts, number = _merged(lines, gaps)
    if not 1 <= len(parts) <= _MOST:
        raise ValueError(f"`rows` must name at least one part and at most {_MOST}; got {len(parts) or 'none'}.")
    if bare := [title for row, title in titles.items() if row + 1 not in lines]:
        raise ValueError(f"`rows` must have a row below each title; got none below {bare[0]!r}. Drop it, or its colon.")
    links: dict[tuple[int, int, str], Link] = {}
    for row, line in lines.items():
        _add(links, "rows", line[1::2], [number.get((row, column)) for column in range(len(line) // 2 + 1)], parts)
    for text in also:
        line = _split("also", text)
        _add(links, "also", line[1::2], [find("also", name, parts) for name in line[::2]], parts)
    return Chains(_with_kinds(parts, kinds), list(links.values()), titles, gaps)


def find(parameter: str, name: str, parts: Sequence[Part]) -> int:
    """The number of the one part that is meant, by its name or the first line of it."""
    found = [k for k, part in enumerate(parts) if name in (part.name, part.key)]
    if not found:
        check_named(parameter, name, list(dict.fromkeys(part.key for part in parts)))
    if len(found) > 1:
        raise ValueError(f"`{parameter}` must name one part; {name!r} names {len(found)}. Give them different names.")
    return found[0]


def _lines(rows: str) -> tuple[dict[int, list[str]], dict[int, str], set[int]]:
    """Rows with parts, rows with a title, and rows before which there is a gap."""
    lines: dict[int, list[str]] = {}
    titles: dict[int, str] = {}
    gaps: set[int] = set()
    for text in map(str.strip, rows.strip().splitlines()):
        row, is_title = len(lines) + len(titles), text.endswith(":") and not _LINK.search(text)
        if is_title or not text:
            gaps.add(row)
        if is_title:
            titles[row] = text.removesuffix(":")
        elif text:
            lines[row] = _split("rows", text)
    return lines, titles, gaps - {0}


def _split(parameter: str, text: str) -> list[str]:
    """Names and links in turn; a link is its sign and its label."""
    found, end = [], 0
    for match in _LINK.finditer(text):
        sign = next(match[k] for k in (1, 3, 5, 7) if match[k])
        found += [text[end : match.start()].strip(), sign + next((match[k] for k in (2, 4, 6) if match[k]), "")]
        end = match.end()
    found.append(text[end:].strip())
    for name in found[::2]:
        if not name or re.search(r"[-=]>|^[~|]|[~|]$", name):
            rule = "have a part on both sides of an arrow, and spaces around it"
            raise ValueError(f"`{parameter}` must {rule}; got {text!r}. Write 'a -> b', or 'a -label-> b'.")
    return found


def _merged(lines: Mapping[int, Sequence[str]], gaps: set[int]) -> tuple[list[Part], dict[tuple[int, int], int]]:
    """Parts, and the part's number in each cell: equal names below each other are one part."""
    parts: list[Part] = []
    number: dict[tuple[int, int], int] = {}
    cells = [(row, column, name) for row, line in lines.items() for column, name in enumerate(line[::2]) if name != EMPTY]
    for row, column, name in cells:
        above = number.get((row - 1, column))
        if above is not None and parts[above].name == name and row not in gaps:
            parts[above] = replace(parts[above], last=row)
            number[row, column] = above
        else:
            number[row, column] = len(parts)
            parts.append(Part(name, column, row, row))
    return parts, number


def _add(
    links: dict[tuple[int, int, str], Link], parameter: str, signs: Sequence[str], numbers: Sequence[int | None], parts: Sequence[Part]
) -> None:
    """Add the links of one chain; a link that is there already gets the label that it lacks."""
    for sign, source, target in zip(signs, numbers, numbers[1:], strict=False):
        form, label = sign[0], sign[1:]
        if form == "|":
            continue
        if source is None or target is None or source == target:
            remedy = "Write '|' beside an empty place."
            raise ValueError(f"`{parameter}` must have arrows between two parts; got one to '.', or from a part to itself. {remedy}")
        known = links.get((source, target, form), Link(source, target, form, ""))
        if known.label and label and known.label != label:
            between = f"{parts[source].key!r} to {parts[target].key!r}"
            raise ValueError(f"`{parameter}` must label the arrow from {between} once; got {known.label!r} and {label!r}. Drop one.")
        links[source, target, form] = replace(known, label=label or known.label)


def _with_kinds(parts: Sequence[Part], kinds: Mapping[str, str]) -> list[Part]:
    names = dict.fromkeys(name for part in parts for name in (part.key, part.name))
    read = {}
    for name, words in kinds.items():
        check_named("key of kinds", name, list(names))
        read[name] = _kind(f"kinds[{name!r}]", words.split())
    return [replace(part, kind=read.get(part.name, read.get(part.key, Kind()))) for part in parts]


def _kind(parameter: str, words: Iterable[str]) -> Kind:
    for word in (words := list(words)):
        check_named(parameter, word, _WORDS)
    roles, forms = ([word for word in words if word in known] for known in (_ROLES, _FORMS))
    if len(roles) > 1 or len(forms) > 1:
        raise ValueError(f"`{parameter}` must have one colour and one shape; got {' '.join(words)!r}. Drop one.")
    return Kind(_ROLES[roles[0]] if roles else None, forms[0] if forms else "layers", "frozen" in words)
