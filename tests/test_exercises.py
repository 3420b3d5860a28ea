"""Checkers accept the solution that the chapter folds away, and say what is wrong with a wrong one."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from mtl_tutor import exercises
from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.exercises import (
    check_auc,
    check_correlation,
    check_decay,
    check_erratum,
    check_exactly_one,
    check_floor,
    check_fresh_labels,
    check_growth,
    check_hints,
    check_masked_loss,
    check_mean_loss,
    check_meeting_place,
    check_neighbour,
    check_noise_tasks,
    check_one_output,
    check_opposite,
    check_parameters,
    check_rate,
    check_reading,
    check_relatives,
    check_same_size,
    check_shrinkage,
    check_sixth_question,
    check_spread,
    check_step_to_mean,
    check_strangers,
    check_two_counts,
    check_two_trunks,
    check_units,
    check_units_needed,
    check_weights,
)
from mtl_tutor.exercises.relatives import SITUATIONS
from mtl_tutor.ledger import read_ledger
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import noise_tasks, shared_feature
from mtl_tutor.training import FreshNoise

BOOK = Path(__file__).parents[1] / "book"
CHAPTERS = [path for path in sorted(BOOK.rglob("*.ipynb")) if "On your own" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_folded_solutions_pass(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    checks = [
        call for cell in cells if cell["cell_type"] == "code" for call in re.findall(r"^check_\w+\(\w+\)", "".join(cell["source"]), re.M)
    ]
    text = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "markdown")
    solutions = re.findall(r"<summary>One solution</summary>.*?```python\n(.*?)```", text, re.S)
    assert len(checks) == len(solutions)
    assert checks or "There are no checkers here" in text
    for check, solution in zip(checks, solutions, strict=True):
        names = {name: getattr(exercises, name) for name in exercises.__all__} | {"np": np, "torch": torch, "ledger": read_ledger()}
        exec(solution, names)
        assert eval(check, names).startswith("Right")


@pytest.mark.parametrize("check", [getattr(exercises, name) for name in exercises.__all__])
def test_an_untouched_exercise_is_not_yet_right(check):
    assert check(None).startswith("Not yet")


def test_masked_loss_catches_the_three_usual_mistakes():
    assert "NaN" in check_masked_loss(lambda o, y: (o - y).square().mean())
    assert "labelled ones only" in check_masked_loss(lambda o, y: (o - y).square().nansum() / len(y))
    assert "NaN times zero" in check_masked_loss(lambda o, y: torch.where(y.isnan(), 0, (o - y).square()).sum() / 2)


def test_a_question_that_leaves_twins_is_told_which():
    assert "5 and 7" in check_sixth_question({0, 1, 2})


@pytest.mark.parametrize(
    ("pairs", "hint"),
    [
        ([("a", "b"), ("c", "d"), ("e", "f")], "exactly one"),
        ([("a", "b"), ("a", "b"), ("a", "c")], "second group"),
        ([("a", "b")], "three pairs"),
    ],
)
def test_meeting_place_says_what_is_wrong(pairs, hint):
    assert hint in check_meeting_place(pairs)


def test_a_shared_trunk_is_found_out():
    assert "both tasks move trunk" in check_two_trunks(HardSharing(6, 4, 2))


def test_two_trunks_have_one_output_for_each_task():
    class ThreeAndTwo(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.heads = torch.nn.ModuleList([torch.nn.Linear(6, 3), torch.nn.Linear(6, 2)])

        def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
            return [head(x) for head in self.heads]

    assert "got [(8, 3), (8, 2)]" in check_two_trunks(ThreeAndTwo())


def test_what_is_left_of_the_squares_does_not_depend_on_the_answer():
    assert "left over" in check_spread(lambda y: y.var(axis=1).mean())


def test_a_floor_for_one_parameter_is_not_one_for_two():
    assert "2 parameters" in check_floor(lambda noise, n_samples, n_parameters: noise**2 / n_samples)


def test_a_ranking_turned_around_and_one_that_looks_at_sizes_are_found_out():
    assert "4 of 6" in check_auc(lambda strength, relevant: (strength[relevant][:, None] < strength[~relevant]).mean())
    assert "Not yet" in check_auc(lambda strength, relevant: strength[relevant].sum() / strength.sum())


def test_growth_is_neither_linear_nor_none():
    assert "for 4 view(s)" in check_growth(lambda n_tasks: n_tasks)
    assert "for 4 view(s)" in check_growth(lambda n_tasks: 1.0)


@pytest.mark.parametrize(
    ("neighbour", "hint"),
    [
        (lambda x: x[:, 0] * x[:, 1], "a hint"),
        (lambda x: x[:, 0] * x[:, 1] * x[:, 2], "0.00"),
        (lambda x: np.ones(len(x)), "not the same for all"),
        (lambda x: x, "one label"),
    ],
)
def test_a_neighbour_has_to_pay_for_the_feature_without_being_it(neighbour, hint):
    assert hint in check_neighbour(neighbour)


@pytest.mark.parametrize(("weights", "hint"), [((1.0, 1.0), "five times"), ((0.2, 1.0), "add up to 2")])
def test_weights_need_the_ratio_and_the_sum(weights, hint):
    assert hint in check_weights(FixedWeighting(weights))


def test_noise_tasks_are_counted_and_their_spread_is_measured():
    one = shared_feature(1, 40, n_features=15)
    assert "2 tasks" in check_noise_tasks(noise_tasks(one, 1, sd=2.0))
    assert "standard deviation 2" in check_noise_tasks(noise_tasks(one, 8))


@pytest.mark.parametrize(
    ("noise", "hint"), [(FreshNoise(labels=(1, 1, 1)), "none for the first"), (FreshNoise(0.1, (0, 1, 1)), "left alone")]
)
def test_fresh_labels_leave_the_rest_alone(noise, hint):
    assert hint in check_fresh_labels(noise)


@pytest.mark.parametrize(
    ("hints", "hint"),
    [
        (lambda x: (x > 0).astype(float), "number of bits"),
        (lambda x: np.column_stack([(x > 0).sum(axis=1) >= 1] * 3).astype(float), "no weighted sum"),
        (lambda x: x, "zeros or ones"),
    ],
)
def test_hints_are_steps_that_add_up_to_parity(hints, hint):
    assert hint in check_hints(hints)


@pytest.mark.parametrize(
    ("units", "hint"),
    [
        (lambda x: np.maximum(x, 0), "no linear function of your 2"),
        (lambda x: np.maximum(np.column_stack([x.sum(axis=1), -x.sum(axis=1), x[:, 0]]), 0), "fewer"),
        (lambda x: x, "zero or more"),
    ],
)
def test_relu_units_for_xor_are_few(units, hint):
    assert hint in check_units(units)


@pytest.mark.parametrize(("weights", "hint"), [((1.0,) * 8, "8 times"), ((0.5, 0.5), "eight weights")])
def test_a_mean_of_losses_pushes_once(weights, hint):
    assert hint in check_mean_loss(FixedWeighting(weights))


@pytest.mark.parametrize(("rates", "hint"), [((0.02, 0.02), "five equal gradients"), ((0.1, 0.1), "its own copy")])
def test_copies_speed_up_the_trunk_only(rates, hint):
    assert hint in check_rate(rates)


@pytest.mark.parametrize(("units", "hint"), [((10, 10), "for each direction"), ((2, 2), "more or fewer"), ((2, 12), "more or fewer")])
def test_tasks_that_share_directions_need_no_rooms_of_their_own(units, hint):
    assert hint in check_units_needed(units)


def test_the_same_size_is_counted_in_parameters():
    assert "273 parameters" in check_same_size(16)


@pytest.mark.parametrize(
    ("count", "hint"),
    [(lambda d, r, n_tasks: r + d * r / n_tasks, "all d·r entries"), (lambda d, r, n_tasks: r, "should be 3.27; got 3")],
)
def test_a_subspace_is_counted_once(count, hint):
    assert hint in check_parameters(count)


@pytest.mark.parametrize(
    ("shrink", "hint"),
    [
        (lambda y: y, "Not yet: the risk per mean is 1.0"),
        (lambda y: 0.9 * y, "move by 7"),
        (lambda y: np.full(y.shape, 20.0), "move by 7"),
        (lambda y: y.mean(axis=1, keepdims=True) + 0 * y, "Not yet"),
        (lambda y: y.mean(axis=1), "one estimate per measurement"),
    ],
)
def test_shrinking_towards_zero_or_altogether_is_found_out(shrink, hint):
    assert hint in check_shrinkage(shrink)


def test_a_gain_that_shuffled_labels_have_too_is_not_the_tasks():
    assert "shuffled labels" in check_reading(True)
    assert check_reading(False).startswith("Right")


def test_claims_of_which_the_opposite_was_found_are_listed_all_and_no_others():
    ids = [row["id"] for row in read_ledger() if row["verdict"] == "opposite" and "003" in row["source"]]
    assert "1 more" in check_opposite(ids[1:])
    assert "attribute-selection-error is not shown to be the opposite" in check_opposite([*ids, "attribute-selection-error"])
    assert check_opposite(ids).startswith("Right")


def test_two_nets_are_counted_apart_from_one():
    assert check_two_counts((484, 276)).startswith("Right")
    assert "two nets" in check_two_counts((276, 276))
    assert "one net" in check_two_counts((484, 300))


def test_one_output_cannot_serve_a_task_and_its_opposite():
    assert check_one_output(1.0).startswith("Right")
    assert "Can both" in check_one_output(0.0)
    assert "mean" in check_one_output(2.0)


def test_every_relative_is_told_by_its_narrowest_name():
    assert check_relatives(dict(SITUATIONS)).startswith("Right")
    for situation in SITUATIONS:
        assert situation in check_relatives({**SITUATIONS, situation: "meta-learning"})


def test_ten_independent_classes_are_rarely_exactly_one():
    hits = np.random.default_rng(0).random((200_000, 10)) < 0.1
    assert check_exactly_one((hits.sum(1) == 1).mean()).startswith("Right")
    assert "sum to 1" in check_exactly_one(1.0)
    assert "ten ways" in check_exactly_one(0.0387)


def test_strangers_among_the_peaks_are_counted_once():
    assert check_strangers(360).startswith("Right")
    assert "twice" in check_strangers(720)
    assert "leaves over" in check_strangers(100)


def test_the_slip_in_the_table_is_found():
    assert check_erratum(0.165 / 0.183 - 1).startswith("Right")
    assert "prints" in check_erratum(-0.109)
    assert "single" in check_erratum(0.098)


def test_correlations_in_samples_of_fifty_spread():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-5, 5, (2, 4000, 50))
    found = [np.corrcoef(p + q, p - q)[0, 1] for p, q in zip(a, b, strict=True)]
    assert check_correlation(np.std(found)).startswith("Right")
    assert check_correlation(0.01).startswith("Not yet")
    assert "independent" in check_correlation(0.143)


def test_xor_itself_is_no_relu_unit() -> None:
    assert "unit 1 is no ReLU" in check_units(lambda x: (x[:, 0] != x[:, 1])[:, None].astype(float))


def test_a_unit_that_is_on_at_both_ends_is_no_relu() -> None:
    assert "unit 1 is no ReLU" in check_units(lambda x: abs(x[:, :1] + x[:, 1:]))


def test_shrinking_needs_the_degrees_of_freedom_and_the_squares() -> None:
    def two_degrees(y: np.ndarray) -> np.ndarray:
        mean = y.mean(1, keepdims=True)
        return mean + (1 - (y.shape[1] - 2) / ((y - mean) ** 2).sum(1, keepdims=True)) * (y - mean)

    assert "your factor is 1 - 8" in check_shrinkage(two_degrees)
    assert "it does harm" in check_shrinkage(lambda y: (y + y.mean(1, keepdims=True)) / 2)


@pytest.mark.messages
@pytest.mark.parametrize(
    ("check", "answer", "sentence"),
    [
        (check_weights, (1 / 3, 5 / 3), "Not yet: `method` must be a FixedWeighting; got (0."),
        (check_weights, FixedWeighting((1.0, 1.0, 1.0)), "Not yet: there are two losses"),
        (check_step_to_mean, float("nan"), "Not yet: `strength` must be a finite number; got nan."),
        (check_step_to_mean, "ten", "Not yet: `strength` must be a number; got 'ten'."),
        (check_auc, 0.5, "Not yet: `auc` must be a function; got 0.5."),
        (check_growth, lambda n_views: None, "Not yet: your function should return one number; got None."),
        (check_growth, lambda n_views: np.nan, "Not yet: your function should return finite numbers"),
        (check_growth, lambda: 1.0, "Not yet: what you wrote raises TypeError: "),
        (check_meeting_place, [("a", "a"), ("a", "b"), ("a", "c")], "Not yet: `solvable_from` must give each task two different"),
        (check_decay, [1.0], "Not yet: `costs` must have 2 entries; got 1."),
    ],
)
def test_a_checker_answers_to_any_kind_of_answer(check, answer, sentence) -> None:
    assert check(answer).startswith(sentence)


def test_numbers_of_numpy_and_torch_are_read_as_numbers() -> None:
    assert check_same_size(23.0) == check_same_size(np.int64(23)) == check_same_size(torch.tensor(23)) == check_same_size(23)
    assert check_same_size(23).startswith("Right")
