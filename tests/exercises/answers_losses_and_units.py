"""Answers to the exercises of *Losses and units*."""

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from tests.exercises.answers import Answers


def focal(p, q, gamma):
    return -q * (1 - p) ** gamma * np.log(p) - (1 - q) * p**gamma * np.log(1 - p)


def on_a_grid(q, gamma):
    p = np.linspace(0.0005, 0.9995, 2000)
    return p[focal(p, q, gamma).argmin()]


def minimised(q, gamma):
    return minimize_scalar(focal, bounds=(1e-6, 1 - 1e-6), args=(q, gamma), method="bounded", options={"xatol": 1e-8}).x


def where_the_slope_is_zero(q, gamma):
    def slope(p, step=1e-7):
        return (focal(p + step, q, gamma) - focal(p - step, q, gamma)) / (2 * step)

    return brentq(slope, 0.001, 0.999)


TABLE = {
    "check_one_scale": Answers(
        accepted=[
            lambda losses: losses.log().sum(),
            lambda losses: losses.log().mean(),
            lambda losses: (losses / losses.detach()).sum(),
            lambda losses: losses.prod().sqrt(),
        ],
        rejected=[
            (lambda losses: losses.sum(), "with the second loss 1e-06 times as large, the error on task 2"),
            (lambda losses: losses.mean(), "the error on task 2"),
            (lambda losses: losses.sqrt().sum(), "times as large, the error on task"),
            (lambda losses: losses.max(), "the error on task"),
            (lambda losses: losses[0] + losses[1] / 1e6, "in equal units, the error on task 2"),
            (lambda losses: (losses.softmax(0) * losses).sum(), "the error on task"),
            (lambda losses: losses.log(), "one number"),
            (lambda losses: losses.detach().log().sum(), "doesn't depend on the losses"),
        ],
    ),
    "check_focal_minimum": Answers(
        accepted=[on_a_grid, minimised, where_the_slope_is_zero],
        rejected=[
            (lambda q, gamma: q, "nearer to 0.5 than q"),
            (lambda q, gamma: 0.5, "lowest at q itself"),
            (lambda q, gamma: on_a_grid(q, 0.0), "nearer to 0.5 than q"),
            (lambda q, gamma: q ** (1 / (1 + gamma)), "alike, so it is lowest at 0.5"),
            (lambda q, gamma: on_a_grid(1 - q, gamma), "lowest at q itself"),
            (lambda q, gamma: q if q > 0.5 else on_a_grid(q, gamma), "don't sum to 1"),
            (lambda q, gamma: 0.5 + (q - 0.5) / (1 + gamma), "is wrong"),
        ],
    ),
}
