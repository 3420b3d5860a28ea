"""Stitches read out: shares at the start are those of the start, and what is cut is not heard."""

from dataclasses import replace

import numpy as np
import pytest

from mtl_tutor.experiments._stitch_shares import KINDS, answered, cut, shares
from mtl_tutor.experiments.stitches import CUT, SHARE, Stitches
from mtl_tutor.training import train

TRIAL = Stitches(seeds=20, n_samples=20, steps=4)
DRAW = TRIAL.pairs(0.0)


def trained(kind, start=0.9, lr=0.05):
    net = KINDS[kind](10, (4, 4), 2, start=start)
    return net, train(net, DRAW, seeds=[1, 2, 3], steps=5, lr=lr)


@pytest.mark.parametrize(("kind", "share"), [("cross-stitch", 0.1), ("NDDR", 0.1), ("sluice", 0.2 / 3)])
def test_before_training_the_share_is_that_of_the_start(kind, share):
    """Of a sluice's four subspaces two are the other task's, and these share two thirds of what is not a subspace's own."""
    np.testing.assert_allclose(shares(*trained(kind, lr=1e-12)), share, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_parts_are_a_share_of_one_half_and_none_is_none(kind):
    np.testing.assert_allclose(shares(*trained(kind, start=1.0, lr=1e-12)), 0.0, atol=1e-6)
    if kind != "sluice":
        np.testing.assert_allclose(shares(*trained(kind, start=0.5, lr=1e-12)), 0.5, atol=1e-6)


def test_signs_do_not_count():
    net, history = trained("cross-stitch")
    other = replace(history, parameters={**history.parameters, "stitches": -history.parameters["stitches"]})
    np.testing.assert_allclose(shares(net, history), shares(net, other))


def test_uncut_nets_have_the_error_that_training_recorded():
    net, history = trained("cross-stitch")
    np.testing.assert_allclose(answered(net, history, DRAW), history.last()[:, 0], rtol=1e-4)


def test_a_net_that_is_cut_no_longer_hears_its_neighbour():
    net, history = trained("cross-stitch")
    severed = cut(net, history)
    louder = {name: 3 * value if name.startswith("towers.1") else value for name, value in severed.parameters.items()}
    np.testing.assert_array_equal(answered(net, severed, DRAW), answered(net, replace(severed, parameters=louder), DRAW))
    assert (answered(net, severed, DRAW) != answered(net, history, DRAW)).all()
    np.testing.assert_array_equal(np.diagonal(severed.parameters["stitches"], axis1=2, axis2=3).shape, (3, 2, 2))


@pytest.mark.slow
def test_the_verdicts_come_from_the_measured_shares():
    result = TRIAL.run()
    by_id = {claim.id.removeprefix("stitches-"): claim.measured.estimate for claim in result.claims}
    share = result.measured[SHARE]
    assert by_id["unrelated"] == pytest.approx(share["unrelated"].mean(), abs=1e-6)
    assert by_id["order"] == pytest.approx(share["same"].mean() - share["unrelated"].mean(), abs=1e-6)
    assert by_id["cut"] == pytest.approx(result.measured[CUT]["unrelated"].mean(), abs=1e-5)
    assert set(result.bars().bars) == set(share)


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"seeds": 19}, {"n_samples": 19}, {"width": 0}, {"steps": 0}, {"lr": 0.0}, {"first_seed": -1}])
def test_stitches_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must be at least"):
        Stitches(**bad)
