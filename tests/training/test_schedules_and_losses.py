"""Learning-rate schedules, seeds of the data, and losses and weights of the reader's own, against plain loops in float64."""

import functools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import SGD, Adam, FreshNoise, cosine, step_decay, train, warmup

TASKS = (Task("number"), Task("coin", "binary"), Task("animal", "multiclass", 3))
SEEDS, STEPS = (4, 0), 80


def mixed_data(seed: int = 0) -> TaskData:
    """One task of each kind, a fifth of the labels missing."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((31, 3))
    y = np.stack([x[:, 0] + 0.1 * rng.standard_normal(31), x[:, 1] > 0, np.digitize(x[:, 2], [-0.5, 0.5])], 1).astype(float)
    y[rng.random(y.shape) < 0.2] = np.nan
    return TaskData(TASKS, Samples(x, y), validation=Samples(x[:11], y[:11]))


class General(HardSharing):
    """A net that the fast path does not recognise."""


def build(kind=HardSharing) -> HardSharing:
    return kind(3, 8, n_outputs=(1, 1, 3))


def naive(data, seed, losses, *, optimizer=None, scheduler=None, steps=STEPS) -> dict[str, np.ndarray]:
    """Train one net; `losses` are functions (outputs, labels) -> mean loss over the labelled samples given, one per task."""
    model = build()
    torch.manual_seed(seed)
    model.reset_parameters()
    model.double()
    step_down = (optimizer or (lambda p: torch.optim.Adam(p, lr=0.01)))(model.parameters())
    rates = scheduler(step_down) if scheduler else None
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    for _ in range(steps):
        step_down.zero_grad()
        total = torch.zeros((), dtype=torch.float64)
        for i, (loss, out) in enumerate(zip(losses, model(x), strict=True)):
            known = ~y[:, i].isnan()
            total = total + loss(out[known], y[known, i], known)
        total.backward()
        step_down.step()
        if rates:
            rates.step()
    return {name: p.detach().numpy() for name, p in model.named_parameters()}


PLAIN = (
    lambda out, y, known: F.mse_loss(out[:, 0], y),
    lambda out, y, known: F.binary_cross_entropy_with_logits(out[:, 0], y),
    lambda out, y, known: F.cross_entropy(out, y.long()),
)


def assert_same(history, expected) -> None:
    for row, parameters in enumerate(expected):
        for name, values in parameters.items():
            np.testing.assert_allclose(history.parameters[name][row], values, rtol=0, atol=1e-10, err_msg=name)


# ---- schedules ---------------------------------------------------------------------------------------------------------

SCHEDULES = {
    "cosine": (cosine(STEPS), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, STEPS)),
    "steps": (step_decay(30, 0.5), lambda o: torch.optim.lr_scheduler.StepLR(o, 30, 0.5)),
    "warmup": (warmup(20), lambda o: torch.optim.lr_scheduler.LinearLR(o, 1 / 20, 1.0, 19)),
    "the reader's own": (lambda step: 1 / (1 + step), lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda step: 1 / (1 + step))),
}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("kind", [HardSharing, General])
def test_a_schedule_is_that_of_torch(schedule, kind):
    ours, theirs = SCHEDULES[schedule]
    data = mixed_data()
    history = train(build(kind), data, seeds=SEEDS, steps=STEPS, schedule=ours, dtype=torch.float64)
    assert_same(history, [naive(data, seed, PLAIN, scheduler=theirs) for seed in SEEDS])


def test_a_schedule_multiplies_every_rows_own_rate_whatever_the_optimizer():
    data = mixed_data()
    settings = {"seeds": [4, 4], "lr": [0.1, 0.01], "steps": 20, "dtype": torch.float64}
    for optimizer in (SGD(0.9), Adam()):
        halved = train(build(), data, schedule=lambda step: 0.5, optimizer=optimizer, **settings)
        small = train(build(), data, optimizer=optimizer, **settings | {"lr": [0.05, 0.005]})
        for name, values in small.parameters.items():
            np.testing.assert_allclose(halved.parameters[name], values, rtol=0, atol=1e-12)


# ---- seeds of the data -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [HardSharing, General])
def test_data_and_starts_may_have_different_seeds(kind):
    seeds, data_seeds = [0, 0, 1, 1], [7, 9, 7, 9]
    history = train(build(kind), mixed_data, seeds=seeds, data_seeds=data_seeds, steps=20, dtype=torch.float64)
    assert_same(history, [naive(mixed_data(d), s, PLAIN, steps=20) for s, d in zip(seeds, data_seeds, strict=True)])


def test_the_seeds_of_the_data_are_the_rows_own_if_no_others_are_given():
    one = train(build(), mixed_data, seeds=[3, 5], steps=5)
    other = train(build(), mixed_data, seeds=[3, 5], data_seeds=[3, 5], steps=5)
    for name, values in one.parameters.items():
        np.testing.assert_array_equal(values, other.parameters[name])


# ---- losses of the reader's own ----------------------------------------------------------------------------------------


def huber(outputs, labels):
    return F.huber_loss(outputs[:, 0], labels, reduction="none", delta=0.3)


def focal(outputs, labels):
    right = outputs.log_softmax(-1).gather(-1, labels.long()[:, None])[:, 0]
    return -((1 - right.exp()) ** 2) * right


def test_losses_of_ones_own_train_as_in_a_plain_loop():
    data = mixed_data()
    losses = {"number": huber, "animal": focal}
    history = train(build(), data, seeds=SEEDS, steps=STEPS, losses=losses, dtype=torch.float64)
    theirs = (lambda out, y, known: huber(out, y).mean(), PLAIN[1], lambda out, y, known: focal(out, y).mean())
    assert_same(history, [naive(data, seed, theirs) for seed in SEEDS])


def test_the_loss_is_ones_own_and_the_error_remains_what_it_is():
    data = mixed_data()
    own = train(build(), data, seeds=2, steps=1, lr=1e-30, losses={"number": huber}, dtype=torch.float64)
    plain = train(build(), data, seeds=2, steps=1, lr=1e-30, dtype=torch.float64)
    for split in ("train", "validation"):
        np.testing.assert_allclose(own.error[split], plain.error[split], atol=1e-12)
        np.testing.assert_allclose(own.loss[split][..., 1:], plain.loss[split][..., 1:], atol=1e-12)
        assert (own.loss[split][..., 0] < plain.loss[split][..., 0]).all()


def test_a_loss_that_fails_without_a_label_sees_none_of_that():
    """The logarithm of a label that is missing is not a number; neither the loss nor its slope may notice."""
    data = TaskData((Task("size"), Task("other")), Samples(np.eye(4), np.array([[1.0, 1], [2, 1], [np.nan, 1], [4, 1]])))

    def relative(outputs, labels):
        return (outputs[:, 0] - labels.log()) ** 2

    history = train(HardSharing(4, 5, 2), data, seeds=3, steps=200, losses={"size": relative})
    assert not history.diverged.any()
    assert (history.loss["train"][:, -1, 0] < 1e-2).all()


# ---- weights -----------------------------------------------------------------------------------------------------------

WEIGHTS = np.random.default_rng(3).random((31, 3)) + 0.1
WEIGHTS[::4] = 0


def weighted(plain, column, per_class=None):
    """Make a weighted mean of PyTorch's losses per sample."""

    def loss(out, y, known):
        weight = torch.from_numpy(WEIGHTS[:, column])[known]
        if per_class is not None:
            weight = weight * torch.tensor(per_class, dtype=torch.float64)[y.long()]
        return (weight * plain(out, y)).sum() / weight.sum()

    return loss


