"""Exported nets answer as the package does, in a Python that has torch but none of the package."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.estimator import MultiTaskNet
from mtl_tutor.export import export
from mtl_tutor.sharing import CrossStitch, HardSharing, HyperNetwork, MMoE, TaskConditioned, TaskTokens
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import nets, predict, predict_proba, train

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 3)) * [1, 10, 0.1] + 5
Y = np.stack([1000 * X[:, 0] + X[:, 1], X[:, 1] > 5, np.arange(60) % 3], 1)
TASKS = (Task("price"), Task("sold", "binary", classes=("no", "yes")), Task("kind", "multiclass", 3))
DATA, SCALING = TaskData(TASKS, Samples(X, Y)).scaled()

ALONE = """
import json, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"mtl_tutor", "sklearn", "scipy", "pandas", "jaxtyping", "joblib"}:
            raise ImportError(name)
sys.meta_path.insert(0, Blocker())
x, found = json.load(sys.stdin), {}
for folder in sys.argv[1:]:
    sys.path.insert(0, folder)
    import model
    found[folder] = [model.predict(x), {name: each.tolist() for name, each in model.predict_proba(x).items()}]
    assert model.predict(x[:1])["sold"] == model.predict(x)["sold"][:1]
    assert all(p.requires_grad for net in model.load() for p in net.parameters())
    del sys.modules["model"], sys.path[0]
