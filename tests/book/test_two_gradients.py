"""The widget of two gradients in a browser: its methods against NumPy's, and what a reader does with it by mouse, touch and keys."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.optimize import nnls
from widget_pages import PHONE, breaches, functions_of, in_a_notebook, pages_of, too_small

from mtl_tutor import balancing
from mtl_tutor.widgets import two_gradients
from mtl_tutor.widgets._arrow_presets import METHODS, PRESETS
from mtl_tutor.widgets._arrow_still import DIRECTIONS
from mtl_tutor.widgets.two_gradients import TwoGradients, page_spec

PARTS = "{ settingFrom, pairsOf, combine, coneOf }"


@pytest.fixture(scope="module")
def ask(browser):
    """A function that evaluates JavaScript beside the widget's own functions."""
    page = functions_of(browser, TwoGradients, PARTS)
    yield page.evaluate
    page.close()


# ---- the methods -----------------------------------------------------------------------------------------------------


def cases(n=1000, seed=0):
    """Random gradients of two and three tasks whose norms differ by up to a thousand."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(2 + at % 2, 2)) * 10 ** rng.uniform(-1.5, 1.5, size=(2 + at % 2, 1)) for at in range(n)]


def units(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def projected(g, rows):
    """The nearest point of the cone in which no task loses: what nnls leaves is its own dual."""
    weights, _ = nnls(rows.T, -g)
    return g + weights @ rows


def pcgrad(rows):
    total = np.zeros(2)
    for task, g in enumerate(rows):
        orders = [*itertools.permutations(set(range(len(rows))) - {task})]
        for order in orders:
            left = g
            for other in order:
                left = left - min(left @ rows[other], 0) / (rows[other] @ rows[other]) * rows[other]
            total = total + left / len(orders)
    return total


def aligned(rows):
    u, s, v = np.linalg.svd(rows, full_matrices=False)
    return s[-1] * (u @ v).T @ np.full(len(rows), 1 / len(rows))


def config(rows):
    along = np.linalg.pinv(units(rows)) @ np.ones(len(rows))
    along /= np.linalg.norm(along)
    return (rows @ along).sum() * along


def imtl_g(rows):
    """Equal projections of a combination whose weights sum to 1; three tasks in a plane have none but zero."""
    if len(rows) == 3:
        return np.zeros(2)
    across = units(rows)[0] - units(rows)[1]
    weights = np.linalg.solve(np.stack([rows @ across, np.ones(2)]), [0, 1])
    return weights @ rows


CLOSED = {
    "sum": lambda rows: rows.sum(axis=0),
    "pcgrad": pcgrad,
    "aligned": aligned,
    "config": config,
    "imtl_g": imtl_g,
    "upgrad": lambda rows: np.mean([projected(g, rows) for g in rows], axis=0),
}


@pytest.mark.parametrize("method", CLOSED)
def test_a_closed_form_is_that_of_numpy(ask, method):
    given = cases()
    found = ask("([name, all]) => all.map((rows) => combine(name, rows))", [method, [rows.tolist() for rows in given]])
    for rows, d in zip(given, found, strict=True):
        np.testing.assert_allclose(d, CLOSED[method](rows), rtol=0, atol=1e-6 * np.abs(rows).max())


def is_stationary(rows):
    """Whether no direction helps every task: the cone of their gradients is the whole plane."""
    return np.linalg.norm(projected(units(rows).sum(axis=0), rows)) < 1e-9 and len(rows) == 3


def of_three(ask, name, n=1000):
    given = cases(n)
    return zip(
        given, ask("([name, all]) => all.map((rows) => combine(name, rows))", [name, [rows.tolist() for rows in given]]), strict=True
    )


def test_mgda_takes_the_shortest_vector_of_the_hull(ask):
    for rows, d in of_three(ask, "mgda"):
        size = np.abs(rows).max()
        assert (rows @ d >= d @ np.array(d) - 1e-9 * size**2).all()
        _, apart = nnls(np.vstack([rows.T / size, np.ones(len(rows))]), np.append(np.array(d) / size, 1))
        assert apart < 1e-9


@pytest.mark.parametrize(("method", "alpha"), [("nash", 1), ("fairgrad", 2)])
def test_nash_and_fairgrad_solve_their_equations(ask, method, alpha):
    n_solved = 0
    for rows, d in of_three(ask, method):
        if is_stationary(rows):
            assert d == [0, 0]
            continue
        gains = rows @ d
        assert (gains > 0).all()
        np.testing.assert_allclose(gains**-alpha @ rows, d, rtol=0, atol=1e-6 * np.linalg.norm(d))
        n_solved += 1
    assert n_solved > 800


def test_cagrad_finds_the_best_point_of_its_circle(ask):
    """On the circle, and away from its middle by a positive combination of the gradients of those who gain least."""
    for rows, d in of_three(ask, "cagrad"):
        size, mean = np.abs(rows).max(), rows.mean(axis=0)
        assert np.linalg.norm(d - mean) == pytest.approx(0.5 * np.linalg.norm(mean), rel=1e-9)
        gains = rows @ d
        least = rows[gains <= gains.min() + 1e-9 * size**2]
        _, apart = nnls(units(least).T, (d - mean) / size)
        assert apart < 1e-7


PACKAGE = {"pcgrad": "PCGrad", "mgda": "MGDA", "cagrad": "CAGrad", "imtl_g": "IMTLG", "nash": "NashMTL", "aligned": "AlignedMTL"}
PACKAGE |= {"upgrad": "UPGrad", "fairgrad": "FairGrad", "config": "ConFIG"}


@pytest.mark.parametrize("method", [name for name, kind in PACKAGE.items() if hasattr(balancing, kind)])
def test_a_method_is_that_of_the_package(ask, method):
    kind = getattr(balancing, PACKAGE[method])
    surgery = kind(alpha=2.0) if method == "fairgrad" else kind()
    n_tested = 0
    for rows, d in of_three(ask, method):
        if is_stationary(rows):  # the ways of saying that there is no direction differ
            continue
        if method == "config" and len(rows) > 2:  # three gradients in a plane have no direction of equal cosines
            continue
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        if method in ("nash", "fairgrad") and (unit @ unit.T).min() < -0.99:  # there the package's steps are too few
            continue
        orders = torch.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])[:, : len(rows)]  # the page takes the mean over both
        noises = [order.expand(len(rows), -1) for order in orders] if method == "pcgrad" else [torch.zeros(0)]
        expected = [surgery.combine(torch.from_numpy(rows), surgery.start(len(rows)), noise)[0].numpy() for noise in noises]
        close = 1e-4 if method in ("nash", "fairgrad") else 1e-6  # these two are solved by steps, a fixed number in the package
        np.testing.assert_allclose(d, np.mean(expected, axis=0), rtol=0, atol=close * np.abs(rows).max())
        n_tested += 1
    assert n_tested > (300 if method in ("config", "nash", "fairgrad") else 800)


@pytest.mark.parametrize("method", METHODS)
def test_a_zero_gradient_and_opposite_ones_leave_finite_directions(ask, method):
    call = "([name, rows]) => combine(name, rows)"
    alone = ask(call, [method, [[1.5, 0.5]]])
    np.testing.assert_allclose(ask(call, [method, [[1.5, 0.5], [0, 0]]]), alone)
    assert inner(alone, [1.5, 0.5]) == pytest.approx(np.linalg.norm(alone) * np.linalg.norm([1.5, 0.5]))
    assert ask(call, [method, [[0, 0], [0, 0]]]) == [0, 0]
    for rows in (
        [[2, 1], [-2, -1]],
        [[2, 1], [-1, -0.5]],
        [[1, 0], [1, 0]],
        [[3, 0], [1, 0], [-2, 0]],
        [[1, 0], [-0.5, 0.866], [-0.5, -0.866]],
    ):
        d = ask(call, [method, rows])
        assert np.isfinite(d).all()
        assert np.linalg.norm(d) <= 4 * np.linalg.norm(rows)


def inner(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_in_the_cone_no_task_loses(ask):
    for rows in cases(200):
        for corner in ask("(rows) => coneOf(rows, 4)", rows.tolist()):
            assert (units(rows) @ corner >= -1e-6).all()


def tips(tasks):
    return [[length * math.cos(math.radians(angle)), length * math.sin(math.radians(angle))] for length, angle in tasks]


def test_the_still_picture_shows_what_the_page_shows(ask):
    for name, direction in DIRECTIONS.items():
        found = ask("([name, rows]) => combine(name, rows)", [name, tips(PRESETS["conflict"].tasks)])
        np.testing.assert_allclose(direction, found, rtol=0, atol=1e-4)


# ---- addresses -------------------------------------------------------------------------------------------------------

HOSTILE = ["1e9 1e9", "NaN 0", "1 0x10", "", " ", "1", "1 2 3", "٣ 3", "\u202e8 1", "9" * 400, "Infinity 3", "1_0 0", "-1 -999"]
HOSTILE += ["<script>alert(1)</script>", "'; alert(1); '", "${alert(1)}", "__proto__", "constructor", "null", "[object Object]"]


def is_legal(setting):
    names = [*METHODS]
    return (
        len(setting["tasks"]) in (2, 3)
        and all(0 <= one["length"] <= 3 and -180 <= one["angle"] <= 180 for one in setting["tasks"])
        and setting["show"] == [name for name in names if name in setting["show"]]
        and setting["size"] in ("own", "equal")
        and setting["light"] in ("", *setting["show"])
    )


def test_any_address_leads_to_a_legal_setting_and_back(ask):
    names, n_changed = ["a", "b", "c", "show", "size", "light", "preset", "__proto__", "constructor", "zork"], 0
    for at, (name, value) in enumerate(itertools.product(names, [*HOSTILE, "2 30", "mgda pcgrad", "nash", "equal", "three"])):
        pairs = [[name, value], [names[at % len(names)], HOSTILE[at % len(HOSTILE)]]]
        setting, changed, again = ask(
            "([pairs, spec]) => { const [s, c] = settingFrom(pairs, spec); return [s, c, settingFrom(pairsOf(s, spec), spec)]; }",
            [pairs, page_spec()],
        )
        assert is_legal(setting), pairs
        assert again == [setting, []]
        n_changed += bool(changed)
    assert n_changed > 200


# ---- what a reader does ----------------------------------------------------------------------------------------------

TIP = ".mtl-handle[aria-label$='task {}']"


@pytest.fixture
def reader(browser):
    """A function that opens the widget at an address; no page may log an error."""
    with pages_of(browser) as opened:
        yield lambda query="", gradients="conflict", **settings: opened(two_gradients(gradients), query, **settings)


def tip_of(page, task):
    """Length and angle that the tip says."""
    text = page.locator(TIP.format(task)).get_attribute("aria-valuetext").replace("−", "-")
    return [float(part.split()[-1].rstrip("°")) for part in text.split(",")]


def test_by_keys_a_tip_moves_and_the_table_follows(reader):
    page = reader()
    before = page.locator(".mtl-found [data-method=sum] td").all_inner_texts()
    page.locator(TIP.format("A")).focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_function("(before) => document.querySelector('.mtl-found [data-method=sum]').innerText !== before", arg="\n".join(before))
    x, y = 2.6 * math.cos(math.radians(15)) - 0.5, 2.6 * math.sin(math.radians(15)) - 0.5
    page.wait_for_function(
        "(text) => document.querySelector('.mtl-handle').getAttribute('aria-valuetext').startsWith(text)",
        arg=f"length {math.hypot(x, y):.2f}",
    )
    assert tip_of(page, "A") == [pytest.approx(math.hypot(x, y), abs=0.02), pytest.approx(math.degrees(math.atan2(y, x)), abs=1)]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Tip of the gradient of task A"


def test_by_keys_sliders_set_length_and_angle(reader):
    page = reader()
    page.get_by_label("angle of B").press("End")
    page.get_by_label("length of B").press("Home")
    page.wait_for_function("() => document.querySelector('.mtl-twos').textContent.includes('one gradient is zero')")
    assert tip_of(page, "B") == [0, 180]


def dragged(page, task, to):
    """Drag a tip to a place in units of a gradient."""
    box, half = page.locator(".mtl-plane").bounding_box(), 3.5
    start = page.locator(f"{TIP.format(task)} .mtl-disc").bounding_box()
    scale = box["width"] / (2 * half)
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + (half + to[0]) * scale, box["y"] + (half - to[1]) * scale, steps=5)
    page.mouse.up()


def test_by_mouse_a_tip_is_dragged_and_the_address_follows(reader):
    page = reader()
    dragged(page, "B", (0.0, 2.0))
    page.wait_for_function("() => location.search.includes('two-gradients.b=')")
    length, angle = tip_of(page, "B")
    assert (length, angle) == (pytest.approx(2, abs=0.05), pytest.approx(90, abs=2))
    assert page.locator(".mtl-twos").inner_text().startswith("A and B ")
    assert page.locator(".mtl-lesson").inner_text().startswith("The angle between")  # the question stays while a tip moves
    again = reader(page.url.partition("?")[2])
    assert tip_of(again, "B") == [length, angle]
    assert tip_of(again, "A") == tip_of(page, "A")


def test_a_tip_stays_in_reach_however_far_it_is_dragged(reader):
    page = reader()
    dragged(page, "A", (9.0, 0.0))
    page.wait_for_function("() => location.search.includes('two-gradients.a=3')")
    assert tip_of(page, "A")[0] == 3


TOUCH = """([task, dx, dy]) => {
  const tip = document.querySelector(`.mtl-handle[aria-label$='task ${task}']`);
  const box = tip.querySelector(".mtl-disc").getBoundingClientRect();
  const at = [box.x + box.width / 2, box.y + box.height / 2];
  const target = document.elementFromPoint(at[0] + 18, at[1]);   // the rim of a finger
  const finger = { pointerId: 1, pointerType: "touch", isPrimary: true, bubbles: true, cancelable: true };
  const fire = (type, clientX, clientY) => target.dispatchEvent(new PointerEvent(type, { ...finger, clientX, clientY }));
  tip.setPointerCapture = () => {};
  fire("pointerdown", ...at);
  fire("pointermove", at[0] + dx, at[1] + dy);
  fire("pointerup", at[0] + dx, at[1] + dy);
  return [getComputedStyle(tip).touchAction, tip.querySelector(".mtl-hit").getBoundingClientRect().width];
}"""


def test_a_finger_moves_a_tip_and_every_control_is_large_enough(reader):
    page = reader(**PHONE)
    before = tip_of(page, "A")
    action, width = page.evaluate(TOUCH, ["A", -40, -20])
    assert action == "none"  # else the page would scroll under the finger
    assert width >= 44
    page.wait_for_function("() => location.search.includes('two-gradients.a=')")
    assert tip_of(page, "A") != before
    assert too_small(page) == []


def test_methods_are_chosen_and_one_is_shown_in_the_making(reader):
    page = reader("two-gradients.show=sum+nash")
    assert [one.get_attribute("data-method") for one in page.locator(".mtl-found tbody tr").all()] == ["sum", "nash"]
    page.get_by_role("group", name="Methods shown").get_by_role("button", name="MGDA").click()
    page.locator(".mtl-found").get_by_role("button", name="MGDA").click()
    page.locator(".mtl-made").wait_for(state="attached")
    assert page.locator(".mtl-told").inner_text().startswith("MGDA takes the shortest vector")
    assert page.evaluate("document.activeElement.textContent") == "MGDA"
    page.get_by_role("button", name="that of the sum").click()
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('.mtl-found tbody td:nth-of-type(1)')].map((one) => one.textContent)).size === 1"
    )
    page.wait_for_function("() => ['show=sum', 'size=equal', 'light=mgda'].every((part) => location.search.includes(part))")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_drawn_and_told(reader, preset):
    page = reader()
    page.get_by_role("button", name=PRESETS[preset].title, exact=True).click()
    page.wait_for_function("(text) => document.querySelector('.mtl-lesson').textContent.startsWith(text)", arg=PRESETS[preset].look[:30])
    page.wait_for_function("() => /no task loses|loses|no step/.test(document.querySelector('.mtl-spoken[aria-live]').textContent)")
    assert page.locator(".mtl-handle:visible").count() == len(PRESETS[preset].tasks)


def test_a_notebook_may_bring_its_own_gradients_and_reset_returns_to_them(reader):
    page = reader(gradients=[[1.0, 0.0], [0.0, 2.0]])
    assert tip_of(page, "B") == [2, 90]
    page.get_by_role("button", name="Agree", exact=True).click()
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => document.querySelector('.mtl-lesson').textContent.startsWith('Your own')")
    assert tip_of(page, "A") == [1, 0]


@pytest.mark.parametrize("query", ["two-gradients.a=<script>alert(1)</script>", "two-gradients.__proto__=1", "two-gradients.b=1e9+%ff"])
def test_a_hostile_address_gets_a_line_and_a_picture(reader, query):
    page = reader(query)
    assert page.get_by_role("status").first.inner_text().endswith(".")
    assert page.locator(".mtl-direction").count() > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_breaks_the_rules_of_access_or_the_width_of_a_phone(reader, theme, width):
    everything = f"two-gradients.preset=three&two-gradients.light=pcgrad&two-gradients.show={'+'.join(METHODS)}"
    for query in ("", everything):
        page = reader(query, theme=theme, viewport={"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert breaches(page) == []


def test_no_label_covers_another_or_leaves_the_picture(reader):
    for preset in PRESETS:
        page = reader(f"two-gradients.preset={preset}&two-gradients.show={'+'.join(METHODS)}")
        sheet = page.locator(".mtl-plane").bounding_box()
        boxes = [one.bounding_box() for one in page.locator(".mtl-tag").all()]
        for one in boxes:
            assert sheet["x"] - 1 <= one["x"]
            assert one["x"] + one["width"] <= sheet["x"] + sheet["width"] + 1
        for one, other in itertools.combinations(boxes, 2):
            across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
            down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
            assert across < 5 or down < 9, preset  # each has a halo of 2 px; the lines of one label are 16 px apart


def test_in_a_notebook_the_kernel_hears_the_setting_and_nothing_asks_for_an_address(browser):
    page = in_a_notebook(browser, two_gradients())
    page.locator(TIP.format("A")).press("ArrowUp")
    page.wait_for_function("() => saved.length === 1 && saved[0].tasks[0].angle > 15")
    assert page.get_by_role("button", name="Copy link").count() == 0
    assert "undefined" not in page.locator(".mtl-arrows").inner_text()
    page.close()
