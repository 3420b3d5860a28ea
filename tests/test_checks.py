"""Types of arguments, checked at every public door by what its signature says."""

import copy
import inspect
import os
import pickle
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
import torch
from jaxtyping import Float, Int
from joblib import Parallel, delayed
from torch import Tensor

from mtl_tutor.checks import check_fields, check_least, check_limits, check_named, check_real, check_room, check_whole, checked, shown
from mtl_tutor.results import Bars
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Task, TaskData, sine_family


@checked
def door(
    n_samples: int = 3,
    noise: float = 0.1,
    *,
    seed: int = 0,
    widths: int | Sequence[int] = 3,
    pair: tuple[int, int] | None = None,
    kind: Literal["one", "two"] = "one",
    x: Float[np.ndarray, "sample feature"] | None = None,
    rows: Int[np.ndarray, "row"] | None = None,
    names: Sequence[str] = (),
    flag: bool = False,
    make: Callable[[int], int] | None = None,
    shares: Mapping[str, float] | None = None,
    data: TaskData | None = None,
    tasks: Sequence[Task] | Mapping[str, Task] = (),
    makers: Sequence[Callable[..., Task]] = (),
    either: Task | TaskData | None = None,
    path: str | os.PathLike[str] = "",
    title: str = "",
    words: Iterable[str] = (),
    anything: Any = None,
) -> dict[str, Any]:
    """Return what arrived."""
    return dict(locals())


@checked
class Room:
    """A class whose ``__init__`` is checked."""

    def __init__(self, width: int) -> None:
        self.width = width


