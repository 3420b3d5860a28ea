"""The theme's stylesheets lose what no page can use, and nothing else."""

import importlib
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / "scripts"


@pytest.fixture
def styles(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    monkeypatch.delitem(sys.modules, "unused_styles", raising=False)
    return importlib.import_module("unused_styles")


CASES = {
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


@pytest.mark.parametrize("case", CASES)
def test_a_rule_stays_if_an_element_can_have_its_classes(styles, case):
    style, kept = CASES[case]
    assert styles.thinned(style, {"seen"}) == kept


def test_pages_and_scripts_say_what_is_used_and_our_own_styles_stay(styles, tmp_path, capsys):
    (tmp_path / "_static/vendor").mkdir(parents=True)
    (tmp_path / "page.html").write_text('<p class="from-page two">prose</p><script>add("from-inline")</script>')
    (tmp_path / "_static/theme.js").write_text('element.classList.add("from-script")')
    (tmp_path / "widget.js").write_text('class: "from-widget"')
    names = ("from-page", "two", "from-inline", "from-script", "from-widget", "prose")
    theme, ours = tmp_path / "_static/vendor/theme.css", tmp_path / "_static/mtl.css"
    for sheet in (theme, ours):
        sheet.write_text("".join(f".{name}{{margin:0}}" for name in names))
    before = ours.read_text()
    styles.thin_all(tmp_path, [tmp_path / "widget.js"])
    assert theme.read_text() == before.replace(".prose{margin:0}", "")
    assert ours.read_text() == before
    assert "kB" in capsys.readouterr().out
