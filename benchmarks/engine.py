"""Measure the training engine: ``python -m benchmarks.engine`` prints one row per promise.

"x naive" is how many times faster than a plain loop over single nets, "x best JAX" than the fastest of three JAX programs.
``--rows 1,2,3`` prints some rows; for a comparison with an older commit, run both in turn on the same machine.

Speeds are ratios of CPU seconds on one pinned core with one thread, contestants taking turns, medians. Nothing here is
asserted in a test: a neighbour on the machine moves every figure.
"""

import argparse
import os
import resource
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded

import numpy as np
import torch
from torch import nn

from benchmarks.contestants import LR, Convolutional, Jax, Naive, NotRecognised, has_jax, regression_data
from mtl_tutor.balancing import EqualWeighting, PCGrad, UncertaintyWeighting
from mtl_tutor.comparison import compare
from mtl_tutor.sharing import PLE, CrossStitch, HardSharing, MMoE, OMoE, TaskConditioned
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import train

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Options:
    """What the command line decides."""

    repeats: int
    jax: bool
    device: str
    shrink: int
    cores: frozenset[int]

    def seeds(self, n: int) -> int:
        """Fewer seeds when in a hurry; many on a GPU."""
        return 4096 if self.device == "cuda" else max(32, n // self.shrink)


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    row: int
    what: str
    target: str
    measured: str
    met: bool | None
    naive: float | None = None
    jax: float | None = None

    def __str__(self) -> str:
        met = {True: "yes", False: "no", None: ""}[self.met]
        ratios = [f"{ratio:.{digits if ratio >= 1 else 2}f}x" if ratio else "" for ratio, digits in ((self.naive, 0), (self.jax, 2))]
        return f"{self.row:3d}  {self.what:34s} {self.target:28s} {self.measured:26s} {met:4s} {ratios[0]:>8s} {ratios[1]:>10s}"


def race(contestants: dict[str, tuple[Callable[[], object], int]], options: Options) -> dict[str, float]:
    """Let everybody run in turn; return microseconds per seed-step, the median of the rounds after a warm-up."""
    clock = time.perf_counter if options.device == "cuda" else time.process_time
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(options.repeats + 1):
        for name, (run, seed_steps) in contestants.items():
            start = clock()
            run()
            if turn:
                taken[name].append((clock() - start) / seed_steps * 1e6)
    return {name: median(values) for name, values in taken.items()}


def duel(row, what, build, options, *, seeds, steps, target, method=None, batch_size=0, n_samples=128, sizes=(10, 2), jax=False) -> Line:
    """Race the package against the naive loop, and against JAX's three layouts where asked."""
    n_seeds, own = options.seeds(seeds), [regression_data(seed, n_samples, *sizes) for seed in range(options.seeds(seeds))]
    naive, naive_steps = Naive(build, own[:2], batch_size, method), max(20, min(steps, 100))
    model, settings = build(), {"lr": LR, "steps": steps, "eval_every": steps, "batch_size": batch_size or None, "device": options.device}

    def ours() -> object:
        return train(model, own.__getitem__, method or EqualWeighting(), seeds=n_seeds, **settings)

    contestants = {"naive": (lambda: naive.run(naive_steps), 2 * naive_steps), "ours": (ours, n_seeds * steps)}
    for layout in (0, 16, 1) if jax and options.jax and options.device == "cpu" else ():
        contestants[f"jax {layout}"] = (Jax(model, own, layout, steps, batch_size).run, n_seeds * steps)
    taken = race(contestants, options)
    best_jax = min((t for name, t in taken.items() if name.startswith("jax")), default=None)
    over_naive, over_jax = taken["naive"] / taken["ours"], best_jax and best_jax / taken["ours"]
    met = over_naive >= target[0] and (over_jax is None or over_jax >= target[1])
    words = f">= {target[0]}x naive" + (f", >= {target[1]}x JAX" if jax else "")
    measured = f"{taken['ours']:.1f} of {taken['naive']:.0f} us" + (f", JAX {best_jax:.1f}" if best_jax else "")
    return Line(row, f"{what}, S={n_seeds}", words, measured, met, over_naive, over_jax)


def small() -> HardSharing:
    """The net of most rows."""
    return HardSharing(10, 32, 2)


def row_1(options: Options) -> Iterator[Line]:
    """Small net, full batch."""
    for seeds, steps in ((64, 500), (1024, 200)) if options.device == "cpu" else ((4096, 200),):
        yield duel(1, "10-32-2, n=128, Adam", small, options, seeds=seeds, steps=steps, target=(75, 1.5), jax=True)


def row_2(options: Options) -> Iterator[Line]:
    """Small net, mini-batches."""
    yield duel(2, "batches of 64 of 2000", small, options, seeds=64, steps=620, target=(80, 1.2), batch_size=64, n_samples=2000, jax=True)


def row_3(options: Options) -> Iterator[Line]:
    """A larger net, near the machine's limit."""

    def large() -> HardSharing:
        return HardSharing(64, (128, 128), 4)

    yield duel(3, "64-128-128-4, n=128", large, options, seeds=32, steps=30, target=(8, 1.0), sizes=(64, 4), jax=True)


def row_4(options: Options) -> Iterator[Line]:
    """Any plain module."""
    yield duel(4, "cross-stitch", lambda: CrossStitch(10, 32, 2), options, seeds=128, steps=500, target=(15,))
    yield duel(4, "MMoE, 4 experts", lambda: MMoE(10, 32, 2), options, seeds=128, steps=300, target=(8,))
    yield duel(4, "PLE, 2 levels", lambda: PLE(10, 32, 2), options, seeds=64, steps=200, target=(8,))
    yield duel(4, "hard sharing, general path", lambda: NotRecognised(10, 32, 2), options, seeds=128, steps=500, target=(15,))


def row_5(options: Options) -> Iterator[Line]:
    """Balancing: a Jacobian per seed and step, and weights that are learned."""
    yield duel(5, "PCGrad, hard sharing", small, options, seeds=64, steps=500, target=(15,), method=PCGrad())
    yield duel(5, "uncertainty weighting", small, options, seeds=64, steps=500, target=(15,), method=UncertaintyWeighting(lr=LR))


def row_6(options: Options) -> Iterator[Line]:
    """What a slider waits for."""
    data = regression_data(0, 128, 10, 2)
    seconds = race({"ours": (lambda: train(small(), data, seeds=64, steps=500, lr=LR), 1)}, options)["ours"] / 1e6
    yield Line(6, "slider, warm: 64 seeds x 500", "<= 0.8 CPU s", f"{seconds:.2f} CPU s", seconds <= 0.8)


COLD = """
import time
from mtl_tutor.comparison import compare
from mtl_tutor.sharing import PLE, CrossStitch, HardSharing, MMoE, OMoE, TaskConditioned
from mtl_tutor.tasks import TaskData
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import train
train(HardSharing(1, 32, 2), sine_family(n_tasks=2, seed=0), seeds=32, steps=500)
print(time.process_time())
"""


def row_7(options: Options) -> Iterator[Line]:
    """From a new process to the first result."""
    taken = [float(subprocess.check_output([sys.executable, "-c", COLD], cwd=ROOT)) for _ in range(min(5, options.repeats))]
    yield Line(7, "cold: import to first result", "<= 3.5 CPU s", f"{median(taken):.2f} CPU s", median(taken) <= 3.5)


def row_8(options: Options) -> Iterator[Line]:
    """A seed's numbers alone, in a pair, among 17, in reverse."""
    data, same = regression_data(0, 37, 10, 2), True
    for model in (HardSharing(10, 31, 2), CrossStitch(10, 31, 2)):
        everyone = train(model, data, seeds=17, steps=100)
        for seeds in ([5], [16, 3], range(16, -1, -1)):
            some = train(model, data, seeds=seeds, steps=100)
            same &= all(np.array_equal(v, everyone.parameters[name][list(seeds)]) for name, v in some.parameters.items())
    yield Line(8, "a seed's numbers in any company", "bit-equal", "bit-equal" if same else "they differ", same)


def row_9(options: Options) -> Iterator[Line]:
    """Float64 against the naive loop."""
    data, worst = regression_data(0, 128, 10, 2), 0.0
    for build in (small, lambda: NotRecognised(10, 32, 2)):  # fast path, general path
        history = train(build(), data, seeds=[3], steps=500, lr=LR, dtype=torch.float64)
        loop = Naive(build, [data])
        loop.nets[0].double().load_state_dict(_start(build()))
        loop.data = [(torch.from_numpy(data.train.x), torch.from_numpy(data.train.y))]
        loop.optimizers = [torch.optim.Adam(loop.nets[0].parameters(), lr=LR)]
        loop.run(500)
        for name, p in loop.nets[0].named_parameters():
            worst = max(worst, float(np.abs(history.parameters[name][0] - p.detach().numpy()).max()))
    yield Line(9, "float64, 500 Adam steps", "<= 1e-9 from naive", f"{worst:.0e}", worst <= 1e-9)


def row_10(options: Options) -> Iterator[Line]:
    """One call that compares: six architectures on a table of 400 samples, with two processes."""
    pin(sorted(options.cores)[:2])
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 10))
    table = TaskData.from_arrays(x, {f"task {i}": np.tanh(x @ rng.standard_normal(10)) for i in range(2)})
    start, ways = time.perf_counter(), [HardSharing, CrossStitch, OMoE, MMoE, PLE, TaskConditioned]
    compare(table, ways, seeds=64, n_jobs=2)
    seconds, memory = time.perf_counter() - start, _peak_memory()
    met = seconds < 60 and memory < 1.0
    yield Line(10, "compare: 6 ways x 64 seeds, 400 x 10", "< 60 s, < 1 GB each", f"{seconds:.0f} s, {memory:.2f} GB", met)


