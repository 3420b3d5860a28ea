"""The nets of a setting of the playground, trained by the package."""

from typing import Any

import torch
from torch import nn

from mtl_tutor.balancing import EqualWeighting, FixedWeighting, PCGrad, UncertaintyWeighting
from mtl_tutor.results import History
from mtl_tutor.sharing import CrossStitch, HardSharing, SingleTask, SoftSharing, TaskConditioned
from mtl_tutor.tasks import TaskData, plane_tasks, shuffled_labels
from mtl_tutor.training import SGD, Adam, train
from mtl_tutor.widgets.playground_setting import Setting

N_SEEDS = 32
_NETS = {"separate": SingleTask, "trunk": HardSharing, "soft": SoftSharing, "stitch": CrossStitch, "conditioned": TaskConditioned}


def data_of(setting: Setting, seed: int) -> TaskData:
    """The data of one seed."""
    labelled, units = [1.0] * setting.tasks, [1.0] * setting.tasks
    labelled[1], units[1] = setting.labelled, setting.unit if setting.pattern == "waves" else 1.0
    data = plane_tasks(
        setting.pattern,  # type: ignore[arg-type]
        setting.samples,
        n_tasks=setting.tasks,
        relatedness=setting.relatedness,
        noise=setting.noise,
        labelled=labelled,
        units=units,
        seed=seed,
    )
    return shuffled_labels(data, [1], seed=seed) if setting.shuffled else data


def model_of(setting: Setting) -> Any:
    """The net that shares, in double precision, so that its first weights are drawn in it too."""
    activation = {"tanh": nn.Tanh, "relu": nn.ReLU}[setting.activation]
    more = {"strength": setting.strength} if setting.net == "soft" else {}
    return _NETS[setting.net](2, (setting.units,) * setting.layers, setting.tasks, activation=activation, **more).double()


def method_of(setting: Setting) -> Any:
    """How the losses are balanced."""
    if setting.method == "pcgrad":
        return PCGrad()
    if setting.method == "uncertainty":
        return UncertaintyWeighting(() if setting.pattern == "waves" else ("binary",) * setting.tasks)
    weights = [1.0] * setting.tasks
    weights[1] = setting.weight
    return EqualWeighting() if setting.weight == 1 else FixedWeighting(tuple(weights))


def trained(setting: Setting, n_seeds: int = N_SEEDS) -> tuple[History, History]:
    """Train the net that shares and the single-task nets, from the same seeds on the same data."""
    model, seeds = model_of(setting), range(setting.seed, setting.seed + n_seeds)
    how: dict[str, Any] = {"seeds": seeds, "steps": setting.steps, "lr": setting.lr, "dtype": torch.float64}
    how["optimizer"] = Adam() if setting.optimizer == "adam" else SGD()
    joint = train(model, lambda seed: data_of(setting, seed), method_of(setting), **how)
    return joint, train(SingleTask.like(model).double(), lambda seed: data_of(setting, seed), **how)
