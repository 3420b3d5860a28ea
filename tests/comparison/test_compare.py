"""Who does better than single-task nets: selection on validation only, paired intervals, an equal budget or a note."""

import builtins
import json
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from torch import nn

from mtl_tutor.balancing import EqualWeighting, FixedWeighting
from mtl_tutor.comparison import compare
from mtl_tutor.estimator import MultiTaskNet
from mtl_tutor.plots import draw_bars
from mtl_tutor.recipes import Averaging, Linear, Network, Stacking
from mtl_tutor.results.comparison import contestant
from mtl_tutor.sharing import HardSharing, SingleTask, SoftSharing
from mtl_tutor.sharing.regularised.trace_norm import TraceNorm
from mtl_tutor.tasks import TaskData, sine_family
from mtl_tutor.training import SGD, train

QUICK = {"seeds": 4, "steps": 30, "n_hidden": 6, "lr": (0.003, 0.03), "references": False}


def table(n_samples: int = 60, seed: int = 0) -> TaskData:
    """A table of a reader's own: two regressions, of which some labels are missing, and a class."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_samples, 4))
    noisy = x[:, 2] + 0.5 * rng.standard_normal(n_samples)  # classes that a line parts have no best fit
    labels = {"price": 50 + 10 * x[:, 0], "demand": x[:, 0] - x[:, 1], "sold": (noisy > 0).astype(int)}
    labels["demand"][:20] = np.nan
    return TaskData.from_arrays(x, labels, kinds={"sold": "binary"})


def linear_layer(n_features, n_hidden, n_outputs):
    return nn.Linear(n_features, n_hidden)


def one_answer(n_features, n_hidden, n_outputs):
    return nn.Linear(n_features, 1)


def no_module(n_features, n_hidden, n_outputs):
    return 7


class OneWidth(nn.Module):
    """A reader's own net that ignores the width that it is asked for."""

    def __init__(self, n_features, n_hidden, n_outputs):
        super().__init__()
        self.trunk, self.heads = nn.Linear(n_features, 2), nn.ModuleList(nn.Linear(2, n) for n in n_outputs)

    def forward(self, x):
        return [head(self.trunk(x)) for head in self.heads]


def curves(seed: int) -> TaskData:
    return sine_family(n_samples=20, seed=seed)


@cache
def of_curves():
    """A small contest on draws, run once for all that look at it."""
    return compare(curves, [HardSharing], **QUICK)


@cache
def of_table():
    """A small contest on one table, run once for all that look at it."""
    return compare(table(), [HardSharing], **QUICK)


def test_the_errors_are_those_of_trainings_at_the_setting_that_validation_chose():
    found = of_curves()["HardSharing"]

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

    one, other = of_curves(), compare(nonsense, [HardSharing], **QUICK)
    assert [row.settings for row in one.contestants] == [row.settings for row in other.contestants]
    assert one["HardSharing"].error != other["HardSharing"].error


def test_single_task_nets_have_a_rate_per_task_and_no_gain_over_themselves():
    baseline = of_table().contestants[0]
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
    result = compare(table(), {"linear": Linear(TraceNorm, strengths=(0.001,))}, **QUICK)
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
    alone = of_curves()
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
    result = of_table()
    gain = result["HardSharing"].gain
    assert f"{100 * gain.estimate:+.1f}% [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]" in str(result)
    assert [label.get_text() for label in draw_bars(result.bars()).get_yticklabels()] == ["HardSharing"]
    row = json.loads(json.dumps(result.as_dict()))["contestants"][1]
    assert row["gain"]["estimate"] == gain.estimate
    assert set(row["error"]) == {"price", "demand", "sold"}


@pytest.mark.slow
def test_the_same_call_gives_the_same_numbers_in_one_process_or_two():
    one, two = (compare(curves, [HardSharing], n_jobs=n, **QUICK) for n in (1, 2))
    assert one == two


def test_a_contestant_is_found_by_its_name():
    result = of_curves()
    with pytest.raises(KeyError, match="no contestant 'MMoE'"):
        result["MMoE"]


