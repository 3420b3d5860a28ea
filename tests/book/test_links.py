"""The state of a page's widgets in its address: written, read, copied, and whatever somebody writes there."""

import base64
import json
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import numpy as np
import pytest

from mtl_tutor import widgets
from mtl_tutor.results import Curves
from mtl_tutor.widgets import explore

X = np.linspace(0.0, 1.0, 11)
ROOT = Path(__file__).parents[2]
PAGE = "/a page.html"
FIRST, SECOND = "what-does-noise-do", "what-does-noise-do-2"
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def lines(noise=2.0, samples=20, net="a net", tied=False):
    return Curves(X, {"A": noise * samples * X})


NETS = ["a net", "Ein Netz & mehr", "T′ alone"]
AXES = {"noise": np.array([0.5, 1.0, 2.0, 1000.0]), "samples": [20, 60, 180], "net": NETS, "tied": False}
FEW = explore(lines, title="What does noise do?", alt="Lines.", **AXES)
TWIN = explore(lines, title="What does noise do?", alt="Lines.", **AXES)
STEPS = explore(lambda step=3: Curves(X, {"A": step * X}), title="Schritt für Schritt", alt="Lines.", step=(0, 10))


def page_of(*explorers):
    """A page as Sphinx writes it, with nothing on it but widgets, far from its top."""
    host, source = (ROOT / "book/assets/mtl-host.js").read_text(encoding="utf-8"), Path(widgets.__file__)
    code = {f"_{kind}": source.with_name(f"explorer.{file}").read_text(encoding="utf-8") for kind, file in (("esm", "js"), ("css", "css"))}
    states = {}
    for k, one in enumerate(explorers):
        state = {"_anywidget_id": "Explorer", "spec": one.spec, "index": one.index} | (code if k == 0 else {})
        buffers = [{"path": ["data"], "encoding": "base64", "data": base64.b64encode(one.data).decode()}]
        states[f"m{k}"] = {"model_name": "AnyModel", "state": state, "buffers": buffers}
    kind = '<script type="application/vnd.jupyter.widget-{}+json">{}</script>'
    views = "".join(f'<p style="height:900px">{k}</p>' + kind.format("view", json.dumps({"model_id": k})) for k in states)
    state = json.dumps({"state": states}).replace("</", r"<\/")
    text = f'<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>T</title><body>{views}'
    return f'{text}<p id="end" style="height:900px"><a href="#end">end</a></p>{kind.format("state", state)}<script>{host}</script>'