def row_11(options: Options) -> Iterator[Line]:
    """A single net: what recording the step and checking everything costs where there is nothing to share it with."""
    nets: dict[str, tuple[Callable[[], nn.Module], int]] = {
        "hard sharing": (small, 10),
        "hard sharing, general path": (lambda: NotRecognised(10, 32, 2), 10),
        "MMoE, 4 experts": (lambda: MMoE(10, 32, 2), 10),
        "convolutions, 8 x 8": (Convolutional, 64),
    }
    for what, (build, n_features) in nets.items():
        data, steps = regression_data(0, 128, n_features, 2), 300
        model, naive = build(), Naive(build, [data])
        ours = partial(train, model, data, seeds=1, lr=LR, steps=steps, eval_every=steps)
        taken = race({"naive": (partial(naive.run, steps), steps), "ours": (ours, steps)}, options)
        cost = taken["ours"] / taken["naive"]
        measured = f"{cost:.2f}x, {taken['ours'] * steps / 1e6:.2f} CPU s"
        yield Line(11, f"{what}, one net, 300 steps", "<= 3x a plain loop", measured, cost <= 3, 1 / cost)


def _peak_memory() -> float:
    """The most that this process or one of its children ever held, in GB."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 2**20


def _start(net: HardSharing) -> dict[str, torch.Tensor]:
    """The first weights of seed 3, as `train` draws them."""
    torch.manual_seed(3)
    net.reset_parameters()
    return {name: value.double() for name, value in net.state_dict().items()}


def pin(cores: Collection[int]) -> None:
    """Stay on these cores, where the system knows how."""
    if cores:
        os.sched_setaffinity(0, cores)


ROWS = {row: globals()[f"row_{row}"] for row in range(1, 12)}


def with_jax() -> None:
    """Go on in an environment of the benchmark's own that has JAX beside everything that is here; make it if need be."""
    home = ROOT / ".venv-bench"
    python = home / "bin" / "python"
    if not python.exists():
        print(f"JAX is not installed here: making {home.name}, which has it, once.", flush=True)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        site = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True).strip()
        Path(site, "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", ROOT / "benchmarks" / "requirements.txt"], check=True)
    print(f"Going on in {home.name}, which has JAX (--no-jax to do without).", flush=True)
    os.execv(python, [str(python), "-m", "benchmarks.engine", *sys.argv[1:]])


