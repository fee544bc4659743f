"""Keys: derived by RFC 5869, separate for field, period and block, and overwritten by close."""

from __future__ import annotations

import hmac
import json
import pickle
import sys
from typing import Any

import pytest

from prum_match._native import Hmac
from prum_match.errors import InvalidInput, PrumError
from prum_match.police_record.pseudonyms.keys import Keys, hkdf

pytestmark = pytest.mark.native

BLOCK = "ab" * 32
SECRET = bytes(range(100, 140))


def keys(period: str = "2026-11", block: str = BLOCK, secret: Any = SECRET) -> Keys:
    return Keys(lambda period: secret, period, block)


# RFC 5869, appendix A.1 to A.3.
@pytest.mark.parametrize(
    ("key", "salt", "info", "length", "output"),
    [
        (
            b"\x0b" * 22,
            bytes(range(13)),
            bytes(range(0xF0, 0xFA)),
            42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(range(0x50)),
            bytes(range(0x60, 0xB0)),
            bytes(range(0xB0, 0x100)),
            82,
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
            "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
            "cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            b"\x0b" * 22,
            None,
            b"",
            42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_hkdf(key: bytes, salt: bytes | None, info: bytes, length: int, output: str) -> None:
    assert hkdf(key, info, length, salt).hex() == output


# RFC 4231, test cases 1 to 3.
@pytest.mark.parametrize(
    ("key", "message", "output"),
    [
        (
            b"\x0b" * 20,
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b"\xaa" * 20,
            b"\xdd" * 50,
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
    ],
)
def test_hmac(key: bytes, message: bytes, output: str) -> None:
    assert Hmac(key).digest(message).hex() == output


def test_hmac_of_messages_of_any_length() -> None:
    key = bytes(range(7, 39))
    for length in range(200):
        message = bytes(i * 31 % 251 for i in range(length))
        assert Hmac(key).digest(message) == hmac.digest(key, message, "sha256")
        # As long as a block, and shorter; longer ones are not derived.
        own = message[:64]
        assert Hmac(own).digest(message) == hmac.digest(own, message, "sha256")


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        Hmac(bytes(65))
    assert error.value.code == "bad_shape"


def test_a_digest_covers_field_and_message() -> None:
    info = json.dumps(["prum_match.police_record", 1, BLOCK, "name", "2026-11"]).encode()
    expected = hmac.digest(hkdf(SECRET, info, 32), b"MU", "sha256")
    assert keys().hmac("name").digest(b"MU") == expected
    assert keys(secret=bytearray(SECRET)).hmac("name").digest(b"MU") == expected


def test_a_key_is_known_by_the_check_value_of_earlier_versions() -> None:
    """It is stored in galleries and messages: with another value, comparisons would be refused."""
    some = keys(block="0" * 64, secret=bytes(range(32)))
    assert repr(some) == "<Keys: a2981ff3b8cd379f>"
    assert hkdf(bytes(32), b"example", 4).hex() == "239a04fe"


def test_field_period_block_and_key_make_other_keys() -> None:
    others = [keys(), keys("2026-12"), keys(block="cd" * 32), keys(secret=SECRET[::-1])]
    assert len({k.hmac("name").digest(b"MU") for k in others}) == 4
    assert len({k.key_id for k in others}) == 4
    assert keys().hmac("birth_date").digest(b"MU") != keys().hmac("name").digest(b"MU")
    assert keys().key_id == keys().key_id


def test_the_provider_is_asked_once_and_for_the_period() -> None:
    asked = []

    def provider(period: str) -> bytes:
        asked.append(period)
        return SECRET

    Keys(provider, "2026-11", BLOCK).hmac("name").digest(b"MU")
    assert asked == ["2026-11"]


@pytest.mark.parametrize("secret", [bytes(31), b"", None, "x" * 32, [0] * 32])
def test_weak_keys(secret: object) -> None:
    with pytest.raises(InvalidInput) as error:
        keys(secret=secret)
    assert (error.value.code, error.value.value) == ("weak_key", None)


@pytest.mark.parametrize("period", ["", "ä", "a\n", "x" * 65, 11, None])
def test_periods(period: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        keys(period)
    assert error.value.code == "bad_period"


def test_closed_keys_are_overwritten() -> None:
    with keys() as some:
        name = some.hmac("name")
        open_digest = name.digest(b"MU")
        assert any(some._master)
    assert some._master == bytes(40)
    # From states that are all zero: nothing of the key is in them.
    other = keys(secret=SECRET[::-1])
    others_name = other.hmac("name")
    other.close()
    assert open_digest != name.digest(b"MU") == others_name.digest(b"MU")
    with pytest.raises(PrumError) as error:
        some.hmac("name")
    assert error.value.code == "keys_closed"
    some.close()


def test_keys_are_neither_shown_nor_pickled() -> None:
    some = keys()
    some.hmac("name")
    assert repr(some) == f"<Keys: {some.key_id}>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(some)


def test_without_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(PrumError, match="pip install 'prum-match\\[pseudonyms\\]'") as error:
        keys()
    assert error.value.code == "missing_extra"
