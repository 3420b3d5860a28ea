"""The bits say what A and B are, and the feature is where it was asked for."""

import numpy as np
import pytest

from mtl_tutor.tasks.sigmoid_sums import sigmoid_sums


def numbers(bits):
    """A and B, to half a step, from bits of 0 and 1 with the highest first."""
    return (bits.reshape(len(bits), 2, 10) @ 2.0 ** np.arange(9, -1, -1) + 0.5) / 1024 * 10 - 5


def logit(p):
    return np.log(p / (1 - p))


def test_labels_are_the_sum_and_the_difference_of_the_numbers_in_the_bits():
    data = sigmoid_sums(n_samples=200, seed=3)
    for samples in data.splits().values():
        a, b = numbers(samples.x).T
        np.testing.assert_allclose(logit(samples.y), np.column_stack([a + b, a - b]), atol=0.0101)


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_bits_are_low_or_one_and_numbers_fill_their_range(low):
    x = sigmoid_sums(n_samples=2000, low=low).train.x
    assert set(np.unique(x)) == {low, 1.0}
    drawn = numbers((x - low) / (1 - low))
    assert drawn.min() < -4.9
    assert drawn.max() > 4.9
    np.testing.assert_allclose((drawn.mean(), drawn.std()), (0, 10 / 12**0.5), atol=0.15)


def test_the_same_seed_asks_the_same_wherever_the_feature_goes():
    as_output, as_input, nowhere = (sigmoid_sums(place=place, seed=5) for place in ("output", "input", "nowhere"))
    for split in ("train", "validation", "test"):
        out, into, none = (data.splits()[split] for data in (as_output, as_input, nowhere))
        np.testing.assert_array_equal(out.x, none.x)
        np.testing.assert_array_equal(into.x[:, :20], none.x)
        np.testing.assert_array_equal(into.x[:, 20], out.y[:, 1])
        np.testing.assert_array_equal(out.y[:, :1], none.y)
    assert not np.array_equal(sigmoid_sums(seed=6).train.x, as_output.train.x)


def test_noise_is_in_every_input_but_in_no_test_label_and_never_in_the_main_task():
    for place in ("output", "input"):
        plain, noisy = (sigmoid_sums(2000, place=place, noise=noise, n_held_out=2000, seed=1) for noise in (0.0, 2.0))
        for split, clean in plain.splits().items():
            met = noisy.splits()[split]
            np.testing.assert_array_equal(met.y[:, 0], clean.y[:, 0])
            added = (met.x - clean.x)[:, -1] if place == "input" else (met.y - clean.y)[:, -1]
            assert added.std() == pytest.approx(0.0 if (place, split) == ("output", "test") else 2.0, abs=0.1)


def test_by_chance_sum_and_difference_correlate_in_samples_of_fifty_as_theory_says():
    correlations = []
    for seed in range(1000):
        samples = sigmoid_sums(seed=seed, n_held_out=1).train
        correlations.append(np.corrcoef(logit(samples.y).T)[0, 1])
    # r = (s_A² - s_B²) / (s_A² + s_B²), and a uniform number's s² has variance 0.8 σ⁴ / n (a normal one's: 2 σ⁴ / n)
    assert np.std(correlations) == pytest.approx((0.4 / 50) ** 0.5, abs=0.007)
    assert np.mean(np.abs(correlations) < 0.01) < 0.15


@pytest.mark.messages
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_samples": 0}, "at least 1"),
        ({"n_held_out": 0}, "at least 1"),
        ({"noise": -1.0}, "`noise` must be zero or more"),
        ({"place": "elsewhere"}, "one of"),
        ({"low": 1.0}, "`low` must be another number than 1"),
    ],
)
def test_sigmoid_sums_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        sigmoid_sums(**arguments)
