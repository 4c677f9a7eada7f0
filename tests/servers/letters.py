"""Reads the letters as strangers do: an independent MIME parser and DKIM verifier, the HTML checker, a spam filter."""

import email
import email.policy
import pathlib
import re
import subprocess
import sys
import tempfile

from stage.signed import SELECTORS, Keys

SECRET = "a secret of more than thirty-two characters, for tests"


def main():
    program, root, vnu = (pathlib.Path(argument).resolve() for argument in sys.argv[2:5])
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        newsletter, keys = signed_newsletter(root, scratch)
        run(program, "build", "--all", "--root", newsletter)
        check_html(vnu, newsletter)
        days = sorted(path.name for path in (newsletter / "out/mail").iterdir())
        for day in days:
            letters = write(program, newsletter, day, scratch / day)
            for letter in letters:
                check_letter(letter, keys)
            compare(*letters)
        check_spam(letters[0])
        print(f"{len(days)} issues: parsed without defects, both signatures hold and break, two letters differ "
              "where they may, no HTML fault, no spam")


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, **options)
    assert result.returncode == 0, (command, result.stdout, result.stderr)
    return result.stdout


def signed_newsletter(root, scratch):
    """The sample, signed with fresh keys of both kinds."""
    newsletter = scratch / "newsletter"
    newsletter.mkdir()
    run("cp", "-r", root / "content", newsletter)
    keys = Keys(scratch)
    settings = newsletter / "content/newsletter.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "\nmail:\n" in text
    settings.write_text(text.replace("\nmail:\n", f"\nmail:\n{keys.settings(*SELECTORS)}"), encoding="utf-8")
    return newsletter, keys


def write(program, newsletter, day, folder):
    run(program, "send", day, "--root", newsletter, "--dry-run", folder, "--test", "ann@reader.example",
        "--test", "bob@reader.example", env={"ROTATIVE_SECRET": SECRET, "PATH": "/usr/bin:/bin"})
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def check_letter(letter, keys):
    assert b"\r\n" in letter and not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", letter), "line ends"
    assert max(len(line) for line in letter.split(b"\r\n")) <= 998
    message = email.message_from_bytes(letter, policy=email.policy.default)
    parts = list(message.walk())
    assert [part.get_content_type() for part in parts] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(part.defects for part in parts), [part.defects for part in parts]
    for name in ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type", "List-Id",
                 "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"):
        assert len(message.get_all(name)) == 1, name
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert keys.verify(letter) == [True, True], "a signature does not hold"
    body = letter.index(b"\r\n\r\n") + 400
    changed = {
        "one byte of the body": letter[:body] + bytes([letter[body] ^ 1]) + letter[body + 1:],
        "a second subject": b"Subject: other\r\n" + letter,
        "another way to unsubscribe": letter.replace(b"List-Unsubscribe: <https://", b"List-Unsubscribe: <https://x", 1),
        "a second sender": b"From: eve@evil.example\r\n" + letter,
    }
    for what, text in changed.items():
        assert text != letter and keys.verify(text) == [False, False], f"signed with {what}"


def compare(first, second):
    """Two letters differ only in address, Message-ID, links of their own and signatures."""
    def common(letter):
        letter = re.sub(rb"DKIM-Signature: .*?\r\n(?=[A-Z])", b"", letter, flags=re.S)
        letter = letter.replace(b"=\r\n", b"")
        letter = re.sub(rb"\r\n(To|Message-ID): [^\r]*", b"", letter)
        return re.sub(rb"(unsubscribe/|preferences/|unsubscribe%20)[A-Za-z0-9_-]{48}", b"", letter)
    assert common(first) == common(second) and first != second


def check_html(vnu, newsletter):
    pages = sorted((newsletter / "out/mail").rglob("mail.html"))
    result = subprocess.run(["java", "-jar", vnu, "--format", "gnu", *pages], capture_output=True, text=True)
    assert result.returncode == 0 and not result.stderr.strip(), result.stderr


def check_spam(letter):
    report = subprocess.run(["spamassassin", "--local", "--test-mode"], input=letter, capture_output=True, check=True)
    score = re.search(rb"\((-?[\d.]+) points", report.stdout)
    assert score and float(score[1]) <= 0, report.stdout[-2000:]


main()
