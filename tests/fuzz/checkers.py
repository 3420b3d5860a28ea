"""Hand any objects to all checkers of exercises: each answers in one sentence, within seconds, and raises nothing.

``python -m tests.fuzz.checkers --objects 10000`` is the long run; ``--seed`` and ``--only`` choose what is run.
"""

import argparse
import inspect
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch

from mtl_tutor.exercises._answers import FAILED
from tests.fuzz.anything import anything
from tests.fuzz.doors import Door, exercise_doors
from tests.fuzz.run import FAULTS, Case, _words, judged, limit_memory

SECONDS = 10
"""The longest that a checker may take for one object."""

FEW = 300
"""How many objects the suite hands out: five to each checker."""


def fed(objects: int, seed: str, only: int | None = None, last: Path | None = None) -> dict[str, Any]:
    """Judge the answers of all checkers, one after the other, to so many objects."""
    doors = exercise_doors()
    faults: list[str] = []
    rights, slowest, total = 0, (0.0, ""), time.process_time()
    for number in range(objects) if only is None else [only]:
        case = _case(number, doors[number % len(doors)], seed)
        said = _said(case)
        if last:
            last.write_text(said)
        start = time.process_time()
        end, words = ending(case)
        took = time.process_time() - start
        rights += words.startswith("Right")
        slowest = max(slowest, (took, said))
        if end in FAULTS or took > SECONDS:
            faults.append(f"{said} -> {end}, {took:.1f} s: {words}")
    return {"objects": objects, "seconds": time.process_time() - total, "right": rights, "slowest": slowest, "faults": faults}


def _case(number: int, door: Door, seed: str) -> Case:
    ((parameter, right),) = door.valid.items()
    return Case(number, door, {parameter: anything(random.Random(f"{seed}/{number}"), right)})


def ending(case: Case) -> tuple[str, str]:
    """How a checker ends, with its answer; the random numbers of the page have to stay as they were."""
    answers: list[str] = []
    kept = Door(case.door.room, case.door.name, case.door.call, case.door.valid, use=answers.append, answers=True)
    torch.manual_seed(case.number)
    state = torch.get_rng_state()
    try:
        end, words = judged(Case(case.number, kept, case.odd))
    except BaseException as error:
        return "raw error", _words(error)
    if answers and not isinstance(answers[0], str):
        return "accepted", f"no sentence: {type(answers[0]).__name__}"
    if answers and not (answers[0].startswith(("Right", "Not yet")) and "\n" not in answers[0]):
        return "names no parameter", answers[0]
    if answers and FAILED in answers[0]:
        return "raw error", answers[0]
    if not torch.is_grad_enabled():
        torch.set_grad_enabled(True)
        return "raw error", "gradients are off afterwards"
    if not torch.equal(state, torch.get_rng_state()):
        return "raw error", "the random numbers of the page have changed"
    return end, answers[0] if answers and not words else words


def _said(case: Case) -> str:
    """A case in a few words, whatever its object says of itself."""
    (value,) = case.odd.values()
    try:
        words = " ".join(repr(value).split())[:80]
        words.encode()
    except Exception:
        words = type(value).__name__
    if inspect.isfunction(value):
        words = value.__qualname__.rpartition(".")[2]
    return f"{case.number} {case.door.name}({words})"


def main() -> None:
    """Run, print what was found, and exit with 1 if a checker ended badly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=FEW)
    parser.add_argument("--seed", default="suite")
    parser.add_argument("--only", type=int, help="the number of one object to repeat")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--last", type=Path, help="file that names the object at work, for the case of a crash")
    args = parser.parse_args()
    limit_memory()
    found = fed(args.objects, args.seed, args.only, args.last)
    if args.json:
        args.json.write_text(json.dumps(found))
    sys.stdout.write("\n".join([f"{key}: {value}" for key, value in found.items() if key != "faults"] + found["faults"]) + "\n")
    sys.exit(bool(found["faults"]))


if __name__ == "__main__":
    main()