assert not {"mtl_tutor", "sklearn", "scipy"} & {*sys.modules}
json.dump(found, sys.stdout)
"""


class Own(nn.Sequential):
    """A reader's own module: names that start with digits, a method's name, a buffer, a constant made on the way."""

    def __init__(self) -> None:
        super().__init__(nn.Linear(3, 6), nn.LayerNorm(6), nn.GELU())
        self.one, self.heads = nn.Linear(6, 1), nn.ModuleDict({"sold": nn.Linear(6, 1), "class": nn.Linear(6, 3)})
        self.register_buffer("shift", torch.tensor([0.5, 0.0, -0.5]))

    def forward(self, x):
        hidden = x + self.shift + torch.tensor([0.1, 0.2, 0.3])
        for i in range(3):
            hidden = self[i](hidden)
        hidden = hidden.clamp(max=float("inf"))
        return [self.one(hidden), *(head(hidden) for head in self.heads.values())]


MODELS = [
    HardSharing(3, (8, 5), n_outputs=(1, 1, 3), activation=nn.Tanh),
    MMoE(3, 8, n_outputs=(1, 1, 3)),
    CrossStitch(3, 8, n_outputs=(1, 1, 3)),
    TaskConditioned(3, 8, n_outputs=(1, 1, 3)),
    TaskTokens(3, 8, n_outputs=(1, 1, 3)),
    HyperNetwork(3, 8, n_outputs=(1, 1, 3)),
    Own(),
]


def test_torch_alone_answers_as_the_package_does(tmp_path) -> None:
    expected = {}
    for model in MODELS:
        folder = tmp_path / type(model).__name__
        history = train(model, DATA, seeds=2, steps=15, lr=0.02)
        assert export(nets(model, history), folder, tasks=TASKS, scaling=SCALING) == folder / "model.py"
        scaled = SCALING.inputs(X)
        chances = {name: each.mean(0) for name, each in predict_proba(model, history, scaled).items()}
        expected[str(folder)] = SCALING.undo(predict(model, history, scaled))[0][..., 0].mean(0), chances
    estimator = MultiTaskNet(MMoE, kinds={"1": "binary", "2": "multiclass"}, n_nets=2, steps=20, n_hidden=8, validation=0)
    estimator.fit(X, Y)
    export(estimator, tmp_path / "estimator")
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
    folders = [*expected, str(tmp_path / "estimator")]
    command = [sys.executable, "-I", "-c", ALONE.replace('["sold"]', '[[*model.TASKS][1]["name"]]'), *folders]
    done = subprocess.run(command, input=json.dumps(X.tolist()), capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for folder, (numbers, chances) in expected.items():
        answers, probabilities = found[folder]
        np.testing.assert_allclose(answers["price"], numbers, rtol=1e-5)
        for name, each in chances.items():
            np.testing.assert_allclose(probabilities[name], each, atol=1e-5)
        assert answers["sold"] == [("no", "yes")[i] for i in chances["sold"].argmax(1)]
        assert answers["kind"] == chances["kind"].argmax(1).tolist()
    answers, probabilities = found[str(tmp_path / "estimator")]
    np.testing.assert_allclose(np.array([*answers.values()], dtype=float).T, estimator.predict(X).astype(float), rtol=1e-5)
    np.testing.assert_allclose(next(iter(probabilities.values())), estimator.predict_proba(X)[0], atol=1e-5)


def test_exporting_again_writes_the_same_code(tmp_path) -> None:
    model = HardSharing(3, 4, 2)
    first = export(model, tmp_path).read_bytes()
    assert export(model, tmp_path).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.py", "weights.pt"]


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, x):
        return [self.layer(x) if x.sum() > 1e9 else -self.layer(x)]


class Noisy(Branches):
    def forward(self, x):
        return [self.layer(x + torch.randn_like(x))]


class OfTheBatch(Branches):
    def forward(self, x):
        return [self.layer(x - x.mean(0))]


@pytest.mark.messages
@pytest.mark.parametrize("model", [Branches(), Noisy(), OfTheBatch()], ids=lambda model: type(model).__name__)
def test_a_net_that_no_plain_code_can_stand_for_is_refused(model, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"^`model` must (do the same operations|answer each sample|consist of operations)"):
        export(model, tmp_path / "out", n_features=2)
    assert not (tmp_path / "out").exists()


@pytest.mark.messages
def test_what_cannot_be_exported_is_told(tmp_path) -> None:
    model = HardSharing(3, 4, 2)
    asked = [
        (lambda: export(3, tmp_path), TypeError, r"^`model` must be a Module or a sequence of values or a MultiTaskNet; got 3\.$"),
        (lambda: export([], tmp_path), TypeError, r"^`model` must be a trained nn\.Module"),
        (lambda: export(MultiTaskNet(), tmp_path), ValueError, r"not fitted"),
        (lambda: export(Branches(), tmp_path), TypeError, r"^`n_features` must be given: Branches does not say"),
        (lambda: export(model, tmp_path, n_features=0), ValueError, r"^`n_features` must be at least 1; got 0\.$"),
        (lambda: export(model, tmp_path, n_features=4), ValueError, r"^`model` must do the same operations .* of shape \(4,\)"),
        (lambda: export(model, tmp_path, tasks=TASKS), ValueError, r"^`tasks` must be one per output of the model, 2; got 3\.$"),
        (lambda: export([model, HardSharing(3, (4, 4), 2)], tmp_path), ValueError, r"^`model` must be one net, or several of one"),
        (lambda: export(model, 7), TypeError, r"^`folder` must be a string or a PathLike; got 7\.$"),
    ]
    for attempt, error, sentence in asked:
        with pytest.raises(error, match=sentence):
            attempt()
    assert not list(tmp_path.iterdir())


@pytest.mark.messages
def test_a_strangers_file_is_not_replaced(tmp_path) -> None:
    (tmp_path / "model.py").write_text("x = 1\n")
    with pytest.raises(ValueError, match=r"^`folder` must not hold a `model\.py` of another origin; .*\. Choose another folder\.$"):
        export(HardSharing(3, 4, 2), tmp_path)
    assert (tmp_path / "model.py").read_text() == "x = 1\n"
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"^`folder` must be a folder that can be written to; got '.*' \(.*\)\.$"):
        export(HardSharing(3, 4, 2), tmp_path / "file")
