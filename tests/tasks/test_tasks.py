"""The toy problems have the structure that they promise, and bad requests get a sentence."""

import numpy as np
import pytest

from mtl_tutor.tasks import (
    Samples,
    Task,
    TaskData,
    averaged_labels,
    bit_groups,
    copies_of_task,
    digits,
    linear_tasks,
    mixtures,
    noise_tasks,
    only_tasks,
    parity,
    products,
    reconstructed,
    shared_feature,
    shuffled_labels,
    sine_family,
    trivial_task,
)


def words(x):
    return x[:, 0::2] * x[:, 1::2]


@pytest.mark.parametrize("others", ["silent", "random"])
def test_both_groups_of_a_task_give_the_label_away_in_training_and_disagree_in_the_test(others):
    data = bit_groups(others=others)
    for task, (first, second) in enumerate([(0, 1), (0, 2)]):
        x, y = data.train.x, data.train.y[:, task]
        said = words(x)[~np.isnan(y)] > 0
        label = y[~np.isnan(y)].astype(bool)
        assert (said[:, first] == label).all()
        assert (said[:, second] == label).all()
        probe, labels = data.test.x[~np.isnan(data.test.y[:, task])], data.test.y[:, task]
        labels = labels[~np.isnan(labels)].astype(bool)
        assert ((words(probe)[:, first] > 0) == labels).all()
        assert ((words(probe)[:, second] > 0) != labels).all()


def test_groups_that_a_task_does_not_need_are_zero_or_say_anything():
    silent, random = bit_groups(others="silent"), bit_groups(others="random")
    assert (silent.train.x[:8, 4:] == 0).all()
    assert words(random.train.x[:32])[:, 2].mean() == 0
    assert len(random.train) == 64


def test_strength_multiplies_a_group_everywhere():
    plain, strong = bit_groups(), bit_groups(strength={"b": 3.0})
    assert np.array_equal(strong.train.x[:, 2:4], 3 * plain.train.x[:, 2:4])
    assert np.array_equal(strong.train.x[:, [0, 1, 4, 5]], plain.train.x[:, [0, 1, 4, 5]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"solvable_from": []}, "two different groups"),
        ({"solvable_from": [("a", "a")]}, "two different groups"),
        ({"strength": {"z": 2.0}}, "must name groups"),
        ({"strength": {"b": 0.0}}, "must be positive"),
        ({"others": "loud"}, "`others` must be one of 'silent', 'random'"),
    ],
)
def test_bit_groups_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        bit_groups(**arguments)


@pytest.mark.parametrize("relatedness", [0.0, 0.5, 1.0])
def test_curves_correlate_as_much_as_asked(relatedness):
    curves = [sine_family(relatedness=relatedness, seed=seed).test.y for seed in range(400)]
    correlation = np.mean([np.corrcoef(y.T)[0, 1] for y in curves])
    assert correlation == pytest.approx(relatedness, abs=0.08)


def test_curves_have_unit_variance_and_the_noise_asked_for():
    data = [sine_family(noise=0.0, seed=seed) for seed in range(100)]
    assert np.mean([d.test.y.var() for d in data]) == pytest.approx(1.0, abs=0.05)
    noisy, clean = sine_family(noise=0.5, n_samples=4000), sine_family(noise=0.0, n_samples=4000)
    assert np.std(noisy.train.y - clean.train.y) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("bad", [{"n_tasks": 0}, {"n_samples": 0}, {"relatedness": 1.2}, {"noise": -1.0}])
def test_sine_family_refuses(bad):
    with pytest.raises(ValueError, match="must"):
        sine_family(**bad)


def test_digits_answers_are_true_of_the_digit():
    data = digits(100, extra=["even", "at least five", "prime", "has a loop", "divisible by three"])
    digit = data.test.y[:, 0]
    assert np.array_equal(data.test.y[:, 1], digit % 2 == 0)
    assert np.array_equal(data.test.y[:, 2], digit >= 5)
    assert np.array_equal(data.test.y[:, 5], digit % 3 == 0)


