"""Parameter blocks: refused values, serialisation, and the fingerprint."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.pseudonyms.parameters import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    NATIONAL_PARAMETERS,
    Parameters,
)

FINGERPRINTS = ["5ac2addad6a102f8", "b4b139db0856b8e4", "9a54939d48e41c0d"]
CHANGES: dict[str, Any] = {
    "name": "other",
    "version": "2",
    "bits": 512,
    "fold": False,
    "first_names": 14,
    "family_names": 14,
    "birth_date": 39,
    "birth_place": 1,
}


@pytest.mark.parametrize("block", [LEGAL_PARAMETERS, NATIONAL_PARAMETERS, FIELD_PARAMETERS])
def test_a_block_travels(block: Parameters) -> None:
    back = Parameters.from_json(block.to_json())
    assert back == block
    assert back.fingerprint == block.fingerprint


def test_every_field_is_in_the_fingerprint_but_the_thresholds() -> None:
    changed = [replace(LEGAL_PARAMETERS, **{name: value}) for name, value in CHANGES.items()]
    assert (
        len({block.fingerprint for block in (LEGAL_PARAMETERS, FIELD_PARAMETERS, *changed)})
        == len(changed) + 2
    )
    assert {f.name for f in fields(Parameters)} == {*CHANGES, "scheme", "thresholds"}
    assert replace(LEGAL_PARAMETERS, thresholds=(0.7,)).fingerprint == LEGAL_PARAMETERS.fingerprint


def test_fingerprints_that_others_have() -> None:
    assert [
        block.fingerprint[:16]
        for block in (LEGAL_PARAMETERS, NATIONAL_PARAMETERS, FIELD_PARAMETERS)
    ] == FINGERPRINTS


def test_the_place_of_birth_is_not_in_the_legal_blocks() -> None:
    assert (LEGAL_PARAMETERS.birth_place, FIELD_PARAMETERS.birth_place) == (0, 0)
    assert NATIONAL_PARAMETERS.birth_place > 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Ä"),
        ("version", 1),
        ("scheme", "row"),
        ("scheme", "field"),
        ("bits", 1000),
        ("bits", True),
        ("fold", 1),
        ("first_names", 0),
        ("family_names", 65),
        ("birth_date", -1),
        ("birth_place", 1.5),
        ("thresholds", ()),
        ("thresholds", (0.5, 0.4, 0.3)),
        ("thresholds", (1.0,)),
        ("thresholds", 0.5),
    ],
)
def test_invalid_parameter_blocks_are_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidInput) as error:
        replace(LEGAL_PARAMETERS, **{field: value})  # type: ignore[arg-type]
    expected = "birth_date" if value == "field" else field
    assert (error.value.code, error.value.field) == ("bad_parameters", expected)


@pytest.mark.parametrize("thresholds", [(0.8, 0.65), (0.5, 0.65, 0.8), (0.8, 0.8, 0.5)])
def test_thresholds_of_names_fall(thresholds: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="thresholds"):
        replace(FIELD_PARAMETERS, thresholds=thresholds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[" * 100_000,
        json.dumps(json.loads(LEGAL_PARAMETERS.to_json()) | {"encoder": 2}),
        json.dumps(json.loads(LEGAL_PARAMETERS.to_json()) | {"format": "x"}),
        json.dumps(json.loads(LEGAL_PARAMETERS.to_json()) | {"salt": 1}),
        json.dumps(json.loads(LEGAL_PARAMETERS.to_json()) | {"bits": "1024"}),
    ],
)
def test_invalid_texts_of_parameter_blocks_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as error:
        Parameters.from_json(text)
    assert error.value.code == "bad_parameters"
