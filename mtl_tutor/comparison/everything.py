"""All ways of sharing with default settings, and all planted structures, by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from mtl_tutor import recipes, sharing, tasks
from mtl_tutor.comparison._entries import Way
from mtl_tutor.recipes import GaussianProcess, Linear
from mtl_tutor.sharing import regularised
from mtl_tutor.tasks import Planted, TaskData


@dataclass(frozen=True)
class Drawn:
    """Draw a planted structure, and keep only its data."""

    draw: Callable[..., Planted]

    def __call__(self, seed: int) -> TaskData:
        """The data of one seed."""
        return self.draw(seed=seed).data


@dataclass(frozen=True)
class Dirty:
    """The dirty model with its second strength as a share of the first."""

    share: float

    def __call__(self, strength: float) -> regularised.Regularised:
        """The dirty model with this first strength."""
        return regularised.DirtyModel(strength, self.share * strength)


NETWORKS: Sequence[type[sharing.Architecture]] = (
    sharing.HardSharing,
    sharing.SoftSharing,
    sharing.CrossStitch,
    sharing.Sluice,
    sharing.NDDR,
    sharing.MTAN,
    sharing.OMoE,
    sharing.MMoE,
    sharing.CGC,
    sharing.PLE,
    sharing.LowLevelSupervision,
    sharing.Cascade,
    sharing.Branching,
    sharing.TaskDecomposition,
    sharing.GlobalAndLocal,
    sharing.TaskConditioned,
    sharing.TaskEmbedding,
    sharing.Adapters,
    sharing.LowRank,
    sharing.HyperNetwork,
    sharing.TaskTokens,
)
PENALTIES: Sequence[Callable[[float], regularised.Regularised]] = (
    regularised.MeanRegularised,
    regularised.JointFeatures,
    regularised.TraceNorm,
    regularised.TaskCovariance,
    regularised.Clustered,
)
OTHERS: Sequence[recipes.Recipe] = (
    GaussianProcess(),
    recipes.Averaging(),
    recipes.Voting(),
    recipes.Bagging(),
    recipes.Stacking(),
    recipes.CurdsAndWhey(),
    recipes.FineTuning(),
    recipes.TaskArithmetic(),
    recipes.Merging(),
)
WAYS: Mapping[str, Way | Sequence[Way]] = {
    **{network.__name__: network for network in NETWORKS},
    **{recipe.name: recipe for recipe in (*map(Linear, PENALTIES), *OTHERS)},
    "DirtyModel": tuple(Linear(Dirty(share)) for share in (0.15, 0.3, 0.6)),
}
PLANTED: Mapping[str, Drawn] = {
    "shared-subspace": Drawn(tasks.shared_subspace),
    "shared-subspace-curved": Drawn(partial(tasks.shared_subspace, curved=True)),
    "shared-rows": Drawn(tasks.shared_rows),
    "deviations": Drawn(tasks.deviations),
    "clusters": Drawn(tasks.clusters),
    "task-tree": Drawn(tasks.task_tree),
    "needed-answer": Drawn(tasks.needed_answer),
    "sine-codes": Drawn(tasks.sine_codes),
    "task-pairs": Drawn(tasks.task_pairs),
}
