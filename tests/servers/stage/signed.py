"""Fresh DKIM keys of both kinds, and an independent verifier."""

import base64
import subprocess

import dkim

SELECTORS = ("rsa", "ed")


class Keys:
    def __init__(self, folder):
        self.records, self.files = {}, {}
        for name, kind in zip(SELECTORS, (["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["ED25519"])):
            file = self.files[name] = folder / f"{name}.pem"
            run("openssl", "genpkey", "-algorithm", *kind, "-out", file)
            file.chmod(0o600)
            public = run("openssl", "pkey", "-in", file, "-pubout", "-outform", "DER")
            word, public = ("rsa", public) if name == "rsa" else ("ed25519", public[-32:])
            record = f"v=DKIM1; k={word}; p={base64.b64encode(public).decode()}"
            self.records[f"{name}._domainkey.news.example."] = record.encode()

    def settings(self, *names):
        keys = (f"{{domain: news.example, selector: {name}, key: {self.files[name]}}}" for name in names)
        return f"  dkim: [{', '.join(keys)}]\n"

    def verify(self, letter):
        """Whether each of the two signatures holds."""
        lookup = lambda name, timeout=5: self.records.get(name.decode() if isinstance(name, bytes) else name)
        verifier = dkim.DKIM(letter)
        results = []
        for at in range(len(SELECTORS)):
            try:
                results.append(bool(verifier.verify(idx=at, dnsfunc=lookup)))
            except dkim.DKIMException:
                results.append(False)
        return results


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True).stdout
