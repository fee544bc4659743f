"""Reprs, error texts and logs never contain a name or another element of a person.

Each name here has a part that does not occur in any text of the library. If the name is refused,
only `value` of the error contains it.
"""

from __future__ import annotations

import copy
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from prum_match import dna, police_record
from prum_match.errors import PrumError
from prum_match.police_record import (
    FellegiSunter,
    Gallery,
    LinkageModel,
    Name,
    Nicknames,
    Parameters,
    Person,
    TermFrequencies,
)
from prum_match.police_record.pseudonyms.wire import probe_from_bytes
from prum_match.testing.strategies import police_record as persons
from support.examples import examples
from support.police_record import families as police

MARK = "Xqzv"
BLOCKS = list(police.PSEUDONYMS.values())
NAMES = persons.unusual_names().map(lambda name: name.strip()[:20] + MARK)


def calls(name: str, person: Person) -> Iterator[Callable[[], object]]:
    """Return all calls that can be refused, with the name in each place that takes one."""
    yield from (
        lambda: Person(name + "\n"),
        lambda: Person(name * 20),
        lambda: Person(family_names=[name, "\x00"]),
        lambda: Person(family_names={name: 1}),  # type: ignore[arg-type]
        lambda: Person(aliases=[(name, name, name)]),  # type: ignore[list-item]
        lambda: Person(aliases=[name] * 101),
        lambda: Person(aliases=[" ".join([MARK] * 30)] * 10),
        lambda: Person(birth_date=name),
        lambda: Person(birth_place=name + "\r"),
        lambda: Person(country_of_birth=name),
        lambda: Person(nationalities=[name]),
        lambda: Person(nationalities=[MARK] * 40),
        lambda: Person(gender=name),
        lambda: Name(name + "\n"),
        lambda: police_record.fold_name(name + "\U00010fff"),
        lambda: probe_from_bytes(json.dumps({"family_names": [name]}).encode()),
        lambda: probe_from_bytes(json.dumps({"key_id": name, "pseudonyms": name}).encode()),
        lambda: probe_from_bytes(name.encode()),
        lambda: police_record.EncodedPerson(name, ()),
        lambda: police_record.Pseudonyms(name, (b"x",)),
        lambda: Parameters(name="block", version="é" + name),
        lambda: Parameters.from_json(name),
        lambda: LinkageModel.from_json(name),
        lambda: TermFrequencies.from_counts({name: -1}, {name: 0}),
        lambda: Nicknames([(name,)]),  # type: ignore[list-item]
        lambda: FellegiSunter().fit([person], [name]),  # type: ignore[list-item]
        lambda: FellegiSunter().fit([name], [person]),  # type: ignore[list-item]
    )
    clear = filled(Gallery(), [person, person])
    yield from (
        lambda: clear.enrol(["R0"], [person]),
        lambda: clear.enrol(["a", "a"], [person, person]),
        lambda: clear.enrol(["a"], [name]),  # type: ignore[list-item]
        lambda: clear.enrol(["a", "b"], [person]),
        lambda: clear.search(name),  # type: ignore[arg-type]
        lambda: clear.search(person, policy=dna.PRUM_2008),
        lambda: clear.search(person, limit=0),
        lambda: clear.search_many([person, name]),  # type: ignore[list-item]
        lambda: clear.search(Person(name), policy=police_record.PRUM_2024),
        lambda: clear[name],
        lambda: clear.erase([name]),
    )
    for block in BLOCKS:
        encoder, late = police.encoder(block), police.encoder(block, "2")
        gallery = filled(Gallery(block), [encoder.encode_one(person)])
        yield from (
            lambda g=gallery: g.search(person),  # type: ignore[misc]
            lambda g=gallery: g.enrol(["a"], [person]),  # type: ignore[misc]
            lambda g=gallery, e=late: g.search(e.encode_one(person)),  # type: ignore[misc]
            lambda g=gallery, e=encoder: clear.search(e.encode_one(person)),  # type: ignore[misc]
            lambda e=encoder: e.encode([name]),  # type: ignore[misc, list-item]
            lambda e=encoder: e.encode([Person(birth_place=MARK)]),  # type: ignore[misc]
            lambda g=gallery: g.join(clear),  # type: ignore[misc]
        )


def filled(gallery: Gallery, items: list[Any]) -> Gallery:
    gallery.enrol([f"R{i}" for i in range(len(items))], items)
    return gallery


def shown(person: Person) -> Iterator[object]:
    """Return all objects made from a person, and the texts of answers."""
    yield from (person, person.names, person.changed)
    yield police_record.fold_name(" ".join(person.family_names))
    galleries = [filled(Gallery(), [person, person])]
    probes: list[Any] = [person]
    for block in BLOCKS:
        one = police.encoder(block).encode_one(person)
        many = police.encoder(block).encode([person])
        yield from (one, one.pseudonyms, many, many[0])
        galleries.append(filled(Gallery(police.encoder(block)), [person, person]))
        probes.append(one)
    for gallery, probe in zip(galleries, probes, strict=True):
        yield from (gallery, gallery.category, gallery._core.segments(), gallery["R0"])
        answer, many_answers = gallery.search(probe), gallery.search_many([probe])
        yield from (answer, list(answer), many_answers, answer.policy, answer.columns)
        yield from (candidate.explain() for candidate in answer)
        yield from gallery.join(gallery)
    yield FellegiSunter().fit([person] * 3, [person] * 3)
    yield TermFrequencies.from_counts({person.first_names[0]: 1}, {person.family_names[0]: 2})


def told(call: Callable[[], object]) -> str:
    """Return the texts of an error and its causes; nothing without an error."""
    try:
        call()
    except PrumError as error:
        return "".join((str(error), repr(error), *traceback.format_exception(error))).casefold()
    return ""


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(NAMES, persons.birth_dates())
def test_names_are_in_no_text(name: str, born: str | None) -> None:
    person = Person(name, name, [name, (name, name)], birth_date=born, birth_place=name)
    refused = 0
    for call in calls(name, person):
        text = told(call)
        refused += bool(text)
        assert MARK.casefold() not in text
    assert refused > 40
    for made in shown(person):
        assert MARK.casefold() not in f"{made!s} {made!r}".casefold()


def test_names_are_in_no_log(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    person = Person(MARK, MARK, birth_date="1984-02-29")
    with caplog.at_level(logging.DEBUG):
        for call in calls(MARK, person):
            with suppress(PrumError):
                call()
        list(shown(copy.copy(person)))
        gallery = filled(Gallery(), [person])
        gallery.save(tmp_path / "register")
        with Gallery.open(tmp_path / "register", mode="rw") as opened:
            opened.replace(["R0"], [person])
            opened.compact()
            assert opened.verify().passed
    assert MARK.casefold() not in caplog.text.casefold()


def test_a_damaged_name_is_not_shown() -> None:
    gallery = filled(Gallery(), [Person(MARK, MARK, [MARK, MARK + " " + MARK], birth_date="1984")])
    for name in ("names.written.bytes", "aliases.bytes", "dates", "backgrounds.bytes"):
        (segment,) = gallery._core.segments()
        column = segment.columns[name].view(np.uint8)
        kept = column.copy()
        for place in range(len(column)):
            column[place] ^= 0xFF
            assert MARK.casefold() not in told(lambda: gallery["R0"])
            column[:] = kept
