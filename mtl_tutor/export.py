"""Trained nets as plain PyTorch code and a file of weights, which run without this package."""

import copy
import keyword
import math
import operator
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn
from torch.func import functional_call
from torch.fx import GraphModule, Node
from torch.fx.experimental.proxy_tensor import make_fx

from mtl_tutor import __version__
from mtl_tutor.checks import check_whole, checked, shown
from mtl_tutor.estimator import MultiTaskNet
from mtl_tutor.tasks import Task
from mtl_tutor.tasks.scaling import Scaling
from mtl_tutor.training.first_weights import state_of
from mtl_tutor.whole_files import draft_of

__all__ = ["export"]

_FIRST = '"""Exported by mtl_tutor'
"""How the first line of an exported file begins; only such a file is replaced."""


@checked
def export(
    model: nn.Module | Sequence[nn.Module] | MultiTaskNet,
    folder: str | os.PathLike[str],
    *,
    tasks: Sequence[Task] | None = None,
    scaling: Scaling | None = None,
    n_features: int | None = None,
) -> Path:
    """Write a trained net as plain PyTorch code (`model.py`) and weights (`weights.pt`), for use without this package.

    The folder needs torch alone. ``from model import predict`` loads both files; ``predict(x)`` answers samples in their
    own units, task by task.

    Parameters
    ----------
    model : nn.Module, sequence of nn.Module or MultiTaskNet
        A trained net, such as `nets` returns; several of one architecture, whose answers are averaged; or a fitted
        estimator, with its scaling and its names of classes.
    folder : str or path
        Where the two files go. It is made if it is not there.
    tasks : sequence of Task, optional
        For nets: the tasks (`data.tasks`), which say what outputs mean. Plain numbers when not given.
    scaling : Scaling, optional
        For nets that were trained on scaled data: what `data.scaled()` returned beside them.
    n_features : int, optional
        For a module of your own: number of input features. An architecture of this package and a scaling know it.

    Returns
    -------
    Path
        The file `model.py`.

    Raises
    ------
    ValueError, TypeError
        An estimator that is not fitted; a module whose answers need other samples of the batch, random numbers or
        branches on its inputs; a folder that cannot be written to, or holds a `model.py` of another origin.

    Notes
    -----
    The operations of one forward pass are written down with `torch.fx` for one sample, and repeated for all by
    `torch.vmap`. Before anything is written, the code has to answer random samples as the module does.

    Examples
    --------
    >>> import tempfile
    >>> from mtl_tutor.sharing import HardSharing
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export(HardSharing(n_features=3, n_hidden=8, n_tasks=2), folder)
    ...     print("\\n".join(line.strip() for line in path.read_text().splitlines() if "= ops." in line))
    linear = ops.linear(x, self.trunk_0_weight, self.trunk_0_bias)
    relu = ops.relu(linear)
    linear_1 = ops.linear(relu, self.heads_0_weight, self.heads_0_bias)
    linear_2 = ops.linear(relu, self.heads_1_weight, self.heads_1_bias)
    """
    if isinstance(model, MultiTaskNet):
        check_is_fitted(model)
        tasks, scaling = model.tasks_, model.scaling_
        modules: list[Any] = [copy.deepcopy(net).double() for net in model.models_]  # as `predict` does
    else:
        modules = list(model) if isinstance(model, (list, tuple)) else [model]
    _check_modules(modules)
    if scaling is not None and scaling.own_features:
        raise ValueError("`scaling` must have features that all tasks share; here each task has its own. Export the nets without it.")
    n_features = _n_features(modules[0], scaling, n_features)
    codes = [_Code.of(net, n_features) for net in modules]
    if len({code.lines for code in codes}) != 1:
        raise ValueError("`model` must be one net, or several of one architecture; got several architectures. Export them one by one.")
    tasks = tuple(tasks or (scaling.tasks if scaling else ())) or tuple(Task(f"task {i + 1}") for i in range(codes[0].n_outputs))
    if len(tasks) != codes[0].n_outputs:
        raise ValueError(f"`tasks` must be one per output of the model, {codes[0].n_outputs}; got {len(tasks)}.")
    source = _source(codes[0], type(modules[0]).__name__, tasks, scaling, n_features)
    namespace: dict[str, Any] = {"__name__": "model", "__file__": str(Path(folder) / "model.py")}
    exec(compile(source, "model.py", "exec"), namespace)
    for net, code in zip(modules, codes, strict=True):
        _check_answers(net, namespace["Net"](code.weights), n_features)
    return _write(Path(folder), source, [code.weights for code in codes])


def _check_modules(modules: Sequence[Any]) -> None:
    if not modules or not all(isinstance(net, nn.Module) for net in modules):
        found = shown(next((net for net in modules if not isinstance(net, nn.Module)), []))
        raise TypeError(f"`model` must be a trained nn.Module, several, or a fitted MultiTaskNet; got {found}.")


