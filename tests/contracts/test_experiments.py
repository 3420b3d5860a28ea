"""What every experiment owes to its readers, found by itself."""

import inspect
import json
from collections import Counter
from functools import cache

import pytest

from mtl_tutor.__main__ import main
from mtl_tutor.experiments import Experiment, Trial, experiments, grids
from mtl_tutor.ledger import read_entries
from mtl_tutor.tuning import TUNING_SEED

ALL = experiments()


@cache
def recorded(name):
    """The numbers of the book: decided once for all that ask, since for some that takes seconds."""
    return ALL[name].recorded()


@pytest.mark.messages
@pytest.mark.parametrize("name", ALL)
def test_too_few_seeds_negative_ones_and_those_that_tune_are_refused(name):
    for bad in ({"seeds": 19}, {"first_seed": -1}, {"first_seed": TUNING_SEED}, {"first_seed": TUNING_SEED - 1}):
        with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must"):
            ALL[name](**bad)
    if issubclass(ALL[name], Trial):
        with pytest.raises(ValueError, match="`tuning_seeds` must be at least 4"):
            ALL[name](tuning_seeds=3)


@pytest.mark.parametrize("name", ALL)
def test_what_it_tunes_and_trains_can_be_named_on_seeds_kept_for_confirming(name):
    there = ALL[name]().on_seeds(1_100_000, TUNING_SEED)
    there.tuned()
    if isinstance(there, Trial):
        assert there.arms()


@pytest.mark.parametrize("name", ALL)
def test_it_makes_no_second_experiment_from_itself_which_could_not_be_confirmed(name):
    measures = [thing for name, thing in vars(ALL[name]).items() if inspect.isfunction(thing) and not name.startswith("__")]
    assert not [one.__name__ for one in measures if "replace(self," in inspect.getsource(one)]


@pytest.mark.messages
@pytest.mark.parametrize("name", ALL)
def test_a_field_below_its_smallest_value_is_refused(name):
    for field, least in ALL[name].smallest:
        with pytest.raises(ValueError, match=f"`{field}` must be at least"):
            ALL[name](**{field: least - 1})
        with pytest.raises((TypeError, ValueError), match=f"`{field}` must be a (whole|finite) number; got nan"):
            ALL[name](**{field: float("nan")})


@pytest.mark.parametrize("name", ALL)
def test_every_experiment_is_of_the_machine_and_belongs_to_a_chapter(name, root):
    assert issubclass(ALL[name], Experiment)
    assert (root / "book" / f"{ALL[name].chapter}.ipynb").is_file()


@pytest.mark.parametrize("name", ALL)
def test_hypotheses_have_ids_of_their_own_and_conditions_among_them(name):
    ids = [hypothesis.id for hypothesis in ALL[name].hypotheses]
    assert len(set(ids)) == len(ids) >= 1
    for hypothesis in ALL[name].hypotheses:
        assert hypothesis.text
        assert hypothesis.source
        assert set(hypothesis.unless.values()) <= set(ids)


def test_a_chapter_has_at_most_six_findings_and_every_finding_and_failing_control_is_a_hypothesis():
    per_chapter = Counter(one.chapter for one in ALL.values() for _ in one.findings)
    assert max(per_chapter.values()) <= 6
    assert set(per_chapter) == {one.chapter for one in ALL.values()}
    for one in ALL.values():
        sources = {hypothesis.id: hypothesis.source for hypothesis in one.hypotheses}
        assert set(one.findings) <= set(sources)
        assert all(sources[name] == "control" for name in one.failing_controls)


@pytest.mark.parametrize("name", ALL)
def test_the_recorded_numbers_decide_the_claims_of_the_ledger(name):
    claims = [claim.as_dict() for claim in recorded(name).claims]
    assert nine_digits(claims) == nine_digits(read_entries()[name]["claims"])


def nine_digits(claims):
    """Plain values; the last digits of Student's quantiles are those of SciPy's version."""
    return json.loads(json.dumps(claims), parse_float=lambda number: f"{float(number):.9g}")


@pytest.mark.parametrize("name", ALL)
def test_what_was_tuned_is_recorded(name):
    book, result = ALL[name](), recorded(name)
    assert set(result.settings) == set(book.tuned())
    assert {len(chosen) for chosen in result.settings.values()} <= {book.blocks}


def test_grids_are_named_once_and_say_what_they_show():
    for name, grid in grids().items():
        assert grid.name == name
        assert grid.title
        assert grid.alt.endswith(".")


@pytest.mark.messages
def test_an_unknown_experiment_gets_the_nearest_name(capsys):
    assert main(["evesdropping"]) == 2
    assert "did you mean eavesdropping?" in capsys.readouterr().err


@pytest.mark.messages
def test_recording_what_is_unknown_or_somewhere_else_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["record", "raod"]) == 2
    assert "Did you mean 'road'?" in capsys.readouterr().err
    assert main(["record", "road", "--to", str(tmp_path / "nowhere")]) == 2
    assert "must name an existing folder" in capsys.readouterr().err
    assert main(["record"]) == 2
    assert "must say what to record" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_field_that_is_no_number_of_the_experiment_is_no_option(capsys):
    assert main(["eavesdropping", "--n-tasks", "3"]) == 2
    assert "--n-tasks" in capsys.readouterr().err