ACCEPTED = {
    "numpy_count": ({"n_samples": np.int64(4)}, "n_samples", 4),
    "numpy_number": ({"noise": np.float32(0.5)}, "noise", 0.5),
    "whole_as_number": ({"noise": 2}, "noise", 2),
    "one_width": ({"widths": np.int8(5)}, "widths", 5),
    "widths_as_array": ({"widths": np.arange(1, 3)}, "widths", (1, 2)),
    "widths_as_list": ({"widths": [np.int64(1), 2]}, "widths", [1, 2]),
    "pair_as_list": ({"pair": [1, 2]}, "pair", (1, 2)),
    "no_widths": ({"widths": range(0)}, "widths", range(0)),
    "no_widths_backwards": ({"widths": range(5, 5, -1)}, "widths", range(5, 5, -1)),
    "a_whole_character": ({"title": "\U0001f600"}, "title", "\U0001f600"),
    "words_of_a_set": ({"words": {"ab"}}, "words", {"ab"}),
    "numpy_flag": ({"flag": np.True_}, "flag", True),
    "shares": ({"shares": {"a": np.float64(0.5)}}, "shares", {"a": 0.5}),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_numpy_numbers_arrive_as_pythons(case: str) -> None:
    given, name, expected = ACCEPTED[case]
    found = door(**given)[name]
    assert found == expected
    assert "numpy" not in type(found[0] if isinstance(found, list | tuple) else found).__module__


def test_nested_lists_become_arrays() -> None:
    x = door(x=[[1, 2]])["x"]  # type: ignore[arg-type]
    assert x.dtype == float
    assert x.shape == (1, 2)


def test_what_fits_is_the_same_object() -> None:
    x, names = np.zeros((2, 2)), ["a"]
    found = door(x=x, names=names)
    assert found["x"] is x
    assert found["names"] is names


REFUSED = {
    "a_number_for_a_count": ({"n_samples": 3.0}, "`n_samples` must be a whole number; got 3.0. Write 3."),
    "true_for_a_count": ({"n_samples": True}, "`n_samples` must be a whole number; got True."),
    "a_string_for_a_count": ({"n_samples": "3"}, "`n_samples` must be a whole number; got '3'."),
    "too_many": ({"n_samples": 10**30}, "`n_samples` must be at most 2147483647; got 1000000000000000000000000000000."),
    "nan": ({"noise": float("nan")}, "`noise` must be a finite number; got nan."),
    "infinite": ({"noise": np.inf}, "`noise` must be a finite number; got inf."),
    "a_string_for_a_number": ({"noise": "a"}, "`noise` must be a number; got 'a'."),
    "negative_seed": ({"seed": -1}, "`seed` must be at least 0; got -1."),
    "no_seed": ({"seed": None}, "`seed` must be a whole number; got None."),
    "neither_of_two": ({"widths": None}, "`widths` must be a whole number or a sequence of whole numbers; got None."),
    "an_entry": ({"widths": [1, 2.5]}, "`widths[1]` must be a whole number; got 2.5."),
    "a_string_for_a_sequence": ({"names": "abc"}, "`names` must be a sequence of strings; got 'abc'. Write ['abc']."),
    "too_short": ({"pair": (1,)}, "`pair` must have 2 entries; got 1."),
    "another_name": ({"kind": "onne"}, "`kind` must be one of 'one', 'two'; got 'onne'. Did you mean 'one'?"),
    "axes": ({"x": [1, 2]}, "`x` must be an array of numbers [sample feature]; got [1, 2]."),
    "words_in_an_array": (
        {"x": np.array([["a"]])},
        "`x` must be an array of numbers [sample feature]; got an array of shape (1, 1) and type <U1.",
    ),
    "ragged": ({"x": [[1], [2, 3]]}, "`x` must be an array of numbers [sample feature]; got [[1], [2, 3]]."),
    "numbers_for_rows": ({"rows": [0.5]}, "`rows` must be an array of whole numbers [row]; got [0.5]."),
    "endless": ({"x": range(10**10)}, "`x` must have at most 268435456 entries; got range(0, 10000000000)."),
    "masked": (
        {"x": np.ma.masked_array([[1.0]], [[True]])},
        "`x` must be a plain array; got a masked array of shape (1, 1). Replace what is masked: `x.filled(np.nan)`.",
    ),
    "one_for_a_flag": ({"flag": 1}, "`flag` must be True or False; got 1."),
    "no_function": ({"make": 3}, "`make` must be a function; got 3."),
    "no_dict": ({"shares": [1]}, "`shares` must be a dict; got [1]."),
    "a_key_of_a_dict": ({"shares": {3: 0.5}}, "`key of shares` must be a string; got 3."),
    "an_entry_of_a_dict": ({"shares": {"a": "b"}}, "`shares['a']` must be a number; got 'b'."),
    "one_where_several_are_wanted": ({"tasks": Task("a")}, "`tasks` must be a sequence of values or a dict; got a Task. Write […]."),
    "a_class_where_several_are_wanted": ({"makers": Task}, "`makers` must be a sequence of values; got the class Task. Write [Task]."),
    "a_class_for_one_of_two": ({"either": Task}, "`either` must be a Task or a TaskData or None; got the class Task. Add () to make one."),
    "no_path": ({"path": "a\0b"}, r"`path` must be a path that a file system can hold; got 'a\x00b'."),
    "half_a_character": ({"path": "\ud800"}, r"`path` must be a path that a file system can hold; got '\ud800'."),
    "text_with_half_a_character": (
        {"title": "a\ud800b"},
        r"`title` must be text that a file or a page can hold; got 'a\ud800b', with half a character.",
    ),
    "half_a_character_in_a_list": (
        {"names": ["a", "\udfff"]},
        r"`names[1]` must be text that a file or a page can hold; got '\udfff', with half a character.",
    ),
    "letters_for_words": ({"words": "abc"}, "`words` must be a sequence of strings; got 'abc'. Write ['abc']."),
    "bytes_for_words": ({"words": b"abc"}, "`words` must be a sequence of strings; got b'abc'."),
    "a_number_for_words": ({"words": 3}, "`words` must be a sequence of strings; got 3."),
    "a_tensor_of_one_number_for_words": ({"words": torch.tensor(1.0)}, "`words` must be a sequence of strings; got a Tensor."),
    "ragged_rows": ({"rows": [1, [2]]}, "`rows` must be an array of whole numbers [row]; got [1, [2]]."),
    "ragged_widths": ({"widths": [1, [2]]}, "`widths[1]` must be a whole number; got [2]."),
    "an_endless_range_of_widths": (
        {"widths": range(0, -(10**10), -1)},
        "`widths` must have at most 268435456 entries; got range(0, -10000000000, -1).",
    ),
    "neither_string_nor_path": ({"path": 3}, "`path` must be a string or a PathLike; got 3."),
    "beyond_floats": ({"noise": 10**400}, f"`noise` must be a finite number; got 1{'0' * 59}…."),
    "another_class": ({"data": Bars}, "`data` must be a TaskData; got the class Bars."),
}


@pytest.mark.messages
@pytest.mark.parametrize("case", REFUSED)
def test_one_sentence_names_parameter_rule_and_finding(case: str) -> None:
    given, sentence = REFUSED[case]
    with pytest.raises((TypeError, ValueError)) as caught:
        door(**given)
    assert str(caught.value) == sentence


@pytest.mark.messages
def test_what_holds_the_data_is_told_to_hand_them_over() -> None:
    data = TaskData.from_arrays(np.zeros((2, 1)), {"a": [1.0, 2.0]})
    with pytest.raises(TypeError, match=r"Pass its `\.data`, a TaskData\."):
        door(data=SimpleNamespace(data=data))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"the class TaskData\. Add \(\) to make one\."):
        door(data=TaskData)  # type: ignore[arg-type]


def test_python_words_its_own_mistakes() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'n_smples'"):
        door(n_smples=3)  # type: ignore[call-arg]


@pytest.mark.messages
def test_a_class_is_checked_where_it_is_made() -> None:
    assert Room(np.int64(3)).width == 3
    with pytest.raises(TypeError, match="`width` must be a whole number"):
        Room(0.5)  # type: ignore[arg-type]


def test_single_checks() -> None:
    assert check_whole("n", np.uint8(3)) == 3
    assert check_real("r", 3) == 3
    check_named("name", "a", ["a", "b"])
    with pytest.raises(ValueError, match="Did you mean 'hard_sharing'"):
        check_named("name", "hard_sharnig", ["hard_sharing", "mmoe"])


