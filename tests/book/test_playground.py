"""The playground's arithmetic in a browser against the package's own, number by number."""

import itertools
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from unchanged import commit, share

from mtl_tutor.exercises._playground_nets import data_of, method_of, model_of, trained
from mtl_tutor.metrics import gradient_cosine
from mtl_tutor.training import SGD, Adam, train
from mtl_tutor.widgets.playground_setting import Setting

ENGINE = Path(__file__).parents[2] / "mtl_tutor/widgets/playground_engine.js"
NETS = ["separate", "trunk", "soft", "stitch", "conditioned"]
CLASSES = ["half-moons", "rings", "checkerboard"]
STEPS = 200


@pytest.fixture(scope="module")
def ask(browser):
    """A function that evaluates JavaScript beside the engine, `E`, in an empty page."""
    page = browser.new_page()
    page.add_script_tag(content=ENGINE.read_text(encoding="utf-8") + "; const E = engine();")
    yield page.evaluate
    page.close()


# ---- random numbers and data -----------------------------------------------------------------------------------------


def test_random_numbers_are_those_of_numpy_and_torch(ask):
    found = ask(
        """() => {
          const of = (n, draw) => Array.from({ length: n }, draw), s = new E.Stream(5, 7), single = new E.Stream(5, 7);
          const numbers = { random: of(2000, () => s.random()), normal: of(50000, () => s.normal()) };
          numbers.single = of(50000, () => single.normalOfSinglePrecision());
          numbers.order = of(40, (_, i) => i);
          new E.Stream(3, 7).shuffle(numbers.order);
          const t = new E.Twister(11);
          numbers.torch = [3, 16, 20, 1, 7, 33].map((n) => { const a = new Float64Array(n); t.normal(a, 0.7); return [...a]; });
          return numbers;
        }"""
    )
    rng = np.random.default_rng([5, 7])
    np.testing.assert_array_equal(found["random"], rng.random(2000))
    np.testing.assert_allclose(found["normal"], rng.normal(size=50000), rtol=0, atol=2e-14)
    np.testing.assert_allclose(found["single"], np.random.default_rng([5, 7]).standard_normal(50000, dtype=np.float32), rtol=0, atol=1e-6)
    assert found["order"] == np.random.default_rng([3, 7]).permutation(np.arange(40.0)).tolist()
    torch.manual_seed(11)
    for values in found["torch"]:
        np.testing.assert_allclose(values, torch.empty(len(values), dtype=torch.float64).normal_(std=0.7).numpy(), rtol=0, atol=1e-15)


@pytest.mark.parametrize("pattern", ["waves", *CLASSES])
def test_a_seed_has_the_samples_that_the_package_draws(ask, pattern):
    for tasks, shuffled in ((2, 1), (3, 0)):
        setting = Setting(pattern=pattern, tasks=tasks, shuffled=shuffled, relatedness=0.35, labelled=0.3, unit=3.0, noise=0.4, samples=24)
        found = ask("([setting, seed]) => E.samplesOf(setting, seed)", [asdict(setting), 17])
        for name, split in data_of(setting, 17).splits().items():
            np.testing.assert_array_equal(np.reshape(found[name]["x"], (2, -1)).T, split.x)
            np.testing.assert_allclose(np.transpose(found[name]["y"]), split.y, rtol=0, atol=1e-13)


# ---- training --------------------------------------------------------------------------------------------------------

FORMS = list(itertools.product(("adam", "sgd"), ("equal", "uncertainty", "pcgrad"), ("waves", "classes"), (1, 2), ("tanh", "relu"), (2, 3)))


def calls_of(net):
    """Settings, a few to a call: those of classes go together, each pattern with a seed of its own.

    A few are drawn by the commit; all with MTL_ALL=1.
    """
    names = [f"{net} {' '.join(map(str, form))}" for form in FORMS]
    chosen = set(names) if os.environ.get("MTL_ALL") else share(names, commit(), 32)
    for number, (name, form) in enumerate(zip(names, FORMS, strict=True)):
        if name in chosen:
            optimizer, method, kind, layers, activation, tasks = form
            more = {"tasks": tasks, "layers": layers, "activation": activation, "optimizer": optimizer, "method": method}
            more |= {"labelled": (0.5, 1.0)[number % 2], "shuffled": int(number % 5 == 0), "relatedness": 0.35, "unit": 3.0, "lr": 0.01}
            more |= {"weight": (0.3, 1.0)[number % 2], "units": 6, "samples": 32, "noise": 0.2, "strength": 1.0, "net": net, "steps": STEPS}
            yield [Setting(pattern=one, seed=30 + at, **more) for at, one in enumerate(["waves"] if kind == "waves" else CLASSES)]


