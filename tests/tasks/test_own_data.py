"""Tables that a reader brings along: what is read, what is missing, what is refused."""

import warnings

import numpy as np
import pytest

from mtl_tutor.tasks import Samples, Task, TaskData

X = np.arange(8.0).reshape(4, 2)
Y = {"price": [3.0, None, 5.0, float("nan")], "sold": ["yes", "no", None, "no"]}
NAN = np.nan
DAYS = np.array(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"], dtype="datetime64[ns]")
MASKED = np.ma.masked_equal(X, 3)
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
    r"`y` must be a dict .*; got 'price'": lambda: TaskData.from_arrays(X, "price"),
    r"`y` must be a dict .*; got None": lambda: TaskData.from_arrays(X, None),
    r"`y` must have one column per task .*; got shape \(4, 2, 1\)": lambda: TaskData.from_arrays(X, X[..., None]),
    r"`y` must have one column per task; got a data frame without": lambda: TaskData.from_arrays(X, Frame()),
    r"`y` must name a column once; got 1 and '1'": lambda: TaskData.from_arrays(X, {1: [1] * 4, "1": [2] * 4}),
    r"such as '3.5'. Turn them into numbers, or name the task in `kinds`": lambda: TaskData.from_arrays(X, {"a": ["3.5", "1", "2", "3"]}),
    r"must hold two classes or more, being multiclass; got \['no'\]": lambda: TaskData.from_arrays(X, {"a": ["no"] * 4}),
    r"`y\['a'\]` must hold numbers or classes; got dates": lambda: TaskData.from_arrays(X, {"a": DAYS}),
    r"`x` must hold numbers; got dates.*days since": lambda: TaskData.from_arrays(np.array(DAYS)[:, None], {"a": [1] * 4}),
    r"`x` must hold numbers; got \[1, 2\]": lambda: TaskData.from_arrays([[1, 2], [3]], {"a": [1, 2]}),
    r"`x` must be finite; 1 entries are not. Impute": lambda: TaskData.from_arrays(MASKED, {"a": [1] * 4}),
    r"`y` must lie between ±3.4e\+38; got 1e\+300. Change its unit": lambda: TaskData.from_arrays(X, {"a": [1e300, 1, 2, 3]}),
    r"`x` must lie between ±3.4e\+38; got .*Change its unit": lambda: TaskData.from_arrays(X * 1e300, {"a": [1] * 4}),
    r"must hold numbers of a size .*; got an int of more digits|got 1000": lambda: TaskData.from_arrays(X, {"a": [10**400, 1, 2, 3]}),
    r"`kinds` must hold one kind per column of y, 2; got 1": lambda: TaskData.from_arrays(X, Y, kinds=["binary"]),
    r"`kinds` must be one kind, a sequence of them, or a dict .*; got 3": lambda: TaskData.from_arrays(X, Y, kinds=3),
    r"got 'binery'. Did you mean 'binary'": lambda: TaskData.from_arrays(X, Y, kinds="binery"),
    r"'slod' is none. Did you mean 'sold'": lambda: TaskData.from_arrays(X, Y, kinds={"slod": "binary"}),
    r"being binary; got \[0, 1, 2\]. Ask for 'multiclass' in `kinds`": lambda: TaskData.from_arrays(X, [0, 1, 2, 2], kinds="binary"),
    r"`groups` must hold one name or number per sample; got lists": lambda: TaskData.from_arrays(
        X, [1, 2, 3, 4], groups=[[1], [2, 3], [1], [2]]
    ),
    r"must be one column; got shape \(4, 2\)": lambda: TaskData.from_arrays(X, {"a": X}),
    r"`x` must have two axes \(sample, feature\); got shape \(4,\)": lambda: TaskData.from_arrays(X[:, 0], Y),
    r"`x` must hold numbers; got 'Berlin'": lambda: TaskData.from_arrays([["Berlin"], [1], [2], [3]], Y),
    r"`x` must be finite; 1 entries are not": lambda: TaskData.from_arrays([[1], [None], [2], [3]], {"a": [1, 2, 3, 4]}),
    r"`kinds` must be .*; got 'number'": lambda: TaskData.from_arrays(X, Y, kinds={"sold": "number"}),
    r"`groups` must say of each of 4 samples": lambda: TaskData.from_arrays(X, {"a": [1, 2, 3, 4]}, groups=["a", "b", None, "c"]),
}
FRAMES = {
    r"`targets and groups` must name some of \['a', 'b'\]; 'c' is none": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), ["c"]),
    r"`targets and groups` must name some of .*; \[2\] is none": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), ("a", [2])),
    r"`targets and groups` must name some of .*; \(1, \[2\]\) is none": lambda: TaskData.from_frame(
        Frame(a=[1], b=[2]), "b", groups=(1, [2])
    ),
    r"`targets and groups` must name some of .*; \['a'\] is none": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), "b", groups=["a"]),
    r"`targets and groups` must name a column once; got b twice": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), ["b", "b"]),
    r"`frame` must be a data frame, with columns; got None": lambda: TaskData.from_frame(None, "a"),
    r"`frame` must be a data frame, .*; got {.*}. .*from_arrays": lambda: TaskData.from_frame({"a": [1]}, "a"),
    r"`targets` must name one column of the frame or more; got \[\]": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), []),
    r"`targets` must name one column of the frame or more; got None": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), None),
    r"'pric' is none. Did you mean 'price'": lambda: TaskData.from_frame(Frame(a=[1], price=[2]), "pric"),
    r"Column 'day' of `frame` must hold numbers; got dates": lambda: TaskData.from_frame(Frame(day=DAYS, b=[1, 2, 3, 4]), "b"),
    r"`frame` must have columns to predict from": lambda: TaskData.from_frame(Frame(a=[1], b=[2]), ["a", "b"]),
    r"Column 'a' of `frame` must hold numbers; got 'Rome'": lambda: TaskData.from_frame(Frame(a=["Rome"], b=[2]), ["b"]),
}
PAIRS = {
    r"`pairs` must be a dict that names at least one task": lambda: TaskData.from_pairs({}),
    r"`pairs\['a'\]` must be a pair \(x, labels\)": lambda: TaskData.from_pairs({"a": X}),
    r"`pairs\['a'\]` must be x \(sample, feature\) and as many labels": lambda: TaskData.from_pairs({"a": (X, [1, 2])}),
    r"`own_columns` must be True": lambda: TaskData.from_pairs({"a": (X, [1] * 4), "b": (X[:, :1], [1] * 4)}, own_columns=False),
    r"`groups` must have a column for each task": lambda: TaskData.from_pairs({"a": (X, [1] * 4)}, groups={"b": [1] * 4}),
}


