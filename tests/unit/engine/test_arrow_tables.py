"""Tables of other libraries: every layout is read, what does not fit is refused by code."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from prum_match import dna, face
from prum_match.engine import Eligible, Gallery
from prum_match.engine._strings import Part
from prum_match.engine.tables import read_table
from prum_match.errors import DuplicateReference, PrumError
from support.tables import LAYOUTS, LIBRARIES, Failing, Stream, laid_out, pyarrow, sliced, unchecked
from toy_category import NUMBERS

na = pytest.importorskip("nanoarrow")

TEXTS = ["a", None, "", "thirteen chars", "h\u00e9", "z" * 70, "b", None, "a", "~"]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECRET = "SECRET"
ANY = dna.CodisPolicy(name="any", version="1", source="made up", stringency="high", min_loci=1)


def refused(code: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> PrumError:
    with pytest.raises(PrumError) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return caught.value


def people(ids: list[Any], **more: Any) -> dict[str, Any]:
    n = len(ids)
    alleles = {"TH01_1": ["6"] * n, "TH01_2": ["9.3"] * n}
    return {"reference_id": pyarrow().array(ids, pyarrow().string()), **alleles, **more}


def enrol(columns: dict[str, Any], **options: Any) -> tuple[dna.Gallery, Any]:
    gallery = dna.Gallery()
    return gallery, gallery.enrol_table(pyarrow().table(columns), **options)


# --- what every library hands over --------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_table_of_any_library(library: str) -> None:
    columns = people(
        ["A", "B", "C"],
        subject_id=["s", None, "t"],
        label=["x", "y", None],
        expires=pyarrow().array([NOON, None, None], pyarrow().timestamp("us", "UTC")),
    )
    gallery = dna.Gallery()
    assert gallery.enrol_table(LIBRARIES[library](columns)).enrolled == 3
    found = gallery.search_many(LIBRARIES[library](columns), ANY)
    assert [len(answer) for answer in found] == [3, 3, 3]
    told = {
        c.reference_id: (c.subject_id, c.label, gallery[c.reference_id].pairs["TH01"])
        for c in found[0]
    }
    assert told == {
        "A": ("s", "x", (24, 39)),
        "B": (None, "y", (24, 39)),
        "C": ("t", None, (24, 39)),
    }
    assert gallery.purge(NOON) == ["A"]


@pytest.mark.parametrize("sizes", [(), (4,), (0, 3, 1, 0)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_chunks_and_offsets(layout: str, sizes: tuple[int, ...]) -> None:
    table = pyarrow().table({"x": sliced(laid_out(TEXTS, layout), sizes)})
    for first, n in ((0, 10), (1, 8), (9, 1), (3, 0)):
        strings = read_table(table.slice(first, n)).strings("x")
        assert list(strings) == TEXTS[first : first + n]
    batch = table.combine_chunks().to_batches()[0].slice(2, 5)
    assert list(read_table(batch).strings("x")) == TEXTS[2:7]


@pytest.mark.parametrize("type_", ["binary", "large_binary", "binary_view"])
def test_bytes(type_: str) -> None:
    pa = pyarrow()
    given = [b"\xff\x00", None, b"", b"x" * 40]
    strings = read_table(pa.table({"x": pa.array(given, getattr(pa, type_)())}))
    assert list(strings.binary("x")) == given
    fixed = pa.table({"x": pa.array([b"ab", None, b"cd"], pa.binary(2))}).slice(1)
    assert list(read_table(fixed).binary("x")) == [None, b"cd"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_column_of_nothing(library: str) -> None:
    table = read_table(LIBRARIES[library]({"y": ["a", "b", "c"], "x": pyarrow().nulls(3)}))
    assert list(table.strings("x")) == list(table.binary("x")) == [None] * 3
    assert np.isnan(table.floats("x")[0]).all()
    assert table.moments("x").null.all()
    assert table.vectors("x", 4)[1].all()


def test_an_empty_table() -> None:
    for table in (pyarrow().table(people([])), pyarrow().table(people(["A"])).slice(1)):
        gallery = dna.Gallery()
        assert gallery.enrol_table(table).enrolled == len(gallery) == gallery.generation == 0
        assert len(gallery.search_many(table)) == 0


def test_strings_are_a_sequence() -> None:
    strings = read_table(pyarrow().table({"x": ["a", "b"]})).strings("x")
    assert len(strings) == 2
    for row in (2, -1):
        with pytest.raises(IndexError):
            strings[row]


def test_strings_in_bulk() -> None:
    table = read_table(pyarrow().table({"x": sliced(laid_out(TEXTS, "string_view"), (3,))}))
    strings = table.strings("x")
    assert strings.unfit(64).tolist() == [1, 2, 4, 5, 7]
    assert strings.unfit(70, optional=True).tolist() == [2, 4]
    offsets, data = strings.take(np.arange(10) % 3 == 0)
    assert (offsets.tolist(), data.tobytes()) == ([0, 1, 15, 16, 17], b"athirteen charsb~")
    offsets, data = strings.take()
    assert data.tobytes() == "".join(text or "" for text in TEXTS).encode()
    assert offsets[-1] == len(data)
    numbers, texts = strings.distinct()
    assert [texts[i] for i in numbers] == TEXTS
    assert texts == list(dict.fromkeys(TEXTS))


# --- numbers, moments, vectors ------------------------------------------------------------------


@pytest.mark.parametrize("type_", ["int8", "uint64", "int32", "float16", "float32", "float64"])
def test_numbers(type_: str) -> None:
    array = pyarrow().array([7, 1, None, 3], type_)
    values, null = read_table(pyarrow().table({"x": sliced(array, (2,))}).slice(1)).floats("x")
    assert null.tolist() == [False, True, False]
    assert (values[0], values[2]) == (1, 3)
    assert np.isnan(values[1])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "+02:00", "Europe/Vienna"])
def test_moments(unit: str, zone: str) -> None:
    pa = pyarrow()
    before, after = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 2, 3, 4, 5, 6, tzinfo=UTC)
    given = pa.array([after, None, before], pa.timestamp(unit, zone))
    moments = read_table(pa.table({"x": given})).moments("x")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    expected = [(m - epoch) // timedelta(microseconds=1) for m in (after, epoch, before)]
    assert moments.micros.tolist() == expected
    assert moments.null.tolist() == [False, True, False]
    assert not moments.impossible.any()


@pytest.mark.parametrize(("unit", "per_second"), [("s", 1), ("ms", 10**3), ("us", 10**6)])
def test_moments_that_no_calendar_has(unit: str, per_second: int) -> None:
    pa = pyarrow()
    first = (datetime.min.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        seconds=1
    )
    last = 253_402_300_800 * per_second - 1
    ticks = [-(2**63), first * per_second - 1, first * per_second, last, last + 1, 2**63 - 1]
    moments = read_table(pa.table({"x": pa.array(ticks, pa.timestamp(unit, "UTC"))})).moments("x")
    assert moments.impossible.tolist() == [True, True, False, False, True, True]


@pytest.mark.parametrize("layout", ["fixed", "list", "large_list", "bytes", "fixed_bytes"])
def test_vectors(layout: str) -> None:
    pa = pyarrow()
    given = np.arange(20, dtype=np.float32).reshape(5, 4)
    types = {
        "fixed": pa.list_(pa.float32(), 4),
        "list": pa.list_(pa.float32()),
        "large_list": pa.large_list(pa.float32()),
        "bytes": pa.binary(),
        "fixed_bytes": pa.binary(16),
    }
    rows: list[Any] = [row.tobytes() if "bytes" in layout else row.tolist() for row in given]
    whole = pa.array(rows, types[layout])
    holed = pa.array([rows[0], None, *rows[2:]], types[layout])
    for sizes in ((), (1, 0, 2)):
        found, others = read_table(pa.table({"x": sliced(whole, sizes)}).slice(1)).vectors("x", 4)
        np.testing.assert_array_equal(found, given[1:])
        assert not others.any()
        found, others = read_table(pa.table({"x": sliced(holed, sizes)})).vectors("x", 4)
        assert others.tolist() == [False, True, False, False, False]
        np.testing.assert_array_equal(found[~others], given[~others])


def test_one_chunk_of_vectors_is_not_copied() -> None:
    pa = pyarrow()
    flat = np.arange(40, dtype=np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(flat), 4)
    found, _ = read_table(pa.table({"x": column}).slice(2)).vectors("x", 4)
    assert np.shares_memory(found, flat)
    assert not found.flags.writeable


@pytest.mark.parametrize("item", ["float16", "float64", "int32"])
def test_nulls_in_vectors(item: str) -> None:
    pa = pyarrow()
    for type_ in (pa.list_(pa.type_for_alias(item), 2), pa.list_(pa.type_for_alias(item))):
        column = pa.array([[1, 2], [None, 3], [4, 5]], type_)
        found, others = read_table(pa.table({"x": column})).vectors("x", 2)
        assert not others.any()
        np.testing.assert_array_equal(found, [[1, 2], [np.nan, 3], [4, 5]])


def test_vectors_of_another_length() -> None:
    pa = pyarrow()
    column = pa.array([[1.0, 2.0], [1.0], None, [], [3.0, 4.0], [5.0] * 3], pa.list_(pa.float32()))
    found, others = read_table(pa.table({"x": column})).vectors("x", 2)
    assert others.tolist() == [False, True, True, True, False, True]
    np.testing.assert_array_equal(found[[0, 4]], [[1, 2], [3, 4]])
    raw = pa.array([b"\0" * 8, b"\0" * 7, b"\0" * 12, b""])
    assert read_table(pa.table({"x": raw})).vectors("x", 2)[1].tolist() == [False, True, True, True]
    fixed = read_table(pa.table({"x": pa.array([[1.0] * 3], pa.list_(pa.float32(), 3))}))
    assert refused("bad_dimension", fixed.vectors, "x", 2).field == "x"


@pytest.mark.parametrize(
    ("read", "values"),
    [
        ("strings", [1]),
        ("strings", [b"x"]),
        ("strings", [["x"]]),
        ("binary", ["x"]),
        ("floats", ["x"]),
        ("floats", [True]),
        ("moments", [5]),
        ("moments", ["2026-07-01"]),
        ("vectors", ["x"]),
        ("vectors", [["x"]]),
        ("vectors", [[True]]),
    ],
)
def test_columns_of_another_type(read: str, values: list[Any]) -> None:
    table = read_table(pyarrow().table({"x": values}))
    args = ("x", 1) if read == "vectors" else ("x",)
    error = refused("bad_column_type", getattr(table, read), *args)
    assert (error.field, error.index) == ("x", None)
    without_chunks = read_table(pyarrow().table({"x": values}).slice(1))
    refused("bad_column_type", getattr(without_chunks, read), *args)


def test_numbers_behind_a_dictionary() -> None:
    table = read_table(pyarrow().table({"x": pyarrow().array([5]).dictionary_encode()}))
    refused("bad_column_type", table.floats, "x")
    refused("bad_column_type", table.strings, "x")


# --- the columns of the engine ------------------------------------------------------------------


@pytest.mark.parametrize("bad", [None, "", "x" * 65, "h\u00e9llo SECRET", "a\tb", "\x7f"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_bad_ids(layout: str, bad: str | None) -> None:
    columns = people(["A"] * 4) | {"reference_id": laid_out(["A", bad, "B" * 64, bad], layout)}
    error = refused("bad_reference_id", enrol, columns)
    assert (error.index, error.field, error.value) == (1, "reference_id", bad)
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (1, "bad_reference_id"),
        (3, "bad_reference_id"),
    ]
    assert sorted(gallery) == ["A", "B" * 64]


def test_bad_subjects_and_labels() -> None:
    columns = people(
        ["A", "B", "C", "D"], subject_id=["", None, "s", "s"], label=["x", "\u20ac", "y", None]
    )
    assert refused("bad_subject_id", enrol, columns).index == 0
    assert refused("bad_label", enrol, {**columns, "subject_id": ["s"] * 4}).index == 1
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.field) for e in report.refused] == [(0, "subject_id"), (1, "label")]
    answer = gallery.search(gallery["C"], ANY)
    assert {c.reference_id: (c.subject_id, c.label) for c in answer} == {
        "C": ("s", "y"),
        "D": ("s", None),
    }
    # The label of a row that was refused is not known.
    assert refused("unknown_label", gallery.search, gallery["C"], eligible=Eligible({"x"}))


def test_labels_past_the_last() -> None:
    labels = [f"label {i}" for i in range(256)]
    columns = people([f"R{i}" for i in range(257)], label=[None, *labels])
    assert refused("too_many_labels", enrol, columns).index == 256
    gallery, report = enrol({name: column[:256] for name, column in columns.items()})
    assert report.enrolled == 256
    assert gallery.search(gallery["R9"], eligible=Eligible({"label 254"})).examined == 1


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_expiry_is_rounded_up(unit: str) -> None:
    pa = pyarrow()
    ago = datetime(1960, 1, 1, tzinfo=UTC)
    later = NOON if unit == "s" else NOON + timedelta(milliseconds=1)
    expires = pa.array([later, None, ago], pa.timestamp(unit, "Europe/Vienna"))
    gallery, _ = enrol(people(["A", "B", "C"], expires=expires))
    assert gallery.purge(NOON - timedelta(seconds=1)) == ["C"]
    assert gallery.purge(NOON) == (["A"] if unit == "s" else [])
    assert gallery.purge(NOON + timedelta(seconds=1)) == ([] if unit == "s" else ["A"])
    assert list(gallery) == ["B"]


@pytest.mark.parametrize("days", [[date(2026, 7, 1)], [datetime(2026, 7, 1)]])
def test_moments_without_a_zone(days: list[Any]) -> None:
    error = refused("bad_moment", enrol, people(["A"], expires=days))
    assert (error.field, error.index) == ("expires", None)


def test_expiry_that_cannot_be() -> None:
    pa = pyarrow()
    expires = pa.array([0, 2**63 - 1], pa.timestamp("us", "UTC"))
    assert refused("bad_moment", enrol, people(["A", "B"], expires=expires)).index == 1
    _, report = enrol(people(["A", "B"], expires=expires), on_error="report")
    assert (report.enrolled, report.refused[0].index) == (1, 1)


def test_duplicates() -> None:
    columns = people(["A", "B", "A", "", "B", "A"], TPOX_1=["8", "x", "8", "8", "8", "8"])
    columns["TPOX_2"] = ["9", "9.9.9", "9", "9", "9", "9"]
    columns["TPOX_1"][1] = "9.9"
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (1, "bad_allele"),
        (2, "duplicate_reference"),
        (3, "bad_reference_id"),
        (5, "duplicate_reference"),
    ]
    assert sorted(gallery) == ["A", "B"]
    error = refused("duplicate_reference", enrol, people(["A", "B", "C", "B"]))
    assert (error.index, error.value) == (3, "B")


def test_ids_that_the_gallery_holds() -> None:
    gallery, _ = enrol(people(["A", "B"]))
    more = pyarrow().table(people(["C", "B", "", "D", "A"]))
    error = refused("bad_reference_id", gallery.enrol_table, more)
    report = gallery.enrol_table(more, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (1, "duplicate_reference"),
        (2, "bad_reference_id"),
        (4, "duplicate_reference"),
    ]
    assert sorted(gallery) == ["A", "B", "C", "D"]
    again = pyarrow().table(people(["E", "C"]))
    error = refused("duplicate_reference", gallery.enrol_table, again)
    assert isinstance(error, DuplicateReference)
    assert (error.index, error.value, len(gallery)) == (1, "C", 4)


def test_known_references_are_replaced() -> None:
    pa = pyarrow()
    expires = pa.array([NOON, NOON, NOON], pa.timestamp("us", "UTC"))
    first = people(["A", "B", "C"], label=["x"] * 3, subject_id=["s"] * 3, expires=expires)
    gallery, _ = enrol(first)
    changed = people(["D", "A", "B"], label=["y", "y", None], subject_id=["t", None, "t"])
    changed["TH01_1"] = ["7", "7", "OL"]
    for _ in range(2):
        report = gallery.enrol_table(pa.table(changed), known="replace")
        assert (report.enrolled, len(gallery), report.notes) == (3, 4, {"N2": 1})
        assert gallery["A"].pairs["TH01"] == (28, 39)
        answers = gallery.search_many([gallery["A"], gallery["C"]], ANY)
        told = [{c.reference_id: (c.subject_id, c.label) for c in answer} for answer in answers]
        assert told == [{"A": (None, "y"), "D": ("t", "y")}, {"C": ("s", "x")}]
    assert gallery.purge(NOON) == ["C"]


def test_what_is_refused_replaces_nothing() -> None:
    gallery, _ = enrol(people(["A", "B"]))
    columns = people(["A", "B", "C", "C"], label=["y"] * 4)
    columns["TH01_1"] = ["9.9", "7", "7", "7"]
    table = pyarrow().table(columns)
    refused("bad_allele", gallery.enrol_table, table, known="replace")
    refused("duplicate_reference", gallery.enrol_table, table.slice(1), known="replace")
    assert (gallery.generation, gallery["B"].pairs["TH01"]) == (1, (24, 39))
    report = gallery.enrol_table(table, known="replace", on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (0, "bad_allele"),
        (3, "duplicate_reference"),
    ]
    assert [gallery[name].pairs["TH01"][0] for name in ("A", "B", "C")] == [24, 28, 28]
    assert refused("bad_option", gallery.enrol_table, table, known="keep").field == "known"


# --- the table as a whole -----------------------------------------------------------------------


def test_columns_that_nobody_reads() -> None:
    columns = people(["A"], SECRET_1=["x"], note=[5])
    assert refused("unknown_column", enrol, columns).value == "SECRET_1"
    assert refused("unknown_column", enrol, columns, ignore=["SECRET_1"]).value == "note"
    _, report = enrol(columns, ignore=["SECRET_1", "note", "not there"])
    assert report.enrolled == 1
    assert enrol(people(["A"], note=[5]), ignore="note")[1].enrolled == 1
    probes = pyarrow().table({name: columns[name] for name in ("TH01_1", "TH01_2", "note")})
    assert refused("unknown_column", dna.Gallery().search_many, probes).value == "note"


def test_columns_that_are_missing() -> None:
    columns = people(["A"])
    assert refused("missing_column", enrol, columns, ignore="reference_id").field == "reference_id"
    del columns["reference_id"]
    assert len(dna.Gallery().search_many(pyarrow().table(columns))) == 1


def test_two_columns_of_one_name() -> None:
    pa = pyarrow()
    table = pa.Table.from_arrays([pa.array(["A"])] * 3, ["reference_id", "SECRET", "SECRET"])
    gallery = dna.Gallery()
    assert refused("duplicate_column", gallery.enrol_table, table).value == "SECRET"
    assert refused("missing_column", gallery.enrol_table, table, ignore=["SECRET"])


@pytest.mark.parametrize("source", [["A"], "text", np.zeros(3), None, {"reference_id": ["A"]}])
def test_what_is_no_table(source: Any) -> None:
    refused("not_a_table", dna.Gallery().enrol_table, source)


def test_an_array_is_no_table() -> None:
    refused("not_a_table", dna.Gallery().enrol_table, pyarrow().array(["A"]))


def test_a_category_without_tables() -> None:
    gallery = Gallery(NUMBERS)
    table = pyarrow().table({"reference_id": ["A"]})
    refused("no_tables", gallery.enrol_table, table)
    refused("no_tables", gallery.search_many, table)
    refused("no_tables", NUMBERS.items_of, read_table(table))


def test_one_bad_row_changes_nothing() -> None:
    gallery, _ = enrol(people(["A"], label=["x"]))
    before = gallery.generation
    table = pyarrow().table(people(["B", "A"], label=["y", "y"]))
    refused("duplicate_reference", gallery.enrol_table, table)
    assert (gallery.generation, list(gallery)) == (before, ["A"])
    refused("unknown_label", gallery.search, gallery["A"], eligible=Eligible({"y"}))
    error = refused("bad_option", gallery.enrol_table, table, on_error="ignore")
    assert error.field == "on_error"


def test_a_source_that_fails() -> None:
    cause = ValueError(SECRET)
    error = refused("bad_stream", dna.Gallery().enrol_table, Failing(cause))
    assert error.value is cause

    def batches() -> Any:
        yield pyarrow().record_batch(people(["A"]))
        raise ValueError(SECRET)

    schema = pyarrow().table(people(["A"])).schema
    reader = pyarrow().RecordBatchReader.from_batches(schema, batches())
    refused("bad_stream", dna.Gallery().enrol_table, reader)


def test_without_nanoarrow() -> None:
    code = (
        "import sys\n"
        "sys.modules['nanoarrow'] = None\n"
        "from prum_match import PrumError, dna\n"
        "class Table:\n"
        "    def __arrow_c_stream__(self, requested_schema=None): ...\n"
        "try:\n"
        "    dna.Gallery().enrol_table(Table())\n"
        "except PrumError as error:\n"
        "    print(type(error).__name__, error.code, error.field)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "PrumError missing_extra arrow"


# --- streams that lie ---------------------------------------------------------------------------


def i32(*values: int) -> Any:
    return np.array(values, np.int32)


def i64(*values: int) -> Any:
    return np.array(values, np.int64)


def view(size: int, buffer: int = 0, offset: int = 0) -> bytes:
    return i32(size, 0, buffer, offset).tobytes()


def viewed(views: bytes, valid: bytes | None = None) -> Any:
    pa = pyarrow()
    buffers = [valid, views, b"x" * 20]
    given = [None if b is None else pa.py_buffer(b) for b in buffers]
    return pa.Array.from_buffers(pa.string_view(), len(views) // 16, given)


def words() -> Any:
    return unchecked(na.string(), 2, None, i32(0, 1, 2), b"ab")


LIES: dict[str, Callable[[], Any]] = {
    "offsets run backwards": lambda: unchecked(na.string(), 2, None, i32(0, 2, 1), b"abc"),
    "an offset lies past the end": lambda: unchecked(na.string(), 2, None, i32(0, 9, 3), b"abc"),
    "an offset is negative": lambda: unchecked(na.string(), 2, None, i32(0, -1, 3), b"abc"),
    "the first offset is negative": lambda: unchecked(na.string(), 1, None, i32(-3, 3), b"abc"),
    "large offsets run backwards": lambda: unchecked(
        na.large_string(), 2, None, i64(0, 2**62, 1), b"abc"
    ),
    "a view names no buffer": lambda: viewed(view(13, 1)),
    "a view names a buffer below 0": lambda: viewed(view(13, -1)),
    "a view begins below 0": lambda: viewed(view(13, 0, -1)),
    "a view ends past its buffer": lambda: viewed(view(13, 0, 8)),
    "a view is longer than its buffer": lambda: viewed(view(2**31 - 1, 0, 2**31 - 1)),
    "a view is of negative size": lambda: viewed(view(-1)),
}


@pytest.mark.parametrize("lie", LIES)
def test_strings_that_lie(lie: str) -> None:
    array = LIES[lie]()
    # nanoarrow cannot make views, and pyarrow refuses to make the other lies.
    source = pyarrow().table({"x": array}) if "view" in lie else Stream({"x": array}, array.length)
    assert refused("bad_stream", lambda: read_table(source).strings("x")).field == "table"


@pytest.mark.parametrize("index", [2, -1, 2**32, 2**63 - 1])
def test_indices_that_lie(index: int) -> None:
    pa = pyarrow()
    indices = pa.array([0, index], pa.int8() if index < 128 else pa.int64())
    array = pa.DictionaryArray.from_arrays(indices, pa.array(["a", "b"]), safe=False)
    table = read_table(pa.table({"x": array}))
    refused("bad_stream", table.strings, "x")


@pytest.mark.parametrize(
    ("layout", "n", "first", "valid", "places"),
    [
        ("offsets_32", 2, 0, 0, 8),
        ("offsets_32", 1, 1, 0, 11),
        ("offsets_64", 2, 0, 0, 23),
        ("views", 2, 0, 0, 31),
        ("indices", 2, 1, 0, 11),
        ("offsets_32", 2, 7, 1, 99),
        ("offsets_32", -1, 1, 0, 99),
        ("offsets_32", 1, -1, 0, 99),
        ("offsets_64", 2**62, 2**62, 0, 99),
    ],
)
def test_parts_that_are_longer_than_their_buffers(
    layout: Any, n: int, first: int, valid: int, places: int
) -> None:
    def zeros(size: int) -> Any:
        return np.zeros(size, np.uint8)

    words = Part("nothing", 1, 0, zeros(0), zeros(0), ())
    refused("bad_stream", Part, layout, n, first, zeros(valid), zeros(places), [zeros(0)], words)


def test_a_null_may_point_anywhere() -> None:
    array = viewed(view(-7, 9, 9) + view(0), b"\2")
    assert list(read_table(pyarrow().table({"x": array})).strings("x")) == [None, ""]


def test_columns_shorter_than_their_table() -> None:
    for n, offset in ((3, 0), (1, 2), (2, 1)):
        error = refused("bad_stream", read_table, Stream({"x": words()}, n, offset=offset))
        assert error.index is None
    assert list(read_table(Stream({"x": words()}, 1, offset=1)).strings("x")) == ["b"]


def test_rows_that_are_null_as_a_whole() -> None:
    bits = np.array([0b01], np.uint8)
    refused("bad_stream", read_table, Stream({"x": words()}, 2, valid=bits))


def test_lists_that_lie() -> None:
    floats = unchecked(na.float32(), 4, None, np.arange(4, dtype=np.float32))
    pairs = na.fixed_size_list(na.float32(), 2)
    fixed = unchecked(pairs, 3, None, children=[floats])
    for array in (
        fixed,
        unchecked(na.list_(na.float32()), 2, None, i32(0, 3, 2), children=[floats]),
        unchecked(na.list_(na.float32()), 2, None, i32(-2, 0, 2), children=[floats]),
        unchecked(na.list_(na.float32()), 2, None, i32(0, 2, 5), children=[floats]),
    ):
        with pytest.raises(PrumError) as caught:
            read_table(Stream({"x": array}, array.length)).vectors("x", 2)
        assert caught.value.code == "bad_stream"


def test_faces_of_a_hostile_stream() -> None:
    model = face.Model("made up", "1", 2)
    array = unchecked(na.fixed_size_list(na.float32(), 2), 1, None, children=[words()])
    refused("bad_stream", face.Gallery(model).search_many, Stream({"embedding": array}, 1), limit=1)


def test_zones_of_the_caller() -> None:
    pa = pyarrow()
    local = datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    expires = pa.array([local], pa.timestamp("us", "+02:00"))
    gallery, _ = enrol(people(["A"], expires=expires))
    assert gallery.purge(NOON - timedelta(seconds=1)) == []
    assert gallery.purge(NOON) == ["A"]
