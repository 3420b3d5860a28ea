"""Put odd values into one or two arguments of valid calls, and judge how each call ends.

``python -m tests.fuzz.run --inputs 50000`` is the long run; ``--rooms``, ``--seed`` and ``--only`` choose what is run.
"""

import argparse
import dataclasses
import inspect
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import mtl_tutor
from mtl_tutor.tasks import TaskData
from tests.fuzz.doors import Door
from tests.fuzz.rooms import ROOMS
from tests.fuzz.values import Alien, odd

PACKAGE = str(Path(mtl_tutor.__path__[0]))
PYTHONS_OWN = re.compile(r"missing \d+ required|unexpected keyword argument|positional argument|multiple values|too many positional")
SECONDS, MEMORY = 20, 4 * 2**30
CALLED = ("data", "fn", "sharing", "model", "callback", "way")
"""Arguments in whose place a reader's own function or class may stand."""
FAULTS = ("raw error", "names no parameter", "not finite", "accepted", "too slow")


class TooSlowError(BaseException):
    """A call that took longer than `SECONDS`."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One call: its number, its door, and what is odd about it."""

    number: int
    door: Door
    odd: Mapping[str, Any]

    def __str__(self) -> str:
        given = ", ".join(f"{name}={repr(value)[:60]!s}" for name, value in self.odd.items())
        return f"{self.number}: {self.door.room}.{self.door.name}({' '.join(given.split())})"


def cases(rooms: list[str], seed: str) -> Iterator[Case]:
    """Calls without end, the same ones for the same rooms and seed; rooms take turns."""
    doors = {room: [door for door in ROOMS[room]() if door.valid] for room in rooms}
    number = 0
    while True:
        for room in rooms:
            rng = random.Random(f"{seed}/{room}/{number}")
            door = rng.choice(doors[room])
            names = rng.sample(sorted(door.valid), min(len(door.valid), 1 if rng.random() < 0.7 else 2))
            yield Case(number, door, {name: odd(rng, door.valid[name]) for name in names})
            number += 1


def judged(case: Case) -> tuple[str, str]:
    """How a call ends: a class, and a few words."""
    signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = case.door.call(**{**case.door.valid, **case.odd})
            case.door.use(result)
            fault = _unfit(result, case)
    except TooSlowError:
        return "too slow", f"more than {SECONDS} s of processor time"
    except (TypeError, ValueError) as error:
        return ("raw error", _words(error)) if case.door.answers else _sentence(error, case)
    except Exception as error:
        if not case.door.answers and _readers_own(case):
            return "the reader's own function raised", str(error)
        return "raw error", _words(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return fault or ("fine", "")


def _readers_own(case: Case) -> bool:
    """Whether a function of the reader's is replaced by another: what that raises is passed on."""
    given = [(name, case.door.valid[name], value) for name, value in case.odd.items() if callable(value)]
    return any(inspect.isroutine(valid) or name in CALLED for name, valid, _ in given)


def _too_slow(*_: object) -> None:
    raise TooSlowError


def _words(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]} ({Path(last.filename).name}:{last.lineno})"


def _sentence(error: Exception, case: Case) -> tuple[str, str]:
    text = str(error)
    if _readers_own(case):
        return "the reader's own function raised", text
    last = traceback.extract_tb(error.__traceback__)[-1].filename
    if Path(last).parent == Path(__file__).parent and Path(last).name != "run.py":
        return "the reader's own function raised", text  # of numbers for an axis that it cannot take
    if PYTHONS_OWN.search(text) and Path(last).name in ("checks.py", "run.py"):
        return "Python's own sentence", text
    if case.door.room == "estimator" and "/sklearn/utils/" in last and isinstance(error, ValueError):
        return "scikit-learn's own sentence", text  # which its checks of estimators ask for
    if not last.startswith(PACKAGE):
        return "raw error", _words(error)
    named = {re.split(r"[^A-Za-z0-9_]", name.removeprefix("key of "))[0] for name in re.findall(r"`([^`]+)`", text)}
    if not named & {*case.door.valid, *case.door.names} or "\n" in text:
        return "names no parameter", _words(error)
    return "one sentence", ""


def _unfit(result: Any, case: Case) -> tuple[str, str] | None:
    if any(isinstance(value, Alien) for value in case.odd.values()) and not case.door.answers:
        return "accepted", "an object that fits nowhere"
    if case.door.answers:
        wrong = str(result).startswith("Right") and not all(_finite(value) for value in case.odd.values() if not callable(value))
        return ("accepted", str(result)[:80]) if wrong or not isinstance(result, str) else None
    return None if case.door.may_hold_nan or _finite(result) else ("not finite", type(result).__name__)