@pytest.fixture
def opened(contexts):
    """Open a page of some widgets with a query and a hash in its address; errors are kept in `page.errors`."""
    pages = []

    def open_page(asked="", explorers=(FEW, TWIN, STEPS), **settings):
        page = contexts(**settings).new_page()
        pages.append(page)
        page.set_default_timeout(10_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
        made = {"body": page_of(*explorers), "content_type": "text/html; charset=utf-8"}
        page.route("http://127.0.0.1/**", lambda route: route.fulfill(**made))
        page.goto(f"http://127.0.0.1{quote(PAGE)}{asked}")
        ready(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def ready(page):
    page.wait_for_function("document.readyState === 'complete' && !document.querySelector('.mtl-host:not([data-ready])')")


def shown(page):
    return page.locator(".mtl").evaluate_all("nodes => nodes.map((node) => node.dataset.shown)")


def told(page, number=0):
    return page.locator(".mtl-told").nth(number).text_content()


def asked_for(page, wanted):
    """Wait until the address asks for this, and for nothing else."""
    page.wait_for_function("wanted => decodeURIComponent(location.search.replaceAll('+', ' ')) === wanted", arg=wanted)


COUNT = """() => { window.written = []; const write = history.replaceState;
  history.replaceState = function (...all) { window.written.push(all[2]); return write.apply(this, all); }; }"""
START = ["2,0,0,0", "2,0,0,0", "3"]


# ---- written ---------------------------------------------------------------------------------------------------------


def test_a_page_that_nobody_touches_keeps_its_address(opened):
    page = opened("?utm=1&b=%zz#end")
    page.wait_for_timeout(500)
    assert page.url.endswith("?utm=1&b=%zz#end")
    assert shown(page) == START
    assert page.errors == []


def test_what_differs_from_the_start_is_in_the_address_and_widgets_keep_each_others(opened):
    page = opened("?utm=a%20b#end")
    first, second, third = page.locator(".mtl").all()
    first.get_by_role("slider", name="noise").press("ArrowRight")
    second.get_by_label("Ein Netz & mehr").press("Space")
    third.get_by_role("slider", name="step").press("End")
    asked_for(page, f"?utm=a b&{FIRST}.noise=1000&{SECOND}.net=Ein Netz & mehr&schritt-fur-schritt.step=10")
    assert page.url.endswith("#end")
    assert dict(parse_qsl(urlsplit(page.url).query))[f"{SECOND}.net"] == "Ein Netz & mehr"
    first.get_by_role("slider", name="noise").press("ArrowLeft")
    second.get_by_role("checkbox", name="tied").press("Space")
    asked_for(page, f"?utm=a b&{SECOND}.net=Ein Netz & mehr&{SECOND}.tied=on&schritt-fur-schritt.step=10")
    before = shown(page)
    page.reload()
    ready(page)
    assert shown(page) == before == ["2,0,0,0", "2,0,1,1", "10"]
    assert [told(page, k) for k in range(3)] == ["", "", ""]


def test_the_table_of_numbers_stays_open(opened):
    page = opened()
    page.locator(".mtl-numbers summary").first.press("Enter")
    asked_for(page, f"?{FIRST}.view=numbers")
    page.reload()
    ready(page)
    assert page.locator(".mtl-numbers[open] td").count() > 0
    page.locator(".mtl-numbers summary").first.press("Enter")
    asked_for(page, "")


def test_many_steps_are_one_entry_and_one_writing(opened):
    page = opened()
    page.evaluate(COUNT)
    length = page.evaluate("history.length")
    page.clock.install()
    for at in (10, 9, 8, 7, 6, 5):
        page.get_by_role("slider", name="step").fill(str(at))
        page.clock.run_for(40)
    page.clock.run_for(1000)
    asked_for(page, "?schritt-fur-schritt.step=5")
    assert page.evaluate("[window.written.length, history.length]") == [1, length]


def test_play_writes_at_rest_only(opened):
    page = opened(reduced_motion="reduce")  # 1.2 s a step
    page.evaluate(COUNT)
    page.get_by_label("Play step").press("Enter")
    page.wait_for_function("document.querySelectorAll('.mtl')[2].dataset.shown === '5'")
    assert page.evaluate("window.written") == []
    page.get_by_label("Play step").press("Enter")
    page.wait_for_function("window.written.length === 1")
    assert page.evaluate("window.written[0]").endswith(f"?schritt-fur-schritt.step={shown(page)[2]}")


def test_going_back_shows_what_the_address_says_and_a_link_within_the_page_forgets_nothing(opened):
    page = opened()
    step = page.get_by_role("slider", name="step")
    step.evaluate("""(slider) => {  // at once, before anything is written
      slider.value = slider.max;
      slider.dispatchEvent(new Event("input"));
      document.querySelector("a[href='#end']").click();
    }""")
    assert shown(page)[2] == "10"
    asked_for(page, "?schritt-fur-schritt.step=10")
    step.press("Home")
    asked_for(page, "?schritt-fur-schritt.step=0")
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.mtl')[2].dataset.shown === '3'")
    assert page.url.endswith(quote(PAGE))
    page.go_forward()
    page.wait_for_function("document.querySelectorAll('.mtl')[2].dataset.shown === '0'")
    assert page.errors == []


# ---- copied ----------------------------------------------------------------------------------------------------------


def test_a_link_is_copied_and_opens_the_page_at_its_widget(opened):
    page = opened("?utm=1")
    page.locator(".mtl").nth(1).get_by_role("slider", name="noise").press("Home")
    page.context.grant_permissions(CLIPBOARD)
    page.get_by_role("button", name="copy link").nth(1).click()
    page.wait_for_function("document.querySelectorAll('.mtl-told')[1].textContent === 'Link copied.'")
    assert page.locator(".mtl-told").nth(1).get_attribute("role") == "status"
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"{quote(PAGE)}?utm=1&{SECOND}.noise=0.5#play-{SECOND}")
    page.goto("about:blank")
    page.goto(link)
    ready(page)
    assert shown(page) == ["2,0,0,0", "0,0,0,0", "3"]
    page.wait_for_function("Math.abs(document.querySelectorAll('.mtl-host')[1].getBoundingClientRect().top) < 100")
    page.locator(".mtl").nth(1).get_by_role("slider", name="noise").press("ArrowRight")
    assert told(page, 1) == ""


def test_where_a_page_may_not_copy_the_link_is_there_to_be_taken(opened):
    for clipboard in ("{ writeText: () => Promise.reject(new Error('no')) }", "undefined"):
        page = opened()
        page.evaluate(f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})")
        page.get_by_role("slider", name="step").press("Home")
        page.get_by_role("button", name="copy link").last.press("Enter")
        page.get_by_text("This browser doesn't let a page copy.").wait_for()
        link = page.get_by_role("link", name="link to this picture").get_attribute("href")
        assert link.endswith("?schritt-fur-schritt.step=0#play-schritt-fur-schritt")
        assert page.errors == []


