"""How fast the playground trains in a browser, when its first picture is there, and what it weighs.

Optimiser steps a second of one net on one core, in headless Chromium, beside the CPU time that the
browser's process for pages took: a busy machine lengthens the clock's time and not that. With
`--frames`, how smooth it is while it plays, on a phone's screen and a processor that is slowed down.
"""

import argparse
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from mtl_tutor.widgets.playground import Playground, page_spec
from mtl_tutor.widgets.playground_setting import PRESETS, Setting

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CASES = {
    "trunk, tanh, Adam": {},
    "trunk, ReLU, Adam": {"activation": "relu"},
    "trunk, tanh, SGD": {"optimizer": "sgd"},
    "trunk, PCGrad": {"method": "pcgrad"},
    "trunk, uncertainty": {"method": "uncertainty"},
    "trunk of two layers": {"layers": 2},
    "single-task nets": {"net": "separate"},
    "cross-stitch": {"net": "stitch"},
    "conditioned": {"net": "conditioned"},
}
STEPS = """([setting, n]) => {
  const run = new E.Run(setting, 1);
  run.prepare(0);
  const training = run.pairs[0][0], time = [];
  for (let i = 0; i < n; i++) training.step();
  for (let k = 0; k < 7; k++) {
    const start = performance.now();
    for (let i = 0; i < n; i++) training.step();
    time.push(performance.now() - start);
  }
  return Math.min(...time);
}"""
PHONE: Any = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3}
OPEN = """async ([source, css, spec, setting]) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const el = document.body.appendChild(document.createElement("div")), state = { spec, setting };
  const { render } = (await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })))).default;
  await render({ model: { get: (name) => state[name], set() {}, save_changes() {} }, el });
}"""
WATCH = """async ([seconds, plays]) => {
  const root = document.querySelector(".mtl-pg"), button = root.querySelector(".mtl-go"), long = [], times = [], steps = new Set();
  const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)));
  watch.observe({ entryTypes: ["longtask"] });
  if (plays) button.click();
  await new Promise((done) => {
    const tick = (time) => {
      times.push(time);
      steps.add(root.dataset.shown);
      if (time - times[0] < 1000 * seconds && (!plays || button.textContent === "Pause")) requestAnimationFrame(tick);
      else done();
    };
    requestAnimationFrame(tick);
  });
  watch.disconnect();
  const took = times.at(-1) - times[0];
  return [(1000 * (times.length - 1)) / took, (1000 * steps.size) / took, long.length, Math.max(0, ...long), took / 1000, steps.size];
}"""
FIRST = """async ([source, spec]) => {
  const start = performance.now(), el = document.body.appendChild(document.createElement("div"));
  const { render } = (await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })))).default;
  const state = { spec, setting: {} };
  await render({ model: { get: (name) => state[name], set() {}, save_changes() {}, on() {}, off() {} }, el });
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [performance.now() - start, el.querySelectorAll("canvas").length];
}"""


def cpu_ms(session: CDPSession) -> float:
    """CPU time of the page's thread so far."""
    found: Any = session.send("Performance.getMetrics")
    return next(one["value"] for one in found["metrics"] if one["name"] == "ThreadTime") * 1000


def watched(browser: Browser, source: str, rate: int, preset: str, seconds: float = 10) -> list[float]:
    """Frames and pictures a second, long tasks, the longest in ms, seconds, and CPU ms of a picture; preset "" stands for no play."""
    page = browser.new_page(**PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.set_content('<!doctype html><meta name="viewport" content="width=device-width"><body>')
    setting = Setting(**PRESETS[preset].setting) if preset else Setting()
    page.evaluate(OPEN, [source, str(Playground._css), page_spec(), asdict(setting)])
    page.wait_for_function("document.querySelector('.mtl-pg').dataset.shown")
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    before = cpu_ms(session)
    *found, n_pictures = page.evaluate(WATCH, [seconds, bool(preset)])
    cpu = (cpu_ms(session) - before) / n_pictures
    page.close()
    return [*found, cpu]


def frames(browser: Browser) -> None:
    """Print how smooth the playground is: not playing, and with each preset."""
    print("390 x 844 px of 3 x 3 device pixels; CPU time of a picture counts only where nothing is slowed down\n")
    print(f"{'':28}frames/s  pictures/s  long tasks  longest, ms  seconds  CPU ms of a picture")
    for rate in (1, 4, 6):
        for preset in ("", *PRESETS):
            fps, pictures, n_long, longest, took, cpu = watched(browser, str(Playground._esm), rate, preset)
            shown = f"{fps:8.0f}{pictures:12.1f}{n_long:12.0f}{longest:13.0f}{took:9.1f}" + (f"{cpu:21.1f}" if rate == 1 and preset else "")
            print(f"slowed {rate} x, {preset or 'not playing':15}{shown}", flush=True)


def speeds(browser: Browser, n_steps: int) -> None:
    """Print what a step takes, the first picture and the sizes."""
    source, css = str(Playground._esm), str(Playground._css)
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.add_script_tag(content=f"{source.partition('// Draws the playground')[0]}; const E = engine();")
    print("10 units, 64 samples, 2 tasks, waves; steps a second, the best of 7 repetitions, and by CPU time over all of them\n")
    for name, more in CASES.items():
        setting = asdict(Setting(units=10, samples=64, labelled=1.0, **more))
        before = cpu_ms(session)
        best = page.evaluate(STEPS, [setting, n_steps])
        print(f"{name:22}{1000 * n_steps / best:10,.0f}{8000 * n_steps / (cpu_ms(session) - before):10,.0f}")
    took, n_maps = page.evaluate(FIRST, [source, page_spec()])
    print(f"\nfirst picture ({n_maps} maps): {took:.0f} ms after the module was given")
    print(f"module {len(source.encode()):,} bytes, styles {len(css.encode()):,}")
    built = ROOT / "_build/html/book/what/playground.html"
    if built.is_file():
        print(f"the page itself: {built.stat().st_size:,} bytes")


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, default=4000, help="optimiser steps in each of 7 repetitions")
    arguments.add_argument("--frames", action="store_true", help="frames a second on a phone's screen instead")
    asked = arguments.parse_args()
    if not asked.frames:  # a worker trains while the page draws, which takes two
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        if asked.frames:
            frames(browser)
        else:
            speeds(browser, asked.steps)
        browser.close()


if __name__ == "__main__":
    main()
