"""Landscapes against autograd and a plain loop, and what their papers say of them."""

from functools import partial

import numpy as np
import pytest
import torch

from mtl_tutor.balancing import EqualWeighting, FixedWeighting, PCGrad
from mtl_tutor.sharing import HardSharing
from mtl_tutor.training import SGD, Adam, CAGradToy, ConcaveFront, PCGradToy, descend

KINDS = [PCGradToy, CAGradToy, ConcaveFront]
STARTS = np.array([[-8.5, 7.5], [0.5, -3.0], [2.0, 1.0]])


def formula(kind, a: float, b: float) -> list[float]:
    """The losses as their papers' code has them, in NumPy."""
    if kind is PCGradToy:
        return [20 * np.log(max(abs(0.5 * a + np.tanh(b)), 5e-6)), 25 * np.log(max(abs(0.5 * a - np.tanh(b) + 2), 5e-6))]
    if kind is ConcaveFront:
        return [1 - np.exp(-sum((x - side / np.sqrt(2)) ** 2 for x in (a, b))) for side in (1, -1)]
    h = np.tanh(-b)
    valleys = [np.log(max(abs(0.5 * (-a - 7) - h), 5e-6)) + 6, np.log(max(abs(0.5 * (-a + 3) + h + 2), 5e-6)) + 6]
    bowls = [((end - a) ** 2 + 0.1 * (-b - 8) ** 2) / 10 - 20 for end in (7, -7)]
    above, below = max(np.tanh(0.5 * b), 0), max(np.tanh(-0.5 * b), 0)
    return [above * valley + below * bowl for valley, bowl in zip(valleys, bowls, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_those_of_the_papers(kind):
    for a, b in np.random.default_rng(0).uniform(-9, 9, (50, 2)):
        found = kind().losses_at(torch.tensor([a, b], dtype=torch.float64))
        np.testing.assert_allclose(found.numpy(), formula(kind, a, b), rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("ours", "theirs"), [(SGD(0.9), partial(torch.optim.SGD, momentum=0.9)), (Adam(), torch.optim.Adam)])
def test_paths_are_those_of_a_plain_loop(kind, ours, theirs):
    paths = descend(kind(), FixedWeighting((1.0, 0.5)), starts=STARTS, steps=40, optimizer=ours, every=20)
    for row, start in enumerate(STARTS):
        point = torch.tensor(start, requires_grad=True)
        optimizer = theirs([point], lr=0.01)
        for step in range(41):
            if step % 20 == 0:
                np.testing.assert_allclose(paths.points[row, step // 20], point.detach(), atol=1e-9)
            losses = kind().losses_at(point)
            optimizer.zero_grad()
            (losses[0] + losses[1] / 2).backward()
            optimizer.step()
    assert paths.steps.tolist() == [0, 20, 40]
    expected = [[formula(kind, *point) for point in path] for path in paths.points]
    np.testing.assert_allclose(paths.losses, expected, rtol=1e-6)


def test_a_start_is_followed_alone_as_in_company():
    alone, together = (descend(CAGradToy(), PCGrad(), starts=starts, steps=30) for starts in (STARTS[2:], STARTS))
    np.testing.assert_array_equal(alone.points[0], together.points[2])


def test_no_weighted_sum_ends_between_the_ends_of_a_concave_front():
    for weight in np.linspace(0.3, 0.7, 9):
        paths = descend(ConcaveFront(), FixedWeighting((weight, 1 - weight)), starts=np.array([[0.05, 0.0]]), steps=600, lr=0.05, every=600)
        assert paths.losses[0, -1].max() > 0.95


@pytest.mark.slow
def test_a_larger_learning_rate_frees_what_the_papers_leaves_stuck():
    starts = np.array([[-8.5, 7.5], [9.0, 9.0]])
    paths = [descend(CAGradToy(), EqualWeighting(), starts=starts, steps=4000, lr=lr, every=4000) for lr in (0.003, 0.1)]
    ends = [path.losses[:, -1].mean(1) for path in paths]
    assert (ends[0] > 0).all()
    assert (ends[1] < -15).all()


@pytest.mark.messages
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"starts": np.zeros((2, 3))}, r"`starts` must be finite points \[start 2\]; got an array of shape \(2, 3\)"),
        ({"starts": np.array([[0.0, np.nan]])}, "`starts` must be finite"),
        ({"starts": STARTS, "every": 0}, "`every` must be at least 1"),
    ],
)
def test_bad_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        descend(CAGradToy(), **settings)


@pytest.mark.messages
def test_another_net_is_no_landscape():
    with pytest.raises(TypeError, match="`landscape` must be"):
        descend(HardSharing(1, 2, 2), starts=STARTS)
