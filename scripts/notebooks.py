"""Keep the chapters free of outputs: ``notebooks.py clean FILE...`` strips them, ``notebooks.py run FILE...`` runs them first.

Only cells tagged ``keep_output`` (the verdicts, which nbval compares) keep what they print.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def strip(notebook: nbformat.NotebookNode) -> None:
    """Remove outputs, execution counts and widget states, in place."""
    kept = {key: notebook.metadata[key] for key in ("kernelspec", "language_info") if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict(kept)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in ("tags",) if cell.metadata.get(key)})
        if cell.cell_type != "code":
            continue
        cell.outputs = cell.outputs if "keep_output" in cell.metadata.get("tags", []) else []
        cell.execution_count = 1 if cell.outputs else None  # nbval compares only cells that have run
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = 1


def main() -> None:
    """Clean or run the notebooks named on the command line; write only those that changed."""
    mode, *names = sys.argv[1:]
    if mode not in ("clean", "run"):
        raise SystemExit(f"The first word must be `clean` or `run`; got {mode!r}.")
    for path in map(Path, names):
        before = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(before, as_version=4)
        if mode == "run":
            NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
        strip(notebook)
        after = nbformat.writes(notebook, indent=1) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
        print(f"{path}: {'unchanged' if after == before else 'written'}")


if __name__ == "__main__":
    main()
