"""A reader's journey in a browser and over the API; and every address, opened by a scanner, changes nothing."""

import re
import subprocess
import sys

from stage.browser import Browser
from stage.served import Served
from stage.sink import Sink, link, links, subject

binary, vnu = sys.argv[2], sys.argv[4]
sink = Sink()
served = Served(binary, sink.port).start()


def state(address):
    listed = served.run("subscribers", "list", "--format", "json")
    row = re.search(r'\{[^\n]*"email":"%s"[^\n]*\}' % re.escape(address), listed)
    return re.search(r'"status":"(\w+)"', row.group(0)).group(1) if row else None


browser = Browser()
browser.open(f"{served.base}/subscribe")
browser.script("document.querySelector('#email').value = 'ann@reader.example'")
browser.press("subscribe")
assert browser.heading() == "Look into your inbox"
question = sink.wait(1)[0]
assert question[0] == "ann@reader.example" and subject(question) == "Confirm your subscription to The Daily"
confirm = link(question, "confirm")
for method in ("GET", "HEAD", "GET"):
    assert served.ask(method, confirm)[0] == 200
assert state("ann@reader.example") == "unconfirmed"
browser.open(confirm)
assert browser.heading() == "One more step"
assert state("ann@reader.example") == "unconfirmed"
browser.press("confirm")
assert browser.heading() == "Done" and state("ann@reader.example") == "confirmed"
welcome = sink.wait(2)[1]
assert subject(welcome) == "Welcome to The Daily"
assert "https://daily.example/latest/" in links(welcome)
browser.open(link(welcome, "preferences"))
assert browser.heading() == "Your preferences"
browser.script("document.querySelector('input[value=weekly]').click()")
browser.press("save")
assert "Your preferences are saved." in browser.script("document.body.textContent")
browser.press("data")
data = link(sink.wait(3)[2], "data")
browser.open(data)
assert browser.heading() == "Your data"
one_click = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{num_redirects}", "-X", "POST", "-d",
             "List-Unsubscribe=One-Click", link(welcome, "unsubscribe")]
assert subprocess.check_output(one_click, text=True) == "200 0"
assert state("ann@reader.example") == "unsubscribed"
assert browser.script("document.cookie") == "" and not browser.complaints, browser.complaints

# The same over the API.
api = {"Content-Type": "application/json", "Accept": "application/json"}
asked = served.ask("POST", "/subscribe", '{"email": "bob@reader.example", "lang": "fr"}', api)
assert asked == (200, '{"outcome":"asked"}'), asked
question = sink.wait(4)[3]
assert subject(question) == "Confirmez votre abonnement à The Daily"
assert served.ask("POST", link(question, "confirm"), "", api) == (200, '{"outcome":"confirmed"}')
welcome = sink.wait(5)[4]
assert state("bob@reader.example") == "confirmed"

# Every address of every mail, of the issue and of the service, read as scanners read.
served.run("build", "--all")
letter = subprocess.run(
    [served.binary, "send", "2026-08-21", "--dry-run", f"{served.root}/letters", "--test", "bob@reader.example"],
    cwd=served.root, env=served.environment, check=True, capture_output=True,
)
issue = ("", open(f"{served.root}/letters/000001.eml", "rb").read())
addresses = {found for mail in [*sink.wait(5), issue] for found in links(mail)}
addresses |= {f"{served.base}{path}" for path in ("/", "/subscribe", "/robots.txt", "/unsubscribe/x")}
own = sorted(address for address in addresses if address.startswith(served.base))
assert len(own) >= 12, own
before = served.dump()
for address in own:
    for method in ("GET", "HEAD"):
        served.ask(method, address, headers={"User-Agent": "a link scanner"})
assert served.dump() == before, "a scanner has changed something"

assert served.ask("POST", link(welcome, "unsubscribe"), "{}", api) == (200, '{"outcome":"unsubscribed"}')
browser.open(data)
browser.press("erase")
assert browser.heading() == "Everything is erased" and state("ann@reader.example") is None

# Everybody can use the pages, and pages and letters are sound HTML.
with open(re.sub(r"vnu-jar/.*", "axe-core/axe.min.js", vnu)) as source:
    axe = source.read()
for page in ("/subscribe", link(question, "confirm"), link(welcome, "preferences"), link(welcome, "unsubscribe"), "/x"):
    browser.open(page if page.startswith("http") else served.base + page)
    assert not (found := browser.violations(axe)), found
pages = []
for number, path in enumerate(["/subscribe", link(question, "confirm"), link(welcome, "preferences"), data, "/x"]):
    for language in ("en", "fr"):
        pages.append(f"{served.root}/page-{number}-{language}.html")
        with open(pages[-1], "w") as page:
            page.write(served.ask("GET", path, headers={"Accept-Language": language})[1])
for number, mail in enumerate(sink.wait(5)):
    import email
    import email.policy
    pages.append(f"{served.root}/mail-{number}.html")
    with open(pages[-1], "w") as page:
        page.write(email.message_from_bytes(mail[1], policy=email.policy.default).get_body(("html",)).get_content())
checked = subprocess.run(["java", "-jar", vnu, *pages], capture_output=True, text=True)
assert checked.returncode == 0 and not checked.stderr.strip(), checked.stderr

browser.close()
served.stop()
print(f"journey: in the browser and over the API; {len(own)} addresses read twice, the dump unchanged")
