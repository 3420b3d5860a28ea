"""The doors of tasks, sharing, statistics, recipes and exercises, each with one valid call."""

import inspect
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from mtl_tutor import exercises, recipes, sharing, statistics, tasks
from mtl_tutor.ledger import read_ledger
from mtl_tutor.recipes import TrainingConfig
from mtl_tutor.sharing import regularised
from mtl_tutor.sharing.coregionalisation import Coregionalisation


@dataclass(frozen=True)
class Door:
    """A function or class, and arguments that it takes.

    Attributes
    ----------
    room, name : str
        Where it is and what it is called.
    call : callable
        The door itself.
    valid : dict
        Its arguments by name; those that aren't given have their defaults.
    names : sequence of str
        What else a sentence may name: arguments that are handed on.
    use : callable
        What is done with a result before it is judged.
    may_hold_nan : bool
        Whether NaN in a result is right.
    answers : bool
        Whether the door answers everything, as checkers of exercises do, and raises nothing.
    """

    room: str
    name: str
    call: Callable[..., Any]
    valid: dict[str, Any]
    names: Sequence[str] = ()
    use: Callable[[Any], object] = field(default=lambda result: None)
    may_hold_nan: bool = False
    answers: bool = False


def door(room: str, call: Callable[..., Any], given: dict[str, Any] | None = None, *, name: str = "", **how: Any) -> Door:
    """A door whose other arguments have the defaults of its signature."""
    parameters = inspect.signature(call).parameters
    defaults = {one.name: one.default for one in parameters.values() if one.default is not one.empty}
    return Door(room, name or getattr(call, "__name__", str(call)), call, {**defaults, **(given or {})}, **how)


def task_doors() -> list[Door]:
    """Generators and control tasks."""
    data, classes = tasks.sine_family(2, 12), tasks.digits(20, extra=("even",))
    given: dict[str, dict[str, Any]] = {
        "only_tasks": {"data": data, "tasks": [1]},
        "copies_of_task": {"data": data, "n_copies": 2},
        "averaged_labels": {"data": data},
        "trivial_task": {"data": data},
        "noise_tasks": {"data": data, "n_tasks": 2},
        "reconstructed": {"data": tasks.shared_feature(2, 30), "n_components": 2},
        "shuffled_labels": {"data": data, "tasks": [0]},
        "one_against_rest": {"data": classes},
        "task_graph": {"data": data},
        "wine_features": {},
    }
    functions = [getattr(tasks, name) for name in tasks.__all__ if inspect.isfunction(getattr(tasks, name))]
    linear = tasks.linear_tasks(3, 6, n_features=4, rank=2)
    made = {name: getattr(linear, name) for name in ("x", "y", "x_validation", "y_validation", "w", "basis")}
    return [
        *(door("tasks", function, given.get(function.__name__)) for function in functions),
        door("tasks", tasks.LinearTasks, made, may_hold_nan=True),
        door("tasks", linear.first, {"n_tasks": 2}, name="LinearTasks.first"),
        door("tasks", linear.risk, {"w": linear.w}, name="LinearTasks.risk"),
    ]


FORM: dict[str, Any] = {"n_features": 3, "n_hidden": 4, "n_tasks": 2, "n_outputs": None}
FORM |= {"activation": nn.ReLU, "init_scale": 1.0, "trunk": None}


