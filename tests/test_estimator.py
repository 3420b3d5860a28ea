"""The estimator keeps scikit-learn's promises, and says its answers in the words and units of the targets."""

import numpy as np
import pytest
import torch
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.estimator import MultiTaskNet
from mtl_tutor.sharing import HardSharing, SingleTask

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)) * [1, 100, 0.01] + [5, 0, 0]
SUMS = np.column_stack([1000 + 50 * (X[:, 0] - 5), X[:, 1] - 100 * X[:, 2]])
COLOURS = np.where(X[:, 0] > 5.5, "red", np.where(X[:, 0] < 4.5, "blue", "green"))
MIXED = np.empty((60, 3), dtype=object)
MIXED[:, 0], MIXED[:, 1], MIXED[:, 2] = SUMS[:, 0], COLOURS, (X[:, 1] > 0) + 1
KINDS = ("regression", "multiclass", "binary")

# scikit-learn's checks that cannot pass, each with its reason.
REASONS = {
    "check_sample_weight_equivalence_on_dense_data": "a repeated sample counts twice in hold-out and standardisation, a weighted one once"
}
NETS = [
    MultiTaskNet(steps=60),
    MultiTaskNet(SingleTask, steps=60, validation=0, n_nets=3),
    MultiTaskNet(steps=60, kinds="multiclass"),
    MultiTaskNet(steps=60, kinds="binary", class_weight="balanced"),
]


@pytest.mark.messages  # some checks hand in nonsense on purpose
@parametrize_with_checks(NETS, expected_failed_checks=lambda estimator: REASONS)
def test_the_promises_of_scikit_learn_are_kept(estimator, check):
    check(estimator)


def fitted(*, y=MIXED, **settings):
    return MultiTaskNet(**{"kinds": KINDS, "steps": 100} | settings).fit(X, y)


@pytest.mark.parametrize("balancing", [None, FixedWeighting((1.0, 1.0))])
def test_answers_have_the_targets_units(balancing):
    net = MultiTaskNet(balancing=balancing, steps=200).fit(X, SUMS)
    answers = net.predict(X)
    assert answers.shape == (60, 2)
    np.testing.assert_array_less(((answers - SUMS) ** 2).mean(axis=0), 0.05 * SUMS.var(axis=0))
    assert net.score(X, SUMS) > 0.95


def test_classes_come_back_by_their_names():
    net = fitted()
    answers = net.predict(X)
    assert [task.classes for task in net.tasks_] == [(), ("blue", "green", "red"), (1, 2)]
    assert (answers[:, 1] == COLOURS).mean() > 0.8
    assert (answers[:, 2] == MIXED[:, 2]).mean() > 0.8
    assert answers.dtype == object
    assert {type(cell) for cell in answers[0]} == {float, str, int}
    assert fitted(y=MIXED[:, 1:], kinds=("multiclass", "binary"), steps=1).predict(X).dtype == object
    assert fitted(y=COLOURS, kinds="multiclass", steps=1).predict(X).dtype.kind == "U"


def test_probabilities_are_of_the_classes_and_there_are_none_for_numbers():
    net = fitted()
    colours, sides = net.predict_proba(X)
    assert (colours.shape, sides.shape) == ((60, 3), (60, 2))
    for each in (colours, sides):
        np.testing.assert_allclose(each.sum(axis=1), 1)
    np.testing.assert_array_equal(np.array(["blue", "green", "red"])[colours.argmax(axis=1)], net.predict(X)[:, 1])
    np.testing.assert_array_equal(sides.argmax(axis=1) + 1, net.predict(X)[:, 2])
    assert not hasattr(MultiTaskNet(), "predict_proba")


