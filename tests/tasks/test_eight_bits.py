"""Four questions about eight bits: every pattern is there once, every answer is right, and it is known who tells what about parity."""

import numpy as np
import pytest

from mtl_tutor.tasks.eight_bits import HARD, QUESTIONS, eight_bits


def everything(questions, **settings):
    splits = eight_bits(questions, **settings).splits().values()
    return np.concatenate([s.x for s in splits]), np.concatenate([s.y for s in splits]).astype(bool)


def test_every_question_is_answered_as_a_child_would():
    x, y = everything(QUESTIONS, seed=2)
    for bits, answers in zip(x > 0, y, strict=True):
        first, parity = bool(bits[0]), sum(map(int, bits[1:])) % 2 == 1
        wanted = [first or parity, not first or parity, first and parity, not first and parity, parity, *map(bool, bits)]
        assert answers.tolist() == wanted


@pytest.mark.parametrize("n_samples", [1, 96, 254])
def test_each_pattern_is_learned_from_or_chosen_by_or_judged_on(n_samples):
    x, _ = everything(HARD, n_samples=n_samples)
    assert len(np.unique(x, axis=0)) == len(x) == 256
    assert set(np.unique(x)) == {-1.0, 1.0}


def test_half_of_the_labels_of_each_task_tell_parity_and_the_other_half_nothing():
    x, y = everything(HARD)
    first, (one, two, three, four, parity) = x[:, 0] > 0, y.T
    for task, half, else_ in ((one, ~first, True), (two, first, True), (three, first, False), (four, ~first, False)):
        np.testing.assert_array_equal(task[half], parity[half])
        assert (task[~half] == else_).all()


def test_the_fourth_label_follows_from_the_first_and_the_bit_and_the_second_does_not():
    x, y = everything(HARD)
    first, (one, two, _, four, _) = x[:, 0] > 0, y.T
    np.testing.assert_array_equal(four, one & ~first)
    known = np.stack([one, first], axis=1)
    assert any(len(set(two[(known == case).all(axis=1)])) == 2 for case in np.unique(known, axis=0))


def test_a_seed_decides_which_patterns_are_learned():
    one, again, other = eight_bits(seed=1), eight_bits(seed=1), eight_bits(seed=2)
    np.testing.assert_array_equal(one.train.x, again.train.x)
    assert not np.array_equal(one.train.x, other.train.x)


@pytest.mark.messages
@pytest.mark.parametrize(
    "bad", [{"questions": ()}, {"questions": ("parity", "parity")}, {"questions": ("B9",)}, {"n_samples": 0}, {"n_samples": 255}]
)
def test_eight_bits_refuses(bad):
    with pytest.raises(ValueError, match="must"):
        eight_bits(**bad)
