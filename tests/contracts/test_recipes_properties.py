"""What modules per task and recipes of several trainings imply: their limits are what they should be, to the last digits."""

from functools import cache

import numpy as np
import pytest
import torch

from mtl_tutor.recipes import Network, TrainingConfig
from mtl_tutor.recipes.averaging import Averaging
from mtl_tutor.recipes.bagging import Bagging, bootstrap_of
from mtl_tutor.recipes.curds_and_whey import CurdsAndWhey
from mtl_tutor.recipes.fine_tuning import FineTuning
from mtl_tutor.recipes.merging import Merging
from mtl_tutor.recipes.stacking import Stacking
from mtl_tutor.recipes.task_arithmetic import TaskArithmetic
from mtl_tutor.recipes.voting import Voting
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.global_and_local import GlobalAndLocal
from mtl_tutor.sharing.task_decomposition import TaskDecomposition
from mtl_tutor.tasks import Samples, Task, TaskData, only_tasks
from mtl_tutor.training import train

SIZES = {"n_features": 3, "n_hidden": (8, 5), "n_outputs": (1, 1, 3)}
TASKS = (Task("number"), Task("coin", "binary"), Task("colour", "multiclass", 3))


def mixed_data(seed=0, *, n_samples=30, missing=0.2):
    """A regression, a coin and a colour on the same inputs, with missing labels."""
    rng = np.random.default_rng(seed)

    def draw():
        x = rng.normal(size=(n_samples, 3))
        y = np.column_stack([np.sin(x[:, 0]) + x[:, 1], x[:, 0] > x[:, 2], (x[:, :3].argmax(1))]).astype(float)
        return Samples(x, np.where(rng.random(y.shape) < missing, np.nan, y))

    return TaskData(TASKS, draw(), draw(), draw())


# Limits of an architecture: (the net, the simpler one, the simpler one's parameter -> the net's)
def _in_own(name):
    _, task, part, *rest = name.split(".")  # nets.<task>.trunk.<...> or nets.<task>.heads.0.<...>
    return f"own.{task}.{'.'.join(rest)}" if part == "trunk" else f"heads.{task}.{rest[1]}"


def _in_common(name):
    return _in_own(name).replace("own", "common")


def _in_local(name):
    return _in_own(name).replace("own", "local_trunks")


LIMITS = {
    "no common module": (TaskDecomposition(**SIZES, n_modules=0), SingleTask(**SIZES), _in_own),
    "a module each, given": (
        TaskDecomposition(**SIZES, n_modules=3, own=False, skills=np.eye(3).tolist()),
        SingleTask(**SIZES),
        _in_common,
    ),
    "one module for all": (
        TaskDecomposition(**SIZES, n_modules=1, own=False),
        HardSharing(**SIZES),
        lambda n: n.replace("trunk", "common.0"),
    ),
    "switches at local": (GlobalAndLocal(**SIZES, start=0.0), SingleTask(**SIZES), _in_local),
    "switches at global": (GlobalAndLocal(**SIZES, start=1.0), HardSharing(**SIZES), lambda n: n),
}


@pytest.fixture(params=LIMITS)
def limit(request):
    """A net at its limit, the simpler net that it should be, with equal weights, and where each weight went."""
    net, simple, place = LIMITS[request.param]
    torch.manual_seed(3)
    simple.reset_parameters()
    net.reset_parameters()
    with torch.no_grad():
        named = dict(net.named_parameters())
        for name, value in simple.named_parameters():
            named[place(name)].copy_(value)
    return net, simple, place


def test_at_its_limit_a_net_answers_as_the_simpler_one(limit):
    net, simple, _ = limit
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
    for mine, theirs in zip(net(x), simple(x), strict=True):
        assert torch.equal(mine, theirs)


def test_at_its_limit_a_net_learns_as_the_simpler_one(limit):
    net, simple, place = limit
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
    for model in (net, simple):
        model.zero_grad()
        sum(((task + 1) * y.square().mean() for task, y in enumerate(model(x))), torch.tensor(0.0)).backward()
    named = dict(net.named_parameters())
    for name, value in simple.named_parameters():
        torch.testing.assert_close(named[place(name)].grad, value.grad, rtol=0, atol=1e-6)
    used = {place(name) for name, _ in simple.named_parameters()}
    assert all(p.grad is None or not p.grad.any() for name, p in named.items() if name not in used)


