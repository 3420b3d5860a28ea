"""Modules: who uses which, and what that does to their training."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing.task_decomposition import TaskDecomposition
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import inspect_nets, train

X = torch.linspace(-1, 1, 12).reshape(4, 3)


def pulled(net, task):
    """The parameters that a task's loss moves."""
    net.zero_grad()
    net(X)[task].square().sum().backward()
    return {name for name, p in net.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}


def net_of(**knobs):
    torch.manual_seed(0)
    return TaskDecomposition(3, 8, n_outputs=(1, 1, 3), activation=torch.nn.Tanh, **knobs)


def test_a_task_without_skill_for_a_module_never_moves_it():
    net = net_of(n_modules=3, skills=[[1, 1, 0], [0, 2, 0], [0, 1, 3]])
    users = [{int(name.split(".")[1]) for name in pulled(net, task) if name.startswith("common")} for task in range(3)]
    assert users == [{0, 1}, {1}, {1, 2}]


def test_only_a_module_with_two_users_is_shared():
    net = net_of(n_modules=3, skills=[[1, 1, 0], [0, 2, 0], [0, 1, 3]])
    assert {id(p) for p in net.shared_parameters()} == {id(p) for p in net.common[1].parameters()}
    learned = net_of(n_modules=2)
    assert {id(p) for p in learned.shared_parameters()} == {id(p) for p in learned.common.parameters()}


def test_a_head_reads_the_own_module_and_the_mean_of_the_common_ones_by_skill():
    net = net_of(n_modules=2, skills=[[1, 3], [1, 0], [0, 2]])
    common = [module(X) for module in net.common]
    read = torch.cat([net.own[0](X), 0.25 * common[0] + 0.75 * common[1]], 1)
    torch.testing.assert_close(net(X)[0], net.heads[0](read))


def test_learned_skills_bring_copies_of_a_task_together_and_others_apart():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4))
    y = np.column_stack([x[:, 0] * x[:, 1], x[:, 0] * x[:, 1], x[:, 2] * x[:, 3], x[:, 2] * x[:, 3]])
    data = TaskData(tuple(Task(name) for name in "abcd"), Samples(x, y))
    net = TaskDecomposition(4, 8, 4, n_modules=2, own=False)
    history = train(net, data, seeds=16, steps=400, lr=0.02)
    skills = inspect_nets(net, history, x)["skills"]
    np.testing.assert_allclose(skills.sum(2), 1, rtol=1e-6)
    apart = np.linalg.norm(skills[:, :, None] - skills[:, None], axis=3)
    partners, strangers = (apart[:, 0, 1] + apart[:, 2, 3]) / 2, (apart[:, 0, 2] + apart[:, 1, 3]) / 2
    assert (partners < strangers).mean() >= 0.9


def test_skills_belong_to_tasks_and_not_to_samples():
    net = net_of()
    np.testing.assert_array_equal(net.inspect(X)["skills"], net.inspect(X + 5)["skills"])
    assert net.inspect(X)["skills"].shape == (3, 4)
    assert net_of(n_modules=0).inspect(X) == {}


def test_where_there_is_one_common_module_nothing_is_chosen():
    assert not [name for name, _ in net_of(n_modules=1).named_parameters() if name.startswith("skills")]


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"n_modules": -1}, "`n_modules` must be at least 0; got -1"),
        ({"n_modules": 0, "own": False}, "`n_modules` must be at least 1; got 0"),
        ({"n_modules": 3, "skills": [[1, 1], [1, 1], [1, 1]]}, r"`skills` must have .* \(3, 3\); got 3 rows of 2"),
        ({"n_modules": 2, "skills": [[1, 1], [1, -1], [1, 1]]}, "`skills` must be zero or more"),
        ({"n_modules": 2, "skills": [[1, 1], [0, 0], [1, 1]]}, "`skills` must be zero or more, with some use in every row"),
        ({"n_modules": 2, "skills": [[1, 0], [1, 0], [1, 0]]}, "`skills` must be zero or more, with some use in every row and column"),
        ({"n_modules": 2, "skills": [[1, float("nan")], [1, 0], [1, 0]]}, r"`skills\[0\]\[1\]` must be a finite number"),
    ],
)
def test_impossible_modules_get_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        net_of(**knobs)
