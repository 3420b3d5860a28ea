"""Experiments from the outside: settings are checked, the command line tells the truth, the landscape is one."""

import json

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator
from sklearn.linear_model import Ridge
from torch import nn

from mtl_tutor.__main__ import EXPERIMENTS, main
from mtl_tutor.experiments import (
    AttributeSelection,
    DataAmplification,
    Eavesdropping,
    Reconstruction,
    SharedMinimum,
    Stein,
    Subspace,
    Tide,
    james_stein,
    valleys,
    xor_plane,
)
from mtl_tutor.experiments._linear_fits import PENALTIES, fit_all
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import linear_tasks, only_tasks, parity
from mtl_tutor.training import train

BESIDE = ("baseline", "control", "rule", "condition", "printed")


@pytest.mark.parametrize("bad", [{"seeds": 5}, {"first_seed": -1}, {"mild": 0.5}, {"mild": 4.0, "strong": 2.0}])
def test_shared_minimum_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        SharedMinimum(**bad)


@pytest.mark.parametrize("experiment", [AttributeSelection, DataAmplification])
@pytest.mark.parametrize("bad", [{"n_tasks": 1}, {"n_samples": 3}, {"noise": -1.0}, {"first_seed": 900_000}, {"seeds": 19}])
def test_trials_of_views_refuse_impossible_settings(experiment, bad):
    with pytest.raises(ValueError, match="must"):
        experiment(**bad)


@pytest.mark.parametrize("bad", [{"n_coins": 3}, {"n_samples": 9}, {"noise": -1.0}, {"tuning_seeds": 2}])
def test_eavesdropping_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Eavesdropping(**bad)


@pytest.mark.parametrize("bad", [{"seeds": 3}, {"first_seed": -1}])
def test_tide_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Tide(**bad)


@pytest.mark.parametrize("bad", [{"seeds": 3}, {"first_seed": -1}, {"rank": 0}, {"n_samples": 0}, {"noise": -0.1}])
def test_subspace_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Subspace(**bad)


@pytest.mark.parametrize("bad", [{"seeds": 3}, {"first_seed": -1}])
def test_stein_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Stein(**bad)


@pytest.mark.parametrize("bad", [{"n_components": 0}, {"weight": -1.0}, {"seeds": 3}])
def test_reconstruction_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Reconstruction(**bad)


def test_shrinking_never_turns_a_measurement_around_and_leaves_two_alone():
    y = np.random.default_rng(0).normal(size=(50, 10))
    assert (james_stein(y) * y >= 0).all()
    assert (np.abs(james_stein(y)) <= np.abs(y)).all()
    np.testing.assert_array_equal(james_stein(y[:, :2]), y[:, :2])


def test_a_draw_of_tasks_has_the_same_risks_each_time():
    trial = Subspace(seeds=20)
    few, many = trial.risks((1, 3), 7), trial.risks((1, 3), 7)
    assert few == many
    assert all(value >= 0 for values in few.values() for value in values)


def test_without_an_experiment_the_command_line_lists_all_of_them(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(EXPERIMENTS)
    assert "shared-minimum" in EXPERIMENTS


def test_json_is_one_object_with_every_claim(capsys):
    assert main(["shared-minimum", "--seeds", "20", "--first-seed", "77", "--n-hidden", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["experiment"], report["seeds"], report["first_seed"]) == ("shared-minimum", 20, 77)
    assert set(report["claims"][0]) == {"id", "claim", "source", "estimate", "low", "high", "n", "verdict", *BESIDE}
    assert all(claim["low"] <= claim["estimate"] <= claim["high"] for claim in report["claims"])


def test_settings_reach_the_experiment_and_bad_ones_come_back_as_a_sentence(capsys):
    assert main(["shared-minimum", "--seeds", "3"]) == 2
    assert "at least 20" in capsys.readouterr().err


def test_every_walk_over_the_valleys_goes_downhill():
    def height(u, v):
        d1, d2 = (u + 1) ** 2, (v - 1) ** 2
        return (u**2 - 1) ** 2 / 2 - 0.4 * u + d1 * d2 / (d1 + d2)

    picture = valleys(0.4)
    levels = height(picture.paths[..., 0], picture.paths[..., 1])
    assert (np.diff(levels, axis=1) < 1e-9).all()


def test_no_preference_leaves_a_and_a_strong_one_ends_in_b_and_c():
    free, forced = (np.bincount(valleys(preference).kinds, minlength=3) for preference in (0.0, 1.6))
    assert free[0] > 100
    assert forced[1] == 200


@pytest.mark.parametrize("bad", [{"n_starts": 0}, {"lr": 0.0}, {"weight": -1.0}])
def test_valleys_refuses(bad):
    with pytest.raises(ValueError, match="positive"):
        valleys(**bad)


def test_a_subspace_that_is_the_whole_space_leaves_ridge_regression():
    tasks = linear_tasks(2, 12, n_features=4, rank=4, seed=3)
    ridges = []
    for penalty in PENALTIES:
        fits = [Ridge(penalty, fit_intercept=False).fit(x, y).coef_ for x, y in zip(tasks.x, tasks.y, strict=True)]
        wrong = np.mean([(x @ w - y) ** 2 for x, y, w in zip(tasks.x_validation, tasks.y_validation, fits, strict=True)])
        ridges.append((wrong, np.array(fits)))
    np.testing.assert_allclose(fit_all(tasks, rank=4)["joint, penalised"], min(ridges, key=lambda tried: tried[0])[1], atol=1e-6)


def test_the_plane_of_xor_holds_the_start_and_both_ends_and_shows_the_loss_there():
    plane = xor_plane(seed=1000, steps=60)
    heights = RegularGridInterpolator((plane.y, plane.x), plane.z)
    for way, data in zip(plane.paths, (only_tasks(parity(2), [0]), parity(2)), strict=True):
        net = HardSharing(2, 2, len(data.tasks), activation=nn.Tanh)
        start, end = (train(net, data, seeds=[1000], steps=steps, lr=lr, eval_every=1) for steps, lr in ((1, 1e-12), (60, 0.05)))
        names = ("trunk.0.weight", "trunk.0.bias", "heads.0.weight", "heads.0.bias")
        length = np.sqrt(sum(((end.parameters[name] - start.parameters[name]) ** 2).sum() for name in names))
        np.testing.assert_allclose(way[0], 0, atol=1e-12)
        assert np.linalg.norm(way[-1]) == pytest.approx(length, rel=1e-4)
        for place, run in ((way[0], start), (way[-1], end)):
            assert heights(place[::-1])[0] == pytest.approx(run.loss["train"][0, -1, 0], abs=0.02)