def _n_features(net: Any, scaling: Scaling | None, n_features: int | None) -> int:
    known = len(scaling.x_mean) if scaling is not None else getattr(net, "n_features", None)
    found = n_features if n_features is not None else known
    if found is None:
        raise TypeError(f"`n_features` must be given: {type(net).__name__} does not say how many features its samples have.")
    return check_whole("n_features", found, least=1)


@dataclass(frozen=True)
class _Code:
    """The operations of one net's forward pass as lines of Python, and the tensors that they read."""

    lines: tuple[str, ...]
    weights: Mapping[str, Tensor]
    trained: tuple[str, ...]
    n_outputs: int

    @classmethod
    def of(cls, net: nn.Module, n_features: int) -> "_Code":
        state = {name: value.detach().cpu().clone() for name, value in state_of(net).items()}
        names = _identifiers([*state])
        named = {names[name]: value for name, value in state.items()}
        graph, n_outputs = _traced(net, state, n_features)
        places = dict(zip((n for n in graph.graph.nodes if n.op == "placeholder"), [*(f"self.{name}" for name in named), "x"], strict=True))
        lines, answers = [], []
        for node in graph.graph.nodes:
            if node.op == "get_attr":  # a tensor that the forward pass made or kept outside parameters and buffers
                places[node] = f"self.{node.target}"
                named[str(node.target)] = getattr(graph, str(node.target)).detach().clone()
            elif node.op == "call_function":
                places[node] = node.name
                lines.append(f"{node.name} = {_call(node, places)}")
            elif node.op == "output":
                answers = [_text(answer, places) for answer in node.args[0]]
        trained = tuple(names[name] for name, parameter in net.named_parameters() if parameter.requires_grad)
        return cls((*lines, f"return {', '.join(answers)},"), named, trained, n_outputs)


def _traced(net: nn.Module, state: Mapping[str, Tensor], n_features: int) -> tuple[GraphModule, int]:
    net, names = copy.deepcopy(net).cpu().eval(), [*state]
    dtype = next((value.dtype for value in state.values() if value.is_floating_point()), torch.float32)

    def forward(*inputs: Tensor) -> tuple[Tensor, ...]:
        return tuple(functional_call(net, dict(zip(names, inputs, strict=False)), (inputs[-1],)))

    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            graph = make_fx(forward, pre_dispatch=True)(*state.values(), torch.zeros(1, n_features, dtype=dtype))
    except Exception as error:  # the user's own module, under a tracer
        raise ValueError(
            f"`model` must do the same operations for every sample of shape ({n_features},), without `if` on tensors; "
            f"{type(net).__name__} said: {' '.join(str(error).split())[:200]}"
        ) from error
    graph.graph.eliminate_dead_code()
    return graph, len(next(node for node in graph.graph.nodes if node.op == "output").args[0])


def _identifiers(names: Sequence[str]) -> dict[str, str]:
    """Parameters' names -> names of a module's attributes, all different: ``heads.0.weight`` -> ``heads_0_weight``."""
    found: dict[str, str] = {}
    for name in names:
        short = re.sub(r"\W", "_", name)
        short = short if short.isidentifier() and not keyword.iskeyword(short) else f"layer_{short}"
        while short in found.values() or hasattr(nn.Module(), short) or short == "one":
            short += "_"
        found[name] = short
    return found


def _call(node: Node, places: Mapping[Node, str]) -> str:
    arguments = [_text(value, places) for value in node.args]
    if node.target is operator.getitem:
        return f"{arguments[0]}[{arguments[1]}]"
    arguments += [f"{name}={_text(value, places)}" for name, value in node.kwargs.items() if name != "device"]
    target: Any = node.target
    library, _, name = str(target).partition(".")
    if library not in ("aten",):
        raise ValueError(f"`model` must use torch's own operations; {target} is not one.")
    return f"ops.{name.split('.')[0]}({', '.join(arguments)})"


def _text(value: Any, places: Mapping[Node, str]) -> str:
    """An argument as Python code."""
    if isinstance(value, Node):
        return places[value]
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_text(one, places) for one in value)}]"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return str(value) if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)) else repr(value)


def _source(code: _Code, name: str, tasks: Sequence[Task], scaling: Scaling | None, n_features: int) -> str:
    def numbers(values: Any) -> str:
        return repr([float(value) for value in np.asarray(values)])

    rows = []
    for i, task in enumerate(tasks):
        mean, sd = (float(scaling.y_mean[i]), float(scaling.y_sd[i])) if scaling else (0.0, 1.0)
        classes = [one.item() if isinstance(one, np.generic) else one for one in task.classes] or [*range(task.n_classes)]
        rows.append(f"    {{'name': {task.name!r}, 'kind': {task.kind!r}, 'classes': {classes!r}, 'mean': {mean!r}, 'sd': {sd!r}}},")
    return _TEMPLATE.format(
        first=_FIRST,
        version=__version__,
        name=name,
        n_features=n_features,
        zeros=[0.0] * n_features,
        tasks="\n".join(rows),
        x_mean=numbers(scaling.x_mean) if scaling else "0.0",
        x_sd=numbers(scaling.x_sd) if scaling else "1.0",
        trained=repr(sorted(code.trained)),
        lines="\n        ".join(code.lines),
    )


