"""Authentication: TLS 1.3 only, certificates on both sides, pinned keys.

A pin is the SHA-256 of a certificate's public key (its SubjectPublicKeyInfo, as in RFC 7469,
section 2.4), in hexadecimal. A certificate that is renewed with the same key keeps its pin, and a
name in a certificate proves nothing here.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from os import PathLike
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from prum_match.errors import InvalidInput
from prum_match.values.parties import party_code

File: TypeAlias = str | PathLike[str]

_PIN = re.compile(r"[0-9a-f]{64}")


@lru_cache(maxsize=256)  # called for each request; partners are a few dozen
def pin_of(certificate: bytes | str) -> str:
    """Return the pin of a certificate.

    Parameters
    ----------
    certificate : bytes or str
        In DER, or in PEM as text.

    Raises
    ------
    InvalidInput
        ``bad_certificate``.

    Examples
    --------
    >>> pin_of("no certificate")
    Traceback (most recent call last):
    prum_match.errors.InvalidInput: not an X.509 certificate [bad_certificate; field certificate]
    """
    try:
        if isinstance(certificate, str):
            read = x509.load_pem_x509_certificate(certificate.encode())
        else:
            read = x509.load_der_x509_certificate(certificate)
        key = read.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except ValueError:
        raise InvalidInput(
            "not an X.509 certificate", code="bad_certificate", field="certificate"
        ) from None
    return sha256(key).hexdigest()


def pins_of(pins: Iterable[str]) -> frozenset[str]:
    """Return the pins as a set, checked."""
    if isinstance(pins, str):
        raise InvalidInput(
            "give a collection of pins, not a single string", code="bad_pin", field="pins"
        )
    checked = frozenset(pins)
    if not checked:
        raise InvalidInput("give at least one pin", code="no_pin", field="pins")
    if not all(isinstance(pin, str) and _PIN.fullmatch(pin) for pin in checked):
        raise InvalidInput(
            "a pin is the SHA-256 of a public key as 64 hexadecimal digits",
            code="bad_pin",
            field="pins",
        )
    return checked


def parties_by_pin(pins: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return the party of each pin."""
    parties: dict[str, str] = {}
    for party, keys in pins.items():
        code = party_code(party)
        for pin in pins_of(keys):
            if parties.setdefault(pin, code) != code:
                raise InvalidInput("two parties share a key", code="shared_pin", field="pins")
    return parties


def client_context(
    certificate: File,
    key: File,
    *,
    password: str | None = None,
    authorities: Iterable[File] | None = None,
) -> ssl.SSLContext:
    """Return the TLS settings of the requesting side.

    Parameters
    ----------
    certificate, key : path
        Own certificate, with its chain if it has one, and its private key; PEM.
    password : str, optional
        Password of the key.
    authorities : iterable of path, optional
        Certificates of the partners or of their authorities, which the server must match; PEM.
        Without them the pins alone decide, as in RFC 7858, section 4.2.

    Notes
    -----
    Without `authorities` the context alone authenticates nobody: the transports of this package
    compare pins after the handshake, in which the other side proves that it has the key, and before
    the first byte of a request.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # A host name adds nothing to a key that belongs to one party.
    context.check_hostname = False
    if authorities is None:
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, authorities)
    return _ours(context, certificate, key, password)


def server_context(
    certificate: File, key: File, partners: Iterable[File], *, password: str | None = None
) -> ssl.SSLContext:
    """Return the TLS settings of the answering side, which needs a certificate of a partner.

    Parameters
    ----------
    certificate, key, password
        As for `client_context`.
    partners : iterable of path
        Certificates of the partners, or of the authorities that issue them; PEM. `application` maps
        certificates to parties, by pin.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _trust(context, partners)
    # A resumed session would admit a partner whose certificate is no longer trusted.
    context.num_tickets = 0
    return _ours(context, certificate, key, password)


def _ours(
    context: ssl.SSLContext, certificate: File, key: File, password: str | None
) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # Without a password OpenSSL would prompt for one at the terminal.
    context.load_cert_chain(certificate, key, password or "")
    return context


def _trust(context: ssl.SSLContext, certificates: Iterable[File]) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    # A pinned certificate is trusted whoever issued it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for one in certificates:
        context.load_verify_locations(one)