def test_only_the_first_images_carry_the_main_label_and_more_images_move_nothing_else():
    few, many = digits(40, seed=7), digits(40, n_images=300, seed=7)
    assert np.isnan(many.train.y[:, 0]).sum() == 260
    assert not np.isnan(many.train.y[:, 1:]).any()
    assert np.array_equal(many.train.x[:40], few.train.x)
    for split in ("validation", "test"):
        assert np.array_equal(getattr(many, split).x, getattr(few, split).x)


def test_no_image_is_learned_from_and_judged_on():
    data = digits(98, n_images=899, seed=3)
    seen = {row.tobytes() for row in np.concatenate([data.train.x, data.validation.x])}
    assert len(seen) == 98 + 899
    assert not seen & {row.tobytes() for row in data.test.x}


@pytest.mark.parametrize(
    "bad", [{"n_labels": 5}, {"n_labels": 100, "n_images": 50}, {"n_images": 1500}, {"extra": ["odd"]}, {"extra": ["even", "even"]}]
)
def test_digits_refuses(bad):
    with pytest.raises(ValueError, match="must"):
        digits(**bad)


def test_shuffling_keeps_the_labels_and_breaks_the_relation():
    data = digits(200, extra=["even"], n_images=400, seed=1)
    shuffled = shuffled_labels(data, [0, 1], seed=1)
    for task in (0, 1):
        before, after = data.train.y[:, task], shuffled.train.y[:, task]
        assert np.array_equal(np.isnan(before), np.isnan(after))
        assert sorted(before[~np.isnan(before)]) == sorted(after[~np.isnan(after)])
    assert abs(np.corrcoef(data.train.y[:, 1], shuffled.train.y[:, 1])[0, 1]) < 0.2
    assert np.array_equal(shuffled.test.y, data.test.y)


def test_copies_ask_the_same_again():
    data = copies_of_task(digits(20, extra=["even"]), 1, n_copies=2)
    assert [task.name for task in data.tasks] == ["even", "copy 1 of even", "copy 2 of even"]
    assert (data.train.y == data.train.y[:, :1]).all()
    with pytest.raises(ValueError, match="n_copies"):
        copies_of_task(data, n_copies=0)


def test_only_tasks_keeps_the_order_asked_for():
    data = digits(20, extra=["even", "prime"])
    assert [task.name for task in only_tasks(data, [2, 0]).tasks] == ["prime", "which digit"]
    with pytest.raises(ValueError, match="indices"):
        only_tasks(data, [3])


def test_a_task_without_any_label_is_refused():
    with pytest.raises(ValueError, match="must have a label in `train`"):
        TaskData((Task("T"), Task("T'")), Samples(np.zeros((3, 1)), np.array([[1.0, np.nan]] * 3)))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros(3), np.zeros((3, 1)), "two axes"),
        (np.zeros((3, 1)), np.zeros((2, 1)), "same samples"),
        (np.full((3, 1), np.nan), np.zeros((3, 1)), "`x` must be finite"),
        (np.zeros((3, 1)), np.full((3, 1), np.inf), "infinite label"),
    ],
)
@pytest.mark.messages
def test_samples_refuse(x, y, message):
    with pytest.raises(ValueError, match=message):
        Samples(x, y)


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ((), "at least one task"),
        ((Task("a"), Task("b")), "2 tasks"),
        ((Task("a", "binary"),), "0 to 1"),
    ],
)
def test_task_data_refuses(tasks, message):
    with pytest.raises(ValueError, match=message):
        TaskData(tasks, Samples(np.zeros((3, 1)), np.array([[0.0], [1.0], [2.0]])))


@pytest.mark.parametrize("bad", [{"kind": "ranking"}, {"kind": "multiclass"}, {"kind": "binary", "n_outputs": 2}])
@pytest.mark.messages
def test_task_refuses(bad):
    with pytest.raises(ValueError, match="must be"):
        Task("T", **bad)


