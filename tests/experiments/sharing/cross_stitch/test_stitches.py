"""Stitches read out: shares at the start are those of the start, and what is cut is not heard."""

from dataclasses import replace

import numpy as np
import pytest

from mtl_tutor.experiments import Stitches, exchanged_share, main_error, without_exchange
from mtl_tutor.experiments.sharing.cross_stitch.stitches import CUT, ERROR, MEANS, NETS, SHARE, FastStitches, with_means
from mtl_tutor.sharing import CrossStitch
from mtl_tutor.training import inspect_nets, predict, train
from mtl_tutor.tuning import Setting, Settings

TRIAL = Stitches(seeds=20, n_samples=20, steps=4)
DRAW = TRIAL.pairs(0.0)


def trained(kind, start=0.9, lr=0.05):
    net = NETS[kind](10, (4, 4), 2, start=start)
    return net, train(net, DRAW, seeds=[1, 2, 3], steps=5, lr=lr)


@pytest.mark.parametrize(("kind", "share"), [("stitch", 0.1), ("NDDR", 0.1), ("sluice", 0.2 / 3)])
def test_before_training_the_share_is_that_of_the_start(kind, share):
    """Of a sluice's four subspaces two are the other task's, and these share two thirds of what is not a subspace's own."""
    np.testing.assert_allclose(exchanged_share(*trained(kind, lr=1e-12)), share, atol=1e-6)


@pytest.mark.parametrize("kind", NETS)
def test_equal_parts_are_a_share_of_one_half_and_none_is_none(kind):
    np.testing.assert_allclose(exchanged_share(*trained(kind, start=1.0, lr=1e-12)), 0.0, atol=1e-6)
    if kind != "sluice":
        np.testing.assert_allclose(exchanged_share(*trained(kind, start=0.5, lr=1e-12)), 0.5, atol=1e-6)


def test_signs_do_not_count():
    net, history = trained("stitch")
    other = replace(history, parameters={**history.parameters, "stitches": -history.parameters["stitches"]})
    np.testing.assert_allclose(exchanged_share(net, history), exchanged_share(net, other))


def test_uncut_nets_have_the_error_that_training_recorded():
    net, history = trained("stitch")
    np.testing.assert_allclose(main_error(net, history, DRAW), history.last()[:, 0], rtol=1e-4)


def test_a_net_that_is_cut_no_longer_hears_its_neighbour():
    net, history = trained("stitch")
    severed = without_exchange(net, history)
    louder = {name: 3 * value if name.startswith("towers.1") else value for name, value in severed.parameters.items()}
    np.testing.assert_array_equal(main_error(net, severed, DRAW), main_error(net, replace(severed, parameters=louder), DRAW))
    assert (main_error(net, severed, DRAW) != main_error(net, history, DRAW)).all()
    np.testing.assert_array_equal(np.diagonal(severed.parameters["stitches"], axis1=2, axis2=3).shape, (3, 2, 2))


def test_fast_stitches_are_stitches_that_move_so_many_times_as_far():
    plain, fast = CrossStitch(10, (4, 4), 2), FastStitches(10, (4, 4), 2, rate=50.0)
    how = {"seeds": [1, 2, 3], "steps": 1, "lr": 1e-4}
    slow_step, fast_step = (inspect_nets(net, train(net, DRAW, **how), np.zeros((1, 10)))["stitches"] for net in (plain, fast))
    start = plain.start.numpy()
    np.testing.assert_allclose(fast_step - start, 50 * (slow_step - start), rtol=0.01, atol=1e-5)
    assert (np.abs(fast_step - start) > 0.004).any()


def test_with_means_a_task_hears_of_each_sample_only_through_its_own_tower():
    net, history = trained("stitch")
    x = DRAW(1).test.x
    alike = np.repeat(x[:1], 20, axis=0)
    heard, meant = (predict(one, history, alike)[0] for one in (net, with_means(net)))
    np.testing.assert_allclose(meant, heard, rtol=1e-5)  # where samples don't differ, nothing is lost
    louder = {name: 3 * v if name.startswith("towers.1.1") else v for name, v in history.parameters.items()}
    meant, other = (predict(with_means(net), h, x)[0][..., 0] for h in (history, replace(history, parameters=louder)))
    change = other - meant  # the last layer of the other tower is the same for all samples, so that answers shift
    np.testing.assert_allclose(change, np.broadcast_to(change[:, :1], change.shape), atol=1e-4)
    assert (np.abs(change[:, 0]) > 1e-3).all()


def test_towers_that_are_never_joined_exchange_nothing_and_lose_nothing():
    read = TRIAL.read_joined("same, apart", 0.01)
    for name in (SHARE, CUT, MEANS):
        np.testing.assert_allclose(read[name], 0, atol=1e-6)
    assert (read[ERROR] > 0).all()


def test_joined_towers_start_as_they_were_left():
    seeds = TRIAL.seed_range[:3]
    first = TRIAL.pre_trained("same, paper's rate", seeds)
    np.testing.assert_array_equal(first.parameters["stitches"], np.broadcast_to(np.eye(2), (3, 2, 2, 2)))
    net, history = TRIAL.joined("same, paper's rate", first, seeds, 1e-12)
    np.testing.assert_allclose(exchanged_share(net, history), 0.1, atol=1e-6)
    np.testing.assert_allclose(history.parameters["towers.0.0.0.weight"], first.parameters["towers.0.0.0.weight"], atol=1e-6)


@pytest.mark.slow
def test_the_verdicts_come_from_the_measured_shares():
    result = TRIAL.run({name: Settings([Setting(TRIAL.width, 0.01)]) for name in TRIAL.tuned()})
    by_id = {claim.id.removeprefix("stitches-"): claim.measured.estimate for claim in result.claims}
    share = {name: result.values(name, SHARE) for name in result.measured}
    assert by_id["unrelated"] == pytest.approx(share["unrelated"].mean(), abs=1e-6)
    assert by_id["order"] == pytest.approx(share["same"].mean() - share["unrelated"].mean(), abs=1e-6)
    assert by_id["cut"] == pytest.approx(result.values("unrelated", CUT).mean(), abs=1e-5)
    assert not result.has("same, NDDR", CUT)
    means = result.values("unrelated", MEANS)
    assert by_id["means"] == pytest.approx(means.mean(), abs=1e-5)
    assert by_id["means-cut"] == pytest.approx((means - result.values("unrelated", CUT)).mean(), abs=1e-5)
    error = {name: result.values(name, ERROR).mean() for name in ("same, paper's rate", "same, apart")}
    assert by_id["paper-gain"] == pytest.approx(error["same, paper's rate"] / error["same, apart"] - 1, abs=1e-4)
