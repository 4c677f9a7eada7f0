"""Opens every kind of page and mail in a real browser: none scrolls sideways on a phone, every picture is there."""

import functools
import http.server
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading

WIDTHS = (320, 600, 1200)

PROBE = r"""<!DOCTYPE html><title>probe</title><body><script>
const cases = %s, done = [];
const pause = time => new Promise(resolve => setTimeout(resolve, time));
async function measure([page, width]) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.src = page;
  document.body.append(frame);
  await Promise.race([new Promise(resolve => frame.onload = resolve), pause(5000)]);
  const inner = frame.contentDocument;
  for (const image of inner.images) { image.loading = "eager"; }
  await Promise.race([Promise.all([...inner.images].map(image => image.decode().catch(() => 0))), pause(1000)]);
  const broken = [...inner.images].filter(image => !image.naturalWidth).map(image => image.src);
  const wide = inner.documentElement.scrollWidth;
  done.push([page, width, wide, broken.length].join("|"));
  frame.remove();
}
(async () => {
  for (const one of cases) await measure(one);
  await fetch("/measured", {method: "POST", body: done.join("\n")});
})();
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
    measured = queue.Queue()
    handler = functools.partial(Handler, measured, directory=str(out))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
             f"--user-data-dir={profile}", "--remote-debugging-port=0",
             f"http://127.0.0.1:{server.server_port}/probe.html"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            answer = measured.get(timeout=120)
        finally:
            browser.kill()
            browser.wait()
            server.shutdown()
    (out / "probe.html").unlink()
    results = [line.split("|") for line in answer.splitlines()]
    assert len(results) == len(cases), f"{len(results)} of {len(cases)} measured"
    faults = [f"{page} is {wide} px wide at {width}" for page, width, wide, _ in results if int(wide) > int(width)]
    faults += [f"{page}: {broken} pictures missing" for page, _, _, broken in results
               if page.startswith("/site/") and int(broken)]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(results)} measurements, none too wide, no picture missing")


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, measured, *args, **kwargs):
        self.measured = measured
        super().__init__(*args, **kwargs)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.measured.put(body.decode())

    def log_message(self, *args):
        pass


main()