def test_views_of_one_feature_differ_by_their_noise_alone():
    noisy, clean = (shared_feature(3, 50, noise=noise, seed=4) for noise in (2.0, 0.0))
    np.testing.assert_array_equal(noisy.train.x, clean.train.x)
    assert (clean.train.y == clean.train.y[:, :1]).all()
    noise = noisy.train.y - clean.train.y
    assert noise.std() == pytest.approx(2.0, rel=0.2)
    assert np.abs(np.corrcoef(noise.T)[np.triu_indices(3, 1)]).max() < 0.4
    np.testing.assert_array_equal(noisy.test.y, clean.test.y)


def test_the_first_view_does_not_depend_on_how_many_others_there_are():
    one, four = (shared_feature(k, 30, seed=9) for k in (1, 4))
    np.testing.assert_array_equal(one.train.y[:, 0], four.train.y[:, 0])
    np.testing.assert_array_equal(one.validation.y[:, 0], four.validation.y[:, 0])


def test_the_feature_reads_the_relevant_inputs_only_and_has_unit_variance():
    data = shared_feature(1, 20_000, n_features=6, n_relevant=2, noise=0.0, seed=1)
    assert data.train.y.var() == pytest.approx(1.0, abs=0.03)
    correlations = [abs(np.corrcoef(x, data.train.y[:, 0])[0, 1]) for x in data.train.x.T]
    assert min(correlations[:2]) > 0.1 > 0.03 > max(correlations[2:])


def test_tasks_on_other_inputs_read_other_blocks_and_never_the_first():
    data = shared_feature(4, 20_000, n_features=9, n_relevant=3, noise=0.0, other_inputs=True, seed=2)
    strength = np.abs(np.corrcoef(np.hstack([data.train.x, data.train.y]).T)[9:, :9]).reshape(4, 3, 3).sum(axis=2)
    assert strength.argmax(axis=1).tolist() == [0, 1, 2, 1]


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"n_tasks": 0}, {"n_relevant": 31}, {"n_relevant": 16, "other_inputs": True}, {"noise": -1.0}])
def test_shared_feature_refuses(bad):
    with pytest.raises(ValueError, match="must be"):
        shared_feature(**bad)


def test_averaged_labels_are_the_mean_of_the_training_labels_and_leave_the_test_alone():
    data = shared_feature(4, 30, seed=3)
    averaged = averaged_labels(data)
    np.testing.assert_allclose(averaged.train.y[:, 0], data.train.y.mean(axis=1))
    np.testing.assert_array_equal(averaged.test.y[:, 0], data.test.y[:, 0])
    assert len(averaged.tasks) == 1


def test_trivial_tasks_ask_for_an_input_and_leave_the_main_task_alone():
    data = shared_feature(3, 30, seed=3)
    trivial = trivial_task(data, feature=7)
    np.testing.assert_array_equal(trivial.train.y[:, 0], data.train.y[:, 0])
    np.testing.assert_array_equal(trivial.train.y[:, 1], data.train.x[:, 7])
    np.testing.assert_array_equal(trivial.test.y[:, 2], data.test.x[:, 7])


@pytest.mark.messages
def test_averages_of_classes_and_unknown_inputs_are_refused():
    with pytest.raises(ValueError, match="regressions only"):
        averaged_labels(digits(30, extra=["even"]))
    with pytest.raises(ValueError, match="one of 30 inputs"):
        trivial_task(shared_feature(), feature=30)


def test_the_hard_product_correlates_with_no_coin_and_no_pair_and_the_easy_one_with_the_pair():
    data = products(n_samples=20_000, n_coins=5, seed=2).train
    x, (hard, easy) = data.x, data.y.T
    pairs = np.stack([x[:, i] * x[:, j] for i in range(5) for j in range(i)], axis=1)
    assert np.abs(np.corrcoef(np.column_stack([hard, x, pairs]).T)[0, 1:]).max() < 0.03
    assert np.corrcoef(easy, x[:, 0] * x[:, 1])[0, 1] == pytest.approx(0.5**0.5, abs=0.02)
    assert hard.var() == pytest.approx(1, abs=0.02)
    assert easy.var() == pytest.approx(1, abs=0.02)