def by_package(settings):
    """Weights after training, of every setting: the package trains them in one call."""
    first, of_seed = settings[0], {setting.seed: setting for setting in settings}
    history = train(
        model_of(first),
        lambda seed: data_of(of_seed[seed], seed),
        method_of(first),
        seeds=list(of_seed),
        steps=STEPS,
        lr=first.lr,
        optimizer=Adam() if first.optimizer == "adam" else SGD(),
        dtype=torch.float64,
        eval_every=STEPS,
    )
    return [{name: values[row].ravel() for name, values in history.parameters.items()} for row in range(len(settings))]


BY_PAGE = """([settings, nudge]) => settings.map((setting) => {
  const run = new E.Run(setting, 1);
  run.prepare(0);
  const training = run.pairs[0][0];
  training.p.forEach((v, i) => (training.p[i] = v * (1 + nudge)));
  for (let i = 0; i < setting.steps; i++) training.step();
  return Object.fromEntries(run.net.slots.map((one) => [one.name, [...training.p.subarray(one.at, one.at + one.size)]]));
})"""


def apart(some, others):
    """The largest difference between weights."""
    assert some.keys() == others.keys()
    return max(np.abs(np.subtract(some[name], others[name])).max() for name in some)


@pytest.mark.parametrize("net", NETS)
def test_weights_after_200_steps_are_those_of_the_package(ask, net):
    for settings in calls_of(net):
        given = [asdict(setting) for setting in settings]
        pairs = zip(settings, ask(BY_PAGE, [given, 0]), by_package(settings), ask(BY_PAGE, [given, 1e-15]), strict=True)
        for setting, page, package, nudged in pairs:
            # A net whose own weights move by more than that if its first ones are rounded otherwise can't be held to it.
            allowed = max(1e-9, 30 * apart(page, nudged))
            assert apart(page, package) <= allowed, setting
            assert allowed < 1e-6, setting


def test_the_curves_are_those_of_the_package(ask):
    for setting in (Setting(pattern="rings", net="trunk", steps=100, samples=32), Setting(net="separate", steps=50, unit=3.0)):
        found = ask(
            "(setting) => { const run = new E.Run(setting, 3), all = []; for (let m; (m = run.next()); ) all.push(m); return all; }",
            asdict(setting),
        )
        for which, history in zip(("joint", "alone"), trained(setting, 3), strict=True):
            assert [one["step"] for one in found] == history.steps.tolist()
            curves = np.array([one[which] for one in found]).reshape(len(found), 3, setting.tasks, 3).transpose(1, 0, 2, 3)
            expected = [history.loss["train"], history.loss["validation"], history.error["test"]]
            np.testing.assert_allclose(curves, np.stack(expected, axis=-1), rtol=0, atol=1e-8)


@pytest.mark.parametrize("net", ["trunk", "stitch", "conditioned"])
def test_the_angle_between_gradients_is_that_of_autograd(ask, net):
    setting = Setting(net=net, pattern="half-moons", relatedness=0.5)
    found = ask(
        "(setting) => { const run = new E.Run(setting, 1); run.prepare(0); return run.pairs[0][0].cosine('train'); }", asdict(setting)
    )
    model, samples = model_of(setting), data_of(setting, setting.seed).train
    torch.manual_seed(setting.seed)
    model.reset_parameters()
    rows = []
    for task, output in enumerate(model(torch.from_numpy(samples.x))):
        labels = torch.from_numpy(samples.y[:, task])
        known = ~labels.isnan()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(output[known, 0], labels[known])
        rows.append(torch.cat([g.ravel() for g in torch.autograd.grad(loss, list(model.shared_parameters()), retain_graph=True)]))
    assert found == pytest.approx(gradient_cosine(torch.stack(rows).numpy())[0, 1], abs=1e-10)