def sharing_doors() -> list[Door]:
    """Architectures, their cost and trees of tasks."""

    def answers(model: nn.Module) -> None:
        outputs = model(torch.zeros(2, model.n_features))
        if len(outputs) != model.n_tasks or not all(bool(output.isfinite().all()) for output in outputs):
            raise RuntimeError("the net that was made does not answer")

    classes = [getattr(sharing, name) for name in sharing.__all__]
    nets = [one for one in classes if isinstance(one, type) and issubclass(one, sharing.Architecture) and one is not sharing.Architecture]
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 2))
    layers, distance = [rng.normal(size=(3, 8, 4))], np.array([[0.0, 1, 2], [1, 0, 2], [2, 2, 0]])
    single, small, fit = sharing.SingleTask(3, 4), sharing.MultiTaskGP(n_starts=1), sharing.MultiTaskGP(n_starts=1).fit(x, y)
    model: Coregionalisation = fit.model
    parts = {name: getattr(model, name) for name in ("mixing", "own", "noise", "length_scale", "mean")}
    coded = [sharing.TaskConditioned(3, 4), sharing.HyperNetwork(3, 4)]
    coded_input = {"x": torch.zeros(2, 3), "code": torch.zeros(2)}
    rows = {"x": x, "task": np.zeros(10, int), "x_other": x, "task_other": np.ones(10, int)}
    return [
        *(door("sharing", net, FORM, use=answers) for net in nets),
        door("sharing", sharing.SingleTask.like, {"model": single}, name="SingleTask.like", use=answers),
        door("sharing", sharing.cost_of, {"model": single}),
        door("sharing", sharing.width_within, {"build": lambda n: sharing.HardSharing(2, n), "parameters": 60}),
        door("sharing", sharing.grow_tree, {"representations": layers, "n_groups": [2]}, may_hold_nan=True),
        door("sharing", sharing.cut_tree, {"distance": distance, "n_groups": [2]}),
        door("sharing", sharing.hidden_layers, {"nets": single, "x": np.zeros((5, 3))}),
        *(door("sharing", net.answer, coded_input, name=f"{type(net).__name__}.answer") for net in coded),
        door("sharing", sharing.MultiTaskGP, {"n_starts": 1}),
        door("sharing", small.fit, {"x": x, "y": y}, name="MultiTaskGP.fit", names=["rank"]),
        door("sharing", small.start, {"x": x, "y": y}, name="MultiTaskGP.start"),
        door("sharing", Coregionalisation, parts, may_hold_nan=True),
        door("sharing", model.covariance, rows, name="Coregionalisation.covariance"),
        door("sharing", model.given, {"x": x, "y": y}, name="Coregionalisation.given"),
        door("sharing", fit.predict, {"x": x}, name="GPFit.predict"),
        door("sharing", fit.variance, {"x": x}, name="GPFit.variance"),
    ]


