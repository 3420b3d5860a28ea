"""What mixing experts, conditioning on a task, and pulling nets together imply: at its extreme, each is something simpler.

Compared are real nets given the same weights: what they answer, how they would move, and where fifty steps of training take them.
"""

import re

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.adapters import Adapters, LowRank
from mtl_tutor.sharing.hypernetwork import HyperNetwork
from mtl_tutor.sharing.mmoe import MMoE, OMoE
from mtl_tutor.sharing.ple import CGC, PLE
from mtl_tutor.sharing.soft_sharing import SoftSharing
from mtl_tutor.sharing.task_conditioned import TaskConditioned, TaskEmbedding
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import SGD, train

TASKS = (Task("number"), Task("coin", "binary"), Task("animal", "multiclass", 3))
FORM = {"n_features": 3, "n_hidden": 8, "n_outputs": (1, 1, 3)}
CLOSE = 1e-10


def mixed_data(seed: int = 0) -> TaskData:
    """One task of each kind, a fifth of the labels missing."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((37, 3))
    y = np.stack([x[:, 0] ** 2, x[:, 1] > 0, np.digitize(x[:, 2], [-0.5, 0.5])], 1).astype(float)
    y[rng.random(y.shape) < 0.2] = np.nan
    return TaskData(TASKS, Samples(x, y))


def first_tasks(n):
    """The same without the last tasks."""
    return TaskData(TASKS[:n], Samples(DATA.train.x, DATA.train.y[:, :n]))


DATA = mixed_data()
X = torch.from_numpy(DATA.train.x)


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny nets are slowed down by a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Given(nn.Module):
    """A net that starts from the weights it has, whatever the seed."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        if hasattr(net, "penalty"):
            self.penalty = net.penalty

    def reset_parameters(self):
        """Draw nothing."""

    def forward(self, x):
        return self.net(x)


def drawn(net, seed=0):
    """The net with weights in which nothing is small or alike, in float64."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for p in net.double().parameters():
            p += 0.3 * torch.randn_like(p)
    return net


def give(net, weights):
    """Set some of a net's parameters by name."""
    own = dict(net.named_parameters())
    with torch.no_grad():
        for name, value in weights.items():
            own[name].copy_(value)


def renamed(values, names):
    """A net's parameters under another net's names; those that it lacks are left out."""
    matches = ((pattern, name) for name in values for pattern in names if re.match(pattern, name))
    return {re.sub(f"^{pattern}", names[pattern], name): values[name] for pattern, name in matches}


def pulls(net, task):
    """How a task would move each parameter."""
    net.zero_grad()
    net(X)[task].square().sum().backward()
    return {name: torch.zeros_like(p) if p.grad is None else p.grad for name, p in net.named_parameters()}


def weights_after(net, data, steps=50):
    history = train(Given(net), data, seeds=1, steps=steps, dtype=torch.float64)
    assert (history.loss["train"][0, -1] < history.loss["train"][0, 0]).all()
    return {name.removeprefix("net."): values[0] for name, values in history.parameters.items()}


def assert_same(net, other, names, data=DATA):
    """Given the same weights, the other net answers alike, every task pulls alike, and fifty steps of Adam end alike."""
    theirs = renamed(dict(net.named_parameters()), names)
    assert theirs.keys() == dict(other.named_parameters()).keys()
    give(other.double(), theirs)
    for task, (answer, expected) in enumerate(zip(net(X), other(X), strict=True)):
        torch.testing.assert_close(answer, expected, rtol=0, atol=CLOSE)
        assert_equal(renamed(pulls(net, task), names), pulls(other, task))
    assert_equal(renamed(weights_after(net, data), names), weights_after(other, data))


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-9, err_msg=name)


# Experts


ONE_EXPERT = {r"experts\.0": "trunk", "heads": "heads"}


@pytest.mark.parametrize("n_hidden", [8, (7, 5)])
@pytest.mark.parametrize("architecture", [MMoE, OMoE])
def test_one_expert_is_hard_sharing(architecture, n_hidden):
    form = FORM | {"n_hidden": n_hidden}
    assert_same(drawn(architecture(**form, n_experts=1)), HardSharing(**form), ONE_EXPERT)


@pytest.mark.parametrize("architecture", [MMoE, OMoE])
def test_one_expert_starts_as_hard_sharing_does(architecture):
    settings = {"seeds": (3, 0), "steps": 50, "dtype": torch.float64}
    net, hard = (train(kind, DATA, **settings).parameters for kind in (architecture(**FORM, n_experts=1), HardSharing(**FORM)))
    assert_equal(renamed(net, ONE_EXPERT), hard)


