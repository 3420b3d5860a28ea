"""Architectures that mix, mask or tap layers: where a paper implies that they are something simpler, they are."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.branching import Branching
from mtl_tutor.sharing.cascade import Cascade
from mtl_tutor.sharing.cross_stitch import CrossStitch
from mtl_tutor.sharing.low_level_supervision import LowLevelSupervision
from mtl_tutor.sharing.mtan import MTAN
from mtl_tutor.sharing.nddr import NDDR
from mtl_tutor.sharing.sluice import Sluice
from mtl_tutor.sharing.tree import cut_tree, grow_tree, hidden_layers
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.tasks.task_tree import task_tree
from mtl_tutor.training import inspect_nets, train

FORM = {"n_features": 3, "n_hidden": (6, 4), "n_outputs": (1, 3, 1), "activation": nn.Tanh}
KINDS = (Task("number"), Task("class", "multiclass", 3), Task("yes or no", "binary"))


def some_data(seed: int = 0, absent: int | None = None) -> TaskData:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, 3))
    y = np.column_stack([x @ rng.normal(size=3), np.arange(20) % 3, np.arange(20) % 2]).astype(float)
    if absent is not None:
        y[1:, absent] = np.nan
    return TaskData(KINDS, Samples(x, y))


def seeded(net, seed: int = 0):
    torch.manual_seed(seed)
    net.reset_parameters()
    return net.double()


def frozen(net, part: str):
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(not name.startswith(part))
    return net


def copy(into: nn.Module, source: nn.Module) -> None:
    """Overwrite linear layers with others, in order."""
    with torch.no_grad():
        for mine, theirs in zip(into.parameters(), source.parameters(), strict=True):
            mine.copy_(theirs)


def trained(net, data: TaskData | None = None, **settings) -> dict[str, np.ndarray]:
    """The parameters of two seeds after 50 steps."""
    settings = {"seeds": 2, "steps": 50, "lr": 0.02, "eval_every": 1000, "dtype": torch.float64} | settings
    return dict(train(net, data or some_data(), **settings).parameters)


def gradients(net, x: torch.Tensor) -> dict[str, torch.Tensor]:
    net.zero_grad()
    sum(((task + 1) * answer.square().sum() for task, answer in enumerate(net(x))), torch.zeros(())).backward()
    return {name: p.grad for name, p in net.named_parameters() if p.grad is not None}


def as_layers(values: dict, net) -> list:
    """Those of linear layers that both have, in the order in which the architecture draws them."""
    linear = [name for name, module in net.named_modules() if isinstance(module, nn.Linear)]
    return [
        values[f"{name}.{part}"] for name in linear if "fusions" not in name for part in ("weight", "bias") if f"{name}.{part}" in values
    ]


def assert_same_nets(one, other) -> None:
    """Outputs and gradients of one draw, and all linear layers after training."""
    one, other, x = seeded(one), seeded(other), torch.randn(7, 3, dtype=torch.float64)
    for a, b in zip(one(x), other(x), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-13)
    found, expected = (as_layers(gradients(net, x), net) for net in (one, other))
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)
    found, expected = (as_layers(trained(net), net) for net in (one, other))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-9)


def test_cross_stitch_at_identity_is_separate_nets():
    assert_same_nets(frozen(CrossStitch(**FORM, start=1.0), "stitches"), SingleTask(**FORM))


def test_cross_stitch_that_may_learn_leaves_identity():
    stitches = trained(CrossStitch(**FORM, start=1.0))["stitches"]
    assert (np.abs(stitches - np.eye(3)).max(axis=(1, 2, 3)) > 1e-3).all()


def test_nddr_at_identity_is_separate_nets():
    assert_same_nets(frozen(NDDR(**FORM, start=1.0), "fusions"), SingleTask(**FORM))


def test_nddr_with_multiples_of_the_identity_is_cross_stitch():
    nddr, stitch = frozen(NDDR(**FORM, start=0.7), "fusions"), frozen(CrossStitch(**FORM, start=0.7), "stitches")
    assert_same_nets(nddr, stitch)


def test_sluice_of_one_subspace_that_answers_from_the_last_layer_is_cross_stitch():
    sluice, stitch = seeded(Sluice(**FORM, n_subspaces=1, start=0.7)), seeded(CrossStitch(**FORM, start=0.7))
    with torch.no_grad():
        sluice.layer_weights[:, :-1] = 0
        for task, tower in enumerate(stitch.towers):
            copy(sluice.towers[task], tower[:-1])
            sluice.heads[task].weight[:, -4:] = tower[-1].weight
            sluice.heads[task].bias.copy_(tower[-1].bias)
    x = torch.randn(7, 3, dtype=torch.float64)
    for a, b in zip(sluice(x), stitch(x), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-13)


def test_subspaces_become_orthogonal_where_that_is_all_that_counts():
    def overlap(orthogonality: float) -> np.ndarray:
        found = trained(Sluice(4, 6, 2, orthogonality=orthogonality), wide_data(), steps=200)
        parts = [found[f"towers.{task}.0.0.weight"].reshape(2, 2, 3, 4) for task in range(2)]
        return np.array([np.abs(one[:, 0] @ one[:, 1].swapaxes(-1, -2)).max() for one in parts])

    assert (overlap(100.0) < 0.05).all()
    assert (overlap(0.0) > 0.2).all()


def wide_data() -> TaskData:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(20, 4))
    return TaskData((Task("one"), Task("other")), Samples(x, np.tanh(x @ rng.normal(size=(4, 2)))))


def test_masks_that_let_everything_through_leave_hard_sharing():
    mtan, hard = seeded(MTAN(**FORM)), seeded(HardSharing(**FORM))
    with torch.no_grad():
        for mask in mtan.masks.modules():
            if isinstance(mask, nn.Linear):
                mask.weight.zero_()
                mask.bias.fill_(50.0)  # whose sigmoid is 1 in float64
        copy(mtan.layers, hard.trunk)
        copy(mtan.heads, hard.heads)
    x = torch.randn(7, 3, dtype=torch.float64)
    for a, b in zip(mtan(x), hard(x), strict=True):
        assert torch.equal(a, b)


def test_a_closed_mask_keeps_its_unit_from_one_task_only():
    net = seeded(MTAN(3, 5, 2))
    with torch.no_grad():
        net.masks[0][0].weight[2] = 0
        net.masks[0][0].bias[2] = -800.0
        before, x = [y.clone() for y in net(torch.ones(1, 3).double())], torch.ones(1, 3).double()
        net.layers[0][0].bias[2] += 3
        after = net(x)
    assert torch.equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])


def test_with_all_heads_on_top_supervision_is_hard_sharing():
    assert_same_nets(LowLevelSupervision(**FORM, depths=(2, 2, 2)), HardSharing(**FORM))


def test_a_low_task_never_pulls_at_higher_layers():
    only_low = TaskData((Task("low"), Task("high")), Samples(np.eye(3), np.column_stack([np.arange(3.0), [0, np.nan, np.nan]])))
    net = LowLevelSupervision(3, (6, 4), 2)
    low = gradients_of(net, task=0)
    assert {name for name, size in low.items() if size > 0} == {"layers.0.0.weight", "layers.0.0.bias", "heads.0.weight", "heads.0.bias"}
    assert all(size > 0 for name, size in gradients_of(net, task=1).items() if not name.startswith("heads.0"))
    assert np.isfinite(trained(net, only_low)["layers.1.0.weight"]).all()


def gradients_of(net, task: int) -> dict[str, float]:
    net = seeded(net)
    net(torch.ones(4, 3).double())[task].sum().backward()
    sizes = {name: 0.0 if p.grad is None else float(p.grad.abs().sum()) for name, p in net.named_parameters()}
    net.zero_grad()
    return sizes


def test_a_cascade_without_feeds_is_separate_nets():
    assert_same_nets(Cascade(**FORM, feeds=[(), (), ()]), SingleTask(**FORM))


def test_an_earlier_task_of_a_cascade_never_hears_of_a_later_one():
    alone, last_reads_middle = trained(SingleTask(**FORM)), trained(Cascade(**FORM, feeds=[(), (), (1,)]))
    for part in ("trunk.0.weight", "trunk.2.bias", "heads.0.weight"):
        np.testing.assert_allclose(last_reads_middle[f"levels.0.{part}"], alone[f"nets.0.{part}"], rtol=0, atol=1e-12)
        assert np.abs(last_reads_middle[f"levels.1.{part}"] - alone[f"nets.1.{part}"]).max() > 1e-3


def test_without_a_shortcut_a_task_lives_on_anothers_answer_alone():
    net = seeded(Cascade(3, (6, 4), n_outputs=(3, 1), shortcut=False, representations=False))
    x = torch.randn(7, 3).double()
    with torch.no_grad():
        net.levels[0].heads[0].weight.zero_()
        constant = net(x)[1]
    assert float((constant - constant[0]).abs().max()) == 0
    torch.testing.assert_close(net(x)[1], net.levels[1](torch.full((7, 3), 1 / 3).double())[0])


def test_a_tree_of_one_trunk_is_hard_sharing_and_one_of_own_trunks_is_separate_nets():
    assert_same_nets(Branching(**FORM, tree=[[0, 0, 0], [0, 0, 0]]), HardSharing(**FORM))
    own, single = seeded(Branching(**FORM, tree=[[0, 1, 2], [0, 1, 2]])), seeded(SingleTask(**FORM))
    for task, net in enumerate(single.nets):
        copy(nn.ModuleList([layer[task] for layer in own.branches]), net.trunk)
        copy(own.heads[task], net.heads[0])
    x = torch.randn(7, 3, dtype=torch.float64)
    for a, b in zip(own(x), single(x), strict=True):
        assert torch.equal(a, b)


def test_in_a_tree_a_task_without_labels_leaves_other_branches_alone():
    pair = Branching(**FORM, tree=[[0, 0, 1], [0, 1, 2]])
    with_it, without = trained(pair), trained(pair, some_data(absent=2))
    for name, values in with_it.items():
        alike = np.allclose(values, without[name], rtol=0, atol=1e-12)
        assert alike == (not name.startswith(("branches.0.1", "branches.1.2", "heads.2"))), name


def test_routes_that_are_decided_are_a_tree():
    soft, tree = seeded(Branching(**FORM, n_branches=(2, 3))), seeded(Branching(**FORM, tree=[[0, 0, 1], [0, 1, 2]]))
    copy(soft.branches, tree.branches)
    copy(soft.heads, tree.heads)
    with torch.no_grad():
        soft.choices[0].copy_(torch.tensor([[800.0, 0.0], [800.0, 0.0], [0.0, 800.0]]))
        soft.choices[1].copy_(800.0 * torch.eye(3))
    x = torch.randn(7, 3, dtype=torch.float64)
    for a, b in zip(soft(x), tree(x), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-13)
    np.testing.assert_allclose(soft.inspect(x)["tree_distance"], tree.inspect(x)["tree_distance"], atol=1e-12)
    assert float(soft.penalty().detach()) == 0


@pytest.mark.parametrize("crispness", [0.0, 3.0])
def test_the_penalty_makes_up_a_mind(crispness):
    found = trained(Branching(3, (6, 4), n_outputs=(1, 3, 1), crispness=crispness), steps=300, lr=0.05)
    logits = found["choices.1"]
    sure = (np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)).max(-1)
    assert (sure.min() > 0.97) == (crispness > 0)


PAIRS = [[0, 0, 1, 1], [0, 0, 1, 1]]


def planted(n_draws: int = 10) -> list[TaskData]:
    """Four tasks in two pairs that part at once; half a dozen features, all tasks on the same samples."""
    return [task_tree(n_tasks=4, n_samples=300, tree=PAIRS, separate=False, seed=seed).data for seed in range(n_draws)]


def are_pairs(groups: np.ndarray) -> bool:
    return bool((np.equal.outer(groups, groups) == np.equal.outer(PAIRS[0], PAIRS[0])).all())


def test_planted_pairs_are_found_in_what_single_task_nets_have_learned():
    """All but a few of ten draws; one in seven is what guessing finds."""
    draws, net = planted(), SingleTask(6, (16, 16), 4, init_scale=0.1)
    history = train(net, draws.__getitem__, seeds=10, steps=100, lr=0.01, eval_every=100)
    found = []
    for seed, data in enumerate(draws):
        net.load_state_dict({name: torch.from_numpy(values[seed]) for name, values in history.parameters.items()})
        found.append(are_pairs(grow_tree(hidden_layers(net, data.train.x[:100]), [2, 2]).groups[0]))
    assert sum(found) >= 7


@pytest.mark.slow
def test_planted_pairs_are_found_by_learned_routes_on_average_over_nets():
    draws, net = planted(), Branching(6, (4, 4), 4, n_branches=(2, 2), crispness=0.03, init_scale=0.1)
    history = train(net, lambda seed: draws[seed % 10], seeds=60, steps=300, lr=0.02, eval_every=300)
    routes = inspect_nets(net, history, draws[0].train.x[:2])["routes_1"]
    unit = routes / np.linalg.norm(routes, axis=2, keepdims=True)
    distance = (1 - unit @ unit.swapaxes(1, 2)).reshape(6, 10, 4, 4).mean(0)
    assert sum(are_pairs(cut_tree(each, [2])[0]) for each in distance) >= 6
