"""Doors of training, balancing, the estimator, comparisons and metrics. Whatever is trained here is tiny."""

import inspect
import tempfile
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mtl_tutor import balancing, metrics, sharing, tasks, training
from mtl_tutor.comparison import compare
from mtl_tutor.estimator import MultiTaskNet
from mtl_tutor.export import export
from mtl_tutor.results import History
from tests.fuzz.doors import Door, door

LONG = {"steps", "n_jobs", "n_nets", "seeds"}
"""Arguments whose larger values are right, and take long."""


def briefly(call: Callable[..., Any], named: str = "") -> Callable[..., Any]:
    """The same door, which is never made to work for long: what it would do for hours, it does for three steps."""

    def brief(*args: Any, **given: Any) -> Any:
        long = {name for name in LONG & given.keys() if isinstance(given[name], (int, np.integer)) and 3 < given[name] < 2**31}
        return call(*args, **{name: type(value)(3) if name in long else value for name, value in given.items()})

    brief.__name__ = named or getattr(call, "__name__", "door")
    brief.__signature__ = inspect.signature(call)  # type: ignore[attr-defined]
    return brief


def trained() -> tuple[sharing.HardSharing, tasks.TaskData, History]:
    """A net, its data, and three trainings of it."""
    data = tasks.sine_family(2, 12)
    model = sharing.HardSharing(data.n_features, 3, 2)
    return model, data, training.train(model, data, seeds=3, steps=4, eval_every=2, keep_at=2, keep_best=True)


def training_doors() -> list[Door]:
    """The loop, what it takes and what is done with its nets."""
    model, data, history = trained()
    classes = tasks.digits(20, extra=("even",))
    classifier = sharing.HardSharing(classes.n_features, 2, n_outputs=classes.n_outputs)
    sorted_out = training.train(classifier, classes, seeds=2, steps=2)
    stitches = sharing.CrossStitch(data.n_features, 3, 2)
    stitched = training.train(stitches, data, seeds=2, steps=2, keep_best=True)
    x, names = data.train.x[:3], [task.name for task in data.tasks]
    given: dict[str, Any] = {"model": model, "data": data, "seeds": 2, "steps": 3}
    more = {"losses": {names[0]: training.huber()}, "metrics": {names[1]: lambda outputs, labels: float(np.mean(outputs[:, 0] - labels))}}
    more |= {"callback": lambda step, losses, seed: None, "schedule": training.cosine(3), "patience": 2, "keep_best": True}
    more |= {"sample_weight": np.ones(len(data.train)), "start": history, "keep_at": (1,), "freeze": "heads.*", "eval_every": 1}
    weighted = {"class_weight": {"even": [1.0, 2.0]}, "trunk_from": None, "batch_size": 4, "noise": training.FreshNoise(0.1)}
    many = {"may_hold_nan": True, "names": ["lr", "method", "x", "history"]}
    train, outputs = briefly(training.train), torch.zeros(2, 1)
    losses = [training.huber, training.pinball, training.poisson, training.focal]
    folder = tempfile.mkdtemp()
    found = [
        door("training", train, given, **many),
        door("training", train, given | more, name="train with everything", **many),
        door("training", train, {**given, "model": classifier, "data": classes, **weighted}, name="train on classes", **many),
        *(door("training", one, use=lambda loss: loss(outputs, torch.ones(2))) for one in losses),
        door("training", training.cosine, {"steps": 4}, use=_factors),
        door("training", training.warmup, {"steps": 4}, use=_factors),
        door("training", training.step_decay, {"every": 2}, use=_factors),
        door("training", training.FreshNoise, {"labels": (0.1,)}),
        door("training", training.SGD),
        door("training", training.Adam),
        door("training", briefly(training.descend), {"landscape": training.ConcaveFront(), "starts": np.ones((2, 2)), "steps": 3}, **many),
        door("training", training.nets, {"model": model, "history": history, "seed": 1}),
        door("training", training.predict, {"model": model, "history": history, "x": x}),
        door("training", training.predict_proba, {"model": classifier, "history": sorted_out, "x": classes.train.x[:2]}),
        door("training", training.inspect_nets, {"model": stitches, "history": stitched, "x": x}),
        door("training", training.task_gradients, {"model": model, "history": history, "data": data}),
        *(door("training", getattr(history, name), name=f"History.{name}") for name in ("best", "last")),
        *(door("training", getattr(history, name), {"step": 2}, name=f"History.{name}") for name in ("parameters_at", "at")),
        door("training", history.best_parameters, {"task": names[0]}, name="History.best_parameters"),
        door("training", history.save, {"path": f"{folder}/history.npz"}, name="History.save"),
        door("training", History.load, {"path": _kept(history)}, name="History.load"),
    ]
    nets = training.nets(model, history)
    found.append(door("training", export, {"model": nets, "folder": folder, "tasks": data.tasks, "n_features": data.n_features}))
    return found


def _factors(schedule: Callable[[int], float]) -> None:
    if not all(np.isfinite(schedule(step)) for step in (0, 1)):  # one that grows is refused by `train`
        raise RuntimeError("a schedule with factors that are not finite")
    schedule(10**4)


def _kept(what: Any) -> str:
    path = str(Path(tempfile.mkdtemp()) / "kept.npz")
    what.save(path)
    return path


