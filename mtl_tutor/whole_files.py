"""Files that are written whole or not at all, and archives of arrays that are not believed before they are checked."""

import io
import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Yield the path of a draft beside a file, which takes the file's place at the end; after an error it is gone."""
    draft = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.draft")
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def read_members(path: str | os.PathLike[str], most: int) -> tuple[dict[str, bytes], bytes]:
    """Unpack an .npz file: each array's name and bytes, and the file's comment.

    Raises
    ------
    ValueError
        It is damaged, or unpacks to more than `most` bytes.
    OSError
        It cannot be opened.
    """
    with open(path, "rb") as content:  # what the disk says about the file is no damage
        try:
            with zipfile.ZipFile(content) as file:
                size = sum(entry.file_size for entry in file.infolist())
                if size <= most:
                    return {entry.filename.removesuffix(".npy"): file.read(entry) for entry in file.infolist()}, file.comment
        except Exception as error:  # of a damaged file, zipfile makes nearly any
            raise ValueError(f"`path` must be a whole file of arrays; {os.fspath(path)!r} is damaged.") from error
    raise ValueError(f"`path` must unpack to at most {most:,} bytes; {os.fspath(path)!r} has {size:,}.")


def array_of(name: str, content: bytes) -> np.ndarray:
    """Make the array that its bytes describe, without running any code.

    Raises
    ------
    ValueError
        The bytes are no array.
    """
    try:
        return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # of damaged bytes, NumPy makes nearly any
        raise ValueError(f"`path` must be a whole file of arrays; {name!r} in it is damaged.") from error
