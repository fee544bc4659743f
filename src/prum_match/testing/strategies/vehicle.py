"""Hypothesis strategies of vehicle registrations and of queries for them.

They draw from few plates, chassis numbers and moments, so that queries often find something, and
what goes wrong in practice more often than what is common: separators at other places, umlauts
and their other spellings, 0 and O, numbers that were sold again, intervals that touch.

Examples
--------
>>> from hypothesis import given, settings
>>> from prum_match import vehicle
>>> from prum_match.testing.strategies import vehicle as vehicles
>>> @settings(max_examples=5)
... @given(vehicles.exact_queries(), vehicles.registrations())
... def an_answer_has_a_grade_or_none(query, registration):
...     assert vehicle.compare(query, registration).grade in (1, 2, 3, None)
>>> an_answer_has_a_grade_or_none()
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prum_match import vehicle
from prum_match.testing.strategies.drawing import DrawFn, SearchStrategy, st

COUNTRIES = ("DE", "AT", "GR", "FR", "CZ")
"""States of drawn registrations; Germany, Austria and Greece have special rules."""

_DISTRICTS = ("B", "BA", "TÜ", "TUE")
_LETTERS = ("A", "AB", "A0", "AO", "R", "P", "8I")
_VINS = ("WVWZZZ1JZ0W000001", "WVWZZZ1JZOW000001", "1M8GDM9AXKP042788", "12 345-67", "12345/67O")
_DAY = datetime(2020, 1, 1, tzinfo=UTC)
_WORDS = ("Vermeer", 'O"Brien \\', "Παπαδόπουλος", "Łukasz 𝄞", "B", "a" * 100)


@st.composite
def plates(draw: DrawFn, *, country: str | None = None) -> tuple[str, str]:
    """Return a strategy of states and plates in various spellings."""
    state = country or draw(st.sampled_from(("DE", "DE", *COUNTRIES)))
    gap = st.sampled_from(("", "-", " ", " - "))
    number = draw(st.sampled_from(("1", "12")))
    if state == "DE":
        parts = [draw(st.sampled_from(_DISTRICTS)), draw(st.sampled_from(("AB", "B")))]
        text = f"{parts[0]}{draw(gap)}{parts[1]}{draw(gap)}{number}"
        text += draw(st.sampled_from(("", "", "H", "E")))
    else:
        letters = st.sampled_from(_LETTERS)
        text = f"{draw(letters)}{draw(gap)}{number}{draw(gap)}{draw(letters)}"
    return state, text.lower() if draw(st.booleans()) else text


def vins() -> SearchStrategy[str]:
    """Return a strategy of chassis numbers: of 17 symbols, repaired ones, old ones."""
    return st.sampled_from(_VINS)


def moments() -> SearchStrategy[datetime]:
    """Return a strategy of moments, most of them where drawn intervals begin or end."""
    return st.builds(
        lambda days, seconds: _DAY + timedelta(days=days, seconds=seconds),
        st.integers(0, 6),
        st.sampled_from((0, 0, 0, -1, 1)),
    )


def holders() -> SearchStrategy[vehicle.Holder]:
    """Return a strategy of holders and owners."""
    word = st.none() | st.sampled_from(_WORDS)
    when = st.none() | st.sampled_from(("1632", "1632-10", "1632-10-31"))
    return st.builds(
        vehicle.Holder,
        word,
        word,
        address=word,
        gender=st.sampled_from((None, "M", "F", "X", "unknown")),
        birth_date=when,
        start=when,
        end=when,
        holder_type=word,
    )


@st.composite
def registrations(draw: DrawFn) -> vehicle.Registration:
    """Return a strategy of registrations, with and without optional elements."""
    country, plate = draw(plates())
    has = draw(st.sampled_from(("plate", "vin", "both")))
    begin, end = sorted(draw(st.tuples(moments(), moments())))
    details: dict[str, Any] = {}
    if draw(st.booleans()):
        word = st.none() | st.sampled_from(_WORDS)
        details = {
            "vehicle_id": draw(st.sampled_from((None, "V1", "V2"))),
            "status": draw(
                st.sampled_from((None, vehicle.RegistrationStatus.SCRAPPED, "hors d'usage"))
            ),
            "status_from": draw(st.none() | st.sampled_from(("2021", "2021-05-01"))),
            "make": draw(word),
            "power_kw": draw(st.none() | st.sampled_from((0, 77, 77.5))),
            "capacity_cm3": draw(st.none() | st.integers(0, 9000)),
            "document_ids": tuple(draw(st.lists(st.sampled_from(_WORDS), max_size=2))),
            "holders": tuple(draw(st.lists(holders(), max_size=3))),
            "owners": tuple(draw(st.lists(holders(), max_size=2))),
            "insurances": tuple(draw(st.lists(st.builds(vehicle.Insurance, word), max_size=1))),
        }
    return vehicle.Registration(
        country,
        None if has == "vin" else plate,
        None if has == "plate" else draw(vins()),
        valid_from=draw(st.sampled_from((None, begin))),
        valid_to=draw(st.sampled_from((None, end if begin < end else None))),
        **details,
    )


@st.composite
def exact_queries(draw: DrawFn) -> vehicle.ExactQuery:
    """Return a strategy of queries with a complete number."""
    at = draw(st.none() | moments())
    if draw(st.booleans()):
        return vehicle.ExactQuery(*draw(plates()), at=at)
    return vehicle.ExactQuery(draw(st.sampled_from((None, *COUNTRIES))), vin=draw(vins()), at=at)


def owner_queries() -> SearchStrategy[vehicle.OwnerQuery]:
    """Return a strategy of queries by holder or owner, of natural and of legal persons."""
    name = st.sampled_from(_WORDS)
    common: dict[str, Any] = {
        "role": st.sampled_from(("either", "holder", "owner")),
        "country": st.sampled_from((None, *COUNTRIES)),
        "at": st.none() | moments(),
    }
    return st.one_of(
        st.builds(vehicle.OwnerQuery, name, name, st.just("1632-10-31"), **common),
        st.builds(vehicle.OwnerQuery, legal_name=name, **common),
    )


def _states() -> SearchStrategy[list[str] | None]:
    return st.none() | st.lists(st.sampled_from(COUNTRIES), min_size=1, max_size=2)


@st.composite
def fuzzy_queries(draw: DrawFn) -> vehicle.FuzzyQuery:
    """Return a strategy of reads: plates with a symbol more, less or exchanged."""
    read = list(draw(plates())[1])
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(read)))
        read[place : place + draw(st.integers(0, 1))] = draw(st.text("AE08OB1I", max_size=1))
    text = "".join(read)
    return vehicle.FuzzyQuery(
        text if text.strip(" .-") else "A",
        draw(_states()),
        max_cost=draw(st.sampled_from((0, 0.3, 1, 1.5, 2))),
        costs=draw(st.sampled_from((vehicle.UNIT_COSTS, vehicle.OCR_COSTS))),
        at=draw(st.none() | moments()),
    )


def patterns(symbols: str = "AB01Ü") -> SearchStrategy[str]:
    """Return a strategy of patterns of these symbols that ``fnmatchcase`` reads in the same way."""
    one = st.sampled_from(symbols)
    pair = st.tuples(one, one).map(sorted).map("-".join)
    members = st.lists(one | pair, min_size=1, max_size=3).map("".join)
    negated = st.sampled_from(("", "!"))
    part = st.one_of(
        one, one, st.just("?"), st.just("*"), st.builds("[{}{}]".format, negated, members)
    )
    return st.lists(part, min_size=1, max_size=8).map("".join)


def pattern_queries() -> SearchStrategy[vehicle.PatternQuery]:
    """Return a strategy of queries with a pattern of a plate or of a chassis number."""
    plate = st.builds(vehicle.PatternQuery, patterns(), _states(), at=st.none() | moments())
    vin = st.sampled_from(("WVW*", "*1", "?M8*", "*O*", "12*"))
    return plate | st.builds(vehicle.PatternQuery, vin, _states(), of=st.just("vin"))
