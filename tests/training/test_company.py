"""A seed's numbers do not depend on its company: bit for bit, whatever the shapes."""

import multiprocessing
import threading
from importlib import import_module

import joblib
import numpy as np
import pytest
import torch
from joblib.externals.loky import get_reusable_executor
from torch import nn

from mtl_tutor.balancing import EqualWeighting, GradientSurgery
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import SGD, FreshNoise, train
from mtl_tutor.training.chunks import width_of
from mtl_tutor.training.threads import alone, one_thread


class Unknown(HardSharing):
    """A net for the general path."""


class Agreement(GradientSurgery):
    """A small surgery with a matrix product in it."""

    def combine(self, jacobian, state, noise):
        return (jacobian @ jacobian.T).softmax(1).sum(0) @ jacobian, state


class Mixture(nn.Module):
    """Experts weighed by a narrow softmax: products, sums and biases that the recording writes over one another."""

    def __init__(self, n_features: int, n_hidden: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(n_features, n_hidden) for _ in range(3))
        self.gate, self.heads = nn.Linear(n_features, 3), nn.ModuleList(nn.Linear(n_hidden, 1) for _ in range(2))

    def forward(self, x):
        gate = self.gate(x).softmax(-1).split(1, -1)
        mixed = sum(g * expert(x).relu() for g, expert in zip(gate, self.experts, strict=True))
        return [head(mixed) for head in self.heads]


class Widths:
    """Data of a given shape, another draw for every seed; every odd seed lacks labels."""

    def __init__(self, n_samples: int, n_features: int) -> None:
        self.shape = n_samples, n_features

    def __call__(self, seed: int) -> TaskData:
        rng = np.random.default_rng(seed)
        x = rng.standard_normal(self.shape)
        y = np.stack([x.sum(1), x[:, 0] > 0], 1).astype(float)
        if seed % 2:
            y[::3, 0] = np.nan
        return TaskData((Task("number"), Task("coin", "binary")), Samples(x, y), validation=Samples(x[:5], y[:5] * 0))


CASES = {
    "even": ((32, 4), HardSharing(4, 16), {}),
    "odd": ((37, 3), HardSharing(3, 7), {}),
    "one of everything": ((5, 1), HardSharing(1, 1), {}),
    "two layers": ((21, 5), HardSharing(5, (9, 6)), {}),
    "tanh, odd": ((19, 3), HardSharing(3, 11, activation=nn.Tanh), {"optimizer": SGD(0.9)}),
    "odd batches": ((50, 3), HardSharing(3, 13), {"batch_size": 7, "weight_decay": 0.1}),
    "float64": ((37, 3), HardSharing(3, 7), {"dtype": torch.float64}),
    "single task": ((37, 3), SingleTask(3, 7, 2), {}),
    "general": ((37, 3), Unknown(3, 7), {}),
    "general, two layers": ((21, 5), Unknown(5, (9, 6), activation=nn.Tanh), {"optimizer": SGD(0.9)}),
    "general, odd batches": ((50, 3), Unknown(3, 13), {"batch_size": 7}),
    "general, float64": ((23, 8), Unknown(8, (3, 21)), {"dtype": torch.float64}),
    "mixture": ((37, 3), Mixture(3, 7), {}),
    "surgery": ((58, 8), HardSharing(8, (3, 21)), {"method": Agreement()}),
}


def run(case: str, seeds, **settings):
    shape, model, more = (CASES | WIDE)[case]
    return train(model, Widths(*shape), seeds=seeds, **{"steps": 12, "eval_every": 4, "lr": 0.05} | more | settings)


def assert_same_rows(one, all_, rows) -> None:
    for name, values in one.parameters.items():
        np.testing.assert_array_equal(values, all_.parameters[name][rows], err_msg=name)
    for split in one.loss:
        np.testing.assert_array_equal(one.loss[split], all_.loss[split][rows])
        np.testing.assert_array_equal(one.error[split], all_.error[split][rows])


@pytest.mark.parametrize("case", CASES)
def test_a_seed_is_the_same_alone_in_a_pair_and_in_reverse(case):
    everyone = run(case, 17)
    for seeds in ([5], [16, 3], range(16, -1, -1)):
        assert_same_rows(run(case, seeds), everyone, list(seeds))


@pytest.mark.parametrize("case", ["odd", "general"])
def test_a_seed_is_the_same_in_another_chunk(case):
    assert_same_rows(run(case, range(33, 36)), run(case, 40), [33, 34, 35])