@pytest.mark.messages
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"sharing": []}, "`sharing` must name at least one way"),
        ({"sharing": {"none": []}}, "`sharing` must name at least one way, and one under each name"),
        ({"sharing": HardSharing}, r"`sharing` must be .*; got the class HardSharing\. Write \[HardSharing\]"),
        ({"sharing": Averaging()}, r"`sharing` must be .*; got an Averaging\. Write"),
        ({"sharing": [Stacking]}, r"`sharing` must hold .*; got the class Stacking\. Add \(\)"),
        ({"sharing": ["HardSharing"]}, r"`sharing\[0\]` must be .*; got 'HardSharing'"),
        ({"sharing": [linear_layer]}, "`sharing` must hold what can be called as .* are tuples: .*; linear_layer said: "),
        ({"sharing": [one_answer]}, "`model` must return a list of outputs"),
        ({"sharing": [no_module]}, "`sharing` must hold what builds an nn.Module; no_module built 7"),
        ({"sharing": {"SingleTask": HardSharing}}, "`sharing` must give every contestant a name of its own; 'SingleTask'"),
        ({"sharing": {"Mean": HardSharing}, "references": True}, "`sharing` must give every contestant a name of its own; 'Mean'"),
        ({"balancing": EqualWeighting()}, r"`balancing` must be .*; got an EqualWeighting\. Write \["),
        ({"balancing": []}, "`balancing` must name at least one way"),
        ({"balancing": [EqualWeighting]}, r"`balancing\[0\]` must .*; got the class EqualWeighting\. Add \(\)"),
        ({"balancing": [EqualWeighting(), EqualWeighting()]}, "`balancing` must hold different ways"),
        ({"seeds": [0] * 8}, "`seeds` must be different, or the interval is too narrow; 0 occurs 8 times"),
        ({"seeds": 2.0}, "`seeds` must be a whole number"),
        ({"lr": []}, "`lr` must hold at least one learning rate"),
        ({"lr": (0.1, 0.1)}, "`lr` must hold different learning rates"),
        ({"lr": "0.1"}, "`lr` must be a number or a sequence of numbers"),
        ({"lr": (0.1, float("nan"))}, r"`lr\[1\]` must be a finite number"),
        ({"n_hidden": ()}, "`n_hidden` must hold one width per hidden layer"),
        ({"n_hidden": 4.0}, r"`n_hidden` must be a whole number or"),
        ({"steps": None}, "`steps` must be a whole number; got None"),
        ({"weight_decay": "0.1"}, "`weight_decay` must be a number"),
        ({"batch_size": 0}, "`batch_size` must be at least 1"),
        ({"optimizer": "adam"}, "`optimizer` must be"),
        ({"n_jobs": 0}, "`n_jobs` must be"),
        ({"sharing": [HardSharing, HardSharing]}, "`sharing` must name different ways"),
        ({"sharing": [HardSharing(1, 4)]}, "`sharing` must hold architectures"),
        ({"seeds": 1}, "`seeds` must be at least 2"),
        ({"steps": 0}, "`steps` must be"),
        ({"lr": -1.0}, "`lr` must be positive"),
        ({"data": 7}, "`data` must be a .*TaskData"),
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


def noise(n_samples: int = 200, n_tasks: int = 2) -> TaskData:
    """Labels that no input tells anything about, and one that never varies but for rounding."""
    rng = np.random.default_rng(1)
    labels = {f"y{i}": rng.standard_normal(n_samples) for i in range(n_tasks)}
    labels["constant"] = 3e6 + 1e-9 * np.arange(n_samples)
    return TaskData.from_arrays(rng.standard_normal((n_samples, 5)), labels)


