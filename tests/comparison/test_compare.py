"""Who does better than single-task nets: selection on validation only, paired intervals, an equal budget or a note."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from torch import nn

from mtl_tutor.balancing import EqualWeighting, FixedWeighting
from mtl_tutor.comparison import compare
from mtl_tutor.plots import draw_bars
from mtl_tutor.recipes import Linear, Network
from mtl_tutor.results.comparison import contestant
from mtl_tutor.sharing import HardSharing, SingleTask, SoftSharing
from mtl_tutor.sharing.regularised.trace_norm import TraceNorm
from mtl_tutor.tasks import TaskData, sine_family
from mtl_tutor.training import SGD, train

QUICK = {"seeds": 4, "steps": 30, "n_hidden": 6, "lr": (0.003, 0.03)}


def table(n_samples: int = 60, seed: int = 0) -> TaskData:
    """A table of a reader's own: two regressions, of which some labels are missing, and a class."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_samples, 4))
    noisy = x[:, 2] + 0.5 * rng.standard_normal(n_samples)  # classes that a line parts have no best fit
    labels = {"price": 50 + 10 * x[:, 0], "demand": x[:, 0] - x[:, 1], "sold": (noisy > 0).astype(int)}
    labels["demand"][:20] = np.nan
    return TaskData.from_arrays(x, labels, kinds={"sold": "binary"})


def curves(seed: int) -> TaskData:
    return sine_family(n_samples=20, seed=seed)


def test_the_errors_are_those_of_trainings_at_the_setting_that_validation_chose():
    found = compare(curves, [HardSharing], **QUICK)["HardSharing"]

    def scaled(seed):
        return curves(seed).scaled()[0]

    how = {"steps": 30, "eval_every": 1}
    model = HardSharing(1, _width(found.parameters), 2)
    tuned = [train(model, scaled, seeds=range(900_000, 900_012), lr=lr, **how) for lr in QUICK["lr"]]
    losses = np.stack([np.take_along_axis(h.loss["validation"], h.best_step()[:, None], 1)[:, 0].mean(0) for h in tuned])
    assert found.settings == (QUICK["lr"][(losses / losses.min(0)).mean(1).argmin()],)
    history = train(model, scaled, seeds=4, lr=found.settings[0], **how)
    units = np.stack([curves(seed).scaled()[1].y_sd ** 2 for seed in range(4)])
    np.testing.assert_allclose([error.estimate for error in found.error], (history.best("test") * units).mean(0), rtol=1e-6)


def _width(parameters: int) -> int:
    return (parameters - 2) // 4  # 2 numbers per unit and feature, one per unit and task, one per task


def test_test_labels_decide_nothing_but_the_errors():
    def nonsense(seed):
        data = curves(seed)
        return replace(data, test=replace(data.test, y=-7 * data.test.y + 3))

    one, other = (compare(data, [HardSharing], **QUICK) for data in (curves, nonsense))
    assert [row.settings for row in one.contestants] == [row.settings for row in other.contestants]
    assert one["HardSharing"].error != other["HardSharing"].error


def test_single_task_nets_have_a_rate_per_task_and_no_gain_over_themselves():
    baseline = compare(table(), [HardSharing], **QUICK).contestants[0]
    assert baseline.name == "SingleTask"
    assert len(baseline.settings) == 3
    assert (baseline.gain.low, baseline.gain.high) == (0, 0)


def test_the_gain_is_the_share_of_the_mean_error_that_is_saved():
    baseline, error = np.array([[2.0, 4.0], [4.0, 4.0]]), np.array([[1.0, 4.0], [1.0, 6.0]])
    found = contestant("x", error, baseline, tasks=("a", "b"), cost=(1, 1), settings=(0.1,))
    assert [gain.estimate for gain in found.gains] == pytest.approx([(1 + 3) / 2 / 3, (0 - 2) / 2 / 4])
    assert found.gain.estimate == pytest.approx((2 / 3 - 1 / 4) / 2)
    assert found.worst == "b"


@pytest.mark.messages
def test_a_baseline_without_error_has_no_relative_gain():
    with pytest.raises(ValueError, match="some error to save on every task"):
        contestant("x", np.full((3, 2), 0.1), np.array([[0.0, 1.0]] * 3), tasks=("a", "b"), cost=(1, 1), settings=())


def test_the_interval_is_paired():
    rng = np.random.default_rng(0)
    luck = 1 + rng.random((200, 1))
    found = contestant("x", 0.9 * luck, luck, tasks=("a",), cost=(1, 1), settings=())
    assert found.gain.high - found.gain.low < 0.01 < found.error[0].high - found.error[0].low


def test_a_table_keeps_its_test_samples_and_no_sample_is_asked_twice():
    seen = []

    def spy(n_features, n_hidden, n_outputs):
        return HardSharing(n_features, n_hidden, n_outputs=n_outputs)

    class Watched(Network):
        def run(self, data, seeds, settings, plan):
            seen.extend(data(seed) for seed in seeds)
            return super().run(data, seeds, settings, plan)

    compare(table(), {"watched": Watched(spy)}, **QUICK)
    tests = {np.round(one.test.y[:, 2].sum() + 0.0, 6) for one in seen}
    assert len(tests) == 1
    assert {len(one.test) for one in seen} == {15}
    for one in seen:
        rows = [tuple(np.round(row, 9)) for split in one.splits().values() for row in split.x]
        assert len(set(rows)) == 60


