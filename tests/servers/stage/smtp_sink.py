"""Postfix's smtp-sink, which takes letters and misbehaves as it is told to."""

import glob
import os
import re
import socket
import subprocess
import tempfile
import time

from stage.served import free_port


class SmtpSink:
    """`flags` are those of smtp-sink(1); letters are kept if `keeps` is set."""

    def __init__(self, *flags, keeps=True):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        os.chmod(self.folder.name, 0o777)
        self.port = free_port()
        own = ["-u", "nobody"] if os.geteuid() == 0 else []
        own += ["-d", f"{self.folder.name}/%H"] if keeps else []
        program = "/usr/sbin/smtp-sink"
        self.process = subprocess.Popen([program, *own, *flags, f"127.0.0.1:{self.port}", "1000"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, "smtp-sink does not run"
                time.sleep(0.02)
        raise AssertionError("smtp-sink does not listen")

    def relay(self, **more):
        words = {"host": "127.0.0.1", "port": self.port, "tls": "none"} | more
        return "{" + ", ".join(f"{key}: {value}" for key, value in words.items()) + "}"

    def taken(self):
        """How often each reader's letter was taken: what came as far as the final dot."""
        counts = {}
        for name in glob.glob(f"{self.folder.name}/*"):
            with open(name, "rb") as file:
                letter = file.read()
            found = re.search(rb"^X-Rcpt-Args: <([^>]+)>", letter, re.M)
            if found and b"</html>" in letter:
                reader = found[1].decode()
                counts[reader] = counts.get(reader, 0) + 1
        return counts

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
