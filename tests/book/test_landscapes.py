"""The widget of landscapes in a browser: its losses, gradients and paths against NumPy's and the package's, and what a reader does."""

import itertools

import numpy as np
import pytest
import torch
from widget_pages import PHONE, breaches, functions_of, in_a_notebook, pages_of, too_small

from mtl_tutor import training
from mtl_tutor.balancing import FixedWeighting, PCGrad
from mtl_tutor.training import SGD, Adam
from mtl_tutor.widgets import landscapes
from mtl_tutor.widgets._landscape_presets import KNOBS, METHODS, PRESETS, STARTS
from mtl_tutor.widgets._landscape_still import paths
from mtl_tutor.widgets.landscapes import Landscapes, page_spec

PARTS = "{ LANDSCAPES, Walk, settingFrom, pairsOf, directionAt }"
AT = "([name, points]) => points.map((point) => LANDSCAPES[name].at(point))"
WALK = """([name, start, setting, steps]) => {
  const walk = new Walk(LANDSCAPES[name], start, setting);
  return Array.from({ length: steps }, () => walk.go(1));
}"""


@pytest.fixture(scope="module")
def ask(browser):
    """A function that evaluates JavaScript beside the widget's own functions."""
    page = functions_of(browser, Landscapes, PARTS)
    yield page.evaluate
    page.close()


# ---- the arithmetic --------------------------------------------------------------------------------------------------


def losses_of(landscape, point):
    """Both losses as their papers' code has them, in torch, so that autograd can be asked."""
    a, b = point

    def valley(v):
        return v.abs().clamp(min=5e-6).log()

    if landscape == "pcgrad":
        return torch.stack([20 * valley(a / 2 + b.tanh()), 25 * valley(a / 2 - b.tanh() + 2)])
    if landscape == "concave":
        return torch.stack([1 - torch.exp(-((point - side * 0.5**0.5) ** 2).sum()) for side in (1, -1)])
    h = torch.tanh(-b)
    valleys = torch.stack([valley(0.5 * (-a - 7) - h), valley(0.5 * (-a + 3) + h + 2)]) + 6
    bowls = torch.stack([((-a + side) ** 2 + 0.1 * (-b - 8) ** 2) / 10 - 20 for side in (7, -7)])
    return torch.tanh(0.5 * b).clamp(min=0) * valleys + torch.tanh(-0.5 * b).clamp(min=0) * bowls


@pytest.mark.parametrize("landscape", STARTS)
def test_losses_and_gradients_are_those_of_autograd(ask, landscape):
    points = np.random.default_rng(0).uniform(-9, 9, (1000, 2))
    for point, (losses, gradients) in zip(points, ask(AT, [landscape, points.tolist()]), strict=True):
        at = torch.tensor(point)
        np.testing.assert_allclose(losses, losses_of(landscape, at), rtol=1e-6, atol=1e-9)
        expected = torch.autograd.functional.jacobian(lambda place: losses_of(landscape, place), at)
        np.testing.assert_allclose(gradients, expected, rtol=1e-6, atol=1e-9)


def test_the_floor_of_a_valley_is_flat(ask):
    losses, gradients = ask(AT, ["pcgrad", [[-2.0 * np.tanh(1.0), 1.0]]])[0]
    assert losses[0] == pytest.approx(20 * np.log(5e-6))
    assert gradients[0] == [0, 0]


def step_by(landscape, method, point):
    """The direction of a method, from autograd's gradients."""
    jacobian = torch.autograd.functional.jacobian(lambda place: losses_of(landscape, place), point)
    losses = losses_of(landscape, point)
    if method == "pcgrad":
        return PCGrad().combine(jacobian, (), torch.zeros(2, 2))[0]
    if method == "chebyshev":
        ideal = torch.tensor({"concave": [0.0, 0.0], "cagrad": [-20.0, -20.0]}[landscape], dtype=point.dtype)
        share = torch.tensor([0.3, 0.7], dtype=point.dtype)
        return (share * (share * (losses - ideal) / 0.1).softmax(0)) @ jacobian
    return torch.tensor([0.3, 0.7], dtype=point.dtype) @ jacobian


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize(("landscape", "method"), [*itertools.product(["concave", "cagrad"], ["weighted", "chebyshev", "pcgrad"])])
def test_a_path_is_that_of_a_plain_loop_in_torch(ask, landscape, method, optimizer):
    setting, steps = {"method": method, "weight": 0.3, "optimizer": optimizer, "lr": 0.02}, 50
    for start in STARTS[landscape]:
        found = ask(WALK, [landscape, start, setting, steps])
        point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        taken = (torch.optim.SGD if optimizer == "sgd" else torch.optim.Adam)([point], lr=0.02)
        for place in found:
            point.grad = step_by(landscape, method, point.detach())
            taken.step()
            np.testing.assert_allclose(place, point.detach(), rtol=0, atol=1e-6)


