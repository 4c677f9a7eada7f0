"""Whole mailings to readers who do not exist: a thousand kills at forty connections, and two hundred thousand readers;
a million with `--million`, which takes some minutes more."""

import json
import random
import subprocess
import sys

binary = sys.argv[2]
seed = random.randrange(1 << 32)
many_readers = 1_000_000 if "--million" in sys.argv else 200_000


def rehearse(name, *args):
    print(f"rehearsal: {name}: rotative rehearse {' '.join(args)}", flush=True)
    ran = subprocess.run([binary, "rehearse", *args, "--format", "json"], capture_output=True, text=True)
    assert ran.stdout, ran.stderr
    told = json.loads(ran.stdout)
    ledger = told["ledger"]
    print(f"rehearsal: {name}: seed {told['seed']}, {ledger['audience']} readers, {told['taken']} accepted by the relay,"
          f" {ledger['accepted']} by the ledger, {ledger['held']} held, lost {told['lost']}, doubled {told['doubled']},"
          f" false accepts {told['false_accepts']}; {told['letters_a_second']:.0f} letters/s,"
          f" {told['processor_a_letter_us']:.0f} µs of processor each, first after {told['first_letter_seconds']:.2f} s,"
          f" {told['memory_bytes'] / 1e6:.0f} MB", flush=True)
    assert ran.returncode == 0, told
    assert not told["wrong"] and told["lost"] == told["false_accepts"] == told["strangers"] == 0, told
    return told


# F10: kills at random moments, some soon after the start, some with all lines open.
kills, uncertain, most, lines, again = 0, 0, 0, 0, 0
for part in range(11):
    told = rehearse(f"a thousand kills, part {part + 1}", "--subscribers", "60000", "--connections", "40",
                    "--size", "8000", "--faults", "kill:100,slow:2ms", "--seed", str(seed + part))
    assert told["doubled"] == 0 and told["uncertain_by_one_kill"] <= 40, told
    kills += told["kills"]
    uncertain += told["uncertain_by_kills"]
    most = max(most, told["uncertain_by_one_kill"])
    lines = max(lines, told["lines_at_a_kill"])
    again = max(again, told["started_again_seconds"])
assert kills >= 1000, kills
print(f"rehearsal: {kills} kills left {uncertain} uncertain, {most} at most at once, with up to {lines} lines open;"
      f" started again within {again:.2f} s", flush=True)

# Everything at once, with a relay that is far from well.
told = rehearse("all faults", "--subscribers", "20000", "--connections", "20", "--seed", str(seed), "--faults",
                "450:0.01,421:0.01,550:0.005,dot-451:0.005,drop-before-dot:0.005,drop-after-dot:0.0003,"
                "lost-after-dot:0.0003,refuse:0.05,slow:1ms,kill:50")
assert told["kills"] >= 25 and told["doubled"] == 0, told
told = rehearse("sent again", "--subscribers", "20000", "--connections", "20", "--seed", str(seed), "--uncertain",
                "resend", "--faults", "drop-after-dot:0.0003,lost-after-dot:0.0003,slow:1ms,kill:50")
assert told["ledger"]["held"] <= 20, told

# A letter costs the same whether ten thousand are mailed or many more.
few = [rehearse("ten thousand", "--subscribers", "10000", "--seed", str(seed)) for _ in range(3)]
many = rehearse("many", "--subscribers", str(many_readers), "--seed", str(seed))
cost = min(told["processor_a_letter_us"] for told in few)
ratio = many["processor_a_letter_us"] / cost
print(f"rehearsal: a letter of {many_readers} costs {ratio:.2f} times one of ten thousand")
# What is aimed at is 1.3 and 3 s; a busy machine may be slower, a fault is slower by far.
assert ratio <= 2, ratio
assert many["memory_bytes"] <= 200e6, many["memory_bytes"]
assert many["first_letter_seconds"] <= 12, many["first_letter_seconds"]
