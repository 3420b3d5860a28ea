"""A trial is fair and keeps its word: tuning stays off the reported seeds, grids are extended, rules decide."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from mtl_tutor.experiments import Arm, Hypothesis, Result, Rule, Trial, above, below, best_of, ratio, within
from mtl_tutor.experiments.controls import beside_shuffled
from mtl_tutor.experiments.trial import LAST, STOPPED
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, Verdict
from mtl_tutor.tasks import only_tasks, shuffled_labels, sine_family
from mtl_tutor.training import FreshNoise
from mtl_tutor.tuning import CONFIRMING_SEED, SEEDS_OF_BLOCK, TUNING_SEED, Setting, Settings, search


@dataclass(frozen=True)
class Toy(Trial):
    """Two like curves help each other."""

    noise: float = 0.3

    name = "toy"
    smallest = (("noise", 0),)
    widths = (2, 4)
    lrs = (0.001, 0.002)
    steps = 20
    hypotheses = (
        Hypothesis("gain", "joint helps", "ours", "alone", "joint"),
        Hypothesis("harm", "joint hurts", "ours", "joint", "alone"),
        Hypothesis("both", "it takes two", "ours", "alone", "joint", above(-1000.0), unless={"a miracle": "never"}),
        Hypothesis("never", "alone errs by a thousand", "ours", "alone", rule=above(1000.0)),
        Hypothesis("level", "alone errs at the last step", "ours", "alone", measure=LAST),
        Hypothesis("close", "no great difference", "ours", "alone", "joint", within(1000.0)),
        Hypothesis("share", "joint errs less, as a share", "a paper", "joint", "alone", below(0.0), effect=ratio, printed=-0.3),
    )

    def arms(self):
        def both(seed):
            SEEN.append(seed)
            return sine_family(n_samples=30, relatedness=1.0, noise=self.noise, seed=seed)

        return {
            "alone": Arm("one curve", "single_task", lambda seed: only_tasks(both(seed), [0])),
            "joint": Arm("two curves", "main", both),
            "shuffled": Arm("shuffled", "control", lambda seed: shuffled_labels(both(seed), [1], seed=seed)),
            "apart": Arm("two nets", "other", both, shared=False),
        }


SEEN: list[int] = []


@pytest.fixture(scope="module")
def result():
    return Toy(seeds=20, tuning_seeds=5, blocks=4).run()


def test_tuning_happens_on_seeds_that_are_not_reported():
    SEEN.clear()
    Toy(tuning_seeds=20).tune("alone")
    assert {seed for seed in SEEN if seed != 1000} == set(range(TUNING_SEED, TUNING_SEED + 20))


def test_every_block_is_tuned_on_seeds_of_its_own_and_trained_with_what_they_chose():
    @dataclass(frozen=True)
    class Choosy(Toy):
        def tune(self, name):
            SEEN.extend(self.tuning_range(5).tolist())
            return Setting(4, 0.001 * (1 + (self.tuning_seed - TUNING_SEED) // SEEDS_OF_BLOCK))

    SEEN.clear()
    trial = Choosy(seeds=22, blocks=4)
    settings = trial.tune_all()
    assert set(SEEN) == {TUNING_SEED + SEEDS_OF_BLOCK * block + seed for block in range(4) for seed in range(5)}
    assert [one.lr for one in settings["joint"]] == pytest.approx([0.001, 0.002, 0.003, 0.004])
    found = trial.run(settings).values("joint", LAST)
    joint = trial.arms()["joint"]
    for rows, lr in ((slice(0, 6), 0.001), (slice(6, 12), 0.002), (slice(12, 17), 0.003), (slice(17, 22), 0.004)):
        np.testing.assert_array_equal(found[rows], trial.train(joint, trial.seed_range[rows], 4, lr).last()[:, 0])


def test_what_tuning_might_have_chosen_otherwise_widens_the_interval():
    rows = {"alone": np.zeros(40), "joint": np.repeat([0.0, 1.0, 0.0, 1.0], 10) + 0.01 * np.tile(np.arange(10.0), 4)}
    measured = {name: {STOPPED: values} for name, values in rows.items()}
    tuned, one_block = (replace_blocks(measured, n) for n in (4, 1))
    assert tuned.high - tuned.low > 4 * (one_block.high - one_block.low)
    assert tuned.estimate == pytest.approx(one_block.estimate)
    assert tuned.by_block == pytest.approx((0.045, 1.045, 0.045, 1.045))


def replace_blocks(measured, n_blocks):
    """The same numbers in blocks."""
    return Result(measured, n_blocks=n_blocks).interval("joint", "alone")


def test_the_seed_of_tuning_is_an_argument():
    SEEN.clear()
    Toy(seeds=20, tuning_seeds=5, blocks=4, tuning_seed=950_000).tune_all()
    assert min(seed for seed in SEEN if seed >= TUNING_SEED) == 950_000
    assert 950_000 + 3 * SEEDS_OF_BLOCK + 4 in SEEN


def test_settings_of_blocks_are_told_in_one_line_with_the_typical_one():
    few, many = Setting(4, 0.1, error=0.5), Setting(8, 0.1, at_edge=True, error=0.4)
    chosen = Settings([few, many, replace(many, error=0.3)])
    assert chosen.typical == many
    assert chosen.n_at_edge == 2
    assert str(chosen) == "2x 8 hidden units, learning rate 0.1 (edge); 1x 4 hidden units, learning rate 0.1"
    assert str(Settings([few, few])) == "   4 hidden units, learning rate 0.1"


def test_a_claim_says_how_many_blocks_agree_and_what_lies_at_the_edge(result):
    claim = result.claim("gain")
    assert claim.agree == sum(one > 0 for one in claim.measured.by_block)
    assert len(claim.measured.by_block) == 4
    assert "two curves" in claim.edges
    assert f"{claim.agree} of 4 blocks agree (" in str(claim)
    assert "edge of the grid)" in str(claim)


def test_a_grid_whose_best_lies_on_its_edge_is_extended_and_says_if_that_was_not_enough(result):
    chosen = result.settings["joint"]  # 20 steps at such rates: the largest must win
    assert [one.lr for one in chosen] == pytest.approx([0.008] * 4)
    assert max(one.n_hidden for one in chosen) > 4
    assert chosen.n_at_edge == 4
    assert "edge" in str(chosen)


def test_a_single_setting_is_not_tuned():
    class Fixed(Toy):
        widths = (3,)
        lrs = (0.01,)

    SEEN.clear()
    assert str(Fixed().tune("joint")) == "   3 hidden units, learning rate 0.01"
    assert not SEEN


def test_the_best_of_several_arms_is_chosen_by_validation_and_says_so():
    @dataclass(frozen=True)
    class Choice(Toy):
        hypotheses = ()

        def arms(self):
            joint = super().arms()["joint"]
            frozen, free = (replace(joint, label=label, weight_decay=decay) for label, decay in (("frozen", 1e6), ("free", 0.0)))
            orders = {"weaker first": (free, frozen), "stronger first": (frozen, free)}
            return {"frozen": frozen, "free": free} | {name: best_of("either", "other", order) for name, order in orders.items()}

    trial = Choice(tuning_seeds=20, seeds=20)
    settings = {name: trial.tune(name) for name in trial.tuned()}
    for name, at_edge in (("weaker first", False), ("stronger first", True)):
        setting = settings[name]
        assert setting.variant == "free"
        assert "free" in str(setting)
        assert setting.error == min(settings[arm].error for arm in ("frozen", "free"))
        assert setting.at_edge >= at_edge  # the strongest of a list: more might be better
    measured = trial.measure_all(settings)
    np.testing.assert_array_equal(measured["weaker first"][STOPPED], measured["free"][STOPPED])


def test_only_the_strongest_of_ordered_variants_is_an_edge():
    @dataclass(frozen=True)
    class Choice(Toy):
        hypotheses = ()

        def arms(self):
            joint = super().arms()["joint"]
            strong = [replace(joint, label=f"decay {decay:g}", weight_decay=decay) for decay in (0.0, 1.0)]
            return {f"{ordered}": best_of("either", "other", strong, ordered=ordered) for ordered in (True, False)}

        def tune_arm(self, arm):
            return Setting(4, 0.01, error=-arm.weight_decay)

    edges = {name: Choice().tune(name).at_edge for name in ("True", "False")}
    assert edges == {"True": True, "False": False}


def test_an_arm_may_have_its_own_width_net_and_noise():
    trial, arm = Toy(tuning_seeds=20, seeds=20), Toy().arms()["joint"]
    assert trial.tune_arm(replace(arm, n_hidden=5)).n_hidden == 5
    seeds = np.arange(1000, 1020)
    plain = trial.train(arm, seeds, 4, 0.01).last()
    for other in (
        replace(arm, net=lambda data, n_hidden: HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, init_scale=3.0)),
        replace(arm, noise=FreshNoise(inputs=1.0)),
        replace(arm, trunk_lr=9.0),
        replace(arm, weight_decay=0.5),
    ):
        assert not np.array_equal(trial.train(other, seeds, 4, 0.01).last(), plain)


def test_settings_that_are_known_are_not_tuned_again(result):
    SEEN.clear()
    again = Toy(seeds=20, blocks=4).run(result.settings)
    assert max(SEEN) < TUNING_SEED
    assert again.claims == result.claims


def test_every_arm_reports_the_same_seeds_early_stopped_and_at_the_last_step(result):
    for arm in Toy().arms():
        assert set(result.measured[arm]) == {STOPPED, LAST}
        assert all(values.shape == (20,) for values in result.measured[arm].values())


def test_nets_of_their_own_are_the_single_task_net_beside_another(result):
    trial = Toy(seeds=20)
    seeds = np.arange(1000, 1020)
    alone, apart = (trial.train(trial.arms()[arm], seeds, 4, 0.01).last()[:, 0] for arm in ("alone", "apart"))
    np.testing.assert_allclose(alone, apart, atol=1e-5)


def test_the_rule_written_down_before_decides(result):
    claims = {claim.id: claim for claim in result.claims}
    gain, harm = claims["toy-gain"], claims["toy-harm"]
    assert gain.measured.estimate == pytest.approx(-harm.measured.estimate)
    assert Verdict.REPRODUCED not in {gain.verdict, harm.verdict} or Verdict.OPPOSITE in {gain.verdict, harm.verdict}
    assert claims["toy-close"].verdict is Verdict.REPRODUCED
    assert claims["toy-close"].rule == "within 1000 of 0"
    assert claims["toy-level"].measured.estimate == pytest.approx(result.measured["alone"][LAST].mean())


@pytest.mark.parametrize(
    ("low", "unmet", "verdict", "condition"),
    [
        (0.1, [], Verdict.REPRODUCED, ""),
        (0.1, ["in wide nets", "with Adam"], Verdict.CONDITIONAL, "not in wide nets or with Adam"),
        (-0.1, ["in wide nets"], Verdict.NOT_SHOWN, ""),
        (-0.4, ["in wide nets"], Verdict.OPPOSITE, ""),
    ],
)
def test_only_what_holds_can_hold_under_a_condition(low, unmet, verdict, condition):
    effect = Interval(low + 0.15, low, low + 0.3, 50)
    claim = Hypothesis("gain", "joint helps", "ours", "alone", "joint").claim("toy", effect, unmet=unmet)
    assert (claim.id, claim.verdict, claim.condition, claim.rule) == ("toy-gain", verdict, condition, "more than 0")


def test_a_claim_whose_condition_does_not_hold_names_it(result):
    claims = {claim.id: claim for claim in result.claims}
    assert claims["toy-never"].verdict is Verdict.TOO_SMALL
    assert claims["toy-both"].verdict is Verdict.CONDITIONAL
    assert claims["toy-both"].condition == "not a miracle"


def test_the_baseline_and_the_control_stand_beside_the_effect_in_its_measure(result):
    for claim, measure in ((result.claims[0], STOPPED), (next(c for c in result.claims if c.id == "toy-level"), LAST)):
        assert claim.baseline == result.interval("alone", measure=measure)
        assert claim.control == result.interval("shuffled", measure=measure)
    assert result.interval("alone", measure=STOPPED) != result.interval("alone", measure=LAST)


def test_shuffling_the_others_leaves_the_main_task_alone():
    data = sine_family(n_tasks=3, n_samples=30, relatedness=1.0, noise=0.3, seed=7)
    shuffled = beside_shuffled(lambda seed: data)(7)
    for split in ("train", "validation"):
        before, after = data.splits()[split].y, shuffled.splits()[split].y
        np.testing.assert_array_equal(after[:, 0], before[:, 0])
        np.testing.assert_array_equal(np.sort(after, axis=0), np.sort(before, axis=0))
        assert (after[:, 1:] != before[:, 1:]).any(axis=0).all()


def test_curves_move_one_field_and_nothing_else():
    trial = Toy(seeds=20)
    curves = trial.curves("noise", [0.3, 0.6], ["alone", "joint"], n_hidden=4, lr=0.01, xlabel="noise")
    assert list(curves.y) == ["one curve", "two curves"]
    again = trial.measure(trial.train(Toy(noise=0.6).arms()["joint"], np.arange(1000, 1020), 4, 0.01))[STOPPED]
    assert curves.y["two curves"][1] == pytest.approx(again.mean())


@pytest.mark.messages
@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ({"seeds": 19}, "`seeds` must be at least 20"),
        ({"tuning_seeds": 3}, "`tuning_seeds` must be at least 4"),
        ({"blocks": 3}, "`blocks` must be at least 4"),
        ({"seeds": 20, "blocks": 11}, "`blocks` must leave each block two seeds or more; got 11 for 20 seeds"),
        ({"tuning_seed": TUNING_SEED - 1}, "`tuning_seed` must lie between 900,000 and 992,000"),
        ({"tuning_seed": 992_001}, "`tuning_seed` must lie between 900,000 and 992,000"),
        ({"first_seed": CONFIRMING_SEED}, "mtl_tutor confirm"),
        ({"first_seed": -1}, "`first_seed` must be at least 0"),
        ({"first_seed": TUNING_SEED}, "on to tuning"),
        ({"noise": float("nan")}, "`noise` must be a finite number"),
    ],
)
def test_a_trial_refuses_too_few_seeds_those_that_tune_and_what_is_too_small(bad, rule):
    with pytest.raises(ValueError, match=rule):
        Toy(**bad)


@pytest.mark.messages
def test_a_rule_without_a_threshold_a_grid_without_a_choice_and_too_many_tuning_seeds_are_refused():
    with pytest.raises(ValueError, match="`boundaries` must name the effects at which the verdict changes"):
        Rule("anything", lambda effect: Verdict.REPRODUCED, ())
    with pytest.raises(ValueError, match="`lrs` and `widths` must leave a choice"):
        search(lambda *rows: rows[2], (4,), (0.1,), np.arange(3))
    with pytest.raises(ValueError, match="`tuning_seeds` must be at most 1,000 in a block; got 1001"):
        Toy(tuning_seeds=1001).tune("alone")


def test_an_effect_may_be_a_share_and_stand_beside_what_the_source_prints(result):
    claim = next(claim for claim in result.claims if claim.id == "toy-share")
    joint, alone = (result.measured[arm][STOPPED].mean() for arm in ("joint", "alone"))
    assert claim.measured.estimate == pytest.approx(joint / alone - 1, rel=1e-3)
    assert claim.as_dict()["printed"] == claim.printed == -0.3
    assert "(printed: -0.3)" in str(claim)


class Rows(Toy):
    """Each question has its own measure, and its own single-task net."""

    widths = (3,)
    lrs = (0.002,)
    hypotheses = (Hypothesis("second", "joint helps the second", "ours", "second", "joint", measure="second"),)

    def arms(self):
        toy = super().arms()
        return {"second": Arm("second alone", "single_task", lambda seed: only_tasks(toy["joint"].data(seed), [1])), "joint": toy["joint"]}

    def measure(self, history):
        names = ("first", "second")[-len(history.tasks) :]
        return {name: history.best()[:, k] for k, name in enumerate(names)}


def test_an_arm_need_not_have_every_measure():
    result = Rows(seeds=20, tuning_seeds=20).run()
    assert [result.has("second", measure) for measure in ("first", "second")] == [False, True]
    assert list(result.bars(measure="first").bars) == ["two curves"]
    (claim,) = result.claims
    assert claim.baseline == result.interval("joint", measure="second")  # there is no arm "alone": what it is held against stands there
    assert str(result).count("second alone") == 2  # its setting, and its one measure


@pytest.mark.messages
def test_an_arm_cannot_take_over_a_setting_that_is_a_choice_among_variants():
    class Chosen(Toy):
        hypotheses = ()

        def arms(self):
            arms = super().arms()
            best = best_of("best", "main", [arms["joint"]])
            return {"best": best, "again": replace(arms["alone"], like="best")}

    with pytest.raises(ValueError, match="without variants"):
        Chosen(seeds=20, tuning_seeds=20).run()


def test_what_was_decided_is_told_by_id_and_a_wrong_id_gets_a_suggestion(result):
    assert result.tell("share", "gain").splitlines()[0] == "joint errs less, as a share"
    assert result.claim("toy-gain") is result.claim("gain")
    with pytest.raises(ValueError, match="did you mean gain"):
        result.claim("gian")
    with pytest.raises(ValueError, match="did you mean joint"):
        result.values("joined")
