"""A Postfix and a Dovecot of their own, on loopback, in one folder: submission with TLS and login, mailboxes behind it."""

import glob
import os
import pathlib
import subprocess
import time

from stage.served import free_port

AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]
USER, PASSWORD = "daily", "a password with spaces"
# Everybody's mailbox belongs to a user who may not be root.
OWNER = ("nobody", 65534, 65534) if os.geteuid() == 0 else (os.environ.get("USER", ""), os.getuid(), os.getgid())

MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
maillog_file = {folder}/log
maillog_file_prefixes = /tmp, /var
inet_interfaces = 127.0.0.1
myhostname = localhost
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = reader.example
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = texthash:{folder}/readers
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_tls_cert_file = {folder}/localhost.pem
smtpd_tls_key_file = {folder}/localhost.key
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/dovecot/auth-relay
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_delay_reject = yes
"""

MASTER = """127.0.0.1:{submission} inet n - n - - smtpd
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """base_dir = {folder}/dovecot
state_dir = {folder}/dovecot-state
log_path = {folder}/dovecot.log
protocols = lmtp
ssl = no
mail_location = maildir:{folder}/boxes/%n
auth_mechanisms = plain login
first_valid_uid = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/boxes/%n allow_all_users=yes
}}
service auth {{
  unix_listener auth-relay {{
    mode = 0660
    user = postfix
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
"""


class MailServer:
    """Runs in an empty folder while it is open. `readers` at reader.example have mailboxes."""

    def __init__(self, folder, readers):
        self.folder = pathlib.Path(folder)
        self.submission, self.smtps = free_port(), free_port()
        self.authority = self.folder / "authority.pem"
        self.lmtp = self.folder / "dovecot/lmtp"
        self.folder.chmod(0o755)
        for name in ("boxes", "queue", "data", "postfix"):
            (self.folder / name).mkdir()
        subprocess.run([*AS_ROOT, "chown", "postfix", self.folder / "data"], check=True)
        name, uid, gid = OWNER
        if os.geteuid() == 0:
            os.chown(self.folder / "boxes", uid, gid)
        certificates(self.folder)
        words = {"folder": self.folder, "uid": uid, "gid": gid, "submission": self.submission, "smtps": self.smtps}
        for file, text in (("postfix/main.cf", MAIN), ("postfix/master.cf", MASTER), ("dovecot.conf", DOVECOT)):
            (self.folder / file).write_text(text.format(**words))
        (self.folder / "readers").write_text("".join(f"{name}@reader.example {name}/\n" for name in readers))
        (self.folder / "passwords").write_text(f"{USER}:{PASSWORD}\n")

    def __enter__(self):
        self.dovecot = subprocess.Popen([*AS_ROOT, "dovecot", "-F", "-c", str(self.folder / "dovecot.conf")],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.postfix("start")
            for name in ("dovecot/auth-relay", "dovecot/lmtp"):
                wait(lambda: (self.folder / name).exists(), 20, lambda: f"{name} does not appear")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run([*AS_ROOT, "kill", str(self.dovecot.pid)], check=True)
        self.postfix("stop")
        self.dovecot.wait()
        subprocess.run([*AS_ROOT, "chown", "-R", str(os.getuid()), self.folder], check=True)

    def postfix(self, verb):
        # Its servers keep what they are given: no pipe, or nobody would see its end.
        with open(self.folder / "said", "w+") as said:
            command = [*AS_ROOT, "postfix", "-c", str(self.folder / "postfix"), verb]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
            said.seek(0)
            assert done.returncode == 0, (said.read(), self.log())

    def letters(self):
        """The letters of every mailbox."""
        boxes = {}
        for name in glob.glob(f"{self.folder}/boxes/*/new/*"):
            with open(name, "rb") as file:
                boxes.setdefault(pathlib.Path(name).parts[-3], []).append(file.read())
        return boxes

    def wait(self, count, seconds=60):
        arrived = lambda: sum(map(len, self.letters().values())) >= count
        wait(arrived, seconds, lambda: f"fewer than {count} letters arrive: {self.log()[-3000:]}")
        return self.letters()

    def log(self):
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""


def certificates(folder):
    """An authority of our own, and a certificate of it for `localhost`."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    for name, subject in (("authority", "/CN=An authority of the tests"), ("stranger", "/CN=Another authority")):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject,
                "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "localhost.key", "-out", "localhost.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "localhost.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
            "-days", "2", "-extfile", "names", "-out", "localhost.pem")


def wait(condition, seconds, complaint):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, complaint()
        time.sleep(0.1)
