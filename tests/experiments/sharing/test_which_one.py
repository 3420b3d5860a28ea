"""Which architecture: its tasks, how a contest is tuned and judged, and how a draw chooses."""

from dataclasses import replace
from functools import cache

import joblib
import numpy as np
import pytest
from scipy.linalg import subspace_angles

from mtl_tutor.__main__ import main
from mtl_tutor.comparison._entries import Cell
from mtl_tutor.experiments import Grid, SubspaceFamily, WhichOne
from mtl_tutor.experiments.sharing.which_one.contest import ALONE, RATES, SIZES, WIDE, Contest
from mtl_tutor.experiments.sharing.which_one.subspace_family import folded
from mtl_tutor.experiments.sharing.which_one.which_one import CORNERS, ERROR, VALIDATION
from mtl_tutor.recipes import Network
from mtl_tutor.results import Bars
from mtl_tutor.sharing import HardSharing, MMoE
from mtl_tutor.statistics import Interval, Verdict
from mtl_tutor.tuning import Setting, tuning_seeds

SMALL = Contest(SubspaceFamily(0.5, 12, 2), 4, {"HardSharing": HardSharing}, steps=10)
SEEDS = range(5)


@pytest.fixture(autouse=True, scope="module")
def a_draw_is_made_once():
    """Many settings are tried on the same draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SubspaceFamily, "__call__", cache(SubspaceFamily.__call__))
        yield


@pytest.mark.parametrize("bad", [(-0.1, 20, 2), (1.1, 20, 2), (0.5, 1, 2), (0.5, 20, 0)])
def test_a_subspace_family_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        SubspaceFamily(*bad)


def test_the_fold_has_mean_0_and_variance_1_half_of_it_a_line():
    z, weights = np.polynomial.hermite_e.hermegauss(300)
    weights = weights / weights.sum()
    assert weights @ folded(z) == pytest.approx(0, abs=3e-3)  # the kink at 0 costs the quadrature its digits
    assert weights @ folded(z) ** 2 == pytest.approx(1, abs=5e-3)
    assert weights @ (z * folded(z)) == pytest.approx(0.5**0.5)


def test_relatives_look_through_one_subspace_strangers_through_any_and_the_rest_lie_between():
    def overlap(p):
        bases = [SubspaceFamily(p, 20, 3).bases(np.random.default_rng(seed)) for seed in range(100)]
        for one in bases[0]:
            np.testing.assert_allclose(one.T @ one, np.eye(2), atol=1e-12)
        return np.mean([np.cos(subspace_angles(b[0], b[1])) ** 2 for b in bases])

    assert overlap(1.0) == pytest.approx(1)
    assert overlap(0.0) == pytest.approx(2 / 10, abs=0.03)
    assert 0.3 < overlap(0.5) < 0.8


@pytest.mark.parametrize(("p", "rank"), [(1.0, 2), (0.0, 6)])
def test_answers_mix_as_many_features_as_there_are_and_only_the_test_has_no_noise(p, rank):
    data = SubspaceFamily(p, 60, 6)(3)
    assert np.linalg.matrix_rank(data.test.y, tol=1e-8) == rank
    assert np.linalg.matrix_rank(data.train.y) == 6
    assert {name: split.x.shape for name, split in data.splits().items()} == {"train": (60, 10), "validation": (60, 10), "test": (200, 10)}
    assert not np.array_equal(data.train.x, data.validation.x)


def test_the_budget_is_what_the_single_task_nets_store():
    assert SMALL.plan.parameters == 2 * (4 * 11 + 5)
    for share, _ in SIZES:
        budget, one_unit = share * SMALL.plan.parameters, 10 + 1 + 2
        assert budget - one_unit < Network(HardSharing).cost(SMALL.draw(0), _sized(share)).parameters <= budget


def test_validation_chooses_and_the_reported_seeds_only_report():
    found = SMALL.run(SEEDS)
    assert list(found) == [ALONE, WIDE, "HardSharing"]
    one = found["HardSharing"]
    (rate,) = one.settings
    cell = SMALL.entries()["HardSharing"].choose(SMALL.draw, SMALL.draw(0))[0][0]
    share, decay = SMALL.share_of(cell.plan), cell.plan.weight_decay
    rows = [(size, rate) for size in SIZES for rate in RATES]
    losses = {row: _outcome(*row, tuning_seeds(12).tolist()).validation.mean(axis=0) for row in rows}
    best = np.min(list(losses.values()), axis=0)
    assert min(losses, key=lambda row: (losses[row] / best).mean()) == ((share, decay), rate)
    np.testing.assert_array_equal(one.test, _outcome((share, decay), rate, SEEDS).test)
    assert one.at_edge is (rate in (RATES[0], RATES[-1]))


def test_every_single_task_net_has_its_own_setting_and_the_wide_ones_a_larger_budget():
    entries, first = SMALL.entries(), SMALL.draw(0)
    cells, losses = entries[WIDE].choose(SMALL.draw, first)
    assert entries[ALONE].is_separate(first)
    assert len(cells) == len(losses) == 2
    assert {SMALL.share_of(cell.plan) for cell in cells} <= {2.0, 0.5}


def test_a_share_into_which_nothing_fits_is_left_out_unless_it_is_the_largest():
    for sizes, kept in ((((0.3, 0.0), (0.2, 0.0)), {0.3}), (((0.3, 0.03), (8.0, 0.03)), {8.0})):
        plans = SMALL.entry("MMoE", MMoE, sizes).plans
        assert {plan.parameters for plan in plans} == {int(share * SMALL.plan.parameters) for share in kept}


@pytest.mark.slow
def test_processes_change_nothing():
    with joblib.parallel_config(n_jobs=2):
        there = SMALL.run(SEEDS)
    assert_same(there, SMALL.run(SEEDS))


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_changes_nothing():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = SMALL.run(SEEDS)
    assert_same(there, SMALL.run(SEEDS))


def fake_errors(trial, **changed):
    """Every contestant errs by 0.3 but for those that are named; all draws alike."""
    picked = [f"{corner}: {how}" for corner in ("related", "strangers") for how in ("chosen", "hindsight")]
    errors = {name: np.full(trial.seeds, 0.3) for name in (*trial.tuned(), *picked)}
    return {name: {ERROR: changed.get(name, error)} for name, error in errors.items()}


def test_hypotheses_compare_contestants_of_one_corner_and_a_diverged_seed_counts_for_nobody_there():
    trial = WhichOne(seeds=20, capacity=2, n_tasks=2)
    hard = {f"{corner}: HardSharing": np.full(20, 0.1) for corner in CORNERS}
    hard["related: HardSharing"] = np.where(np.arange(20) == 4, 9.0, 0.1)
    wide = np.where(np.arange(20) == 4, np.nan, 0.3)
    result = trial.decided(fake_errors(trial, **hard, **{"related: single-task, wide": wide}), {})
    claims = {claim.id.removeprefix("which-one-"): claim for claim in result.claims}
    assert claims["related"].measured.estimate == pytest.approx(-2 / 3)
    assert claims["related"].measured.n == 19
    assert claims["strangers"].measured.n == 20
    assert claims["plenty-small"].measured.estimate == pytest.approx(0.2)
    assert (claims["related"].verdict, claims["strangers"].verdict) == (Verdict.REPRODUCED, Verdict.OPPOSITE)
    assert claims["wide"].measured.estimate == pytest.approx(-2 / 3)


def test_nets_without_decay_compete_too_and_no_other_contestant_goes_without():
    entries = WhichOne(capacity=2, n_tasks=2).entries("strangers")
    assert {plan.weight_decay for plan in entries["single-task, no decay"].plans} == {0.0}
    others = [entry for name, entry in entries.items() if name != "single-task, no decay"]
    assert all(plan.weight_decay > 0 for entry in others for plan in entry.plans)


def test_a_setting_that_was_tuned_is_trained_as_it_was_tuned():
    trial = WhichOne(seeds=20, capacity=2, n_tasks=2).with_few_seeds(2)
    entry, contest = trial.entries("related")["HardSharing"], trial.contest("related")
    settings = {name: Setting(lr=0.1, size=0.25, weight_decay=0.03) for name in trial.tuned()}
    setting = settings["related: HardSharing"]
    outcome = entry.recipes[0].run(contest.draw, [1000, 1001], [0.1] * 2, contest.plan_of(setting.size, 0.03))
    trained = entry.test(contest.draw, [1000, 1001], [Cell(entry.recipes[0], contest.plan_of(0.25, 0.03), 0.1)] * 2)
    np.testing.assert_array_equal(trained, outcome.test)


def test_every_draw_chooses_by_its_own_validation_samples():
    arms = [ALONE, "HardSharing", "SoftSharing", "MMoE", "TaskEmbedding"]
    error, loss = np.arange(10.0).reshape(5, 2), np.array([[3.0, 1], [2, 2], [np.nan, 3], [1, 4], [5, np.inf]])
    measured = {f"strangers: {name}": {ERROR: error[i], VALIDATION: loss[i]} for i, name in enumerate(arms)}
    found = WhichOne().chosen("strangers", measured)
    np.testing.assert_array_equal(found["strangers: chosen"][ERROR], [6, 1])
    np.testing.assert_array_equal(found["strangers: hindsight"][ERROR], [0, 1])


def test_a_recording_is_made_by_as_many_processes_as_asked_for(monkeypatch, tmp_path):
    seen = []

    def counted(samples: int = 1, *, n_seeds: int = 64) -> Bars:
        """Count the processes that would share a training."""
        seen.append(joblib.Parallel().n_jobs)
        return Bars({"one": Interval(0, 0, 0, n_seeds)})

    monkeypatch.setattr("mtl_tutor.cli._commands.grids", lambda: {"counted": Grid("counted", counted, "t", "a", {"samples": [1, 2]})})
    assert main(["record", "counted", "--jobs", "3", "--to", str(tmp_path)]) == 0
    assert set(seen) == {3}
    assert (tmp_path / "counted.npz").is_file()


def _sized(share, decay=0.0):
    return replace(SMALL.plan, parameters=int(share * SMALL.plan.parameters), weight_decay=decay)


def _outcome(size, rate, seeds):
    return Network(HardSharing).run(SMALL.draw, list(seeds), [rate] * len(seeds), _sized(*size))


def assert_same(there, here):
    assert list(there) == list(here)
    for name, one in here.items():
        np.testing.assert_array_equal(there[name].test, one.test)
        assert there[name].settings == one.settings
