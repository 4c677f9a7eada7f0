"""A newsletter in a folder of its own, served on loopback."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import subprocess
import tempfile
import time

SECRET = "a secret of the tests, longer than thirty-two characters"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    def __init__(self, binary, relay_port, store="sqlite:data/rotative.db", per_hour=1000, listen=None):
        self.binary = os.path.abspath(binary)
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        self.port, self.admin = free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        os.makedirs(f"{self.root}/content/2026-08-21")
        with open(f"{self.root}/content/newsletter.yaml", "w") as settings:
            settings.write(
                "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{name: brief}]\n"
                f"store: {store}\nweekly: {{day: sat}}\n"
                "publisher: {name: The House, address: 1 Main Street}\n"
                "mail:\n  from: The Daily <daily@news.example>\n"
                f"  relays: [{{host: 127.0.0.1, port: {relay_port}, tls: none}}]\n"
                f"service: {{url: '{self.base}', listen: '{listen or f'127.0.0.1:{self.port}'}', admin: '127.0.0.1:{self.admin}',"
                f" proxies: [127.0.0.1], confirmations_per_hour: {per_hour}}}\n"
            )
        with open(f"{self.root}/content/2026-08-21/bridge.md", "w") as item:
            item.write("---\ntitle: A bridge opens\ntopics: [bridges]\n---\nIt opens.\n")
        self.environment = os.environ | {"ROTATIVE_SECRET": SECRET}
        self.process = None

    def run(self, *args, check=True):
        done = subprocess.run(
            [self.binary, *args], cwd=self.root, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0 or not check, done
        return done.stdout

    def start(self):
        log = open(f"{self.root}/log", "a")
        self.process = subprocess.Popen(
            [self.binary, "serve"], cwd=self.root, env=self.environment, stderr=log, stdout=log
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError(open(f"{self.root}/log").read())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0, open(f"{self.root}/log").read()

    def dump(self):
        return self.run("subscribers", "export", "--full")

    def ask(self, method, url, body="", headers=()):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request(method, url.removeprefix(self.base), body, form | dict(headers))
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text

    def readers(self):
        """Number and address of every reader."""
        rows = (json.loads(line) for line in self.dump().splitlines()[1:])
        return {row[4]: row[1] for row in rows if row[0] == "subscriber"}

    def count(self, name):
        line = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=20)
        line.request("GET", "/metrics")
        text = line.getresponse().read().decode()
        return int(next(row for row in text.splitlines() if row.startswith(f"rotative_{name} ")).split()[1])

    def settle(self, seconds=120):
        """Waits until every request is judged and every letter mailed."""
        time.sleep(1.5)
        end = time.monotonic() + seconds
        while (waiting := [self.count(f"{kind}_waiting") for kind in ("requests", "letters")]) != [0, 0]:
            assert time.monotonic() < end, f"{waiting} still wait after {seconds} s"
            time.sleep(0.5)
        time.sleep(1.5)


def token(number, purpose="u", name="daily"):
    """A token made without the program; one that confirms or shows somebody's data ends within three days."""
    key = SECRET.encode()
    key_id = hmac.digest(key, b"key id", "sha256")[:1]
    head = b"\x02" + key_id + purpose.encode() + hashlib.sha256(name.encode()).digest()[:3]
    minutes = int(time.time()) // 60 + 71 * 60 if purpose in "cd" else 0
    head += number.to_bytes(8, "big") + bytes(2) + minutes.to_bytes(4, "big")
    mac = hmac.digest(key, head, "sha256")[:16]
    return base64.urlsafe_b64encode(head + mac).decode()