def test_tied_gates_are_one_gate():
    one, tied = drawn(OMoE(**FORM)), MMoE(**FORM).double()
    own = dict(one.named_parameters())
    give(tied, {name: own[re.sub(r"gates\.\d", "gate", name)] for name, _ in tied.named_parameters()})
    for answer, expected in zip(tied(X), one(X), strict=True):
        torch.testing.assert_close(answer, expected)
    for task in range(3):
        names = {"experts": "experts", "heads": "heads", rf"gates\.{task}": "gate"}
        assert_equal(renamed(pulls(tied, task), names), pulls(one, task))


def test_of_one_task_the_gate_is_the_only_gate():
    names, data = (
        {"experts": "experts", "heads": "heads", r"gates\.0": "gate"},
        first_tasks(1),
    )
    assert_same(drawn(MMoE(3, 8, 1)), OMoE(3, 8, 1), names, data)


@pytest.mark.parametrize("architecture", [MMoE, OMoE, CGC, PLE])
def test_experts_start_apart(architecture):
    torch.manual_seed(0)
    experts = [p for name, p in architecture(**FORM).named_parameters() if "weight" in name and p.shape == (8, 3)]
    assert len(experts) >= 4
    assert all((p - q).abs().max() > 0.1 for i, p in enumerate(experts) for q in experts[:i])


SEPARATE = {rf"heads\.{task}": f"nets.{task}.heads.0" for task in range(3)}


def test_with_one_expert_each_and_none_for_all_every_task_is_alone():
    names = SEPARATE | {rf"level\.private\.{task}\.0": f"nets.{task}.trunk" for task in range(3)}
    assert_same(drawn(CGC(**FORM, n_private=1, n_shared=0)), SingleTask(**FORM), names)


def test_with_one_expert_each_and_none_for_all_levels_are_layers():
    names = SEPARATE | {rf"levels\.0\.private\.{task}\.0\.0": f"nets.{task}.trunk.0" for task in range(3)}
    names |= {rf"levels\.1\.private\.{task}\.0\.0": f"nets.{task}.trunk.2" for task in range(3)}
    assert_same(drawn(PLE(**FORM, n_levels=2, n_private=1, n_shared=0)), SingleTask(**FORM | {"n_hidden": (8, 8)}), names)


class Alone(nn.ModuleList):
    """One net per task, side by side."""

    def forward(self, x):
        return [net(x)[0] for net in self]


def test_with_several_experts_each_and_none_for_all_every_task_is_a_mixture_of_its_own():
    alone = Alone(MMoE(3, 8, n_outputs=(n,), n_experts=2) for n in FORM["n_outputs"])
    names = {rf"level\.private\.{task}": f"{task}.experts" for task in range(3)} | {
        rf"level\.gates\.{task}": f"{task}.gates.0" for task in range(3)
    }
    names |= {rf"heads\.{task}": f"{task}.heads.0" for task in range(3)}
    assert_same(drawn(CGC(**FORM, n_private=2, n_shared=0)), alone, names)


@pytest.mark.parametrize("n_levels", [1, 2])
def test_without_shared_experts_what_other_tasks_learn_is_of_no_concern(n_levels):
    other = mixed_data()
    other.train.y[:, 1:] = mixed_data(1).train.y[:, 1:]
    net = drawn(PLE(**FORM, n_levels=n_levels, n_private=2, n_shared=0))
    first, second = weights_after(net, DATA), weights_after(net, other)
    own = [name for name in first if re.search(r"(private|gates|heads)\.0\.", name)]
    assert len(own) == n_levels * 6 + 2
    for name in first:
        assert np.array_equal(first[name], second[name]) == (name in own), name


def test_one_level_is_customised_gate_control():
    assert_same(drawn(PLE(**FORM, n_levels=1)), CGC(**FORM), {r"levels\.0": "level", "heads": "heads"})


def test_the_shared_gate_lets_a_task_read_what_another_task_extracted_below():
    net = drawn(PLE(**FORM, n_levels=2))
    pulled = {name for name, pull in pulls(net, 0).items() if pull.abs().max() > 0}
    assert {"levels.0.private.1.0.0.weight", "levels.0.shared_gate.weight"} <= pulled
    assert not any(name.startswith(("levels.1.private.1", "levels.0.gates.1")) for name in pulled)


