"""A stopped sweep goes on from the chunks on disk, and from nothing else."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, sine_family
from mtl_tutor.training import SGD, Adam, train
from mtl_tutor.training.chunks import WIDTH

SEEDS = 2 * WIDTH + 6  # three chunks


class Data:
    """Own data for every seed; counts how often they were asked for, and can fail."""

    def __repr__(self) -> str:
        return "Data()"  # a test is named after it, in every process alike

    def __init__(self, fails_at: int = -1, amplitude: float = 1.0) -> None:
        self.asked, self.fails_at, self.amplitude = 0, fails_at, amplitude

    def __call__(self, seed: int) -> TaskData:
        if seed == self.fails_at:
            raise KeyboardInterrupt
        self.asked += 1
        data = sine_family(n_tasks=2, n_samples=9, seed=seed)
        data.train.y[:] *= self.amplitude
        return data


def run(folder, data=None, **settings):
    return train(HardSharing(1, 4, 2), data or Data(), **{"seeds": SEEDS, "steps": 5, "checkpoint": folder} | settings)


def assert_same(one, other) -> None:
    assert one.loss.keys() == other.loss.keys()
    for split in one.loss:
        np.testing.assert_array_equal(one.loss[split], other.loss[split])
        np.testing.assert_array_equal(one.error[split], other.error[split])
    for name in one.parameters:
        np.testing.assert_array_equal(one.parameters[name], other.parameters[name])
    np.testing.assert_array_equal(one.diverged, other.diverged)


def age(folder) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_a_sweep_that_fails_midway_goes_on_where_it_stopped(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Data(fails_at=WIDTH + 18))
    finished = age(tmp_path)
    assert len(finished) == 1
    resumed = run(tmp_path)
    assert len(age(tmp_path)) == 3
    assert finished.items() <= age(tmp_path).items()
    assert_same(resumed, run(None))


def test_a_killed_process_leaves_only_whole_chunks(tmp_path):
    script = f"""
        from mtl_tutor.sharing import HardSharing
        from mtl_tutor.tasks import sine_family
        from mtl_tutor.training import train
        train(HardSharing(1, 4, 2), sine_family(n_samples=9), seeds=4000, steps=200, checkpoint={str(tmp_path)!r})
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    until = time.monotonic() + 60
    while len(list(tmp_path.glob("*.npz"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    chunks = age(tmp_path)
    whole = {name for name in chunks if name.endswith(".npz")}
    assert 2 <= len(whole) < 4000 / WIDTH
    for name in whole:
        with np.load(tmp_path / name) as file:
            assert len(file["diverged"]) == WIDTH
    history = train(HardSharing(1, 4, 2), sine_family(n_samples=9), seeds=2 * WIDTH, steps=200, checkpoint=tmp_path)
    assert age(tmp_path) == chunks  # both chunks were there already
    assert_same(history, train(HardSharing(1, 4, 2), sine_family(n_samples=9), seeds=2 * WIDTH, steps=200))


@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: whole[:-200] + bytes(200)])
def test_a_damaged_chunk_is_trained_again(tmp_path, damage):
    expected = run(tmp_path)
    victim = sorted(tmp_path.iterdir())[0]
    victim.write_bytes(damage(victim.read_bytes()))
    assert_same(run(tmp_path), expected)
    assert_same(run(tmp_path), expected)
    with np.load(victim) as file:
        assert "diverged" in file.files


def test_the_same_call_trains_nothing_twice(tmp_path):
    first = run(tmp_path)
    before = age(tmp_path)
    assert_same(run(tmp_path), first)
    assert age(tmp_path) == before


@pytest.mark.parametrize(
    "other",
    [
        {"steps": 6},
        {"lr": 0.02},
        {"optimizer": SGD()},
        {"optimizer": Adam(beta1=0.8)},
        {"batch_size": 4},
        {"weight_decay": 0.1},
        {"eval_every": 5},
        {"seeds": range(1, SEEDS + 1)},
        {"method": FixedWeighting((1.0, 2.0))},
        {"data": Data(amplitude=2.0)},
    ],
    ids=str,
)
def test_whatever_decides_the_numbers_makes_another_chunk(tmp_path, other):
    run(tmp_path)
    before = len(age(tmp_path))
    assert_same(run(tmp_path, **other), run(None, **other))
    assert len(age(tmp_path)) == 2 * before


def test_another_model_makes_another_chunk(tmp_path):
    data = sine_family(n_samples=9)
    nets = [HardSharing(1, 4, 2), HardSharing(1, 4, 2, init_scale=0.1), HardSharing(1, (4, 4), 2)]
    for net in nets:
        train(net, data, seeds=3, steps=5, checkpoint=tmp_path)
    assert len(age(tmp_path)) == len(nets)


def test_the_models_present_values_do_not_matter_when_they_are_reset(tmp_path):
    data = sine_family(n_samples=9)
    for _ in range(2):
        train(HardSharing(1, 4, 2), data, seeds=3, steps=5, checkpoint=tmp_path)
    assert len(age(tmp_path)) == 1
