"""Six pages in Firefox. It is driven by Marionette, the protocol that it speaks itself: this needs no driver and no package."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
SETTINGS = {
    "marionette.port": 0,  # any that is free; the profile says which
    "network.proxy.type": 1,  # no other host is there: what isn't local is asked of a proxy that doesn't exist
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "browser.startup.page": 0,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "devtools.console.stdout.content": True,  # what pages log is printed
}
ERRORS = """
  const isError = (one) => one instanceof Ci.nsIScriptError && !(one.flags & Ci.nsIScriptError.warningFlag);
  const thrown = Services.console.getMessageArray().filter(isError).map((one) => `${one.sourceName}: ${one.errorMessage}`);
  return thrown.filter((line) => /^(http|blob|file)/.test(line));
"""
READY = """
  return document.readyState === "complete" && !document.querySelector(".mtl-host:not([data-ready])")
    && document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').length
       === document.querySelectorAll(".mtl-host").length;
"""
RIGHT, END = "\ue014", "\ue010"


class Firefox:
    """A headless Firefox with an empty profile."""

    def __init__(self, profile: Path) -> None:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in SETTINGS.items()]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = [str(FIREFOX), "--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile", str(profile)]
        self.said = profile / "said.txt"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        active = profile / "MarionetteActivePort"
        self.wait(lambda: active.is_file() and active.read_text(), "Firefox did not start", 60)
        self.socket = socket.create_connection(("127.0.0.1", int(active.read_text())), timeout=60)
        self.stream, self.number = self.socket.makefile("rb"), 0
        self.receive()  # its greeting
        self.call("WebDriver:NewSession")

    @staticmethod
    def wait(ready: Callable[[], Any], complaint: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                raise TimeoutError(complaint)
            time.sleep(0.05)

    def receive(self) -> list[Any]:
        length = b""
        while (letter := self.stream.read(1)) != b":":
            if not letter:
                raise ConnectionError("Firefox is gone")
            length += letter
        return json.loads(self.stream.read(int(length)))

    def call(self, command: str, **parameters: Any) -> Any:
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(str(len(message)).encode() + b":" + message)
        _, _, error, result = self.receive()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return result.get("value") if isinstance(result, dict) else result

    def ask(self, script: str, *values: Any) -> Any:
        return self.call("WebDriver:ExecuteScript", script=script, args=values)

    def open(self, url: str) -> None:
        self.call("WebDriver:Navigate", url=url)
        self.wait(lambda: self.ask(READY), f"{url} is not ready")

    def press(self, selector: str, keys: str) -> None:
        found = self.call("WebDriver:FindElement", using="css selector", value=selector)
        self.call("WebDriver:ElementSendKeys", id=next(iter(found.values())), text=keys)

    def errors(self) -> list[str]:
        """What pages logged or threw since Firefox started."""
        self.call("Marionette:SetContext", value="chrome")
        thrown = self.ask(ERRORS)
        self.call("Marionette:SetContext", value="content")
        logged = re.findall(r"^console\.error: (?!\w+: ).*", self.said.read_text(errors="replace"), re.MULTILINE)  # \w+: is its own
        return thrown + logged

    def close(self) -> None:
        self.stream.close()
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    if FIREFOX is None:
        pytest.skip("no Firefox is installed")
    browser = Firefox(tmp_path)
    yield browser
    browser.close()


def test_six_pages_work_in_firefox(firefox: Firefox, address: str) -> None:
    shown = "return [...document.querySelectorAll('.mtl')].map((node) => node.dataset.shown)"

    asked = "?which-gates-open.step=60&what-does-a-gate-cost.width=7#play-which-gates-open"
    firefox.open(f"{address}/book/sharing/experts-and-gates.html{asked}")
    assert firefox.ask(shown) == ["1,0", "1,20"]
    assert firefox.ask("return document.querySelector('.mtl-told').textContent").endswith("Shown instead: width = 4.")
    top = "return Math.abs(document.getElementById('play-which-gates-open').getBoundingClientRect().top)"
    firefox.wait(lambda: firefox.ask(top) < 200, "the page did not scroll to the widget")
    firefox.press("#play-which-gates-open input[type=range]", RIGHT)
    firefox.wait(lambda: firefox.ask("return location.search").endswith("which-gates-open.step=63"), "the address was not written")

    firefox.open(f"{address}/book/what/two-nets-or-one.html")
    firefox.press(".mtl [type=radio]:checked", RIGHT)
    assert firefox.ask(shown)[0] == "1,1"
    assert firefox.ask("return document.querySelector('.mtl canvas').getBoundingClientRect().height") > 150

    firefox.open(f"{address}/book/why/avoided-representations.html")
    firefox.press(".mtl input[type=range]", END)
    assert firefox.ask(shown)[0] == "16"

    firefox.open(f"{address}/book/reference/ledger.html?verdict=opposite")
    findings = "[...document.querySelectorAll('.mtl-part .mtl-claims > li')].filter((row) => row.checkVisibility())"
    assert set(firefox.ask(f"return {findings}.map((row) => row.dataset.verdict)")) == {"opposite"}

    firefox.open(f"{address}/search.html?q=eavesdropping")
    firefox.wait(lambda: firefox.ask("return document.querySelectorAll('#search-results li a').length"), "nothing was found")

    firefox.open(f"{address}/book/why/stein.html")
    firefox.wait(lambda: firefox.ask("return document.querySelectorAll('mjx-math').length"), "no formula was set")
    before = firefox.ask("return getComputedStyle(document.body).backgroundColor")
    firefox.press(".theme-switch-button", "\ue007")
    themes = "return document.documentElement.dataset.theme"
    if firefox.ask(themes) == "light":
        firefox.press(".theme-switch-button", "\ue007")
    assert firefox.ask(themes) == "dark"
    firefox.wait(lambda: firefox.ask("return getComputedStyle(document.body).backgroundColor") != before, "the dark is not dark")
    assert firefox.ask("return document.activeElement.className").find("theme-switch-button") >= 0

    assert firefox.errors() == []