def test_a_link_from_a_folder_works_or_does_nothing(opened, contexts, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page_of(FEW, STEPS), encoding="utf-8")
    page, errors = contexts().new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{file.as_uri()}?{FIRST}.noise=0.5&rubbish={'%' * 100_000}#play-schritt-fur-schritt")
    ready(page)
    assert shown(page) == ["0,0,0,0", "3"]
    page.get_by_role("slider", name="step").press("End")
    page.wait_for_timeout(500)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="copy link").last.press("Enter")
    link = page.get_by_role("link", name="link to this picture").get_attribute("href")
    page.goto("about:blank")
    page.goto(link)
    ready(page)
    assert shown(page) == ["0,0,0,0", "10"]
    assert errors == []
    page.close()


def test_two_pages_of_the_book_open_as_a_link_says(visit, address):
    for name, slug, setting, wanted in (
        ("sharing/experts-and-gates", "which-gates-open", "step=150", "1,50"),
        ("what/two-nets-or-one", "which-trunks-suit-whom", "task=both", "2,1"),
    ):
        seen = visit(f"{address}/book/{name}.html?{slug}.{setting}#play-{slug}")
        widget = seen.page.locator(f"#play-{slug} .mtl")
        assert widget.get_attribute("data-shown") == wanted
        assert widget.locator(".mtl-told").text_content() == ""
        seen.page.wait_for_function(f"Math.abs(document.getElementById('play-{slug}').getBoundingClientRect().top) < 120")
        assert seen.errors == []


# ---- whatever somebody writes ----------------------------------------------------------------------------------------

