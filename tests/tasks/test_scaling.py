"""Units of inputs and labels: taken off by the training samples' measure only, and put back on."""

import numpy as np
import pytest

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import train

RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(2000, 10, size=40), np.full(40, 0.1), RNG.normal(0, 0.01, size=40)])
PRICE = np.where(np.arange(40) % 4 == 0, np.nan, 1e5 + 2e4 * RNG.normal(size=40))
TABLE = TaskData.from_arrays(X, {"price": PRICE, "sold": RNG.integers(2, size=40), "same": [3.0] * 40}, kinds={"sold": "binary"})


def test_training_samples_get_mean_0_and_spread_1_and_constants_are_centred():
    data, _ = TABLE.split(seed=0).scaled()
    for column in (data.train.x[:, 0], data.train.x[:, 2], data.train.y[:, 0]):
        known = column[~np.isnan(column)]
        np.testing.assert_allclose([known.mean(), known.std()], [0, 1], atol=1e-9)
    assert set(data.train.x[:, 1]) == {0.0}
    assert set(data.train.y[:, 2]) == {0.0}
    assert set(data.train.y[:, 1]) == {0.0, 1.0}


SAME = {
    "the same": np.full(40, 1.7e9),
    "sums": np.where(np.arange(40) % 2, 0.1 + 0.2, 0.3),
    "single precision": np.where(np.arange(40) % 2, np.float32(0.1) + np.float32(0.2), np.float32(0.3)) * np.float32(7),
    "nothing": np.zeros(40),
}
NOT_THE_SAME = {
    "a second's time stamps": 1.7e9 + np.arange(40) / 40,
    "large whole numbers": 16_000_000.0 + np.arange(40) % 2,
    "small numbers": 1e-12 * np.arange(40),
    "one that differs": np.where(np.arange(40), 0.0, 1e-9),
}


@pytest.mark.parametrize("column", [*SAME])
def test_what_differs_by_rounding_only_is_constant(column):
    values = SAME[column]
    data, scaling = TaskData.from_arrays(np.column_stack([X[:, 0], values]), {"price": X[:, 0], "same": values}).scaled()
    np.testing.assert_allclose(data.train.x[:, 1], 0, atol=1e-6)
    np.testing.assert_allclose(data.train.y[:, 1], 0, atol=1e-6)
    assert (scaling.x_sd[1], scaling.y_sd[1]) == (1, 0)
    np.testing.assert_array_equal(scaling.undo([np.ones((2, 5, 1)), np.ones((2, 5, 1))])[1], np.full((2, 5, 1), values[0]))
    np.testing.assert_array_equal(scaling.undo_errors(np.ones(2))[1], 1)


@pytest.mark.parametrize("column", [*NOT_THE_SAME])
def test_what_differs_by_more_is_scaled(column):
    data, scaling = TaskData.from_arrays(np.column_stack([X[:, 0], NOT_THE_SAME[column]]), {"price": NOT_THE_SAME[column]}).scaled()
    np.testing.assert_allclose([data.train.x[:, 1].std(), data.train.y.std()], 1)
    assert scaling.y_sd[0] > 0


def test_channels_of_images_and_features_of_sequences_are_scaled_each_by_itself():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(30, 3, 4, 5)) * np.array([1, 10, 100])[:, None, None] + np.array([0, 5, 9])[:, None, None]
    sequences = rng.normal(size=(30, 7, 2)) * [1, 100] + [0, 50]
    for x, axis in ((images, (0, 2, 3)), (sequences, (0, 1))):
        data, scaling = TaskData.from_arrays(x, {"a": np.arange(30)}).scaled()
        np.testing.assert_allclose(data.train.x.mean(axis=axis), 0, atol=1e-12)
        np.testing.assert_allclose(data.train.x.std(axis=axis), 1)
        np.testing.assert_allclose(scaling.inputs(x), data.train.x)
    signals, _ = TaskData.from_arrays(sequences, {"a": np.arange(30)}).scaled(axis=1)
    np.testing.assert_allclose(signals.train.x.std(axis=(0, 2)), 1)


def test_columns_of_new_samples_are_found_by_their_names():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"rooms": X[:, 0], "area": X[:, 2], "price": PRICE})
    data, scaling = TaskData.from_frame(frame, "price").scaled()
    for columns in (["rooms", "area"], ["area", "rooms"], ["price", "area", "rooms"]):
        np.testing.assert_array_equal(scaling.inputs(frame[columns]), data.train.x)
    np.testing.assert_array_equal(scaling.inputs(X[:, [0, 2]]), data.train.x)
    one, other = frame[["rooms", "area"]], frame[["area"]]
    _, apart = TaskData.from_pairs({"house": (one, X[:, 0]), "flat": (other, X[:, 0])}).scaled()
    np.testing.assert_array_equal(apart.inputs(one[["area", "rooms"]], "house"), apart.inputs(one, "house"))