ROWS = {
    r"`rows` must hold one True or False for each of the 4 samples; got 3": lambda: Samples(X, X).at([True, False, True]),
    r"`rows` must lie between 0 and 3, the last sample; got 4": lambda: Samples(X, X).at([0, 4]),
    r"`rows` must lie between 0 and 3, the last sample; got -1": lambda: Samples(X, X).at(np.array([-1, 2])),
}
PARTS = {
    r"`x` must have two axes \(sample, feature\), or more; got shape \(4,\)": lambda: Samples(X[:, 0], X),
    r"`x` must hold numbers; got .*": lambda: Samples([["a"]], [[1.0]]),
    r"`x` must hold numbers; got .*datetime64": lambda: Samples(DAYS[:, None], X),
    r"`x` must be finite; 1 entries are not. Impute or drop": lambda: Samples(MASKED, X),
    r"`test` must have samples of shape \(2, 2\) and 1 tasks; got x \(4, 2, 1\)": lambda: TaskData(
        (Task("a"),), Samples(X.reshape(2, 2, 2), X[:2, :1]), test=Samples(X[..., None], X[:, :1])
    ),
    r"`x` must have two axes .* number of features; got samples of shape \(2, 1\). Flatten": lambda: TaskData(
        (Task("a"),), Samples(X[..., None], X[:, :1])
    ).n_features,
    r"`feature_names` must name each of the 2 features; got 1": lambda: TaskData(
        (Task("a"), Task("b")), Samples(X, X), feature_names=("a",)
    ),
    r"`classes` must name the 2 classes of the binary task 'sold'": lambda: Task("sold", "binary", classes=("yes",)),
    r"`group` must hold one whole number per sample, 4; got int64 of shape \(3,\)": lambda: Samples(X, X, np.arange(3)),
    r"`group` must hold one whole number per sample": lambda: Samples(X, X, np.array(list("abcd"))),
    r"`own_features` must deal 2 features out to 2 tasks; got \(2, 1\)": lambda: TaskData(
        (Task("a"), Task("b")), Samples(X, X), own_features=(2, 1)
    ),
}


@pytest.mark.messages
@pytest.mark.parametrize("sentence", [*ARRAYS, *FRAMES, *PAIRS, *ROWS, *PARTS])
def test_what_cannot_be_read_gets_a_sentence(sentence):
    with pytest.raises(ValueError, match=sentence):
        (ARRAYS | FRAMES | PAIRS | ROWS | PARTS)[sentence]()


def kinds_and_classes(y, **settings):
    return [(task.name, task.kind, task.classes) for task in TaskData.from_arrays(X, y, **settings).tasks]


