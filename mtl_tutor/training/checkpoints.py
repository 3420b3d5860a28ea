"""Finished chunks of seeds on disk: written whole or not at all, checked before they are believed."""

import hashlib
import io
import os
import stat
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mtl_tutor.checks import shown
from mtl_tutor.whole_files import array_of, draft_of, read_members


def folder_of(checkpoint: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder for finished chunks, and make it, before anything is trained.

    Raises
    ------
    TypeError, ValueError
        No path, or a place where there can be no such folder.
    """
    if checkpoint is None:
        return None
    if not os.fspath(checkpoint):
        raise TypeError(f"`checkpoint` must be the path of a folder; got {shown(checkpoint)}.")
    folder = Path(checkpoint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise ValueError(f"`checkpoint` must be a folder; {str(folder)!r} is a file. Name another place.") from error
    except OSError as error:
        raise ValueError(f"`checkpoint` must be a folder that can be made; {str(folder)!r} can't: {error.strerror}.") from error
    if not os.access(folder, os.W_OK):
        raise ValueError(f"`checkpoint` must be a folder that can be written to; {str(folder)!r} can't. Name another place.")
    return folder


def read(path: Path, n_seeds: int) -> dict[str, np.ndarray] | None:
    """Return a finished chunk, or None if it is not there, damaged or changed.

    No array is made before its checksum is found right; what the file takes up on disk bounds the memory.

    Raises
    ------
    ValueError
        There is something at the path that is no regular file.
    """
    if not _is_regular(path):
        return None
    try:
        raw, comment = read_members(path, path.stat().st_size)
        if comment.decode("ascii", "replace") != _checksum(raw):
            return None
        found = {name: array_of(name, content) for name, content in raw.items()}
    except (OSError, ValueError):
        return None
    return found if all(len(values) == n_seeds for values in found.values()) else None


def write(path: Path, found: Mapping[str, np.ndarray]) -> None:
    """Write a chunk whole or not at all. Where the disk says no, the training goes on with a warning.

    Raises
    ------
    ValueError
        There is something at the path that is no regular file.
    """
    _is_regular(path)
    raw = {name: _npy(values) for name, values in found.items()}
    try:
        with draft_of(path) as draft, zipfile.ZipFile(draft, "x", zipfile.ZIP_STORED) as file:
            for name, content in raw.items():
                file.writestr(f"{name}.npy", content)
            file.comment = _checksum(raw).encode()
    except OSError as error:
        warnings.warn(f"`checkpoint` could not keep {path.name}: {error.strerror}. The training goes on.", UserWarning, stacklevel=2)


def _is_regular(path: Path) -> bool:
    """Whether there is a file; an error if there is something else, such as a folder, a link or a device."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    if not stat.S_ISREG(mode):
        raise ValueError(f"`checkpoint` must hold regular files; {str(path)!r} is none. Remove it, or name another folder.")
    return True


def _npy(values: np.ndarray) -> bytes:
    page = io.BytesIO()
    np.lib.format.write_array(page, np.asarray(values), allow_pickle=False)
    return page.getvalue()


def _checksum(raw: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(raw.items()):
        whole.update(f"{name} {len(content)} ".encode() + content)
    return whole.hexdigest()
