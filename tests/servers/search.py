"""The search page in a browser, over HTTP under a strict policy and from the disk."""

import functools
import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from stage.browser import Browser

binary, root, vnu = pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve(), sys.argv[4]
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"


class Handler(http.server.SimpleHTTPRequestHandler):
    asked = []

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_GET(self):
        if self.path != "/favicon.ico":
            return super().do_GET()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        self.asked.append(self.path)


folder = tempfile.TemporaryDirectory()
news = pathlib.Path(folder.name)
shutil.copytree(root / "content", news / "content")
hostile = news / "content/2018-06-13/hostile.md"
hostile.write_text("---\ntitle: \"</script><img src=x onerror=alert(1)>\"\ntopics: [\"<b>gras</b>\"]\n---\n"
                   "Attaque </script> \u2028 אבג 漢字検索 😀 " + "z" * 5000 + "\n", encoding="utf-8")
for number in range(45):
    day = news / f"content/2017-03-{number % 28 + 1:02}"
    day.mkdir(exist_ok=True)
    (day / f"brochette-{number}.md").write_text(f"---\ntitle: Brochette {number}\n---\nUne brochette de saison.\n")
subprocess.run([binary, "build"], cwd=news, check=True, capture_output=True)
site = news / "out/site"
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=site))
threading.Thread(target=server.serve_forever, daemon=True).start()
page = f"http://127.0.0.1:{server.server_port}/search/"
browser = Browser()


def until(script, wanted):
    for _ in range(100):
        found = browser.script(script)
        if found == wanted or callable(wanted) and wanted(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"{script}: {found!r}, not {wanted!r}")


def said():
    return until("document.querySelector('.found').textContent", lambda text: text and "…" not in text)


def names():
    return browser.script("[...document.querySelectorAll('.finds a')].map(a => a.textContent)")


def search(text):
    browser.script("document.querySelector('#q').select(); document.querySelector('.found').textContent = ''")
    browser.call("Input.insertText", text=text) if text else browser.script("document.querySelector('#q').value = ''")
    return said(), names()


def has(found, part):
    assert any(part in name for name in found[1]), found


# The table of stems that the index is held to.
browser.open(page)
for line in (root / "tests/search/stems.tsv").read_text(encoding="utf-8").splitlines():
    language, text, expected = line.split("\t")
    found = browser.script(f"rotativeSearch.terms({json.dumps(text)}, '{language}').join(' ')")
    assert found == expected, (line, found)

for where in (page, f"file://{site}/search/index.html"):
    browser.open(where)
    for typed in ("lunettes", "Lunette", "lunet", "LUNETTES"):
        has(search(typed), "Optical Center")
    plain, accented = search("economie numerique"), search("économie numérique")
    assert plain == accented and plain[1], (plain, accented)
    has(search("avertissements cdiscount"), "Cdiscount")
    has(search("250 000"), "Optical Center")
    has(search("la cnil inflige"), "CNIL inflige")
    assert browser.script("[...document.querySelectorAll('#threads li:not([hidden]) a')].map(a => a.textContent)") == []
    search("cnil")
    assert browser.script("[...document.querySelectorAll('#threads li:not([hidden]) a')].map(a => a.textContent)") == ["CNIL"]
    nothing = search("xylophone")
    assert nothing == ("Aucun résultat pour «\xa0xylophone\xa0».", []), nothing
    most = search("lunettes opticien xylophone")
    assert most[0].startswith("Aucun texte ne contient tous ces mots") and most[1], most
    for typed in ("検索", "漢", "אבג", "z" * 40):
        found = search(typed)
        assert found == ("Un résultat", ["</script><img src=x onerror=alert(1)>"]), (typed, found)
    many = search("brochette")
    assert many[0] == "45 résultats" and len(many[1]) == 20, many
    browser.script("document.querySelector('.more button').click()")
    until("document.querySelectorAll('.finds li').length", 40)
    assert browser.script("[...document.querySelectorAll('.finds a')].indexOf(document.activeElement)") == 20
    browser.script("document.querySelector('.more button').click()")
    until("document.querySelectorAll('.finds li').length", 45)
    assert browser.script("document.querySelector('.more').hidden")
    # A link leads to its item.
    has(search("lunettes"), "Optical Center")
    target = browser.script("document.querySelector('.finds a').href")
    browser.open(target)
    until("!!document.querySelector(':target') || location.pathname.includes('/201')", True)
    assert not browser.complaints, browser.complaints

# The address says what was looked for; back and forward follow it.
browser.open(f"{page}?q=lunettes")
has((said(), names()), "Optical Center")
assert browser.script("document.querySelector('#q').value") == "lunettes"
browser.script("document.querySelector('#q').value = 'cookies'; document.querySelector('form.search').requestSubmit()")
until("location.search", "?q=cookies")
until("document.querySelectorAll('.finds li').length", lambda count: count > 0)
browser.script("history.back()")
until("document.querySelector('#q').value + location.search", "lunettes?q=lunettes")
has((said(), until("[...document.querySelectorAll('.finds a')].map(a => a.textContent)", lambda found: any("Optical" in name for name in found))), "Optical Center")

# Everybody can use it, as light and as dark; nobody else is asked for anything.
with open(pathlib.Path(vnu).parents[3] / "axe-core/axe.min.js") as source:
    axe = source.read()
browser.call("Page.setBypassCSP", enabled=True)
browser.open(f"{page}?q=brochette")
said()
for scheme in ("light", "dark"):
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    assert not (found := browser.violations(axe)), found
browser.call("Page.setBypassCSP", enabled=False)
loopback = ["-Dnu.validator.servlet.allow-forbidden-hosts=true", "-Dnu.validator.servlet.allowed-address-type=all"]
checked = subprocess.run(["java", *loopback, "-jar", vnu, page], capture_output=True, text=True)
assert checked.returncode == 0 and not checked.stderr.strip(), checked.stderr

# Part of the index is gone: what is left is found, and the loss is said.
(site / "search/2016/index.js").rename(site / "search/2016/gone.js")
browser.open(f"{page}?q=lunettes")
assert "n’a pas pu être lue" in said() and names(), said()
browser.complaints.clear()

# Without script: no form, all topics.
browser.call("Emulation.setScriptExecutionDisabled", value=True)
browser.open(page)
document = browser.call("DOM.getDocument", depth=-1)["root"]["nodeId"]


def shown(selector):
    nodes = browser.call("DOM.querySelectorAll", nodeId=document, selector=selector)["nodeIds"]
    def seen(node):
        try:
            return bool(browser.call("DOM.getBoxModel", nodeId=node))
        except AssertionError:
            return False
    return sum(map(seen, nodes))


assert shown("form.search") == 0 and shown("#threads li") == 8, (shown("form.search"), shown("#threads li"))
browser.close()
server.shutdown()
print(f"search: {len(Handler.asked)} files asked for; over HTTP, from the disk, without script")