KINDS = {"pcgrad": "PCGradToy", "cagrad": "CAGradToy", "concave": "ConcaveFront"}


@pytest.mark.parametrize("landscape", KINDS)
def test_paths_are_those_of_the_package(ask, landscape):
    kind, starts = getattr(training, KINDS[landscape])(), np.array(STARTS[landscape])
    for optimizer, made in (("sgd", SGD()), ("adam", Adam())):
        expected = training.descend(kind, FixedWeighting((0.5, 0.5)), starts=starts, steps=40, lr=0.01, optimizer=made, every=1)
        for row, start in enumerate(STARTS[landscape]):
            found = ask(WALK, [landscape, start, {"method": "weighted", "weight": 0.5, "optimizer": optimizer, "lr": 0.01}, 40])
            np.testing.assert_allclose(found, expected.points[row, 1:], rtol=0, atol=1e-6)


# ---- the lessons of the presets --------------------------------------------------------------------------------------


def ends(ask, preset, **changes):
    """Where the paths of a preset end: point and losses, of each start."""
    setting = PRESETS[preset].setting | changes
    call = """([name, starts, setting]) => starts.map((start) => {
      const end = new Walk(LANDSCAPES[name], start, setting).go(setting.steps);
      return [end, LANDSCAPES[name].at(end)[0]];
    })"""
    found = ask(call, [setting["landscape"], STARTS[setting["landscape"]], setting])
    return np.array([end for end, _ in found]), np.array([losses for _, losses in found])


def test_on_a_concave_front_weighted_sums_slide_to_the_ends_and_others_do_not(ask):
    for weight in (0.3, 0.5, 0.7):
        _, losses = ends(ask, "concave", weight=weight)
        assert (losses.min(axis=1) < 0.05).all()
        assert (losses.max(axis=1) > 0.9).all()
    for method in ("mgda", "chebyshev"):
        _, losses = ends(ask, "concave", method=method)
        assert (losses.max(axis=1) < 0.95).all()
    for weight in (0.4, 0.6):
        _, losses = ends(ask, "concave", method="chebyshev", weight=weight)
        assert np.ptp(losses[:, 0]) < 0.01  # the weight says where on the front, the start doesn't
    assert ends(ask, "concave", method="chebyshev", weight=0.4)[1][0, 0] > ends(ask, "concave", method="chebyshev", weight=0.6)[1][0, 0]


def test_the_stuck_sum_is_freed_by_a_larger_learning_rate_and_by_cagrad(ask):
    _, stuck = ends(ask, "stuck")
    assert (stuck.mean(axis=1) > 0).tolist() == [True, False, True]
    for _, losses in (ends(ask, "stuck", lr=0.1, steps=10_000), ends(ask, "free")):
        np.testing.assert_allclose(losses.mean(axis=1), -15.09, atol=0.02)


def test_pcgrad_finds_where_the_valleys_cross_and_the_sum_does_not_from_everywhere(ask):
    points, _ = ends(ask, "crossing")
    assert (np.abs(points[:, 0] + 2) < 0.1).all()
    assert (points[:, 1] > 4).all()
    points, _ = ends(ask, "crossing", method="weighted")
    assert (np.abs(points[:, 0] + 2) < 0.1).tolist() == [False, True, True]


def test_the_still_picture_shows_the_paths_of_the_page(ask):
    points, _ = ends(ask, "concave")
    np.testing.assert_allclose(paths()[-1], points, rtol=0, atol=1e-6)


# ---- addresses -------------------------------------------------------------------------------------------------------

HOSTILE = ["1e9", "-1e9", "1e9999", "NaN", "Infinity", "0x10", "1_0", "", " 3", "٣", "\u202e8", "9" * 400, "__proto__", "null"]
HOSTILE += ["<script>alert(1)</script>", "'; alert(1); '", "${alert(1)}", "constructor"]


def test_any_address_leads_to_a_legal_setting_and_back(ask):
    values, n_changed = {knob["name"]: knob["values"] for knob in KNOBS}, 0
    names = [*values, "preset", "__proto__", "constructor", "zork"]
    for at, (name, value) in enumerate(itertools.product(names, [*HOSTILE, "mgda", "cagrad", "0.04", "stuck"])):
        pairs = [[name, value], [names[at % len(names)], HOSTILE[at % len(HOSTILE)]]]
        setting, changed, again = ask(
            "([pairs, spec]) => { const [s, c] = settingFrom(pairs, spec); return [s, c, settingFrom(pairsOf(s, spec), spec)]; }",
            [pairs, page_spec()],
        )
        assert setting.keys() == values.keys()
        assert all(value in values[name] for name, value in setting.items()), pairs
        assert again == [setting, []]
        n_changed += bool(changed)
    assert n_changed > 150
    setting, changed = ask("([pairs, spec]) => settingFrom(pairs, spec)", [[["lr", "0x10"], ["steps", "900"]], page_spec()])
    assert (setting["lr"], setting["steps"]) == (0.1, 1000)
    assert changed == ["learning rate can’t be 0x10: it is 0.1 now.", "steps can’t be 900: it is 1000 now."]


