"""Lets systemd read the units: no fault, the right days and times, and names that need quoting come through."""

import datetime
import os
import pathlib
import subprocess
import sys
import tempfile
import zoneinfo

SETTINGS = """title: "Le journal 100 % \\\\"
language: fr
timezone: {zone}
base_url: https://j.example
sections: [{{name: brief}}]
calendar: {{days: [{days}]}}
delivery: {{send_at: "{send_at}"}}
service: {{url: https://abonnement.j.example{listen}}}
"""
FILES = ["rotative-publish.service", "rotative-publish.timer", "rotative-serve.service", "rotative-watch.service",
         "rotative-watch.timer", "rotative.socket"]


def main():
    program = pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        plain = units(program, scratch / "plain", scratch / "units-1", zone="Europe/Paris", days="mon, wed, fri",
                      send_at="06:45", listen="")
        check(plain)
        due = calendar(plain, "rotative-publish.timer")
        assert len(due) == 6 and all((day.hour, day.minute) == (6, 45) and day.weekday() in (0, 2, 4) for day in due), due
        watched = calendar(plain, "rotative-watch.timer")
        assert all((day.hour, day.minute) == (7, 15) for day in watched), watched
        odd = units(program, scratch / "a b 100% \"x\" $HOME 'y'", scratch / "units-2", zone="America/New_York",
                    days="mon, tue, wed, thu, fri, sat, sun", send_at="23:50", listen=', listen: "unix:run/http.sock"')
        check(odd)
        assert all((day.hour, day.minute) == (23, 59) for day in calendar(odd, "rotative-watch.timer"))
        exposure = security(plain / "rotative-publish.service")
        assert exposure <= 3.0, exposure
        print(f"{2 * len(FILES)} units are read without a fault; days and times are right in two time zones; exposure {exposure}")


def units(program, newsletter, folder, **settings):
    (newsletter / "content").mkdir(parents=True)
    (newsletter / "content/newsletter.yaml").write_text(SETTINGS.format(**settings), encoding="utf-8")
    secret = newsletter / "the secret"
    secret.write_text("a secret of more than thirty-two characters\n", encoding="utf-8")
    run(program, "systemd", folder, "--user", "daemon", "--root", newsletter, environment={"ROTATIVE_SECRET_FILE": str(secret)})
    assert sorted(path.name for path in folder.iterdir()) == FILES
    return folder


def check(folder):
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", *sorted(folder.iterdir())], capture_output=True, text=True)
    # What the machine's own units lack is no fault of ours.
    said = [line for line in (result.stdout + result.stderr).splitlines() if "rotative" in line]
    assert not said, said
    assert result.returncode == 0, result


def calendar(folder, timer):
    """The next six moments of a timer, in its own time zone."""
    line, = [line for line in (folder / timer).read_text(encoding="utf-8").splitlines() if line.startswith("OnCalendar=")]
    expression = line.partition("=")[2]
    zone = zoneinfo.ZoneInfo(expression.rpartition(" ")[2])
    said = run("systemd-analyze", "calendar", "--iterations=6", expression, environment={"TZ": "UTC", "LANG": "C"})
    moments = [line.split(": ", 1)[1].strip() for line in said.splitlines() if "UTC" in line and ": " in line]
    moments = [datetime.datetime.strptime(moment, "%a %Y-%m-%d %H:%M:%S UTC") for moment in moments if moment.endswith("UTC")]
    return [moment.replace(tzinfo=datetime.timezone.utc).astimezone(zone) for moment in dict.fromkeys(moments)]


def security(unit):
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    line, = [line for line in said.splitlines() if "exposure level" in line]
    return float(line.split(":")[1].split()[0])


def run(*command, environment=None):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, env={**os.environ, **(environment or {})})
    assert result.returncode == 0, (command, result.stdout, result.stderr)
    return result.stdout


main()
