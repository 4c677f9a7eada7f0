"""How many letters a second leave, beside what others do on the same machine in the same minute: Postfix's smtp-source,
lettre's pool, the bare signing rate. Ratios of medians, interleaved; `--strict` holds them to their targets. Otherwise
only to half of them, for machines that do something else as well, and without what would have to be built first: the wire
alone and lettre. `--lines 4` measures one number of connections."""

import json
import os
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

from stage.mailing import Mailing
from stage.smtp_sink import SmtpSink

binary, root = sys.argv[2], sys.argv[3]
STRICT = "--strict" in sys.argv
LINES = [int(sys.argv[sys.argv.index("--lines") + 1])] if "--lines" in sys.argv else [1, 4, 16, 64]
LETTERS, ROUNDS = (5_000, 3) if STRICT else (2_000, 2)
SIZE, FEW = 52_000, 300
TARGETS = {"the ledger durable": 0.8, "Ed25519-signed": 0.8} | ({"the wire": 1.0} if STRICT else {})
SIGNED = {"the ledger durable": [], "Ed25519-signed": ["ed"], "RSA-2048-signed": ["rsa"]}
OF_SIGNING, OF_LETTRE = 0.85, 20


def main():
    wire, pool = built() if STRICT else (None, None)
    with SmtpSink(keeps=False) as sink:
        sender = Sender(sink)
        faults = []
        for lines in LINES:
            work = {"smtp-source": lambda: source(sink, lines)}
            if wire:
                work["the wire"] = lambda: dialogue(wire, sink, lines)
            work |= {what: lambda keys=keys: sender.rate(lines, keys) for what, keys in SIGNED.items()}
            if pool and lines == 4:
                work["lettre"] = lambda: pooled(pool, sink, lines)
            work["bare RSA-2048 signatures"] = bare
            rates = measured(work)
            print(f"speed: {lines} connections, letters a second: "
                  + ", ".join(f"{what} {rate:.0f}" for what, rate in rates.items()), flush=True)
            ratios = [(what, rates[what] / rates["smtp-source"], target) for what, target in TARGETS.items()]
            if lines > 1:
                # One line cannot keep several cores busy; and sink and sender need some of them for the letters.
                signing = rates["RSA-2048-signed"] / sender.capacity(rates["bare RSA-2048 signatures"])
                ratios.append(("RSA-2048-signed, of what all cores can sign beside the letters", signing, OF_SIGNING))
            if "lettre" in rates:
                ratios.append(("the ledger durable, of lettre", rates["the ledger durable"] / rates["lettre"], OF_LETTRE))
            idle = rates["RSA-2048-signed"] / rates["bare RSA-2048 signatures"]
            print(f"speed:   RSA-2048-signed, of what all cores can sign when they do nothing else: {idle:.2f} x", flush=True)
            for what, ratio, target in ratios:
                print(f"speed:   {what}: {ratio:.2f} x (target {target})", flush=True)
                if ratio < (target if STRICT else target / 2):
                    faults.append(f"{what} on {lines} connections: {ratio:.2f}")
        print(f"speed: from the command to the first letter: {statistics.median(sender.starts) * 1000:.0f} ms")
        assert not faults, faults


def measured(work):
    """The medians of several rounds, in each of which everything has its turn."""
    rates = {what: [] for what in work}
    for _ in range(ROUNDS):
        for what, run in work.items():
            rates[what].append(run())
    return {what: statistics.median(found) for what, found in rates.items()}


