"""A Postfix takes letters over TLS with a password, and a Dovecot over a socket: every mailbox has one, as it was made."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from stage.mailing import ISSUE, Mailing, adds_up
from stage.postfix import PASSWORD, USER, MailServer
from stage.signed import SELECTORS, Keys

binary = sys.argv[2]
READERS = 200
DONE, PAUSED = 0, 3
# What Postfix and Dovecot may write in front of a letter.
FRONT = re.compile(rb"((Return-Path|X-Original-To|Delivered-To|Received): [^\n]*\n(\s+[^\n]*\n)*)*")


def main():
    readers = [f"{letter}{number}" for letter in "abcx" for number in range(READERS)]
    with tempfile.TemporaryDirectory() as scratch, MailServer(scratch, readers) as server:
        keys = Keys(server.folder)
        submission = f"{{host: localhost, port: {server.submission}, connections: 8}}"
        smtps = f"{{host: localhost, port: {server.smtps}, tls: implicit, connections: 4}}"
        socket = f"{{socket: {server.lmtp}, protocol: lmtp, connections: 4}}"
        stranger = {"ROTATIVE_SMTP_CA_FILE": str(server.folder / "stranger.pem")}
        refused(server, submission, stranger, "the certificate of another authority")
        refused(server, smtps, stranger, "the same, with TLS from the start")
        refused(server, submission, {"ROTATIVE_SMTP_CA_FILE": None}, "an authority that nobody knows")
        refused(server, submission.replace("localhost", "127.0.0.1"), {}, "a certificate for another name")
        refused(server, submission, {"ROTATIVE_SMTP_PASSWORD": "wrong"}, "a wrong password")
        refused(server, submission, {"ROTATIVE_SMTP_USER": None, "ROTATIVE_SMTP_PASSWORD": None}, "no password")
        delivered(server, keys, submission, "a", "STARTTLS and login")
        delivered(server, keys, smtps, "b", "TLS from the start")
        delivered(server, keys, socket, "c", "LMTP on a socket")


def mailing(server, relay, prefix, count, mail="", changed=None):
    made = Mailing(binary, relay, [f"{prefix}{number}@reader.example" for number in range(count)], mail)
    words = {"ROTATIVE_SMTP_USER": USER, "ROTATIVE_SMTP_PASSWORD": PASSWORD, "ROTATIVE_SMTP_CA_FILE": str(server.authority)}
    words |= changed or {}
    made.environment = {**made.environment, **{name: text for name, text in words.items() if text is not None}}
    return made


def refused(server, relay, changed, what):
    """The run pauses, nobody's state has changed, and nothing has come."""
    refused = mailing(server, relay, "x", 20, changed=changed)
    code, end = refused.send(seconds=60)
    tally = refused.status()
    assert code == PAUSED and tally["pending"] == tally["audience"] == 20, (what, code, end, tally)
    assert PASSWORD not in str(end) and not server.letters(), what
    print(f"postfix: {what}: nothing is sent: {end['reason']}", flush=True)


def delivered(server, keys, relay, prefix, what):
    before = server.letters()
    sent = mailing(server, relay, prefix, READERS, keys.settings(*SELECTORS))
    code, end = sent.send(seconds=120)
    tally = sent.status()
    assert code == DONE and tally["accepted"] == READERS, (code, end, server.log()[-3000:])
    boxes = {name: letters for name, letters in server.wait(len(before) + READERS).items() if name not in before}
    assert len(boxes) == READERS and all(len(letters) == 1 for letters in boxes.values()), "not one letter in each mailbox"
    made = written(sent, tally["since"])
    returns = set()
    for address, letter in made.items():
        arrived, = boxes[address.split("@")[0]]
        front = FRONT.match(arrived).group(0)
        assert arrived[len(front):] == letter.replace(b"\r\n", b"\n"), f"the letter to {address} has changed on its way"
        returns.add(re.search(rb"Return-Path: <(bounces\+[^@>]+@news\.example)>", front)[1])
        assert keys.verify(arrived[len(front):].replace(b"\n", b"\r\n")) == [True, True], address
    assert len(returns) == READERS, "return paths are not the readers' own"
    again = sent.send(seconds=60)
    assert again[0] == DONE and sent.status() == tally and server.letters().keys() == before.keys() | boxes.keys(), again
    assert sum(map(len, server.letters().values())) == sum(map(len, before.values())) + READERS, "a letter was sent again"
    print(f"postfix: {what}: {adds_up(tally)}; {READERS} mailboxes have one letter, byte for byte as made, with both"
          " signatures and a return path of its own; sent again: nothing", flush=True)


def written(sent, since):
    """The letters as they are made at the moment at which the run began."""
    moment = since.replace("T", " ").rstrip("Z")
    done = subprocess.run(
        ["faketime", "--exclude-monotonic", "-f", moment, sent.binary, "send", ISSUE, "--dry-run", f"{sent.root}/letters"],
        cwd=sent.root, env=sent.environment | {"TZ": "UTC"}, capture_output=True, text=True,
    )
    assert done.returncode == 0, done
    rows = (line.split() for line in done.stdout.splitlines())
    return {address: pathlib.Path(file).read_bytes() for file, address in rows}


main()
