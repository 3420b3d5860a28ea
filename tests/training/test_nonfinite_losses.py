"""A loss that isn't finite: marked, named, or left out of the update, and never a matter of the other nets."""

import numpy as np
import pytest
import torch

from mtl_tutor.balancing import EqualWeighting, PCGrad, UncertaintyWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train

X = np.random.default_rng(0).standard_normal((20, 3))
TASKS = (Task("sum"), Task("square"))
ODD = 7.0
"""A label for which the loss below is infinite."""


def overflows(outputs, labels):
    """The squared error, which one label makes infinite."""
    return (outputs[:, 0] - labels).square() * torch.where(labels == ODD, torch.inf, 1.0)


def data(label: float | None = None, sample: int = 3) -> TaskData:
    """Two tasks; one label of the first may be replaced."""
    y = np.stack([X.sum(1), X[:, 0] ** 2], 1)
    if label is not None:
        y[sample, 0] = label
    return TaskData(TASKS, Samples(X, y))


def run(given, method=EqualWeighting(), **settings):  # noqa: B008
    return train(HardSharing(3, 5, 2), given, method, **{"seeds": 3, "steps": 15, "losses": {"sum": overflows}} | settings)


def parameters_of(history, rows=slice(None)) -> list[bytes]:
    return [values[rows].tobytes() for values in history.parameters.values()]


def test_a_net_is_marked_and_the_others_go_on():
    history = run(lambda seed: data(ODD if seed == 1 else None))
    assert history.diverged.tolist() == [False, True, False]
    assert parameters_of(history, [0, 2]) == parameters_of(run(data(), seeds=[0, 2]))


def test_task_step_seed_and_split_are_named():
    message = r"`losses` must stay finite where nonfinite='raise'; after 0 steps that of task 'sum' is inf on the train samples of seed 1\."
    with pytest.raises(ValueError, match=message):
        run(lambda seed: data(ODD if seed == 1 else None), nonfinite="raise")
    assert not run(data(), nonfinite="raise").diverged.any()


@pytest.mark.parametrize("method", [EqualWeighting(), UncertaintyWeighting(), PCGrad()], ids=repr)
def test_a_skipped_task_counts_as_one_without_labels(method):
    skipped = run(data(ODD), method, nonfinite="skip")
    absent = run(data(), method, sample_weight=np.stack([X[:, 0] > 9, X[:, 0] < 9], 1).astype(float))  # none, and all
    assert parameters_of(skipped) == parameters_of(absent)


@pytest.mark.parametrize("method", [EqualWeighting(), PCGrad()], ids=repr)
def test_only_the_batch_in_which_it_overflows_is_skipped(method):
    history = run(data(ODD), method, nonfinite="skip", batch_size=1, steps=100)
    assert all(np.isfinite(values).all() for values in history.parameters.values())
    error = ((X.sum(1) - X.sum(1).mean()) ** 2).mean()
    known = np.arange(20) != 3
    net = HardSharing(3, 5, 2)
    net.load_state_dict({name: torch.from_numpy(values[0]) for name, values in history.parameters.items()})
    left = (net(torch.from_numpy(X).float())[0][known, 0].detach().numpy() - X.sum(1)[known]) ** 2
    assert left.mean() < error / 2


def test_without_such_a_loss_skipping_changes_nothing():
    assert parameters_of(run(data(), PCGrad(), nonfinite="skip")) == parameters_of(run(data(), PCGrad()))


@pytest.mark.messages
def test_another_word_is_refused():
    with pytest.raises(ValueError, match="`nonfinite` must be"):
        run(data(), nonfinite="ignore")