def test_words_and_booleans_are_classes_without_being_asked():
    assert kinds_and_classes({"sold": ["no", "yes"] * 2}) == [("sold", "binary", ("no", "yes"))]
    assert kinds_and_classes({"sold": ["no", None, "yes", "maybe"]}) == [("sold", "multiclass", ("maybe", "no", "yes"))]
    (task,) = TaskData.from_arrays(X, {"sold": [True, False, None, True]}).tasks
    assert (task.kind, task.classes, type(task.classes[0])) == ("binary", (False, True), bool)
    assert TaskData.from_arrays(X, {"sold": np.array([True, False] * 2)}).tasks[0].kind == "binary"
    assert TaskData.from_arrays(X, {"sold": [1, 0, 1, 0]}).tasks[0].kind == "regression"


def test_one_word_may_name_the_kind_of_all_tasks_or_one_each():
    y = {"a": [0, 1, 0, 1], "b": [3, 3, 2, 2]}
    assert [task.kind for task in TaskData.from_arrays(X, y, kinds="binary").tasks] == ["binary", "binary"]
    assert [task.kind for task in TaskData.from_arrays(X, y, kinds=["binary", "regression"]).tasks] == ["binary", "regression"]
    framed = TaskData.from_frame(Frame(x=[1, 2, 3, 4], **y), ["a", "b"], kinds="binary")
    assert [task.kind for task in framed.tasks] == ["binary", "binary"]
    pairs = {name: (X, labels) for name, labels in y.items()}
    assert {task.kind for task in TaskData.from_pairs(pairs, kinds="multiclass").tasks} == {"multiclass"}


def test_words_of_a_task_with_samples_of_its_own_are_classes_too():
    pd = pytest.importorskip("pandas")
    sizes = pd.Categorical(["low", "high", "low", "high"], categories=["low", "high"], ordered=True)
    data = TaskData.from_pairs({"price": (X, [1.0, 2.0, 3.0, 4.0]), "size": (X, sizes)})
    assert [(task.kind, task.classes) for task in data.tasks] == [("regression", ()), ("binary", ("low", "high"))]


def test_categories_of_pandas_are_classes_and_ordered_ones_keep_their_order():
    pd = pytest.importorskip("pandas")
    words, order = ["low", "high", None, "low"], ["low", "middle", "high"]
    for ordered, classes in ((False, ("high", "low")), (True, ("low", "high"))):
        labels = pd.Categorical(words, categories=order, ordered=ordered)
        assert kinds_and_classes({"a": labels}) == [("a", "binary", classes)]
        assert kinds_and_classes(pd.DataFrame({"a": labels})) == [("a", "binary", classes)]
    data = TaskData.from_arrays(X, {"a": pd.Categorical(words, categories=order, ordered=True)})
    np.testing.assert_array_equal(data.train.y[:, 0], [0, 1, NAN, 0])
    assert kinds_and_classes(pd.Series(pd.Categorical([3, 1, 2, 1]), name="a")) == [("a", "multiclass", (1, 2, 3))]
    assert kinds_and_classes({"a": pd.array([True, None, False, True], dtype="boolean")}) == [("a", "binary", (False, True))]


@pytest.mark.parametrize("table", [X, X.tolist(), X[:, :1], X[:, 0], X[:, 0].tolist()])
def test_targets_may_be_an_array_whose_columns_are_counted(table):
    data = TaskData.from_arrays(X, table)
    np.testing.assert_array_equal(data.train.y, np.asarray(table).reshape(4, -1))
    assert [task.name for task in data.tasks] == ["0", "1"][: data.train.y.shape[1]]


def test_what_is_masked_is_a_missing_label():
    data = TaskData.from_arrays(X, {"a": np.ma.masked_equal([1, 2, -9999, 4], -9999)})
    np.testing.assert_array_equal(data.train.y[:, 0], [1, 2, NAN, 4])
    np.testing.assert_array_equal(TaskData.from_arrays(X, MASKED).train.y, [[0, 1], [2, NAN], [4, 5], [6, 7]])
    np.testing.assert_array_equal(Samples(X, MASKED).y, [[0, 1], [2, NAN], [4, 5], [6, 7]])


def test_columns_may_be_called_by_numbers():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(np.column_stack([X, X % 2]))
    data = TaskData.from_frame(frame, [2, 3], kinds={2: "regression"})
    assert ([task.name for task in data.tasks], data.feature_names) == (["2", "3"], ("0", "1"))
    frame[3] = [0, 1, 1, 0]
    assert TaskData.from_frame(frame, [2, 3], kinds={3: "binary"}).tasks[1].kind == "binary"
    assert TaskData.from_frame(frame, 3).tasks[0].name == "3"
    assert TaskData.from_frame(frame, np.array([2, 3])).tasks[1].name == "3"