def test_only_the_labels_that_train_are_noisy_and_only_those_of_the_noisy_form():
    noisy = products("product of two, noisy", "product of two", 5000, noise=2.0, seed=3)
    assert (noisy.train.y[:, 0] - noisy.train.y[:, 1]).std() == pytest.approx(2.0, rel=0.1)
    np.testing.assert_array_equal(noisy.test.y[:, 0], noisy.test.y[:, 1])
    assert set(np.abs(products(seed=3).train.y[:, 0])) == {1.0}


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"main": "sum"}, {"other": "product of three"}, {"n_coins": 3}, {"n_samples": 0}, {"noise": -1.0}])
def test_products_refuses(bad):
    with pytest.raises(ValueError, match="must be"):
        products(**bad)


def test_noise_tasks_keep_the_main_task_and_have_nothing_to_do_with_it():
    data = shared_feature(1, 4000, seed=3)
    noisy = noise_tasks(data, 3, sd=2.0, seed=3)
    np.testing.assert_array_equal(noisy.train.y[:, 0], data.train.y[:, 0])
    assert noisy.train.y[:, 1:].std() == pytest.approx(2.0, rel=0.05)
    assert np.abs(np.corrcoef(noisy.train.y.T) - np.eye(4)).max() < 0.06
    assert not np.array_equal(noisy.train.y[:, 1], noisy.validation.y[:, 1])
    assert not np.array_equal(noisy.train.y[:, 1], noise_tasks(data, 3, sd=2.0, seed=4).train.y[:, 1])
    assert not noise_tasks(data, 2, sd=0).train.y[:, 1:].any()


@pytest.mark.parametrize("n_bits", [2, 4, 5])
def test_parity_is_the_alternating_sum_of_its_counts(n_bits):
    y = parity(n_bits).train.y
    assert len(y) == 2**n_bits
    np.testing.assert_array_equal(y[:, 0], y[:, 1:] @ (-1.0) ** np.arange(n_bits))


def test_the_auxiliary_tasks_of_parity_are_what_they_say():
    x, odd = parity(3).train.x, parity(3).train.y[:, 0]
    np.testing.assert_array_equal(parity(3, "copies").train.y, np.column_stack([odd] * 4))
    np.testing.assert_array_equal(parity(3, "inputs").train.y[:, 1:], x > 0)
    assert parity(3, "constants").train.y[:, 1:].all()
    first, second = (parity(3, "random", seed=seed).train.y for seed in (0, 1))
    np.testing.assert_array_equal(first[:, 0], second[:, 0])
    assert not np.array_equal(first, second)
    flipped = parity(3, "flipped counts", seed=5).train.y[:, 1:]
    assert sorted(flipped.sum(axis=0)) == sorted(parity(3).train.y[:, 1:].sum(axis=0))


def test_or_and_need_one_parity_in_four_ways():
    y = parity(4, "or-and").train.y.astype(bool)
    first = parity(4, "inputs").train.y[:, 1].astype(bool)
    np.testing.assert_array_equal(y[:, 0] & ~first, y[:, 3])
    np.testing.assert_array_equal(y[:, 1] & first, y[:, 2])


def test_mixtures_of_shared_directions_span_as_few_dimensions_as_there_are_directions():
    for shared, dimensions in ((True, 2), (False, 8)):
        y = mixtures(4, 500, noise=0.0, shared=shared, seed=1).train.y
        share = np.linalg.svd(y - y.mean(axis=0), compute_uv=False) ** 2
        assert bool(share[:2].sum() > 0.999 * share.sum()) is (dimensions == 2)
        assert y.std(axis=0) == pytest.approx(np.ones(4), rel=0.15)


