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
    check_breaks,
    check_common_noise,
    check_decay,
    check_feeds,
    check_fresh_labels,
    check_hints,
    check_labels_at_peak,
    check_lucky,
    check_mean_loss,
    check_meeting_place,
    check_n_read,
    check_neighbour,
    check_noise_tasks,
    check_order,
    check_own_numbers,
    check_parted,
    check_rate,
    check_seesaw,
    check_shrink,
    check_slopes,
    check_step_to_mean,
    check_stitch,
    check_suits,
    check_sum,
    check_two_trunks,
    check_units,
    check_weights,
)
from mtl_tutor.exercises.regularised_families import SITUATIONS as STRUCTURES
from mtl_tutor.ledger import read_ledger
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval
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


def test_xor_itself_is_no_relu_unit() -> None:
    assert "unit 1 is no ReLU" in check_units(lambda x: (x[:, 0] != x[:, 1])[:, None].astype(float))


def test_a_unit_that_is_on_at_both_ends_is_no_relu() -> None:
    assert "unit 1 is no ReLU" in check_units(lambda x: abs(x[:, :1] + x[:, 1:]))


@pytest.mark.messages
@pytest.mark.parametrize(
    ("check", "answer", "sentence"),
    [
        (check_weights, (1 / 3, 5 / 3), "Not yet: `method` must be a FixedWeighting; got (0."),
        (check_weights, FixedWeighting((1.0, 1.0, 1.0)), "Not yet: there are two losses"),
        (check_seesaw, float("nan"), "Not yet: `share` must be a finite number; got nan."),
        (check_seesaw, "a half", "Not yet: `share` must be a number; got 'a half'."),
        (check_auc, 0.5, "Not yet: `auc` must be a function; got 0.5."),
        (check_common_noise, lambda c, n_views: None, "Not yet: your function should return one number; got None."),
        (check_common_noise, lambda c, n_views: np.nan, "Not yet: your function should return finite numbers"),
        (check_common_noise, lambda: 1.0, "Not yet: what you wrote raises TypeError: "),
        (check_meeting_place, [("a", "a"), ("a", "b"), ("a", "c")], "Not yet: `solvable_from` must give each task two different"),
        (check_decay, [1.0], "Not yet: `costs` must have 2 entries; got 1."),
    ],
)
def test_a_checker_answers_to_any_kind_of_answer(check, answer, sentence) -> None:
    assert check(answer).startswith(sentence)
