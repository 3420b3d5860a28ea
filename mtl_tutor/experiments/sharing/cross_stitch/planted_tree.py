"""Which tasks belong together, and up to which layer? A planted tree, and three ways to find it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from mtl_tutor.experiments import Experiment, Hypothesis, above
from mtl_tutor.experiments.result import Measured
from mtl_tutor.sharing import Branching, SingleTask, cut_tree, grow_tree, hidden_layers
from mtl_tutor.tasks import TaskData, task_tree
from mtl_tutor.training import inspect_nets, train
from mtl_tutor.tuning import Setting

PAIRS = ((0, 0, 1, 1), (0, 0, 1, 1))
NEXT_NET = 1_000_000  # added to a seed: the same tasks, another net
VANDENHENDE, GUO, MANY = "Vandenhende et al. 2020", "Guo et al. 2020", 300
FOUND = "share of draws with the right tree"


@dataclass(frozen=True)
class PlantedTree(Experiment):
    """What single-task nets have learned tells which tasks belong together; so do learned routes, averaged over nets.

    Four tasks in two pairs that share nothing but the inputs; a tree is right if it has these pairs.

    Attributes
    ----------
    n_few : int
        Samples where they are few, at least 20; else there are 300.
    n_nets : int
        Nets with routes of their own per draw, at least 2.

    Notes
    -----
    Source: trees as in Vandenhende et al. (2020), routes as in Guo, Lee & Ulbricht (2020).
    Departures: as in `grow_tree` and `Branching`.
    """

    seeds: int = 60
    n_few: int = 100
    n_nets: int = 6

    name = "planted-tree"
    findings = ("grown",)
    smallest = (("n_few", 20), ("n_nets", 2))
    hypotheses = (
        Hypothesis("grown", "Trees grown from single-task nets are right in four draws of five",
                   VANDENHENDE, "grown", rule=above(0.8)),
        Hypothesis("grown-few", "... and in more than half of them from a third of the samples",
                   VANDENHENDE, "grown, few", rule=above(0.5)),
        Hypothesis("labels", "... and right no less often than trees of the labels' correlations",
                   "ours", "grown", "labels", above(-0.05)),
        Hypothesis("labels-few", "... from a third of the samples by a fifth more often",
                   "ours", "grown, few", "labels, few", above(0.2)),
        Hypothesis("one-net", "One net that learns its routes finds the tree in seven draws of ten",
                   GUO, "one net", rule=above(0.7)),
        Hypothesis("six-nets", "... and the mean of six such nets does", "ours", "six nets", rule=above(0.7)),
        Hypothesis("six-one", "... more often than one", "ours", "six nets", "one net"),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Find a tree in every way, for every draw of tasks."""
        routes = self.routes()
        found = {
            "grown": self.grown(MANY),
            "grown, few": self.grown(self.n_few),
            "labels": self.by_labels(MANY),
            "labels, few": self.by_labels(self.n_few),
            "one net": np.array([are_pairs(cut_tree(nets[0], [2])[0]) for nets in routes]),
            "six nets": np.array([are_pairs(cut_tree(nets.mean(axis=0), [2])[0]) for nets in routes]),
        }
        return {way: {FOUND: hits} for way, hits in found.items()}

    def draw(self, seed: int, n_samples: int = MANY) -> TaskData:
        """Draw four tasks on the same samples."""
        return task_tree(4, n_samples, tree=PAIRS, separate=False, seed=seed).data

    def grown(self, n_samples: int) -> Bool[np.ndarray, "seed"]:
        """Train a net per task, and grow the tree from the similarity of their hidden activations on 100 samples."""
        net = SingleTask(6, (16, 16), 4, init_scale=0.1)
        how = {"steps": 100, "lr": 0.01, "eval_every": 100, "n_jobs": self.n_jobs}
        history = train(net, lambda seed: self.draw(seed, n_samples), seeds=self.seed_range, **how)
        found = []
        for row, seed in enumerate(self.seed_range):
            net.load_state_dict({name: torch.from_numpy(values[row]) for name, values in history.parameters.items()})
            layers = hidden_layers(net, self.draw(int(seed), n_samples).train.x[:100])
            found.append(are_pairs(grow_tree(layers, [2, 2]).groups[0]))
        return np.array(found)

    def by_labels(self, n_samples: int) -> Bool[np.ndarray, "seed"]:
        """Cut the tree of the labels' correlations, for which nothing is trained."""
        labels = (self.draw(int(seed), n_samples).train.y for seed in self.seed_range)
        return np.array([are_pairs(cut_tree(1 - np.abs(np.corrcoef(y.T)), [2])[0]) for y in labels])

    def routes(self) -> Float[np.ndarray, "seed run task task"]:
        """Train nets that choose among branches; measure the tasks' cosine distances by their first routes."""
        seeds = [int(seed) + NEXT_NET * k for seed in self.seed_range for k in range(self.n_nets)]
        net = Branching(6, (4, 4), 4, n_branches=(2, 2), crispness=0.03, init_scale=0.1)
        how = {"steps": 300, "lr": 0.02, "eval_every": 300, "n_jobs": self.n_jobs}
        history = train(net, lambda code: self.draw(code % NEXT_NET), seeds=seeds, **how)
        routes = inspect_nets(net, history, np.zeros((1, 6)))["routes_1"]
        unit = routes / np.linalg.norm(routes, axis=2, keepdims=True)
        return (1 - unit @ unit.swapaxes(1, 2)).reshape(self.seeds, self.n_nets, 4, 4)


def are_pairs(groups: Int[np.ndarray, "task"]) -> bool:
    """Whether the first two tasks are together, and the last two, and nobody else."""
    return bool((np.equal.outer(groups, groups) == np.equal.outer(PAIRS[0], PAIRS[0])).all())
