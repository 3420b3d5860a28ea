"""The nets and draws of Ma et al.: as many weights, two towers, a cosine and a seed behind every code."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments import ManyExperts, code_of, draw_of, leads_of, matched_width
from mtl_tutor.experiments.sharing.experts_and_gates.many_experts import COSINES, ERROR, GAIN, NETS
from mtl_tutor.tasks import task_pairs


def test_the_trunk_is_as_wide_as_the_paper_says():
    assert matched_width() == 113


def weights_of(name, width):
    """Weights of all layers but the outputs and gates, as the paper counts."""
    named = NETS[name](width).named_parameters()
    return sum(p.numel() for name, p in named if name.endswith("weight") and p.shape[0] > 1 and "gate" not in name)


def test_trunk_and_experts_have_as_many_weights_and_so_do_two_single_task_nets_of_56_units():
    assert weights_of("mmoe", 16) == weights_of("omoe", 16) == 13_056
    assert weights_of("hard", 113) == pytest.approx(13_056, rel=0.01)
    assert weights_of("single", 56) == pytest.approx(13_056, rel=0.1)


@pytest.mark.parametrize("name", NETS)
def test_every_net_has_a_tower_of_eight_units_per_task(name):
    net = NETS[name](16)
    assert [tuple(output.shape) for output in net(torch.zeros(3, 100))] == [(3, 1), (3, 1)]
    assert sum(p.shape == (8, 16) for p in net.parameters()) == 2


@pytest.mark.parametrize("cosine", COSINES)
def test_a_code_stands_for_a_seed_and_a_cosine(cosine):
    drawn = draw_of(int(code_of(np.array([5001]), cosine)[0]))
    pair = task_pairs(2, 10_000, n_features=100, correlation=cosine, noise=0.1, seed=5001).data
    np.testing.assert_array_equal(drawn.train.y, pair.train.y)
    assert len(drawn.validation) == 500


def test_leads_are_over_the_trunk_at_the_same_cosine():
    errors = {name: np.ones((3, 20)) for name in NETS} | {"mmoe": np.full((3, 20), 0.5)}
    errors["mmoe"][2] = 1.0
    read = leads_of(errors)
    assert read["mmoe, 0"][GAIN] == pytest.approx(np.log(2))
    assert read["mmoe, 1"][GAIN] == pytest.approx(0)
    assert read["mmoe, 0.5"][ERROR] == pytest.approx(0.5)


def test_every_hypothesis_finds_what_it_compares():
    rng = np.random.default_rng(0)
    result = ManyExperts().decided(leads_of({name: 1 + rng.random((3, 32)) for name in NETS}), {})
    assert [claim.id for claim in result.claims] == [f"many-experts-{h.id}" for h in ManyExperts.hypotheses]
