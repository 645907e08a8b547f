"""A second browser: Firefox over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/), with its network cut."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import websocket

NAMES = ("firefox-esr", "firefox")
KEYS = {
    "ArrowRight": "\ue014",
    "ArrowLeft": "\ue012",
    "ArrowDown": "\ue015",
    "ArrowUp": "\ue013",
}  # as WebDriver codes them
PREFERENCES = {
    "network.proxy.type": 1,  # every request but those to files goes to a port where nobody listens
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
}


def executable():
    """Path of a Firefox, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Firefox:
    """One window of one browser with an empty profile; a context manager.

    Attributes
    ----------
    outside : list of str
        Addresses asked for that are no files, data or blobs.
    errors : list of str
        What its pages reported as errors.
    """

    def __init__(self, profile, seconds=60):
        self.outside, self.errors, self._n = [], [], 0
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (Path(profile) / "user.js").write_text("\n".join(lines))
        command = [executable(), "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        self._log = Path(profile) / "said.txt"
        with open(self._log, "w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._socket = websocket.create_connection(
            f"{self._address(seconds)}/session", timeout=seconds, suppress_origin=True
        )
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._page = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _address(self, seconds):
        """Where it listens, as soon as it says so."""
        for _ in range(10 * seconds):
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", self._log.read_text())
            if found:
                return found[1]
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        self._process.kill()
        raise RuntimeError(f"Firefox did not start within {seconds} s; it said: {self._log.read_text()[-2000:]}")

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self._socket.close()
        self._process.terminate()
        self._process.wait()

    def _ask(self, method, **params):
        self._n += 1
        self._socket.send(json.dumps({"id": self._n, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv())
            if said.get("id") == self._n:
                if said["type"] == "error":
                    raise RuntimeError(f"{method}: {said['error']}: {said['message']}")
                return said["result"]
            self._note(said)

    def _note(self, event):
        params = event.get("params", {})
        if event.get("method") == "log.entryAdded" and params["level"] == "error":
            self.errors.append(params["text"])
        elif event.get("method") == "network.beforeRequestSent":
            address = params["request"]["url"]
            if not address.startswith(("file:", "data:", "blob:", "about:")):
                self.outside.append(address)

    def goto(self, address, width=1280, height=900, seconds=60):
        """Open a page and wait until it is the one that is there, whole.

        That the navigation is complete may be said of the former page, where that page wrote its state into its own
        address just then.
        """
        self._ask("browsingContext.setViewport", context=self._page, viewport={"width": width, "height": height})
        self._ask("browsingContext.navigate", context=self._page, url=address, wait="complete")
        there = f"location.href.split(/[?#]/)[0] === {json.dumps(address)} && document.readyState === 'complete'"
        for _ in range(20 * seconds):
            if self.evaluate(there):
                return
            time.sleep(0.05)
        raise RuntimeError(
            f"Firefox did not open {address} within {seconds} s; it shows {self.evaluate('location.href')}"
        )

    def evaluate(self, expression):
        """The value of JavaScript, awaited if it is a promise, by way of JSON."""
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        said = self._ask("script.evaluate", expression=wrapped, target={"context": self._page}, awaitPromise=True)
        if said["type"] == "exception":
            raise RuntimeError(f"{said['exceptionDetails']['text']} in {expression[:200]}")
        return json.loads(said["result"]["value"])

    def press(self, key):
        actions = [{"type": kind, "value": KEYS.get(key, key)} for kind in ("keyDown", "keyUp")]
        self._ask(
            "input.performActions", context=self._page, actions=[{"type": "key", "id": "keys", "actions": actions}]
        )
