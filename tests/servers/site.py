"""The web edition as readers, machines and networks meet it: valid, whole, still, light, and closed to strangers."""

import base64
import contextlib
import datetime
import functools
import html.parser
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import xml.etree.ElementTree as xml

import feedparser

from stage import archive
from stage.browser import Browser

out, binary, vnu = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[4]
ATOM = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
HEAVIEST = 60_000


class Page(html.parser.HTMLParser):
    """The ids of a page and what it points to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.scripts = set(), set(), 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            assert attributes["id"] not in self.ids, f"the id {attributes['id']} stands twice"
            self.ids.add(attributes["id"])
        for name in ("href", "src"):
            if name in attributes and attributes.get("rel") != "canonical":
                self.links.add(attributes[name])
        if attributes.get("http-equiv") == "refresh":
            self.links.add(attributes["content"].split("url=")[1])
        if tag == "script" and attributes.get("type") != "application/ld+json":
            self.scripts += 1
        elif tag == "meta" and attributes.get("property") in ("og:image", "og:url"):
            self.links.add(attributes["content"])


def crawl(site, base):
    """Every address that a page names inside the site leads to a file, every anchor to an id; returns clicks from home."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    prefix = urllib.parse.urlsplit(base).path
    faults, next_to = [], {}
    for path, page in pages.items():
        here = base + str(path.relative_to(site)).removesuffix("index.html")
        for link in page.links:
            url = urllib.parse.urljoin(here, link)
            if not url.startswith(base):
                continue
            parts = urllib.parse.urlsplit(url)
            target = site / urllib.parse.unquote(parts.path.removeprefix(prefix))
            target = target / "index.html" if parts.path.endswith("/") else target
            if "/search/" in url and not target.exists() and not (site / "search").exists():
                continue
            if not target.is_file():
                faults.append(f"{path.relative_to(site)}: {link} leads nowhere")
            elif parts.fragment and urllib.parse.unquote(parts.fragment) not in pages[target].ids:
                faults.append(f"{path.relative_to(site)}: {link} names no id")
            elif target in pages:
                next_to.setdefault(path, set()).add(target)
    assert not faults, "\n".join(faults[:20])
    clicks, edge = {site / "index.html": 0}, [site / "index.html"]
    while edge:
        edge = [page for from_ in edge for page in next_to.get(from_, ()) if clicks.setdefault(page, clicks[from_] + 1) == clicks[from_] + 1]
        edge = [page for page in dict.fromkeys(edge) if clicks[page] < 6]
    return pages, clicks


def check_atom(path, base):
    text = path.read_bytes()
    root = xml.fromstring(text)
    assert root.tag == ATOM + "feed"

    def check(element, once, maybe, many):
        names = [child.tag.removeprefix(ATOM) for child in element]
        for name in once:
            assert names.count(name) == 1, f"{path}: {names.count(name)} times {name}"
        for name in maybe:
            assert names.count(name) <= 1, f"{path}: {name} twice"
        assert not set(names) - {*once, *maybe, *many}, f"{path}: {names}"
        for name in ("updated", "published"):
            for child in element.findall(ATOM + name):
                assert MOMENT.fullmatch(child.text), child.text
                datetime.datetime.fromisoformat(child.text)

    check(root, ("id", "title", "updated", "author"), ("subtitle", "generator", "icon"), ("link", "entry"))
    links = {link.get("rel"): link.get("href") for link in root.findall(ATOM + "link")}
    assert links["self"] == base + str(path.relative_to(SITE)), links
    ids = set()
    for entry in root.findall(ATOM + "entry"):
        check(entry, ("id", "title", "updated", "published", "content"), ("author",), ("link", "category"))
        identity = entry.find(ATOM + "id").text
        assert re.fullmatch(r"tag:[a-z0-9.-]+,\d{4}-\d\d-\d\d:[a-z0-9/-]+", identity) and identity not in ids, identity
        ids.add(identity)
        content = entry.find(ATOM + "content")
        assert content.get("type") == "html" and content.text.strip()
        for link in re.findall(r'(?:href|src)="([^"]*)"', content.text):
            assert link.startswith(("https://", "http://", "mailto:", "#")), f"{path}: {link} is relative"
    parsed = feedparser.parse(text)
    assert not parsed.bozo and len(parsed.entries) == len(ids), parsed.get("bozo_exception")
    return ids


