"""Checkers accept the solution that the chapter folds away, and say what is wrong with a wrong one."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from mtl_tutor import exercises
from mtl_tutor.exercises import (
    check_auc,
    check_breaks,
    check_correlation,
    check_decay,
    check_erratum,
    check_exactly_one,
    check_feeds,
    check_floor,
    check_growth,
    check_labels_at_peak,
    check_lucky,
    check_masked_loss,
    check_n_read,
    check_one_output,
    check_opposite,
    check_order,
    check_own_numbers,
    check_parameters,
    check_parted,
    check_reading,
    check_relatives,
    check_same_size,
    check_seesaw,
    check_shrink,
    check_shrinkage,
    check_sixth_question,
    check_slopes,
    check_spread,
    check_step_to_mean,
    check_stitch,
    check_strangers,
    check_suits,
    check_sum,
    check_two_counts,
    check_units_needed,
)
from mtl_tutor.exercises.regularised_families import SITUATIONS as STRUCTURES
from mtl_tutor.exercises.relatives import SITUATIONS
from mtl_tutor.ledger import read_ledger
from mtl_tutor.statistics import Interval

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


def test_one_step_leads_to_the_mean_only_at_one_strength():
    trunks = torch.tensor([1.0, 5.0], requires_grad=True)
    (10.0 * (trunks - trunks.mean()).square().sum()).backward()
    assert (trunks - 0.05 * trunks.grad).tolist() == pytest.approx([3.0, 3.0])
    assert check_step_to_mean(10.0).startswith("Right")
    assert "factor 2" in check_step_to_mean(20.0)
    assert "should be 0" in check_step_to_mean(1.0)


def test_labels_at_the_peak_are_as_many_as_matrices_of_that_rank_have_dimensions():
    trunk, heads = (torch.randn(20, 2, dtype=torch.float64), torch.randn(2, 6, dtype=torch.float64))
    slopes = torch.autograd.functional.jacobian(lambda a, b: (a @ b).flatten(), (trunk, heads))
    free = torch.linalg.matrix_rank(torch.cat([slope.flatten(1) for slope in slopes], dim=1))
    assert check_labels_at_peak(int(free) / 6).startswith("Right")
    assert "4 too many" in check_labels_at_peak(52 / 6)
    assert "alone" in check_labels_at_peak(20)
    assert "48" not in check_labels_at_peak(3)


def test_a_stitch_reads_rows_and_a_cascade_lists_who_is_read():
    assert "unchanged" in check_stitch(lambda alpha, h: h.sum(0, keepdim=True).expand_as(h))
    assert "exchanged" in check_stitch(lambda alpha, h: torch.einsum("st,snf->tnf", alpha, h))
    assert "shape" in check_stitch(lambda alpha, h: h.flatten())
    assert "1.9" in check_stitch(lambda alpha, h: h)
    assert "read by whom" in check_feeds([(), (0, 2), (0,)])
    assert "three" in check_feeds([(1,), ()])
    assert "task 2" in check_feeds([(1, 2), (), (0,)])


@pytest.mark.parametrize(
    ("add", "hint"),
    [
        (lambda start, ends, c: start + c * sum(ends), "not theta_t"),
        (lambda start, ends, c: start + c * (np.mean(ends, axis=0) - start), "the mean of the vectors"),
        (lambda start, ends, c: sum(c * (end - start) for end in ends), "theta_0 +"),
        (lambda start, ends, c: 0.0, "as many weights"),
    ],
)
def test_a_sum_of_what_changed_is_told_from_its_neighbours(add, hint):
    assert hint in check_sum(add)


@pytest.mark.parametrize(("order", "hint"), [([1, 2, 0], "where each unit"), ([0, 1, 2], "squared distance"), ([0, 0, 1], "listed once")])
def test_an_order_of_units_is_not_its_inverse(order, hint):
    assert hint in check_order(order)


def test_a_step_of_the_trace_norm_shortens_singular_values_and_nothing_else():
    def through_svd(change):
        def shrink(weights, piece):
            left, values, right = np.linalg.svd(weights, full_matrices=False)
            return (left * change(values, piece)) @ right

        return shrink

    assert check_shrink(through_svd(lambda values, piece: np.maximum(values - piece, 0))).startswith("Right")
    assert "lasso" in check_shrink(lambda weights, piece: np.sign(weights) * np.maximum(abs(weights) - piece, 0))
    assert "kept their length" in check_shrink(through_svd(lambda values, piece: values * (values > piece)))
    assert "opposite sign" in check_shrink(through_svd(lambda values, piece: values - piece))
    assert "shape" in check_shrink(lambda weights, piece: np.linalg.svd(weights)[1])
    assert "all be smaller" in check_shrink(lambda weights, piece: weights)


def test_every_structure_has_its_price_and_a_free_head_pays_nothing():
    assert check_suits(dict(STRUCTURES)).startswith("Right")
    for situation in STRUCTURES:
        assert situation in check_suits({**STRUCTURES, situation: "ridge"})
    grid = np.exp(np.linspace(-4, 4, 2001))
    assert check_decay((min((grid**2 + (6 / grid) ** 2) / 2), 0)).startswith("Right")
    assert "unequal" in check_decay((18.5, 0))
    assert "a = b" in check_decay((3, 0))
    assert "free" in check_decay((6, 18))


def test_a_seesaw_has_two_sides():
    assert "another side" in check_seesaw(0.25)
    assert "equally likely" in check_seesaw(0.75)


def test_experts_that_are_not_read_do_not_count():
    assert "0 log 0" in check_n_read(lambda gate: len(gate))
    assert "0 log 0" in check_n_read(lambda gate: np.exp(-np.sum(np.array(gate) * np.log(np.array(gate) + 1e-300))) * np.sign(min(gate)))


def test_equal_experts_behind_even_gates_are_found_out():
    assert "same gradient" in check_parted(lambda net: None)
    assert "same gradient" in check_parted(lambda net: [torch.nn.init.normal_(head.weight) for head in net.heads])
    assert check_parted(
        lambda net: [expert.apply(lambda part: getattr(part, "reset_parameters", int)()) for expert in net.experts]
    ).startswith("Right")


def test_what_a_task_has_to_itself_is_counted():
    assert check_own_numbers((16 + 16 + 16 + 1, 16 + 1, 2, 2 * (16 + 12))).startswith("Right")
    for place, hint in enumerate(("weight and a bias", "its bias", "is shared", "whole matrix")):
        wrong = [49, 17, 2, 56]
        wrong[place] = 192 if place == 3 else 16
        assert hint in check_own_numbers(wrong)
    assert "two rows" in check_own_numbers((49, 17, 2, 40))
    assert check_own_numbers((1, 2)).startswith("Not yet")


def test_a_code_beside_the_input_leaves_the_slope_alone():
    x = torch.tensor(1.0, requires_grad=True)
    units = (2 * x + 1 + 3).relu(), (1.5 * (2 * x + 1) + 3).relu()
    slopes = [torch.autograd.grad(unit, x)[0].item() for unit in units]
    assert check_slopes(slopes).startswith("Right")
    assert "contain" in check_slopes((5.0, 3.0))
    assert "no slope" in check_slopes((2.0, 6.0))


def test_a_place_that_breaks_nothing_is_told_from_one_that_does(monkeypatch):
    gain, none, harm = Interval(0.2, 0.1, 0.3, 64), Interval(0.0, -0.1, 0.1, 64), Interval(-0.2, -0.3, -0.1, 64)
    atlas = {(0.0, 60, 6): {"A": harm, "B": harm, "C": harm}, (1.0, 60, 6): {"A": gain, "B": gain, "C": none}}
    monkeypatch.setattr("mtl_tutor.exercises.which_one.read_atlas", lambda: atlas)
    assert "the atlas has no ('A', 0.3, 60, 6)" in check_breaks([("A", 0.3, 60, 6)])
    assert "the atlas has no ('D'" in check_breaks([("D", 0.0, 60, 6)])
    assert "isn't harm" in check_breaks([("A", 1.0, 60, 6)])
    assert "gains nowhere" in check_breaks([("C", 0.0, 60, 6)])
    assert "another architecture" in check_breaks([("A", 0.0, 60, 6)])
    assert check_breaks([("A", 0.0, 60, 6), ("B", 0.0, 60, 6)]).startswith("Right")


def test_luck_has_one_side_and_chances_do_not_add_up():
    assert "other half" in check_lucky(1 - 0.95**21)
    assert "how many" in check_lucky(21 * 0.025)
    assert "to the power of 21" in check_lucky(0.05)


def test_a_stitch_for_two_tasks_only_is_found_out() -> None:
    def two(a: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        return torch.stack([a[0, 0] * h[0] + a[0, 1] * h[1], a[1, 0] * h[0] + a[1, 1] * h[1]])

    assert "wrong for three" in check_stitch(two)


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
        (check_seesaw, float("nan"), "Not yet: `share` must be a finite number; got nan."),
        (check_seesaw, "a half", "Not yet: `share` must be a number; got 'a half'."),
        (check_auc, 0.5, "Not yet: `auc` must be a function; got 0.5."),
        (check_growth, lambda n_views: None, "Not yet: your function should return one number; got None."),
        (check_growth, lambda n_views: np.nan, "Not yet: your function should return finite numbers"),
        (check_growth, lambda: 1.0, "Not yet: what you wrote raises TypeError: "),
        (check_decay, [1.0], "Not yet: `costs` must have 2 entries; got 1."),
    ],
)
def test_a_checker_answers_to_any_kind_of_answer(check, answer, sentence) -> None:
    assert check(answer).startswith(sentence)


def test_numbers_of_numpy_and_torch_are_read_as_numbers() -> None:
    assert check_same_size(23.0) == check_same_size(np.int64(23)) == check_same_size(torch.tensor(23)) == check_same_size(23)
    assert check_same_size(23).startswith("Right")