def _finite(found: Any, depth: int = 0) -> bool:
    """No NaN and nothing infinite, in whatever a result holds. Labels of a table may be missing."""
    if isinstance(found, TaskData):
        return all(np.isfinite(part.x).all() and not np.isinf(part.y).any() for part in found.splits().values())
    if isinstance(found, nn.Module):
        return all(bool(value.isfinite().all()) for value in found.parameters())
    if isinstance(found, torch.Tensor):
        return bool(found.isfinite().all())
    if isinstance(found, np.ndarray):
        return found.dtype.kind not in "fc" or bool(np.isfinite(found).all())
    if isinstance(found, (float, np.floating)):
        return bool(np.isfinite(found))
    if depth < 4 and isinstance(found, Mapping):
        return all(_finite(value, depth + 1) for value in found.values())
    if depth < 4 and isinstance(found, (list, tuple)):
        return all(_finite(value, depth + 1) for value in found)
    if depth < 4 and dataclasses.is_dataclass(found) and not isinstance(found, type):
        return all(_finite(getattr(found, field.name), depth + 1) for field in dataclasses.fields(found))
    return True


def run(
    rooms: list[str],
    seed: str,
    *,
    inputs: int | None = None,
    seconds: float | None = None,
    only: int | None = None,
    last: Path | None = None,
) -> dict[str, Any]:
    """Judge calls until there were enough, or time is up."""
    stop = time.monotonic() + (seconds or 1e9)
    ends: dict[str, Counter[str]] = {room: Counter() for room in rooms}
    doors: dict[str, set[str]] = {room: set() for room in rooms}
    faults: dict[str, list[str]] = {}
    for case in cases(rooms, seed):
        if (inputs is not None and case.number >= inputs) or time.monotonic() > stop or (only is not None and case.number > only):
            break
        if only is not None and case.number != only:
            continue
        if last:
            last.write_text(str(case))
        end, words = judged(case)
        ends[case.door.room][end] += 1
        doors[case.door.room].add(case.door.name)
        if end in FAULTS:
            kind = re.sub(r"[-+]?\d[\d.e+]*", "0", words)[:70]
            faults.setdefault(f"{end} | {case.door.room}.{case.door.name} | {kind}", []).append(f"{case} -> {words}")
    return {
        "seed": seed,
        "inputs": sum(sum(each.values()) for each in ends.values()),
        "doors": {room: len(names) for room, names in doors.items()},
        "ends": {room: dict(each) for room, each in ends.items()},
        "faults": [f"{len(found)}x {found[0]}" for found in faults.values()],
    }


def head() -> str:
    """The commit that seeds the run."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, cwd=Path(PACKAGE).parent)
    return found.stdout.strip()[:12] or mtl_tutor.__version__


def limit_memory() -> None:
    """Let this process take so much memory more and no further, and work on one core."""
    torch.set_num_threads(1)
    room = int(re.findall(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text())[0]) * 1024 + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (room, room))


def main() -> None:
    """Run, print a table, and exit with 1 if a call ended badly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", nargs="*", default=[*ROOMS], choices=[*ROOMS])
    parser.add_argument("--inputs", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", default=head())
    parser.add_argument("--only", type=int, help="the number of one case to repeat")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--last", type=Path, help="file that names the case at work, for the case of a crash")
    args = parser.parse_args()
    limit_memory()
    for name in ("json", "last"):
        setattr(args, name, getattr(args, name) and getattr(args, name).resolve())
    os.chdir(tempfile.mkdtemp())  # where odd names of files and folders do no harm
    found = run(args.rooms, args.seed, inputs=args.inputs, seconds=args.seconds, only=args.only, last=args.last)
    if args.json:
        args.json.write_text(json.dumps(found))
    table = [f"seed {found['seed']}: {found['inputs']} inputs"]
    for name, ends in found["ends"].items():
        table.append(f"{name:12} {found['doors'][name]:4} doors  " + ", ".join(f"{end} {n}" for end, n in sorted(ends.items())))
    sys.stdout.write("\n".join([*table, *found["faults"]]) + "\n")
    sys.exit(bool(found["faults"]))


if __name__ == "__main__":
    main()
