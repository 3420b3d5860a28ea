"""A fitted estimator as a file: the same predictions to the last bit, and nothing of the file is run."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.balancing import FixedWeighting, PCGrad
from mtl_tutor.estimator import MultiTaskNet
from mtl_tutor.results import History, files
from mtl_tutor.saving import FittedNet
from mtl_tutor.sharing import HardSharing, MMoE

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3)) * 10
Y = np.stack([X[:, 0] * 100, X[:, 1] > 0], 1)
QUICK = {"steps": 10, "n_hidden": 4, "validation": 0}


class Mine(HardSharing):
    """A class that only this file knows."""


ESTIMATORS = {
    "plain": lambda: MultiTaskNet(**QUICK),
    "classes": lambda: MultiTaskNet(MMoE, kinds=["regression", "binary"], n_nets=2, **QUICK | {"n_hidden": (4, 3)}),
    "balanced": lambda: MultiTaskNet(balancing=FixedWeighting((1.0, 0.5)), kinds={"1": "binary"}, **QUICK | {"validation": 0.25}),
    "surgery": lambda: MultiTaskNet(balancing=PCGrad(), random_state=np.int64(3), **QUICK | {"lr": np.float32(0.01)}),
    "partial": lambda: MultiTaskNet(partial(MMoE, n_experts=2), **QUICK),
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.messages if name == "surgery" else ()) for name in ESTIMATORS])
def test_a_fitted_net_comes_back(name, tmp_path) -> None:
    net = ESTIMATORS[name]().fit(X, Y)
    net.save(tmp_path / "net.npz")
    found = MultiTaskNet.load(tmp_path / "net.npz")
    assert np.array_equal(found.predict(X), net.predict(X))
    if net.kinds is not None:
        assert all(np.array_equal(*pair) for pair in zip(found.predict_proba(X), net.predict_proba(X), strict=True))
    assert found.tasks_ == net.tasks_
    assert set(vars(found)) == set(vars(net))
    refitted = found.fit(X, Y)
    assert np.array_equal(refitted.predict(X), net.predict(X))


@pytest.mark.parametrize("name", ["plain", "classes"])
def test_the_trained_nets_are_in_hand_in_scaled_units(name) -> None:
    net = ESTIMATORS[name]().fit(X, Y)
    samples = torch.from_numpy(net.scaling_.inputs(X)).float()
    with torch.no_grad():
        each = [net.scaling_.undo([answer.numpy() for answer in one(samples)])[0][:, 0] for one in net.models_]
    assert len(net.models_) == net.n_nets
    assert net.model_ is net.models_[0]
    np.testing.assert_allclose(np.mean(each, axis=0), np.asarray(net.predict(X)[:, 0], dtype=float), rtol=1e-4, atol=1e-3)


def test_a_class_of_ones_own_is_handed_over_again(tmp_path) -> None:
    net = MultiTaskNet(Mine, **QUICK).fit(X, Y)
    net.save(tmp_path / "net.npz")
    assert np.array_equal(MultiTaskNet.load(tmp_path / "net.npz", sharing=Mine).predict(X), net.predict(X))
    with pytest.raises(ValueError, match=r"^`sharing` must be given again, .*Mine is not a class of this package"):
        MultiTaskNet.load(tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"^`model` must have the parameters of `history`"):
        MultiTaskNet.load(tmp_path / "net.npz", sharing=MMoE)


def test_a_function_is_handed_over_again(tmp_path) -> None:
    def build(**sizes) -> nn.Module:
        return HardSharing(**sizes, activation=nn.Tanh)

    net = MultiTaskNet(build, **QUICK).fit(X, Y)
    net.save(tmp_path / "net.npz")
    assert np.array_equal(MultiTaskNet.load(tmp_path / "net.npz", sharing=build).predict(X), net.predict(X))
    with pytest.raises(ValueError, match=r"^`sharing` must be given again"):
        MultiTaskNet.load(tmp_path / "net.npz")


@pytest.mark.parametrize("name", ["os:system", "builtins:eval", "mtl_tutor.training:train", "mtl_tutor.no:X", "?"])
def test_a_file_cannot_name_code_to_run(name, tmp_path) -> None:
    net = MultiTaskNet(**QUICK).fit(X, Y)
    net.save(tmp_path / "net.npz")
    classes = (*(type(one) for one in (net.history_, net.scaling_, net.tasks_[0])), FittedNet)
    content = files.read(tmp_path / "net.npz", "FittedNet", classes)
    content.settings["sharing"] = {"class": name}
    files.write(tmp_path / "net.npz", content, classes)
    with pytest.raises(ValueError, match=r"^`sharing` must be given again"):
        MultiTaskNet.load(tmp_path / "net.npz")


@pytest.mark.messages
def test_what_cannot_be_saved_or_loaded_is_told(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"^`MultiTaskNet` must be fitted before it is saved; call `fit` first\.$"):
        MultiTaskNet().save(tmp_path / "net.npz")
    net = MultiTaskNet(random_state=np.random.RandomState(0), **QUICK).fit(X, Y)
    with pytest.raises(TypeError, match=r"^`random_state` must be made of .* to be saved; got a RandomState\.$"):
        net.save(tmp_path / "net.npz")
    net.history_.save(tmp_path / "history.npz")
    with pytest.raises(ValueError, match=r"^`path` must be a file of FittedNet; .* is one of History\. Use its own `load`\.$"):
        MultiTaskNet.load(tmp_path / "history.npz")
    assert isinstance(History.load(tmp_path / "history.npz"), History)
    (tmp_path / "text").write_text("hello")
    for path in (tmp_path / "text", tmp_path, tmp_path / "nothing"):
        with pytest.raises(ValueError, match=r"^`path` must be a (whole )?file that `save` wrote; "):
            MultiTaskNet.load(path)