def test_errors_are_in_the_labels_own_units():
    result = compare(table(), {"linear": Linear(TraceNorm, strengths=(0.0, 0.001))}, **QUICK)
    assert result["linear"].error[0].estimate < 1e-2 * 100  # of a variance of 100
    assert result["linear"].error[1].estimate < 1e-2
    assert result.contestants[0].error[0].estimate > 1  # thirty steps do not get there


def test_networks_weigh_as_much_as_the_single_task_nets_or_the_note_says_who_does_not():
    result = compare(table(), [HardSharing, partial(HardSharing, trunk=nn.Linear(4, 6))], **QUICK)
    budget = result.contestants[0].parameters
    assert result.parameters == budget
    assert 0.9 * budget < result["HardSharing"].parameters <= budget
    assert any(note.startswith("Not within a tenth") and "trunk=" in note for note in result.notes)


def test_equal_layers_can_be_asked_for():
    result = compare(table(), [HardSharing], equal_parameters=False, **QUICK)
    assert result["HardSharing"].parameters == 4 * 6 + 6 + 3 * 7
    assert any("not equal numbers of parameters" in note for note in result.notes)


def test_of_several_ways_under_one_name_validation_chooses():
    ways = {"either": [partial(HardSharing, init_scale=1.0), partial(HardSharing, init_scale=300.0)]}
    result = compare(curves, ways, **QUICK)
    alone = compare(curves, [HardSharing], **QUICK)
    assert result["either"].error == alone["HardSharing"].error


def test_every_way_of_sharing_meets_every_way_of_balancing_except_where_nothing_is_shared():
    methods = [EqualWeighting(), FixedWeighting((1.0, 0.1))]
    names = [
        one.name
        for one in compare(curves, {"joint": HardSharing, "apart": partial(SingleTask, init_scale=0.5)}, methods, **QUICK).contestants
    ]
    assert names == ["SingleTask", "joint, EqualWeighting", "joint, FixedWeighting", "apart"]


def test_nets_that_only_a_penalty_ties_are_not_separate():
    """One rate for all tasks, and every way of balancing."""
    methods = [EqualWeighting(), FixedWeighting((1.0, 0.1))]
    result = compare(curves, [SoftSharing], methods, **QUICK)
    assert [len(one.settings) for one in result.contestants] == [2, 1, 1]


def test_what_diverges_at_every_rate_is_counted_too():
    result = compare(curves, [HardSharing], optimizer=SGD(), **QUICK | {"lr": (1e9, 2e9)})
    assert result["HardSharing"].diverged == 4


def test_what_diverges_is_counted_and_left_out():
    result = compare(curves, [HardSharing], optimizer=SGD(), **QUICK | {"lr": 1e9})
    assert result["HardSharing"].diverged == 4
    assert result["HardSharing"].gain is None
    assert "diverged" in str(result)
    assert any("diverged" in note for note in result.notes)


def test_a_setting_at_the_edge_of_the_grid_is_named():
    result = compare(curves, [HardSharing], **QUICK | {"lr": (1e-9, 1e-8, 1e-7)})
    assert any("edge" in note and "HardSharing" in note for note in result.notes)


def test_the_table_the_figure_and_the_json_say_the_same():
    result = compare(table(), [HardSharing], **QUICK)
    gain = result["HardSharing"].gain
    assert f"{gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]" in str(result)
    assert [label.get_text() for label in draw_bars(result.bars()).get_yticklabels()] == ["HardSharing"]
    row = json.loads(json.dumps(result.as_dict()))["contestants"][1]
    assert row["gain"]["estimate"] == gain.estimate
    assert set(row["error"]) == {"price", "demand", "sold"}


def test_the_same_call_gives_the_same_numbers_in_one_process_or_two():
    one, two = (compare(curves, [HardSharing], n_jobs=n, **QUICK) for n in (1, 2))
    assert one == two


def test_a_contestant_is_found_by_its_name():
    result = compare(curves, [HardSharing], **QUICK)
    with pytest.raises(KeyError, match="no contestant 'MMoE'"):
        result["MMoE"]


@pytest.mark.messages
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"sharing": []}, "`sharing` and `balancing` must name at least one"),
        ({"sharing": [HardSharing, HardSharing]}, "`sharing` must name different ways"),
        ({"sharing": [HardSharing(1, 4)]}, "`sharing` must hold architectures"),
        ({"seeds": 1}, "`seeds` must be at least 2"),
        ({"steps": 0}, "`steps` must be"),
        ({"lr": -1.0}, "`lr` must be positive"),
        ({"data": 7}, "`data` must be a TaskData"),
        ({"n_hidden": 0}, "`n_hidden` must be at least 1"),
    ],
)
def test_a_call_that_cannot_work_is_refused_in_a_sentence(bad, words):
    call = {"data": curves, "sharing": [HardSharing], **QUICK} | bad
    with pytest.raises((ValueError, TypeError), match=words):
        compare(**call)


def test_a_class_that_only_the_test_shows_is_refused():
    rare = TaskData.from_arrays(np.arange(40.0)[:, None], {"kind": np.r_[np.zeros(20), np.ones(19), 2]}, kinds={"kind": "multiclass"})
    split = replace(rare, train=rare.train.at(np.arange(30)), test=rare.train.at(np.arange(30, 40)))
    with pytest.raises(ValueError, match="training label of every class"):
        compare(split, [HardSharing], **QUICK)