PER_SAMPLE = (
    lambda out, y: (out[:, 0] - y) ** 2,
    lambda out, y: F.binary_cross_entropy_with_logits(out[:, 0], y, reduction="none"),
    lambda out, y: F.cross_entropy(out, y.long(), reduction="none"),
)


def test_weights_of_samples_and_classes_make_a_weighted_mean():
    data = mixed_data()
    classes = {"coin": (1.0, 3.0), "animal": (0.5, 0.0, 2.0)}
    history = train(build(), data, seeds=SEEDS, steps=STEPS, sample_weight=WEIGHTS, class_weight=classes, dtype=torch.float64)
    theirs = [weighted(plain, i, classes.get(task.name)) for i, (plain, task) in enumerate(zip(PER_SAMPLE, TASKS, strict=True))]
    assert_same(history, [naive(data, seed, theirs) for seed in SEEDS])


def test_weights_of_classes_are_those_of_torchs_cross_entropy():
    data = mixed_data()
    weight = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    history = train(build(), data, seeds=SEEDS, steps=STEPS, class_weight={"animal": weight.tolist()}, dtype=torch.float64)
    theirs = (*PLAIN[:2], lambda out, y, known: F.cross_entropy(out, y.long(), weight=weight))
    assert_same(history, [naive(data, seed, theirs) for seed in SEEDS])


