"""The mirror of the host in docs/examples: one pass, and every bad row by its name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from police_host.mirror import SOURCES, Mirror, Pass
from police_host.people import fill_with_people
from police_host.register import Register

BAD: dict[str, list[tuple[dict[str, Any], str]]] = {
    "dna": [
        ({"alleles": '{"TH01": [6, 9.4]}'}, "bad_allele"),
        ({"kind": "cat"}, "bad_kind"),
        ({"class": "convited"}, "undeclared_label"),
    ],
    "dactyloscopy": [({"record": b"no record"}, "not_a_record")],
    "vehicle": [
        ({"country": "ZZZ"}, "unknown_country"),
        ({"plate": None, "vin": None}, "no_key"),
        ({"holder_name": "a\x00b"}, "bad_text"),
    ],
    "police_record": [
        ({"birth_date": "1985-13-01"}, "bad_date"),
        ({"nationalities": "FR,ZZZ"}, "unknown_country"),
        ({"person": "P" * 65}, "bad_subject_id"),
    ],
}


@pytest.mark.parametrize("category", SOURCES)
def test_bad_rows_are_reported_and_the_others_follow(category: str, tmp_path: Path) -> None:
    register = Register(tmp_path / "register.db")
    fill_with_people(register, "FR", 6)
    mirror = Mirror(register, SOURCES[category], tmp_path / category)
    numbers = sorted(mirror.reconcile().enrolled)
    assert len(numbers) == 6
    items = {number: mirror.gallery[number] for number in numbers}

    table, bad = SOURCES[category].table, dict(zip(numbers, BAD[category], strict=False))
    for number, (columns, _) in bad.items():
        register.correct(table, number, **columns)
    register.correct(table, numbers[4], delete_after="2031-01-01", person="P9")
    register.delete(table, numbers[5])
    done = mirror.reconcile()
    assert done.refused == {number: code for number, (_, code) in bad.items()}
    assert (done.enrolled, done.replaced) == ([], [])
    assert (done.updated, done.erased) == ([numbers[4]], [numbers[5]])
    record = mirror.gallery.record(numbers[4])
    assert (record.subject_id, record.expires) == ("P9", datetime(2031, 1, 2, tzinfo=UTC))
    assert {number: mirror.gallery[number] for number in numbers[:5]} == {
        number: items[number] for number in numbers[:5]
    }

    before = mirror.gallery.generation
    again = mirror.reconcile()
    assert again == Pass(refused=done.refused)
    assert mirror.gallery.generation == before
    mirror.close()
