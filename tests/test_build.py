"""The book is built from chapters that ran; a cell that fails stops it; make says what took how long. Styles that no page uses go."""

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

SCRIPTS = Path(__file__).parents[1] / "scripts"
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch):
    """Import a file of scripts/ by its name."""
    monkeypatch.syspath_prepend(SCRIPTS)

    def load(name: str) -> ModuleType:
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return load


def test_what_took_longest_runs_first_and_what_is_new_before_it(script) -> None:
    assert script("execute").longest_first(["a", "b", "c", "d"], {"a": 1.0, "b": 30.0, "d": 5.0}) == [
        "c",
        "b",
        "d",
        "a",
    ]


@pytest.mark.slow
def test_pages_run_in_their_folder_and_one_that_fails_is_named_with_its_traceback(
    script, tmp_path, monkeypatch, capfd
) -> None:
    """The copy holds outputs, the notebook itself stays as it is, and what each page cost is written down."""
    execute = script("execute")
    monkeypatch.setattr(execute, "COSTS", tmp_path / "costs.json")
    monkeypatch.setenv("MTL_RECORD", "0")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    cells = {
        "good": "import os\nprint(os.getcwd(), os.environ['MTL_RECORD'])",
        "bad": "def deep():\n    return 1 / 0\n\n\ndeep()",
    }
    (tmp_path / "book").mkdir()
    for name, source in cells.items():
        notebook = new_notebook(
            cells=[new_code_cell(source)], metadata={"kernelspec": {"name": "python3", "display_name": ""}}
        )
        nbformat.write(notebook, tmp_path / f"book/{name}.ipynb")
    before = (tmp_path / "book/good.ipynb").read_text()

    assert execute.run_pages(["book/good", "book/bad"], tmp_path / "out", 60, source=tmp_path) == [
        "book/bad"
    ]

    said = re.sub(r"\x1b\[[\d;]*m", "", capfd.readouterr().err)
    assert "book/bad: a cell failed" in said
    assert "return 1 / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    (cell,) = nbformat.read(tmp_path / "out/book/good.ipynb", as_version=4).cells
    assert cell.outputs[0].text == f"{tmp_path / 'book'} 1\n"
    assert (tmp_path / "book/good.ipynb").read_text() == before
    costs = execute.last_costs()
    assert list(costs) == ["book/good", "book/bad"]
    assert all(0.1 < seconds < 60 for seconds in costs.values())


def test_no_book_is_built_of_chapters_that_failed(script, tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip("jupyter_book")
    build = script("build_book")
    monkeypatch.setattr(build, "EXECUTED", tmp_path / "executed")
    monkeypatch.setattr(build, "run_pages", lambda pages, *_: pages[:1])
    monkeypatch.setattr(build, "build_sphinx", lambda *_, **__: pytest.fail("Sphinx was started"))
    assert build.main() == 1
    assert "book/intro" in capsys.readouterr().err


def test_sphinx_reads_the_executed_copy_if_there_is_one(tmp_path, monkeypatch) -> None:
    pytest.importorskip("sphinx")
    file = SCRIPTS.parent / "book/_ext/mtl_executed.py"
    spec = importlib.util.spec_from_file_location("mtl_executed", file)
    extension = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extension)
    (tmp_path / "book").mkdir()
    outputs = [{"data": {VIEW: {"model_id": "1"}, "image/png": "YWJj\n"}}, {"data": {"text/plain": "2"}}, {"output_type": "stream"}]
    words = {"title": "Do < nets meet?", "alt": "They do"}
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"1": {"state": {"spec": words}}}}}
    executed = {"metadata": {"widgets": state}, "cells": [{"source": "text"}, {"outputs": outputs}]}
    (tmp_path / "book/one.ipynb").write_text(json.dumps(executed))

    def read(page: str) -> str:
        source = ["plain"]
        extension.read_executed(SimpleNamespace(outdir=tmp_path / "html"), page, source)
        return source[0]

    assert read("book/one") == "plain"
    monkeypatch.setenv("MTL_EXECUTED", str(tmp_path))
    assert read("book/two") == "plain"
    first, still, *others = json.loads(read("book/one"))["cells"][1]["outputs"]
    assert [first, *others] == outputs
    (picture,) = (tmp_path / "html/_images").iterdir()
    assert picture.read_bytes() == b"abc"
    image = f'<img alt="Do &lt; nets meet? They do." src="../_images/{picture.name}">'
    assert still["data"] == {"text/html": f"<noscript>{image}</noscript>"}  # for browsers that run no scripts


def test_a_stage_lasts_until_the_next_one_begins_and_older_runs_do_not_count(script, tmp_path) -> None:
    log = tmp_path / "stages.tsv"
    log.write_text("50\tof an older run\n100\tStyle: ruff\n107\tTypes\n")
    assert script("report").stages(100, 150.5, log) == [("Style: ruff", 7), ("Types", 43.5)]


STYLES = {
    "a class that is there": (".seen{color:red}", ".seen{color:red}"),
    "a class that isn't": (".gone{color:red}p{margin:0}", "p{margin:0}"),
    "an id that isn't": ("#gone p{color:red}", ""),
    "one of two selectors": (".gone,.seen > a{color:red}", ".seen > a{color:red}"),
    "one of two classes": (".seen.gone{color:red}", ""),
    "not this class": (".seen:not(.gone){color:red}", ".seen:not(.gone){color:red}"),
    "one of these, with a comma": (":is(.gone, .seen) a{color:red}", ":is(.gone, .seen) a{color:red}"),
    "attributes": ("html[data-theme=dark] .seen{color:red}", "html[data-theme=dark] .seen{color:red}"),
    "a colour is no id": ("p{color:#abcdef}", "p{color:#abcdef}"),
    "within a medium": ("@media (min-width:9px){.gone{color:red}.seen{margin:.5em}}", "@media (min-width:9px){.seen{margin:.5em}}"),
    "nothing within a medium": ("@media print{.gone{color:red}}", ""),
    "fonts, frames and charsets": ("@font-face{src:url(a.woff2)}", "@font-face{src:url(a.woff2)}"),
    "comments": ("/* why */p{margin:0}", "p{margin:0}"),
}


@pytest.mark.parametrize("case", STYLES)
def test_a_rule_stays_if_an_element_can_have_its_classes(script, case):
    style, kept = STYLES[case]
    assert script("unused_styles").thinned(style, {"seen"}) == kept


def test_pages_and_scripts_say_what_is_used_and_our_own_styles_stay(script, tmp_path, capsys):
    (tmp_path / "_static/vendor").mkdir(parents=True)
    (tmp_path / "page.html").write_text('<p class="from-page two">prose</p><script>add("from-inline")</script>')
    (tmp_path / "_static/theme.js").write_text('element.classList.add("from-script")')
    (tmp_path / "widget.js").write_text('class: "from-widget"')
    names = ("from-page", "two", "from-inline", "from-script", "from-widget", "prose")
    theme, ours = tmp_path / "_static/vendor/theme.css", tmp_path / "_static/mtl.css"
    for sheet in (theme, ours):
        sheet.write_text("".join(f".{name}{{margin:0}}" for name in names))
    before = ours.read_text()
    script("unused_styles").thin_all(tmp_path, [tmp_path / "widget.js"])
    assert theme.read_text() == before.replace(".prose{margin:0}", "")
    assert ours.read_text() == before
    assert "kB" in capsys.readouterr().out
