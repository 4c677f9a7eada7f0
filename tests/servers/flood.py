"""Bombing: many requests for one address, many addresses from one network; and whether time tells who is known."""

import random
import socket
import statistics
import sys
import threading
import time

from stage.served import Served
from stage.sink import Sink, link

binary = sys.argv[2]
requests = int(sys.argv[5]) if len(sys.argv) > 5 else 100_000
tries = 10_000
sink = Sink()
served = Served(binary, sink.port).start()


class Line:
    """A connection that stays open."""

    def __init__(self):
        self.open()

    def open(self):
        self.socket = socket.create_connection(("127.0.0.1", served.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def post(self, address, network):
        body = f"email={address}".encode()
        head = (f"POST /subscribe HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {network}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n")
        self.socket.sendall(head.encode() + body)
        status = int(self.file.readline().split()[1])
        length = 0
        while (line := self.file.readline().strip()):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        self.file.read(length)
        return status


def bomb(count, address, network):
    statuses, lock = {}, threading.Lock()

    def work(part):
        line, own = Line(), {}
        for number in range(part, count, 16):
            status = line.post(address(number), network(number))
            own[status] = own.get(status, 0) + 1
        with lock:
            for status, times in own.items():
                statuses[status] = statuses.get(status, 0) + times

    workers = [threading.Thread(target=work, args=(part,)) for part in range(16)]
    started = time.time()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"flood: {count} requests in {time.time() - started:.0f} s, answers {statuses}")
    served.settle()


everywhere = lambda number: f"10.{number % 200}.{number // 200 % 200}.{number // 40_000 + 1}"
bomb(requests, lambda number: "victim@reader.example", everywhere)
assert len(sink.letters) == 1, len(sink.letters)
bomb(requests, lambda number: f"v{number}@d{number}.example", lambda number: "192.0.2.7")
assert len(sink.letters) <= 1 + 20 + 2, len(sink.letters)
print(f"flood: {len(sink.letters)} letters left: 1 for one address, {len(sink.letters) - 1} for one network")

# Does time tell? Known and unknown addresses in a random order, each from a network of its own.
line = Line()
known = [f"known{number}@k{number}.example" for number in range(10)]
for number, address in enumerate(known):
    line.post(address, f"172.16.{number}.1")
for letter in sink.wait(len(sink.letters) + 10, 60)[-10:]:
    served.ask("POST", link(letter, "confirm"))
times = {"known": [], "unknown": []}
chance = random.Random(7)
for number in range(tries):
    kind = chance.choice(["known", "unknown"])
    address = chance.choice(known) if kind == "known" else f"unknown{number}@u{number % 10}.example"
    started = time.perf_counter_ns()
    line.post(address, f"10.{number % 250}.{number // 250}.9")
    times[kind].append((time.perf_counter_ns() - started) / 1000)
a, b = times["known"], times["unknown"]


def rank_test(a, b):
    """Mann and Whitney's U as a normal deviate: beyond 3 would tell."""
    ranks = {}
    for rank, value in enumerate(sorted(a + b)):
        ranks.setdefault(value, []).append(rank + 1)
    total = sum(sum(ranks[value]) / len(ranks[value]) for value in a)
    n, m = len(a), len(b)
    return (total - n * (n + m + 1) / 2) / ((n * m * (n + m + 1) / 12) ** 0.5)


deviate = rank_test(a, b)
print(f"flood: {len(a)} known, {len(b)} unknown: medians {statistics.median(a):.0f} and {statistics.median(b):.0f} µs,"
      f" z = {deviate:.2f}")
assert abs(deviate) < 3.5, "time tells who is known"
served.stop()
