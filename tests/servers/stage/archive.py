"""A newsletter of some years, beside the sample: renamed items, old addresses, Arabic, long threads, digests."""

import datetime
import pathlib
import shutil
import subprocess

SETTINGS = """title: The Morning Ledger
tagline: What happened, in six items
language: en
timezone: Europe/London
base_url: https://ledger.example/letter/
publisher: {name: Ledger & Sons, address: "1 Quay Street, Bristol"}
sections:
  - {name: brief, title: ""}
  - {name: said, title: Who said it?, kind: quote}
  - {name: count, title: By the numbers, kind: figure}
  - {name: moves, title: Moves, kind: appointment}
weekly: {day: sat, max: 6, title: The week}
service: {url: https://readers.ledger.example}
theme: {accent: "#7a1f2b", headings: serif, text: sans}
"""

SPECIAL = {
    "said.md": "---\nsection: said\nquote: {text: Nobody reads <the> ledger twice, by: Ann & Bob, role: clerks}\n---\nA reply.\n",
    "count.md": "---\nsection: count\nfigure: {value: 1 in 7, of: readers who read the seventh item, study: \"Counting House, 2026\"}\n---\nIt adds up.\n",
    "moves.md": "---\nsection: moves\nperson: {name: Cara Ng, role: editor, organisation: The Ledger, before: proof-reader}\n---\nShe starts on Monday.\n",
    "arabic.md": "---\ntitle: خبر من القاهرة\nlang: ar\ntopics: [words]\n---\nنص قصير بالعربية.\n",
    "second-name.md": "---\ntitle: Renamed twice\naliases: [first-name, /old/renamed.html]\ntopics: [words]\n"
                      "corrections: [{date: 2026-08-24, text: It was two.}]\n---\nA note.[^1]\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n[^1]: Here.\n",
}


def make(root, days=420):
    content = pathlib.Path(root) / "content"
    day = datetime.date(2026, 8, 21)
    write(content / "newsletter.yaml", SETTINGS)
    write(content / "topics" / "words.md", "---\nname: Words & letters\naliases: [wordes]\ndescription: What we write with\nrelated: [harbour]\n---\nA thread.\n")
    write(content / "topics" / "harbour.md", "---\nname: Harbour\naliases: [/tags/harbour/]\n---\n")
    for name, text in SPECIAL.items():
        write(content / "2026-08-21" / name, text)
    for back in range(days):
        date = day - datetime.timedelta(days=2 * back)
        for number in range(2):
            write(content / str(date) / f"item-{number}.md",
                  f"---\ntitle: Item {number} of {date}\ntopics: [harbour]\n---\nWhat happened on that day, told in some sentences. The harbour was open, the tide was late, and the ledger was kept by three clerks who did not agree on its colour. A fourth one counted them.\n")
    for year in (2024, 2025):
        write(content / "articles" / f"long-{year}.md",
              f"---\ntitle: A long read of {year} & after\ndate: {year}-03-01\ntopics: [words]\nauthor: Cara Ng\n"
              f"aliases: [/blog/{year}/long/, earlier-{year}]\n---\n## Part one\n\nText </script> of it.\n\n### A detail\n\nMore.\n")
    return pathlib.Path(root)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def build(binary, root):
    shutil.rmtree(root, ignore_errors=True)
    make(root)
    done = subprocess.run([binary, "build", "--root", str(root)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return pathlib.Path(root) / "out"