def test_a_score_is_the_mean_of_r2_and_accuracy_over_labels_that_are_there():
    net, y = fitted(), MIXED.copy()
    y[:50, 0], y[10:, 1] = None, np.nan
    answers = net.predict(X)
    truth, found = SUMS[50:, 0], answers[50:, 0].astype(float)
    r2 = 1 - ((truth - found) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    expected = (r2 + (answers[:10, 1] == COLOURS[:10]).mean() + (answers[:, 2] == y[:, 2]).mean()) / 3
    assert net.score(X, y) == pytest.approx(expected)
    y[:, 1] = None
    assert net.score(X, y) == pytest.approx((r2 + (answers[:, 2] == y[:, 2]).mean()) / 2)


def test_a_missing_label_is_no_label():
    kept = np.arange(60) % 2 == 0
    gaps = np.where(kept[:, None], SUMS, np.nan)
    half, alone = (MultiTaskNet(steps=50, validation=0).fit(x, y).history_.loss["train"] for x, y in ((X, gaps), (X[kept], SUMS[kept])))
    assert np.isfinite(half).all()
    assert MultiTaskNet(steps=200).fit(X, gaps).score(X, SUMS) > 0.8
    np.testing.assert_allclose(half[:, -1], alone[:, -1], rtol=0.5)  # inputs are scaled by other samples, all else is the same


def test_only_random_state_decides():
    first, again, other = (MultiTaskNet(steps=20, random_state=seed).fit(X, SUMS).predict(X) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_torchs_own_generator_is_left_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    MultiTaskNet(steps=5).fit(X, SUMS).predict(X)
    assert torch.equal(torch.rand(2), expected)


def test_an_ensemble_is_the_mean_of_its_nets():
    three = MultiTaskNet(steps=20, validation=0, n_nets=3).fit(X, SUMS)
    one = MultiTaskNet(steps=20, validation=0).fit(X, SUMS)
    assert len(three.history_.seeds) == 3
    np.testing.assert_array_equal(three.history_.parameters["trunk.0.weight"][0], one.history_.parameters["trunk.0.weight"][0])
    assert (three.predict(X) != one.predict(X)).all()


def test_held_out_samples_find_the_number_of_updates_and_then_all_are_learned_from():
    noise = np.random.default_rng(1).normal(size=(60, 2))  # nothing to learn: the sooner it stops the better
    early, whole = MultiTaskNet(steps=200, lr=0.05).fit(X, noise), MultiTaskNet(steps=200, lr=0.05, validation=0).fit(X, noise)
    assert early.n_steps_ < 50
    assert whole.n_steps_ == 200
    again = MultiTaskNet(steps=early.n_steps_, lr=0.05, validation=0).fit(X, noise)
    np.testing.assert_array_equal(again.predict(X), early.predict(X))
    fresh = np.random.default_rng(2).normal(size=(60, 2))
    assert ((early.predict(X) - fresh) ** 2).mean() < ((whole.predict(X) - fresh) ** 2).mean()


def test_an_answer_does_not_depend_on_who_else_is_asked():
    rng = np.random.default_rng(0)
    wide, targets = rng.normal(size=(300, 20)), rng.normal(size=(300, 2))
    net = MultiTaskNet(steps=20, n_hidden=64, validation=0).fit(wide, targets)
    alone = np.concatenate([net.predict(wide[i : i + 7]) for i in range(0, 300, 7)])
    np.testing.assert_allclose(alone, net.predict(wide), rtol=0, atol=1e-12)


class Line(nn.Module):
    """A net of a reader's own: one linear layer, starting at zero and never reset."""

    def __init__(self, n_features, n_hidden, n_outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_features, len(n_outputs)))

    def forward(self, x):
        return list((x @ self.weight).split(1, dim=1))


def test_sharing_may_be_anything_that_builds_a_net():
    answers = MultiTaskNet(Line, steps=500, validation=0).fit(X, SUMS).predict(X)
    np.testing.assert_allclose(answers, LinearRegression().fit(X, SUMS).predict(X), rtol=1e-3, atol=0.1)


def test_a_grid_search_in_a_pipeline_compares_ways_of_sharing():
    pipeline = Pipeline([("scale", StandardScaler()), ("net", MultiTaskNet(steps=40))])
    search = GridSearchCV(pipeline, {"net__sharing": [HardSharing, SingleTask], "net__n_hidden": [2, 32]}, cv=3, error_score="raise")
    search.fit(X, SUMS)
    assert len(search.cv_results_["params"]) == 4
    assert len(set(search.cv_results_["mean_test_score"])) == 4
    assert search.best_params_["net__n_hidden"] == 32
    assert search.predict(X).shape == (60, 2)
    assert search.score(X, SUMS) == search.best_estimator_.score(X, SUMS)


def test_classes_and_numbers_side_by_side_can_be_cross_validated():
    scores = cross_val_score(MultiTaskNet(kinds=KINDS, steps=100), X, MIXED, cv=3, error_score="raise")
    assert (scores > 0.6).all()


@pytest.mark.messages
def test_it_is_a_regressor_of_numbers_and_a_classifier_of_classes():
    assert is_regressor(MultiTaskNet())
    assert not is_classifier(MultiTaskNet())
    for kinds in ("binary", "multiclass", ["binary", "multiclass"], np.array(["binary"])):
        assert is_classifier(MultiTaskNet(kinds=kinds))
        assert not is_regressor(MultiTaskNet(kinds=kinds))
    for kinds in (KINDS, {"0": "binary"}):
        assert not is_regressor(MultiTaskNet(kinds=kinds))
        assert not is_classifier(MultiTaskNet(kinds=kinds))
    assert clone(MultiTaskNet(SingleTask, kinds=KINDS)).get_params()["sharing"] is SingleTask


@pytest.mark.parametrize("labels", [COLOURS, COLOURS == "red", (COLOURS == "red").astype(int), (COLOURS == "red").astype(float)])
def test_one_column_of_classes_has_an_array_of_probabilities(labels):
    net = MultiTaskNet(kinds="multiclass", steps=100).fit(X, labels)
    np.testing.assert_array_equal(net.classes_, np.unique(labels))
    assert net.classes_.dtype.kind == np.unique(labels).dtype.kind or labels.dtype.kind == "f"
    probabilities = net.predict_proba(X)
    assert probabilities.shape == (60, len(net.classes_))
    np.testing.assert_array_equal(net.classes_[probabilities.argmax(axis=1)], net.predict(X))
    assert (net.predict(X) == labels).mean() > 0.8


def test_several_columns_of_classes_have_a_list_of_each():
    net = MultiTaskNet(kinds=["multiclass", "binary"], steps=1).fit(X, MIXED[:, 1:])
    assert [each.tolist() for each in net.classes_] == [["blue", "green", "red"], [1, 2]]
    assert [each.shape for each in net.predict_proba(X)] == [(60, 3), (60, 2)]
    assert not hasattr(MultiTaskNet(steps=1).fit(X, SUMS), "classes_")
    assert not hasattr(MultiTaskNet(kinds="binary"), "classes_")


def test_words_and_booleans_are_classes_without_being_asked():
    net = MultiTaskNet(steps=100).fit(X, COLOURS)
    np.testing.assert_array_equal(net.predict(X), MultiTaskNet(kinds="multiclass", steps=100).fit(X, COLOURS).predict(X))
    assert (is_classifier(net), net.predict_proba(X).shape) == (True, (60, 3))
    assert MultiTaskNet(steps=1).fit(X, X[:, 0] > 5).classes_.tolist() == [False, True]
    assert [task.kind for task in MultiTaskNet(steps=1).fit(X, MIXED).tasks_] == ["regression", "multiclass", "regression"]


BINARY = (X[:, 0] + X[:, 1] / 100 > 5).astype(int)


def test_a_classifier_is_cross_validated_with_each_class_in_each_fold():
    in_order = np.argsort(COLOURS)
    scores = cross_val_score(MultiTaskNet(kinds="multiclass", steps=100), X[in_order], COLOURS[in_order], cv=3, error_score="raise")
    assert (scores > 0.6).all()
    net = MultiTaskNet(kinds="binary", steps=60)
    assert (cross_val_score(net, X, BINARY, cv=3, scoring="roc_auc", error_score="raise") > 0.9).all()
    probabilities = cross_val_predict(net, X, BINARY, cv=3, method="predict_proba")
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert roc_auc_score(BINARY, probabilities[:, 1]) > 0.9


def test_missing_labels_are_cross_validated_with_folds_of_ones_own():
    y = np.column_stack([BINARY, BINARY]).astype(float)
    y[::5, 0] = np.nan
    assert (cross_val_score(MultiTaskNet(kinds="binary", steps=60), X, y, cv=KFold(3), error_score="raise") > 0.8).all()


def test_probabilities_can_be_calibrated():
    net = CalibratedClassifierCV(MultiTaskNet(kinds="binary", steps=60), cv=3).fit(X, BINARY)
    assert (net.predict(X) == BINARY).mean() > 0.8


@pytest.mark.messages
def test_settings_may_be_numbers_of_numpy():
    grid = {"n_hidden": np.arange(4, 9, 4), "lr": np.logspace(-3, -2, 2), "steps": np.array([5]), "batch_size": np.array([16])}
    search = GridSearchCV(MultiTaskNet(), grid, cv=2, error_score="raise").fit(X, SUMS)
    assert search.best_params_["n_hidden"] in (4, 8)
    for n_hidden in (np.array([4, 3]), [4, 3], (np.int64(4), 3)):
        net = MultiTaskNet(n_hidden=n_hidden, steps=np.int64(2), n_nets=np.int64(1), validation=np.float64(0.2)).fit(X, SUMS)
        assert [layer.out_features for layer in net.model_.trunk if hasattr(layer, "out_features")] == [4, 3]


def test_batches_are_at_most_all_samples():
    for validation in (0, 0.2):
        large, whole = (MultiTaskNet(batch_size=size, steps=5, validation=validation).fit(X, SUMS) for size in (1000, 60))
        np.testing.assert_array_equal(large.predict(X), whole.predict(X))


def test_random_states_of_all_sorts_are_welcome():
    same = [MultiTaskNet(steps=2, random_state=np.random.RandomState(3)).fit(X, SUMS).predict(X) for _ in range(2)]
    np.testing.assert_array_equal(*same)
    np.testing.assert_array_equal(same[0], MultiTaskNet(steps=2, random_state=3).fit(X, SUMS).predict(X))
    first, other = (MultiTaskNet(steps=2, random_state=None).fit(X, SUMS).predict(X) for _ in range(2))
    assert (first != other).all()


def test_samples_may_count_more():
    noise, first = np.random.default_rng(5).normal(size=(60, 2)), np.arange(60) % 3 == 0  # labels can't be told from the noise
    weights, once = np.where(first, 50.0, 1.0), MultiTaskNet(steps=100, validation=0)
    plain, heavy = (once.fit(noise, np.where(first, 1.0, -1.0), weight).predict(noise).mean() for weight in (None, weights))
    assert plain < 0 < heavy
    likely = [once.set_params(kinds="binary").fit(noise, first, w).predict_proba(noise)[:, 1].mean() for w in (None, weights)]
    assert likely[0] < 0.5 < likely[1]
    held_out = MultiTaskNet(steps=100, kinds=["regression", "multiclass", "binary"], class_weight={1: {True: 2.0}})
    net = held_out.fit(noise, np.column_stack([np.where(first, 1.0, -1.0), first, first]), weights)
    assert net.predict(noise)[:, 0].mean() > 0
    assert min(each[:, 1].mean() for each in net.predict_proba(noise)) > 0.5


def test_a_sample_of_no_weight_is_left_out_and_equal_weights_are_none():
    kept = np.arange(60) % 2 == 0
    net = MultiTaskNet(steps=5).fit(X, SUMS, sample_weight=kept.astype(float))
    np.testing.assert_array_equal(net.predict(X), MultiTaskNet(steps=5).fit(X[kept], SUMS[kept]).predict(X))
    plain, equal = (MultiTaskNet(steps=5).fit(X, SUMS, weights).predict(X) for weights in (None, np.full(60, 3)))
    np.testing.assert_array_equal(plain, equal)


@pytest.mark.messages
def test_labels_too_large_to_score_by_are_refused():
    net = MultiTaskNet(steps=2, n_hidden=2).fit(X, SUMS)
    with pytest.raises(ValueError, match=r"`y` must lie between ±3.4e\+38"):
        net.score(X, SUMS * 1e300)


def test_a_score_weighs_samples():
    weights, net = np.arange(60.0), fitted(steps=5)
    answers = net.predict(X)
    right = [np.average(answers[:, i] == MIXED[:, i], weights=weights) for i in (1, 2)]
    r2 = r2_score(SUMS[:, 0], answers[:, 0].astype(float), sample_weight=weights)
    assert net.score(X, MIXED, sample_weight=weights) == pytest.approx((r2 + sum(right)) / 3)


def test_classes_may_count_more():
    noise, rare = np.random.default_rng(5).normal(size=(60, 2)), np.where(np.arange(60) % 6 == 0, "ill", "well")

    def likely(class_weight, kinds="binary", y=rare):
        net = MultiTaskNet(kinds=kinds, steps=30, validation=0, class_weight=class_weight).fit(noise, y)
        answers = net.predict_proba(noise)
        return (answers[0] if isinstance(answers, list) else answers)[:, 0].mean()

    assert likely(None) < 0.25
    assert 0.35 < likely("balanced") < 0.65
    assert likely({"ill": 50.0}) > 0.7
    both = np.column_stack([rare, np.roll(rare, 1)])
    assert likely({"0": {"ill": 50.0}}, y=both) > 0.7
    assert likely({0: "balanced"}, y=both) == pytest.approx(likely("balanced", y=both), abs=0.2)


@pytest.mark.parametrize("column", [np.full(60, 1.7e9), np.where(np.arange(60) % 2, 0.1 + 0.2, 0.3)])
def test_a_constant_does_no_harm(column):
    expected = MultiTaskNet(steps=200).fit(X, SUMS).score(X, SUMS)
    as_input = MultiTaskNet(steps=200).fit(np.column_stack([X, column]), SUMS)
    assert as_input.score(np.column_stack([X, column]), SUMS) > expected - 0.05
    both = np.column_stack([SUMS, column])
    with pytest.warns(UserWarning, match="Task '2' has one label only"):
        as_target = MultiTaskNet(steps=200).fit(X, both)
    np.testing.assert_array_equal(as_target.predict(X)[:, 2], column[0])
    assert as_target.score(X, both) > (2 * expected + 1) / 3 - 0.05


def test_columns_of_a_frame_of_targets_are_found_by_their_names():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(SUMS, columns=["a", "b"])
    net = MultiTaskNet(steps=50).fit(X, frame)
    assert net.score(X, frame[["b", "a"]]) == net.score(X, frame) == net.score(X, SUMS)
    with pytest.raises(ValueError, match=r"`y` must have the columns that the net was fitted to, \['a', 'b'\]; got \['a', 'c'\]"):
        net.score(X, frame.rename(columns={"b": "c"}))


def test_frames_of_a_pipeline_keep_their_names():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    pipeline = Pipeline([("scale", StandardScaler()), ("net", MultiTaskNet(steps=5))]).set_output(transform="pandas")
    net = pipeline.fit(frame, SUMS)["net"]
    assert net.feature_names_in_.tolist() == ["a", "b", "c"]
    assert net.n_features_in_ == 3
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict(frame[["b", "a", "c"]])


def test_one_column_is_answered_as_it_was_asked():
    assert MultiTaskNet(steps=1).fit(X, SUMS[:, 0]).predict(X).shape == (60,)
    assert MultiTaskNet(steps=1).fit(X, SUMS[:, :1]).predict(X).shape == (60, 1)


@pytest.mark.parametrize("kinds", [{"colour": "multiclass", "side": "binary"}, KINDS])
def test_columns_of_a_frame_give_their_names_to_the_tasks(kinds):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"sum": SUMS[:, 0], "colour": pd.Categorical(COLOURS), "side": MIXED[:, 2]})
    net = fitted(y=frame, kinds=kinds, steps=20)
    assert [task.name for task in net.tasks_] == ["sum", "colour", "side"]
    np.testing.assert_array_equal(net.predict(X), fitted(steps=20).predict(X))
    assert net.score(X, frame) == fitted(steps=20).score(X, MIXED)


