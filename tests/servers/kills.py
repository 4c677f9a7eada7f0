"""kill -9 in the middle of imports and of confirmations: what was acknowledged is there, nothing is half done."""

import http.client
import random
import subprocess
import sys
import threading
import time

from stage.served import Served, token
from stage.sink import Sink

binary = sys.argv[2]
rounds = 100
seed = random.randrange(1 << 32)
chance = random.Random(seed)
print(f"kills: seed {seed}")

served = Served(binary, 1)
with open(f"{served.root}/list.csv", "w") as file:
    file.write("email\n")
    for number in range(60_000):
        file.write(f"r{number}@d{number % 97}.example\n")
args = [served.binary, "subscribers", "import", "list.csv", "--by", "Ann"]
whole = 0
for _ in range(rounds):
    started = subprocess.Popen(args, cwd=served.root, env=served.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.uniform(0, 0.9))
    started.kill()
    whole += started.wait() == 0
    if _ % 10 == 0:
        served.run("store", "check")
served.run("store", "check")
served.run(*args[1:])
readers = served.readers()
assert len(readers) == 60_000, len(readers)
print(f"kills: {rounds} during imports ({whole} came too late), then 60000 of 60000 readers, sound")

# Readers who leave while the service is killed again and again.
addresses = list(readers)
chance.shuffle(addresses)
acknowledged, lock = [], threading.Lock()
at, over = iter(addresses), False


def leave():
    line = None
    while not over:
        with lock:
            address = next(at, None)
        if address is None:
            return
        try:
            line = line or http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
            line.request("POST", f"/unsubscribe/{token(readers[address])}", "List-Unsubscribe=One-Click")
            answer = line.getresponse()
            answer.read()
            if answer.status == 200:
                with lock:
                    acknowledged.append(address)
        except (OSError, http.client.HTTPException):
            line = None
            time.sleep(0.005)


served.start()
leavers = [threading.Thread(target=leave) for _ in range(16)]
for leaver in leavers:
    leaver.start()
for _ in range(rounds):
    time.sleep(chance.uniform(0.02, 0.2))
    served.kill()
    served.start()
over = True
for leaver in leavers:
    leaver.join()
served.kill()
served.run("store", "check")
listed = served.run("subscribers", "export", "--state", "unsubscribed").splitlines()[1:]
left = {line.split(",")[0].strip('"') for line in listed}
lost = [address for address in acknowledged if address not in left]
assert not lost, f"{len(lost)} acknowledged and lost"
print(f"kills: {rounds} of the service, {len(acknowledged)} leavers acknowledged, lost 0, {len(left) - len(acknowledged)} done without an answer")