# ---- what a reader does ----------------------------------------------------------------------------------------------


@pytest.fixture
def reader(browser):
    """A function that opens the widget at an address; no page may log an error."""
    with pages_of(browser) as opened:
        yield lambda query="", preset="concave", **settings: opened(landscapes(preset), query, **settings)


def test_by_keys_a_path_is_scrubbed_and_played_to_its_end(reader):
    page = reader()
    page.wait_for_selector(".mtl-land[data-walked]")
    scrub = page.get_by_label("step", exact=True)
    scrub.press("Home")
    page.wait_for_function("() => document.querySelector('.mtl-land').dataset.ready === '0'")
    assert page.locator(".mtl-found tbody tr").first.locator("td").first.inner_text() == "(−1.20, 1.00)"
    page.get_by_role("button", name="Play").press("Enter")
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("() => document.querySelector('.mtl-land').dataset.ready === '200'")
    page.get_by_role("button", name="Play").wait_for()
    page.wait_for_function("() => document.querySelector('.mtl-spoken[aria-live]').textContent.includes('Start 6: ')")


def test_who_wants_no_motion_sees_the_end_only(reader):
    page = reader(reduced_motion="reduce")
    page.wait_for_selector(".mtl-land[data-walked]")
    page.get_by_label("step", exact=True).press("Home")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('.mtl-land').dataset.ready === '200'")


def test_the_method_changes_the_paths_and_the_address(reader):
    page = reader()
    ends = "[...document.querySelectorAll('.mtl-found tbody tr')].map((row) => row.cells[2].textContent)"
    page.wait_for_selector(".mtl-land[data-walked]")
    before = page.evaluate(ends)
    page.get_by_label("method").select_option("mgda")
    page.wait_for_selector(".mtl-land[data-walked]")
    page.wait_for_function(f"(before) => String({ends}) !== String(before)", arg=before)
    assert not page.get_by_label("weight of first").is_visible()
    page.wait_for_function("() => location.search.includes('landscapes.method=mgda')")
    again = reader(page.url.partition("?")[2])
    again.wait_for_selector(".mtl-land[data-walked]")
    assert again.get_by_label("method").input_value() == "mgda"
    assert again.evaluate(ends) == page.evaluate(ends)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_walked_and_told(reader, preset):
    page = reader(f"landscapes.preset={preset}")
    page.wait_for_selector(".mtl-land[data-walked]")
    assert page.get_by_role("button", name=PRESETS[preset].title, exact=True).get_attribute("aria-pressed") == "true"
    assert page.locator(".mtl-lesson").inner_text().startswith(PRESETS[preset].look[:30])
    assert page.locator(".mtl-path").count() == 2 * len(STARTS[PRESETS[preset].setting["landscape"]])
    assert page.locator(".mtl-contour").count() == 2


@pytest.mark.parametrize("query", ["landscapes.lr=<script>alert(1)</script>", "landscapes.__proto__=1", "landscapes.method=%ff"])
def test_a_hostile_address_gets_a_line_and_a_picture(reader, query):
    page = reader(query)
    assert page.get_by_role("status").first.inner_text().endswith(".")
    assert page.locator(".mtl-path").count() > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("settings", [{}, PHONE], ids=["desk", "phone"])
def test_nothing_breaks_the_rules_of_access_or_the_width_of_a_phone(reader, theme, settings):
    for preset in ("concave", "crossing"):
        page = reader(preset=preset, theme=theme, **settings)
        page.wait_for_selector(".mtl-land[data-walked]")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert breaches(page) == []
        assert not settings or too_small(page) == []


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_finite_steps_everywhere(ask, method):
    for landscape, starts in STARTS.items():
        for start in [*starts, (0.0, 0.0)]:
            setting = {"method": method, "weight": 0.5, "optimizer": "adam", "lr": 0.3}
            assert np.isfinite(ask(WALK, [landscape, start, setting, 300])).all()


def test_in_a_notebook_the_kernel_hears_the_setting_and_nothing_asks_for_an_address(browser):
    page = in_a_notebook(browser, landscapes())
    page.get_by_label("method").select_option("nash")
    page.wait_for_function("() => saved.length === 1 && saved[0].method === 'nash'")
    assert page.get_by_role("button", name="Copy link").count() == 0
    assert "undefined" not in page.locator(".mtl-land").inner_text()
    page.close()