class FromHere(torch.nn.Module):
    """A net that starts, whatever the seed, at the weights that it has."""

    def __init__(self, net):
        super().__init__()
        self.inner = net

    def reset_parameters(self):
        """Keep the weights."""

    def forward(self, x):
        return self.inner(x)

    def shared_parameters(self):
        return self.inner.shared_parameters()


def test_at_its_limit_a_net_ends_where_the_simpler_one_ends(limit):
    net, simple, place = limit
    ends = [train(FromHere(model), mixed_data(), seeds=[0], steps=50, dtype=torch.float64) for model in (net, simple)]
    for name, value in ends[1].parameters.items():
        found = ends[0].parameters["inner." + place(name.removeprefix("inner."))]
        np.testing.assert_allclose(found, value, rtol=0, atol=1e-12)


# What recipes of several trainings owe to everyone who runs them

RECIPES = [Averaging(3), Voting(3), Bagging(3), Stacking(3), CurdsAndWhey(), FineTuning(), TaskArithmetic()]
NETS = [recipe for recipe in RECIPES if not isinstance(recipe, CurdsAndWhey)]
PLAN = TrainingConfig(n_hidden=(8,), steps=24)


def named(recipe):
    return recipe.name


def outcome(recipe, data=mixed_data, seeds=(3, 0, 3), settings=(0.01, 0.01, 0.03), plan=PLAN):
    return recipe.run(data, seeds, settings, plan)


@cache
def of_draws(recipe):
    """The outcome of three rows, and the seeds whose data were looked at."""
    asked = set()

    def draw(seed):
        asked.add(seed)
        return mixed_data(seed)

    return outcome(recipe, draw), asked


@cache
def of_table(recipe):
    """The outcome of one row, on data that have nothing to do with its seed."""
    return outcome(recipe, mixed_data(5), [0], [0.01])


def assert_same(one, other, *, atol=0.0, rows=slice(None)):
    np.testing.assert_allclose(one.validation[rows], other.validation, rtol=0, atol=atol)
    np.testing.assert_allclose(one.test[rows], other.test, rtol=0, atol=atol)


@pytest.mark.parametrize("run", [of_draws, of_table], ids=["a draw per seed", "one table"])
@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_a_recipe_judges_every_row_and_task_with_labels_missing(recipe, run):
    found, n_rows = (of_draws(recipe)[0], 3) if run is of_draws else (of_table(recipe), 1)
    for values in (found.validation, found.test):
        assert values.shape == (n_rows, 3)
        assert np.isfinite(values).all()
    assert ((found.test[:, 1:] >= 0) & (found.test[:, 1:] <= 1)).all()


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_a_row_is_the_same_whichever_others_stand_beside_it(recipe):
    assert_same(of_draws(recipe)[0], outcome(recipe, seeds=[3], settings=[0.03]), rows=[2])


@pytest.mark.parametrize("recipe", NETS, ids=named)
def test_a_row_that_diverged_is_not_finite_and_the_others_are(recipe):
    found = outcome(recipe, mixed_data(5), seeds=[1, 0], settings=[1e30, 0.01])
    assert np.isnan(found.validation[0]).all()
    assert np.isnan(found.test[0]).all()
    assert_same(found, of_table(recipe), rows=[1])


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_only_the_draws_of_the_seeds_asked_for_are_looked_at(recipe):
    assert of_draws(recipe)[1] == {0, 3}


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_test_labels_decide_nothing(recipe):
    data = mixed_data(5)
    other = TaskData(TASKS, data.train, data.validation, Samples(data.test.x, np.roll(data.test.y, 1, axis=0)))
    found = outcome(recipe, other, [0], [0.01])
    np.testing.assert_array_equal(found.validation, of_table(recipe).validation)
    assert (found.test != of_table(recipe).test).any()


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_data_without_validation_samples_get_a_sentence(recipe):
    data = mixed_data()
    with pytest.raises(ValueError, match=r"`data` must have validation and test samples; got \['train', 'test'\]"):
        outcome(recipe, TaskData(TASKS, data.train, test=data.test))


# Ensembles


def test_averaging_one_member_is_the_single_task_net():
    plan = TrainingConfig(n_hidden=(8,), steps=16)
    history = train(SingleTask(3, 8, n_outputs=(1, 1, 3)), mixed_data(5), seeds=[0, 1, 2], lr=0.003, steps=16)
    assert (history.best_step() == len(history.steps) - 1).all(), "the last step is the best, so that it doesn't matter where one stops"
    alone, averaged = (outcome(r, mixed_data(5), [0, 1, 2], [0.003] * 3, plan) for r in (Network(SingleTask), Averaging(1)))
    assert_same(averaged, alone, atol=1e-6)
    voted = outcome(Voting(1), mixed_data(5), [0, 1, 2], [0.003] * 3, plan)
    np.testing.assert_allclose(voted.test, alone.test, rtol=0, atol=1e-6)