def check_json(path, ids):
    feed = json.loads(path.read_text(encoding="utf-8"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["title"] and feed["feed_url"].endswith("feed.json")
    assert {item["id"] for item in feed["items"]} == ids
    for item in feed["items"]:
        assert item["url"].startswith("https://") and item["content_html"] and MOMENT.fullmatch(item["date_published"])


def check_sitemap(path, base):
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    places = [url.find(space + "loc").text for url in xml.parse(path).getroot()]
    assert len(places) == len(set(places)) and all(place.startswith(base) for place in places)
    return places


def kinds(site):
    """One page of each kind."""
    def first(pattern):
        return next((page for page in sorted(site.glob(pattern), reverse=True) if not moved(page)), None)
    found = ["index.html", "404.html", "latest/index.html", "archive/index.html", "corrections/index.html", "topics/index.html"]
    found += [first(pattern) for pattern in (
        "2*/index.html", "2*/[01]*/index.html", "2*/[01]*/[0-3]*/index.html", "2*/[01]*/[0-3]*/*/index.html",
        "weekly/2*/*/*/index.html", "topics/*/index.html", "topics/harbour/index.html", "topics/harbour/2025/index.html",
        "search/index.html")]
    found += [next((page for page in sorted(site.rglob("*.html")) if moved(page)), None)]
    pages = [site / page for page in found if page]
    return [page for page in dict.fromkeys(pages) if page.exists()]


def moved(page):
    return 'http-equiv="refresh"' in page.read_text(encoding="utf-8")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextlib.contextmanager
def served(site, path):
    """A plain server that has the site at a path; returns its address."""
    class Below(Quiet):
        def translate_path(self, wanted):
            return super().translate_path(wanted.removeprefix(path.rstrip("/")))

    serve = functools.partial(Below, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{path}"
        server.shutdown()


def look(addresses, browser, axe):
    """Each kind of page in a browser: nothing is refused, nothing moves, nothing hinders."""
    for address in addresses:
        for scheme in ("light", "dark"):
            browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.open(address)
            found = browser.violations(axe)
            assert not found, f"{address}, {scheme}: {found}"
        browser.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=True)
        browser.open(address)
        shifts = browser.script("new Promise(done => { const seen = []; "
                                "new PerformanceObserver(list => seen.push(...list.getEntries())).observe({type: 'layout-shift', buffered: true}); "
                                "setTimeout(() => done(seen.length), 150); })", wait=True)
        assert not shifts, f"{address}: {shifts} layout shifts"
        browser.call("Emulation.clearDeviceMetricsOverride")
    assert not browser.complaints, browser.complaints


def without_script(site, browser):
    """Read from disk, with scripts off: the text is there, in the design, and printed it fits its sheets."""
    issue = sorted(site.glob("2*/[01]*/[0-3]*/index.html"))[-1]
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"file://{issue}")
    assert browser.script("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
    assert len(browser.script("document.querySelector('main').innerText")) > 200
    printed = base64.b64decode(browser.call("Page.printToPDF")["data"])
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 1 <= sheets <= 4, f"an issue fills {sheets} sheets"
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert not browser.complaints, browser.complaints


with open(re.sub(r"vnu-jar/.*", "axe-core/axe.min.js", vnu)) as source:
    axe = source.read()
with tempfile.TemporaryDirectory() as folder:
    for made in (out, archive.build(binary, folder + "/ledger")):
        SITE = made / "site"
        base = re.search(r"Sitemap: (.*)sitemap.xml", (SITE / "robots.txt").read_text()).group(1)
        pages, clicks = crawl(SITE, base)
        far = [str(page.relative_to(SITE)) for page in pages
               if re.fullmatch(r"\d{4}/\d\d/\d\d/(.*/)?index.html", str(page.relative_to(SITE)))
               and not moved(page) and clicks.get(page, 9) > 4]
        assert not far, f"more than four clicks away: {far[:5]}"
        assert not any(page.scripts for path, page in pages.items() if "search" not in path.parts), "a page runs a script"
        ids = check_atom(SITE / "feed.xml", base)
        check_json(SITE / "feed.json", ids)
        for feed in SITE.glob("topics/*/feed.xml"):
            check_atom(feed, base)
        for place in check_sitemap(SITE / "sitemap.xml", base):
            assert (SITE / place.removeprefix(base) / "index.html").is_file(), place
        style = (SITE / "assets/style.css").stat().st_size
        heavy = max((page.stat().st_size, str(page)) for page in pages if re.search(r"/\d{4}/\d\d/\d\d/index.html", str(page)))
        assert heavy[0] + style <= HEAVIEST, f"{heavy[1]} and its style weigh {heavy[0] + style} bytes"
        with served(SITE, urllib.parse.urlsplit(base).path) as root:
            addresses = [root + str(page.relative_to(SITE)).removesuffix("index.html") for page in kinds(SITE)]
            checked = subprocess.run(["java", "-Dnu.validator.servlet.allow-forbidden-hosts=true", "-Dnu.validator.servlet.allowed-address-type=all", "-jar", vnu, *addresses], capture_output=True, text=True)
            assert checked.returncode == 0 and not checked.stderr, checked.stderr
            assets = [str(SITE / "assets" / name) for name in ("style.css", "icon.svg")]
            checked = subprocess.run(["java", "-jar", vnu, "--also-check-css", "--also-check-svg", *assets], capture_output=True, text=True)
            assert checked.returncode == 0 and not checked.stderr, checked.stderr
            browser = Browser()
            try:
                look([address for address, page in zip(addresses, kinds(SITE)) if not moved(page)], browser, axe)
                without_script(SITE, browser)
            finally:
                browser.close()
        print(f"{len(pages)} pages, {len(kinds(SITE))} kinds, heaviest issue {heavy[0] + style} bytes with its style: all well")
