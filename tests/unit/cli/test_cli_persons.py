"""Persons through all commands, in clear and as pseudonyms; names are never printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match import police_record
from prum_match.cli.reading.persons import read_persons
from prum_match.errors import PrumError
from prum_match.police_record import Person
from prum_match.police_record.pseudonyms.wire import probe_to_bytes
from support.cli import Run
from support.examples import examples
from support.police_record import families as police

CREATE = ("--create", "--category", "police_record")
PERSONS = """reference_id,first_names,family_names,aliases,birth_date,nationalities,gender
1,Jürgen,Müller,,1971-05-08,DE,M
2,Ana María,García López,Ana Ruiz; Mari,1980-12-00,"ES, FR",female
3,,Gabler,,1861,,
"""


@pytest.fixture
def register(run: Run, tmp_path: Path) -> Path:
    file, path = tmp_path / "persons.csv", tmp_path / "register"
    file.write_text(PERSONS, "utf-8")
    assert run("enrol", path, file, *CREATE, "--label", "mine").code == 0
    return path


def test_a_csv(run: Run, register: Path) -> None:
    with police_record.Gallery.open(register) as gallery:
        assert {name: gallery[name] for name in gallery} == {
            "1": Person(
                "Jürgen", "Müller", birth_date="1971-05-08", nationalities="DE", gender="M"
            ),
            "2": Person(
                "Ana María",
                "García López",
                ["Ana Ruiz", "Mari"],
                birth_date="1980-12",
                nationalities=["ES", "FR"],
                gender="F",
            ),
            "3": Person(None, "Gabler", birth_date="1861"),
        }
    info = run("info", register)
    assert (info.code, "settings    folding 1" in info.out) == (0, True)
    assert run("verify", register).code == 0


def test_all_commands(run: Run, register: Path, tmp_path: Path) -> None:
    file = tmp_path / "probes.jsonl"
    probes: list[dict[str, Any]] = [
        {"first_names": ["Juergen"], "family_names": "Mueller", "birth_date": "1971-08-05"},
        {"reference_id": "q", "first_names": "Ana", "family_names": "Ruiz", "birth_date": "1980"},
        {"aliases": ["Hedda Gabler"], "family_names": "Tesman", "birth_date": "1861"},
    ]
    file.write_text("\n".join(map(json.dumps, probes)))
    done = run("search", register, file, "--policy", "PRUM_2024", "--explain", "--threshold", 1)
    assert done.code == 2
    done = run("search", register, file, "--policy", "PRUM_2024", "--explain")
    assert done.code == 0, done.err
    found = [(c["probe"], c["reference_id"]) for c in done.of("candidate")]
    assert found[:2] == [("0", "1"), ("q", "2")]
    assert done.of("candidate")[0]["columns"].keys() == {"probability", "match_quality"}
    assert done.of("answer")[0]["policy"]["name"] == "prum-2024"
    for name in ("Juergen", "Jürgen", "Mueller", "Müller", "Ruiz", "Gabler", "Tesman"):
        assert name not in done.out + done.err
    assert len(run("search", register, file, "--threshold", 100).of("candidate")) == 0
    assert run("erase", register, "1").code == 0
    assert run("verify", register).code == 0
    assert run("search", register, file).of("candidate")[0]["reference_id"] == "2"


def test_pseudonyms(run: Run, tmp_path: Path) -> None:
    """They come encoded: a key is nothing for a command line."""
    for scheme, block in police.PSEUDONYMS.items():
        path, file = tmp_path / scheme, tmp_path / f"{scheme}.jsonl"
        (tmp_path / "block.json").write_text(block.to_json())
        lines = []
        for i in range(4):
            data = probe_to_bytes(police.encoded(block, i)) or b""
            lines.append(json.dumps({"reference_id": f"R{i}", **json.loads(data)}))
        file.write_text("\n".join(lines))
        options = (*CREATE, "--parameters", tmp_path / "block.json")
        assert run("enrol", path, file, *options).code == 0
        info = run("info", path)
        assert f"scheme {scheme}, 1024 bits, fingerprint {block.fingerprint}" in info.out
        done = run("search", path, file, "--policy", "PRUM_2024", "--explain")
        assert done.code == 0, done.err
        assert [c["reference_id"] for c in done.of("candidate")] == ["R0", "R1", "R2", "R3"]
        with police_record.Gallery.open(path) as gallery:
            assert gallery["R3"] == police.encoded(block, 3)
        clear = tmp_path / "persons.csv"
        clear.write_text(PERSONS, "utf-8")
        refused = run("enrol", path, clear)
        assert (refused.code, "clear_text_names" in refused.err) == (1, True)
        assert "Müller" not in refused.err
        other = run("enrol", path, clear, *CREATE)
        assert (other.code, "foreign_gallery" in other.err) == (1, True)


def test_rows_that_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    bad = [
        *("1,SECRET,SECRET,yesterday,", ",SECRET,SECRET,1980,", "3,SECRET\x07,,1980,"),
        *("4,SECRET,SECRET,1980,SECRET", "5,SECRET,SECRET", "6,12345,,,", "7,Eva,Gabler,1861,F"),
    ]
    file.write_text("reference_id,first_names,family_names,birth_date,gender\n" + "\n".join(bad))
    done = run("enrol", tmp_path / "register", file, *CREATE, "--on-error", "report")
    assert done.code == 1
    assert [(r["line"], r["reference_id"], r["code"]) for r in done.of("refused")] == [
        (2, "1", "bad_date"),
        (3, None, "missing_id"),
        (4, "3", "bad_name"),
        (5, "4", "bad_gender"),
        (6, None, "ragged_row"),
        (7, "6", "bad_name"),
    ]
    assert done.of("total")[0]["enrolled"] == 1
    assert "SECRET" not in done.out + done.err


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"pseudonyms": [], "first_names": "SECRET"}, "clear_text_names"),
        ({"pseudonyms": []}, "bad_person_bytes"),
        ({"key_id": "SECRET", "first_names": "Eva"}, None),
        ({"has_first": True, "first_names": "SECRET"}, "unknown_field"),
        ({"first_names": {"SECRET": 1}}, "bad_name"),
        ({"aliases": [["SECRET"]]}, "bad_name"),
        ({"aliases": [["Eva", "SECRET\n"]]}, "bad_name"),
        ({"birth_date": 1980}, "bad_date"),
        ({"nationalities": ["SECRET"]}, "unknown_country"),
    ],
)
def test_lines_that_are_refused(
    run: Run, tmp_path: Path, line: dict[str, Any], code: str | None
) -> None:
    file = tmp_path / "persons.jsonl"
    file.write_text(json.dumps({"reference_id": "1", **line}))
    done = run("enrol", tmp_path / "register", file, *CREATE, "--on-error", "report")
    assert [r["code"] for r in done.of("refused")] == ([code] if code else [])
    assert "SECRET" not in done.out + done.err


def test_parameters_that_are_none(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    file.write_text(PERSONS, "utf-8")
    for block, code in ((tmp_path / "nowhere", "unreadable_file"), (file, "bad_parameters")):
        done = run("enrol", tmp_path / "register", file, *CREATE, "--parameters", block)
        assert (done.code, code in done.err) == (1, True)
    assert run("enrol", tmp_path / "register", file, "--parameters", file).code == 2


@settings(max_examples=examples(200), deadline=None)
@given(
    st.text(max_size=60)
    | st.sampled_from(('{"first_names":"A"}', PERSONS, '{"pseudonyms":[{"filters":1}]}'))
)
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.txt"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        for part in read_persons(str(file), 2, needs_id=False):
            assert len(part.ids) == len(part.items) <= 2
    except PrumError:
        pass
