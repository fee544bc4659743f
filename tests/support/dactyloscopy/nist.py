"""Small transactions, written by hand."""

from __future__ import annotations

from prum_match.dactyloscopy.formats.ansi_nist import TaggedRecord

Values = dict[int, str | bytes]


def tagged(type_: int, values: Values) -> bytes:
    """Return the bytes of a record."""
    return TaggedRecord.of(type_, values).to_bytes()


def transaction(*records: bytes, contents: str | None = None, **header: str) -> bytes:
    """Return a transaction of these records; `contents` replaces the true contents."""
    if contents is None:
        pairs = [record.partition(b".")[0].decode() + "\x1f00" for record in records]
        contents = "\x1e".join([f"1\x1f{len(records)}", *pairs])
    values: Values = {2: "0300", 3: contents, 4: "CPS", 5: "20260105", 7: "DE/BKA"}
    values |= {8: "NL/NAFIS", 9: "2600000004F", 11: "00.00", 12: "00.00"}
    return tagged(1, values | {int(name[1:]): value for name, value in header.items()}) + b"".join(
        records
    )


def efs(minutiae: str, **more: str) -> bytes:
    """Return a Type-9 record with these minutiae of the extended feature set."""
    values: Values = {2: "00", 3: "1", 4: "U", 300: "2000\x1f3000", 302: "2", 331: minutiae}
    return tagged(9, values | {int(name[1:]): value for name, value in more.items()})
