"""Surgeries beside TorchJD's: the same where it is exact, and where it isn't."""

import pytest
import torch
from torchjd import aggregation

from mtl_tutor.balancing import IMTLG, MGDA, AlignedMTL, ConFIG, FairGrad, GradDrop, GradVac, UPGrad
from tests.contracts.test_gradient_surgery import direction, gradients

PAIRS = {
    "MGDA": (MGDA(), aggregation.MGDA),
    "UPGrad": (UPGrad(), aggregation.UPGrad),
    "ConFIG": (ConFIG(), aggregation.ConFIG),
    "IMTLG": (IMTLG(), aggregation.IMTLG),
    "AlignedMTL": (AlignedMTL(), aggregation.AlignedMTL),
    "FairGrad": (FairGrad(2.0), lambda: aggregation.FairGrad(2.0)),
}


def difference(name: str, jacobian: torch.Tensor) -> float:
    """The length of the difference of the two directions, in units of ours."""
    ours, theirs = PAIRS[name]
    found = direction(ours, jacobian)
    return float((theirs()(jacobian) - found).norm() / found.norm())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_tasks", [2, 3, 8])
@pytest.mark.parametrize("kind", ["random", "conflicting", "huge ratio"])
@pytest.mark.parametrize("name", ["ConFIG", "AlignedMTL", "FairGrad"])
def test_directions_are_those_of_torchjd(name, kind, n_tasks, seed):
    assert difference(name, gradients(kind, n_tasks, seed)) < 1e-6


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["random", "conflicting", "huge ratio"])
@pytest.mark.parametrize("name", ["MGDA", "UPGrad", "IMTLG"])
def test_directions_for_two_tasks_are_those_of_torchjd(name, kind, seed):
    assert difference(name, gradients(kind, 2, seed)) < 1e-4  # its UPGrad adds 1e-4 to the diagonal of its Gramian


@pytest.mark.parametrize("seed", range(3))
def test_three_projections_are_those_of_torchjd(seed):
    assert difference("UPGrad", gradients("random", 3, seed)) < 1e-3
    assert difference("IMTLG", gradients("random", 3, seed)) < 1e-6


def test_torchjds_mgda_stops_before_the_shortest_mixture():
    """Its Frank-Wolfe steps end after 100; the contract tests compare ours with brute force."""
    jacobian = gradients("conflicting", 8)
    assert aggregation.MGDA()(jacobian).norm() > 1.01 * direction(MGDA(), jacobian).norm()


def test_torchjds_upgrad_is_off_where_lengths_differ_a_thousandfold():
    """What it adds to the diagonal is in units of all gradients together, and drowns the short one."""
    assert max(difference("UPGrad", gradients("huge ratio", 3, seed)) for seed in range(3)) > 0.05


def test_imtl_differs_from_torchjd_only_in_length_where_a_weight_is_negative():
    found = aggregation.IMTLG()(gradients("random", 8)), direction(IMTLG(), gradients("random", 8))
    assert float(torch.cosine_similarity(*found, dim=0).abs()) > 1 - 1e-9


def test_gradients_without_conflict_are_added_up_by_both():
    jacobian = gradients("random", 3).abs()
    for ours, theirs in ((GradDrop(), aggregation.GradDrop()), (GradVac(), aggregation.GradVac())):
        torch.testing.assert_close(direction(ours, jacobian), jacobian.sum(0))
        torch.testing.assert_close(theirs(jacobian), jacobian.sum(0))
