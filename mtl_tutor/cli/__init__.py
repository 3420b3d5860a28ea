"""The command line: ``mtl-tutor``, or ``python -m mtl_tutor``."""

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from mtl_tutor import __version__

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; how it ends is said in one line, whatever happens.

    Parameters
    ----------
    argv : Sequence[str] | None
        What follows the program's name; the process's own arguments when not given.

    Returns
    -------
    int
        The exit status: 0; 1 if something stays stale or cannot be written; 2 for a wrong call; 130 after Ctrl-C; 141 if
        the reader of a pipe has gone.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that knows no ′ shows a question mark
    try:
        status = _version() if arguments == ["--version"] else _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130
    except BrokenPipeError:
        _silence()
        return 141
    except OSError as error:
        about = f" {os.fspath(error.filename)!r}" if error.filename else ""
        sys.stderr.write(f"The file{about} cannot be read or written: {error.strerror or error}.\n")
        _silence()
        return 1
    return status


def _version() -> int:
    sys.stdout.write(f"mtl-tutor {__version__}\n")
    return 0


def _run(arguments: Sequence[str]) -> int:
    from mtl_tutor.cli._commands import run  # only here: torch takes seconds, in which Ctrl-C is no traceback either

    return run(arguments)


def _silence() -> None:
    """Let what is still buffered go nowhere, or the interpreter complains when it ends."""
    with suppress(OSError, ValueError):  # a stream without a file, as in a notebook
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
