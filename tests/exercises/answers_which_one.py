"""Answers to the exercises of *Which architecture?*."""

from collections.abc import Mapping

import numpy as np
from torch import nn

from mtl_tutor.experiments import read_atlas
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import train
from tests.exercises.answers import Answers

ATLAS = read_atlas()
BREAKING = [name for name, row in ATLAS.rows.items() if row.cases("gain") and row.cases("harm")]
PLACES = [(name, case) for name in BREAKING for case in ATLAS.rows[name].cases("harm")]
OF_ONE = [place for place in PLACES if place[0] == PLACES[0][0]]
GAIN = (BREAKING[0], ATLAS.rows[BREAKING[0]].cases("gain")[0])


def errors(nets: Mapping[str, nn.Module], data: TaskData, split: str, seeds: int = 4) -> dict[str, float]:
    found = {name: train(net, data, seeds=seeds, steps=100, lr=0.1, weight_decay=0.03, eval_every=10) for name, net in nets.items()}
    return {name: history.best(split).mean() for name, history in found.items()}


def by(split: str, seeds: int = 4, pick=min):
    def choose(nets: Mapping[str, nn.Module], data: TaskData) -> str:
        found = errors(nets, data, split, seeds)
        return pick(found, key=found.__getitem__)

    return choose


TABLE = {
    "check_choose": Answers(
        accepted=[
            by("validation"),
            by("validation", seeds=8),
            lambda nets, data: np.array(list(nets))[np.argmin(list(errors(nets, data, "validation").values()))],
        ],
        rejected=[
            (lambda nets, data: "one trunk", "every time"),
            (lambda nets, data: "single-task", "every time"),
            (by("train"), "Which samples can tell"),
            (by("validation", pick=max), "Which samples can tell"),
            (by("test"), "raises ValueError"),
            (lambda nets, data: nets["one trunk"], "return one of the names"),
            (lambda nets, data: "HardSharing", "return one of the names"),
        ],
    ),
    "check_breaks": Answers(
        accepted=[PLACES, tuple(PLACES), set(PLACES), [list(place) for place in PLACES]],
        rejected=[
            (OF_ONE, "another architecture"),
            ([GAIN], "isn't harm"),
            ([("MMoE", "p3-n60")], "the atlas has no"),
            ([("MMoE", 0.5, 60, 6)], "a place is"),
            ([("Perceptron", PLACES[0][1])], "the atlas has no"),
            ([("MMoE", ["p5-n60"])], "a place is"),
            ([], "another architecture"),
            (range(2), "a place is"),
            ([[]], "a place is"),
            ([[b"", np.zeros((3, 3)), {}, 1]], "a place is"),
            (PLACES[0], "a place is"),
        ],
    ),
}
