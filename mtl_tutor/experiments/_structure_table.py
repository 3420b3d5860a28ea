"""The table of ways to fit and structures: who wins where, and what of it is a claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._family_fits import ALONE, GP, GP_ALONE, WAYS, Errors, chosen, first_chosen
from mtl_tutor.experiments._structured_tasks import CURVES, GROUPS, INPUTS, MEAN, NOTHING, OPPOSITES, PARTLY, SUBSPACE, UNEVEN
from mtl_tutor.results import Bars, Claim, Role
from mtl_tutor.statistics import Interval, bootstrap, relative_change

Table = Mapping[str, Float[np.ndarray, "seed"]]
Firsts = Mapping[str, Float[np.ndarray, "seed"]]

OWN = {
    MEAN: "mean",
    INPUTS: "joint features",
    PARTLY: "dirty",
    SUBSPACE: "trace norm",
    GROUPS: "clusters",
    OPPOSITES: "covariance",
    CURVES: GP,
}
APART = dict.fromkeys(OWN, "ridge") | {INPUTS: "lasso", PARTLY: "lasso", CURVES: GP_ALONE}
_LITTLE = ("ridge", "lasso", "ridge, each", "lasso, each", "joint features", "dirty")
_LINEAR = tuple(way for way in WAYS if way not in (GP, GP_ALONE))  # with 20 inputs, a process is worse than a ridge: see the widget
FITTED = dict.fromkeys(OWN, _LINEAR) | {CURVES: WAYS, NOTHING: WAYS, UNEVEN: _LITTLE}  # in each world, what can decide a claim
MORE = {CURVES: 2, UNEVEN: 3}  # times as many draws, where leads are small
TWINS = {"trace norm": "covariance", "covariance": "trace norm"}
NAIVE = ("least squares", "one fit for all", "mean, no ridge")
SHARING = tuple(OWN.values())


@dataclass(frozen=True, eq=False)
class StructuresResult:
    """Risks: squared errors without noise, where labels have variance 1.

    Attributes
    ----------
    risks : structure -> way to fit -> risk of every draw, averaged over tasks.
    firsts : risk of the first task, summed over structures: by the own way "beside true" and "beside shuffled" tasks, and "apart".
    claims : what was decided.
    """

    risks: Mapping[str, Table]
    firsts: Firsts
    claims: tuple[Claim, ...] = ()

    def change(self, world: str, way: str, less: str) -> Interval:
        """By which share one way's risk exceeds another's."""
        return relative_change(self.risks[world][way], self.risks[world][less])

    def best(self, world: str, ways: Sequence[str]) -> str:
        """The way of the lowest risk among some."""
        table = self.risks[world]
        return min((way for way in ways if way in table), key=lambda way: table[way].mean())

    def lead(self, world: str, own: str) -> Interval:
        """The risk of a structure's own way against the best other's that is no twin of it; less than 0: it wins."""
        return self.change(world, own, self.best(world, [way for way in WAYS if way not in (own, TWINS.get(own))]))

    def gain(self, world: str, way: str) -> Interval:
        """The risk of a way against the best fit alone."""
        return self.change(world, way, self.best(world, ALONE))

    def effects(self) -> dict[str, Interval]:
        """Id of a sentence -> what was measured; of several, the one that speaks most against it."""
        ids = dict(zip(("mean", "inputs", "partly", "subspace", "groups", "opposites", "curves"), OWN.items(), strict=True))
        leads = {name: self.lead(world, own) for name, (world, own) in ids.items()} | {"uneven": self.lead(UNEVEN, "dirty")}
        elsewhere = [self.gain(world, way) for world, own in OWN.items() for way in SHARING if way not in (own, TWINS.get(own), GP)]
        twins = [self.change(world, "covariance", "trace norm") for world in OWN if world != CURVES]
        unshared = [self.gain(NOTHING, way) for way in SHARING]
        return leads | {
            "alone": max((self.gain(world, own) for world, own in OWN.items() if own != GP), key=_estimate),
            "only": min(elsewhere, key=_estimate),
            "true": relative_change(self.firsts["beside true"], self.firsts["apart"]),
            "shuffled": relative_change(self.firsts["beside shuffled"], self.firsts["apart"]),
            "twins": max(twins, key=lambda interval: abs(interval.estimate)),
            "nothing": min(unshared, key=_estimate),
            "harm": max((self.gain(NOTHING, way) for way in SHARING if way != GP), key=_estimate),
            "harm-GP": self.change(NOTHING, GP, GP_ALONE),
            "no-ridge": self.gain(NOTHING, "mean, no ridge"),
            "shared-only": self.change(MEAN, "least squares", "mean"),
        }

    def bars(self, world: str) -> Bars:
        """Picture the risk of every way on one structure; least squares lie far off and are left out."""
        table = {way: risk for way, risk in self.risks[world].items() if way != "least squares"}
        roles: dict[str, Role] = {way: "main" if way in SHARING else "control" if way in NAIVE else "single_task" for way in table}
        return Bars({way: bootstrap(risk) for way, risk in table.items()}, roles, "risk (variance of the labels: 1)", (0.0, 1.4))


def table_of(rows: Sequence[Mapping[str, Errors]], ways: Sequence[str]) -> Table:
    """Choose settings by validation: way -> risk of every draw."""
    return {way: np.array([chosen(way, errors) for errors in rows]) for way in ways}


def firsts_of(rows: Mapping[str, Sequence[Mapping[str, Errors]]], shuffled: Float[np.ndarray, "seed"]) -> Firsts:
    """Add up over structures what the first task loses by the own way and apart, draw by draw."""

    def total(ways: Mapping[str, str]) -> Float[np.ndarray, "seed"]:
        return np.sum([[first_chosen(way, errors) for errors in rows[world][: len(shuffled)]] for world, way in ways.items()], axis=0)

    return {"beside true": total(OWN), "beside shuffled": shuffled, "apart": total(APART)}


def _estimate(interval: Interval) -> float:
    return interval.estimate
