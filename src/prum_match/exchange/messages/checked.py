"""The base of records: frozen dataclasses whose fields all have a codec."""

from __future__ import annotations

from prum_match.exchange.messages.records import check_fields


class Checked:
    """A record that checks its fields when it is made."""

    __slots__ = ()

    def __post_init__(self) -> None:
        check_fields(self)
