"""A stopped sweep goes on from the chunks on disk, and from nothing else."""

import io
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from functools import cache

import numpy as np
import pytest

from mtl_tutor.balancing import FixedWeighting, StatelessWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, sine_family
from mtl_tutor.training import SGD, Adam, train
from mtl_tutor.training.chunks import WIDTH

SEEDS = 2 * WIDTH + 6  # three chunks


@cache
def drawn(seed: int, amplitude: float) -> TaskData:
    """The data of a seed, drawn once for all the trainings of this file."""
    data = sine_family(n_tasks=2, n_samples=9, seed=seed)
    data.train.y[:] *= amplitude
    return data


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
        return drawn(seed, self.amplitude)


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


@pytest.fixture(scope="module")
def finished_once(tmp_path_factory):
    """A folder of finished chunks, and what was trained."""
    folder = tmp_path_factory.mktemp("finished")
    return folder, run(folder)


@pytest.fixture
def finished(finished_once, tmp_path):
    """A copy of the finished chunks in the test's own folder, and what was trained."""
    shutil.copytree(finished_once[0], tmp_path, dirs_exist_ok=True)
    return finished_once[1]


def test_a_sweep_that_fails_midway_goes_on_where_it_stopped(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Data(fails_at=WIDTH + 18))
    finished = age(tmp_path)
    assert len(finished) == 1
    resumed = run(tmp_path)
    assert len(age(tmp_path)) == 3
    assert finished.items() <= age(tmp_path).items()
    assert_same(resumed, run(None))


@pytest.mark.slow
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
def test_a_damaged_chunk_is_trained_again(tmp_path, finished, damage):
    victim = sorted(tmp_path.iterdir())[0]
    victim.write_bytes(damage(victim.read_bytes()))
    assert_same(run(tmp_path), finished)
    assert_same(run(tmp_path), finished)
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
def test_whatever_decides_the_numbers_makes_another_chunk(tmp_path, finished, other):
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


def as_zip(arrays, compression=zipfile.ZIP_STORED, comment=b""):
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", compression) as file:
        for name, values in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, values, allow_pickle=True)
            file.writestr(f"{name}.npy", content.getvalue())
        file.comment = comment
    return page.getvalue()


@pytest.mark.parametrize("case", ["edited", "bomb", "strings", "pickle"])
def test_a_chunk_that_was_changed_is_not_believed(tmp_path, case):
    expected = run(tmp_path, seeds=3)
    (victim,) = tmp_path.iterdir()
    with np.load(victim) as file:
        arrays = dict(file)
    with zipfile.ZipFile(victim) as file:
        comment = file.comment
    changed = {
        "edited": lambda: as_zip(arrays | {"loss/train": arrays["loss/train"] + 1}, comment=comment),
        "bomb": lambda: as_zip(arrays | {"loss/train": np.zeros((3, 10**6, 2))}, zipfile.ZIP_DEFLATED, comment),
        "strings": lambda: as_zip(arrays | {"loss/train": np.full((3, 6, 2), "a")}, comment=comment),
        "pickle": lambda: as_zip(arrays | {"loss/train": np.full((3, 6, 2), None, dtype=object)}, comment=comment),
    }
    victim.write_bytes(changed[case]())
    assert_same(run(tmp_path, seeds=3), expected)
    with np.load(victim) as file:
        np.testing.assert_array_equal(file["loss/train"], arrays["loss/train"])


@pytest.mark.messages
def test_a_place_that_is_no_folder_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    data = Data()
    with pytest.raises(ValueError, match=r"`checkpoint` must be a folder.*is a file"):
        run(tmp_path / "file", data)
    with pytest.raises(ValueError, match="`checkpoint` must be a folder that can be made"):
        run(tmp_path / "file" / "below", data)
    with pytest.raises(TypeError, match="`checkpoint` must be a string or a PathLike or None; got 3"):
        run(3, data)
    assert data.asked <= 3  # the first seed's data, for the checks


@pytest.mark.messages
def test_what_is_no_regular_file_is_never_read_or_replaced(tmp_path):
    run(tmp_path, seeds=3)
    (victim,) = tmp_path.iterdir()
    victim.unlink()
    os.mkfifo(victim)
    with pytest.raises(ValueError, match="`checkpoint` must hold regular files"):
        run(tmp_path, seeds=3)
    assert not victim.is_file()


def test_a_full_disk_does_not_cost_the_training(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(UserWarning, match="could not keep .*No space left"):
        found = run(tmp_path, seeds=3)
    assert_same(found, run(None, seeds=3))
    assert not list(tmp_path.iterdir())


class Powers(HardSharing):
    """Multiplies its inputs by what it was given."""

    def __init__(self, given):
        super().__init__(1, 4, 2)
        self.given = given

    def forward(self, x):
        return super().forward(x * self.given[0])


def test_nets_that_differ_in_an_attribute_do_not_share_a_chunk(tmp_path):
    for given in ([1.0], [5.0], np.array([7.0]), {0: 9.0}):
        found, expected = (train(Powers(given), sine_family(n_samples=9), seeds=2, steps=3, checkpoint=at) for at in (tmp_path, None))
        assert_same(found, expected)


def test_a_method_of_ones_own_finds_its_chunks_again(tmp_path):
    class Own(StatelessWeighting):
        def weights_for(self, losses):
            return losses * 2

    for _ in range(2):
        run(tmp_path, seeds=3, method=Own())
    assert len(age(tmp_path)) == 1


class Counter:
    """It can be copied, but does not say what it holds."""

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError("no")


def test_what_has_no_key_is_not_kept_and_a_sentence_says_so(tmp_path):
    net = Powers([1.0])
    net.source = Counter()
    with pytest.warns(UserWarning, match="`checkpoint` keeps nothing: model, method or losses hold a Counter, which does not say"):
        train(net, sine_family(n_samples=9), seeds=2, steps=3, checkpoint=tmp_path)
    assert not age(tmp_path)
