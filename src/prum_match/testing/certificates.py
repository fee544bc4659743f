"""Self-signed certificates for tests and trials of the exchange over HTTPS.

For real use, make and keep the keys where the host keeps its other keys.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from prum_match.errors import missing_extra

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
except ModuleNotFoundError:
    raise missing_extra("cryptography", "http") from None

from prum_match.exchange.http import pin_of

_DAY = timedelta(days=1)


class Identity(NamedTuple):
    """Certificate and key of a party as files, and the pin by which others recognise it.

    Parameters
    ----------
    certificate, key : pathlib.Path
        PEM.
    pin : str
        See `prum_match.exchange.http.pin_of`.
    """

    certificate: Path
    key: Path
    pin: str


def make_identity(
    folder: Path, name: str, *, renews: Identity | None = None, password: str | None = None
) -> Identity:
    """Write a key on the curve P-256 and its certificate, valid for 30 days.

    Parameters
    ----------
    folder : pathlib.Path
        Target folder.
    name : str
        Name of the files and in the certificate.
    renews : Identity, optional
        Identity whose key is used again; it must not be encrypted. None: a new key.
    password : str, optional
        Password that encrypts the key.

    Examples
    --------
    >>> first = make_identity(Path("."), "AT")
    >>> make_identity(Path("."), "AT-2", renews=first).pin == first.pin
    True
    """
    key = _key_of(renews) if renews else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    identity = Identity(folder / f"{name}.pem", folder / f"{name}.key", pin_of(pem.decode()))
    identity.certificate.write_bytes(pem)
    identity.key.touch(mode=0o600)
    identity.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password.encode())
            if password
            else serialization.NoEncryption(),
        )
    )
    return identity


def _key_of(identity: Identity) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(identity.key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
