"""A finding is confirmed once, on seeds that nothing has touched, and by rules that are frozen."""

import importlib
import json
import re
import sys
from dataclasses import dataclass

import pytest

from mtl_tutor.__main__ import main
from mtl_tutor.confirm import FIRST, confirm, confirmation, read_confirmed, rules_of, status_of, unconfirmed
from mtl_tutor.experiments import Experiment, Hypothesis, above, experiments
from mtl_tutor.tuning import CONFIRMING_SEED, TUNING_SEED, Setting

SEEN: list[int] = []


@dataclass(frozen=True)
class Toy(Experiment):
    """An experiment that costs nothing."""

    seeds: int = 40

    name = "toy"
    chapter = "why/toy"
    hypotheses = (Hypothesis("one", "it is positive", "ours", "one"), Hypothesis("two", "it is large", "ours", "one", rule=above(1e9)))

    def tuned(self):
        return ["one"]

    def tune(self, name):
        SEEN.extend(self.tuning_range(3).tolist())
        return Setting(lr=0.1)

    def measure_all(self, settings, *, progress=False):
        SEEN.extend(self.seed_range.tolist())
        return {"one": {"number": 1.0 * self.seed_range}}


@dataclass(frozen=True)
class Reworded(Toy):
    """The same with another rule for one of its claims."""

    hypotheses = (Toy.hypotheses[0], Hypothesis("two", "it is large", "ours", "one", rule=above(1e3)))


@pytest.fixture(autouse=True)
def _nothing_seen():
    SEEN.clear()


def test_neither_reported_nor_tuning_seeds_of_the_book_are_touched(tmp_path):
    entry = confirm(Toy, tmp_path)
    book = Toy()
    touched = {*book.seed_range, *range(TUNING_SEED, TUNING_SEED + book.blocks * 1000)}
    assert not touched & set(SEEN)
    assert {seed for seed in SEEN if seed >= CONFIRMING_SEED} == set(range(FIRST, FIRST + 40))
    assert (entry["first_seed"], entry["tuning_seed"]) == (FIRST, TUNING_SEED + 8000)
    assert json.loads(json.dumps(entry)) == read_confirmed(tmp_path / "confirmed.json")[0]


def test_what_is_confirmed_already_is_not_run_again_until_a_rule_changes(tmp_path):
    confirm(Toy, tmp_path)
    with pytest.raises(ValueError, match="A second look at other seeds would be a choice between two"):
        confirm(Toy, tmp_path)
    first, second = SEEN[-1], confirm(Reworded, tmp_path)
    assert second["first_seed"] == first + 1
    assert second["tuning_seed"] == TUNING_SEED + 16_000
    assert unconfirmed({"toy": Reworded}, tmp_path) == []
    assert unconfirmed({"toy": Toy}, tmp_path) == ["toy"]


def test_a_change_of_its_rule_makes_a_finding_exploratory_again_and_no_other(tmp_path):
    assert status_of({"id": "toy-one", "verdict": "reproduced"}, Toy, []) == "exploratory"
    confirm(Toy, tmp_path)
    entries = read_confirmed(tmp_path / "confirmed.json")
    one, two = {"id": "toy-one", "verdict": "reproduced"}, {"id": "toy-two", "verdict": "reproduced"}
    assert status_of(one, Toy, entries) == status_of(one, Reworded, entries) == "confirmed"
    assert status_of(two, Toy, entries) == "too small on untouched seeds"
    assert status_of(two, Reworded, entries) == "exploratory"


def test_a_page_prints_what_came_out_again_and_what_did_not(tmp_path, monkeypatch):
    class Luckier(Toy):
        findings = ("one", "two")

        def measure_all(self, settings, *, progress=False):
            numbers = 1e10 + self.seed_range if self.first_seed < CONFIRMING_SEED else 1.0 * self.seed_range
            return {"one": {"number": numbers}}

    monkeypatch.setitem(experiments(), "toy", Luckier)
    result, path = Luckier().run(), tmp_path / "confirmed.json"
    assert confirmation(result, path=path) == "toy: not run again yet, so its findings are exploratory."
    confirm(Luckier, tmp_path)
    first, second = confirmation(result, path=path).splitlines()
    assert first == "toy: 1 of 2 findings confirmed on untouched seeds."
    assert re.fullmatch(r"  - it is large: reproduced, 1e\+10 \[.*\]; again: too small, 1.1e\+06 \[.*\]", second)
    monkeypatch.setitem(experiments(), "toy", Reworded)
    assert confirmation(result, path=path) == "toy: 1 of 2 findings confirmed on untouched seeds. 1 not run again yet."


