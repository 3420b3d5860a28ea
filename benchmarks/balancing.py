"""Measure what balancing costs: ``python -m benchmarks.balancing`` prints one row per method.

A step of one net (10-32 trunk, a head per task, batch of 64, Adam) in a plain loop, as a multiple of the step with equal weights:
ours by `Balancer`, TorchJD's by `mtl_backward`, and LibMTL's, where they can be imported. "64 seeds" is how many times faster the
engine trains 64 nets than `Balancer` trains one after the other. Contestants take turns; figures are medians of CPU time.
"""

import argparse
import os
import sys
import time
import types
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.contestants import LR, regression_data
from benchmarks.engine import pin
from mtl_tutor import balancing
from mtl_tutor.balancing import Balancer, Balancing
from mtl_tutor.sharing import HardSharing
from mtl_tutor.training import train

BATCH, N_FEATURES, N_HIDDEN, SEEDS = 64, 10, 32, 64
ARGUMENTS = {
    "FixedWeighting": lambda n: [[1.0] * n],
    "UnitNormalised": lambda n: [[1.0] * n],
    "WeightSchedule": lambda n: [[1.0] * n, [0.5] * n],
}
TORCHJD = {"CAGrad": lambda n: (0.5,), "FairGrad": lambda n: (2.0,), "NashMTL": lambda n: (n,)}
LIBMTL = {
    "AlignedMTL": "Aligned_MTL", "CAGrad": "CAGrad", "DynamicWeightAverage": "DWA", "EqualWeighting": "EW", "FairGrad": "FairGrad",
    "GradDrop": "GradDrop", "GradNorm": "GradNorm", "GradVac": "GradVac", "IMTLG": "IMTL", "MGDA": "MGDA", "NashMTL": "Nash_MTL",
    "PCGrad": "PCGrad", "RandomLossWeighting": "RLW", "ScaleInvariantWeighting": "GLS", "UncertaintyWeighting": "UW",
}  # fmt: skip
LIBMTL_SETTINGS = {
    "calpha": 0.5, "rescale": 1, "mgda_gn": "none", "GradVac_beta": 0.5, "GradVac_group_type": 0, "leak": 0.0, "alpha": 1.5, "T": 2.0,
    "update_weights_every": 1, "optim_niter": 20, "max_norm": 1.0, "FairGrad_alpha": 2.0,
}  # fmt: skip