_TEMPLATE = '''{first} {version}: a trained {name}, as plain PyTorch. It needs torch alone.

    from model import predict, predict_proba, load
    predict([{zeros}])  # task -> its answers, one per sample, in the units of the data
    predict_proba([{zeros}])  # classification -> probabilities [sample class]
    load()  # the nets themselves, nn.Modules, to be trained further

The file weights.pt lies beside this one.
"""

from pathlib import Path

import torch
from torch import nn

TASKS = [
{tasks}
]
X_MEAN, X_SD = {x_mean}, {x_sd}
TRAINED = {trained}
ops = torch.ops.aten


class Net(nn.Module):
    """One net: scaled samples [sample, {n_features}] -> one tensor of outputs per task, numbers or logits."""

    def __init__(self, weights):
        super().__init__()
        for name, value in weights.items():
            if name in TRAINED:
                self.register_parameter(name, nn.Parameter(value))
            else:
                self.register_buffer(name, value)

    def forward(self, x):
        return [outputs[:, 0] for outputs in torch.vmap(self.one)(x[:, None])]

    def one(self, x):
        """The operations for one sample [1, {n_features}]."""
        {lines}


def load():
    """The trained nets, with their weights."""
    weights = torch.load(Path(__file__).with_name("weights.pt"), map_location="cpu", weights_only=True)
    return [Net(each) for each in weights]


def predict_proba(x):
    """Probabilities of the classes in TASKS: name of each classification -> [sample class]."""
    return {{task["name"]: answer for task, answer in zip(TASKS, _answers(x)) if task["classes"]}}


def predict(x):
    """Answers in the units of the data: task's name -> a list of numbers, or of classes."""
    found = {{}}
    for task, answer in zip(TASKS, _answers(x)):
        classes = task["classes"]
        found[task["name"]] = [classes[i] for i in answer.argmax(-1).tolist()] if classes else answer.tolist()
    return found


@torch.no_grad()
def _answers(x):
    """Mean over the nets: numbers [sample], or probabilities [sample class]."""
    nets = load()
    scaled = (torch.as_tensor(x, dtype=torch.float64) - torch.tensor(X_MEAN, dtype=torch.float64)) / torch.tensor(X_SD, dtype=torch.float64)
    scaled = scaled.to(next(nets[0].parameters()).dtype)
    return [_answer(task, torch.stack(each).double()) for task, each in zip(TASKS, zip(*[net(scaled) for net in nets]))]


def _answer(task, outputs):
    """Outputs [net sample output] -> their mean."""
    if not task["classes"]:
        outputs = outputs[..., 0] if outputs.shape[-1] == 1 else outputs
        return (outputs * task["sd"] + task["mean"]).mean(0)
    if task["kind"] == "binary":
        outputs = torch.cat([torch.zeros_like(outputs), outputs], -1)
    return outputs.softmax(-1).mean(0)
'''


def _check_answers(net: nn.Module, exported: nn.Module, n_features: int) -> None:
    dtype = next(exported.parameters()).dtype
    samples = torch.from_numpy(np.random.default_rng(0).standard_normal((7, n_features))).to(dtype)
    net = copy.deepcopy(net).cpu().eval()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        for x in (samples, samples[:1]):
            try:
                pairs = zip(exported(x), net(x), strict=True)
                is_same = all(torch.allclose(one, other, rtol=1e-4, atol=1e-5) for one, other in pairs)
            except (RuntimeError, ValueError) as error:
                raise ValueError(
                    f"`model` must consist of operations that `torch.vmap` can repeat for every sample; {type(net).__name__} said: "
                    f"{' '.join(str(error).split())[:200]}"
                ) from error
            if not is_same:
                raise ValueError(
                    f"`model` must answer each sample by itself, without random numbers; the plain code of {type(net).__name__} "
                    "answers otherwise. Use LayerNorm in place of BatchNorm, for example."
                )


def _write(folder: Path, source: str, weights: Sequence[Mapping[str, Tensor]]) -> Path:
    code, file = folder / "model.py", folder / "weights.pt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in (code, file):
            if os.path.lexists(path) and not path.is_file():
                raise ValueError(f"`folder` must hold regular files only where `export` writes; {str(path)!r} is none.")
        if code.exists() and not code.read_text(encoding="utf-8", errors="replace").startswith(_FIRST):
            raise ValueError(f"`folder` must not hold a `model.py` of another origin; {str(code)!r} is one. Choose another folder.")
        with draft_of(code) as code_draft, draft_of(file) as weights_draft:
            torch.save([dict(each) for each in weights], weights_draft)
            code_draft.write_text(source, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"`folder` must be a folder that can be written to; got {str(folder)!r} ({error.strerror}).") from error
    return code
