"""The losses that are ready-made: against torch, scikit-learn, closed forms, and in training."""

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_pinball_loss
from torch.nn import functional as F

from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import cosine, focal, huber, pinball, poisson, predict, train

RNG = np.random.default_rng(0)
OUTPUTS = torch.from_numpy(3 * RNG.standard_normal((50, 1)))
LABELS = torch.from_numpy(3 * RNG.standard_normal(50))
CLASSES = torch.from_numpy(RNG.integers(2, size=50).astype(float))


@pytest.mark.parametrize("delta", [0.3, 1.0, 10.0])
def test_huber_is_torchs(delta) -> None:
    expected = F.huber_loss(OUTPUTS[:, 0], LABELS, delta=delta, reduction="none")
    torch.testing.assert_close(huber(delta)(OUTPUTS, LABELS), expected)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_pinball_is_scikit_learns(quantile) -> None:
    found = pinball(quantile)(OUTPUTS, LABELS).mean()
    assert float(found) == pytest.approx(mean_pinball_loss(LABELS, OUTPUTS[:, 0], alpha=quantile))


def test_poisson_is_torchs() -> None:
    counts = torch.arange(50.0, dtype=torch.float64)
    expected = F.poisson_nll_loss(OUTPUTS[:, 0], counts, log_input=True, reduction="none")
    torch.testing.assert_close(poisson()(OUTPUTS, counts), expected)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_is_its_formula(gamma) -> None:
    p = torch.where(CLASSES == 1, OUTPUTS[:, 0].sigmoid(), 1 - OUTPUTS[:, 0].sigmoid())
    torch.testing.assert_close(focal(gamma)(OUTPUTS, CLASSES), -((1 - p) ** gamma) * p.log())
    logits, right = torch.from_numpy(RNG.standard_normal((50, 4))), torch.from_numpy(RNG.integers(4, size=50))
    p = logits.softmax(-1)[torch.arange(50), right]
    torch.testing.assert_close(focal(gamma)(logits, right.double()), -((1 - p) ** gamma) * p.log())


def test_focal_without_gamma_is_the_cross_entropy() -> None:
    expected = F.binary_cross_entropy_with_logits(OUTPUTS[:, 0], CLASSES, reduction="none")
    torch.testing.assert_close(focal(0)(OUTPUTS, CLASSES), expected)


@pytest.mark.parametrize("loss", [focal(2.0), focal(0.5), huber(), pinball(0.9), poisson()])
def test_extreme_outputs_have_finite_losses_and_slopes(loss) -> None:
    outputs = torch.tensor([[-80.0], [0.0], [80.0], [80.0]], requires_grad=True)
    value = loss(outputs, torch.tensor([1.0, 0.0, 0.0, 1.0]))
    assert value.isfinite().all()
    assert torch.autograd.grad(value.sum(), outputs)[0].isfinite().all()


def test_two_classes_are_told_alike_by_one_output_and_by_two() -> None:
    two = torch.cat([torch.zeros_like(OUTPUTS), OUTPUTS], 1)
    torch.testing.assert_close(focal()(two, CLASSES), focal()(OUTPUTS, CLASSES))


def test_trained_without_inputs_each_loss_finds_the_best_constant() -> None:
    """Against the lowest mean loss of a fine grid of constants, and the statistic that each loss is made for."""
    y = np.random.default_rng(1).poisson(3.0, 200).astype(float)
    tasks = (Task("huber"), Task("pinball"), Task("poisson"), Task("focal", "binary"))
    losses = {"huber": huber(0.5), "pinball": pinball(0.9), "poisson": poisson(), "focal": focal(0.5)}
    data, model = TaskData(tasks, Samples(np.zeros((200, 1)), np.stack([y, y, y, y > 3], 1))), HardSharing(1, 2, 4)
    history = train(model, data, seeds=1, steps=600, lr=0.05, losses=losses, schedule=cosine(600))
    found = [float(answer[0, 0, 0]) for answer in predict(model, history, np.zeros((1, 1)))]
    labels, grid = torch.from_numpy(data.train.y), torch.linspace(-2, 10, 2401, dtype=torch.float64)
    for i, loss in enumerate(losses.values()):
        lowest = min(float(loss(constant.expand(200, 1), labels[:, i]).mean()) for constant in grid)
        assert float(loss(torch.full((200, 1), found[i]).double(), labels[:, i]).mean()) == pytest.approx(lowest, abs=2e-3)
    assert found[1] == pytest.approx(np.quantile(y, 0.9), abs=0.05)
    assert found[2] == pytest.approx(np.log(y.mean()), abs=0.01)


@pytest.mark.messages
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: huber(0), r"^`delta` must be positive; got 0\.$"),
        (lambda: huber(float("nan")), r"^`delta` must be a finite number; got nan\.$"),
        (lambda: pinball(1), r"^`quantile` must lie between 0 and 1; got 1\. The median is 0\.5\.$"),
        (lambda: pinball("a"), r"^`quantile` must be a number; got 'a'\.$"),
        (lambda: focal(-1), r"^`gamma` must be zero or more; got -1\.$"),
    ],
)
def test_settings_out_of_range_are_told(make, sentence) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        make()
