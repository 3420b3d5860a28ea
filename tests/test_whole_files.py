"""Files are written whole or not at all, and read only if they are whole."""

import io
import zipfile

import numpy as np
import pytest

from mtl_tutor.whole_files import array_of, draft_of, read_members


def test_a_draft_takes_the_files_place(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    with draft_of(tmp_path / "file") as draft:
        draft.write_bytes(b"new")
        assert (tmp_path / "file").read_bytes() == b"old"
    assert (tmp_path / "file").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_after_an_error_the_old_file_is_there_and_no_draft(tmp_path):
    (tmp_path / "file").write_bytes(b"old")

    def interrupted() -> None:
        with draft_of(tmp_path / "file") as draft:
            draft.write_bytes(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_as_numpy_wrote_them(tmp_path, save):
    arrays = {"a": np.arange(6.0).reshape(2, 3).T, "words": np.array(["x", "yz"]), "none": np.empty((0, 2)), "one": np.array(3)}
    save(tmp_path / "x.npz", **arrays)
    members, comment = read_members(tmp_path / "x.npz", 10**6)
    assert comment == b""
    for name, expected in arrays.items():
        found = array_of(name, members.pop(name))
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    assert not members


def test_a_file_that_unpacks_to_more_than_is_allowed_is_not_unpacked(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros(1000, np.uint8))
    with pytest.raises(ValueError, match=r"^`path` must unpack to at most 1,000 bytes; '.*x.npz' has 1,128\.$"):
        read_members(tmp_path / "x.npz", 1000)


def encrypted(archive: bytes) -> bytes:
    return archive.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")


def of_an_odd_place(archive: bytes) -> bytes:
    """An end that says that the directory lies before the file's first byte."""
    return archive[:-6] + b"\xff" * 4 + archive[-2:]


@pytest.mark.parametrize("odd", [encrypted, of_an_odd_place, lambda archive: archive[:-1], lambda archive: b"PK", lambda archive: b""])
def test_odd_bytes_are_damage_whatever_zipfile_makes_of_them(tmp_path, odd):
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as file:
        file.writestr("a.npy", b"abc")
    (tmp_path / "x.npz").write_bytes(odd(page.getvalue()))
    with pytest.raises(ValueError, match=r"^`path` must be a whole file of arrays; '.*x.npz' is damaged\.$"):
        read_members(tmp_path / "x.npz", 10**6)


def test_what_is_not_there_is_no_damage(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_members(tmp_path / "x.npz", 10**6)


def test_what_would_run_code_is_no_array():
    page = io.BytesIO()
    np.save(page, np.array([{}], dtype=object))
    for content in (page.getvalue(), b"abc"):
        with pytest.raises(ValueError, match=r"^`path` must be a whole file of arrays; 'a' in it is damaged\.$"):
            array_of("a", content)
