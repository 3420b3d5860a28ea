"""Which tasks belong together, and for how long? A planted tree, and three ways to find it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.results import Bars, Claim
from mtl_tutor.sharing import Branching, SingleTask, cut_tree, grow_tree, hidden_layers
from mtl_tutor.statistics import Interval, paired_difference, wilson
from mtl_tutor.tasks import TaskData, task_tree
from mtl_tutor.training import inspect_nets, train

PAIRS, APART = ((0, 0, 1, 1), (0, 0, 1, 1)), 1_000_000
VANDENHENDE, GUO, MANY = "Vandenhende et al. 2020", "Guo et al. 2020", 300
SENTENCES = (
    Sentence("grown", "Trees grown from single-task nets are right in four draws of five", VANDENHENDE, "grown", least=0.8),
    Sentence("grown-few", "... and in more than half of them from a third of the samples", VANDENHENDE, "grown, few", least=0.5),
    Sentence("labels", "... and right no less often than trees of the labels' correlations", "ours", "grown", "labels", least=-0.05),
    Sentence("labels-few", "... from a third of the samples by a fifth more often", "ours", "grown, few", "labels, few", least=0.2),
    Sentence("one-net", "One net that learns its routes finds the tree in seven draws of ten", GUO, "one net", least=0.7),
    Sentence("six-nets", "... and the mean of six such nets does", "ours", "six nets", least=0.7),
    Sentence("six-one", "... more often than one", "ours", "six nets", "one net", least=0.0),
)


@dataclass(frozen=True, eq=False)
class PlantedTreeResult:
    """Who found the tree.

    Attributes
    ----------
    found : way -> whether its tree was the planted one, for every draw.
    claims : what was decided.
    """

    found: Mapping[str, Bool[np.ndarray, "seed"]]
    claims: tuple[Claim, ...] = ()

    def bars(self) -> Bars:
        """Picture how often each way was right; one in seven is what guessing finds."""
        bars = {name: wilson(hits) for name, hits in self.found.items()}
        return Bars(bars, ylabel="share of draws with the right tree", ylim=(0.0, 1.0), reference=1 / 7)


@dataclass(frozen=True)
class PlantedTree:
    """What single-task nets have learned tells which tasks belong together; and so do learned routes, averaged over nets.

    Four tasks in two pairs that share nothing but the inputs; a tree is right if it has these pairs.

    Attributes
    ----------
    seeds, first_seed : how many draws of tasks, and the first of their seeds.
    n_few : samples where they are few; else there are 300.
    n_nets : nets with routes of their own per draw.

    Raises
    ------
    ValueError : fewer than 20 seeds or samples or two nets, or a negative first seed.

    Source: trees as in Vandenhende et al. (2020), routes as in Guo, Lee & Ulbricht (2020). Departures: as in `grow_tree` and `Branching`.
    """

    seeds: int = 60
    first_seed: int = 1000
    n_few: int = 100
    n_nets: int = 6

    name, chapter = "planted-tree", "sharing/layers-and-cascades"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("n_few", 20), ("n_nets", 2))

    def run(self, *, progress: bool = False) -> PlantedTreeResult:
        """Draw, train, grow, and decide, in a minute; `progress` has nothing to show."""
        routes = self.routes()
        found = {
            "grown": self.grown(MANY),
            "grown, few": self.grown(self.n_few),
            "labels": self.by_labels(MANY),
            "labels, few": self.by_labels(self.n_few),
            "one net": np.array([are_pairs(cut_tree(nets[0], [2])[0]) for nets in routes]),
            "six nets": np.array([are_pairs(cut_tree(nets.mean(axis=0), [2])[0]) for nets in routes]),
        }
        return PlantedTreeResult(found, tuple(s.claim(self.name, _effect(found, s)) for s in SENTENCES))

    def draw(self, seed: int, n_samples: int = MANY) -> TaskData:
        """Four tasks on the same samples."""
        return task_tree(4, n_samples, tree=PAIRS, separate=False, seed=seed).data

    def grown(self, n_samples: int) -> Bool[np.ndarray, "seed"]:
        """Train a net per task, and grow the tree from how alike they find a hundred samples."""
        seeds, net = range(self.first_seed, self.first_seed + self.seeds), SingleTask(6, (16, 16), 4, init_scale=0.1)
        history = train(net, lambda seed: self.draw(seed, n_samples), seeds=seeds, steps=100, lr=0.01, eval_every=100)
        found = []
        for row, seed in enumerate(seeds):
            net.load_state_dict({name: torch.from_numpy(values[row]) for name, values in history.parameters.items()})
            layers = hidden_layers(net, self.draw(seed, n_samples).train.x[:100])
            found.append(are_pairs(grow_tree(layers, [2, 2]).groups[0]))
        return np.array(found)

    def by_labels(self, n_samples: int) -> Bool[np.ndarray, "seed"]:
        """Cut the tree of the labels' correlations, for which nothing is trained."""
        labels = (self.draw(seed, n_samples).train.y for seed in range(self.first_seed, self.first_seed + self.seeds))
        return np.array([are_pairs(cut_tree(1 - np.abs(np.corrcoef(y.T)), [2])[0]) for y in labels])

    def routes(self) -> Float[np.ndarray, "seed run task task"]:
        """Train nets that choose among branches; how far apart the tasks' routes are in the first layer, for each draw and net."""
        seeds = [seed + APART * k for seed in range(self.first_seed, self.first_seed + self.seeds) for k in range(self.n_nets)]
        net = Branching(6, (4, 4), 4, n_branches=(2, 2), crispness=0.03, init_scale=0.1)
        history = train(net, lambda code: self.draw(code % APART), seeds=seeds, steps=300, lr=0.02, eval_every=300)
        routes = inspect_nets(net, history, np.zeros((1, 6)))["routes_1"]
        unit = routes / np.linalg.norm(routes, axis=2, keepdims=True)
        return (1 - unit @ unit.swapaxes(1, 2)).reshape(self.seeds, self.n_nets, 4, 4)


def are_pairs(groups: Int[np.ndarray, "task"]) -> bool:
    """Whether the first two tasks are together, and the last two, and nobody else."""
    return bool((np.equal.outer(groups, groups) == np.equal.outer(PAIRS[0], PAIRS[0])).all())


def _effect(found: Mapping[str, Bool[np.ndarray, "seed"]], sentence: Sentence) -> Interval:
    if sentence.less is None:
        return wilson(found[sentence.more])
    return paired_difference(1.0 * found[sentence.more], 1.0 * found[sentence.less])
