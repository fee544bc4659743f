"""Keys of pseudonyms: derived from the host's key of a period, one for each field."""

from __future__ import annotations

import json
from typing import Protocol

from prum_match import _native
from prum_match.errors import InvalidInput, PrumError, missing_extra
from prum_match.police_record.pseudonyms.parameters import ENCODER_VERSION

MIN_KEY_BYTES = 32
"""Bytes of a period's key: as strong as HMAC-SHA256 itself."""

_LABEL = "prum_match.police_record"
_KEY_BYTES = 32
_CHECK_BYTES = 8
_MAX_PERIOD = 64


class KeyProvider(Protocol):
    """Protocol that a host implements over its key store: returns the key of a period."""

    def __call__(self, period: str, /) -> bytes:
        """Return the key of a period, 32 bytes or more."""


def hkdf(key: bytes, info: bytes, length: int, salt: bytes | None = None) -> bytes:
    """Return key material after RFC 5869, HKDF with SHA-256."""
    try:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
    except ImportError:
        raise missing_extra("cryptography", "pseudonyms") from None
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)


class Keys:
    """The keys of one period and one parameter block, until they are closed.

    Their memory is overwritten by :meth:`close`. Copies that Python made before, such as the
    bytes of the provider, cannot be overwritten.
    """

    def __init__(self, provider: KeyProvider, period: str, fingerprint: str) -> None:
        if (
            not isinstance(period, str)
            or not period.isascii()
            or not period.isprintable()
            or not 0 < len(period) <= _MAX_PERIOD
        ):
            raise InvalidInput(
                "a period is 1 to 64 printable ASCII characters", code="bad_period", field="period"
            )
        given = provider(period)
        if (
            not isinstance(given, (bytes, bytearray, memoryview))
            or len(bytes(given)) < MIN_KEY_BYTES
        ):
            raise InvalidInput(
                f"a key has {MIN_KEY_BYTES} bytes or more",
                code="weak_key",
                field="key_provider",
            )
        self._open = True
        self._period = period
        self._fingerprint = fingerprint
        self._master = bytearray(given)
        self._derived: dict[str, _native.Hmac] = {}
        self.key_id = self._derive("key_id", _CHECK_BYTES).hex()

    def hmac(self, field: str) -> _native.Hmac:
        """Return what makes digests, HMAC-SHA256, under the key of a field.

        They are worthless once the keys are closed.
        """
        self.check_open()
        found = self._derived.get(field)
        if found is None:
            found = self._derived[field] = _native.Hmac(self._derive(field, _KEY_BYTES))
        return found

    def _derive(self, field: str, length: int) -> bytes:
        info = [_LABEL, ENCODER_VERSION, self._fingerprint, field, self._period]
        return hkdf(bytes(self._master), json.dumps(info).encode("ascii"), length)

    def check_open(self) -> None:
        """Raise an error if the keys were closed."""
        if not self._open:
            raise PrumError("the keys were overwritten", code="keys_closed", field="keys")

    def close(self) -> None:
        """Overwrite and forget the keys; nothing can be encoded afterwards."""
        self._open = False
        self._master[:] = bytes(len(self._master))
        for derived in self._derived.values():
            derived.forget()

    def __enter__(self) -> Keys:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __reduce__(self) -> str:
        raise TypeError("keys are not pickled")

    def __repr__(self) -> str:
        return f"<Keys: {self.key_id}>"
