"""The atlas: its cases and real table, how they are measured and recorded, and what is read back."""

from functools import cache

import joblib
import numpy as np
import pytest

from mtl_tutor.comparison.everything import NETWORKS
from mtl_tutor.experiments import Case, SubspaceFamily, atlas_advice, atlas_gains, grids, read_atlas, read_disputes, solar_flares
from mtl_tutor.experiments.sharing.which_one import atlas, atlas_reader, disputes
from mtl_tutor.experiments.sharing.which_one.atlas import ARCHITECTURES, FAMILIES, SIZES, AtlasContest, Judged, atlas_bars
from mtl_tutor.experiments.sharing.which_one.cases import CASES
from mtl_tutor.experiments.sharing.which_one.contest import ALONE, RATES, WIDE, Contest
from mtl_tutor.recipes import Network
from mtl_tutor.sharing import HardSharing, LowLevelSupervision, SoftSharing
from mtl_tutor.tuning import tuning_seeds
from mtl_tutor.widgets import record

TWO = {"HardSharing": HardSharing, "SoftSharing": SoftSharing}
SMALL = Case(1.0, 12, n_tasks=2, capacity=3)


@pytest.fixture(autouse=True, scope="module")
def a_draw_is_made_once():
    """Many settings are tried on the same draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SubspaceFamily, "__call__", cache(SubspaceFamily.__call__))
        yield


def test_every_architecture_competes_but_the_one_that_is_another_here():
    assert set(ARCHITECTURES.values()) == set(NETWORKS) - {LowLevelSupervision}
    assert sum(map(len, FAMILIES.values())) == len(ARCHITECTURES) == 20


def test_the_cases_cover_what_was_promised():
    made = [case for case in CASES.values() if not case.table]
    base = {(case.relatedness, case.n_samples) for case in made if (case.n_tasks, case.own_inputs, case.depth) == (6, False, 1)}
    assert base == {(p, n) for p in (0.0, 0.5, 1.0) for n in (20, 60, 600)}
    assert {case.n_tasks for case in made} == {2, 6, 20}
    assert {case.depth for case in made} == {1, 3}
    assert {case.own_inputs for case in made} == {True, False}
    assert sum(bool(case.table) for case in CASES.values()) == 2
    assert len({str(case) for case in CASES.values()}) == len(CASES)


def test_no_decay_some_and_more_are_tried_with_five_rates():
    assert {decay for _, decay in SIZES} == {0.0, 0.03, 0.1}
    assert {share for share, _ in SIZES} == {0.25, 1.0}
    assert len(RATES) == 5


def test_own_inputs_are_the_same_tasks_with_samples_of_each_alone():
    same, own = SubspaceFamily(1.0, 36, 3)(5), Case(1.0, 12, n_tasks=3, own_inputs=True).draw(5)
    for name in ("train", "validation"):
        known = np.isfinite(own.splits()[name].y)
        assert known.sum(axis=0).tolist() == [12, 12, 12]
        assert (known.sum(axis=1) == 1).all()
        np.testing.assert_array_equal(own.splits()[name].y[known], same.splits()[name].y[known])
    np.testing.assert_array_equal(own.test.y, same.test.y)


def test_regions_of_the_sun_are_split_without_overlap_and_standardised():
    data = solar_flares(300, 0)
    assert [len(split) for split in data.splits().values()] == [300, 300, 300]
    assert [task.name for task in data.tasks] == ["common flares", "moderate flares"]
    every = np.concatenate([split.y for seed in range(20) for split in solar_flares(300, seed).splits().values()])
    np.testing.assert_allclose(every.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(every.std(axis=0), 1, atol=0.1)
    assert np.isfinite(data.train.x).all()
    letters = data.train.x[:, :6]
    np.testing.assert_array_equal(letters.sum(axis=1), 1)  # one column for each class of the first word
    for bad in (19, 384):
        with pytest.raises(ValueError, match="must lie between"):
            solar_flares(bad, 0)


def test_three_layers_have_the_budget_of_three_layers():
    contest = AtlasContest(SMALL.draw, 4, TWO, 5, 3)
    assert contest.plan.parameters == 2 * (4 * 11 + 2 * 4 * 5 + 5)
    cells = contest.entries()["HardSharing"].choose(contest.draw, contest.draw(0), [900_000])[0]
    assert len(Network(HardSharing).widths(contest.draw(0), cells[0].plan)) == 3


def test_one_layer_has_the_budget_that_a_contest_has():
    assert AtlasContest(SMALL.draw, 4, TWO, 5).plan.parameters == Contest(SMALL.draw, 4, TWO, 5).plan.parameters


def few(monkeypatch, seeds=4):
    monkeypatch.setattr(Case, "n_seeds", seeds)
    monkeypatch.setattr(Case, "n_tuning", 2)


def test_what_is_reported_is_a_gain_over_tuned_single_task_nets_on_the_seeds_of_the_book(monkeypatch):
    few(monkeypatch)
    bars = atlas_bars(SMALL, TWO, steps=10)
    contest = AtlasContest(SMALL.draw, 3, TWO, 10)
    found = contest.judged(tuning_seeds(2).tolist(), range(2000, 2004))
    gain = 100 * np.mean((found[ALONE].test - found["HardSharing"].test) / found[ALONE].test.mean(axis=0))
    assert bars.bars["HardSharing"].estimate == pytest.approx(gain)
    full = Network(HardSharing).cost(contest.draw(0), contest.plan_of(1.0, 0.0)).parameters / contest.plan.parameters
    assert bars.bars["HardSharing: parameters"].estimate <= 100 * full + 1e-9
    assert bars.bars[f"{ALONE}: multiplications"].estimate <= 100
    assert bars.bars[f"{WIDE}: parameters"].estimate <= 2 * 100
    assert bars.roles[WIDE] == "control"
    some = atlas_bars(SMALL, {"SoftSharing": SoftSharing}, steps=10)
    assert some.bars["SoftSharing"] == bars.bars["SoftSharing"]  # who else takes part changes nothing


def test_every_draw_chooses_by_its_validation_samples_and_the_regret_is_its_price():
    def judged(validation, test):
        return Judged(np.array(validation)[:, None], np.array(test)[:, None], 1, 1)

    found = {
        ALONE: judged([1.0, 1.0, 3.0], [2.0, 2.0, 2.0]),
        WIDE: judged([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),  # a control, not a choice
        "A": judged([0.5, 2.0, 2.0], [1.0, 1.0, 1.0]),
        "B": judged([2.0, np.nan, 1.0], [4.0, np.nan, 3.0]),
    }
    bars = atlas._choices(found)
    assert bars["chosen by validation"].estimate == pytest.approx(100 * (2 - np.mean([1, 2, 3])) / 2)
    assert bars["chosen with hindsight"].estimate == pytest.approx(50)
    assert bars["regret"].estimate == pytest.approx(100)


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_finds_the_same(monkeypatch):
    distributed = pytest.importorskip("distributed")
    few(monkeypatch)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = atlas_bars(SMALL, TWO, steps=10)
    assert there.bars == atlas_bars(SMALL, TWO, steps=10).bars


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A recording of two cases, and what was recorded."""
    seen = {}

    def pretended(case="p10-n60"):
        def judged(name):
            scale = np.random.default_rng([len(name), len(case), ord(name[0])]).uniform(0.5, 1.5, (4, 2))
            return Judged(scale, scale, 300.0, 600.0)

        found = {name: judged(name) for name in (ALONE, WIDE, *ARCHITECTURES)}
        monkeypatch.setattr(AtlasContest, "judged", lambda *_: found)
        seen[case] = atlas_gains(case)
        return seen[case]

    record(pretended, tmp_path / "atlas.npz", title="t", progress=False, case=["p10-n60", "flares"])
    monkeypatch.setattr(atlas_reader, "shipped", lambda name: tmp_path / name)
    return seen