BAD = {
    r"`kinds` must hold one kind per column of y, 3; got 1": lambda: fitted(kinds=["binary"]),
    r"`kinds` must name some of \['0', '1', '2'\]; 'colour' is none": lambda: fitted(kinds={"colour": "binary"}),
    r"`kinds` must be one of 'regression', .*; got 'class'": lambda: fitted(kinds="class"),
    r"`y\['1'\]`, a regression, must hold numbers; got '\w+'": lambda: fitted(kinds="regression"),
    r"`X` must be finite; 1 entries are NaN or infinite": lambda: MultiTaskNet().fit(np.where(np.isclose(X, X[3, 1]), np.nan, X), SUMS),
    r"`sample_weight` must hold one weight per sample, 60; got shape \(3,\)": lambda: MultiTaskNet().fit(X, SUMS, [1, 2, 3]),
    r"`sample_weight` must be finite and zero or more": lambda: MultiTaskNet().fit(X, SUMS, -np.ones(60)),
    r"`class_weight` must be 'balanced' or a dict .*; got 'even'": lambda: fitted(class_weight="even"),
    r"`class_weight` must name some of the classifications, \['1', '2'\]; '0' is none": lambda: fitted(class_weight={"0": "balanced"}),
    r"`class_weight` of '1' must name some of its classes, .*; 'pink' is none": lambda: fitted(class_weight={"1": {"pink": 2}}),
    r"`class_weight` needs classes": lambda: MultiTaskNet(class_weight="balanced").fit(X, SUMS),
    r"`random_state` must be a whole number .*; got 'a'": lambda: fitted(random_state="a"),
    r"`random_state` must be a whole number .*; got -1": lambda: fitted(random_state=-1),
    r"`steps` must be at least 1; got 0": lambda: fitted(steps=0),
    r"`batch_size` must be at least 1; got 0": lambda: fitted(batch_size=0),
    r"`n_hidden` must be at least 1; got 0": lambda: fitted(n_hidden=[4, 0]),
    r"exactly two classes, being binary; got 3. .* Ask for 'multiclass'": lambda: fitted(y=COLOURS, kinds="binary"),
    r"Unknown label type: continuous": lambda: fitted(y=SUMS[:, 0] / 7, kinds="binary"),
    r"`y\['0'\]` must hold whole numbers or words": lambda: fitted(y=SUMS, kinds="binary"),
    r"`y\['0'\]` must hold a label; all 60 are missing": lambda: fitted(y=SUMS * np.nan, kinds=None),
    r"`n_nets` must be at least 1; got 0": lambda: fitted(n_nets=0),
    r"`validation` must be a share": lambda: fitted(validation=1.0),
    r"`lr` must be small enough .*; all 1 nets diverged at 1e\+30": lambda: fitted(lr=1e30),
    r"`lr` must be positive": lambda: fitted(lr=-1.0),
    r"`y` must have one column per task \(sample, task\)": lambda: fitted(y=np.zeros((60, 2, 2))),
    r"`y` must have one column per task, 3; got 2": lambda: fitted(steps=1).score(X, SUMS),
    r"`y` must hold labels to score by": lambda: fitted(steps=1).score(X, np.full((60, 3), None)),
    r"inconsistent numbers of samples": lambda: fitted(y=SUMS[:50], kinds=None),
}


@pytest.mark.messages
@pytest.mark.parametrize("sentence", BAD)
def test_bad_settings_and_targets_get_a_sentence(sentence):
    with pytest.raises(ValueError, match=sentence):
        BAD[sentence]()