def main() -> None:
    """Read the command line, pin the process, print the table."""
    parser = argparse.ArgumentParser(description="Measure the training engine against its targets.")
    parser.add_argument("--rows", default="1,2,3,4,5,6,7,8,9,10,11", help="which rows, such as 1,4")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and seeds")
    parser.add_argument("--no-jax", action="store_true", help="leave JAX out")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"], help="cuda: rows 1 and 4 at 4,096 seeds, by the wall clock")
    asked = parser.parse_args()
    if not asked.no_jax and asked.device == "cpu" and not has_jax():
        with_jax()
    cores = frozenset(os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else ())
    pin({max(cores)} if cores else cores)
    torch.set_num_threads(1)
    options = Options(2 if asked.quick else 5, not asked.no_jax, asked.device, 4 if asked.quick else 1, cores)
    rows = [int(row) for row in asked.rows.split(",")]
    print(f"torch {torch.__version__}, load {os.getloadavg()[0]:.1f}; microseconds are CPU time per seed and step\n")
    print(f"row  {'what':34s} {'target':28s} {'measured':26s} {'met':4s} {'x naive':>8s} {'x best JAX':>10s}")
    for row in [row for row in rows if asked.device == "cpu" or row in (1, 4)]:
        for line in ROWS[row](options):
            print(line, flush=True)


if __name__ == "__main__":
    main()
