"""Findings of experiments, with their controls and details: a value that shows itself as a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import fill
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from mtl_tutor.checks import check_as, check_named, checked, shown
from mtl_tutor.results._findings_page import in_order, page_of
from mtl_tutor.results._findings_words import agreement, effect, on_one_scale, outcome, remarks, runs
from mtl_tutor.results.claims import Claim

MOST = 6
"""As many findings as a reader keeps in mind; more have to be asked for by id."""

_WIDTH = 88  # characters of a line of text


@runtime_checkable
class Decided(Protocol):
    """What an experiment's result has: its name, and its claims with their verdicts."""

    @property
    def name(self) -> str:
        """The experiment's name."""
        ...

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All of its claims, in its own order."""
        ...


@checked
@dataclass(frozen=True)
class Finding:
    """A finding with what belongs to it.

    Attributes
    ----------
    claim : Claim
        The finding itself, as a whole sentence.
    controls : tuple of Claim
        The controls that guard it, as whole sentences.
    details : tuple of Claim
        What else belongs to it, such as the same under another condition.
    """

    claim: Claim
    controls: tuple[Claim, ...] = ()
    details: tuple[Claim, ...] = ()


@checked
@dataclass(frozen=True, repr=False)
class Findings:
    """Findings in the order in which they are shown; made by `findings`.

    In a notebook they are an HTML table that brings its own style, works by keyboard and without a kernel,
    follows light and dark, and stacks its cells where there is little room. Printed they are plain text.

    Attributes
    ----------
    rows : tuple of Finding
        One row each.
    caption : str
        What stands above the table.
    pages : Mapping[str, str]
        Id of a finding -> address of the page that tells it.

    Notes
    -----
    The same numbers give the same text and the same HTML. nbval compares both where a cell that keeps its
    output displays a table, digit by digit; another processor may round the digits differently. So leave
    such cells untagged, and keep the verdicts with `print`, as the chapters do.
    """

    rows: tuple[Finding, ...]
    caption: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        found = (f"{number}. {_told(row)}" for number, row in enumerate(self.rows, start=1))
        return "\n\n".join([fill(self.caption, _WIDTH), *found] if self.caption else found)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return page_of([(row.claim, in_order(row.controls, row.details)) for row in self.rows], self.caption, self.pages)


def findings(
    *results: Decided, ids: Sequence[str] = (), caption: str = "", pages: Mapping[str, str] = MappingProxyType({})
) -> Findings:
    """Show the findings of one or more results, with their controls and details folded beneath them.

    A claim that goes on from another ("... and more than a copy") is completed by the sentence from which it goes on. An
    effect that is the change of an error, or the logarithm of one, is shown as the share of the reference's error that is
    saved, in per cent, and the rule with it: + is good. An effect that is a harm changes its sign. Other effects stay as they are.

    Parameters
    ----------
    results : Result
        What `run` or `recorded` of an experiment returned.
    ids : sequence of str
        Which findings, in this order, with or without the experiment's name before them; all six or fewer, if not given.
    caption : str
        What the effects are, such as "Difference in the share of nets that solve T′."; the experiments' names if not given.
    pages : mapping of str to str
        Experiment's name -> address of the page that tells its findings; each finding becomes a link to it.

    Returns
    -------
    Findings
        Displays itself at the end of a cell.

    Raises
    ------
    TypeError, ValueError
        No result, or one without findings; an id that no finding has, or two; more than six findings without `ids`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from mtl_tutor.statistics import Interval, Verdict
    >>> gain, loss = Interval(0.3, 0.2, 0.4, 200), Interval(0.1, 0.0, 0.2, 200)
    >>> helps = Claim("two-helps", "B helps A", "ours", gain, Verdict.REPRODUCED, role="finding", finding="two-helps")
    >>> copy = Claim("two-copy", "... more than a copy", "control", loss, Verdict.NOT_SHOWN, role="control", finding="two-helps")
    >>> findings(SimpleNamespace(name="two", claims=(helps, copy)), caption="Share of errors saved")
    Share of errors saved
    <BLANKLINE>
    1. reproduced: B helps A
       0.3 [0.2, 0.4], n = 200; source: ours; id: two-helps
       - control, not shown: B helps A ... more than a copy
         0.1 [0, 0.2], n = 200; id: two-copy
    """
    _check_results(results)
    pages = check_as("pages", Mapping[str, str], pages)
    ids, caption = check_as("ids", Sequence[str], ids), check_as("caption", str, caption)
    rows = {row.claim.id: row for result in results for row in _rows(result.claims)}
    names = {claim.id: result.name for result in results for claim in result.claims}
    chosen = [_id_of(one, list(rows), names, results) for one in ids] if ids else list(rows)
    _check_choice(chosen, by_id=bool(ids))
    told = ", ".join(dict.fromkeys(names[one].replace("-", " ") for one in chosen))
    addresses = {one: pages[names[one]] for one in chosen if names[one] in pages}
    return Findings(tuple(rows[one] for one in chosen), caption or f"Findings: {told}", addresses)


def _rows(claims: Sequence[Claim]) -> Iterator[Finding]:
    """Each finding with what belongs to it, all as whole sentences and on one scale."""
    whole = [on_one_scale(claim) for claim in _whole(claims)]
    for finding in whole:
        if finding.role == "finding":
            under = [claim for claim in whole if claim.finding == finding.id]
            controls = tuple(claim for claim in under if claim.role == "control")
            yield Finding(finding, controls, tuple(claim for claim in under if claim.role == "detail"))


def _whole(claims: Sequence[Claim]) -> Iterator[Claim]:
    """Claims in which one that starts with dots has the sentence before it from which it goes on."""
    before = ""
    for claim in claims:
        goes_on = claim.claim.startswith("...")
        before = before if goes_on else claim.claim
        yield replace(claim, claim=f"{before} {claim.claim}".strip()) if goes_on else claim


def _check_results(results: Sequence[Any]) -> None:
    if not results:
        raise ValueError("`results` must hold a result; got none. Give what an experiment's `run` or `recorded` returned.")
    for result in results:
        if isinstance(result, type) or not isinstance(result, Decided):
            raise TypeError(f"`results` must be what an experiment's `run` or `recorded` returned; got {shown(result)}.")
        if not any(claim.role == "finding" for claim in result.claims):
            which = f"{result.name!r}, none of whose {len(result.claims)} claims is one"
            raise ValueError(f"`results` must have findings; got {which}. Print its `tell()`, or give another result.")


def _id_of(asked: str, rows: Sequence[str], names: Mapping[str, str], results: Sequence[Decided]) -> str:
    """The id of the finding that was asked for, maybe without the experiment's name.

    Raises
    ------
    ValueError
        No finding is called so, or several are.
    """
    short = {one: one.removeprefix(f"{names[one]}-") for one in names}
    fitting = [one for one in names if asked in (one, short[one])]
    if len(found := [one for one in fitting if one in rows]) > 1:
        raise ValueError(f"`ids` must each name one finding; {asked!r} fits {' and '.join(found)}. Write it with its experiment.")
    if fitting and not found:
        claim = next(claim for result in results for claim in result.claims if claim.id == fitting[0])
        place = f"a {claim.role} of {short[claim.finding]!r}. Ask for that" if claim.finding else f"a {claim.role} of none. Ask for one"
        raise ValueError(f"`ids` must name findings; {asked!r} is {place}.")
    if not found:
        check_named("ids", asked, [short[one] for one in rows])
    return found[0]


def _check_choice(chosen: Sequence[str], *, by_id: bool) -> None:
    if len(chosen) > MOST and not by_id:
        raise ValueError(f"`results` must have at most {MOST} findings together; got {len(chosen)}. Choose by `ids` from {list(chosen)}.")
    if twice := [one for one in dict.fromkeys(chosen) if chosen.count(one) > 1]:
        raise ValueError(f"`ids` must name each finding once; got {twice[0]!r} {chosen.count(twice[0])} times. Leave one of them.")


def _told(row: Finding) -> str:
    """A finding in lines of text, and beneath it what belongs to it."""
    under = [_lines(claim, "- ", "     ") for claim in in_order(row.controls, row.details)]
    return "\n".join([_lines(row.claim, "", "   ").lstrip(), *under])


def _lines(claim: Claim, mark: str, indent: str) -> str:
    """Outcome and sentence, then numbers and where they come from."""
    first = indent[len(mark) :] + mark
    sentence = fill(f"{outcome(claim)}: {claim.claim}", _WIDTH, initial_indent=first, subsequent_indent=indent)
    source = [] if claim.role == "control" else [f"source: {claim.source}"]
    numbers = f"{effect(claim)}, {', '.join([runs(claim), *agreement(claim)])}"
    rest = "; ".join([numbers, *remarks(claim), *source, f"id: {claim.id}"])
    return f"{sentence}\n{fill(rest, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)}"
