"""kill -9 in the middle of imports and of confirmations: what was acknowledged is there, nothing is half done."""

import http.client
import json
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
    file.write("email,status\n")
    for number in range(60_000):
        file.write(f"r{number}@d{number % 97}.example,{('subscribed', 'pending')[number % 2]}\n")
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

# Readers who leave, and others who confirm, while the service is killed again and again.
addresses = list(readers)
chance.shuffle(addresses)
acknowledged, lock = {}, threading.Lock()
pending = [address for address in addresses if int(address.split("@")[0][1:]) % 2]
queues, over = (iter(pending), iter(set(addresses) - set(pending))), False


def press(line, path, body):
    line.request("POST", path, body)
    answer = line.getresponse()
    answer.read()
    return answer.status == 200


def go(leaves):
    line = None
    while not over:
        with lock:
            address = next(queues[leaves], None)
        if address is None:
            return
        number = readers[address]
        try:
            line = line or http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
            if leaves and press(line, f"/unsubscribe/{token(number)}", "List-Unsubscribe=One-Click"):
                acknowledged[address] = "unsubscribed"
            if not leaves and press(line, f"/confirm/{token(number, 'c')}", ""):
                acknowledged[address] = "confirmed"
        except (OSError, http.client.HTTPException):
            line = None
            time.sleep(0.005)


served.start()
people = [threading.Thread(target=go, args=(part % 2 == 0,)) for part in range(16)]
for person in people:
    person.start()
for _ in range(rounds):
    time.sleep(chance.uniform(0.02, 0.2))
    served.kill()
    served.start()
over = True
for person in people:
    person.join()
served.kill()
served.run("store", "check")
listed = [json.loads(line) for line in served.run("subscribers", "list", "--format", "json").splitlines()]
state = {row["email"]: row["status"] for row in listed}
lost = [address for address, known in acknowledged.items() if known != state[address]]
assert not lost, f"{len(lost)} acknowledged and lost"
# Who has confirmed gets one welcome: neither none nor two.
rows = [json.loads(line) for line in served.dump().splitlines()[1:]]
welcomes = [row for row in rows if row[0] == "outbox" and "welcome" in row]
back = sum(known == "confirmed" for known in acknowledged.values())
events = [row for row in rows if row[0] == "consent" and "confirmed" in row and "link" in row]
assert len(welcomes) == len(events) >= back, (len(welcomes), len(events), back)
print(f"kills: {rounds} of the service, {len(acknowledged)} acknowledged, {back} of them confirmed, lost 0,"
      f" {len(welcomes)} welcomes for {len(events)} confirmations")