ASKED = "The link asks for a setting that this widget doesn't have. Shown instead: {}."
NAMED = "The link names a control that this widget doesn't have."
HOSTILE = {  # what the address asks for -> where the controls stand, and what the widget says
    "its label": ("noise=0.5", "0,0,0,0", ""),
    "another writing of the number": ("noise=5e-1&samples=%2B60", "0,1,0,0", ""),
    "another case": ("net=T%E2%80%B2%20ALONE&tied=ON", "2,0,2,1", ""),
    "a number between": ("noise=1.4&samples=100", "1,1,0,0", ASKED.format("noise = 1, samples = 60")),
    "beyond the end": ("noise=1e999&samples=-1e999", "3,0,0,0", ASKED.format("noise = 1000, samples = 20")),
    "no number": ("noise=NaN&samples=", "2,0,0,0", ASKED.format("noise = 2, samples = 20")),
    "a script": (f"net={quote('<img src=x onerror=alert(1)>')}", "2,0,0,0", ASKED.format("net = a net")),
    "an object's own names": ("net=__proto__&tied=constructor", "2,0,0,0", ASKED.format("net = a net, tied = off")),
    "a wrong control": ("volume=3&noise=0.5", "0,0,0,0", NAMED),
    "nobody's control": ("=1&__proto__=2&view=all", "2,0,0,0", NAMED),
    "both": ("noise=7&volume=3", "2,0,0,0", ASKED.format("noise = 2") + " " + NAMED),
    "percent rubbish": ("noise=%E0%A4%A&net=%&%=%", "2,0,0,0", ASKED.format("noise = 2, net = a net") + " " + NAMED),
    "control characters": ("net=a%00net%E2%80%AE", "2,0,0,0", ASKED.format("net = a net")),
    "100 kB": (f"noise={'9' * 50_000}&net={'x' * 50_000}", "2,0,0,0", ASKED.format("noise = 2, net = a net")),
    "ten thousand controls": ("&".join(f"a{k}=1" for k in range(10_000)), "2,0,0,0", NAMED),
    "twice": ("noise=7&noise=0.5", "0,0,0,0", ""),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_an_address_that_asks_for_what_is_not_there_gets_the_nearest_and_a_line(opened, case):
    asked, wanted, line = HOSTILE[case]
    query = "&".join(f"{FIRST}.{part}" for part in asked.split("&"))
    page = opened(f"?{query}&other=1")
    assert page.errors == []
    assert page.locator(".mtl").first.get_attribute("data-shown") == wanted
    assert told(page) == line
    assert told(page, 1) == ""
    assert page.locator("img[src=x]").count() == 0
    for key in ("Home", "End"):
        page.locator(".mtl").first.get_by_role("slider", name="noise").press(key)
    assert told(page) == ""
    page.wait_for_function("slug => location.search.includes(`${slug}.noise=1000`)", arg=FIRST)
    assert set(dict(parse_qsl(urlsplit(page.url).query))) <= {"other", *(f"{FIRST}.{name}" for name in AXES)}


def test_labels_that_say_the_same_are_told_apart(opened):
    explorer = explore(lambda kind, view: Curves(X, {"A": X}), title="T", alt="Lines.", kind=[1, "1", True], view=["a", "numbers"])
    explorer.spec["axes"][0]["labels"] = ["1", "1", "true"]
    page = opened("", [explorer])
    page.locator(".mtl-choice input").nth(1).press("Space")
    page.get_by_label("numbers", exact=True).press("Space")
    asked_for(page, "?t.kind=1~2&t.view=numbers")
    page.reload()
    ready(page)
    assert shown(page) == ["1,1"]
    assert page.locator(".mtl-numbers[open]").count() == 0


def test_titles_of_all_kinds_give_short_names_of_their_own(opened):
    titles = ["?!", "", "多任务学习", "a" * 60, "T′ and T: who avoids what, and for how long?", "?", "widget"]
    explorers = [explore(lambda k: Curves(X, {"A": X}), title=title or "x", k=(1, 3)) for title in titles]
    explorers[1].spec = explorers[1].spec | {"title": ""}
    page = opened("", explorers)
    names = page.locator(".mtl-host").evaluate_all("nodes => nodes.map((node) => node.id.replace('play-', ''))")
    assert names == ["widget", "widget-2", "多任务学习", "a" * 24, "t-and-t-who-avoids-what", "widget-3", "widget-4"]
    page.locator("input[type=range]").nth(2).press("End")
    asked_for(page, "?多任务学习.k=3")


# ---- where there is no address to give -------------------------------------------------------------------------------


def test_in_a_notebook_there_is_no_button_and_the_address_is_left_alone(opened):
    page = opened("?t.k=3", [])
    source = Path(widgets.__file__).with_name("explorer.js").read_text(encoding="utf-8")
    explorer = explore(lambda k: Curves(X, {"A": X}), title="T", k=(1, 3))
    values = {"spec": explorer.spec, "index": explorer.index, "data": list(explorer.data)}
    page.evaluate(
        """async ([esm, values]) => {
          values.data = Uint8Array.from(values.data);
          const heard = [], set = (name, value) => {
            values[name] = value;
            heard.forEach(([event, tell]) => event === `change:${name}` && tell());
          };
          const get = (name) => values[name], on = (event, tell) => heard.push([event, tell]);
          const model = {get, set, on, off() {}, send() {}, save_changes() {}};
          const module = await import(URL.createObjectURL(new Blob([esm], {type: "text/javascript"})));
          await module.default.render({model, el: document.body});
        }""",
        [source, values],
    )
    assert shown(page) == ["1"]
    page.locator("input[type=range]").press("End")
    page.wait_for_timeout(500)
    assert page.url.endswith("?t.k=3")
    assert page.get_by_role("button", name="copy link").count() == 0
    assert page.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_button_can_be_hit_seen_and_is_not_printed(opened, theme):
    page = opened("", viewport={"width": 390, "height": 844}, color_scheme=theme)
    for button in page.get_by_role("button", name="copy link").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(media="print")
    assert page.locator(".mtl-copy:visible").count() == 0
