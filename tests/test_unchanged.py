"""What `make test` leaves out: what passed before with the same code, data and pins, but for a third."""

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path

import fingerprints
import pages
import pytest
import unchanged

ROOT = Path(__file__).parents[1]
FILES = {
    "__init__.py": '__version__ = "1"\n',
    "rooms/__init__.py": "from lab.rooms.one import One\nfrom lab.rooms.two import Two\n"
    "__all__ = ['One', 'Two']\n",
    "rooms/one.py": '"""One."""\nfrom lab.helpers import help_out\n\n\n'
    'class One:\n    """The first."""\n\n    def run(self):\n        return help_out()\n',
    "rooms/two.py": "class Two:\n    size = 2\n",
    "helpers.py": "def help_out():\n    from lab.deep import DEPTH\n\n    return DEPTH\n",
    "deep.py": "DEPTH = 1\n",
    "ledger.py": "def read_ledger():\n    return []\n",
}
FINDS = """import importlib


def __getattr__(name):
    return getattr(importlib.import_module(f"lab.rooms.{name.lower()}"), name)
"""
TEST = "from lab.rooms import One\n\n\ndef test_one():\n    assert One().run() == 1\n"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a small package with tests and data beside it, and let fingerprints be of that."""
    monkeypatch.setattr(fingerprints, "ROOT", tmp_path)
    monkeypatch.setattr(fingerprints, "PACKAGE", "lab")
    monkeypatch.setattr(fingerprints, "PINS", (tmp_path / "requirements.txt", tmp_path / "colab.txt"))
    monkeypatch.setattr(fingerprints, "RECORDED", tmp_path)
    monkeypatch.setattr(unchanged, "ROOT", tmp_path)

    def write(**files: str) -> Path:
        fingerprints.forget()
        for name, text in {**FILES, **files}.items():
            file = tmp_path / "lab" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (tmp_path / "requirements.txt").write_text("torch==1\n")
        (tmp_path / "ledger.json").write_text(json.dumps({"experiments": []}))
        (tmp_path / "test_one.py").write_text(TEST)
        return tmp_path

    return write


def edited(name: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new)}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("deep.py", "1", "2"),
        ("rooms/one.py", "return", "return 1 +"),
        ("helpers.py", "return", "return -"),
        ("__init__.py", "1", "2"),
    ],
)
def test_code_that_is_reached_counts_however_deep_it_lies(lab, name, old, new):
    before = fingerprints.of_test(lab() / "test_one.py")
    assert fingerprints.of_test(lab(**edited(name, old, new)) / "test_one.py") != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("rooms/two.py", "2", "3"),
        ("rooms/one.py", '"""The first."""', '"""It comes first."""  # and why not'),
        ("rooms/one.py", '"""One."""\n', '"""One."""\nimport math\n\n'),
        ("rooms/__init__.py", "['One', 'Two']", "['Two']"),
    ],
)
def test_neighbours_words_and_imports_do_not_count(lab, name, old, new):
    before = fingerprints.of_test(lab() / "test_one.py")
    assert fingerprints.of_test(lab(**edited(name, old, new)) / "test_one.py") == before


def test_moved_code_has_the_fingerprint_that_it_had(lab):
    before = fingerprints.of_test(lab() / "test_one.py")
    moved = {
        "a/__init__.py": "",
        "a/b.py": FILES["rooms/one.py"],
        **edited("rooms/__init__.py", "lab.rooms.one", "lab.a.b"),
    }
    assert fingerprints.of_test(lab(**moved) / "test_one.py") == before


def test_the_test_itself_and_the_pins_count(lab):
    folder = lab()
    before = fingerprints.of_test(folder / "test_one.py")
    (folder / "test_one.py").write_text(TEST.replace("== 1", "== 3"))
    other = fingerprints.of_test(folder / "test_one.py")
    (folder / "requirements.txt").write_text("torch==2\n")
    assert len({before, other, fingerprints.of_test(folder / "test_one.py")}) == 3


def test_a_name_that_a_room_finds_while_it_is_imported_is_traced_to_its_module(lab, monkeypatch):
    folder = lab(**{"rooms/__init__.py": FINDS})
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.split(".")[0] == "lab"]:
        monkeypatch.delitem(sys.modules, name)
    assert folder / "lab/rooms/two.py" in fingerprints.reached(ast.parse("from lab.rooms import Two"))


def test_what_is_wrapped_as_by_the_shape_checker_counts_as_its_own_file(lab, monkeypatch):
    wrapper = "import functools\n\n\ndef wrapped(of):\n    return functools.wraps(of)(lambda: of())\n"
    folder = lab(**{"rooms/__init__.py": FINDS, "rooms/two.py": "from wrapper import wrapped\n\n\n@wrapped\ndef Two():\n    return 2\n"})
    folder.joinpath("wrapper.py").write_text(wrapper)
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.split(".")[0] in ("lab", "wrapper")]:
        monkeypatch.delitem(sys.modules, name)
    assert folder / "lab/rooms/two.py" in fingerprints.reached(ast.parse("from lab.rooms import Two"))
    assert folder / "wrapper.py" not in fingerprints.reached(ast.parse("from lab.rooms import Two"))


UNIT = '''"""A test."""\n\n\ndef test_one():\n    """Words.\n\n    >>> from lab.rooms import One\n    """\n'''


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lab/deep.py", "DEPTH = 2\n"),  # imported by what a doctest imports
        ("test_one.py", UNIT.replace("Words", "Other words")),
        ("lab/table.csv", "1,2\n"),
        ("tests/helper.py", "HELP = 2\n"),
        ("requirements.txt", "torch==2\n"),
        ("colab.txt", "torch==2\n"),
    ],
)
def test_a_unit_test_changes_with_what_its_examples_reach_with_helpers_and_with_files_that_the_package_carries(lab, name, text):
    folder = lab()
    (folder / "tests").mkdir()
    (folder / "tests/helper.py").write_text("HELP = 1\n")
    (folder / "test_one.py").write_text(UNIT)
    before = fingerprints.of_unit(folder / "test_one.py")
    (folder / "lab/rooms/two.py").write_text("class Two:\n    size = 3\n")
    fingerprints.forget()
    assert fingerprints.of_unit(folder / "test_one.py") == before
    (folder / name).write_text(text)
    fingerprints.forget()
    assert fingerprints.of_unit(folder / "test_one.py") != before


def test_a_unit_test_that_looks_around_changes_with_all_code_and_one_that_reads_recordings_with_those(lab, monkeypatch):
    monkeypatch.setattr(fingerprints, "LOOKS_AROUND", ("rooms/two.py",))
    reads = {"provenance.py": "def shipped():\n    pass\n"}
    folder = lab(**reads)
    monkeypatch.setattr(fingerprints, "RECORDED", folder / "recorded")
    (folder / "recorded").mkdir()
    (folder / "test_one.py").write_text("from lab.rooms import Two\n")
    (folder / "test_two.py").write_text("from lab.provenance import shipped\n")
    before = [fingerprints.of_unit(folder / f"test_{one}.py") for one in ("one", "two")]
    lab(**reads, **edited("deep.py", "1", "2"))
    (folder / "test_one.py").write_text("from lab.rooms import Two\n")
    after = [fingerprints.of_unit(folder / f"test_{one}.py") for one in ("one", "two")]
    assert (after[0] == before[0], after[1] == before[1]) == (False, True)
    (folder / "recorded/new.npz").write_bytes(b"1")
    fingerprints.forget()
    assert fingerprints.of_unit(folder / "test_two.py") != before[1]


@pytest.mark.parametrize(
    ("name", "is_remembered"),
    [
        ("tests/claims/test_capacity.py", True),
        ("tests/claims/test_recordings.py", False),
        ("mtl_tutor/tuning.py (shapes)", True),
        ("tests/exercises/test_answers.py (shapes)", True),
        ("tests/exercises/test_notebooks.py (shapes)", False),
        ("tests/book/test_notebooks.py", False),
        ("tests/test_readme.py", False),
        ("book/why/stein.html in dark (site)", True),
    ],
)
def test_what_reads_pages_or_draws_a_point_is_never_left_out(name, is_remembered):
    assert unchanged.remembered(name) is is_remembered


WIDGETS = """<p>{words}</p><img src="../_images/net.svg"><script type="application/vnd.jupyter.widget-state+json">{{"state": {{
"{one}": {{"layout": "IPY_MODEL_{two}", "_css": "{style}", "index": [{index}]}}, "{two}": {{"wide": 1}}}}}}</script>"""
ONE, TWO = "0" * 31 + "1", "1" * 31 + "0"


def built(folder: Path, **given: object) -> str:
    """Write a page as a build does, and return its fingerprint."""
    parts = {"words": "A net", "one": ONE, "two": TWO, "style": "p {}", "index": 2} | given
    (folder / "a.html").write_text(WIDGETS.format(**parts))
    for cached in (pages.around, fingerprints.code_of):
        cached.cache_clear()
    return pages.of_page("a.html in dark")


@pytest.fixture
def house(lab, tmp_path, monkeypatch):
    """A repository with one built page, its picture, a script, and the tests of pages."""
    lab()
    for name in ("_images/net.svg", "_static/page.js", "mtl_tutor/widgets/one.js", *pages.TESTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(pages, "SITE", tmp_path)
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    return tmp_path


def test_a_page_built_again_is_the_same_whatever_numbers_its_widgets_drew(house):
    assert built(house) == built(house, one=TWO, two=ONE) == built(house, style="p { color: red }")


@pytest.mark.parametrize("given", [{"words": "Two nets"}, {"index": 3}])
def test_a_page_changes_with_its_words_and_with_its_widgets(house, given):
    assert built(house, **given) != built(house)


@pytest.mark.parametrize("name", ["_images/net.svg", "_static/page.js", "mtl_tutor/widgets/one.js", *pages.TESTS, "requirements.txt"])
def test_a_page_changes_with_its_picture_the_scripts_the_tests_and_the_pins(house, name):
    before = built(house)
    (house / name).write_text("2")
    assert built(house) != before


@pytest.mark.parametrize(
    ("test", "page"),
    [
        ("tests/book/test_site.py::test_a_formula[book/no-such.html]", "book/no-such.html"),
        ("tests/book/test_site.py::test_all", ""),
        ("tests/book/test_site.py::test_two[a.html-desk]", ""),
        ("tests/book/test_theme.py::test_paper[book/no-such.html]", ""),
    ],
)
def test_only_tests_of_one_page_are_about_that_page(test, page):
    assert pages.page_of(test) == page
    assert unchanged.subject_of(test) == (page or test.partition("::")[0])


@pytest.mark.parametrize("n", [1, 2, 3, 10, 21])
def test_a_share_is_a_third_and_the_commit_decides_which(n):
    names = [f"module {i}" for i in range(n)]
    shares = [unchanged.share(names, f"commit {i}") for i in range(60)]
    assert {len(one) for one in shares} == {-(-n // 3)}
    assert set.union(*shares) == set(names)
    assert unchanged.share(names, "commit 1") == shares[1]


# ---- whole runs ----------------------------------------------------------------------------------

pytest_plugins = ["pytester"]
CLAIMS = {
    f"test_{name}": "def test_it():\n    assert True\n\n\ndef test_more():\n    assert True\n"
    for name in "abcdef"
}


@pytest.fixture
def claims(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A repository with six modules of claims."""
    pytester.mkpydir("tests")
    for name in ("fingerprints.py", "pages.py", "unchanged.py"):
        (pytester.path / "tests" / name).write_text((ROOT / "tests" / name).read_text())
    (pytester.path / "tests/claims").mkdir()
    (pytester.path / "requirements.txt").write_text("torch==1\n")
    for name, text in CLAIMS.items():
        (pytester.path / f"tests/claims/{name}.py").write_text(text)
    pytester.makeini("[pytest]\npythonpath = tests\naddopts = --import-mode=importlib\n")
    monkeypatch.setenv("MTL_COMMIT", "one")
    return pytester