def test_equal_weights_are_no_weights():
    data = mixed_data()
    plain = train(build(), data, seeds=3, steps=30, batch_size=7, dtype=torch.float64)
    equal = train(build(), data, seeds=3, steps=30, batch_size=7, sample_weight=np.full(31, 2.5), dtype=torch.float64)
    for name, values in plain.parameters.items():
        np.testing.assert_allclose(equal.parameters[name], values, rtol=0, atol=1e-10)
    for split in ("train", "validation"):
        np.testing.assert_allclose(equal.loss[split], plain.loss[split], atol=1e-10)
        np.testing.assert_allclose(equal.error[split], plain.error[split], atol=1e-10)


@pytest.mark.parametrize("batch_size", [None, 6])
def test_a_sample_of_weight_zero_is_as_good_as_unlabelled(batch_size):
    data, without = mixed_data(), mixed_data()
    without.train.y[::3] = np.nan
    weights = np.ones(31)
    weights[::3] = 0
    settings = {"seeds": 3, "steps": 30, "batch_size": batch_size, "dtype": torch.float64}
    zero, none = train(build(), data, sample_weight=weights, **settings), train(build(General), without, **settings)
    for name, values in none.parameters.items():
        np.testing.assert_allclose(zero.parameters[name], values, rtol=0, atol=1e-10)


def test_weights_follow_their_samples_through_mini_batches_and_noise_on_labels():
    """Labels of weight zero are wild; whatever the batch, they must not be heard."""
    x = np.random.default_rng(0).standard_normal((40, 3))
    y = np.stack([x[:, 0], x[:, 1]], 1)
    y[::2] += 1000
    weights = np.tile([0.0, 1.0], 20)
    data = TaskData((Task("one"), Task("two")), Samples(x, y), validation=Samples(x[1::2], y[1::2]))
    noise = FreshNoise(labels=(0.01, 0.0))
    history = train(HardSharing(3, 16, 2), data, seeds=3, steps=400, batch_size=8, sample_weight=weights, noise=noise)
    assert (history.loss["validation"][:, -1] < 0.1).all()


def test_every_seed_may_have_weights_of_its_own():
    def weights(seed):
        return np.random.default_rng(seed).random(31)

    together = train(build(), mixed_data, seeds=[2, 5], steps=20, sample_weight=weights, data_seeds=[8, 9])
    for row, (seed, data_seed) in enumerate(zip([2, 5], [8, 9], strict=True)):
        alone = train(build(), mixed_data(data_seed), seeds=[seed], steps=20, sample_weight=weights(data_seed), dtype=torch.float32)
        for name, values in alone.parameters.items():
            np.testing.assert_allclose(together.parameters[name][row], values[0], atol=1e-5)


def test_a_seeds_numbers_do_not_depend_on_its_company():
    settings = {"steps": 20, "losses": {"number": huber}, "class_weight": {"coin": (1, 2)}, "sample_weight": WEIGHTS, "batch_size": 7}
    everyone = train(build(), mixed_data(), seeds=9, schedule=cosine(20), **settings)
    for seeds in ([5], [8, 3], range(8, -1, -1)):
        some = train(build(), mixed_data(), seeds=seeds, schedule=cosine(20), **settings)
        for name, values in some.parameters.items():
            np.testing.assert_array_equal(values, everyone.parameters[name][list(seeds)], err_msg=name)


def scaled(outputs, labels, *, factor):
    return factor * (outputs[:, 0] - labels) ** 2


def with_factor(factor):
    return lambda outputs, labels: scaled(outputs, labels, factor=factor)


def test_whatever_decides_the_numbers_makes_another_checkpoint(tmp_path):
    settings = {"seeds": 2, "steps": 3, "checkpoint": tmp_path}
    others = [
        {},
        {"losses": {"number": huber}},
        {"losses": {"number": functools.partial(scaled, factor=2.0)}},
        {"losses": {"number": functools.partial(scaled, factor=3.0)}},
        {"losses": {"number": with_factor(2.0)}},
        {"losses": {"number": with_factor(3.0)}},
        {"sample_weight": WEIGHTS},
        {"class_weight": {"coin": (1, 2)}},
        {"schedule": cosine(3)},
        {"schedule": cosine(4)},
        {"data_seeds": [5, 6]},
    ]
    for other in others:
        for _ in range(2):
            train(build(), mixed_data, **settings | other)
    assert len(list(tmp_path.iterdir())) == len(others)


