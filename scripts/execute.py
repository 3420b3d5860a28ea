"""Run the chapters in a pool of processes, the longest first, and keep executed copies of them."""

import json
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
COSTS = ROOT / "_build/costs.json"


def cpu_of_kernels() -> float:
    """CPU seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def execute(source: Path, target: Path, timeout: int) -> tuple[float, str]:
    """Run one notebook in its own folder and write it, with outputs and widget states, to `target`.

    Returns
    -------
    CPU seconds of its kernel, and the traceback of the cell that failed ("" if none did).
    """
    notebook = nbformat.read(source, as_version=4)
    client = NotebookClient(notebook, timeout=timeout, resources={"metadata": {"path": str(source.parent)}})
    before, trouble = cpu_of_kernels(), ""
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        trouble = str(error)
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return cpu_of_kernels() - before, trouble


def longest_first(pages: Sequence[str], costs: Mapping[str, float]) -> list[str]:
    """Order pages by what they cost last time; one of which nothing is known comes first."""
    return sorted(pages, key=lambda page: -costs.get(page, float("inf")))


def last_costs() -> dict[str, float]:
    """CPU seconds of each page at its last run in this working tree."""
    return json.loads(COSTS.read_text(encoding="utf-8")) if COSTS.is_file() else {}


def run_pages(pages: Sequence[str], target: Path, timeout: int, *, source: Path = ROOT) -> list[str]:
    """Run `pages` (names as in _toc.yml), as many at a time as there are cores, and store what each cost.

    Returns
    -------
    The pages that failed. Their tracebacks are printed at once.
    """
    os.environ["MTL_RECORD"] = "1"  # the kernels inherit it: widgets compute their whole grid
    costs, failed = last_costs(), []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        jobs = {
            pool.submit(execute, source / f"{page}.ipynb", target / f"{page}.ipynb", timeout): page
            for page in longest_first(pages, costs)
        }
        for job in as_completed(jobs):
            page, (seconds, trouble) = jobs[job], job.result()
            costs[page] = round(seconds, 1)
            print(f"{page}: {seconds:.1f} s of CPU", flush=True)
            if trouble:
                failed.append(page)
                print(f"{page}: a cell failed\n{trouble}", file=sys.stderr, flush=True)
    COSTS.parent.mkdir(parents=True, exist_ok=True)
    COSTS.write_text(json.dumps({page: costs[page] for page in pages}, indent=1), encoding="utf-8")
    return failed
