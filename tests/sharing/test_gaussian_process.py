"""A process for all tasks finds out who resembles whom, and uses it."""

from dataclasses import replace

import numpy as np
import pytest

from mtl_tutor.sharing.gaussian_process import MultiTaskGP


def relatives(n_samples=30, seed=4):
    """A task, its opposite, which nobody asked about the middle, and a stranger."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 6, size=(n_samples, 1)), axis=0)
    truth = np.hstack([np.sin(x), -np.sin(x), np.cos(2.7 * x)])
    y = truth + 0.1 * rng.normal(size=truth.shape)
    y[(x[:, 0] > 1.5) & (x[:, 0] < 4.5), 1] = np.nan
    return x, y, truth


def test_it_finds_the_opposite_and_the_stranger():
    x, y, _ = relatives()
    correlation = MultiTaskGP().fit(x, y).inspect()["task_correlation"]
    assert correlation[0, 1] < -0.9
    assert abs(correlation[0, 2]) < 0.6


def test_a_task_is_told_by_its_opposite_what_nobody_asked_it():
    x, y, truth = relatives()
    joint = MultiTaskGP().fit(x, y).predict(x)[1]
    alone = MultiTaskGP().fit(x, y[:, [1]]).predict(x)[0]
    assert np.mean((joint - truth[:, [1]]) ** 2) < 0.2 * np.mean((alone - truth[:, [1]]) ** 2)


def test_no_neighbour_of_the_model_makes_the_labels_more_probable():
    x, y, _ = relatives(20)
    fit, rng = MultiTaskGP().fit(x, y), np.random.default_rng(0)

    def nearby(value):
        return value * np.exp(0.03 * rng.normal(size=np.shape(value)))

    for _ in range(30):
        kept = {name: nearby(getattr(fit.model, name)) for name in ("mixing", "own", "noise", "length_scale")}
        assert replace(fit.model, **kept).given(x, y).log_likelihood < fit.log_likelihood + 1e-3


@pytest.mark.parametrize("name", ["mixing", "own", "noise", "length_scale"])
def test_the_likelihood_is_flat_at_the_model(name):
    """Where a value isn't at its limit: changed by a thousandth, up or down, it loses alike, that is, next to nothing."""
    x, y, _ = relatives(20, seed=3)
    y[:, 2] += y[:, 0]
    fit = MultiTaskGP(n_starts=2).fit(x, y)
    value = getattr(fit.model, name)
    free = value > 1e-4 if name == "own" else np.ones(np.shape(value), dtype=bool)
    up, down = (replace(fit.model, **{name: np.where(free, value * f, value)[()]}).given(x, y).log_likelihood for f in (1.001, 0.999))
    assert abs(up - down) / 0.002 < 0.02


def test_more_starts_are_never_worse_and_can_be_better():
    x, y, _ = relatives(8, seed=1)
    found = [MultiTaskGP(rank=2, n_starts=n).fit(x, y).log_likelihood for n in (1, 2, 4)]
    assert found == sorted(found)
    assert found[-1] > found[0] + 0.1


def test_the_units_of_a_label_do_not_matter():
    x, y, _ = relatives(15)
    scale = np.array([1.0, 1024.0, 0.125])  # powers of 2 round nothing
    before, after = (MultiTaskGP(n_starts=1).fit(x, labels) for labels in (y, y * scale))
    np.testing.assert_allclose(np.hstack(after.predict(x)), np.hstack(before.predict(x)) * scale, rtol=1e-9)


@pytest.mark.parametrize("x", [np.zeros((5, 2)), np.arange(5.0)[:, None]], ids=["one place", "a line"])
def test_labels_that_are_all_alike_are_answered_as_they_are(x):
    fit = MultiTaskGP(n_starts=1).fit(x, np.full((5, 2), 7.0))
    np.testing.assert_allclose(np.hstack(fit.predict(x)), 7.0)


def test_a_start_is_a_model_of_its_own_seed_and_number():
    x, y, _ = relatives(15)
    starts = [MultiTaskGP(seed=seed).start(x, y, number) for seed, number in ((0, 0), (0, 0), (0, 1), (1, 0))]
    first, again, *others = (start.mixing.ravel().tolist() for start in starts)
    assert first == again
    assert first not in others


@pytest.mark.parametrize("bad", [{"rank": 0}, {"n_starts": 0}])
def test_bad_settings_get_a_sentence(bad):
    with pytest.raises(ValueError, match="must be at least 1; got 0"):
        MultiTaskGP(**bad)