class Net(nn.Module):
    """A trunk and a head per task; `losses` are those of one batch that never changes."""

    def __init__(self, n_tasks: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.trunk = nn.Sequential(nn.Linear(N_FEATURES, N_HIDDEN), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(N_HIDDEN, 1) for _ in range(n_tasks))
        data = regression_data(0, BATCH, N_FEATURES, n_tasks).train
        self.x, self.y = torch.from_numpy(data.x).float(), torch.from_numpy(data.y).float()

    def losses(self) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return what the trunk gives to the heads, and a loss per task."""
        hidden = self.trunk(self.x)
        return hidden, [F.mse_loss(head(hidden)[:, 0], self.y[:, i]) for i, head in enumerate(self.heads)]


def looping(net: nn.Module, backward: Callable[..., object]) -> Callable[[], None]:
    """A plain training loop of 20 steps."""
    optimizer = torch.optim.Adam(net.parameters(), lr=LR)

    def run() -> None:
        for _ in range(20):
            optimizer.zero_grad()
            backward(*net.losses())  # type: ignore[operator]
            optimizer.step()

    return run


def ours(method: Balancing, n_tasks: int) -> Callable[[], None]:
    """A loop with `Balancer`."""
    net = Net(n_tasks)
    balancer = Balancer(method, net.trunk)  # type: ignore[arg-type]
    return looping(net, lambda hidden, losses: balancer.backward(losses))


def torchjds(name: str, n_tasks: int) -> Callable[[], None]:
    """A loop with TorchJD."""
    from torchjd import aggregation
    from torchjd.autojac import jac_to_grad, mtl_backward

    net, aggregator = Net(n_tasks), getattr(aggregation, name)(*TORCHJD.get(name, lambda n: ())(n_tasks))

    def backward(hidden: torch.Tensor, losses: list[torch.Tensor]) -> None:
        mtl_backward(losses, features=hidden)
        jac_to_grad(net.trunk.parameters(), aggregator)

    return looping(net, backward)


def libmtls(name: str, n_tasks: int) -> Callable[[], None]:
    """A loop with LibMTL, whose first import asks for a part of torchvision that is no longer there and isn't needed here."""
    missing = types.ModuleType("torchvision.models.utils")
    missing.load_state_dict_from_url = None  # type: ignore[attr-defined]
    sys.modules.setdefault("torchvision.models.utils", missing)
    from LibMTL import weighting  # pyright: ignore[reportMissingImports]

    kind = getattr(weighting, LIBMTL[name])
    both: Any = type(name, (kind, Net), {"__init__": lambda self: Net.__init__(self, n_tasks)})
    net = both()
    net.task_num, net.task_name, net.device, net.rep_grad, net.epoch = n_tasks, [str(i) for i in range(n_tasks)], "cpu", False, 0
    net.get_share_params = net.trunk.parameters
    net.zero_grad_share_params = lambda: net.trunk.zero_grad(set_to_none=False)
    net.init_param()
    settings = LIBMTL_SETTINGS | ({"alpha": 0.5} if name == "CAGrad" else {})
    return looping(net, lambda hidden, losses: net.backward(torch.stack(losses), **settings))


def race(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Let everybody run in turn; return CPU seconds per run, the median of the rounds after a warm-up."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            start = time.process_time()
            run()
            if turn:
                taken[name].append(time.process_time() - start)
    return {name: median(values) for name, values in taken.items()}


def cost(name: str, method: Callable[[int], Balancing], n_tasks: int, rounds: int) -> list[str]:
    """Ours, TorchJD's and LibMTL's step as multiples of a step with equal weights."""
    contestants = {"plain": looping(Net(n_tasks), lambda hidden, losses: torch.stack(losses).sum().backward())}
    contestants["ours"] = ours(method(n_tasks), n_tasks)
    for who, build in (("torchjd", torchjds), ("libmtl", libmtls)):
        try:
            contestants[who] = build(name, n_tasks)
            contestants[who]()
        except (ImportError, AttributeError, KeyError):  # it isn't there, or hasn't got this method
            contestants.pop(who, None)
        except Exception as error:  # it is there, and stops
            contestants.pop(who, None)
            print(f"  {who}'s {name} with {n_tasks} tasks: {type(error).__name__}: {str(error)[:80]}")
    taken = race(contestants, rounds)
    return [f"{taken[who] / taken['plain']:.2f}" if who in taken else "-" for who in ("ours", "torchjd", "libmtl")]


def faster(method: Balancing, rounds: int) -> float:
    """How many times faster the engine trains 64 nets than a loop over seeds with `Balancer`."""
    data, steps = [regression_data(seed, BATCH, N_FEATURES, 2) for seed in range(SEEDS)], 300
    settings = {"seeds": SEEDS, "steps": steps, "lr": LR, "eval_every": steps}
    engine = partial(train, HardSharing(N_FEATURES, N_HIDDEN, 2), data.__getitem__, method, **settings)
    taken = race({"loop": ours(method, 2), "engine": engine}, max(2, rounds // 8))
    return taken["loop"] / 20 / (taken["engine"] / steps / SEEDS)


def methods() -> dict[str, Callable[[int], Balancing]]:
    """Every method of the package, by name."""
    kinds = {name: getattr(balancing, name) for name in balancing.__all__}
    kinds = {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Balancing)}
    ready = {name: kind for name, kind in kinds.items() if not getattr(kind, "__abstractmethods__", None) and kind is not Balancing}
    return {name: lambda n, kind=kind, name=name: kind(*ARGUMENTS.get(name, lambda n: [])(n)) for name, kind in ready.items()}


def main() -> None:
    """Read the command line, pin the process, print the table."""
    parser = argparse.ArgumentParser(description="Measure what balancing costs.")
    parser.add_argument("--only", default="", help="names of methods, such as MGDA,UPGrad")
    parser.add_argument("--rounds", type=int, default=15, help="how many rounds the medians are of")
    parser.add_argument("--no-engine", action="store_true", help="leave the last column out")
    asked = parser.parse_args()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    pin({max(cores)} if cores else ())
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, load {os.getloadavg()[0]:.1f}; a step as a multiple of the step with equal weights\n")
    heads = [f"{who}, K={k}" for k in (2, 8) for who in ("ours", "TorchJD", "LibMTL")]
    print(f"{'method':24s}" + "".join(f"{head:>13s}" for head in heads) + f"{'64 seeds':>12s}")
    for name, method in methods().items():
        if asked.only and name not in asked.only.split(","):
            continue
        figures = [figure for k in (2, 8) for figure in cost(name, method, k, asked.rounds)]
        through = "" if asked.no_engine else f"{faster(method(2), asked.rounds):.0f}x"
        print(f"{name:24s}" + "".join(f"{figure:>13s}" for figure in figures) + f"{through:>12s}", flush=True)


if __name__ == "__main__":
    main()
