"""Four trunks from one start, and all that can be done with what they have changed: added, subtracted, compared in pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from mtl_tutor.experiments._base import TUNING_SEED, Sentence
from mtl_tutor.experiments._two_layers import Nets, begun, fitted
from mtl_tutor.experiments._vectors import HEAD, N_FEATURES, N_TASKS, Draws, Vectors, added, common_start, drawn, per_task, shuffled
from mtl_tutor.statistics import Interval, bootstrap, relative_change, resampled

RATES, LOOKS = (0.001, 0.003, 0.01, 0.03), (5, 10, 20, 40, 80, 160)  # 0.0003 and 320 steps were tried, and changed nothing
COEFFICIENTS = np.round(np.arange(-10, 13) / 10, 1)
ZERO = 10  # where in them
FAMILIES = ("one subspace", "no subspace in common", "own inputs", "own inputs, biases still")
Setting = tuple[float, int]


@dataclass(frozen=True, eq=False)
class Sums:
    """What came out for one family.

    Attributes
    ----------
    errors : arm -> mean error of the four tasks: "start" (the head is fitted, the trunk stays), "own" (a trunk per task), "joint" (one
        trunk, trained on all four), "alone" (from a start of its own); and the sum, "sum", with the coefficient that validation
        prefers ("coefficient"), or with 1 ("plain sum"); also with other tasks' vectors replaced by "random" ones of the same length
        or by those of "shuffled" labels.
    over : the same for all of `COEFFICIENTS`.
    cosines : between the vectors of two tasks, for every ordered pair.
    harm : what adding the second's vector costs the first of the pair, over its own net.
    forgot : what subtracting a vector costs its own task, and the mean of what it costs the others.
    settings : arm -> learning rate and steps.
    """

    errors: Mapping[str, Float[np.ndarray, "seed"]]
    over: Mapping[str, Float[np.ndarray, "seed point"]]
    cosines: Float[np.ndarray, "seed column"]
    harm: Float[np.ndarray, "seed column"]
    forgot: Float[np.ndarray, "seed 2"]
    settings: Mapping[str, Setting]


@dataclass(frozen=True)
class Way:
    """How nets are trained: from the common start or another, what stays, and how many tasks share a trunk."""

    apart: bool = False
    still: tuple[str, ...] = ()
    together: int = 1

    def fitted(self, start: Nets, draws: Draws, seeds: Sequence[int], lr: float, looks: Sequence[int]) -> list[Nets]:
        """Train all rows."""
        first = begun([N_TASKS * seed + task for seed in seeds for task in range(N_TASKS)], N_FEATURES, start.w.shape[2])
        return fitted(first if self.apart else start, *draws.train, lr=lr, looks=looks, still=self.still, together=self.together)


def sums_of(family: str, seeds: Sequence[int], *, n_hidden: int, n_samples: int, noise: float) -> Sums:
    """Tune, train and add, for one family."""
    kind, *still = family.split(", biases ")
    ways = {"own": Way(still=HEAD + ("b",) * len(still)), "joint": Way(together=N_TASKS), "alone": Way(apart=True)}
    size = n_samples, noise
    tuning = range(TUNING_SEED, TUNING_SEED + 20)
    settings = _tuned(ways, drawn(kind, tuning, *size), tuning, n_hidden)
    draws = drawn(kind, seeds, *size)
    start = common_start(seeds, draws, n_hidden)

    def trained(way: str, draws: Draws) -> Nets:
        lr, steps = settings[way]
        return ways[way].fitted(start, draws, seeds, lr, (steps,))[0]

    nets = {"start": start} | {way: trained(way, draws) for way in ways}
    mixed = trained("own", draws._replace(train=shuffled(draws.train, seeds)))
    own = Vectors.of(nets["own"], start)
    others = {
        "sum": own.of_other_tasks(),
        "random": own.turned_at_random(seeds).of_other_tasks(),
        "shuffled": Vectors.of(mixed, start).of_other_tasks(),
    }
    over = {arm: _over(start, own, other, draws.test) for arm, other in others.items()}
    best = {arm: _over(start, own, other, draws.validation)[:, ZERO:].argmin(axis=1) for arm, other in others.items()}
    errors = {name: per_task(net.errors(*draws.test)).mean(axis=1) for name, net in nets.items()}
    errors |= {arm: np.take_along_axis(over[arm][:, ZERO:], best[arm][:, None], axis=1)[:, 0] for arm in others}
    errors["plain sum"] = over["sum"][:, 2 * ZERO]
    errors["coefficient"] = COEFFICIENTS[ZERO:][best["sum"]]
    return Sums(errors, over, *_pairs(start, own, draws), _forgot(start, own, draws), settings)


def _over(start: Nets, own: Vectors, others: Vectors, samples: tuple[torch.Tensor, torch.Tensor]) -> Float[np.ndarray, "seed point"]:
    """The mean error of a seed's tasks for every coefficient."""
    return np.stack([per_task(added(start, float(c), own, others).errors(*samples)).mean(axis=1) for c in COEFFICIENTS], axis=1)