def test_on_noise_the_mean_wins_and_the_constant_task_does_not_count():
    result = compare(noise(), [HardSharing], **QUICK | {"references": True})
    assert result.best().name == "Mean"
    assert result["Mean"].error[0].estimate == pytest.approx(1, abs=0.3)  # the labels' variance
    assert result["Mean"].gains[2] is None
    assert result["Mean"].gain.estimate == pytest.approx(np.mean([gain.estimate for gain in result["Mean"].gains[:2]]))
    assert any(note.startswith("constant is left out of the mean gain") for note in result.notes)


def test_where_no_task_counts_there_is_no_gain_and_the_table_can_be_read():
    result = compare(noise(n_tasks=0), [HardSharing], **QUICK)
    assert result["HardSharing"].gain is None
    assert result["HardSharing"].error is not None
    assert "HardSharing" in str(result)
    with pytest.raises(ValueError, match="`task` must be given"):
        result.best()
    assert result.best("constant").name in ("SingleTask", "HardSharing")


def test_a_task_without_any_error_is_left_out_after_the_work_is_done():
    x = np.r_[np.full(30, -1.0), np.full(30, 1.0)][:, None]
    labels = {"side": (x[:, 0] > 0).astype(int), "value": np.random.default_rng(0).standard_normal(60)}
    result = compare(TaskData.from_arrays(x, labels, kinds={"side": "binary"}), [HardSharing], **QUICK)
    assert result["HardSharing"].gains[0] is None
    assert any("side is left out of the mean gain: the single-task nets make no error" in note for note in result.notes)


def test_a_linear_model_finds_what_is_linear_in_numbers_and_classes():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((120, 4))
    score = x[:, 2] + 0.3 * rng.standard_normal(120)
    labels = {"price": 50 + 10 * x[:, 0], "sold": (score > 0).astype(int), "size": np.digitize(score, [-0.5, 0.5])}
    data = TaskData.from_arrays(x, labels, kinds={"sold": "binary", "size": "multiclass"})
    result = compare(data, [HardSharing], **QUICK | {"references": True})
    assert [one.name for one in result.contestants] == ["SingleTask", "HardSharing", "Linear", "Mean"]
    assert len(result["Linear"].settings) == 3
    for linear, mean in zip(result["Linear"].error, result["Mean"].error, strict=True):
        assert linear.estimate < 0.6 * mean.estimate
    assert result["Linear"].error[0].estimate < 0.01 * result["Mean"].error[0].estimate


def test_ridge_is_that_of_the_normal_equations():
    from mtl_tutor.comparison._references import Linear as PerTask

    data = table().scaled()[0]
    known = ~np.isnan(data.train.y[:, 1])
    x, y = data.train.x[known], data.train.y[known, 1]
    centred = x - x.mean(axis=0)
    w = np.linalg.solve(centred.T @ centred + 0.1 * len(y) * np.eye(4), centred.T @ (y - y.mean()))
    found = PerTask().fitted(data, 0.1)(x)[1][:, 0]
    np.testing.assert_allclose(found, y.mean() + centred @ w, atol=1e-9)


def test_errors_of_all_tasks_are_shown_and_long_lines_fold():
    many = TaskData.from_arrays(np.eye(40), {f"task-{i}": np.arange(40.0) ** (1 + i / 9) for i in range(9)})
    result = compare(many, [HardSharing], **QUICK | {"steps": 4})
    lines = str(result).splitlines()
    assert all(f"error: task-{i}" in str(result) for i in range(9))
    table_lines = [line for line in lines if line not in result.notes]
    assert max(map(len, table_lines)) <= 120
    assert sum(line.startswith("HardSharing") for line in table_lines) >= 3


def test_the_table_in_a_notebook_has_every_row_and_no_code_of_the_readers():
    result = compare(table(), {"<b>mine</b>": HardSharing}, **QUICK | {"references": True})
    page = result._repr_html_()
    assert page.count("<tbody") == page.count('<svg class="mtl-finding"') == page.count("<details>") == 4
    assert "&lt;b&gt;mine" in page
    assert "<b>mine" not in page
    assert page.count("error: sold") == 4
    assert repr(result) == "Comparison(4 contestants, 3 tasks, 4 seeds)"
    assert len(repr(result["Mean"])) < 80


