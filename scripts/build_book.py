"""Build the book as `jupyter-book build . -W -n --keep-going` does, but run the chapters before.

Sphinx hands each of its processes an equal number of pages, so that one process waits for another that
got the long chapters. Here a pool runs them (scripts/execute.py), and Sphinx reads the executed copies
(book/_ext/mtl_executed.py).
"""

import os
import shutil
import sys
from pathlib import Path

import yaml
from execute import run_pages
from jupyter_book.sphinx import build_sphinx
from unused_styles import thin_all

ROOT = Path(__file__).resolve().parents[1]
EXECUTED = ROOT / "_build/executed"


def notebooks() -> list[str]:
    """The pages of _toc.yml that are notebooks, by their names there."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    pages = [toc["root"], *(page["file"] for chapter in chapters for page in (chapter, *chapter.get("sections", [])))]
    return [page for page in pages if (ROOT / f"{page}.ipynb").is_file()]


def main() -> int:
    """Return 0 if every chapter ran and every page was built without a warning."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    shutil.rmtree(EXECUTED, ignore_errors=True)
    failed = run_pages(notebooks(), EXECUTED, config["execute"]["timeout"])
    if failed:
        print(f"The book was not built; chapters that failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    os.environ["MTL_EXECUTED"] = str(EXECUTED)
    status = build_sphinx(
        ROOT,
        ROOT / "_build/html",
        path_config=ROOT / "_config.yml",
        noconfig=True,
        confoverrides={
            "external_toc_path": (ROOT / "_toc.yml").as_posix(),
            "latex_individualpages": False,
            "nb_execution_mode": "off",
            "nitpicky": True,
        },
        warningiserror=True,
        keep_going=True,
        jobs=os.cpu_count() or 1,
    )
    thin_all(ROOT / "_build/html", (ROOT / "mtl_tutor/widgets").glob("*.js"))
    return int(status) if isinstance(status, int) else 1


if __name__ == "__main__":
    sys.exit(main())