def test_more_members_answer_otherwise_than_one():
    assert (outcome(Averaging(3)).validation != outcome(Averaging(1)).validation).all()


def test_bagging_of_one_bootstrap_is_training_on_that_bootstrap():
    data = mixed_data(5)
    assert_same(outcome(Bagging(1), data), outcome(Averaging(1), lambda seed: bootstrap_of(data, seed)), atol=1e-12)


def test_stacking_that_may_correct_nothing_is_the_single_task_net():
    assert_same(outcome(Stacking(3, strengths=(np.inf,))), outcome(Averaging(1)), atol=1e-6)


def test_stacking_never_does_worse_on_validation_than_the_nets_by_themselves():
    stacked, alone = outcome(Stacking(3)), outcome(Averaging(1))
    assert (stacked.validation <= alone.validation + 1e-6).all()
    assert (stacked.validation < alone.validation - 1e-6).any()


def test_stacking_costs_little_where_other_tasks_say_nothing():
    def draw(seed):
        rng = np.random.default_rng([seed, 1])
        w = rng.normal(size=(4, 3))

        def samples(n):
            x = rng.normal(size=(n, 3))
            return Samples(x, x @ w.T + 0.5 * rng.normal(size=(n, 4)))

        return TaskData(tuple(Task(name) for name in "abcd"), samples(40), samples(40), samples(200))

    plan, seeds = TrainingConfig(n_hidden=(8,), steps=100), range(8)
    stacked, alone = (outcome(r, draw, list(seeds), [0.01] * 8, plan).test.mean() for r in (Stacking(), Averaging(1)))
    assert stacked < 1.05 * alone


def test_stacking_learns_from_answers_to_samples_that_the_nets_had_not_seen():
    def draw(seed):
        rng = np.random.default_rng([seed, 3])
        seen = Samples(rng.normal(size=(30, 3)), rng.normal(size=(30, 1)))  # labels of noise, which can only be memorised
        return TaskData((Task("noise"),), seen, seen, Samples(rng.normal(size=(200, 3)), rng.normal(size=(200, 1))))

    plan, seeds = TrainingConfig(n_hidden=(32,), steps=200), range(8)
    recipes = (Stacking(strengths=(0.01,)), Averaging(1))
    stacked, alone = (outcome(r, draw, list(seeds), [0.03] * 8, plan).test.mean() for r in recipes)
    assert stacked < 1.5 < 1.8 < alone  # who has seen the labels finds nothing to correct


def test_stacking_helps_a_task_whose_labels_another_task_has_more_of():
    def draw(seed):
        rng = np.random.default_rng([seed, 2])

        def samples(n, n_first):
            x = rng.normal(size=(n, 3))
            y = np.sin(2 * x[:, :1]) * x[:, 1:2] + 0.1 * rng.normal(size=(n, 2))
            y[n_first:, 0] = np.nan
            return Samples(x, y)

        return TaskData((Task("few"), Task("many")), samples(200, 25), samples(50, 50), samples(200, 200))

    plan, seeds = TrainingConfig(n_hidden=(32,), steps=200), range(8)
    stacked, alone = (outcome(r, draw, list(seeds), [0.01] * 8, plan).test.mean(axis=0) for r in (Stacking(), Averaging(1)))
    assert stacked[0] < 0.8 * alone[0]


# Curds and whey


def orthogonal(seed=0):
    """Two regressions whose inputs, answers and noise have nothing to do with one another, and a third like the first."""
    rng = np.random.default_rng(seed)
    columns = np.linalg.qr(np.column_stack([np.ones(40), rng.normal(size=(40, 5))]))[0][:, 1:] * 40**0.5
    x, noise = columns[:, :3], columns[:, 3:]
    y = np.column_stack([x[:, 0], 0.3 * x[:, 1]]) + 0.5 * noise
    samples = Samples(x, np.column_stack([y, x[:, 0] + noise[:, 0]]))
    return TaskData((Task("a"), Task("b"), Task("like a")), samples, samples, samples)


