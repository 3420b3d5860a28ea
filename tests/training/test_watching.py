"""Metrics, patience and callbacks: what a net's own losses say, whichever other nets are trained beside it."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from mtl_tutor.results import History
from mtl_tutor.sharing import CrossStitch, HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData, sine_family
from mtl_tutor.training import SGD, predict, train

NETS = {"fast": HardSharing(1, 8, 2), "general": CrossStitch(1, 8, 2)}
DATA = sine_family(n_tasks=2, n_samples=24, noise=0.6, relatedness=0.3, seed=0)


class Until:
    """Stop each net once its first training loss is below a level; remember what was asked."""

    def __init__(self, level: float) -> None:
        self.level, self.asked = level, []

    def __call__(self, step, losses, seed):
        self.asked.append((step, seed))
        return losses["train"][0] < self.level


def two_kinds(seed: int = 0) -> TaskData:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((40, 3))
    y = np.stack([x.sum(1), x[:, 0] + rng.standard_normal(40) > 0], 1).astype(float)
    y[::4] = np.nan
    return TaskData((Task("number"), Task("coin", "binary")), Samples(x[:20], y[:20]), validation=Samples(x[20:], y[20:]))


def bits(history: History) -> list[bytes]:
    curves = [history.loss, history.error, history.metric, history.parameters, history.kept_best, *history.kept.values()]
    stopped = b"" if history.stopped is None else history.stopped.tobytes()
    return [stopped, *(value.tobytes() for each in curves for value in each.values())]


def row_bits(history: History, row: int) -> list[bytes]:
    curves = [history.loss, history.error, history.metric, history.parameters, history.kept_best, *history.kept.values()]
    return [value[row].tobytes() for each in curves for value in each.values()]


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("how", [{}, {"batch_size": 7}, {"optimizer": SGD(0.9), "weight_decay": 0.01}])
def test_a_row_that_stopped_keeps_the_weights_of_that_step(net, how) -> None:
    """Against the same training without patience, with its weights kept at every evaluation."""
    common = {"seeds": 6, "steps": 120, "lr": 0.05, "eval_every": 10} | how
    history = train(NETS[net], DATA, patience=2, keep_at=(0, 60, 120), keep_best=True, **common)
    full = train(NETS[net], DATA, keep_at=range(0, 121, 10), **common)
    assert len(set(history.stopped.tolist())) > 1
    assert history.stopped.min() < 120
    for row, stop in enumerate(history.stopped.tolist()):
        for step in (0, 60, 120):
            kept = full.parameters_at(min(step, stop))
            assert all(np.array_equal(value[row], kept[name][row]) for name, value in history.parameters_at(step).items())
        until = history.steps <= stop
        for split, loss in history.loss.items():
            assert np.array_equal(loss[row, until], full.loss[split][row, until])
            assert (loss[row, ~until] == loss[row, until][-1]).all()


def test_the_step_is_the_one_at_which_patience_ran_out() -> None:
    """Brute force: go through the validation losses of a training without patience."""
    common = {"seeds": 12, "steps": 200, "lr": 0.05, "eval_every": 5}
    total = train(NETS["fast"], DATA, **common).loss["validation"].sum(2)
    stopped = train(NETS["fast"], DATA, patience=3, **common).stopped
    for row, losses in enumerate(total):
        best = [np.flatnonzero(losses[: i + 1] == losses[: i + 1].min())[0] for i in range(len(losses))]
        late = [i for i in range(len(losses)) if i - best[i] >= 3]
        assert stopped[row] == (5 * late[0] if late else 200)


def watched(net: str, seeds: list[int], n_jobs: int | None = None) -> History:
    settings = {"steps": 60, "lr": 0.05, "eval_every": 5, "batch_size": 8, "keep_at": (50,), "keep_best": True}
    watch = {"patience": 2, "callback": _below, "metrics": {"curve 1": _mean_distance}}
    return train(NETS[net], DATA, seeds=seeds, n_jobs=n_jobs, **settings, **watch)


@pytest.mark.parametrize("net", NETS)
def test_no_company_changes_a_bit(net) -> None:
    together = watched(net, [*range(20)])
    assert len(set(together.stopped.tolist())) > 2
    for seed in (0, 19):
        alone = watched(net, [seed])
        assert row_bits(alone, 0) == row_bits(together, seed)
        assert alone.stopped[0] == together.stopped[seed]


@pytest.mark.slow
def test_no_number_of_processes_changes_a_bit() -> None:
    assert bits(watched("fast", [*range(70)])) == bits(watched("fast", [*range(70)], n_jobs=2))


def _mean_distance(outputs, labels):
    return np.abs(outputs[:, 0] - labels).mean()


def _below(step, losses, seed):
    return bool(losses["train"].sum() < 0.3)


def test_a_chunk_ends_when_all_its_rows_have_stopped() -> None:
    until = Until(np.inf)
    history = train(NETS["fast"], DATA, seeds=5, steps=10**7, eval_every=100, callback=until, keep_at=(0, 10**7))
    assert history.stopped.tolist() == [0] * 5
    assert sorted(until.asked) == [(0, seed) for seed in range(5)]
    assert all(np.array_equal(value, history.parameters_at(0)[name]) for name, value in history.parameters.items())


def test_a_callback_hears_each_net_until_it_stops_it() -> None:
    until = Until(0.5)
    history = train(NETS["fast"], DATA, seeds=[0, 0, 4], steps=100, lr=0.05, eval_every=10, callback=until)
    rows = enumerate(history.seeds.tolist())
    expected = [(step, seed) for row, seed in rows for step in history.steps.tolist() if step <= history.stopped[row]]
    assert sorted(until.asked) == sorted(expected)
    is_below = history.loss["train"][:, :, 0] < 0.5
    assert history.stopped.tolist() == [history.steps[below.argmax()] if below.any() else 100 for below in is_below]
    assert is_below.any()


def test_without_patience_nothing_is_said_of_stops() -> None:
    assert train(NETS["fast"], DATA, seeds=2, steps=4).stopped is None


def test_a_net_that_diverges_runs_out_of_patience() -> None:
    history = train(NETS["general"], DATA, seeds=2, steps=100, lr=1e30, optimizer=SGD(), eval_every=1, patience=3)
    assert history.diverged.all()
    assert history.stopped.max() < 20


def test_metrics_are_those_of_each_net_and_split() -> None:
    """Area under the ROC curve of scikit-learn, from the answers that `predict` gives."""
    data, model = two_kinds(), HardSharing(3, 8, 2)
    history = train(model, data, seeds=4, steps=30, metrics={"coin": _area})
    assert set(history.metric) == {"train", "validation"}
    assert np.isnan(history.metric["train"][..., 0]).all()
    for split, samples in data.splits().items():
        known = ~np.isnan(samples.y[:, 1])
        answers = predict(model, history, samples.x[known])[1]
        expected = [roc_auc_score(samples.y[known, 1], one[:, 0]) for one in answers]
        assert history.metric[split][:, -1, 1].tolist() == pytest.approx(expected)
        assert history.metric[split].shape == (4, len(history.steps), 2)


def _area(outputs, labels):
    return roc_auc_score(labels, outputs[:, 0])


def test_a_checkpoint_knows_metrics_and_callbacks(tmp_path) -> None:
    def run(**how):
        return train(NETS["fast"], DATA, seeds=2, steps=20, eval_every=5, checkpoint=tmp_path, **how)

    plain, stopped, measured = run(), run(callback=_below), run(metrics={"curve 1": _mean_distance})
    assert stopped.stopped is not None
    assert plain.stopped is None
    assert measured.metric
    assert not plain.metric
    assert bits(run(metrics={"curve 1": _mean_distance})) == bits(measured)


def test_going_on_gives_the_same_bits_as_one_long_training() -> None:
    """As the docstring says: SGD without momentum on full batches has no memory."""
    model = NETS["fast"]
    how = {"seeds": 3, "lr": 0.05, "optimizer": SGD()}
    first = train(model, DATA, steps=40, **how)
    then = train(model, DATA, steps=60, start=first, **how)
    once = train(model, DATA, steps=100, **how)
    assert all(np.array_equal(then.parameters[name], value) for name, value in once.parameters.items())


@pytest.mark.messages
@pytest.mark.parametrize(
    ("how", "error", "sentence"),
    [
        ({"patience": 0}, ValueError, "`patience` must be at least 1; got 0."),
        ({"patience": 1.5}, TypeError, "`patience` must be a whole number; got 1.5."),
        ({"patience": True}, TypeError, "`patience` must be a whole number; got True."),
        ({"callback": 3}, TypeError, "`callback` must be a function; got 3."),
        ({"callback": lambda step: None}, TypeError, "`callback` must take three arguments, (step, losses, seed)"),
        ({"callback": lambda *_: "stop"}, TypeError, "`callback` must return True to end a net's training, or nothing; got 'stop'."),
        ({"metrics": {"x": len}}, ValueError, "`metrics` must name tasks of the data, ['curve 1', 'curve 2']; got 'x'."),
        ({"metrics": len}, TypeError, "`metrics` must be a dict; got the function len."),
        ({"metrics": {"curve 1": 3}}, TypeError, "`metrics['curve 1']` must be a function; got 3."),
        ({"metrics": {"curve 1": lambda o, y: o / 0}}, ValueError, "`metrics` of 'curve 1' must take outputs"),
        ({"metrics": {"curve 1": lambda o, y: "a"}}, TypeError, "must be a number; got 'a'."),
    ],
)
def test_what_cannot_be_watched_is_told_before_the_first_step(how, error, sentence) -> None:
    with pytest.raises(error) as caught:
        train(NETS["fast"], DATA, seeds=2, steps=10**7, **how)
    assert sentence in str(caught.value)


@pytest.mark.messages
def test_patience_needs_validation_samples() -> None:
    with pytest.raises(ValueError, match=r"^`patience` needs validation samples, whose loss it watches; `data` has none\."):
        train(HardSharing(1, 2, 1), TaskData((Task("a"),), Samples(np.zeros((2, 1)), np.zeros((2, 1)))), patience=3, seeds=1)


def test_a_stopped_row_on_the_way_leaves_torch_as_it_was() -> None:
    before = torch.get_rng_state()
    train(NETS["fast"], DATA, seeds=2, steps=20, patience=1)
    assert torch.equal(before, torch.get_rng_state())
