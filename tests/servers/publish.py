"""The sample newsletter, mailed in the words of the README, in an empty copy; and mornings on which nothing is due."""

import datetime
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from stage.served import SECRET
from stage.smtp_sink import SmtpSink

binary, root = (pathlib.Path(argument).resolve() for argument in sys.argv[2:4])
READERS = 50
ISSUE = "2018-06-08"


def main():
    with tempfile.TemporaryDirectory() as folder, SmtpSink() as sink:
        copy = pathlib.Path(folder) / "step by step"
        newsletter(copy, sink)
        for words in morning(root / "README.md"):
            # The sample's issues are of 2018.
            late = ["--now"] if words[1] == "send" and "--test" not in words else []
            print(f"publish: {' '.join(words)}\n  {said(copy, *words, *late).strip().splitlines()[-1]}", flush=True)
        taken = sink.taken()
        assert taken.pop("me@example.org") == 1, "no proof has come"
        assert len(taken) == READERS and set(taken.values()) == {1}, taken
        assert sent(copy, ISSUE)["accepted"] == READERS

    with tempfile.TemporaryDirectory() as folder, SmtpSink() as sink:
        copy = pathlib.Path(folder) / "at once"
        newsletter(copy, sink)
        for _ in range(3):
            said(copy, "rotative", "publish", ISSUE, "--now")
            assert sent(copy, ISSUE)["accepted"] == READERS and sum(sink.taken().values()) == READERS
        said(copy, "rotative", "publish", "2018-06-11", code=5)
        assert sum(sink.taken().values()) == READERS
        today(copy)
        print(f"publish: {ISSUE} is published once, and again: nothing is sent; so are days without an issue")


def newsletter(copy, sink):
    """The sample in an empty folder, with a relay and a list."""
    copy.mkdir()
    subprocess.run(["cp", "-r", root / "content", copy], check=True)
    edit(copy, "\nmail:\n", f"\nmail:\n  relays: [{sink.relay()}]\n")
    (copy / "list.csv").write_text("email\n" + "".join(f"r{number}@d{number % 7}.example\n" for number in range(READERS)))
    said(copy, "rotative", "subscribers", "import", "list.csv", "--by", "Anne Martin")


def edit(copy, old, new):
    settings = copy / "content/newsletter.yaml"
    text = settings.read_text(encoding="utf-8")
    assert old in text, old
    settings.write_text(text.replace(old, new), encoding="utf-8")


def morning(readme):
    """The commands of the README's chapter on sending."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme.read_text(encoding="utf-8"), re.M | re.S)
    block, = [block for block in blocks if "rotative approve" in block]
    return [shlex.split(line, comments=True) for line in block.splitlines()]


def said(copy, program, *words, code=0):
    assert program == "rotative"
    done = subprocess.run([binary, *words], cwd=copy, capture_output=True, text=True,
                          env=os.environ | {"ROTATIVE_SECRET": SECRET, "ROTATIVE_LEDGER_FLOOR": "1"})
    assert done.returncode == code, done
    return done.stdout


def sent(copy, issue):
    return json.loads(said(copy, "rotative", "status", issue, "--format", "json"))["sent"]


def today(copy):
    """Without an issue: well where none is due, and not where the settings want one."""
    day = datetime.datetime.now(datetime.timezone.utc).date()
    near = f"{day - datetime.timedelta(1)}/{day + datetime.timedelta(1)}"
    edit(copy, "holidays: FR}", f"holidays: FR, except: [{near}]}}")
    assert "none is due" in said(copy, "rotative", "publish", "today")
    edit(copy, f"days: [mon, tue, wed, thu, fri], holidays: FR, except: [{near}]", "days: [mon, tue, wed, thu, fri, sat, sun]")
    said(copy, "rotative", "publish", "today", code=1)


main()