def test_curds_and_whey_does_not_shrink_across_tasks_that_do_not_correlate():
    data = orthogonal()
    apart = np.column_stack([CurdsAndWhey().answers(only_tasks(data, [task]), data.test.x)[0] for task in (0, 1)])
    np.testing.assert_allclose(np.column_stack(CurdsAndWhey().answers(only_tasks(data, [0, 1]), data.test.x)), apart, atol=1e-12)
    related = np.column_stack(CurdsAndWhey().answers(data, data.test.x)[:2])
    assert np.abs(related - apart).max() > 0.01


# After training together


def test_task_arithmetic_with_coefficient_zero_is_the_common_start():
    data, model = mixed_data(5), HardSharing(3, 8, n_outputs=(1, 1, 3))
    start = train(model, data, seeds=[0, 1], steps=12)
    found = outcome(TaskArithmetic((0.0,), together=0.5), data, [0, 1], [0.01] * 2)
    np.testing.assert_allclose(found.validation, start.loss["validation"][:, -1], rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.test, start.error["test"][:, -1], rtol=0, atol=1e-6)


class HeadStays(HardSharing):
    """One task's net whose head never moves, all of which an earlier one can hand to it."""

    def shared_parameters(self):
        return self.parameters()


@pytest.mark.parametrize("task", [0, 1, 2])
def test_task_arithmetic_with_one_task_and_coefficient_one_is_that_tasks_net(task):
    data = only_tasks(mixed_data(5), [task])
    sizes = {"n_features": 3, "n_hidden": 8, "n_outputs": data.n_outputs}
    start, net = train(HardSharing(**sizes), data, seeds=[0, 1], steps=12), HeadStays(**sizes)
    net.heads.requires_grad_(False)
    alone = train(net, data, seeds=[0, 1], steps=12, trunk_from=start)
    for recipe in (TaskArithmetic((1.0,)), Merging()):
        found = outcome(recipe, data, [0, 1], [0.01] * 2)
        np.testing.assert_allclose(found.validation, alone.loss["validation"][:, -1], rtol=0, atol=1e-5)
        np.testing.assert_allclose(found.test, alone.error["test"][:, -1], rtol=0, atol=1e-5)


def test_merging_is_task_arithmetic_with_the_mean():
    rows = {"data": mixed_data(5), "seeds": [0], "settings": [0.01]}
    assert_same(outcome(Merging(), **rows), outcome(TaskArithmetic((1 / 3,)), **rows))


def test_a_choice_of_coefficients_is_never_worse_on_validation_than_the_start():
    chosen, start = of_draws(TaskArithmetic())[0], outcome(TaskArithmetic((0.0,)))
    assert ((chosen.validation / start.validation).mean(axis=1) <= 1 + 1e-6).all()
    assert (chosen.validation != start.validation).any()


def test_fine_tuning_goes_on_from_the_shared_net_and_may_stay_there():
    data, model = mixed_data(5), HardSharing(3, 8, n_outputs=(1, 1, 3))
    start = train(model, data, seeds=[0, 1], steps=12)
    found = outcome(FineTuning(0.5), data, [0, 1], [0.01] * 2)
    assert (found.validation <= start.loss["validation"][:, -1] + 1e-6).all()
    assert (found.validation < start.loss["validation"][:, -1] - 1e-6).any()
    hopeless = outcome(FineTuning(0.5), _opposed(data), [0, 1], [0.01] * 2)
    start = train(model, _opposed(data), seeds=[0, 1], steps=12)
    np.testing.assert_allclose(hopeless.validation[:, 0], start.loss["validation"][:, -1, 0], rtol=1e-6)
    np.testing.assert_allclose(hopeless.test[:, 0], start.error["test"][:, -1, 0], rtol=1e-6)


def _opposed(data):
    """The number's validation labels stand against what training says, so that every further step makes them worse."""
    y = data.validation.y.copy()
    y[:, 0] = -10 * (np.sin(data.validation.x[:, 0]) + data.validation.x[:, 1])
    return TaskData(TASKS, data.train, Samples(data.validation.x, y), data.test)


def test_under_a_budget_a_finished_recipe_stores_no_more_than_it():
    plan = TrainingConfig(n_hidden=(8,), parameters=400)
    for recipe in [*NETS, Merging()]:
        size = recipe.cost(mixed_data(), plan).parameters
        slack = 30 if isinstance(recipe, Stacking) else 0  # the correction
        assert 250 < size <= 400 + slack, recipe.name