def test_settings_and_widths_are_in_the_result():
    result = of_curves()
    assert result["HardSharing"].n_hidden == (_width(result["HardSharing"].parameters),)
    assert result["SingleTask"].n_hidden == (6,)
    assert f"{result['HardSharing'].settings[0]:g}" in str(result).splitlines()[2]


def test_a_frame_has_a_row_per_contestant_and_task(monkeypatch):
    pytest.importorskip("pandas")
    result = of_table()
    frame = result.frame().set_index(["contestant", "task"])
    assert len(frame) == 6
    assert frame.loc[("HardSharing", "sold"), "error"] == result["HardSharing"].error[2].estimate
    assert frame.loc[("SingleTask", "demand"), "setting"] == result["SingleTask"].settings[1]
    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", lambda name, *rest: real("nothing_of_this_name" if name == "pandas" else name, *rest))
    with pytest.raises(ImportError, match=r"`frame\(\)` needs pandas"):
        result.frame()


def test_the_winner_becomes_an_estimator_that_learns_the_same_table():
    x = np.random.default_rng(0).standard_normal((80, 3))
    labels = {"a": np.sin(2 * x[:, 0]), "b": (np.sin(2 * x[:, 0]) > 0).astype(int)}
    data = TaskData.from_arrays(x, labels, kinds={"b": "binary"})
    result = compare(data, [HardSharing], **QUICK | {"references": False, "steps": 60})
    name = max(("SingleTask", "HardSharing"), key=lambda one: result[one].gain.estimate)
    best = result.best_estimator()
    assert isinstance(best, MultiTaskNet)
    assert best.sharing.__name__ == name
    assert best.n_hidden == result[name].n_hidden[0]
    assert best.lr in result[name].settings
    fitted = best.fit(x, np.column_stack(list(labels.values())))
    assert fitted.predict(x).shape == (80, 2)
    assert result.best_estimator("a").lr == (result.best("a").settings * 2)[0]


def test_a_warning_says_if_something_that_is_no_network_was_better():
    result = compare(noise(), [HardSharing], **QUICK | {"references": True})
    with pytest.warns(UserWarning, match="Mean is better, but no network"):
        assert isinstance(result.best_estimator(), MultiTaskNet)
    with pytest.raises(ValueError, match=r"got 'constan'\. Did you mean 'constant'"):
        result.best_estimator("constan")


def test_a_winner_that_the_estimator_cannot_train_is_refused():
    result = compare(curves, [HardSharing], optimizer=SGD(), **QUICK)
    with pytest.raises(ValueError, match=r"`optimizer` must be Adam\(\)"):
        result.best_estimator()


def test_a_net_of_one_width_is_compared_at_that_width():
    """It used to be asked for ever larger widths, for ever."""
    result = compare(curves, [OneWidth], **QUICK | {"n_hidden": 50})
    assert result["OneWidth"].parameters == 10
    assert any(note.startswith("Not within a tenth") for note in result.notes)


@pytest.mark.parametrize("n_hidden", [np.int64(6), np.array([6]), [np.int32(6)]], ids=repr)
def test_widths_may_be_numbers_of_numpy(n_hidden):
    assert compare(curves, [HardSharing], **QUICK | {"n_hidden": n_hidden, "steps": 2})["SingleTask"].n_hidden == (6,)


def test_two_settings_of_one_way_of_balancing_are_two_contestants():
    methods = [FixedWeighting((1.0, 0.1)), FixedWeighting((0.1, 1.0))]
    names = [one.name for one in compare(curves, [HardSharing], methods, **QUICK | {"steps": 2}).contestants]
    assert len(set(names)) == 3
    assert all("FixedWeighting(" in name for name in names[1:])


def test_the_duration_is_announced_with_the_bar_only(capsys):
    compare(curves, [HardSharing], progress=True, **QUICK)
    assert capsys.readouterr().err.startswith("About ")
    compare(curves, [HardSharing], **QUICK)
    assert capsys.readouterr().err == ""
