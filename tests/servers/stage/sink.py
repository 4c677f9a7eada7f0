"""A relay that takes every letter and keeps it."""

import email
import email.policy
import re
import socketserver
import threading


class Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.letters = []
        self.more = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def wait(self, count, seconds=20):
        """The letters, once there are so many."""
        with self.more:
            assert self.more.wait_for(lambda: len(self.letters) >= count, seconds), (
                f"{len(self.letters)} letters, not {count}"
            )
            return list(self.letters)


class Dialogue(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 sink")
        recipient = None
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.say("250-sink\r\n250 8BITMIME")
            elif verb == b"RCPT":
                recipient = line.split(b"<")[1].split(b">")[0].decode()
                self.say("250 ok")
            elif verb == b"DATA":
                self.say("354 go on")
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line[1:] if line.startswith(b".") else line)
                with self.server.more:
                    self.server.letters.append((recipient, b"".join(lines)))
                    self.server.more.notify_all()
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def subject(letter):
    return email.message_from_bytes(letter[1], policy=email.policy.default)["Subject"]


def links(letter):
    message = email.message_from_bytes(letter[1], policy=email.policy.default)
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    found = re.findall(r"https?://\S+", text)
    for link in re.findall(r'href="(https?://[^"]+)"', html):
        assert link.replace("&amp;", "&") in found, f"{link} stands in the HTML alone"
    return found


def link(letter, page):
    return next(link for link in links(letter) if f"/{page}/" in link)