MISTAKES = [
    ({"schedule": 0.5}, TypeError, "`schedule` must be a function; got 0.5"),
    ({"schedule": lambda step: 1 - step}, ValueError, "`schedule` must return finite factors of zero or more; it returned -1 at step 2"),
    ({"schedule": lambda step: None}, ValueError, "it returned None at step 0"),
    ({"data_seeds": [1]}, ValueError, "`data_seeds` must have one seed per row, 2; got 1"),
    ({"data_seeds": [1, -2]}, ValueError, r"`data_seeds\[1\]` must be at least 0; got -2"),
    ({"data_seeds": [1, 2], "data": mixed_data()}, ValueError, "`data_seeds` needs data that are drawn"),
    ({"losses": huber}, TypeError, "`losses` must be a dict; got the function huber"),
    ({"losses": {"nmber": huber}}, ValueError, "`losses` must name tasks of the data, .*got 'nmber'"),
    ({"losses": {"number": nn.HuberLoss()}}, ValueError, "`losses` of 'number' must return one loss per sample"),
    ({"losses": {"number": lambda outputs, labels: labels}}, ValueError, "that depends on the outputs"),
    ({"losses": {"number": lambda outputs: outputs}}, ValueError, "`losses` of 'number' must take outputs \\(2, 1\\) and labels \\(2,\\)"),
    ({"losses": {"number": 3.0}}, TypeError, r"`losses\['number'\]` must be a function; got 3.0"),
    ({"sample_weight": np.ones(30)}, ValueError, "`sample_weight` must have one number per training sample, \\(31,\\)"),
    ({"sample_weight": np.full(31, 1e300)}, ValueError, r"`sample_weight` must be at most 1e\+30; got 1e\+300. Only ratios count"),
    ({"sample_weight": -np.ones(31)}, ValueError, "`sample_weight` must be finite, zero or more, and not all zero"),
    ({"sample_weight": lambda seed: np.ones(31), "data": mixed_data()}, ValueError, "must be an array where `data` are the same"),
    ({"class_weight": {"animal": (1, 2)}}, ValueError, "`class_weight` of 'animal' must have one number per class, 3"),
    ({"class_weight": {"number": (1, 2)}}, ValueError, "A regression has none"),
    ({"class_weight": {"coin": (0, 0)}}, ValueError, "`class_weight` of 'coin' must be finite"),
    ({"losses": {"number": huber}, "noise": FreshNoise(dropout=0.5)}, ValueError, "Set dropout=0"),
]


@pytest.mark.messages
@pytest.mark.parametrize(("mistake", "error", "message"), MISTAKES, ids=[message[:40] for *_, message in MISTAKES])
def test_a_mistake_is_answered_with_a_sentence(mistake, error, message):
    with pytest.raises(error, match=message):
        train(**{"model": build(), "data": mixed_data, "seeds": 2, "steps": 3} | mistake)


def test_a_decay_that_grows_beyond_all_numbers_is_infinite_and_train_says_at_which_step():
    assert step_decay(1, 1e200)(1) == 1e200
    assert step_decay(1, 1e200)(2) == float("inf")
    with pytest.raises(ValueError, match=r"`schedule` must return finite factors of zero or more; it returned inf at step 2\."):
        train(build(), mixed_data(), seeds=1, steps=3, schedule=step_decay(1, 1e200))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cosine(0), "`steps` must be at least 1; got 0"),
        (lambda: warmup(0), "`steps` must be at least 1; got 0"),
        (lambda: step_decay(0), "`every` must be at least 1; got 0"),
        (lambda: step_decay(5, 0.0), "`factor` must be positive"),
        (lambda: step_decay(5, float("inf")), "`factor` must be a finite number; got inf"),
    ],
)
def test_a_schedule_refuses_what_cannot_work(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_train_is_the_function_though_its_module_has_its_name():
    import importlib

    from mtl_tutor import training

    module = importlib.import_module("mtl_tutor.training.train")
    assert training.train is module.train
    assert callable(training.train)
