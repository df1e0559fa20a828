"""TLS for SIP: whom we trust, how we prove who we are, and failures in plain words (RFC 3261 section 26.3)."""

import datetime
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.local_address import is_address

EXPIRED: Final = 10
NOT_YET_VALID: Final = 9
WRONG_NAME: Final = (62, 64)
"""Of a host, of an address; all as OpenSSL's `X509_V_ERR_...`."""
UNKNOWN_AUTHORITY: Final = (18, 19, 20, 21)
OWN_CERTIFICATE_DAYS: Final = 30


@dataclass(frozen=True)
class Trust:
    """Whose certificates are taken."""

    ca_file: str = ""
    """PEM file with authorities to trust besides the system's."""
    insecure: bool = False
    """Take any certificate."""

    def context(self) -> ssl.SSLContext:
        """Return the client's side of TLS; raise CallError when the file cannot be read."""
        context = ssl.create_default_context()
        if self.ca_file:
            try:
                context.load_verify_locations(self.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise CallError(
                    f"The certificates in {self.ca_file} cannot be read.", "Name a file with certificates in PEM form."
                ) from error
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def server_context(host: str, cert: str = "", key: str = "") -> ssl.SSLContext:
    """Return the server's side of TLS with a certificate of PEM files, or one made here for an address.

    Raises CallError when the files cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if not cert:
        with tempfile.NamedTemporaryFile(suffix=".pem") as made:
            made.write(own_certificate(host))
            made.flush()
            context.load_cert_chain(made.name)
        return context
    try:
        context.load_cert_chain(cert, key or None)
    except (OSError, ssl.SSLError) as error:
        missing = [name for name in (cert, key) if name and not Path(name).is_file()]
        raise CallError(
            f"There is no file {missing[0]}." if missing else f"{cert} and its key cannot be used for TLS.",
            "Give the certificate as cert=FILE and its key as key=FILE, both in PEM form.",
        ) from error
    return context


def own_certificate(host: str) -> bytes:
    """Return a new certificate for an address, signed by itself, with its key, in PEM form."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.IPAddress(ipaddress.ip_address(host)) if is_address(host) else x509.DNSName(host)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dtmfphone")])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=OWN_CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName([own]), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def explain(name: str, error: ssl.SSLError) -> CallError:
    """Say why TLS with a server did not come about."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return CallError(
            f"TLS with {name} failed ({error.reason or error}).",
            "Check the port, and whether the server wants TLS or a newer version of it.",
        )
    trust = "Name its authority's certificate as CA file, or accept any certificate (insecure) if this is a test."
    code = error.verify_code
    if code == EXPIRED:
        return CallError(f"The certificate of {name} has expired.", "Have it renewed; check this machine's clock.")
    if code == NOT_YET_VALID:
        return CallError(f"The certificate of {name} is not valid yet.", "Check this machine's clock.")
    if code in WRONG_NAME:
        return CallError(
            f"The certificate shown is not one for {name}.", "Call the server by the name that its certificate has."
        )
    if code in UNKNOWN_AUTHORITY:
        return CallError(f"The certificate of {name} is from an authority that is not known here.", trust)
    return CallError(f"The certificate of {name} is not trusted: {error.verify_message.rstrip('.')}.", trust)
