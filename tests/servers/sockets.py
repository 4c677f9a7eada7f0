"""Sockets: one that systemd hands over, one in the file system, and an end that drops nobody."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from stage.served import Served

binary = sys.argv[2]


def answer(line):
    line.sendall(b"GET /subscribe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    reply = http.client.HTTPResponse(line)
    reply.begin()
    return reply.status, reply.read()


# As systemd does it: the socket is the third descriptor, and waits for whoever serves.
served = Served(binary, 1)
given = socket.create_server(("127.0.0.1", 0))
asked = socket.create_connection(given.getsockname())
os.dup2(given.fileno(), 3)
os.set_inheritable(3, True)
process = subprocess.Popen(
    ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve', served.binary],
    cwd=served.root, env=served.environment, pass_fds=(3,), stderr=subprocess.DEVNULL,
)
asked.settimeout(20)
assert answer(asked)[0] == 200, "who came before the service was there has to be answered"

# A request that is open when the service is told to stop is answered, and then it stops.
slow = socket.create_connection(given.getsockname())
slow.settimeout(20)
slow.sendall(b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n"
             b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=late@")
time.sleep(0.3)
process.send_signal(signal.SIGTERM)
time.sleep(0.3)
slow.sendall(b"reader.example\n")
assert slow.recv(100).startswith(b"HTTP/1.1 200"), "an open request was dropped"
assert process.wait(20) == 0
assert any('"late@reader.example' in row for row in served.dump().splitlines()), "acknowledged and lost"
given.close()

with tempfile.TemporaryDirectory() as folder:
    place = f"{folder}/http.sock"
    served = Served(binary, 1, listen=f"unix:{place}")
    for _ in range(2):
        process = subprocess.Popen([served.binary, "serve"], cwd=served.root, env=served.environment,
                                   stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                line = socket.socket(socket.AF_UNIX)
                line.connect(place)
                break
            except OSError:
                time.sleep(0.02)
        assert answer(line)[0] == 200
        assert os.stat(place).st_mode & 0o777 == 0o660
        # Killed, it leaves its socket behind; the next start replaces it.
        process.kill()
        process.wait()
print("sockets: handed over, in the file system, and an open request answered at the end")