def test_the_first_mixture_is_the_same_whatever_the_others_look_through():
    one, other = (mixtures(3, 50, shared=shared, seed=4) for shared in (True, False))
    np.testing.assert_array_equal(one.train.y[:, 0], other.train.y[:, 0])
    assert not np.allclose(one.train.y[:, 1], other.train.y[:, 1])


@pytest.mark.messages
@pytest.mark.parametrize(
    ("make", "bad"),
    [
        (lambda **how: noise_tasks(shared_feature(), **how), {"n_tasks": 0}),
        (lambda **how: noise_tasks(shared_feature(), 1, **how), {"sd": -1.0}),
        (parity, {"n_bits": 1}),
        (parity, {"auxiliary": "friends"}),
        (mixtures, {"n_directions": 0}),
        (mixtures, {"noise": float("nan")}),
    ],
)
def test_companies_refuse(make, bad):
    with pytest.raises(ValueError, match="must"):
        make(**bad)


def test_linear_tasks_live_in_their_basis_or_anywhere():
    real, fake = linear_tasks(40, seed=3), linear_tasks(40, seed=3, shared=False)
    np.testing.assert_allclose(real.w @ real.basis @ real.basis.T, real.w, atol=1e-12)
    np.testing.assert_allclose(real.basis.T @ real.basis, np.eye(3), atol=1e-12)
    assert np.linalg.matrix_rank(fake.w) == 30
    assert (fake.w**2).sum(axis=1).mean() == pytest.approx(3, rel=0.2)


def test_linear_labels_are_the_product_and_the_noise_asked_for():
    tasks = linear_tasks(50, 200, noise=0.5, seed=1)
    for x, y in ((tasks.x, tasks.y), (tasks.x_validation, tasks.y_validation)):
        assert (y - np.einsum("tnd,td->tn", x, tasks.w)).std() == pytest.approx(0.5, rel=0.05)
    assert not np.isin(tasks.x, tasks.x_validation).any()


def test_the_first_linear_tasks_and_their_risk():
    tasks = linear_tasks(5, 4, seed=2)
    assert tasks.first(2).x.shape == (2, 4, 30)
    assert tasks.risk(tasks.w) == 0
    assert tasks.first(2).risk(tasks.w[:2] + 1) == pytest.approx(30)


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"n_tasks": 0}, {"n_samples": 0}, {"noise": -1.0}, {"rank": 0}, {"rank": 31}])
def test_linear_tasks_refuses(bad):
    with pytest.raises(ValueError, match="must"):
        linear_tasks(**bad)


def test_components_are_uncorrelated_have_unit_variance_and_are_known_for_every_image():
    data = reconstructed(digits(20, extra=(), n_images=200, seed=4), 5)
    components = data.train.y[:, 1:]
    np.testing.assert_allclose(np.cov(components.T, bias=True), np.eye(5), atol=1e-8)
    assert np.isnan(data.train.y[20:, 0]).all()
    assert [task.name for task in data.tasks[1:]] == [f"component {k}" for k in range(1, 6)]


def test_components_are_found_in_the_training_inputs_and_read_everywhere():
    data = reconstructed(digits(20, extra=(), n_images=200, seed=4), 5)
    x = np.column_stack([data.train.x, np.ones(200)])
    readers = np.linalg.lstsq(x, data.train.y[:, 1:], rcond=None)[0]
    mean = data.train.x.mean(axis=0)
    test = (data.test.x - mean) @ np.linalg.pinv(data.train.x - mean) @ data.train.y[:, 1:]
    np.testing.assert_allclose(x @ readers, data.train.y[:, 1:], atol=1e-8)
    np.testing.assert_allclose(data.test.y[:, 1:], test, atol=1e-8)


@pytest.mark.parametrize("n_components", [0, 20])
def test_reconstructed_refuses(n_components):
    with pytest.raises(ValueError, match="between 1 and the 19"):
        reconstructed(digits(20, extra=(), seed=4), n_components)
