"""Files of persons as CSV or JSON Lines, in clear or encoded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prum_match.cli.reading.rows import ItemFile, Kind, read_rows
from prum_match.errors import InvalidInput
from prum_match.police_record import EncodedPerson, Parameters, Person
from prum_match.police_record.persons.tables import person_of_cells, table_columns
from prum_match.police_record.pseudonyms.wire import MAX_BYTES, MEMBERS, probe_from_bytes

# A person at its bounds, and its id.
_LONGEST_LINE = 2 * MAX_BYTES


def read_persons(path: str, size: int | None, *, needs_id: bool) -> Iterator[ItemFile]:
    """Read persons: fields as in `Person`, encoded persons as in their canonical bytes."""
    names = frozenset((*table_columns(), *MEMBERS))
    kind = Kind(person_of_cells, _of_record, table_columns(), names, _LONGEST_LINE, needs_id)
    return read_rows(path, size, kind)


def read_parameters(path: str) -> Parameters:
    """Read a parameter block."""
    try:
        return Parameters.from_json(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            "the file cannot be read", code="unreadable_file", field="--parameters"
        ) from None


def _of_record(record: dict[str, Any]) -> Person | EncodedPerson:
    if "pseudonyms" in record:
        return probe_from_bytes(
            json.dumps(record, sort_keys=True, separators=(",", ":")).encode("utf-8")
        )
    only_encoded = MEMBERS - set(table_columns())
    strange = sorted(record.keys() & only_encoded)
    if strange:
        raise InvalidInput("of encoded persons alone", code="unknown_field", field=strange[0])
    return Person(**record)