@pytest.mark.parametrize("rows", [[2, 0], np.array([2, 0]), range(2, -1, -2), (2, 0)])
def test_samples_are_selected_by_their_indices_in_the_order_given(rows):
    np.testing.assert_array_equal(Samples(X, X, np.arange(4)).at(rows).x, X[[2, 0]])
    np.testing.assert_array_equal(Samples(X, X, np.arange(4)).at(rows).group, [2, 0])


@pytest.mark.messages
def test_samples_are_selected_by_a_mask():
    pd = pytest.importorskip("pandas")
    mask = [True, False, True, False]
    for rows in (mask, np.array(mask), pd.Series(mask), pd.Series(mask, dtype="boolean"), np.array(mask, dtype=object)):
        np.testing.assert_array_equal(Samples(X, X).at(rows).x, X[[0, 2]])
    assert len(Samples(X, X).at([False] * 4)) == len(Samples(X, X).at([])) == 0


@pytest.mark.messages
@pytest.mark.parametrize("rows", [[0.5], ["a"], None, 3, [[0, 1]], np.ma.masked_equal([0, 1], 1), [[0], [1, 2]]])
def test_what_selects_no_samples_gets_a_sentence(rows):
    with pytest.raises(TypeError, match="`rows` must hold indices of samples, or True or False for each; got"):
        Samples(X, X).at(rows)


@pytest.mark.parametrize("shape", [(3, 4, 4), (5, 2), (2, 3, 4, 4)])
def test_samples_may_be_images_sequences_and_films(shape):
    x = np.random.default_rng(0).normal(size=(30, *shape))
    data = TaskData.from_arrays(x, {"a": x.reshape(30, -1)[:, 0]}, groups=np.arange(30) // 2)
    assert data.input_shape == shape
    for one in (data.split(), data.split().redraw(seed=1), *data.folds(3)):
        assert {samples.x.shape[1:] for samples in one.splits().values()} == {shape}
        for samples in one.splits().values():
            np.testing.assert_array_equal(samples.x.reshape(len(samples), -1)[:, 0], samples.y[:, 0])
    np.testing.assert_array_equal(data.train.at([3, 1]).x, x[[3, 1]])


def test_the_names_of_columns_are_kept():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"rooms": [1, 2, 3, 4], "price": [1.0, 2, 3, 4], "area": [5.0, 6, 7, 8]})
    assert TaskData.from_frame(frame, "price").feature_names == ("rooms", "area")
    assert TaskData.from_arrays(frame[["area", "rooms"]], frame["price"]).feature_names == ("area", "rooms")
    assert TaskData.from_arrays(frame[["area"]], frame["price"]).tasks[0].name == "price"
    split = TaskData.from_frame(pd.concat([frame] * 6), "price").split()
    assert split.feature_names == split.redraw(seed=1).feature_names == ("rooms", "area")


def test_columns_of_tasks_with_samples_of_their_own_are_matched_by_name():
    pd = pytest.importorskip("pandas")
    one, two = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]}), pd.DataFrame({"b": [30.0], "a": [10.0]})
    same = TaskData.from_pairs({"price": (one, [1, 2]), "rent": (two, [3])})
    np.testing.assert_array_equal(same.train.x, [[1, 3], [2, 4], [10, 30]])
    assert same.feature_names == ("a", "b")
    other = TaskData.from_pairs({"price": (one, [1, 2]), "rent": (two.rename(columns={"a": "c"}), [3])})
    assert (other.own_features, other.feature_names) == ((2, 2), ("a", "b", "b", "c"))


def labels_of_four(labels):
    return TaskData.from_arrays(np.arange(len(labels))[:, None], {"a": labels})


@pytest.mark.messages
def test_few_labels_and_one_label_only_are_warned_of():
    with pytest.warns(UserWarning, match="Task 'a' has 4 labels, fewer than 20: .* Label more samples") as caught:
        labels_of_four([1, 2, 3, 4] + [None] * 30)
    assert caught[0].filename == __file__
    for constant in ([0.3] * 40, [0.1 + 0.2, 0.3] * 20):
        with pytest.warns(UserWarning, match="Task 'a' has one label only, 0.3: there is nothing to learn"):
            labels_of_four(constant)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        labels_of_four(range(20))
    with pytest.warns(UserWarning, match="Task 'b' has 4 labels"):
        TaskData.from_frame(Frame(a=[1, 2, 3, 4], b=[1, 2, 3, 4]), "b")
    with pytest.warns(UserWarning, match="Task 'b' has 4 labels"):
        TaskData.from_pairs({"b": (X, [1, 2, 3, 4])})


@pytest.mark.messages
def test_a_column_named_twice_in_a_frame_is_found():
    frame = Frame(a=[1], b=[2])
    frame.columns = ["a", "b", "a"]
    with pytest.raises(ValueError, match="`frame` must name a column once; got a twice"):
        TaskData.from_frame(frame, ["b"])
