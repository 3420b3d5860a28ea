"""Confirm findings: run an experiment once on seeds that nothing has touched, by rules that are frozen.

A finding is exploratory until then, because its rule or its settings may have been chosen with its own seeds in view.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from mtl_tutor.checks import check_named
from mtl_tutor.experiments import Experiment, Hypothesis, experiments
from mtl_tutor.ledger import identity
from mtl_tutor.provenance import check_seal, code_beside, read_json, seal, shipped, write_whole
from mtl_tutor.results import Claim
from mtl_tutor.results._findings_words import effect, on_one_scale
from mtl_tutor.results.findings import Decided
from mtl_tutor.statistics import Interval, Verdict
from mtl_tutor.tuning import CONFIRMING_SEED, SEEDS_OF_BLOCK, TUNING_SEED

CONFIRMED, RENEW = "confirmed.json", "python -m mtl_tutor confirm"
FIRST = CONFIRMING_SEED + 100_000  # the seeds just above the million are other starts on the data of small ones, in some experiments
GRID = ("widths", "lrs", "steps", "eval_every", "extensions", "optimizer", "activation", "init_scale")  # of trials: what is tuned, and how
RULED = ("hypotheses", "findings", "failing_controls")  # fingerprinted rule by rule, or without influence on what is found
SAID = ("estimate", "low", "high", "n", "agree", "verdict")


def confirm(experiment: type[Experiment], folder: str | os.PathLike[str], *, progress: bool = False) -> dict[str, Any]:
    """Run an experiment on its next untouched block of seeds, tuned on untouched ones, and write down what came out.

    Parameters
    ----------
    experiment : type of Experiment
        Its rules and settings count as they are now; a change of either makes its findings exploratory again.
    folder : path
        Where ``confirmed.json`` lies, the ledger of all blocks that have been used.
    progress : bool
        Whether to show a bar.

    Returns
    -------
    dict
        The new entry: seeds, checksums of the rules, and what was found by claim.

    Raises
    ------
    ValueError
        Nothing has changed since the last confirmation, the seeds that tune are used up, or the file was changed by hand.
    """
    path = Path(folder) / CONFIRMED
    used = [entry for entry in read_confirmed(path) if entry["experiment"] == experiment.name]
    rules = rules_of(experiment)
    if used and used[-1]["rules"] == rules:
        raise ValueError(
            f"`NAME` must have rules or settings that were not confirmed yet; those of {experiment.name!r} were, on the seeds "
            f"from {used[-1]['first_seed']:,} on. A second look at other seeds would be a choice between two."
        )
    fresh = on_untouched_seeds(experiment, used)
    claims = {claim.id: {name: claim.as_dict()[name] for name in SAID} for claim in fresh.run(progress=progress).claims}
    seeds = {"first_seed": fresh.first_seed, "seeds": fresh.seeds, "tuning_seed": fresh.tuning_seed, "blocks": fresh.blocks}
    entry = {"experiment": experiment.name, **seeds, "code": identity(experiment)["code"], "rules": rules, "claims": claims}
    entries = [*read_confirmed(path), entry]  # read again: others may have been confirmed meanwhile
    text = json.dumps(seal({"confirmed": entries}, renew=RENEW), indent=1, ensure_ascii=False) + "\n"
    write_whole(path, text.encode())
    return entry


def on_untouched_seeds(experiment: type[Experiment], used: list[dict[str, Any]]) -> Experiment:
    """Make the experiment on the seeds that follow all blocks that have been used.

    Raises
    ------
    ValueError
        No seeds are left to tune on.
    """
    book = experiment()
    tuning = TUNING_SEED + (len(used) + 1) * book.blocks * SEEDS_OF_BLOCK
    if tuning + book.blocks * SEEDS_OF_BLOCK > CONFIRMING_SEED:
        raise ValueError(f"`NAME` must have seeds left to tune on; {experiment.name!r} was confirmed {len(used)} times.")
    first = max([FIRST, *(entry["first_seed"] + entry["seeds"] for entry in used)])
    return book.on_seeds(first, tuning)


def unconfirmed(experiments: Mapping[str, type[Experiment]], folder: str | os.PathLike[str]) -> list[str]:
    """Names of the experiments of which a rule, or the settings, were not confirmed as they are now."""
    last = {entry["experiment"]: entry["rules"] for entry in read_confirmed(Path(folder) / CONFIRMED)}
    return [name for name, experiment in experiments.items() if last.get(name) != rules_of(experiment)]


def rules_of(experiment: type[Experiment]) -> dict[str, str]:
    """Checksums of what was fixed before: id of each claim -> its rule, its conditions, the experiment's settings, and its code.

    The code is that of the experiment's own module and of those beside it, with their grids and effects; not that of the package.
    """
    settings = [(field.name, field.default) for field in fields(experiment) if field.name != "n_jobs"]
    settings += [(name, repr(getattr(experiment, name))) for name in GRID if hasattr(experiment, name)]
    code = code_beside(experiment, RULED)
    return {f"{experiment.name}-{one.id}": _checksum([_rule(one), settings, code]) for one in experiment.hypotheses}


def _rule(hypothesis: Hypothesis) -> list[Any]:
    effect = getattr(hypothesis.effect, "__qualname__", repr(hypothesis.effect))
    arms = [hypothesis.treatment, hypothesis.reference, hypothesis.measure]
    return [hypothesis.id, *arms, hypothesis.rule.words, hypothesis.rule.boundaries, effect, dict(hypothesis.unless)]


def _checksum(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def read_confirmed(path: str | os.PathLike[str] | None = None) -> list[dict[str, Any]]:
    """Read what was confirmed, oldest first.

    Parameters
    ----------
    path : path, optional
        The file; the one that comes with the book if not given.

    Raises
    ------
    ValueError
        The file was changed by hand.
    """
    path = shipped(CONFIRMED) if path is None else Path(path)
    if not path.is_file():
        return []
    sealed = read_json(path.read_bytes(), path, RENEW)
    check_seal(sealed, path)
    return sealed["confirmed"]


def status_of(claim: Mapping[str, Any], experiment: type[Experiment], entries: list[dict[str, Any]]) -> str:
    """Say of a claim of the ledger whether it is exploratory, confirmed, or came out otherwise on untouched seeds."""
    there = _last(claim["id"], rules_of(experiment).get(claim["id"]), entries)
    if not there:
        return "exploratory"
    return "confirmed" if there["verdict"] == claim["verdict"] else f"{there['verdict']} on untouched seeds"


def confirmation(*results: Decided, path: str | os.PathLike[str] | None = None) -> str:
    """Say which findings came out again when their experiment was run once more, on untouched seeds.

    Parameters
    ----------
    results : Result
        What `run` or `recorded` of an experiment returned.
    path : path, optional
        The file of what was confirmed; the one that comes with the book if not given.

    Returns
    -------
    str
        A line for each experiment, and one for each finding whose verdict was another one there: both verdicts and effects.

    Raises
    ------
    ValueError
        A result of an experiment that the book doesn't have, or a file that was changed by hand.

    Examples
    --------
    >>> from mtl_tutor.experiments import Stein
    >>> print(confirmation(Stein.recorded()))
    stein: 1 of 1 findings confirmed on untouched seeds.
    """
    known, entries = experiments(), read_confirmed(path)
    for result in results:
        check_named("results", result.name, list(known))
    return "\n".join(line for result in results for line in _told_again(result, rules_of(known[result.name]), entries))


def _told_again(result: Decided, rules: Mapping[str, str], entries: list[dict[str, Any]]) -> Iterator[str]:
    findings = {claim.id: claim for claim in result.claims if claim.role == "finding"}
    there = {one: found for one in findings if (found := _last(one, rules.get(one), entries))}
    others = [one for one, found in there.items() if found["verdict"] != findings[one].verdict]
    if not there:
        yield f"{result.name}: not run again yet, so its findings are exploratory."
        return
    still_open = len(findings) - len(there)
    rest = f" {still_open} not run again yet." if still_open else ""
    yield f"{result.name}: {len(there) - len(others)} of {len(findings)} findings confirmed on untouched seeds.{rest}"
    for one in others:
        claim, found = findings[one], there[one]
        measured = Interval(found["estimate"], found["low"], found["high"], found["n"])
        again = replace(claim, measured=measured, verdict=Verdict(found["verdict"]))
        yield f"  - {claim.claim}: {_outcome(claim)}; again: {_outcome(again)}"


def _last(claim: str, rule: str | None, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What was last found of a claim by its present rule."""
    return next((entry["claims"][claim] for entry in reversed(entries) if rule and entry["rules"].get(claim) == rule), None)


def _outcome(claim: Claim) -> str:
    return f"{claim.verdict}, {effect(on_one_scale(claim))}"
