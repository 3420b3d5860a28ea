"""How fast the playground trains in a browser, when its first picture is there, and what it weighs.

Optimiser steps a second of one net on one core, in headless Chromium, beside the CPU time that the
browser's process for pages took: a busy machine lengthens the clock's time and not that.
"""

import argparse
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, sync_playwright

from mtl_tutor.widgets.playground import Playground, page_spec
from mtl_tutor.widgets.playground_setting import Setting

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


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, default=4000, help="optimiser steps in each of 7 repetitions")
    n_steps = arguments.parse_args().steps
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    source, css = str(Playground._esm), str(Playground._css)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
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
        browser.close()


if __name__ == "__main__":
    main()