def test_findings_are_short() -> None:
    assert shown(list(range(1000))).endswith("…")
    assert shown(Task("a")) == "a Task"
    assert shown(len) == "the function len"


@pytest.mark.messages
def test_the_ends_of_an_axis() -> None:
    check_limits("ylim", (-1, 2))
    check_limits("ylim", (0.1, 2), positive=True)
    for ends in ((1, 1), (2, 1), (0, float("nan")), (-1e308, 1e308)):
        with pytest.raises(ValueError, match=r"`ylim` must be \(low, high\), finite, with low < high; got"):
            check_limits("ylim", ends)
    with pytest.raises(ValueError, match=r"`ylim` must lie above 0 on a logarithmic axis; got \(0, 1\)"):
        check_limits("ylim", (0, 1), positive=True)


@checked
def other_door(
    layer: type[Task] = Task,
    chosen: Collection[int] = (),
    rates: tuple[float, ...] = (),
    seeds: Sequence[int] = (),
    x: Float[Tensor, "sample feature"] | None = None,
) -> dict[str, Any]:
    """Return what arrived."""
    return dict(locals())


OTHERS = {
    "an_instance_for_a_class": ({"layer": Task("a")}, "`layer` must be a subclass of Task; got a Task. Pass its class, without the ()."),
    "another_class": ({"layer": int}, "`layer` must be a subclass of Task; got the class int."),
    "an_entry_of_a_set": ({"chosen": {"a"}}, "`chosen['a']` must be a whole number; got 'a'."),
    "one_for_a_collection": ({"chosen": 1}, "`chosen` must be a collection; got 1."),
    "one_seed_is_negative": ({"seeds": [0, -1]}, "`seeds[1]` must be at least 0; got -1."),
    "an_array_for_a_tensor": (
        {"x": np.zeros((2, 2))},
        "`x` must be a Tensor [sample feature]; got an array of shape (2, 2) and type float64.",
    ),
    "axes_of_a_tensor": (
        {"x": torch.zeros(2)},
        "`x` must be a Tensor [sample feature]; got a Tensor of shape (2,) and type torch.float32.",
    ),
    "numpy_itself": ({"rates": np}, "`rates` must be a sequence of numbers; got a module."),
}


@pytest.mark.messages
@pytest.mark.parametrize("case", OTHERS)
def test_classes_collections_and_tensors_are_checked(case: str) -> None:
    given, sentence = OTHERS[case]
    with pytest.raises((TypeError, ValueError)) as caught:
        other_door(**given)
    assert str(caught.value) == sentence


def test_a_list_for_a_tuple_arrives_as_a_tuple() -> None:
    assert other_door(rates=[1, 2.0])["rates"] == (1, 2.0)  # type: ignore[arg-type]


@pytest.mark.messages
def test_sizes_are_checked_before_anything_is_made() -> None:
    check_room(n_samples=2**14, n_features=2**14)
    with pytest.raises(ValueError, match=r"`n_samples` × `n_features` must be at most 268435456 numbers.*got 1000000 × 1000"):
        check_room(n_samples=10**6, n_features=1000)
    with pytest.raises(ValueError, match="`width` must be at least 1; got 0"):
        check_least("width", 0)
    with pytest.raises(ValueError, match="`width` must be at most 5; got 6"):
        check_least("width", 6, most=5)


@dataclass(frozen=True)
class Base:
    """Checks the fields of whatever inherits from it."""

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Heir(Base):
    """Annotates fields and does nothing else."""

    width: int
    rate: float = 0.1


@pytest.mark.messages
def test_fields_are_checked_for_all_subclasses() -> None:
    assert type(Heir(np.int64(3)).width) is int
    with pytest.raises(TypeError, match="`rate` must be a number; got 'a'"):
        Heir(3, rate="a")  # type: ignore[arg-type]


@checked
@dataclass(frozen=True)
class Copied:
    """What is checked can be copied, pickled and read."""

    width: int = 3


def test_what_is_checked_stays_what_it_was() -> None:
    made = Copied(np.int64(4))  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == replace(Copied(), width=4) == made
    assert pickle.loads(pickle.dumps(sine_family)) is sine_family
    net = HardSharing(3, np.int64(4))  # type: ignore[arg-type]
    assert all(bool((a == b).all()) for a, b in zip(copy.deepcopy(net).parameters(), net.parameters(), strict=True))
    assert pickle.loads(pickle.dumps(net)).n_hidden == (4,)
    assert [*inspect.signature(sine_family).parameters][:2] == ["n_tasks", "n_samples"]
    assert [*inspect.signature(HardSharing).parameters] == ["n_features", "n_hidden", "n_tasks", "form"]
    assert (sine_family.__module__, sine_family.__doc__[:6]) == ("mtl_tutor.tasks.sine_family", "Curves")  # type: ignore[index]
    first, second = Parallel(n_jobs=2)(delayed(sine_family)(2, 8, seed=seed) for seed in (0, 0))
    assert (first.train.x == second.train.x).all()