def test_only_shared_experts_hear_the_shared_gate():
    """Where no gate reads shared experts of the last level, what lies below them for all is read by nobody."""
    net = drawn(PLE(**FORM, n_levels=2))
    give(net, {f"levels.1.gates.{task}.bias": torch.tensor([500.0, -500.0, -500.0]) for task in range(3)})
    sizes = {name: pull.abs().max() for name, pull in pulls(net, 0).items()}
    assert sizes["levels.0.shared_gate.weight"] == sizes["levels.0.private.1.0.0.weight"] == 0
    assert sizes["levels.0.shared.0.0.weight"] > 0


# Codes


LAYERS = {r"layers\.0\.0": "trunk.0", r"layers\.1\.0": "trunk.2", "heads": "heads"}


def test_a_code_of_zeros_is_hard_sharing():
    net, hard = drawn(TaskConditioned(**FORM)), HardSharing(**FORM)
    give(net, {f"codes.{task}": torch.zeros(2) for task in range(3)})
    for code in net.codes:
        code.requires_grad_(False)
    assert_same(net, hard, LAYERS)


def test_an_embedding_is_an_input_that_a_task_chose():
    net = drawn(TaskEmbedding(3, (8, 5), 3, n_code=2))
    longer = HardSharing(5, (8, 5), 1).double()
    first, second, head = net.layers[0][0], net.layers[1][0], net.heads[0]
    weights = {"trunk.0.weight": torch.cat([first.weight, net.code_weights.weight], 1), "trunk.0.bias": first.bias}
    weights |= {"trunk.2.weight": second.weight, "trunk.2.bias": second.bias}
    give(longer, weights | {"heads.0.weight": head.weight, "heads.0.bias": head.bias})
    for answer, code in zip(net(X), net.codes, strict=True):
        torch.testing.assert_close(answer, longer(torch.cat([X, code.expand(len(X), -1)], 1))[0])


@pytest.mark.parametrize("architecture", [TaskConditioned, TaskEmbedding, HyperNetwork])
def test_a_task_is_its_code(architecture):
    net = drawn(architecture(3, (8, 5), 3))
    before = net(X)
    for answer, code in zip(before, net.codes, strict=True):
        torch.testing.assert_close(net.answer(X, code), answer)
    give(net, {"codes.0": net.codes[2].clone()})
    torch.testing.assert_close(net(X)[0], before[2])
    assert (before[0] - before[2]).abs().max() > 0.1


def test_a_generated_net_is_the_net_with_these_weights():
    net, single = drawn(HyperNetwork(**FORM)), SingleTask(**FORM).double()
    for task, (one, code) in enumerate(zip(single.nets, net.codes, strict=True)):
        below, above = (generator(code) for generator in net.generators)
        below, above = below.view(4, 8), above.view(9, 3)[:, : FORM["n_outputs"][task]]
        give(one, {"trunk.0.weight": below[:-1].T, "trunk.0.bias": below[-1]})
        give(one, {"heads.0.weight": above[:-1].T, "heads.0.bias": above[-1]})
    for answer, expected in zip(net(X), single(X), strict=True):
        torch.testing.assert_close(answer, expected)


def test_generated_nets_lie_on_a_plane_of_as_many_dimensions_as_a_code_has():
    net = drawn(HyperNetwork(3, 8, 6, n_code=2))
    nets = torch.stack([torch.cat([generator(code) for generator in net.generators]) for code in net.codes])
    assert torch.linalg.matrix_rank(nets - nets.mean(0)) == 2


# Adapters


@pytest.mark.parametrize("architecture", [Adapters, LowRank])
def test_without_what_the_tasks_add_it_is_hard_sharing(architecture):
    form = FORM | {"n_hidden": (7, 5)}
    net = drawn(architecture(**form))
    for name, p in net.named_parameters():
        if name.startswith(("adapters", "changes")):
            p.requires_grad_(False).zero_()
    assert_same(net, HardSharing(**form), LAYERS)


def test_low_rank_starts_as_hard_sharing_does():
    net, hard = LowRank(**FORM), HardSharing(**FORM)
    for one in (net, hard):
        torch.manual_seed(4)
        one.reset_parameters()
    for answer, expected in zip(net(X.float()), hard(X.float()), strict=True):
        torch.testing.assert_close(answer, expected)


