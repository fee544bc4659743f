"""Registrations through all commands: files of them, files of queries, a query as options."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match import cli, vehicle
from prum_match.cli.reading.vehicles import read_registrations
from prum_match.errors import PrumError
from prum_match.vehicle import Registration
from support.cli import Run
from support.examples import examples

CREATE = ("--create", "--category", "vehicle")
CARS = """reference_id,country,plate,vin,valid_from,valid_to,make
1,D,b-ab 123,,2020-03-01,2024-03-01,VW
2,DE,BA-B 123,,2024-03-02T06:30:00+01:00,,VW
3,FR,AB-123-CD,WVWZZZ1JZOW000001,,,Škoda
"""


@pytest.fixture
def cars(tmp_path: Path) -> Path:
    path = tmp_path / "cars.csv"
    path.write_text(CARS, "utf-8")
    return path


@pytest.fixture
def register(run: Run, tmp_path: Path, cars: Path) -> Path:
    path = tmp_path / "register"
    assert run("enrol", path, cars, *CREATE, "--label", "mine").code == 0
    return path


def found(run: Run, register: Path, *options: object) -> list[str]:
    done = run("search", register, *options)
    assert done.code == 0, done.err
    return [candidate["reference_id"] for candidate in done.of("candidate")]


def test_a_csv(run: Run, register: Path) -> None:
    with vehicle.Gallery.open(register) as gallery:
        assert {name: str(gallery[name].plate) for name in gallery} == {
            "1": "B-AB 123",
            "2": "BA-B 123",
            "3": "AB-123-CD",
        }
        assert gallery["3"].make == "Škoda"
        assert gallery["3"].vin == "WVWZZZ1JZ0W000001"
        assert str(gallery["2"].valid_from) == "2024-03-02 05:30:00+00:00"
        assert gallery["1"].valid_at(vehicle.ExactQuery(vin="1", at=gallery["1"].valid_from).moment)
    assert run("info", register).code == 0
    assert run("verify", register).code == 0


@pytest.mark.parametrize("sign", [";", "\t"])
def test_a_spreadsheet_s_csv(run: Run, tmp_path: Path, sign: str) -> None:
    file = tmp_path / "cars.csv"
    file.write_text("\ufeff" + CARS.replace(",", sign).replace("\n", "\r\n") + "\r\n", "utf-8")
    done = run("enrol", tmp_path / "register", file, *CREATE)
    assert (done.code, done.of("total")[0]["enrolled"]) == (0, 3)
    assert done.of("batch")[0]["notes"]["lower case"] == 1


def test_json_lines_hold_all_of_a_registration(run: Run, tmp_path: Path) -> None:
    items = {
        "A": Registration("FR", "AB-123-CD", holders=[vehicle.Holder("Vermeer", gender="M")]),
        "B": Registration("DE", vin="WVWZZZ1JZOW000001", vehicle_id="V1", power_kw=77.5),
    }
    file = tmp_path / "cars.jsonl"
    lines = []
    for name, item in items.items():
        record = json.loads(vehicle.VEHICLE.wire.reference_to_bytes(item))
        lines.append(json.dumps({"reference_id": name, **record}))
    file.write_text("\n".join([*lines, "", ""]))
    path = tmp_path / "register"
    assert run("enrol", path, file, *CREATE).code == 0
    with vehicle.Gallery.open(path) as gallery:
        assert gallery["A"] == items["A"]
        # The register's own key of the vehicle is not part of the answer's data.
        assert gallery["B"].chassis == items["B"].chassis
        assert (gallery["B"].vehicle_id, gallery["B"].power_kw) == (None, 77.5)


def test_rows_that_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cars.csv"
    bad = [
        *("1,FR,SECRET*,,", ",FR,AB-1-CD,,", "3,Atlantis,AB-1-CD,,", "4,FR,,,"),
        *("5,FR,AB-5-CD,,yesterday", "6,FR,AB-6-CD", '"7\n",FR,A 7,,', "8,FR,AB-8-CD,,2024-01-01"),
        "9,,AB-9-CD,,",
    ]
    file.write_text("reference_id,country,plate,colour,valid_from\n" + "\n".join(bad))
    done = run("enrol", tmp_path / "register", file, *CREATE, "--on-error", "report")
    assert done.code == 1
    assert [(r["line"], r["index"], r["reference_id"], r["code"]) for r in done.of("refused")] == [
        (2, None, "1", "incomplete_key"),
        (3, None, None, "missing_id"),
        (4, None, "3", "unknown_country"),
        (5, None, "4", "no_key"),
        (6, None, "5", "bad_moment"),
        (7, None, None, "ragged_row"),
        (11, None, "9", "unknown_country"),
        (None, 0, "7\n", "bad_reference_id"),
    ]
    (ignored,) = done.of("ignored")
    assert (ignored["field"], ignored["code"]) == ("colour", "ignored_column")
    assert done.of("total")[0]["enrolled"] == 1
    assert "SECRET" not in done.out + done.err
    done = run("enrol", tmp_path / "other", file, *CREATE)
    assert done.code == 1
    assert "line 2: " in done.err
    assert "nothing was enrolled [incomplete_key" in done.err
    assert "SECRET" not in done.out + done.err


def test_lines_that_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cars.jsonl"
    lines = [
        {"reference_id": "1", "country": "FR", "plate": "AB-1-CD", "colour": "red"},
        {"reference_id": "2", "country": "FR", "plate": 7},
        {"reference_id": 3, "country": "FR", "plate": "AB-3-CD"},
        {"reference_id": "4", "country": "FR", "plate": "AB-4-CD", "valid_from": 2020},
        {"reference_id": "5", "country": "FR", "plate": "AB-5-CD", "holders": [{"wife": "x"}]},
        {"reference_id": "6", "country": "FR", "vin": "1152", "vin_raw": "1153"},
    ]
    text = "\n".join(map(json.dumps, lines)) + '\n[]\n{"country":"FR","country":"DE"}\n{'
    file.write_text(text)
    done = run("enrol", tmp_path / "register", file, *CREATE, "--on-error", "report")
    refused = [(r["line"], r["reference_id"], r["code"]) for r in done.of("refused")]
    assert refused == [
        (2, "2", "bad_plate"),
        (3, None, "missing_id"),
        (4, "4", "bad_moment"),
        (5, "5", "unknown_field"),
        (6, "6", "bad_vin"),
        (7, None, "bad_json"),
        (8, None, "bad_json"),
        (9, None, "bad_json"),
    ]
    assert [(i["line"], i["field"]) for i in done.of("ignored")] == [(1, "colour")]
    assert done.of("total")[0]["enrolled"] == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"country,plate\nFR,AB-123-CD\n", "bad_header"),
        (b"reference_id,plate\n1,AB-123-CD\n", "bad_header"),
        (b"reference_id,country,country\n1,FR,FR\n", "bad_header"),
        (b"reference_id,country,make\n1,FR,\xff\n", "bad_csv"),
        (b'reference_id,country,make\n1,FR,"x" y\n', "bad_csv"),
        (b'{"reference_id":"' + b"x" * 200_000 + b'"}', "too_large"),
    ],
)
def test_files_that_are_refused(run: Run, tmp_path: Path, data: bytes, code: str) -> None:
    file = tmp_path / "cars"
    file.write_bytes(data)
    done = run("enrol", tmp_path / "register", file, *CREATE, "--on-error", "report")
    assert done.code == 1
    assert f"[{code}; " in done.err


def test_batches(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.enrol, "_BATCH", 2)
    file = tmp_path / "cars.csv"
    rows = [f"{i},FR,AB-{i:03}-CD" if i % 3 else f"{i},FR,*" for i in range(8)]
    file.write_text("reference_id,country,plate\n" + "\n".join(rows))
    done = run("enrol", tmp_path / "register", file, *CREATE, "--on-error", "report")
    assert [(b["first"], b["enrolled"]) for b in done.of("batch")] == [(0, 2), (2, 2), (4, 1)]
    assert [r["line"] for r in done.of("refused")] == [2, 5, 8]


def test_a_complete_number(run: Run, register: Path) -> None:
    plate = ("--country", "DE", "--plate")
    assert found(run, register, *plate, "B-AB123") == []
    assert found(run, register, *plate, "B-AB123", "--at", "2023-05-01") == ["1"]
    assert found(run, register, *plate, "BAB123", "--at", "2024-03-02T05:30:00Z") == ["2"]
    assert found(run, register, "--vin", "wvw zzz1jz-0w000001") == ["3"]
    assert found(run, register, "--vin", "WVWZZZ1JZ0W000001", "--country", "D") == []
    for at, status in (
        *(("2023-05-01", "found"), ("2019-05-01", "not_registered_then")),
        ("2024-03-01", "not_registered_then"),
    ):
        (answer,) = run("search", register, *plate, "B-AB 123", "--at", at).of("answer")
        assert (answer["status"], answer["probe"]) == (status, "0")
    (answer,) = run("search", register, *plate, "X-Y 1").of("answer")
    assert (answer["status"], answer["n_found"]) == ("not_found", 0)


def test_a_misread_plate_is_searched(run: Run, register: Path) -> None:
    done = run("search", register, "--fuzzy", "6AB I23", "--explain")
    first = done.of("candidate")[0]
    assert first["columns"]["cost"] > 0
    assert first["registration"]["plate"] in ("B-AB 123", "BA-B 123")
    assert first["explanation"]
    assert done.of("answer")[0]["policy"]["name"] == "national"
    unit = ("--costs", "unit", "--max-cost", 2)
    assert found(run, register, "--fuzzy", "6AB I23", *unit) == ["1", "2"]
    assert found(run, register, "--fuzzy", "6AB I23", *unit[:-1], 1) == []
    assert found(run, register, "--fuzzy", "BAB 123", "--country", "FR", "--country", "NL") == []
    at = ("--at", "2023-05-01")
    assert found(run, register, "--fuzzy", "BAB 123", *at) == ["1"]
    assert found(run, register, "--fuzzy", "BAB 123", "--limit", 1) == ["1"]


def test_patterns(run: Run, register: Path) -> None:
    assert found(run, register, "--pattern", "?AB1*") == ["1", "2"]
    assert found(run, register, "--pattern", "*12[0-4]*") == ["1", "2", "3"]
    assert found(run, register, "--pattern", "WVW*", "--of", "vin") == ["3"]
    assert found(run, register, "--pattern", "*", "--country", "D", "--at", "2023-05-01") == ["1"]


def test_files_of_queries(run: Run, register: Path, tmp_path: Path) -> None:
    table, lines = tmp_path / "queries.csv", tmp_path / "queries.jsonl"
    table.write_text(
        "country,plate,vin,at\nDE,BAB123,,2023-05-01\n,,WVWZZZ1JZ0W000001,\nDE,AB*,,\nNL,AB-12-34,,\n"
    )
    done = run("search", register, table, "--policy", "PRUM_2024")
    assert done.code == 1
    assert [(c["probe"], c["reference_id"]) for c in done.of("candidate")] == [
        ("0", "1"),
        ("1", "3"),
    ]
    assert [(a["probe"], a["status"]) for a in done.of("answer")] == [
        *(("0", "found"), ("1", "found"), ("3", "not_found")),
    ]
    assert [(r["line"], r["code"]) for r in done.of("refused")] == [(4, "incomplete_key")]
    query = vehicle.ExactQuery("DE", "BA-B 123")
    lines.write_bytes(vehicle.VEHICLE.wire.probe_to_bytes(query) or b"")
    assert found(run, register, lines) == ["2"]


def test_across_borders_keys_are_complete(run: Run, register: Path) -> None:
    for option in ("--fuzzy", "--pattern"):
        done = run("search", register, option, "BAB12", "--policy", "PRUM_2024")
        assert done.code == 1
        assert "incomplete_key" in done.err
        assert "BAB12" not in done.err


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("queries.csv", "--vin", "1"),
        ("--plate", "A", "--vin", "1"),
        ("--plate", "SECRET", "--country", "D", "--at", "SECRET"),
        ("--plate", "A", "--country", "D", "--country", "F"),
        ("--vin", "1", "--max-cost", "1"),
        ("--vin", "1", "--costs", "unit"),
        ("--fuzzy", "A", "--of", "vin"),
        ("queries.csv", "--at", "2024-05-01"),
        ("queries.csv", "--country", "DE"),
    ],
)
def test_words_that_are_off(run: Run, register: Path, options: tuple[str, ...]) -> None:
    done = run("search", register, *options)
    assert (done.code, done.out) == (2, "")
    assert "SECRET" not in done.err


@pytest.mark.parametrize(
    "options", [("--plate", "SECRET!"), ("--vin", "?"), ("--fuzzy", "SECRET*"), ("--pattern", "[")]
)
def test_queries_that_are_refused(run: Run, register: Path, options: tuple[str, ...]) -> None:
    done = run("search", register, *options)
    assert (done.code, done.out) == (1, "")
    assert "SECRET" not in done.err


def test_options_of_other_categories(run: Run, register: Path, gallery: Path, cars: Path) -> None:
    assert "[bad_option; field --kind]" in run("enrol", register, cars, "--kind", "stain").err
    assert "[bad_option; field --ids]" in run("enrol", register, cars, "--ids", cars).err
    assert "[bad_option; field query]" in run("search", gallery, "--vin", "1").err
    assert "foreign_policy" in run("search", register, "--vin", "1", "--threshold", 1).err


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ("reference_id", "plate", "vin", "vin_raw", "valid_from", "holders", "power_kw", "status")
)


@settings(max_examples=examples(200))
@given(st.dictionaries(NAMES | st.just("country"), VALUES), st.booleans())
def test_any_line_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any], sound: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    given = {"reference_id": "1", "country": "FR", "plate": "AB-123-CD"} if sound else {}
    file.write_text(json.dumps(given | record), "utf-8")
    (found,) = read_registrations(str(file), None)
    refused = [problem for problem in found.problems if problem.refused]
    assert len(found.items) + len(refused) == 1


@settings(max_examples=examples(200))
@given(st.binary(max_size=60) | st.text('",\n;x', max_size=40).map(str.encode))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(b"reference_id,country,plate\n" + data)
    # Refused as a whole, or row by row.
    with suppress(PrumError):
        for found in read_registrations(str(file), 2):
            assert all(problem.code for problem in found.problems)
