"""Stitches read out: shares at the start are those of the start, and what is cut is not heard."""

from dataclasses import replace

import numpy as np
import pytest

from mtl_tutor.experiments import Stitches, exchanged_share, main_error, without_exchange
from mtl_tutor.experiments.sharing.layers_and_cascades.stitches import CUT, NETS, SHARE
from mtl_tutor.training import train

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


@pytest.mark.slow
def test_the_verdicts_come_from_the_measured_shares():
    result = TRIAL.run()
    by_id = {claim.id.removeprefix("stitches-"): claim.measured.estimate for claim in result.claims}
    share = {name: result.values(name, SHARE) for name in result.measured}
    assert by_id["unrelated"] == pytest.approx(share["unrelated"].mean(), abs=1e-6)
    assert by_id["order"] == pytest.approx(share["same"].mean() - share["unrelated"].mean(), abs=1e-6)
    assert by_id["cut"] == pytest.approx(result.values("unrelated", CUT).mean(), abs=1e-5)
    assert not result.has("same, NDDR", CUT)