def source(sink, lines):
    start = time.perf_counter()
    command = ["smtp-source", "-d", "-s", str(lines), "-m", str(LETTERS), "-l", str(SIZE)]
    subprocess.run([*command, "-f", "a@b.example", "-t", "c@d.example", f"127.0.0.1:{sink.port}"], check=True,
                   env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"})
    return LETTERS / (time.perf_counter() - start)


def dialogue(program, sink, lines):
    words = [f"127.0.0.1:{sink.port}", "--letters", LETTERS, "--lines", lines, "--size", SIZE]
    return said(program, *words)


def pooled(program, sink, lines):
    return said(program, sink.port, FEW, lines, SIZE)


def said(*command):
    """The last number that a program prints."""
    text = subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout
    return float(text.split()[-1])


def bare():
    """What all cores together sign when they do nothing else."""
    cores = str(os.cpu_count())
    said = subprocess.run(["openssl", "speed", "-seconds", "1", "-multi", cores, "rsa2048"], check=True, capture_output=True, text=True)
    return float(re.search(r"^rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)", said.stdout, re.M)[1])


def built():
    """The benchmark of the wire, and a sender that uses lettre."""
    pool = ["build", "--release", "--manifest-path", "tests/benches/lettre/Cargo.toml", "--target-dir", "target/lettre"]
    wire = ["bench", "--locked", "--no-run", "--bench", "wire"]
    found = []
    for name, command in (("wire", wire), ("lettre-pool", pool)):
        command = ["cargo", *command, "--message-format", "json"]
        text = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows = [json.loads(row) for row in text.splitlines() if '"executable":"' in row]
        found.append(next(row["executable"] for row in rows if row["target"]["name"] == name))
    return found


class Sender:
    """`rotative send`, to a list that is as new each time."""

    def __init__(self, sink):
        self.sink, self.starts, self.costs = sink, [], []
        readers = [f"r{number}@d{number % 50}.example" for number in range(LETTERS)]
        self.mailing = Mailing(binary, sink.relay(), readers, paragraphs=22)
        for name, kind in (("rsa", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]), ("ed", ["ED25519"])):
            file = f"{self.mailing.root}/{name}.pem"
            subprocess.run(["openssl", "genpkey", "-algorithm", *kind, "-out", file], check=True, capture_output=True)
            os.chmod(file, 0o600)
        self.mailing.run("send", "2026-08-21", "--dry-run", "letters", "--test", "r@d.example")
        size = os.path.getsize(f"{self.mailing.root}/letters/000001.eml")
        assert abs(size - SIZE) < SIZE / 10, f"a letter has {size} bytes"
        shutil.copytree(f"{self.mailing.root}/data", f"{self.mailing.root}/data-before")

    def rate(self, lines, keys):
        """Letters a second between the first and the last that was accepted."""
        root = self.mailing.root
        shutil.rmtree(f"{root}/data")
        shutil.copytree(f"{root}/data-before", f"{root}/data")
        keys = ", ".join(f"{{domain: news.example, selector: {key}, key: {key}.pem}}" for key in keys)
        self.mailing.mail = f"  dkim: [{keys}]\n"
        self.mailing.relays(self.sink.relay(connections=lines, letters_per_connection=1_000_000))
        start, work = time.time(), self.work()
        code, end = self.mailing.send(seconds=120)
        assert code == 0 and end["accepted"] == LETTERS, end
        with sqlite3.connect(f"file:{root}/data/rotative-ledger.db?mode=ro", uri=True) as ledger:
            first, last = ledger.execute("SELECT MIN(at), MAX(at) FROM outcome WHERE result = 'accepted'").fetchone()
        self.starts.append(first / 1000 - start)
        if not keys:
            self.costs.append((self.work() - work) / LETTERS)
        return (LETTERS - 1) / ((last - first) / 1000)

    def work(self):
        """Seconds of all cores that the sink and the senders have taken."""
        with open(f"/proc/{self.sink.process.pid}/stat") as stat:
            ticks = sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
        senders = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ticks / os.sysconf("SC_CLK_TCK") + senders.ru_utime + senders.ru_stime

    def capacity(self, bare):
        """Letters a second that all cores can sign, beside what an unsigned letter costs here and in the sink."""
        cores = os.cpu_count()
        return cores / (statistics.median(self.costs) + cores / bare)


main()
