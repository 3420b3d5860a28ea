"""The switch between shared and own features."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing.global_and_local import GlobalAndLocal
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import inspect_nets, train

X = torch.linspace(-1, 1, 12).reshape(4, 3)


def test_a_head_reads_a_mixture_in_the_proportion_of_the_switch():
    torch.manual_seed(0)
    net = GlobalAndLocal(3, 8, 2, start=0.25)
    np.testing.assert_allclose(net.inspect(X)["switch"], [0.25, 0.25], rtol=1e-6)
    torch.testing.assert_close(net(X)[1], net.heads[1](0.25 * net.trunk(X) + 0.75 * net.local_trunks[1](X)))


def test_one_tasks_loss_leaves_the_others_switch_and_local_trunk_alone():
    torch.manual_seed(0)
    net = GlobalAndLocal(3, 8, 2)
    net(X)[1].square().sum().backward()
    moved = {name.rsplit(".", 1)[0] for name, p in net.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert moved == {"trunk.0", "local_trunks.1.0", "heads.1", "switches"}
    assert net.switches[0].grad is None or net.switches[0].grad == 0
    assert {id(p) for p in net.shared_parameters()} == {id(p) for p in net.trunk.parameters()}


@pytest.mark.parametrize("start", [0.0, 1.0])
def test_a_switch_at_its_end_stays_there(start):
    rng = np.random.default_rng(0)
    data = TaskData((Task("a"), Task("b")), Samples(rng.normal(size=(20, 3)), rng.normal(size=(20, 2))))
    net = GlobalAndLocal(3, 8, 2, start=start)
    history = train(net, data, seeds=2, steps=50)
    assert (inspect_nets(net, history, data.train.x)["switch"] == start).all()
    assert not history.diverged.any()


def test_a_learned_switch_moves_with_its_task():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    data = TaskData((Task("a"), Task("b"), Task("c")), Samples(x, np.column_stack([x[:, 0], x[:, 0], x[:, 1] * x[:, 2]])))
    net = GlobalAndLocal(3, 8, 3)
    switch = inspect_nets(net, train(net, data, seeds=4, steps=200), x)["switch"]
    assert switch.shape == (4, 3)
    assert (switch != 0.5).all()
    assert ((switch > 0) & (switch < 1)).all()


@pytest.mark.parametrize("start", [-0.1, 1.1, float("nan")])
def test_a_start_outside_the_unit_interval_gets_a_sentence(start):
    with pytest.raises(ValueError, match=r"`start` must (lie in \[0, 1\]|be a finite number); got"):
        GlobalAndLocal(3, 8, 2, start=start)