def test_only_of_its_own_experiments_the_book_knows_what_came_out_again():
    with pytest.raises(ValueError, match=r"`results`.*'toy'"):
        confirmation(Toy().run())


def test_what_another_process_confirms_meanwhile_is_kept(tmp_path):
    class Slow(Toy):
        name = "slow"

        def measure_all(self, settings, *, progress=False):
            if not read_confirmed(tmp_path / "confirmed.json"):
                confirm(Toy, tmp_path)
            return super().measure_all(settings)

    confirm(Slow, tmp_path)
    assert [entry["experiment"] for entry in read_confirmed(tmp_path / "confirmed.json")] == ["toy", "slow"]


def test_other_settings_are_other_rules():
    @dataclass(frozen=True)
    class Larger(Toy):
        seeds: int = 48

    class Wider(Toy):
        lrs = (0.1, 0.2)

    for other in (Larger, Wider):
        assert all(rules_of(other)[claim] != rule for claim, rule in rules_of(Toy).items())


def test_a_confirmation_that_somebody_typed_is_refused(tmp_path):
    confirm(Toy, tmp_path)
    path = tmp_path / "confirmed.json"
    path.write_text(path.read_text().replace("too small", "reproduced"))
    with pytest.raises(ValueError, match="Renew it: python -m mtl_tutor confirm"):
        read_confirmed(path)


@pytest.mark.messages
def test_tuning_seeds_end_and_an_unknown_name_gets_the_nearest(tmp_path, capsys):
    used = [{"first_seed": FIRST, "seeds": 40}] * 12
    from mtl_tutor.confirm import on_untouched_seeds

    with pytest.raises(ValueError, match="'toy' was confirmed 12 times"):
        on_untouched_seeds(Toy, used)
    assert main(["confirm", "raod", "--to", str(tmp_path)]) == 2
    assert "Did you mean 'road'?" in capsys.readouterr().err


def test_the_command_says_what_came_out_and_what_it_was(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(experiments(), "toy", Toy)
    monkeypatch.setattr("mtl_tutor.cli._commands.experiments", lambda: {"toy": Toy})
    assert main(["confirm", "toy", "--to", str(tmp_path)]) == 0
    assert "reproduced  toy-one (was not recorded)" in capsys.readouterr().out


MODULE = '''
from dataclasses import dataclass
from mtl_tutor.experiments import Experiment, Hypothesis, above

RATES = (0.1, 0.2)


def lowest(result, hypothesis):
    return result.mean(result.values("one"))


@dataclass(frozen=True)
class FromFile(Experiment):
    name = "from-file"
    hypotheses = (Hypothesis("one", "it is positive", "ours", "one", effect=lowest),)

    def measure_all(self, settings, *, progress=False):
        return {}
'''


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("(0.1, 0.2)", "(0.1, 0.3)", False),
        ('result.values("one")', '-result.values("one")', False),
        ("above\n", "above  # it is positive\n", True),
        ("it is positive", "it is more than nothing", True),
        ('    name = "from-file"\n', '    name = "from-file"\n    findings = ("one",)\n', True),
    ],
)
def test_grids_and_effects_of_its_module_belong_to_what_is_frozen_and_words_do_not(tmp_path, monkeypatch, old, new, same):
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    for number, text in enumerate((MODULE, MODULE.replace(old, new))):
        assert number == 0 or text != MODULE
        tmp_path.joinpath(f"from_file_{number}.py").write_text(text)
        found.append(rules_of(importlib.import_module(f"from_file_{number}").FromFile))
        del sys.modules[f"from_file_{number}"]
    assert (found[0] == found[1]) is same
