"""What codes do, in pictures: the plane they lie in, and new curves that they answer."""

from functools import cache

import numpy as np

from mtl_tutor.experiments._code_nets import codes_of
from mtl_tutor.experiments._new_curves import GRID, film_answers, found, nearest, told
from mtl_tutor.experiments.zero_shot import NET, ZeroShot
from mtl_tutor.results import Curves, History, Map, Role
from mtl_tutor.statistics import Interval, bootstrap

SHARE = "error, share of the curve's mean square"
QUARTERS: dict[str, Role] = {"phase 0 to 90°": "main", "90 to 180°": "other", "180 to 270°": "third", "270 to 360°": "fourth"}


@cache
def _trained(n_seeds: int) -> tuple[ZeroShot, History]:
    trial = ZeroShot(seeds=n_seeds, first_seed=2000)
    seeds = range(2000, 2000 + n_seeds)
    return trial, NET.train(trial.draw, seeds, 16, [0.01] * n_seeds)


def unseen(frequency: float = 1.0, labels: int = 8, *, n_seeds: int = 64) -> Curves:
    """Follow the error on new curves over their amplitude; trained ones have 0.5 to 1.5. One rate (0.01), untuned.

    Parameters
    ----------
    frequency : of the new curves; trained ones have 1.
    labels : how many labels find a code, where it isn't told.
    n_seeds : nets, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, history = _trained(n_seeds)
    planted = [trial.planted(int(seed)) for seed in history.seeds]
    amplitudes, lines = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]), dict[str, list[Interval]]()
    for amplitude in amplitudes:
        new = trial.new(history, planted, float(amplitude), frequency)
        codes = {"told its code": told(history, planted, new.code), "code found by labels": found(history, new, labels)}
        codes["nearest trained curve"] = nearest(history, planted, new.code)
        for name, given in codes.items():
            share = new.errors(film_answers(history, given, new.x)) / (new.y**2).mean(axis=(1, 2))
            lines.setdefault(name, []).append(bootstrap(share))
    lines["answer 0"] = [Interval(1.0, 1.0, 1.0, n_seeds)] * len(amplitudes)
    roles: dict[str, Role] = {
        "told its code": "main",
        "code found by labels": "third",
        "nearest trained curve": "other",
        "answer 0": "control",
    }
    return Curves.of_intervals(amplitudes, lines, roles=roles, xlabel="amplitude of the new curve", ylabel=SHARE, ylim=(0.0, 2.0))


def code_plane(seed: int = 0) -> Map:
    """Train one net on twenty curves, and map its plane of codes: where its curves lie, and how a new one fares everywhere.

    The plane is turned to the codes' principal axes, and each is stretched until the codes are spread as far along one as the other.

    Parameters
    ----------
    seed : of the curves and of the net.
    """
    trial = ZeroShot()
    planted = trial.planted(seed)
    history = NET.train(trial.draw, [seed], 16, [0.01])
    codes, new = codes_of(history), trial.new(history, [planted], None, 1.0)
    middle = codes[0].mean(axis=0)
    round_codes, lengths, axes = np.linalg.svd(codes[0] - middle, full_matrices=False)
    side = np.linspace(-0.5, 0.5, GRID)
    every = middle + np.stack(np.meshgrid(side, side), axis=-1).reshape(1, -1, 2) * lengths @ axes
    errors = ((film_answers(history, every, new.x) - new.y[:, :1]) ** 2).mean(axis=2).reshape(GRID, GRID)
    place = (told(history, [planted], new.code)[0, 0] - middle) @ axes.T / lengths
    kinds = (planted.truth["phase"] // (np.pi / 2)).astype(int)
    return Map(
        side,
        side,
        errors,
        xlabel="first axis of the codes, stretched to equal spread",
        ylabel="second axis",
        zlabel="shade: error on a new curve",
        marks={"×": (float(place[0]), float(place[1]))},
        points=round_codes,
        kinds=kinds,
        kind_names=QUARTERS,
        zlim=(0.0, 2.0),
    )
