"""Codes are read off nets, compared with the planted ones, and answer as the nets themselves do."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments import TaskCodes, TaskTokensExperiment, ZeroShot, code_plane
from mtl_tutor.experiments.sharing.conditioning.code_nets import FILM, circular_order, codes_of, curves, explained, strangers
from mtl_tutor.experiments.sharing.conditioning.new_curves import film_answers, found, nearest, new_curves, told
from mtl_tutor.training import predict

SEEDS = [3, 4]
PLANTED = [curves(seed, 6, 8, 0.2) for seed in SEEDS]
HISTORY = FILM.train(lambda seed: curves(seed, 6, 8, 0.2).data, SEEDS, 16, [0.03, 0.03])
NET = FILM.net(PLANTED[0].data, 16)
NEW = new_curves(PLANTED, SEEDS, n_few=16, noise=0.0)
ANGLES = np.linspace(0, 2 * np.pi, 20, endpoint=False)
CIRCLE = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])


def test_codes_answer_as_the_package_does():
    x = np.linspace(-3, 3, 11)
    answers = film_answers(HISTORY, codes_of(HISTORY), np.tile(x, (2, 1)))
    for task, output in enumerate(predict(NET, HISTORY, x[:, None])):
        np.testing.assert_allclose(answers[:, task], output[..., 0], atol=1e-5)


def test_codes_that_are_nobodys_answer_as_the_package_does():
    NET.load_state_dict({name: torch.from_numpy(values[1]) for name, values in HISTORY.parameters.items()})
    code, x = np.array([0.3, -0.8]), np.linspace(-3, 3, 7)
    mine = film_answers(HISTORY, np.tile(code, (2, 1, 1)), np.tile(x, (2, 1)))[1, 0]
    theirs = NET.answer(torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(code, dtype=torch.float32))
    np.testing.assert_allclose(mine, theirs.detach().numpy()[:, 0], atol=1e-5)


def test_a_linear_picture_of_the_plane_explains_all_and_noise_little():
    truth = np.random.default_rng(0).normal(size=(20, 2))
    assert explained(truth, truth @ np.array([[2.0, 1.0], [0.3, -1.0]]) + 5) == pytest.approx(1)
    by_chance = [explained(truth, np.random.default_rng(seed).normal(size=(20, 2))) for seed in range(400)]
    assert np.mean(by_chance) == pytest.approx(2 / 19, abs=0.02)  # two slopes, nineteen degrees of freedom


def test_order_counts_up_to_a_turn_a_stretch_and_a_reflection():
    stretched = CIRCLE @ np.array([[3.0, 0.4], [0.0, -0.2]]) + 1
    assert circular_order(ANGLES, stretched) == pytest.approx(1)
    assert circular_order(-ANGLES % (2 * np.pi), stretched) == pytest.approx(1)
    dealt = [circular_order(ANGLES, CIRCLE[np.random.default_rng(seed).permutation(20)]) for seed in range(200)]
    assert np.mean(dealt) < 0.35


def test_codes_on_a_line_have_no_order_around_a_circle():
    assert circular_order(ANGLES, np.column_stack([np.cos(ANGLES), 0 * ANGLES])) < 0.8


def test_a_trained_curve_that_is_told_again_gets_nearly_its_code():
    again = told(HISTORY, PLANTED, np.stack([one.truth["code"] for one in PLANTED]))
    rest = codes_of(HISTORY) - again
    assert (rest.mean(axis=1) ** 2).max() < 1e-12  # what a least-squares fit with a constant leaves has no mean
    np.testing.assert_allclose(nearest(HISTORY, PLANTED, np.stack([one.truth["code"] for one in PLANTED])), codes_of(HISTORY))


def test_the_found_code_suits_its_labels_as_well_as_any_trained_one_nearly():
    few = film_answers(HISTORY, found(HISTORY, NEW, 16), NEW.x_few)
    misses = ((few - NEW.y_few) ** 2).mean(axis=2)
    for task in range(6):
        code = np.repeat(codes_of(HISTORY)[:, [task]], 5, axis=1)
        assert (misses <= ((film_answers(HISTORY, code, NEW.x_few) - NEW.y_few) ** 2).mean(axis=2) + 0.05).all()


def test_new_curves_are_those_of_the_truth_and_their_labels_lie_on_them():
    np.testing.assert_allclose(NEW.y[0], PLANTED[0].truth["new_answers"].T)
    np.testing.assert_allclose(NEW.code[1], PLANTED[1].truth["new_code"])
    a, phase = (PLANTED[0].truth[f"new_{name}"][:, None] for name in ("amplitude", "phase"))
    np.testing.assert_allclose(NEW.y_few[0], a * np.sin(NEW.x_few[0] + phase))
    far = new_curves(PLANTED, SEEDS, n_few=4, noise=0.0, amplitude=3.0, frequency=2.0)
    assert np.abs(far.y).max() == pytest.approx(3, abs=0.01)
    np.testing.assert_allclose(far.code, NEW.code * (3 / np.linalg.norm(NEW.code, axis=2, keepdims=True)))


def test_new_curves_become_tasks_of_half_the_labels_each():
    data = NEW.data(1)
    assert len(data.tasks) == 5
    for samples in (data.train, data.splits()["validation"]):
        assert np.isfinite(samples.y).sum(axis=0).tolist() == [8] * 5
        assert np.isfinite(samples.y).sum(axis=1).tolist() == [1] * 40


def test_attention_of_tokens_is_shared_out_among_features():
    trial = TaskTokensExperiment(n_samples=10)
    assert len(trial.draw(1).tasks) == 3
    np.testing.assert_array_equal(trial.draw(1, only=2).train.y[:, 0], trial.draw(1).train.y[:, 2])


@pytest.mark.slow
def test_the_plane_shows_every_curve_and_where_the_new_one_was_told_to_be():
    plane = code_plane(0)
    assert plane.points.shape == (20, 2)
    np.testing.assert_allclose(plane.points.T @ plane.points, np.eye(2), atol=1e-9)
    assert set(plane.marks) == {"×"}
    assert np.nanmin(plane.z) < 0.1


@pytest.mark.messages
@pytest.mark.parametrize("trial", [TaskCodes, ZeroShot])
def test_two_curves_make_no_plane(trial):
    with pytest.raises(ValueError, match="n_tasks"):
        trial(n_tasks=2)


def test_strangers_are_measured_at_the_same_points_and_are_as_large():
    data = [strangers(curves(seed, 20, 8, 0.2).data, 0.2, seed) for seed in range(20)]
    first = curves(0, 20, 8, 0.2).data
    np.testing.assert_array_equal(np.isnan(data[0].train.y), np.isnan(first.train.y))
    np.testing.assert_array_equal(data[0].train.x, first.train.x)
    size = np.mean([(one.splits()["test"].y ** 2).mean() for one in data])
    assert size == pytest.approx(np.mean([(curves(seed, 20, 8, 0.2).data.splits()["test"].y ** 2).mean() for seed in range(20)]), rel=0.2)
    values = np.linalg.svd(data[0].splits()["test"].y, compute_uv=False)
    assert (values > 1e-9 * values[0]).sum() == 8  # two numbers would leave two
