"""Histories as files: the same bits back, nothing run, and one sentence about what is no such file."""

import os
import pickle
import sys
import zipfile
from dataclasses import fields

import numpy as np
import pytest

from mtl_tutor.results import History, files
from mtl_tutor.statistics import Interval


class Trap:
    """A pickle that leaves a trace when it is read."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


@pytest.fixture
def history() -> History:
    rng = np.random.default_rng(0)
    curves = {split: rng.standard_normal((3, 4, 2)).astype(np.float32) for split in ("train", "validation", "test")}
    curves["test"][0, 0, 0], curves["test"][1, 2, 1] = np.nan, np.inf
    parameters = {"trunk.0.weight": rng.standard_normal((3, 5, 2)), "count": np.arange(3), "empty": np.empty((3, 0))}
    return History(
        seeds=np.array([3, 1, 4]),
        steps=np.array([0, 10, 20, 30]),
        tasks=("a", "Größe"),
        loss=curves,
        error=curves,
        lr=np.array([0.1, 1 / 3, 0.01]),
        diverged=np.array([False, True, False]),
        parameters=parameters,
        kept={0: parameters, 10: parameters},
        kept_best={"w": rng.standard_normal((3, 2, 1))},
        kinds=("regression", "binary"),
        metric=curves,
        stopped=np.array([10, 30, 30]),
    )


def same(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return one == other


def test_a_history_comes_back_bit_by_bit(history, tmp_path) -> None:
    history.save(tmp_path / "nets.npz")
    found = History.load(str(tmp_path / "nets.npz"))
    assert all(same(getattr(found, field.name), getattr(history, field.name)) for field in fields(History))
    assert [path.name for path in tmp_path.iterdir()] == ["nets.npz"]
    assert found.parameters["trunk.0.weight"].flags.writeable


def test_numpy_reads_the_file_without_pickle(history, tmp_path) -> None:
    history.save(tmp_path / "nets.npz")
    with np.load(tmp_path / "nets.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "biufSU" for name in arrays.files)


def test_saving_again_replaces_the_file_and_keeps_a_link(history, tmp_path) -> None:
    path, link = tmp_path / "nets.npz", tmp_path / "link.npz"
    path.write_bytes(b"old")
    link.symlink_to(path)
    history.save(link)
    assert link.is_symlink()
    assert History.load(path).tasks == history.tasks


@pytest.mark.skipif(sys.platform == "win32", reason="no fifo there")
def test_what_is_no_regular_file_is_never_replaced(history, tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for path in (os.devnull, tmp_path, tmp_path / "pipe", tmp_path / "nowhere"):
        with pytest.raises(ValueError, match=r"^`path` must be a regular file, or not be there yet; got .*\.$"):
            history.save(path)
        with pytest.raises(ValueError, match=r"^`path` must be a file that `save` wrote; got .*, which is no file\.$"):
            History.load(path)
    assert not os.path.isfile(os.devnull)


def test_a_folder_that_is_not_there_is_named(history, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"^`path` must be in a folder that can be written to; got '.*/no/nets.npz' \(No such file"):
        history.save(tmp_path / "no" / "nets.npz")


@pytest.mark.messages
@pytest.mark.parametrize("path", [None, 3, "", ["a"], b"x"])
def test_a_path_is_a_name(history, path) -> None:
    for use in (history.save, History.load):
        with pytest.raises(TypeError, match=r"^`path` must be the name of a file; got .*\.$"):
            use(path)


def test_every_damage_is_told_in_one_sentence(history, tmp_path) -> None:
    """Flipped bytes, cut and doubled files, seeded: an error, or (where the archive ignores the byte) the same bits."""
    path, rng = tmp_path / "nets.npz", np.random.default_rng(1)
    history.save(path)
    whole = path.read_bytes()
    told = 0
    for _ in range(400):
        damaged = bytearray(whole)
        if rng.random() < 0.2:
            damaged = damaged[: rng.integers(len(whole))]
        for place in rng.integers(len(damaged), size=rng.integers(1, 4)) if len(damaged) else ():
            damaged[place] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            found = History.load(path)
        except ValueError as error:
            told += str(error).startswith("`path` must ") and str(error).endswith(".")
        else:
            told += all(same(getattr(found, field.name), getattr(history, field.name)) for field in fields(History))
    assert told == 400


def test_an_edited_number_is_noticed(history, tmp_path) -> None:
    history.save(tmp_path / "nets.npz")
    with np.load(tmp_path / "nets.npz") as arrays:
        edited = dict(arrays)
    edited["0"] = edited["0"] + 1
    np.savez(tmp_path / "nets.npz", **edited)
    with pytest.raises(ValueError, match=r"^`path` must be a whole file that `save` wrote; .* is damaged or another kind of file\.$"):
        History.load(tmp_path / "nets.npz")


def test_a_file_that_would_run_code_or_fill_memory_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "objects.npz", facts=np.array([Trap()], dtype=object))
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(Trap()))
    np.savez_compressed(tmp_path / "bomb.npz", facts=np.zeros(10**7, np.uint8))
    with zipfile.ZipFile(tmp_path / "header.npz", "w") as archive:
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }".ljust(117) + b"\n"
        archive.writestr("facts.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    for name in ("objects", "pickle", "bomb", "header"):
        with pytest.raises(ValueError, match=r"is damaged or another kind of file\.$"):
            History.load(tmp_path / f"{name}.npz")
    assert not (tmp_path / "trapped").exists()


def test_a_file_that_is_too_large_is_not_opened(history, tmp_path, monkeypatch) -> None:
    history.save(tmp_path / "nets.npz")
    monkeypatch.setattr(files, "MOST", 100)
    with pytest.raises(ValueError, match=r"^`path` must be a file of at most 100 bytes; got "):
        History.load(tmp_path / "nets.npz")


def test_another_kind_is_named(tmp_path) -> None:
    files.write(tmp_path / "x.npz", Interval(1.0, 0.5, 1.5, 3), (Interval,))
    with pytest.raises(ValueError, match=r"^`path` must be a file of History; .* is one of Interval. Use its own `load`\.$"):
        History.load(tmp_path / "x.npz")


def test_what_no_file_can_hold_is_named(history, tmp_path) -> None:
    with pytest.raises(TypeError, match=r"^A file must hold numbers, text, arrays, and lists and dicts of them; got the function print\.$"):
        files.write(tmp_path / "x.npz", [print])
    assert not list(tmp_path.iterdir())


def test_representations_are_short(history) -> None:
    assert repr(history) == (
        "History: 3 seeds, 30 steps, 4 evaluations; tasks a, Größe; evaluated on train, validation, test; "
        "weights kept at step 0, 10; each task's best weights kept; 1 of 3 diverged"
    )
