"""How the plates get into the rivals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

# Enough for one segment: several take several times as long to search.
WRITER_BYTES = 2_000_000_000


class Tantivy:
    """Plates as terms of an index of tantivy in memory, one document a registration."""

    def __init__(self, plates: Sequence[str]) -> None:
        self.module = import_module("tantivy")
        builder = self.module.SchemaBuilder()
        builder.add_text_field("plate", tokenizer_name="raw", index_option="basic")
        builder.add_unsigned_field("row", fast=True, indexed=False)
        self.schema = builder.build()
        self.index = self.module.Index(self.schema)
        writer = self.index.writer(WRITER_BYTES, 1)
        for row, plate in enumerate(plates):
            document = self.module.Document()
            document.add_text("plate", plate)
            document.add_unsigned("row", row)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()
        self.most = len(plates)

    def near(self, text: str, errors: int) -> list[Any]:
        """Return the documents whose plates have so many errors at most."""
        query = self.module.Query.fuzzy_term_query(
            self.schema, "plate", text, distance=errors, transposition_cost_one=False
        )
        return self._documents(query)

    def like(self, pattern: str) -> list[Any]:
        """Return the documents whose plates a pattern of `*` and `?` matches."""
        expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
        return self._documents(self.module.Query.regex_query(self.schema, "plate", expression))

    def rows(self, documents: list[Any]) -> list[int]:
        return [int(row) for row in self.searcher.fast_field_values("row", documents)]

    def _documents(self, query: Any) -> list[Any]:
        found = self.searcher.search(query, limit=self.most, count=False)
        return [document for _, document in found.hits]


def with_rows(table: Any) -> Any:
    """Return a table with the numbers of its rows."""
    import pyarrow as pa

    return table.append_column("row", pa.array(np.arange(len(table))))


def duckdb_table(table: Any) -> Any:
    """Return a connection to DuckDB, one thread, with the registrations in the table `register`."""
    connection = import_module("duckdb").connect()
    connection.execute("SET threads = 1")
    connection.register("given", table)
    connection.execute(
        "CREATE TABLE register AS SELECT country, plate, row, epoch(valid_from)::BIGINT AS begun, "
        "epoch(valid_to)::BIGINT AS ended FROM given"
    )
    connection.unregister("given")
    return connection
