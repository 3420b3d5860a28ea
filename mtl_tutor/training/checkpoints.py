"""Finished chunks of seeds on disk: written whole or not at all, checked before they are believed."""

import hashlib
import io
import os
import secrets
import stat
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mtl_tutor.checks import shown


def folder_of(checkpoint: object) -> Path | None:
    """Return the folder for finished chunks, and make it, before anything is trained.

    Raises
    ------
    TypeError, ValueError
        No path, or a place where there can be no such folder.
    """
    if checkpoint is None:
        return None
    if not isinstance(checkpoint, (str, os.PathLike)) or not os.fspath(checkpoint):
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

    Nothing is unpacked before its checksum is found right, and nothing that is packed is believed: what the file
    takes up on disk bounds the memory.

    Raises
    ------
    ValueError
        There is something at the path that is no regular file.
    """
    if not _is_regular(path):
        return None
    try:
        with zipfile.ZipFile(path) as file:
            entries = file.infolist()
            if any(entry.compress_type != zipfile.ZIP_STORED or entry.file_size > path.stat().st_size for entry in entries):
                return None
            raw = {entry.filename.removesuffix(".npy"): file.read(entry) for entry in entries}
            if file.comment.decode("ascii", "replace") != _checksum(raw):
                return None
        found = {name: np.lib.format.read_array(io.BytesIO(content), allow_pickle=False) for name, content in raw.items()}
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, NotImplementedError, MemoryError, zipfile.BadZipFile, zlib.error):
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
    draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}.draft")
    try:
        with zipfile.ZipFile(draft, "x", zipfile.ZIP_STORED) as file:
            for name, content in raw.items():
                file.writestr(f"{name}.npy", content)
            file.comment = _checksum(raw).encode()
        os.replace(draft, path)
    except OSError as error:
        warnings.warn(f"`checkpoint` could not keep {path.name}: {error.strerror}. The training goes on.", UserWarning, stacklevel=2)
    finally:
        draft.unlink(missing_ok=True)


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
