"""The command line: meanings, mistakes, a reader's own table, and every way to end."""

import io
import json
import re
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest

import mtl_tutor
from mtl_tutor.cli import main
from mtl_tutor.cli._meanings import meanings_of
from mtl_tutor.comparison import compare
from mtl_tutor.experiments import experiments
from mtl_tutor.provenance import recorded_folder

QUICK = ["--sharing", "HardSharing", "--seeds", "2", "--steps", "3", "--n-hidden", "4"]


@pytest.fixture
def table(tmp_path):
    """A CSV file with a missing label, words as classes, a person's number and a column of notes."""
    rng = np.random.default_rng(0)
    lines = ["age, dose,person,note,price,sold"]
    for i in range(60):
        age, dose = rng.standard_normal(2)
        price = "" if i == 7 else f"{age + dose:.3f}"
        lines.append(f"{age:.3f},{dose:.3f},p{i // 2},fine,{price},{'yes' if dose > 0 else 'no'}")
    path = tmp_path / "my.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def call(table, *more: str) -> list[str]:
    own = ["--targets", "price", "sold", "--kinds", "sold=binary", "--group", "person", "--drop", "note"]
    return ["compare", "--data", str(table), *own, *QUICK, *more]


def test_a_table_of_ones_own_is_compared_with_a_clear_end(table, capsys):
    assert main(call(table)) == 0
    said = capsys.readouterr()
    assert "HardSharing" in said.out
    assert "error: sold" in said.out
    assert said.err.splitlines()[-1].startswith("Done in ")


