from __future__ import annotations

import pickle
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.dna import rules as dna_rules
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.packed import pair_of, records_of
from prum_match.dna.profiles.profile import Profile
from prum_match.errors import InvalidInput
from support.dna import refused
from support.examples import examples

SINGLE = ("homozygote", "wildcard", "drop")


def test_the_packed_layout() -> None:
    profile = Profile(
        {
            "FGA": (26, 21, 24),
            "TH01": ("9.3", 6),
            "TPOX": (8, 9, 11),
            "VWA": "16",
            "D18S51": ("r", "r"),
            "AMEL": ("Y", "?"),
        },
        kind="stain",
    )
    wild = 0xFFFF
    expected = struct.pack("<4B", 1, 2 | 4, 1, 4)
    expected += struct.pack("<6H", 0, 64, wild, 64, 0, 0)  # VWA, single value of a stain
    expected += struct.pack("<6H", 1, 24, 39, 24, 39, 0)  # TH01
    expected += struct.pack("<6H", 3, 104, wild, 84, 96, 104)  # FGA, three values
    expected += struct.pack("<6H", 7, 32, wild, 32, 36, 44)  # TPOX, three values
    assert profile.packed == expected
    dropped = Profile({"FGA": 21}, single_allele="drop")
    assert dropped.packed == struct.pack("<4B6H", 0, 0, 0, 1, 3, 0, 0, 84, 0, 0)


designation = st.one_of(
    st.integers(2, 40).map(str),
    st.tuples(st.integers(0, 40), st.integers(0, 2)).map(lambda t: f"{t[0]}.{t[1]}"),
    st.sampled_from(["OL", "r", "<8", "*", "0", "1", "99", "", " 12 "]),
)
raw_profiles = st.dictionaries(
    st.sampled_from([*dna_rules.PERIODS]), st.lists(designation, max_size=4), max_size=12
)
amelogenin = st.lists(st.sampled_from(["X", "Y", "x", "OL", ""]), max_size=3)
kinds = st.sampled_from(["reference", "stain"])
options = st.sampled_from([None, *SINGLE])


@settings(max_examples=examples(300), deadline=None)
@given(raw_profiles, amelogenin, kinds, options)
def test_profiles_agree_with_the_oracle(
    raw: dict[str, list[str]], sexes: list[str], kind: str, option: str | None
) -> None:
    full = {**raw, "AMEL": sexes}
    try:
        expected = dna_rules.normalise(full, kind, option)
    except dna_rules.RefusedError as error:
        refused(error.code, full, kind=kind, single_allele=option)
        return
    profile = Profile(full, kind=kind, single_allele=option)
    coded = {
        name: tuple(WILDCARD if allele == "*" else allele for allele in pair)
        for name, pair in expected.pairs.items()
    }
    assert profile.pairs == coded
    assert profile.designations == {
        name: tuple(sorted(numbers)) for name, numbers in expected.originals.items()
    }
    assert set(profile.amelogenin) == expected.amelogenin
    assert profile.suspected_mixture is expected.suspected_mixture

    back = Profile.from_packed(profile.packed)
    assert back == profile
    assert back.packed == profile.packed
    assert (back.pairs, back.designations) == (profile.pairs, profile.designations)
    assert (back.kind, back.amelogenin) == (profile.kind, profile.amelogenin)
    assert back.suspected_mixture is profile.suspected_mixture
    # What the two views tell is enough to build them again.
    again = Profile(back.originals, kind=kind, single_allele="drop")
    assert (again.pairs, again.designations) == (profile.pairs, profile.designations)
    assert pickle.loads(pickle.dumps(back)) == back


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=64) | raw_profiles.map(str).map(str.encode))
def test_noise_is_never_a_profile_that_packs_otherwise(noise: bytes) -> None:
    try:
        profile = Profile.from_packed(noise)
    except InvalidInput as error:
        code = error.code
    else:
        code = "none"
        assert profile.packed == noise
        assert set(profile.pairs) <= set(profile.designations) <= set(profile.originals)
    assert code in ("none", "bad_packed", "unknown_locus")


def record(*fields: int, count: int = 1, header: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    return struct.pack("<4B", *header, count) + struct.pack(f"<{len(fields)}H", *fields)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\0\0\0",
        record(header=(2, 0, 0), count=0),
        record(header=(0, 8, 0), count=0),
        record(header=(0, 0, 2), count=0),
        record(count=1),
        record(3, 84, 96, 84, 96, 0, count=0),
        record(3, 84, 96, 84, 96, 0) + b"\0",
        record(3, 84, 96, 84, 96, 0)[:-1],
        record(3, 84, 96, 84, 96, 0, 3, 84, 96, 84, 96, 0, count=2),
        record(3, 84, 96, 84, 96, 0, 1, 24, 39, 24, 39, 0, count=2),
        record(3, 84, 96, 84, 96, 0, 1, 500, 500, 500, 0, 0, count=2),
        record(3, 96, 84, 84, 96, 0),
        record(3, 84, 96, 96, 84, 0),
        record(3, 84, 96, 84, 0, 96),
        record(3, 84, 96, 84, 84, 96),
        record(3, 84, 96, 84, 0, 0),
        record(3, 84, 96, 84, 96, 100),
        record(3, 84, 96, 0, 0, 0),
        record(3, 0, 96, 96, 0, 0),
        record(3, 84, 0, 84, 0, 0),
        record(3, 84, 0xFFFF, 96, 0, 0),
        record(3, 0xFFFF, 0xFFFF, 84, 0, 0),
        record(3, 0xFFFF, 84, 84, 0, 0),
        record(3, 0, 0, 0, 0, 0),
        record(3, 0, 0, 84, 96, 100),
        record(3, 84, 84, 84, 0xFFFF, 0),
        record(3, 4, 4, 4, 0, 0),
        record(3, 396, 396, 396, 0, 0),
        record(3, 500, 500, 500, 0, 0),
        record(999, 84, 96, 84, 96, 0),
    ],
)
def test_forged_packed_forms_are_refused(packed: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        Profile.from_packed(packed)
    assert caught.value.code in ("bad_packed", "unknown_locus")
    assert caught.value.value in (None, 999)


@pytest.mark.parametrize("packed", [None, "text", bytearray(4), 4])
def test_the_packed_form_is_bytes(packed: Any) -> None:
    with pytest.raises(InvalidInput, match="bad_packed"):
        Profile.from_packed(packed)


def test_records_of_a_packed_profile() -> None:
    data = bytes.fromhex("01000001010018002700180027000000")
    (record,) = records_of(data)
    assert record.hex() == "010018002700180027000000"
    assert pair_of(record) == (1, (24, 39))
    assert pair_of(record[:2] + bytes(10)) == (1, None)
