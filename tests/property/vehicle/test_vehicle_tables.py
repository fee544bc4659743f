"""A table of registrations or queries equals its rows one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prum_match import vehicle
from prum_match.errors import PrumError
from prum_match.testing.strategies import vehicle as vehicles
from prum_match.vehicle import SYMBOLS
from prum_match.vehicle.numbers.readings import umlaut_ways
from support.galleries.tables import LAYOUTS, laid_out, pyarrow, sliced

pytestmark = pytest.mark.native

pytest.importorskip("nanoarrow")
pytest.importorskip("pyarrow")

# Plain plates, national letters, lookalikes of other scripts, what folds away, what is refused.
CHARACTERS = st.sampled_from(SYMBOLS + SYMBOLS.lower() + "  --..__ßАΡ１\u200b\u0301*?€\x00🚗")
COUNTRIES = st.sampled_from(
    ("DE", "DE", "GR", "FR", "E", "D", "de ", "AT", "EL", "ES", "ZZ", "", None)
)
TEXTS = st.one_of(
    vehicles.plates().map(lambda drawn: drawn[1]),
    st.sampled_from(("TÖL-BA 218H", "TOL-BA 218", "BAB123", "B-AB 12E", "ABR 1234")),
    # Greek letters.
    st.sampled_from(("\u0391\u0392\u03a1-1234", "\u03a5\u039a 1")),
    st.text(CHARACTERS, max_size=18),
    st.text(max_size=4),
    st.none(),
)
VINS = st.one_of(
    vehicles.vins(),
    st.text(st.sampled_from("ABIOQ10/-. xiñ*"), max_size=31),
    st.text(st.sampled_from("IOQ10A"), min_size=17, max_size=17),
    st.none(),
)
MOMENTS = st.none() | st.builds(
    lambda days, micros: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days, 0, micros),
    st.integers(-9, 9),
    st.sampled_from((0, 0, 0, 0, 1, 999_999)),
)
DAYS = st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31))
MAKES = st.none() | st.sampled_from(("VW", "Škoda", "", "two\nlines"))
SIZES = st.lists(st.integers(0, 4), max_size=3)
SHAPES = st.fixed_dictionaries(
    {
        "layout": st.sampled_from(LAYOUTS),
        "sizes": SIZES,
        "names": st.sets(st.sampled_from(("plate", "vin", "valid_from", "valid_to", "make"))),
        "unit": st.sampled_from(("us", "ns")),
    }
)

Row = dict[str, Any]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "country": COUNTRIES,
            "plate": TEXTS,
            "vin": VINS,
            "valid_from": MOMENTS,
            "valid_to": DAYS,
            "make": MAKES,
        }
    ),
    max_size=8,
)
PLAIN: Row = dict.fromkeys(("vin", "valid_from", "valid_to", "make"), None)
TYPES = {"valid_from": "timestamp", "at": "timestamp", "valid_to": "day"}


def table_of(rows: list[Row], names: list[str], shape: dict[str, Any]) -> Any:
    pa = pyarrow()
    types = {"timestamp": pa.timestamp(shape["unit"], "UTC"), "day": pa.date32()}
    arrays = {}
    for name in names:
        values = [row[name] for row in rows]
        if name in TYPES:
            array = pa.array(values, types[TYPES[name]])
        else:
            array = laid_out(values, shape["layout"])
        arrays[name] = sliced(array, shape["sizes"])
    return pa.table(arrays)


def told(error: PrumError) -> tuple[Any, ...]:
    return error.index, error.code, error.field, str(error)


@given(rows=ROWS, shape=SHAPES)
@example(
    rows=[
        {"country": "DE", "plate": "b-ab  12", **PLAIN},
        {"country": "DE", "plate": "Č-12", **PLAIN, "vin": "WVWZZZ1JZOW000001"},
        {"country": "DE", "plate": None, **PLAIN, "vin": "WVWZZZ1JZ0W000001"},
    ],
    shape={"layout": "utf8", "sizes": [1], "names": {"plate", "vin"}, "unit": "us"},
)
def test_a_table_equals_its_registrations(rows: list[Row], shape: dict[str, Any]) -> None:
    names = ["country", *sorted(shape["names"])]
    good: list[int] = []
    items: list[vehicle.Registration] = []
    refused: list[PrumError] = []
    for index, row in enumerate(rows):
        try:
            items.append(vehicle.Registration(**{name: row[name] for name in names}))
            good.append(index)
        except PrumError as error:
            refused.append(error.at(index))
    expected = vehicle.Gallery()
    report = expected.enrol([f"R{i}" for i in good], items)

    table = table_of(rows, names, shape)
    ids = pyarrow().array([f"R{i}" for i in range(len(rows))], pyarrow().string())
    table = table.append_column("reference_id", ids)
    gallery = vehicle.Gallery()
    found = gallery.enrol_table(table, on_error="report")
    assert [told(error) for error in found.refused] == [told(error) for error in refused]
    assert (found.enrolled, found.notes) == (report.enrolled, report.notes)
    assert {name: gallery[name] for name in gallery} == {name: expected[name] for name in expected}
    gallery.compact()
    expected.compact()
    columns, others = (
        [{k: v.tobytes() for k, v in s.columns.items()} for s in one._core.segments()]
        for one in (gallery, expected)
    )
    assert columns == others


def registers() -> vehicle.Gallery:
    """Return a register with all spellings that the queries can ask for, over time."""
    gallery = vehicle.Gallery()
    begin, end = datetime(2019, 12, 30, tzinfo=UTC), datetime(2020, 1, 4, tzinfo=UTC)
    plates = [
        *(
            (c, p)
            for c in ("DE", "AT", "FR", "ES")
            for p in ("B-AB 12", "BA-B 12", "BAB12H", "AR1")
        ),
        *(("DE", p) for p in ("TÖL-BA 218H", "TOEL-BA 218", "TOL-BA 218E", "TÜ-B 1", "TUE-B 1")),
        *(("GR", p) for p in ("ABR-1234", "ABP-1234", "A0R1P", "A0P1P")),
    ]
    gallery.enrol(
        [f"R{i:02}" for i in range(2 * len(plates))],
        [
            vehicle.Registration(*plate, "WVWZZZ1JZ0W000001", valid_from=first, valid_to=last)
            for first, last in ((begin, end), (end, None))
            for plate in plates
        ],
    )
    return gallery


REGISTERS = registers()
QUERIES = st.lists(
    st.fixed_dictionaries({"country": COUNTRIES, "plate": TEXTS, "vin": VINS, "at": MOMENTS}),
    max_size=8,
)
KEYS = st.sampled_from((["plate"], ["plate", "at"], ["vin"], ["vin", "at"], ["plate", "vin"]))


@given(QUERIES, KEYS, SHAPES, st.sampled_from(("kept", "none")))
def test_a_table_of_queries_equals_its_queries(
    rows: list[Row], keys: list[str], shape: dict[str, Any], history: Any
) -> None:
    names = ["country", *keys]
    policy = vehicle.Policy(history=history)
    table = table_of(rows, names, shape)
    queries: list[vehicle.ExactQuery] = []
    refused: PrumError | None = None
    for index, row in enumerate(rows):
        try:
            queries.append(vehicle.ExactQuery(**{name: row[name] for name in names}))
        except PrumError as error:
            refused = error.at(index)
            break
    if refused is not None:
        with pytest.raises(PrumError) as caught:
            REGISTERS.search_many(table, policy=policy)
        assert told(caught.value) == told(refused)
        return
    found = REGISTERS.search_many(table, policy=policy)
    expected = REGISTERS.search_many(queries, policy=policy)
    assert [answer.reference_ids for answer in found] == [a.reference_ids for a in expected]
    for answer, other, query in zip(found, expected, queries, strict=True):
        assert (answer.status, answer.probe) == (other.status, query)
        assert answer.grades.tolist() == other.grades.tolist()
        assert [str(c.explain()) for c in answer] == [str(c.explain()) for c in other]


@pytest.mark.parametrize("gap", ["", "-"])
def test_every_german_district_with_an_umlaut(gap: str) -> None:
    """One district may begin with another, and have the same spellings."""
    endings = ("", "A", "E", "EH", "AB")
    plates = [
        f"{name}{gap}{ending}12{kind}"
        for name in sorted(umlaut_ways())
        for ending in endings[bool(gap) :]
        for kind in ("", "H")
    ]
    gallery = vehicle.Gallery()
    ids = [f"R{i:05}" for i in range(len(plates))]
    gallery.enrol(ids, [vehicle.Registration("DE", plate) for plate in plates])
    countries = pyarrow().array(["DE"] * len(plates))
    found = gallery.search_many(pyarrow().table({"country": countries, "plate": plates}))
    expected = gallery.search_many([vehicle.ExactQuery("DE", plate) for plate in plates])
    for name, answer, other in zip(ids, found, expected, strict=True):
        assert answer.reference_ids == other.reference_ids
        assert name in answer.reference_ids
        assert len(set(answer.reference_ids)) == answer.n_found >= 2


def test_the_register_contains_what_the_queries_ask_for() -> None:
    """Otherwise the test above would prove little."""
    answers = {
        (country, plate): REGISTERS.search(
            vehicle.ExactQuery(country, plate, at=date(2020, 1, 1))
        ).grades.tolist()
        for country, plate in (
            *(("DE", "TÖL-BA 218"), ("DE", "TÜ-B 1"), ("GR", "ABR1234"), ("D", "BAB 12")),
            ("E", "BAB12"),
        )
    }
    assert list(answers.values()) == [[2, 2, 2], [1, 2], [1, 2], [1, 1, 2], [1, 1]]


def test_holders_and_owners_come_in_columns() -> None:
    table = pyarrow().table(
        {
            "reference_id": ["A", "B", "C"],
            "country": ["FR", "FR", "FR"],
            "plate": ["AB-123-CD", "AB-124-CD", "AB-125-CD"],
            "holder_name": ["Exemple", None, "Durand"],
            "holder_birth_date": ["1985-07-14", None, "1985-13"],
            "owner_name": [None, "Société Exemple", None],
            "owner_legal_entity": [None, "company", None],
        }
    )
    gallery = vehicle.Gallery()
    report = gallery.enrol_table(table, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [(2, "bad_date")]
    assert gallery["A"] == vehicle.Registration(
        "FR", "AB-123-CD", holders=[vehicle.Holder("Exemple", birth_date="1985-07-14")]
    )
    assert gallery["B"] == vehicle.Registration(
        "FR", "AB-124-CD", owners=[vehicle.Holder("Société Exemple", legal_entity="company")]
    )
