"""A certificate authority of the tests' own."""

import subprocess
from pathlib import Path

from program import need


class Authority:
    """Signs certificates; `file` is what clients must trust."""

    def __init__(self, folder: Path) -> None:
        need(openssl="openssl")
        self.file = folder / "authority.pem"
        self._key = folder / "authority.key"
        self._folder = folder
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=Authority of the tests", "-keyout", str(self._key), "-out", str(self.file),
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip

    def certificate(self, name: str) -> Path:
        """Return a file with key and certificate for `DNS:host` or `IP:address`."""
        key, certificate = (self._folder / f"server.{suffix}" for suffix in ("key", "pem"))
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=far end", "-keyout", str(key), "-out", str(certificate),
            "-CA", str(self.file), "-CAkey", str(self._key),
            "-addext", f"subjectAltName={name}", "-addext", "basicConstraints=critical,CA:FALSE",
        )  # fmt: skip
        both = self._folder / f"{name.replace(':', '-')}.pem"
        both.write_text(key.read_text() + certificate.read_text())
        return both


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=30)
