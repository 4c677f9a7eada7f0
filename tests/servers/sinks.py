"""Postfix's smtp-sink misbehaves in every way it knows: the run ends as it should, everybody stands somewhere, and once
the relay is well again nobody is missed and, while uncertain letters are held, nobody gets two."""

import concurrent.futures
import sys

from stage.mailing import Mailing, adds_up
from stage.smtp_sink import SmtpSink

binary = sys.argv[2]
PATIENCE = "  timeouts: {connect: 1s, command: 2s, data: 2s, write: 2s, dot: 2s}\n"
LINES = 4
DONE, PAUSED, HELD, INTERRUPTED = 0, 3, 8, 75


def trial(flags, code, audience=60, domains=1, states=(), after=(DONE,), refuses=False, seconds=4):
    """A run over a sink with faults, then, unless it is done, one over a sink without. `states` are those that others
    than the accepted and the pending may be in; `refuses`: what came as far as the dot was not taken."""
    readers = [f"r{number}@d{number % domains}.example" for number in range(audience)]
    with SmtpSink(*flags) as ill, SmtpSink() as well:
        mailing = Mailing(binary, ill.relay(connections=LINES, letters_per_connection=5), readers, PATIENCE, "deadline: 60s")
        ended = mailing.send(seconds=seconds if code == INTERRUPTED else 60)
        first = mailing.status()
        said = f"{' '.join(flags) or 'no fault'}: {ended[0]}: {adds_up(first)}"
        assert ended[0] == code, (said, ended)
        assert {state for state in STATES if first[state]} <= {"pending", *states}, said
        if code in (PAUSED, INTERRUPTED):
            mailing.relays(well.relay(connections=LINES, letters_per_connection=5))
            ended = mailing.send(seconds=60)
            said += f"; then {ended[0]}: {adds_up(mailing.status())}"
            assert ended[0] in after, (said, ended)
        judge(mailing, {} if refuses else ill.taken(), well.taken(), said)
        again, before = mailing.send(seconds=60), mailing.status()
        assert again[0] == ended[0] and mailing.status() == before, (said, again)
    return said


STATES = ["rejected", "skipped", "expired", "held", "uncertain", "deferred", "pending", "in_flight"]


def judge(mailing, ill, well, said):
    """The ledger against what the sinks have taken."""
    last = mailing.status()
    finals = ["accepted", "rejected", "skipped", "expired", "held"]
    assert sum(last[state] for state in finals) == last["audience"], said
    times = {reader: ill.get(reader, 0) + well.get(reader, 0) for reader in {**ill, **well}}
    assert all(count == 1 for count in times.values()), (said, times)
    accepted = set(mailing.listed("accepted"))
    assert len(accepted) == last["accepted"] and accepted <= set(times), (said, accepted - set(times))
    assert set(times) - accepted <= set(mailing.listed("held")), (said, set(times) - accepted)


def main():
    lost = [[flag, command] for flag in ("-q", "-Q") for command in ("CONNECT", "EHLO", "MAIL")]
    lost += [["-q", "RCPT"], ["-q", "DATA"], ["-r", "CONNECT"], ["-r", "EHLO"], ["-r", "MAIL"], ["-p", "-W", "MAIL:4"]]
    deferred = {"states": ["deferred"], "after": [DONE, HELD]}
    uncertain = {"states": ["uncertain"], "after": [HELD]}
    trials = [(flags, INTERRUPTED, {}) for flags in lost]
    trials += [
        ([], DONE, {}),
        (["-8", "-a", "-C", "-E", "-F", "-N", "-p"], DONE, {}),
        (["-W", ".:1"], DONE, {}),
        (["-w", "1"], DONE, {}),
        (["-H", "1", "-T", "1024"], DONE, {}),
        (["-f", "EHLO"], DONE, {}),
        (["-r", "RCPT"], INTERRUPTED, deferred),
        (["-r", "RCPT"], HELD, {"states": ["expired"], "domains": 60}),
        (["-r", "DATA"], INTERRUPTED, deferred),
        (["-r", "."], INTERRUPTED, deferred | {"refuses": True}),
        (["-Q", "RCPT"], INTERRUPTED, deferred),
        (["-Q", "DATA"], INTERRUPTED, deferred),
        (["-Q", "."], INTERRUPTED, deferred | {"refuses": True}),
        (["-f", "CONNECT"], PAUSED, {}),
        (["-f", "MAIL"], PAUSED, {}),
        (["-f", "RCPT"], DONE, {"states": ["rejected"]}),
        (["-f", "RCPT"], PAUSED, {"states": ["rejected"], "audience": 300}),
        (["-f", "DATA"], PAUSED, {"states": ["rejected"]}),
        (["-f", "."], PAUSED, {"states": ["rejected"], "refuses": True}),
        (["-A", "0"], PAUSED, {"states": ["rejected"], "refuses": True}),
        (["-q", "."], PAUSED, uncertain),
        (["-W", ".:4"], PAUSED, uncertain),
        (["-M", "30"], INTERRUPTED, {"states": ["uncertain"], "after": [DONE, HELD]}),
    ]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        running = [pool.submit(trial, flags, code, **more) for flags, code, more in trials]
        for each in running:
            print(f"sinks: {each.result()}", flush=True)


main()
