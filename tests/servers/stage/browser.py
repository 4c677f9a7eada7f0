"""A headless Chromium, driven over its DevTools protocol."""

import json
import os
import re
import subprocess
import tempfile

import websocket


class Browser:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
        self.process = subprocess.Popen(
            ["chromium", *flags.split(), "--remote-debugging-port=0", "--remote-allow-origins=*",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )
        address = next(filter(None, (re.search(r"ws://\S+", line) for line in self.process.stderr)))
        self.number = 0
        self.line = websocket.create_connection(address.group(0), timeout=30)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Log.enable")
        self.complaints = []

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        self.line.send(json.dumps(message))
        while True:
            said = json.loads(self.line.recv())
            self.hear(said)
            if said.get("id") == self.number:
                assert "error" not in said, said
                return said["result"]

    def hear(self, said):
        if said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
            self.complaints.append(said["params"]["entry"]["text"])

    def loaded(self):
        while True:
            said = json.loads(self.line.recv())
            self.hear(said)
            if said.get("method") == "Page.loadEventFired":
                return

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.loaded()

    def script(self, text, wait=False):
        answer = self.call("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=wait)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def violations(self, axe):
        """What axe finds wrong with the open page, by rule and element."""
        self.script(axe)
        answer = self.call("Runtime.evaluate", expression="axe.run()", awaitPromise=True, returnByValue=True)
        found = answer["result"]["value"]["violations"]
        return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found]

    def heading(self):
        return self.script("document.querySelector('h1').textContent")

    def press(self, action):
        """Presses a button of the page with a mouse of its own, and waits for the next page."""
        place = self.script(
            f"(() => {{ const b = document.querySelector('button[value={action}]'); b.scrollIntoView({{behavior: 'instant'}});"
            " const r = b.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        self.loaded()

    def close(self):
        self.line.close()
        self.process.kill()
        self.process.wait()
        os.sync()