def balancing_doors() -> list[Door]:
    """Ways to make one update; each is trained for two steps."""
    model, data, _ = trained()

    def trains(method: Any) -> None:
        training.train(model, data, method, seeds=1, steps=2)

    given: dict[str, dict[str, Any]] = {"FixedWeighting": {"weights": (1.0, 0.5)}, "UncertaintyWeighting": {"kinds": ("regression",) * 2}}
    given |= {"UnitNormalised": {"single_task": (1.0, 0.5)}, "WeightSchedule": {"first": (1.0, 0.5), "last": (1.0, 1.0)}}
    given |= {"SmoothChebyshev": {"weights": (0.5, 0.5)}}
    ways = [way for name in balancing.__all__ if inspect.isclass(way := getattr(balancing, name)) and not inspect.isabstract(way)]
    ways = [way for way in ways if way not in (balancing.Balancing, balancing.Balancer)]
    defaults = {way: {field.name: field.default for field in fields(way) if field.default is not MISSING} for way in ways}
    found = [door("balancing", way, defaults[way] | given.get(way.__name__, {}), use=trains, names=["method", "lr"]) for way in ways]
    return [*found, *loop_doors()]


def loop_doors() -> list[Door]:
    """Balancing in a loop of one's own."""
    weight = torch.nn.Parameter(torch.ones(2))
    losses = [torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)]  # a graph that no step uses up

    def step(losses: Any, **settings: Any) -> None:
        balancing.Balancer(**settings).backward(losses)

    given = {"losses": losses, "method": balancing.UPGrad(), "shared": [weight], "seed": 0, "nonfinite": "raise"}
    jacobian = torch.tensor([[1.0, 0.0], [-1.0, 1.0]])
    return [
        Door("balancing", "Balancer", step, given),
        door("balancing", balancing.combine, {"jacobian": jacobian, "method": balancing.MGDA()}, names=["gradients"]),
        door("balancing", balancing.jacobian_of, {"losses": losses, "parameters": [weight]}),
    ]


def estimator_doors() -> list[Door]:
    """The estimator: settings at `fit`, and what a fitted one does."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 2)), rng.normal(size=(24, 2))
    words = np.array(["no", "yes"])[(y[:, 0] > 0).astype(int)]
    small: dict[str, Any] = {"n_hidden": 2, "steps": 3}
    net, sorter = MultiTaskNet(**small).fit(x, y), MultiTaskNet(kinds="binary", **small).fit(x, words)

    def fit(X: Any, y: Any, sample_weight: Any, **settings: Any) -> Any:
        return MultiTaskNet(**settings).fit(X, y, sample_weight).predict(x)

    settings = MultiTaskNet().get_params() | small
    fitted = {"X": x, "y": y, "sample_weight": np.ones(24), **settings, "validation": 0.0}
    classified = {"X": x, "y": words, "sample_weight": None, **settings, "kinds": "binary", "class_weight": "balanced"}
    many: dict[str, Any] = {"names": ["lr", "model", "method", "rows"]}
    return [
        Door("estimator", "MultiTaskNet", briefly(fit), fitted, **many),
        Door("estimator", "MultiTaskNet of classes", briefly(fit), classified, **many),
        door("estimator", net.predict, {"X": x}, name="MultiTaskNet.predict"),
        door("estimator", sorter.predict_proba, {"X": x}, name="MultiTaskNet.predict_proba"),
        door("estimator", net.score, {"X": x, "y": y}, name="MultiTaskNet.score"),
        door("estimator", sorter.score, {"X": x, "y": words}, name="MultiTaskNet.score of classes"),
        door("estimator", net.save, {"path": f"{tempfile.mkdtemp()}/net.npz"}, name="MultiTaskNet.save"),
        door("estimator", MultiTaskNet.load, {"path": _kept(net)}, name="MultiTaskNet.load"),
    ]


def comparison_doors() -> list[Door]:
    """A comparison of one way of sharing, and what is read from it."""
    data = tasks.sine_family(2, 12)
    short: dict[str, Any] = {"data": data, "sharing": [sharing.HardSharing], "seeds": [1, 2], "steps": 1, "n_hidden": 2, "lr": 0.01}
    found = compare(**short, references=False)
    return [
        door("comparison", briefly(compare), short | {"references": False}, names=["plan", "model", "rates", "settings"], use=str),
        door("comparison", found.best, {"task": found.tasks[0]}, name="Comparison.best"),
        door("comparison", found.best_estimator, {"task": found.tasks[0]}, name="Comparison.best_estimator"),
    ]


def metric_doors() -> list[Door]:
    """Measures of trained nets."""
    _, _, history = trained()
    rng = np.random.default_rng(0)
    return [
        door("metrics", metrics.relative_gain, {"history": history, "over": history}),
        door("metrics", metrics.gradient_cosine, {"jacobian": rng.normal(size=(2, 5))}, may_hold_nan=True),
        door("metrics", metrics.conflict_rate, {"jacobian": rng.normal(size=(2, 3, 5))}),
        door("metrics", metrics.norm_ratio, {"jacobian": rng.normal(size=(2, 3, 5))}, may_hold_nan=True),
        door("metrics", metrics.stationarity, {"jacobian": rng.normal(size=(2, 3, 5))}),
        door("metrics", metrics.gradient_curves, {"steps": [1], "jacobians": [rng.normal(size=(2, 3, 5))], "what": "cosine"}),
        door("metrics", metrics.pareto_front, {"losses": rng.random((4, 2))}),
        door("metrics", metrics.hypervolume, {"losses": rng.random((4, 2)), "reference": np.ones(2)}),
        door("metrics", metrics.representation_used, {"share_of_first": rng.random(5)}),
        door("metrics", metrics.relevance_auc, {"strength": rng.random((3, 4)), "n_relevant": 2}),
        door("metrics", metrics.learning_curves, {"histories": {"a": history}}),
    ]