def test_at_full_rank_any_separate_nets_can_be_had():
    form = FORM | {"n_hidden": (7, 5)}
    net, single = drawn(LowRank(**form, rank=5)), drawn(SingleTask(**form), seed=1)
    for task, one in enumerate(single.nets):
        give(net, {f"heads.{task}.{name}": p for name, p in one.heads[0].named_parameters()})
        for number, linear in enumerate((one.trunk[0], one.trunk[2])):
            common = net.layers[number][0]
            u, s, v = torch.linalg.svd(linear.weight - common.weight, full_matrices=False)
            down, up = torch.zeros(5, v.shape[1]).double(), torch.zeros(len(u), 5).double()
            down[: len(s)], up[:, : len(s)] = v, u * s
            weights = {"0.weight": down, "1.weight": up, "1.bias": linear.bias - common.bias}
            give(net.changes[number][task], weights)
    for answer, expected in zip(net(X), single(X), strict=True):
        torch.testing.assert_close(answer, expected, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("rank", [1, 2])
def test_what_two_tasks_differ_by_has_no_more_than_twice_the_rank(rank):
    weights = weights_after(drawn(LowRank(3, (8, 8), 2, rank=rank)), first_tasks(2))
    first, second = (weights[f"changes.1.{task}.1.weight"] @ weights[f"changes.1.{task}.0.weight"] for task in range(2))
    assert np.linalg.matrix_rank(first) == rank
    assert np.linalg.matrix_rank(first - second) == 2 * rank


# Springs


def test_without_strength_soft_sharing_is_separate_nets():
    assert_same(drawn(SoftSharing(**FORM, strength=0.0)), SingleTask(**FORM), {"nets": "nets"})
    settings = {"seeds": (3, 0), "steps": 50, "dtype": torch.float64}
    assert_equal(*(train(net, DATA, **settings).parameters for net in (SoftSharing(**FORM, strength=0.0), SingleTask(**FORM))))


def linear_net(strength, weights):
    """Linear regressions that the springs join: heads that hand on what a trunk of one unit says."""
    trunk = nn.Linear(3, 1, bias=False)
    net = SoftSharing(3, 1, 2, trunk=trunk, strength=strength).double()
    for one, start in zip(net.nets, weights, strict=True):
        give(
            one, {"trunk.module.weight": torch.from_numpy(start)[None], "heads.0.weight": torch.ones(1, 1), "heads.0.bias": torch.zeros(1)}
        )
        one.heads.requires_grad_(False)
    return net


@pytest.mark.parametrize(("strength", "steps"), [(0.0, 60), (1.0, 60), (100.0, 2000), (1e9, 1)])
def test_linear_nets_go_from_separate_to_pooled_as_the_closed_form_says(strength, steps):
    """With whitened inputs, w_t = pooled + (separate_t - pooled) / (1 + strength); the pooled fit is the mean of the separate ones.

    At the greatest strength descent can no longer move the mean, so there it starts from the separate fits, where the mean is right.
    """
    x = np.linalg.qr(np.random.default_rng(0).standard_normal((20, 3)))[0] * 20**0.5
    y = np.random.default_rng(1).standard_normal((20, 2)) + x @ [[1.0, -0.5], [2.0, 1.0], [0.0, 3.0]]
    separate = np.linalg.lstsq(x, y, rcond=None)[0].T
    pooled = np.linalg.lstsq(np.concatenate([x, x]), y.T.ravel(), rcond=None)[0]
    net = linear_net(strength, separate if steps == 1 else np.ones((2, 3)))
    data = TaskData((Task("one"), Task("two")), Samples(x, y))
    history = train(Given(net), data, seeds=1, steps=steps, lr=1 / (2 + 2 * strength), optimizer=SGD(), dtype=torch.float64)
    found = np.stack([history.parameters[f"net.nets.{task}.trunk.module.weight"][0, 0] for task in range(2)])
    np.testing.assert_allclose(found, pooled + (separate - pooled) / (1 + strength), rtol=0, atol=1e-8)
    if strength > 1e8:
        np.testing.assert_allclose(found, [pooled, pooled], rtol=0, atol=1e-8)


def test_the_stronger_the_springs_the_nearer_the_trunks():
    distances = []
    for strength in (0.0, 0.1, 100.0):
        weights = weights_after(SoftSharing(**FORM, strength=strength), DATA, steps=400)
        trunks = np.stack([weights[f"nets.{task}.trunk.0.weight"] for task in range(3)])
        distances.append(np.abs(trunks - trunks.mean(0)).max())
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 1e-2 < distances[0]