def _tuned(ways: Mapping[str, Way], draws: Draws, seeds: Sequence[int], n_hidden: int) -> dict[str, Setting]:
    """Choose each way's learning rate and steps by its validation error, on seeds that are not reported."""
    start, settings = common_start(seeds, draws, n_hidden), {}
    for name, way in ways.items():
        tried = {(lr, steps): nets for lr in RATES for steps, nets in zip(LOOKS, way.fitted(start, draws, seeds, lr, LOOKS), strict=True)}
        settings[name] = min(tried, key=lambda setting: tried[setting].errors(*draws.validation).mean())
    return settings


def _pairs(start: Nets, own: Vectors, draws: Draws) -> tuple[Float[np.ndarray, "seed column"], Float[np.ndarray, "seed column"]]:
    """Cosine and harm of every ordered pair of a seed's tasks."""
    alone, cosines, harm = added(start, 1.0, own).errors(*draws.test), [], []
    for places in range(1, N_TASKS):
        other = own.of_task_after(places)
        cosines.append(per_task(torch.cosine_similarity(own.flat(), other.flat()).numpy()))
        harm.append(per_task(added(start, 1.0, own, other).errors(*draws.test) - alone))
    return np.concatenate(cosines, axis=1), np.concatenate(harm, axis=1)


def _forgot(start: Nets, own: Vectors, draws: Draws) -> Float[np.ndarray, "seed 2"]:
    """What every task loses to its own vector, subtracted, and to the others'."""
    before = start.errors(*draws.test)
    lost = [added(start, -1.0, own.of_task_after(places)).errors(*draws.test) - before for places in range(N_TASKS)]
    return np.stack([per_task(lost[0]).mean(axis=1), np.mean([per_task(rows).mean(axis=1) for rows in lost[1:]], axis=0)], axis=1)


def effect_of(s: Sentence, sums: Sums) -> Interval:
    """Measure what a sentence is about."""
    if s.less:
        return relative_change(sums.errors[s.more], sums.errors[s.less])
    if s.more == "kept":
        columns = np.column_stack([sums.errors[arm] for arm in ("start", "sum", "own")])
        return resampled(columns, lambda rows: (rows[:, 0] - rows[:, 1]).sum() / (rows[:, 0] - rows[:, 2]).sum())
    if s.more == "others' share":
        return resampled(sums.forgot, lambda rows: rows[:, 1].sum() / rows[:, 0].sum())
    return bootstrap({"cosine": sums.cosines.mean(axis=1), "own loss": sums.forgot[:, 0], "ranks": _ranked(sums)}[s.more])


def _ranked(sums: Sums) -> Float[np.ndarray, "seed"]:
    """The rank correlation of cosine and harm over the pairs of each seed."""
    ranks = (values.argsort(axis=1).argsort(axis=1) for values in (sums.cosines, sums.harm))
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(*ranks, strict=True)])