def test_json_is_one_object(table, capsys):
    assert main(call(table, "--json")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["tasks"] == ["price", "sold"]
    assert [one["name"] for one in report["contestants"]] == ["SingleTask", "HardSharing", "Linear", "Mean"]


def test_separators_and_byte_order_marks_of_spreadsheets_are_read(table, capsys):
    table.write_text(table.read_text().replace(",", ";"), encoding="utf-8-sig")
    assert main(call(table, "--json")) == 0
    assert json.loads(capsys.readouterr().out)["tasks"] == ["price", "sold"]


@pytest.mark.messages
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--targets": ["prise"]}, "`--targets` must be one of .*; got 'prise'. Did you mean 'price'"),
        ({"--targets": []}, "`--targets` "),
        ({"--kinds": ["sold=binry"]}, "Did you mean 'binary'"),
        ({"--kinds": ["a", "b", "c"]}, "`--kinds` must hold one kind"),
        ({"--group": ["persn"]}, "Did you mean 'person'"),
        ({"--drop": ["age"]}, r"Column 'note' must hold finite numbers; line 2 is 'fine'\. .* --drop note"),
        ({"--sharing": ["HardSharng"]}, "Did you mean 'HardSharing'"),
        ({"--seeds": ["many"]}, "`--seeds` must be a whole number; got 'many'"),
        ({"--data": ["shared-subspase"]}, "Did you mean 'shared-subspace'"),
        ({"--data": ["nowhere.csv"]}, "there is no file 'nowhere.csv'"),
        ({"--data": ["shared-subspace"]}, "are for a CSV file"),
        ({"--sedes": ["3"]}, r"`--sedes` is no option of compare \(did you mean --seeds\?\)"),
    ],
    ids=str,
)
def test_a_wrong_option_is_told_in_one_sentence(table, change, words, capsys):
    options = {"--data": [str(table)], "--targets": ["price", "sold"], "--kinds": ["sold=binary"]}
    options |= {"--group": ["person"], "--drop": ["note"]}
    arguments = ["compare", *QUICK] if "--sharing" not in change else ["compare"]
    for option, values in (options | change).items():
        arguments += [option, *values]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert re.search(words, said), said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must hold a line of names"),
        ("a,b\n", "must hold a line of names"),
        ("a,a\n1,2\n", "a name of its own"),
        ("a,b\n1,2\n1\n", "line 3"),
        ("a,b\n1,2\n,2\n", "line 3 is missing"),
        ("a,b\nx,1\ny,2\n", "must hold finite numbers; line 2"),
        ("a,b\ninf,1\n2,2\n", "finite numbers; line 2"),
        ('a,b\n1,"2\n', "CSV file"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_one_sentence(tmp_path, text, words, capsys):
    path = tmp_path / "odd.csv"
    path.write_text(text)
    assert main(["compare", "--data", str(path), "--targets", "b"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_file_in_another_encoding_is_told(tmp_path, capsys):
    path = tmp_path / "old.csv"
    path.write_bytes("größe,b\n1,2\n".encode("latin-1"))
    assert main(["compare", "--data", str(path), "--targets", "b"]) == 2
    assert "UTF-8" in capsys.readouterr().err


@pytest.mark.messages
@pytest.mark.parametrize("value", ["inf", "nan", "a", "-inf"])
def test_a_setting_that_is_no_finite_number_never_starts(value, capsys):
    assert main(["shared-minimum", f"--mild={value}"]) == 2
    assert "must be a finite number" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["nope"], ["record", "nope", "--to", "."], ["record"], ["--nope"], [""]])
def test_what_does_not_exist_is_told_in_one_sentence(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_nearest_name_is_suggested(capsys):
    assert main(["shared-minimun"]) == 2
    assert "did you mean shared-minimum?" in capsys.readouterr().err
    assert main(["record", "shared-minimun", "--to", "."]) == 2
    assert "Did you mean 'shared-minimum'?" in capsys.readouterr().err


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"mtl-tutor {mtl_tutor.__version__}\n"


@pytest.mark.parametrize("name", experiments())
def test_every_setting_of_every_experiment_has_a_meaning(name):
    meanings = meanings_of(experiments()[name])
    assert not [field.name for field in fields(experiments()[name]) if not meanings.get(field.name)]


def test_help_has_the_words_of_the_docstring(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["compare", "--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert meanings_of(compare)["seeds"] in said
    assert "as in joblib" in said


# ---- ways to end -----------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_in_one_line(monkeypatch, capsys):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("mtl_tutor.cli._commands.compare", stopped)
    assert main(["compare"]) == 130
    assert capsys.readouterr().err == "\nStopped.\n"


class Broken(io.StringIO):
    """A stream that cannot be written to."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise self.error


def test_a_result_that_cannot_be_written_is_not_lost(table, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", Broken(OSError(28, "No space left on device")))
    assert main(call(table, "--json")) == 1
    said = capsys.readouterr().err
    assert "No space left on device. Here it is:\n{" in said
    assert json.loads(next(line for line in said.splitlines() if line.startswith("{")))["tasks"] == ["price", "sold"]


def test_a_reader_of_a_pipe_who_has_gone_is_no_error(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", Broken(BrokenPipeError(32, "Broken pipe")))
    assert main([]) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shell", "status", "words"),
    [("| head -1", {0, 141}, ""), ("> /dev/full", {1}, "No space left on device")],
)
def test_the_program_itself_ends_without_a_traceback(shell, status, words):
    line = f"{sys.executable} -m mtl_tutor {shell}; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert ended.returncode in status
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_a_console_without_our_letters_shows_others(table, monkeypatch):
    """The table has dashes that ASCII lacks."""
    console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", console)
    assert main(call(table)) == 0
    console.seek(0)
    assert "?" in console.read()


def test_recordings_go_into_a_checkout_or_where_they_are_sent(tmp_path, monkeypatch):
    """Beside an installed package there may be a folder of that name, which is somebody else's."""
    (tmp_path / "data/recorded").mkdir(parents=True)
    monkeypatch.setattr("mtl_tutor.provenance.__file__", str(tmp_path / "mtl_tutor/provenance.py"))
    with pytest.raises(ValueError, match="`--to` must name an existing folder"):
        recorded_folder()
    assert recorded_folder(tmp_path) == tmp_path