def test_only_the_training_samples_are_measured():
    split = TABLE.split(seed=0)
    far = TaskData(split.tasks, split.train, test=split.test and split.test.at(range(5)))
    (_, one), (other, two) = split.scaled(), far.scaled()
    for name in ("x_mean", "x_sd", "y_mean", "y_sd"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert split.test
    assert other.test
    np.testing.assert_allclose(other.test.x[:, 0], (split.test.x[:5, 0] - split.train.x[:, 0].mean()) / split.train.x[:, 0].std())


def test_missing_labels_stay_missing():
    data, _ = TABLE.scaled()
    np.testing.assert_array_equal(np.isnan(data.train.y), np.isnan(TABLE.train.y))


def test_answers_and_errors_come_back_in_the_labels_units():
    data, scaling = TABLE.scaled()
    answers = scaling.undo([data.train.y[None, :, [task]] for task in range(3)])
    for task, answer in enumerate(answers):
        np.testing.assert_allclose(answer[0, :, 0], TABLE.train.y[:, task])
    guess, truth = RNG.normal(size=(2, 40)), data.train.y[:, 0]
    back = scaling.undo([guess[..., None], guess[..., None], guess[..., None]])[0][..., 0]
    errors = np.column_stack([np.nanmean((guess - truth) ** 2, axis=1), [0.1, 0.3], [0.0, 2.0]])
    expected = np.nanmean((back - TABLE.train.y[:, 0]) ** 2, axis=1)
    np.testing.assert_allclose(scaling.undo_errors(errors), np.column_stack([expected, [0.1, 0.3], [0.0, 2.0]]))


def test_new_samples_are_scaled_as_the_training_samples_were():
    data, scaling = TABLE.scaled()
    np.testing.assert_allclose(scaling.inputs(X), data.train.x)


def test_where_tasks_have_features_of_their_own_the_zeros_of_others_stay_and_do_not_count():
    pairs = {"house": (X[:, [0, 2]], X[:, 0]), "car": (X[:9, :1] - 7, X[:9, 0])}
    data, scaling = TaskData.from_pairs(pairs).scaled()
    house, car = data.train.x[:40], data.train.x[40:]
    assert not house[:, 2].any()
    assert not car[:, :2].any()
    for own in (house[:, :2], car[:, 2:]):
        np.testing.assert_allclose([own.mean(axis=0), own.std(axis=0)], [[0] * own.shape[1], [1] * own.shape[1]], atol=1e-9)
    np.testing.assert_allclose(scaling.inputs(X[:9, :1] - 7, "car"), car)
    np.testing.assert_allclose(scaling.inputs(X[:, [0, 2]], task="house"), house)


def test_the_first_layer_has_an_encoder_per_task():
    data, _ = TaskData.from_pairs({"house": (X[:, [0, 2]], X[:, 0]), "car": (X[:9, :1] - 7, X[:9, 0])}).scaled()
    one_sided, net = FixedWeighting((1.0, 0.0)), HardSharing(n_features=3, n_hidden=4, n_tasks=2)
    start, end = (train(net, data, one_sided, seeds=1, steps=5, lr=lr).parameters["trunk.0.weight"][0] for lr in (1e-30, 0.1))
    assert (start[:, :2] != end[:, :2]).any()
    np.testing.assert_array_equal(start[:, 2], end[:, 2])


def test_splits_and_folds_remember_whose_features_are_whose():
    data = TaskData.from_pairs({"house": (X, X[:, 0]), "car": (X[:20, :1], X[:20, 0])})
    for one in (data.split(), data.split().redraw(seed=1), *data.folds(3), data.scaled()[0]):
        assert one.own_features == (3, 1)


@pytest.mark.messages
def test_what_does_not_fit_gets_a_sentence():
    _, shared = TABLE.scaled()
    _, apart = TaskData.from_pairs({"house": (X, X[:, 0]), "car": (X[:, :1], X[:, 0])}).scaled()
    images = TaskData.from_arrays(np.zeros((4, 3, 2, 2)), {"a": [1, 2, 3, 4]})
    pd = pytest.importorskip("pandas")
    _, named = TaskData.from_frame(pd.DataFrame(X, columns=["a", "b", "c"]), "c").scaled()
    for sentence, call in {
        r"`x` must have two axes, with 3 features per sample; got shape \(40, 1\)": lambda: shared.inputs(X[:, :1]),
        r"`x` must have two axes, with 1 features per sample; got shape \(40, 3\)": lambda: apart.inputs(X, "car"),
        r"`task` must be one of \['house', 'car'\], .*; got None": lambda: apart.inputs(X),
        r"`task` must be one of \['house', 'car'\], .*; got 'boat'": lambda: apart.inputs(X, "boat"),
        r"`task` must be one of \['house', 'car'\], .*; got \('car', \[1\]\)": lambda: apart.inputs(X, ("car", [1])),  # type: ignore[arg-type]
        r"`task` must be one of \['price', 'sold', 'same'\]; got 'boat'": lambda: shared.inputs(X, "boat"),
        r"`x` must have the columns of the training samples, \['a', 'b'\]; it lacks \['b'\]": lambda: named.inputs(
            pd.DataFrame({"a": [1.0], "d": [2.0]})
        ),
        r"`x` must be finite; 1 entries are not": lambda: shared.inputs(np.array([[1.0, np.nan, 2.0]])),
        r"`x` must have samples of shape \(3, 2, 2\); got shape \(4, 3\)": lambda: images.scaled()[1].inputs(np.zeros((4, 3))),
        r"`axis` must be an axis of x after the samples', 1 to 3; got 4": lambda: images.scaled(axis=4),
        r"`answers` must hold one array per task, 3; got 3": lambda: shared.undo(3),  # type: ignore[arg-type]
        r"`answers` must hold one array per task, 3; got 0": lambda: shared.undo([]),
        r"`errors` must have one column per task, 3; got shape \(2,\)": lambda: shared.undo_errors(np.zeros(2)),
    }.items():
        with pytest.raises(ValueError, match=sentence):
            call()
