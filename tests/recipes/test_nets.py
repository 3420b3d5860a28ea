"""Several nets per seed, and where each of them stops."""

import numpy as np

from mtl_tutor.recipes import TrainingConfig
from mtl_tutor.recipes._nets import numbered, train_nets, varied
from mtl_tutor.sharing import SingleTask
from mtl_tutor.tasks import Samples, Task, TaskData, sine_family
from mtl_tutor.training import predict, train

DATA = sine_family(n_tasks=2, n_samples=16, seed=1)


def test_nets_of_one_seed_start_differently_and_the_first_as_the_seed_says():
    codes = [numbered(5, number) for number in range(4)]
    assert codes[0] == 5
    weights = train(SingleTask(1, 6, 2), DATA, seeds=codes, steps=1, lr=1e-30).parameters["nets.0.trunk.0.weight"]
    assert len({tuple(net.ravel()) for net in weights}) == 4


def test_data_are_varied_by_seed_and_number():
    asked, drawn = [], {}

    def draw(seed):
        return drawn.setdefault(seed, sine_family(n_samples=4, seed=seed % 100))

    def note(data, seed, number):
        asked.append((seed, number))
        assert data is drawn[seed]
        return data

    vary = varied(draw, note)
    for seed, number in [(0, 0), (7, 0), (900_015, 3), (2**32 - 1, 1000)]:
        vary(numbered(seed, number))
    assert asked == [(0, 0), (7, 0), (900_015, 3), (2**32 - 1, 1000)]


def test_every_task_is_answered_by_the_net_at_its_best_stage():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(12, 2))
    signal, noise = x[:, :1], rng.normal(size=(12, 1))
    y, y_validation = np.hstack([signal, noise]), np.hstack([signal, -3 * noise])  # the second is best left alone early
    data = TaskData((Task("signal"), Task("noise")), Samples(x, y), Samples(x, y_validation), Samples(x, y))
    model, plan = SingleTask(2, 16, 2), TrainingConfig(n_hidden=(16,), steps=80)
    nets = train_nets(model, data, [0, 1], [0.01, 0.03], plan)
    found = nets.answer(x)
    early = int(nets.stages[0][1].steps[-1])
    assert 0 < early < 20
    for task, steps in enumerate((80, early)):
        history = train(model, data, seeds=[0, 1], lr=[0.01, 0.03], steps=steps)
        np.testing.assert_array_equal(found[task], predict(model, history, x)[task])
    assert not nets.diverged.any()
