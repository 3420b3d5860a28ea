"""Tables that a reader brings along: what is read, what is missing, what is refused."""

import numpy as np
import pytest

from mtl_tutor.tasks import Samples, Task, TaskData

X = np.arange(8.0).reshape(4, 2)
Y = {"price": [3.0, None, 5.0, float("nan")], "sold": ["yes", "no", None, "no"]}
NAN = np.nan
NA = type("NAType", (), {})()  # what pandas writes, which is equal to nothing and has no truth


class Frame:
    """As much of a data frame as is needed: columns, and a column by its name."""

    def __init__(self, **columns):
        self.columns, self._values = list(columns), columns

    def __getitem__(self, name):
        return self._values[name]


def test_every_task_has_a_column_and_what_nobody_wrote_down_is_nan():
    data = TaskData.from_arrays(X, Y, kinds={"sold": "binary"})
    np.testing.assert_array_equal(data.train.x, X)
    np.testing.assert_array_equal(data.train.y, [[3, 1], [NAN, 0], [5, NAN], [NAN, 0]])
    assert [(task.name, task.kind, task.n_outputs) for task in data.tasks] == [("price", "regression", 1), ("sold", "binary", 1)]
    assert list(data.splits()) == ["train"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([7, 3, 7, 5], (3, 5, 7)),
        (np.array([2.0, NAN, 9.0, 4.0]), (2, 4, 9)),
        (["b", "a", NAN, "c"], ("a", "b", "c")),
        (np.array(["red", "blue", "red", "green"]), ("blue", "green", "red")),
        ([True, False, None, True], (0, 1)),
        (["b", NA, "a", "c"], ("a", "b", "c")),
    ],
)
def test_classes_are_counted_in_order_and_keep_their_names(labels, classes):
    (task,) = (data := TaskData.from_arrays(X, {"kind": labels}, kinds={"kind": "multiclass"})).tasks
    assert (task.classes, task.n_outputs) == (classes, len(classes))
    for label, index in zip(labels, data.train.y[:, 0], strict=True):
        missing = label is None or label is NA or label != label
        assert np.isnan(index) if missing else classes[int(index)] == label


def test_the_other_columns_of_a_frame_are_features():
    frame = Frame(rooms=[1, 2, 3, 4], price=Y["price"], area=[5.0, 6.0, 7.0, 8.0], who=["a", "b", "a", "c"])
    data = TaskData.from_frame(frame, ["price"], groups="who")
    np.testing.assert_array_equal(data.train.x, [[1, 5], [2, 6], [3, 7], [4, 8]])
    np.testing.assert_array_equal(data.train.y[:, 0], [3, NAN, 5, NAN])
    np.testing.assert_array_equal(data.train.group, [0, 1, 0, 2])


def test_one_target_may_stand_alone():
    assert TaskData.from_frame(Frame(a=[1, 2], price=[3, 4]), "price").tasks[0].name == "price"


def test_a_pandas_frame_with_its_own_missing_values_is_read():
    pd = pytest.importorskip("pandas")
    columns = {"a": X[:, 0], "b": pd.array([1, 2, 3, 4], dtype="Int64"), "price": pd.array([3, None, 5, None], dtype="Int64")}
    frame = pd.DataFrame(columns | {"sold": pd.Categorical(Y["sold"]), "day": pd.to_datetime(["2026-01-01"] * 2 + ["2026-01-02"] * 2)})
    data = TaskData.from_frame(frame, ["price", "sold"], kinds={"sold": "binary"}, groups="day")
    expected = TaskData.from_arrays(X, Y, kinds={"sold": "binary"})
    np.testing.assert_array_equal(data.train.y, expected.train.y)
    np.testing.assert_array_equal(data.train.x, np.column_stack([X[:, 0], [1, 2, 3, 4]]))
    np.testing.assert_array_equal(data.train.group, [0, 0, 1, 1])


def test_samples_of_different_tasks_are_stacked():
    data = TaskData.from_pairs({"price": (X, [1.0, 2.0, 3.0, 4.0]), "sold": (-X[:2], ["no", "yes"])}, kinds={"sold": "binary"})
    np.testing.assert_array_equal(data.train.x, np.concatenate([X, -X[:2]]))
    np.testing.assert_array_equal(data.train.y, [[1, NAN], [2, NAN], [3, NAN], [4, NAN], [NAN, 0], [NAN, 1]])
    assert data.own_features == ()


@pytest.mark.parametrize("own_columns", [None, True])
def test_inputs_of_different_length_get_columns_of_their_own(own_columns):
    data = TaskData.from_pairs({"price": (X[:2], [1, 2]), "rent": ([[7.0]], [3])}, own_columns=own_columns)
    np.testing.assert_array_equal(data.train.x, [[0, 1, 0], [2, 3, 0], [0, 0, 7]])
    assert data.own_features == (2, 1)


def test_inputs_that_mean_different_things_can_be_kept_apart():
    data = TaskData.from_pairs({"price": (X[:1], [1]), "rent": (X[1:2], [3])}, own_columns=True)
    np.testing.assert_array_equal(data.train.x, [[0, 1, 0, 0], [0, 0, 2, 3]])


def test_a_row_whose_owner_has_no_label_is_left_out():
    data = TaskData.from_pairs({"price": (X, Y["price"]), "rent": ([[7.0]], [3])})
    np.testing.assert_array_equal(data.train.x[:, :2], [X[0], X[2], [0, 0]])