def regularised_doors() -> list[Door]:
    """Linear models with a penalty."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 3))
    y = np.column_stack([x @ [1, 0, 1] + 0.1 * rng.normal(size=20), rng.random(20) < 0.5, np.arange(20) % 3])
    kinds = {"x": x, "y": y, "kinds": ("regression", "binary", "multiclass"), "n_outputs": (1, 1, 3)}
    families: list[type] = [getattr(regularised, name) for name in regularised.__all__ if name not in ("LinearFit", "Regularised")]
    found = []
    for family in families:
        own = {"strength": 0.1} | ({"strength_own": 0.05} if family is regularised.DirtyModel else {})
        fit = family(**own).fit
        found.append(door("regularised", family, own, may_hold_nan=family is regularised.MeanRegularised))
        found.append(door("regularised", fit, kinds, name=f"{family.__name__}.fit", names=["n_clusters"]))
        found.append(door("regularised", fit, {"x": x, "y": y[:, :2]}, name=f"{family.__name__}.fit of numbers", names=["n_clusters"]))
    linear = regularised.TraceNorm(0.1).fit(x, y[:, :2])

    def alternated(**given: Any) -> list[regularised.LinearFit]:
        return list(regularised.TaskCovariance(0.1).alternate(**{"rounds": 2, **given}))

    alternate = {"x": x, "y": y[:, :2], "rounds": 2, "smoothing": 1e-4, "kinds": None, "n_outputs": None}
    return [
        *found,
        door("regularised", linear.predict, {"x": x}, name="LinearFit.predict"),
        Door("regularised", "TaskCovariance.alternate", alternated, alternate),
    ]


def statistics_doors() -> list[Door]:
    """Intervals and verdicts."""
    rng = np.random.default_rng(0)
    a, b = rng.random(12) + 1, rng.random(12) + 1
    interval = statistics.Interval(0.2, 0.1, 0.3, 9)
    return [
        door("statistics", statistics.Interval, {"estimate": 0.2, "low": 0.1, "high": 0.3, "n": 9}),
        door("statistics", statistics.wilson, {"hits": a > 1.5}),
        door("statistics", statistics.bootstrap, {"values": a, "resamples": 50}),
        door("statistics", statistics.resampled, {"values": a, "statistic": lambda rows: float(rows.mean()), "resamples": 50}),
        door("statistics", statistics.paired_difference, {"a": a, "b": b}),
        door("statistics", statistics.relative_change, {"a": a, "b": b}),
        door("statistics", statistics.gain_over, {"baseline": a[:, None], "error": b[:, None]}, may_hold_nan=True),
        door("statistics", statistics.above, {"interval": interval}),
        door("statistics", statistics.below, {"interval": interval}),
        door("statistics", statistics.within, {"interval": interval, "margin": 0.5}),
        Door("statistics", "is_borderline", statistics.is_borderline, {"interval": interval, "decide": statistics.above}),
        door("statistics", statistics.block_slices, {"n_seeds": 12, "n_blocks": 4}),
        door("statistics", statistics.mean_by_blocks, {"values": a, "n_blocks": 4}),
        door("statistics", statistics.share_by_blocks, {"hits": a > 1.5, "n_blocks": 4}),
        door("statistics", statistics.difference_of_shares, {"a": a > 1.5, "b": b > 1.5, "n_blocks": 4}),
        door("statistics", statistics.paired_score_interval, {"a": a > 1.5, "b": b > 1.5}),
        door("statistics", statistics.ratio_by_blocks, {"a": a, "b": b, "n_blocks": 4}),
        door("statistics", statistics.statistic_by_blocks, {"rows": a, "statistic": lambda rows: float(rows.mean()), "n_blocks": 4}),
    ]


def recipe_doors() -> list[Door]:
    """Recipes, and one short run of each."""
    data = tasks.sine_family(2, 12)
    plan = TrainingConfig(n_hidden=(3,), steps=2, rates=(0.01,))
    made: dict[type, dict[str, Any]] = {
        recipes.Averaging: {"n_members": 2},
        recipes.Bagging: {"n_members": 2},
        recipes.Voting: {"n_members": 2},
        recipes.CurdsAndWhey: {},
        recipes.FineTuning: {},
        recipes.GaussianProcess: {"ranks": (1,)},
        recipes.Linear: {"family": regularised.TraceNorm},
        recipes.Merging: {},
        recipes.Network: {"build": sharing.HardSharing},
        recipes.Stacking: {"n_folds": 2, "strengths": (0.1,)},
        recipes.TaskArithmetic: {"coefficients": (0.5,)},
    }
    called = {"data": data, "seeds": [0, 1], "settings": [0.01, 0.01], "plan": plan}
    x = np.random.default_rng(0).normal(size=(30, 3))
    y = x @ np.ones((3, 2)) + np.random.default_rng(1).normal(size=(30, 2))
    found = [door("recipes", recipes.TrainingConfig), door("recipes", recipes.canonical_shrinkage, {"x": x, "y": y})]
    for recipe, given in made.items():
        one = recipe(**given)
        settings = [1.0, 1.0] if recipe is recipes.GaussianProcess else [0.01, 0.01]
        found += [
            door("recipes", recipe, given),
            door("recipes", one.run, called | {"settings": settings}, name=f"{recipe.__name__}.run", may_hold_nan=True, names=["lr"]),
            door("recipes", one.cost, {"data": data, "plan": plan}, name=f"{recipe.__name__}.cost"),
        ]
    return found


def exercise_doors() -> list[Door]:
    """Checkers: they answer whatever they are given. The right answers are those of the book."""
    right = _solutions()
    found = []
    for name in exercises.__all__:
        check = getattr(exercises, name)
        (parameter,) = inspect.signature(check).parameters
        found.append(door("exercises", check, {parameter: right[name]}, answers=True))
    return found


def _solutions() -> dict[str, Any]:
    """Checker -> the solution that its chapter folds away."""
    found: dict[str, Any] = {}
    ledger = read_ledger()
    for path in sorted((Path(__file__).parents[2] / "book").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code, text = (["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind] for kind in ("code", "markdown"))
        calls = re.findall(r"^(check_\w+)\((\w+)\)", "\n".join(code), re.M)
        for (check, answer), solution in zip(calls, re.findall(SOLUTION, "\n".join(text), re.S), strict=True):
            names: dict[str, Any] = {name: getattr(exercises, name) for name in exercises.__all__}
            names |= {"np": np, "torch": torch, "ledger": ledger}  # what chapters import, and read, before
            exec(solution, names)
            found[check] = names[answer]
    return found


SOLUTION = r"<summary>One solution</summary>.*?```python\n(.*?)```"