WIDE = {
    **{f"{n_hidden} units": ((37, 3), HardSharing(3, n_hidden), {}) for n_hidden in (1, 2, 6, 12, 16, 24, 64, 128)},
    "one regression": ((37, 2), HardSharing(2, 6, 2), {"optimizer": SGD()}),
    "batches of 16": ((50, 3), HardSharing(3, 13), {"batch_size": 16}),
    "noise": ((50, 3), HardSharing(3, 13), {"batch_size": 9, "noise": FreshNoise(inputs=0.1, dropout=0.2)}),
}
FAST = [case for case, (_, model, more) in (CASES | WIDE).items() if type(model) in (HardSharing, SingleTask) and "method" not in more]


@pytest.mark.parametrize("case", [*FAST, "general, odd batches", "mixture"])
def test_a_seed_is_the_same_in_a_chunk_of_any_width(case, monkeypatch):
    expected = run(case, 16)
    for width in (4, 12, 64) if case in FAST else (32, 64):
        monkeypatch.setattr(import_module("mtl_tutor.training.train"), "width_of", lambda *_, width=width, **__: width)
        assert_same_rows(run(case, 16), expected, range(16))


@pytest.mark.parametrize(("n_seeds", "width", "fast"), [(1, 4, True), (5, 8, True), (64, 64, True), (70, 36, True), (70, 64, False)])
def test_chunks_are_as_wide_as_the_seeds_need(n_seeds, width, fast):
    found = width_of(HardSharing(10, 32, 2), n_seeds, n_samples=128, itemsize=4, fast=fast)
    assert found == width if fast else 35 <= found <= width


def test_large_nets_share_a_chunk_with_fewer_others():
    small, large = (width_of(HardSharing(64, hidden, 4), 64, n_samples=128, itemsize=4, fast=True) for hidden in (32, (128, 128)))
    assert large < small == 64


@pytest.mark.parametrize("case", ["odd", "odd batches", "single task", "general"])
def test_a_row_does_not_feel_the_learning_rates_of_others(case):
    seeds, lr = np.repeat([3, 8], 3), np.tile([0.05, 0.3, 0.001], 2)
    sweep = run(case, seeds, lr=lr)
    np.testing.assert_array_equal(sweep.seeds, seeds)
    np.testing.assert_array_equal(sweep.lr, lr)
    assert_same_rows(run(case, [8, 3]), sweep, [3, 0])
    assert not np.array_equal(sweep.loss["train"][0], sweep.loss["train"][1])


def test_a_seed_that_diverges_is_flagged_and_leaves_the_others_alone():
    lr = np.where(np.arange(5) == 2, 1e30, 0.05)
    history = run("odd", 5, lr=lr, optimizer=SGD())
    assert history.diverged.tolist() == [False, False, True, False, False]
    assert_same_rows(run("odd", [0, 1, 3, 4], optimizer=SGD()), history, [0, 1, 3, 4])


def test_shared_data_and_equal_data_of_its_own_train_the_same_net():
    model, data = HardSharing(3, 7), Widths(37, 3)(0)
    shared = train(model, data, seeds=3, steps=12, dtype=torch.float64)
    own = train(model, lambda seed: data, seeds=3, steps=12, dtype=torch.float64)
    for name, values in shared.parameters.items():
        np.testing.assert_allclose(values, own.parameters[name], atol=1e-14)


def test_processes_change_nothing():
    assert_same_rows(run("odd", 40, n_jobs=2), run("odd", 40), range(40))


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_changes_nothing():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = run("odd", 40)
    assert_same_rows(there, run("odd", 40), range(40))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("case", ["float64", "general, float64"])
def test_a_gpu_trains_the_same_nets(case):
    there, here = run(case, 5, device="cuda"), run(case, 5)
    for name, values in here.parameters.items():
        np.testing.assert_allclose(there.parameters[name], values, atol=1e-9)


def test_the_method_by_default_is_equal_weighting():
    assert_same_rows(run("odd", 2), run("odd", 2, method=EqualWeighting()), [0, 1])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Python, about fork beside threads
def test_a_forked_process_waits_for_no_thread_of_its_parent():
    begun, end = threading.Event(), threading.Event()

    def hold() -> None:
        with alone(), one_thread():
            begun.set()
            end.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait(60)
    child = multiprocessing.get_context("fork").Process(target=run, args=("general", 2))
    child.start()
    child.join(60)
    end.set()
    holder.join()
    child.kill()
    assert child.exitcode == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Python, about fork beside threads
@pytest.mark.parametrize("backend", ["multiprocessing", "threading", "loky"])
@pytest.mark.parametrize("case", ["odd batches", "general"])
def test_every_backend_of_joblib_gives_the_same_bits(case, backend, monkeypatch):
    get_reusable_executor().shutdown(wait=True)  # a fork beside the threads of an earlier test's loky could hang
    expected, threads = run(case, 40), torch.get_num_threads()
    monkeypatch.setattr(import_module("mtl_tutor.training.train"), "width_of", lambda *_, **__: 16 if case == "odd batches" else 32)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        assert_same_rows(run(case, 40), expected, range(40))
    assert torch.get_num_threads() == threads
