"""The playground in a browser: its arithmetic against the package's own, number by number, and what a reader does with it."""

import contextlib
import io
import itertools
import os
import random
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from unchanged import commit, share

from mtl_tutor.exercises._playground_nets import data_of, method_of, model_of, trained
from mtl_tutor.metrics import gradient_cosine
from mtl_tutor.training import SGD, Adam, train
from mtl_tutor.widgets._playground_still import recorded
from mtl_tutor.widgets.playground import Playground, page_spec
from mtl_tutor.widgets.playground_setting import PRESETS, Setting

ENGINE = Path(__file__).parents[2] / "mtl_tutor/widgets/playground_engine.js"
PARTS = "{ settingFrom, queryOf, pythonOf, summaryOf, PLACES }"
NETS = ["separate", "trunk", "soft", "stitch", "conditioned"]
CLASSES = ["half-moons", "rings", "checkerboard"]
STEPS = 200


@pytest.fixture(scope="module")
def ask(browser):
    """A function that evaluates JavaScript beside the engine, `E`, in an empty page."""
    page = browser.new_page()
    source = str(Playground._esm).replace("export default { render };", f"return {PARTS};")
    page.add_script_tag(content=f"{ENGINE.read_text(encoding='utf-8')}; const E = engine();")
    page.add_script_tag(content=f"const {PARTS} = (() => {{ {source} }})();")
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
  for (let i = 0; i < setting.steps; i++) {
    if (nudge && i % 20 === 0) training.p.forEach((v, k) => (training.p[k] = v * (1 + (k % 2 ? nudge : -nudge))));
    training.step();
  }
  return Object.fromEntries(run.net.slots.map((one) => [one.name, [...training.p.subarray(one.at, one.at + one.size)]]));
})"""


ALL = "([setting, n]) => { const run = new E.Run(setting, n), all = []; for (let m; (m = run.next()); ) all.push(m); return all; }"


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
            # A net whose own weights move by more than that if they are rounded otherwise now and then can't be held to it.
            allowed = max(1e-9, 30 * apart(page, nudged))
            assert apart(page, package) <= allowed, setting
            assert allowed < 1e-6, setting


def test_the_curves_are_those_of_the_package(ask):
    for setting in (Setting(pattern="rings", net="trunk", steps=100, samples=32), Setting(net="separate", steps=50, unit=3.0)):
        found = ask(ALL, [asdict(setting), 3])
        for which, history in zip(("joint", "alone"), trained(setting, 3), strict=True):
            assert [one["step"] for one in found] == history.steps.tolist()
            curves = np.array([one[which] for one in found]).reshape(len(found), 3, setting.tasks, 3).transpose(1, 0, 2, 3)
            expected = [history.loss["train"], history.loss["validation"], history.error["test"]]
            np.testing.assert_allclose(curves, np.stack(expected, axis=-1), rtol=0, atol=1e-8)


AT_THE_END = """(setting) => {
  const run = new E.Run(setting), memory = {}, summaries = [];
  let found, last;
  while ((found = run.next())) summaries.push(summaryOf((last = found), setting, memory));
  const nets = [run.net, run.single], n = PLACES.length / 2, level = (v) => (v / (1.15 * Math.SQRT2) + 1) / 2;
  const map = (values) => [...values].map((v) => Math.round(255 * Math.min(Math.max(level(v), 0), 1)));
  const out = nets.map((net, k) => E.forward(net, last.weights[k].subarray(0, net.size), PLACES, E.pagesFor(net, n)).map(map));
  const { train } = E.samplesOf(setting, setting.seed);
  return Array.from({ length: setting.tasks }, (_, t) => ({
    gain: ["gain", "low", "high"].map((end) => summaries.at(-1).gains[t][end]),
    labels: [...train.known[t].keys()].filter((k) => train.known[t][k])
      .map((k) => [train.x[k], train.x[train.n + k], +(train.truth[t][k] > 0)]),
    maps: [map(Float64Array.from({ length: n }, (_, k) => E.answerOf(setting, t)(PLACES[k], PLACES[n + k]))), out[0][t], out[1][t]],
    curves: ["joint", "alone"].map((which) => ["low", "middle", "high"].map((edge) => summaries.map(({ band }) => band[which][t][edge]))),
  }));
}"""


def test_the_still_picture_shows_what_the_page_shows_at_its_end(ask):
    found = ask(AT_THE_END, asdict(Setting.from_url(recorded()["query"])[0]))
    for page, still in zip(found, recorded()["tasks"], strict=True):
        np.testing.assert_allclose(still["gain"], page["gain"], rtol=0, atol=1e-3)
        np.testing.assert_allclose(still["labels"], page["labels"], rtol=0, atol=0.006)
        np.testing.assert_allclose(still["curves"], page["curves"], rtol=0, atol=1e-3)
        for pixels, shown in zip(still["maps"], page["maps"], strict=True):
            np.testing.assert_allclose(np.frombuffer(bytes.fromhex(pixels), np.uint8), np.array(shown), rtol=0, atol=1)


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


# ---- addresses -------------------------------------------------------------------------------------------------------

HOSTILE = ["1e9", "-1e9", "1e9999", "NaN", "Infinity", "0x10", "1_0", "", " 3", "٣", "\u202e8", "%", "%zz", "%00", "%ff", "9" * 400]
HOSTILE += ["<script>alert(1)</script>", "'; alert(1); '", "${alert(1)}", "__proto__", "constructor", "null", "[object Object]"]


def addresses():
    """500 random queries and 100 hostile ones."""
    rng, names = random.Random(1), [*(knob["name"] for knob in page_spec()["knobs"]), "preset"]
    values = {knob["name"]: [f"{v}" for v in knob["values"]] for knob in page_spec()["knobs"]} | {"preset": [*PRESETS]}
    for _ in range(500):
        chosen = [(name, rng.choice([*values[name], f"{rng.uniform(-9, 300):.3f}"])) for name in rng.sample(names, rng.randrange(9))]
        yield "&".join(f"play.{name}={value}" for name, value in chosen)
    for at in range(100):
        name = [*names, "__proto__", "constructor", "zork"][at % (len(names) + 3)]
        yield f"play.{name}={HOSTILE[at % len(HOSTILE)]}&{HOSTILE[(at * 7) % len(HOSTILE)]}&play.units={HOSTILE[(at * 5) % len(HOSTILE)]}"


def test_the_page_reads_an_address_as_python_does(ask):
    queries = [*addresses()]
    found = ask(
        "([queries, spec]) => queries.map((q) => [...settingFrom(q, spec), queryOf(settingFrom(q, spec)[0], spec)])",
        [queries, page_spec()],
    )
    for query, (setting, changed, short) in zip(queries, found, strict=True):
        expected, said = Setting.from_url(f"?{query}")
        assert setting == asdict(expected), query
        assert changed == [*said], query
        assert short == expected.query


# ---- the same as Python ----------------------------------------------------------------------------------------------

DRAWN = set(PRESETS) if os.environ.get("MTL_ALL") else share([*PRESETS], commit(), 6)


@pytest.mark.parametrize("preset", sorted(DRAWN))
def test_the_script_of_a_preset_trains_the_nets_of_the_page(ask, preset):
    setting = asdict(Setting(**PRESETS[preset].setting))
    scope, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(ask("(setting) => pythonOf(setting)", setting), scope)
    found = ask(ALL, [setting, 32])
    for which in ("joint", "alone"):
        history = scope[which]
        curves = np.array([one[which] for one in found]).reshape(len(found), 32, setting["tasks"], 3).transpose(1, 0, 2, 3)
        apart = np.abs(curves[..., 1] - history.loss["validation"]).max(axis=(1, 2)) / np.abs(history.loss["validation"]).max()
        assert np.median(apart) < 1e-6, which  # 5e-9 is the largest seen: two layers, 500 steps
        assert (apart < 1e-3).mean() >= 0.9, which  # a net at a kink or a saddle may go another way, whoever rounds
    assert printed.getvalue().startswith("[")


# ---- what a reader does ----------------------------------------------------------------------------------------------

PAGE = """<!doctype html><html lang="en" data-theme="light"><title>Playground</title><style>%s</style>
<body><main><h1>Playground</h1><div id="here" class="mtl-host"></div><div style="height: 3000px"></div></main></body></html>"""
START = """async ([source, spec]) => {
  const { render } = (await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })))).default;
  const state = { spec, setting: {} };
  await render({ model: { get: (name) => state[name], set: (name, value) => (state[name] = value), save_changes() {} }, el: here });
}"""
SHOWN = "(step) => document.querySelector('.mtl-pg').dataset.shown === step"
SHORT = "play.steps=50&play.samples=16"


@pytest.fixture
def reader(browser):
    """A function that opens a playground at an address; no page may log an error."""
    contexts, errors = [], []

    def opened(query, before="", **settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
        page.add_init_script(before)
        page.route("http://playground.test/**", lambda route: route.fulfill(body=PAGE % Playground._css, content_type="text/html"))
        page.goto(f"http://playground.test/?{query}")
        page.evaluate(START, [str(Playground._esm), page_spec()])
        page.wait_for_selector(".mtl-maps canvas")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def test_by_keyboard_alone_nets_are_trained_stepped_and_scrubbed(reader):
    page = reader(SHORT)
    page.get_by_role("button", name="Step").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(SHOWN, arg="1")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")  # Play
    page.wait_for_function(SHOWN, arg="50")
    page.get_by_role("slider", name="update").focus()
    page.keyboard.press("Home")
    page.wait_for_function(SHOWN, arg="0")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(SHOWN, arg="1")
    page.wait_for_function("() => document.querySelector('.mtl-spoken').textContent.startsWith('After 1 of 50 updates. Task A: ')")


def test_every_label_is_of_a_control_of_its_own(reader):
    page = reader(SHORT)
    of = page.locator(".mtl-pg label").evaluate_all(
        "all => all.map((one) => one.parentElement.querySelector(':is(input, select)#' + one.htmlFor)?.id)"
    )
    assert None not in of
    assert len(of) == len(set(of)) == len(page_spec()["knobs"]) + 2
    page.locator("summary", has_text="Training").click()
    page.get_by_label("first seed").fill("7")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('play.seed=7')")


def test_the_classic_notebooks_small_letters_make_no_narrow_widget(reader):
    page = reader(SHORT, viewport={"width": 1280, "height": 900})
    size = "() => [...document.querySelectorAll('.mtl-pg, .mtl-row label, .mtl-maps canvas')].map((one) => one.clientWidth)"
    before = page.evaluate(size)
    page.add_style_tag(content="html { font-size: 10px; } main { font-size: 14px; } summary { display: block; }")  # Bootstrap's
    after = page.evaluate(size)
    assert len(after) > 20
    assert all(width >= 0.95 * wide for width, wide in zip(after, before, strict=True))
    assert page.locator("summary").first.evaluate("(one) => getComputedStyle(one).display") == "list-item"


def test_nets_that_are_equal_mislead_nobody(reader):
    page = reader(f"{SHORT}&play.net=separate")
    page.get_by_role("button", name="Step").click()
    page.wait_for_function(SHOWN, arg="1")
    assert set(page.locator(".mtl-misled").all_inner_texts()) == {"a single run would mislead 0 of 32 times"}


def test_the_axes_of_errors_have_short_numbers(reader):
    page = reader(SHORT)
    page.wait_for_selector(".mtl-curves .mtl-y")
    shown = page.locator(".mtl-curves .mtl-y").all_text_contents()
    assert len(shown) >= 6
    assert max(len(number.replace(".", "").lstrip("0")) for number in shown) <= 2, shown


def test_without_workers_the_page_trains_by_itself(reader):
    page = reader(SHORT, before="delete window.Worker")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(SHOWN, arg="50")


def test_who_wants_no_motion_sees_the_end_only(reader):
    page = reader(SHORT, reduced_motion="reduce")
    page.evaluate("""() => { window.seen = []; new MutationObserver(() => seen.push(document.querySelector(".mtl-pg").dataset.shown))
                    .observe(document.querySelector(".mtl-pg"), { attributes: true, attributeFilter: ["data-ready", "data-shown"] }); }""")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(SHOWN, arg="50")
    page.get_by_role("button", name="Play").wait_for()
    assert set(page.evaluate("seen")) - {None} <= {"0", "50"}  # None: trained, and nothing drawn yet


def test_nothing_is_trained_off_screen(reader):
    page = reader("play.steps=1000")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => +document.querySelector('.mtl-pg').dataset.ready > 2")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(1500)
    before = page.evaluate("document.querySelector('.mtl-pg').dataset.ready")
    page.wait_for_timeout(1000)
    assert page.evaluate("document.querySelector('.mtl-pg').dataset.ready") == before
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function("(before) => document.querySelector('.mtl-pg').dataset.ready !== before", arg=before)


COUNT = """() => {
  window.painted = { maps: 0, units: 0, tasks: 0 };
  const { putImageData, fill } = CanvasRenderingContext2D.prototype, places = [["maps", ".mtl-maps"], ["units", ".mtl-units"]];
  CanvasRenderingContext2D.prototype.putImageData = function (...more) {
    for (const [name, place] of places) painted[name] += Boolean(this.canvas.closest(place));
    return putImageData.apply(this, more);
  };
  CanvasRenderingContext2D.prototype.fill = function () {
    painted.tasks++;
    return fill.apply(this);
  };
}"""


def test_while_it_plays_only_what_changes_on_the_screen_is_drawn_and_all_at_its_end(reader):
    page = reader(SHORT, viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Step").click()
    page.wait_for_function(SHOWN, arg="1")
    page.evaluate(COUNT)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(SHOWN, arg="50")
    page.get_by_role("button", name="Play").wait_for()
    points = "document.querySelector('.mtl-curves .mtl-line').getAttribute('d').split(/[ML]/).length - 1"
    page.wait_for_function(f"() => {points} === 51")
    painted, n_units = page.evaluate("painted"), page.locator(".mtl-unit").count()
    assert painted["maps"] > 4 * 25  # of 50 pictures; a slow machine puts some together
    assert n_units <= painted["units"] <= 5 * n_units
    assert painted["tasks"] == 0  # labels stay where they are


def test_the_address_keeps_the_setting_and_reset_forgets_it(reader):
    page = reader("play.preset=units&play.seed=4")
    assert page.get_by_role("button", name="Units").get_attribute("aria-pressed") == "true"
    page.get_by_role("slider", name="samples").press("ArrowLeft")
    page.wait_for_function("() => location.search.includes('play.samples=48') && location.search.includes('play.seed=4')")
    assert Setting.from_url(page.url) == (Setting(**PRESETS["units"].setting | {"samples": 48, "seed": 4}), ())
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => location.search === '?play.seed=0'")


@pytest.mark.parametrize("query", ["play.units=1e9&play.net=<script>alert(1)</script>", "play.%zz=%ff&play.__proto__=1", "play.preset=x"])
def test_a_hostile_address_gets_a_line_and_a_picture(reader, query):
    page = reader(query)
    assert page.get_by_role("status").first.inner_text().count(".") >= 1
    page.get_by_role("button", name="Step").click()
    page.wait_for_function("() => +document.querySelector('.mtl-pg').dataset.shown > 0")