def test_every_number_is_read_back_at_its_place(recorded):
    read = read_atlas()
    assert list(read.cases) == ["p10-n60", "flares"]
    for case, bars in recorded.items():
        for name in ARCHITECTURES:
            assert read.gain(name, case).estimate == pytest.approx(bars.bars[name].estimate, rel=1e-5)
            assert read.gain(name, case).n == 4
        assert read.wide.gains[case].low == pytest.approx(bars.bars[WIDE].low, rel=1e-5)
        assert read.choices[case].regret.high == pytest.approx(bars.bars["regret"].high, rel=1e-5)
        budget = {"p10-n60": 6 * (6 * 11 + 7), "flares": None}[case]
        if budget:
            assert read.rows["MMoE"].costs[case][0] == pytest.approx(100 * 300 / budget)


def test_every_row_has_a_family_and_a_section_of_the_book(recorded):
    for name, row in read_atlas().rows.items():
        assert name in [build.__name__ for build in FAMILIES[row.family]]
        assert row.section.partition("#")[0].endswith(".html")


def test_the_recorded_grid_can_be_checked_cheaply():
    grid = grids()["atlas"]
    assert grid.axes == {"case": list(CASES)}
    assert grid.few is not None


def test_advice_comes_from_the_recording():
    advice = atlas_advice(samples=100, related="yes")
    assert advice.nearest == ("p10-n60",)
    assert "isn't recorded" in advice.note
    assert len(advice.top) == 3


def test_tasks_of_other_chapters_are_measured_in_the_same_way(monkeypatch):
    here = disputes.DISPUTES["linear, own inputs"]
    same, own = (disputes.DISPUTES[f"linear, {whose} inputs"].draw(3) for whose in ("same", "own"))
    assert np.isfinite(same.train.y).all()
    assert np.isfinite(own.train.y).sum(axis=0).tolist() == [60] * 6
    monkeypatch.setattr(disputes, "N_TUNING", 2)
    monkeypatch.setitem(disputes.DISPUTES, "linear, own inputs", here._replace(sizes=disputes.NO_DECAY))
    bars = disputes.dispute_gains("linear, own inputs", n_seeds=4, steps=10)
    contest = AtlasContest(here.draw, 6, {"HardSharing": HardSharing}, 10, 1, disputes.NO_DECAY)
    assert {plan.weight_decay for entry in contest.entries().values() for plan in entry.plans} == {0.0}
    found = contest.judged(tuning_seeds(2).tolist(), range(2000, 2004))
    gain = 100 * np.mean((found[ALONE].test - found["HardSharing"].test) / found[ALONE].test.mean(axis=0))
    assert bars.bars["HardSharing"].estimate == pytest.approx(gain)


def test_disputes_are_read_back():
    assert list(read_disputes()) == list(disputes.DISPUTES)
    for row in read_disputes().values():
        assert {gain.n for gain in row.values()} == {48}


def test_the_disputes_came_out_as_the_page_says():
    found = read_disputes()
    same, own = (found[f"linear, 15 samples of 30 inputs, {whose}"]["HardSharing"] for whose in ("same", "own"))
    assert same.high < own.low
    assert found["20 sines"]["TaskConditioned"].low > found["20 sines"]["HardSharing"].high
    assert found["equal tasks, decay"]["GlobalAndLocal"].low > found["equal tasks, no decay"]["GlobalAndLocal"].estimate
