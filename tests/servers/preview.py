"""The preview in a browser: new within a moment of a save, in its place; faults shown and mended; open to everybody."""

import base64
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from stage.browser import Browser

binary, root, vnu = os.path.abspath(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]
pictures = os.environ.get("SCREENSHOTS")
folder = tempfile.TemporaryDirectory()
paper = pathlib.Path(folder.name)
shutil.copytree(root / "content", paper / "content")
item = paper / "content/2018-06-13/google-plaintes.md"
hostile = "<script>hacked=1</script><img src=x onerror=hacked=1>"
(paper / "content/2118-06-14").mkdir()
(paper / "content/2118-06-14/hostile.md").write_text(
    f"---\ntitle: '{hostile}'\ndraft: true\n---\n{hostile} [a](javascript:hacked=1)\n", encoding="utf-8")
# The next issue is filling up.
day = subprocess.run([binary, "next", "--root", str(paper)], check=True, capture_output=True, text=True).stdout.strip()
filling = paper / f"content/{day}/{item.name}"
filling.parent.mkdir()
shutil.copy(item, filling)
running = subprocess.Popen([binary, "preview", "--port", "0", "--root", str(paper)],
                           stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
base = next(filter(None, (re.search(r"http://\S+", line) for line in running.stderr))).group(0)
subprocess.Popen(["cat"], stdin=running.stderr, stdout=subprocess.DEVNULL)


def save(path, text):
    """Saves as most editors do: the new file takes the old one's place."""
    beside = path.with_suffix(".md.tmp")
    beside.write_text(text, encoding="utf-8")
    os.rename(beside, path)


def until(browser, condition, patience=20):
    end = time.time() + patience
    while not browser.script(f"Boolean({condition})"):
        assert time.time() < end, f"{condition} was awaited in vain"
        time.sleep(.02)


def settle(browser):
    until(browser, "document.querySelector('.state .good') || document.querySelector('.state .bad')")
    until(browser, "[...document.querySelectorAll('iframe')].every(f => f.contentDocument && f.contentDocument.readyState == 'complete')")


FRAME = "document.querySelector('iframe:not(.coming)').contentWindow"
browser = Browser()
issue = base + "issue/2018-06-13"
text = item.read_text(encoding="utf-8")

# Saves: the page is new, and where it was.
times = {}
for tab in ("mail", "web"):
    browser.open(f"{issue}/{tab}")
    settle(browser)
    browser.script(f"{FRAME}.scrollTo(0, 300)")
    browser.script("window.seen = []; document.addEventListener('renewed', () => seen.push("
                   f"[Date.now(), {FRAME}.document.body.textContent.match(/save-\\d+/)?.[0], {FRAME}.scrollY]))")
    times[tab] = []
    for number in range(10):
        time.sleep(.4)
        mark = f"save-{tab == 'web' and 1 or 2}{number}"
        save(item, f"{text}\nCeci est {mark}.\n")
        start = time.time() * 1000
        until(browser, f"seen.some(one => one[1] == '{mark}')")
        shown, _, scroll = browser.script(f"seen.find(one => one[1] == '{mark}')")
        assert scroll == 300, f"the page has moved to {scroll}"
        times[tab].append(shown - start)
    assert browser.script("location.href") == f"{issue}/{tab}"
    assert browser.script("document.querySelectorAll('iframe').length") == 1
slow = {tab: round(statistics.median(measured)) for tab, measured in times.items()}
print("shown after a save, in ms (medians of 10):", slow)
# 200 ms are meant; a machine that does something else as well gets twice that.
assert all(median <= 400 for median in slow.values()), times

# A fault is shown beside the last good build, and goes when it is mended.
save(item, text.replace("---\n", "---\nsecton: brief\n", 1))
until(browser, "document.querySelector('#faults .excerpt mark')")
fault = browser.script("document.querySelector('#faults').textContent")
assert "secton" in fault and "google-plaintes.md:2:1" in fault and "^^^^^^" in fault, fault
link = browser.script("document.querySelector('#faults .place a').href")
assert link == f"vscode://file{item.resolve()}:2:1", link
assert "save-19" in browser.script(f"{FRAME}.document.body.textContent")
browser.open(issue)
settle(browser)
assert browser.script("document.querySelector('#faults h2').textContent") == "1 error"
assert "save-19" in browser.script(f"{FRAME}.document.body.textContent")
with open(re.sub(r"vnu-jar/.*", "axe-core/axe.min.js", vnu)) as source:
    axe = source.read()
assert not (found := browser.violations(axe)), found
if pictures:
    browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    shot = browser.call("Page.captureScreenshot", format="png")["data"]
    pathlib.Path(pictures, "fault-light-1280.png").write_bytes(base64.b64decode(shot))
save(item, text)
until(browser, "!document.querySelector('#faults section')")

# The same page for everybody, in light and in dark; and nothing that a title says is done.
tabs = ["mail", "dark", "phone", "bare", "text", "source", "web", "web-dark", "web-phone", "contents", "findings"]
future = base + "issue/2118-06-14"
pages = [base, base + "board", f"{base}issue/{day}/board", *[f"{issue}/{tab}" for tab in tabs], *[f"{future}/{tab}" for tab in tabs], base + "nowhere"]
browser.complaints.clear()
for scheme in ("light", "dark"):
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    for width in (360, 768, 1280):
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        for page in pages:
            browser.open(page)
            settle(browser)
            wide = browser.script("document.documentElement.scrollWidth")
            assert wide <= width, f"{page} is {wide} px wide at {width}"
            assert browser.script("typeof hacked") == "undefined", page
            if width != 768:
                found = browser.violations(axe)
                assert not found, (page, scheme, width, found)
            if pictures and "2118" not in page:
                name = page.removeprefix(base).replace("/", "-") or "list"
                shot = browser.call("Page.captureScreenshot", format="png")["data"]
                pathlib.Path(pictures, f"{name}-{scheme}-{width}.png").write_bytes(base64.b64decode(shot))
browser.call("Emulation.clearDeviceMetricsOverride")
# A picture that is not fetched is what the tab without pictures is for; the page that is not there is not there.
refused = [said for said in browser.complaints if "img-src 'none'" not in said and "404" not in said]
assert not refused, refused

# The board is new after a save, in its place; who stood on a link still does.
browser.open(base + "board")
browser.script("document.querySelector('#board .items a').focus(); window.stayed = true")
count = browser.script("document.querySelector('.sums dd').textContent")
save(filling, f"{text}\nEt voici quatre mots.\n")
until(browser, f"document.querySelector('.sums dd').textContent == '{int(count) + 4}'")
assert browser.script("stayed && document.activeElement.closest('#board .items') != null")
save(filling, text)
until(browser, f"document.querySelector('.sums dd').textContent == '{count}'")
assert browser.script("[...document.querySelectorAll('.aside .badge')].some(badge => badge.textContent == 'in the issue, for now')")

# Tabs and links by keyboard alone.
browser.open(issue)
browser.script("document.querySelector('#tabs a').focus()")
browser.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight")
assert browser.script("document.activeElement.textContent.trim()") == "Dark"
browser.open(f"{base}issue/{day}")
browser.script("document.querySelector('#tabs a[href$=contents]').focus()")
browser.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight")
assert browser.script("document.activeElement.textContent.trim()") == "Board"
browser.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", text="\r")
until(browser, "location.pathname.endsWith('/board') && document.querySelector('.panel .sums')")

# Sound HTML, whatever is in it.
files = []
for number, page in enumerate(pages[:-1]):
    files.append(f"{folder.name}/page-{number}.html")
    with urllib.request.urlopen(page) as answer:
        pathlib.Path(files[-1]).write_bytes(answer.read())
checked = subprocess.run(["java", "-jar", vnu, *files], capture_output=True, text=True)
assert checked.returncode == 0 and not checked.stderr.strip(), checked.stderr

# It ends at once, with a page open that listens, and leaves nothing behind.
start = time.time()
running.send_signal(signal.SIGINT)
assert running.wait(timeout=5) == 0
ended = time.time() - start
assert ended < 1, ended
assert not list(paper.glob(".out.preview*")) and not (paper / "out").exists()
browser.close()

# Where the system grants no more watches, the files are looked through, and that is said.
for limit in ("max_inotify_watches", "max_inotify_instances"):
    granted = f"echo 0 > /proc/sys/user/{limit} && exec timeout -s INT 3 {binary} preview --port 0 --root {paper}"
    said = subprocess.run(["unshare", "--user", "--map-root-user", "sh", "-c", granted], capture_output=True, text=True)
    if "unshare:" in said.stderr:
        print("no user namespaces here: the limits of the system are not tried")
        break
    assert "looked for again and again: the system" in said.stderr and "built in" in said.stderr, said
print(f"{len(pages)} pages at 3 widths, light and dark, without a complaint; ended in {ended * 1000:.0f} ms")
