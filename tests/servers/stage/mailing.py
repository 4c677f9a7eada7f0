"""A newsletter in a folder of its own, with a list, one approved issue and relays to mail it over."""

import json
import os
import subprocess
import tempfile

from stage.served import SECRET

ISSUE = "2026-08-21"
SENTENCE = "La ville étudie un nouveau pont, annonce le maire ; il ouvrira peut-être l'été prochain. "


class Mailing:
    def __init__(self, binary, relays, readers, mail="", delivery="", paragraphs=1):
        self.binary = os.path.abspath(binary)
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        self.mail, self.delivery = mail, delivery
        self.environment = os.environ | {"ROTATIVE_SECRET": SECRET, "ROTATIVE_LEDGER_FLOOR": "1"}
        os.makedirs(f"{self.root}/content/{ISSUE}")
        self.relays(relays)
        with open(f"{self.root}/content/{ISSUE}/bridge.md", "w") as item:
            item.write("---\ntitle: A bridge opens\n---\n" + "\n\n".join([SENTENCE * 8] * paragraphs) + "\n")
        with open(f"{self.root}/list.csv", "w") as rows:
            rows.write("email\n" + "".join(f"{reader}\n" for reader in readers))
        self.run("subscribers", "import", "list.csv", "--by", "Ann")
        self.run("build", ISSUE)
        self.run("approve", ISSUE, "--by", "Ann")

    def relays(self, relays, delivery=None):
        """Writes the settings: who takes the letters is no part of what is approved."""
        with open(f"{self.root}/content/newsletter.yaml", "w") as settings:
            settings.write(
                "title: The Daily\nlanguage: en\nbase_url: https://daily.example\nsections: [{name: brief}]\n"
                "publisher: {name: The House, address: 1 Main Street}\n"
                "mail:\n  from: The Daily <daily@news.example>\n  bounces: bounces@news.example\n"
                f"  relays: [{relays}]\n{self.mail}"
                "service: {url: 'https://readers.news.example'}\n"
                f"delivery: {{settle: 0s, drain: 5s{', ' if delivery or self.delivery else ''}{delivery or self.delivery}}}\n"
            )

    def run(self, *args, code=0):
        done = subprocess.run(
            [self.binary, *args], cwd=self.root, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == code, done
        return done.stdout

    def begin(self, *args):
        command = [self.binary, "send", ISSUE, "--now", "--format", "json", *args]
        return subprocess.Popen(command, cwd=self.root, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def send(self, *args, seconds=None):
        """Sends; told to stop after so many seconds, if it is not done. The code, and what was said at the end."""
        running = self.begin(*args)
        try:
            said, complaint = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            running.terminate()
            said, complaint = running.communicate(timeout=30)
        rows = [json.loads(line) for line in said.splitlines()]
        ends = [row for row in rows if row["event"] == "end"]
        assert ends or running.returncode != 0, (running.returncode, said, complaint)
        return running.returncode, ends[0] if ends else {"said": complaint}

    def status(self):
        done = subprocess.run([self.binary, "status", ISSUE, "--format", "json"],
                              cwd=self.root, env=self.environment, capture_output=True, text=True)
        return json.loads(done.stdout)["sent"]

    def listed(self, state):
        """The addresses in one state."""
        done = subprocess.run([self.binary, "status", ISSUE, "--format", "json", "--show", state],
                              cwd=self.root, env=self.environment, capture_output=True, text=True)
        return [json.loads(line)["email"] for line in done.stdout.splitlines()[1:]]


def adds_up(tally):
    """Whether every recipient stands somewhere, once."""
    states = ["accepted", "rejected", "skipped", "expired", "held", "uncertain", "deferred", "pending", "in_flight"]
    assert sum(tally[state] for state in states) == tally["audience"], tally
    return ", ".join(f"{tally[state]} {state}" for state in states if tally[state])