def outcome(claims: pytest.Pytester, *options: str) -> dict[str, int]:
    """Run the claims: how many tests passed and failed, and how many modules were listed as left out."""
    run = claims.runpytest_subprocess("-p", "unchanged", "-p", "no:cacheprovider", "tests/claims", *options)
    _, _, end = run.stdout.str().partition("left out: passed before and unchanged since")
    listed = [line for line in end.splitlines() if line.startswith("tests/claims/")]
    return {"listed": len(listed)} | {
        name: n for name, n in run.parseoutcomes().items() if name in ("passed", "failed")
    }


@pytest.mark.slow
@pytest.mark.parametrize("processes", [(), ("-n", "2", "--dist", "loadfile")])
def test_what_passed_is_left_out_next_time_but_for_a_third_and_listed(claims, processes):
    assert outcome(claims, *processes) == {"listed": 0, "passed": 12}
    assert outcome(claims, *processes)["passed"] == 4
    assert outcome(claims, *processes)["listed"] == 4
    assert outcome(claims, "--everything", *processes) == {"listed": 0, "passed": 12}
    (claims.path / "requirements.txt").write_text("torch==2\n")
    assert outcome(claims, *processes) == {"listed": 0, "passed": 12}


@pytest.mark.slow
def test_a_draw_writes_nothing_down(claims):
    assert outcome(claims, "--draw", "2")["passed"] == 4
    assert not (claims.path / "tests/passed.json").is_file()


@pytest.mark.slow
def test_what_passed_in_one_stage_is_not_left_out_of_another(claims):
    assert outcome(claims, "-m", "not other", "--stage", "first") == {"listed": 0, "passed": 12}
    assert outcome(claims, "--stage", "second") == {"listed": 0, "passed": 12}
    assert outcome(claims, "--stage", "first")["passed"] == 4


@pytest.mark.slow
def test_what_failed_or_ran_in_part_or_was_only_listed_runs_again(claims):
    assert outcome(claims, "-k", "test_it")["passed"] == 6
    outcome(claims, "--collect-only")
    assert not (claims.path / "tests/passed.json").is_file()
    assert outcome(claims) == {"listed": 0, "passed": 12}
    (claims.path / "tests/claims/test_b.py").write_text("def test_it():\n    assert False\n")
    assert outcome(claims)["failed"] == 1
    assert outcome(claims)["failed"] == 1
    passed = json.loads((claims.path / "tests/passed.json").read_text())
    assert set(passed) == {f"tests/claims/{name}.py" for name in CLAIMS if name != "test_b"}
