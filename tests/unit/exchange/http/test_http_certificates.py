from __future__ import annotations

import ssl
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from prum_match.errors import InvalidInput
from prum_match.exchange.http import client_context, pin_of, server_context
from prum_match.exchange.http.certificates import parties_by_pin
from prum_match.testing.certificates import make_identity


def test_a_pin_is_the_digest_of_the_key_in_either_form(tmp_path):
    identity = make_identity(tmp_path, "at")
    key = load_pem_private_key(identity.key.read_bytes(), None)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = identity.certificate.read_text()
    assert identity.pin == sha256(spki).hexdigest()
    assert pin_of(pem) == pin_of(ssl.PEM_cert_to_DER_cert(pem)) == identity.pin


def test_a_renewed_certificate_keeps_its_pin_and_a_new_key_does_not(tmp_path):
    first = make_identity(tmp_path, "old")
    assert make_identity(tmp_path, "renewed", renews=first).pin == first.pin
    assert make_identity(tmp_path, "other").pin != first.pin


@pytest.mark.parametrize("bad", [b"", b"\x30\x00", "", "-----BEGIN CERTIFICATE-----\n"])
def test_an_invalid_certificate_is_refused(bad):
    with pytest.raises(InvalidInput) as caught:
        pin_of(bad)
    assert caught.value.code == "bad_certificate"


@pytest.mark.parametrize(
    ("pins", "code"),
    [
        ({"AT": ["A" * 64]}, "bad_pin"),
        ({"AT": ["a" * 63]}, "bad_pin"),
        ({"AT": ["a" * 64 + "\n"]}, "bad_pin"),
        ({"AT": [b"a" * 64]}, "bad_pin"),
        ({"AT": "a" * 64}, "bad_pin"),
        ({"AT": []}, "no_pin"),
        ({"XX": ["a" * 64]}, "unknown_party"),
        ({"AT": ["a" * 64], "DE": ["b" * 64, "a" * 64]}, "shared_pin"),
    ],
)
def test_invalid_pins_are_refused(pins, code):
    with pytest.raises(InvalidInput) as caught:
        parties_by_pin(pins)
    assert caught.value.code == code


def test_a_party_may_have_two_keys():
    assert parties_by_pin({"AT": ["a" * 64, "b" * 64]}) == {"a" * 64: "AT", "b" * 64: "AT"}


def test_both_sides_require_tls_1_3_and_the_server_a_certificate(tmp_path):
    at = make_identity(tmp_path, "at")
    client = client_context(at.certificate, at.key)
    server = server_context(at.certificate, at.key, [at.certificate])
    for context in (client, server):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert server.verify_mode is ssl.CERT_REQUIRED
    assert server.num_tickets == 0
    vouched = client_context(at.certificate, at.key, authorities=[at.certificate])
    assert vouched.verify_mode is ssl.CERT_REQUIRED


def test_an_encrypted_key_needs_its_password_and_never_prompts(tmp_path):
    at = make_identity(tmp_path, "at", password="correct horse")
    client_context(at.certificate, at.key, password="correct horse")
    for wrong in (None, "battery staple"):
        with pytest.raises(ssl.SSLError):
            client_context(at.certificate, at.key, password=wrong)


def test_a_key_belongs_to_the_code_of_its_party():
    assert parties_by_pin({"EL": ["0" * 64]}) == {"0" * 64: "GR"}
