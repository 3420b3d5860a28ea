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
    check_decay,
    check_feeds,
    check_labels_at_peak,
    check_lucky,
    check_n_read,
    check_order,
    check_own_numbers,
    check_parted,
    check_seesaw,
    check_shrink,
    check_slopes,
    check_step_to_mean,
    check_stitch,
    check_suits,
    check_sum,
)
from mtl_tutor.exercises.regularised_families import SITUATIONS as STRUCTURES
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


@pytest.mark.messages
@pytest.mark.parametrize(
    ("check", "answer", "sentence"),
    [
        (check_seesaw, float("nan"), "Not yet: `share` must be a finite number; got nan."),
        (check_seesaw, "a half", "Not yet: `share` must be a number; got 'a half'."),
        (check_auc, 0.5, "Not yet: `auc` must be a function; got 0.5."),
        (check_decay, [1.0], "Not yet: `costs` must have 2 entries; got 1."),
    ],
)
def test_a_checker_answers_to_any_kind_of_answer(check, answer, sentence) -> None:
    assert check(answer).startswith(sentence)