def test_people_asked_for_two_tasks_are_the_same_people():
    data = TaskData.from_pairs({"price": (X, [1, 2, 3, 4]), "sold": (X[:2], [1, 2])}, groups={"price": list("abca"), "sold": ["c", "d"]})
    np.testing.assert_array_equal(data.train.group, [0, 1, 2, 0, 2, 3])


ARRAYS = {
    r"`kinds` must name some of \['price', 'sold'\]; 'slod' is none": lambda: TaskData.from_arrays(X, Y, kinds={"slod": "binary"}),
    r"must have a label for each of the 4 samples of `x`; got 3. .*from_pairs": lambda: TaskData.from_arrays(X, {"price": [1, 2, 3]}),
    r"must hold whole numbers or words, .*; got 0.5": lambda: TaskData.from_arrays(X, {"a": [0, 1, 0.5, 1]}, kinds={"a": "binary"}),
    r"must hold exactly two classes, being binary; got \[0, 1, 2\]": lambda: TaskData.from_arrays(
        X, {"a": [0, 1, 2, 1]}, kinds={"a": "binary"}
    ),
    r"must hold two classes or more": lambda: TaskData.from_arrays(X, {"a": [1, 1, None, 1]}, kinds={"a": "multiclass"}),
    r"by whole numbers or by words, not both": lambda: TaskData.from_arrays(X, {"a": [1, "b", 1, 2]}, kinds={"a": "multiclass"}),
    r"`y\['a'\]` must hold a label; all 4 are missing": lambda: TaskData.from_arrays(X, {"a": [None, NAN, None, NAN]}),
    r"a regression, must hold numbers; got 'dear'": lambda: TaskData.from_arrays(X, {"a": [1, 2, "dear", 3]}),
    r"must be finite": lambda: TaskData.from_arrays(X, {"a": [1, 2, np.inf, 3]}),
    r"`y` must be a dict that names at least one task; got none": lambda: TaskData.from_arrays(X, {}),
    r"`y` must be a dict .*; got list": lambda: TaskData.from_arrays(X, [1, 2, 3, 4]),
    r"must be one column; got shape \(4, 2\)": lambda: TaskData.from_arrays(X, {"a": X}),
    r"`x` must have two axes \(sample, feature\); got shape \(4,\)": lambda: TaskData.from_arrays(X[:, 0], Y),
    r"`x` must hold numbers; got 'Berlin'": lambda: TaskData.from_arrays([["Berlin"], [1], [2], [3]], Y),
    r"`x` must be finite; 1 entries are not": lambda: TaskData.from_arrays([[1], [None], [2], [3]], {"a": [1, 2, 3, 4]}),
    r"`kind` must be .*; got 'number'": lambda: TaskData.from_arrays(X, Y, kinds={"sold": "number"}),
    r"`groups` must say of each of 4 samples": lambda: TaskData.from_arrays(X, {"a": [1, 2, 3, 4]}, groups=["a", "b", None, "c"]),
}
FRAMES = {
    r"`targets and groups` must name some of \['a', 'b'\]; 'c' is none": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), ["c"]),
    r"`targets and groups` must name a column once; got b twice": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), ["b", "b"]),
    r"`frame` must have columns to predict from": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), ["a", "b"]),
    r"Column 'a' must hold numbers; got 'Rome'": lambda: TaskData.from_frame(Frame(a=["Rome"], b=[2]), ["b"]),
}
PAIRS = {
    r"`pairs` must be a dict that names at least one task": lambda: TaskData.from_pairs({}),
    r"`pairs\['a'\]` must be a pair \(x, labels\)": lambda: TaskData.from_pairs({"a": X}),
    r"`pairs\['a'\]` must be x \(sample, feature\) and as many labels": lambda: TaskData.from_pairs({"a": (X, [1, 2])}),
    r"`own_columns` must be True": lambda: TaskData.from_pairs({"a": (X, [1] * 4), "b": (X[:, :1], [1] * 4)}, own_columns=False),
    r"`groups` must have a column for each task": lambda: TaskData.from_pairs({"a": (X, [1] * 4)}, groups={"b": [1] * 4}),
}


PARTS = {
    r"`classes` must name the 2 classes of the binary task 'sold'": lambda: Task("sold", "binary", classes=("yes",)),
    r"`group` must hold one whole number per sample, 4; got int64 of shape \(3,\)": lambda: Samples(X, X, np.arange(3)),
    r"`group` must hold one whole number per sample": lambda: Samples(X, X, np.array(list("abcd"))),
    r"`own_features` must deal 2 features out to 2 tasks; got \(2, 1\)": lambda: TaskData(
        (Task("a"), Task("b")), Samples(X, X), own_features=(2, 1)
    ),
}


@pytest.mark.messages
@pytest.mark.parametrize("sentence", [*ARRAYS, *FRAMES, *PAIRS, *PARTS])
def test_what_cannot_be_read_gets_a_sentence(sentence):
    with pytest.raises(ValueError, match=sentence):
        (ARRAYS | FRAMES | PAIRS | PARTS)[sentence]()


@pytest.mark.messages
def test_a_column_named_twice_in_a_frame_is_found():
    frame = Frame(a=[1], b=[2])
    frame.columns = ["a", "b", "a"]
    with pytest.raises(ValueError, match="`frame` must name a column once; got a twice"):
        TaskData.from_frame(frame, ["b"])
