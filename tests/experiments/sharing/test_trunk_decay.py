"""Weight decay of one part of a net: the penalty is half the squared length, and both parts' are the whole net's decay."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments import TrunkDecay
from mtl_tutor.experiments.sharing.regularised_families.trunk_decay import STRENGTHS, DecayedSharing, length
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.training import SGD, train

TRIAL = TrunkDecay(n_tasks=2, n_samples=8, n_features=3)
HOW = {"seeds": [1, 2], "steps": 20, "lr": 0.01, "optimizer": SGD(momentum=0.9), "eval_every": 20}


def test_decay_of_both_parts_is_decay_of_the_whole_net():
    parts = train(DecayedSharing(3, 4, 2, trunk_decay=0.3, head_decay=0.3), TRIAL.draw(), **HOW)
    whole = train(HardSharing(3, 4, 2), TRIAL.draw(), weight_decay=0.3, **HOW)
    for name, weights in whole.parameters.items():
        np.testing.assert_allclose(parts.parameters[name], weights, atol=1e-5, err_msg=name)
    free = train(HardSharing(3, 4, 2), TRIAL.draw(), **HOW)
    assert not np.allclose(free.parameters["trunk.0.weight"], whole.parameters["trunk.0.weight"], atol=1e-3)


@pytest.mark.parametrize(("trunk", "heads"), [(0.5, 0.0), (0.0, 2.0)])
def test_the_penalty_is_half_the_squared_length_of_its_part(trunk, heads):
    net = DecayedSharing(3, 4, 2, trunk_decay=trunk, head_decay=heads)
    for parameter in net.parameters():
        torch.nn.init.ones_(parameter)
    assert net.penalty().item() == pytest.approx(0.5 * (trunk * (12 + 4) + heads * 2 * (4 + 1)))


@pytest.mark.parametrize("net", [HardSharing(3, 4, 2), SingleTask(3, 4, 2)])
def test_lengths_are_those_of_all_weights_of_a_part(net):
    history = train(net, TRIAL.draw(), **HOW)
    squares = sum((p[1].astype(float) ** 2).sum() for p in history.parameters.values())
    assert length(history, "heads")[1] ** 2 + length(history, "trunk")[1] ** 2 == pytest.approx(squares)
    heads = [p[1] for name, p in history.parameters.items() if "heads" in name]
    assert length(history, "heads")[1] == pytest.approx(np.sqrt(sum((p**2).sum() for p in heads)), rel=1e-5)


def test_every_arm_with_decay_tries_the_same_strengths():
    arms = TRIAL.arms()
    for name in ("trunk", "heads", "both", "alone"):
        assert [arm.label for arm in arms[name].variants] == [f"decay {s:g}" for s in STRENGTHS]
    assert not arms["none"].variants


def test_only_the_decayed_part_is_pulled():
    built = {name: arm.variants[-1].net for name, arm in TRIAL.arms().items() if name in ("trunk", "heads")}
    nets = {name: build(TRIAL.draw()(1), 4) for name, build in built.items()}
    assert (nets["trunk"].trunk_decay, nets["trunk"].head_decay) == (STRENGTHS[-1], 0)
    assert (nets["heads"].trunk_decay, nets["heads"].head_decay) == (0, STRENGTHS[-1])
