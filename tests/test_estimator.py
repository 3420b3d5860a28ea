"""The estimator keeps scikit-learn's promises, and says its answers in the words and units of the targets."""

import numpy as np
import pytest
import torch
from sklearn.base import clone, is_regressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
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

# scikit-learn's checks that cannot pass, each with its reason. There is none for regressions.
REASONS = {
    "check_methods_sample_order_invariance": "takes predict_proba for one array; ours are one per task, as multi-output forests have them"
}


def expected_failures(estimator):
    return REASONS if estimator.kinds else {}


@pytest.mark.messages  # some checks hand in nonsense on purpose
@parametrize_with_checks(
    [MultiTaskNet(steps=60), MultiTaskNet(SingleTask, steps=60, validation=0, n_nets=3), MultiTaskNet(steps=60, kinds="multiclass")],
    expected_failed_checks=expected_failures,
)
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


def test_it_is_a_regressor_only_where_all_targets_are_numbers():
    assert is_regressor(MultiTaskNet())
    assert not is_regressor(MultiTaskNet(kinds=KINDS))
    assert clone(MultiTaskNet(SingleTask, kinds=KINDS)).get_params()["sharing"] is SingleTask


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
    r"`kind` must be 'regression', .*; got 'class'": lambda: fitted(kinds="class"),
    r"`y\['1'\]`, a regression, must hold numbers; got '\w+'": lambda: fitted(kinds=None),
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
