"""A category that the library does not know, from a table through a gallery to another party."""

from __future__ import annotations

import pytest

from prum_match import engine, exchange
from prum_match.errors import ComparisonMismatch, InvalidInput
from toy_category import NUMBERS
from toy_category.marks import MARKS, Mark

pa = pytest.importorskip("pyarrow")


def network(**galleries: engine.Gallery[Mark]) -> exchange.InProcessTransport:
    responders = {
        party: exchange.Responder(party, {"marks": gallery}) for party, gallery in galleries.items()
    }
    return exchange.InProcessTransport(responders, own_party="AT")


def gallery_of(**columns: list[object]) -> engine.Gallery[Mark]:
    gallery = engine.Gallery(MARKS)
    gallery.enrol_table(pa.table(columns))
    return gallery


def test_marks_of_a_table_are_found_by_another_party() -> None:
    german = gallery_of(
        reference_id=["DE-1", "DE-2"], text=["SN-4711-A", "SN-4712-A"], year=[1999, None]
    )
    french = gallery_of(reference_id=["FR-1"], text=["SN-0000-B"])
    requester = exchange.Requester(network(DE=german, FR=french), "AT", category="marks")
    outcome = requester.search(Mark("SN-4711-A"), ["DE", "FR"], timeout=10)
    assert outcome.results["FR"].outcome is exchange.Outcome.NO_HIT
    assert [(hit.reference, hit.quality) for _, hit in outcome.hits] == [("DE-1", 1), ("DE-2", 2)]
    wire = MARKS.required_wire()
    assert [wire.reference_from_bytes(hit.data or b"") for _, hit in outcome.hits] == [
        Mark("SN-4711-A", 1999),
        Mark("SN-4712-A"),
    ]


def test_bad_probes_are_refused_before_anything_is_sent() -> None:
    requester = exchange.Requester(network(DE=engine.Gallery(MARKS)), "AT", category="marks")
    with pytest.raises(ComparisonMismatch) as caught:
        requester.search("SN-4711-A", ["DE"], timeout=10)
    assert caught.value.code == "foreign_probe"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"text":"ab"}', b'{"text":"abcd", "year":null}', b'{"text":"abcd"}']
)
def test_one_spelling_of_a_mark_is_read(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        MARKS.required_wire().probe_from_bytes(data)
    assert caught.value.code == "bad_mark_bytes"


def test_a_category_without_a_wire_is_not_exchanged() -> None:
    with pytest.raises(InvalidInput) as caught:
        exchange.Responder("DE", {"numbers": engine.Gallery(NUMBERS)})
    assert caught.value.code == "not_exchanged"
    requester = exchange.Requester(network(), "AT", category="numbers")
    with pytest.raises(InvalidInput) as caught:
        requester.search(5, ["DE"], timeout=10)
    assert caught.value.code == "not_exchanged"


def test_a_policy_of_another_category_is_refused_before_anybody_asks() -> None:
    """A mistake of the host must not look like a fact about the person searched for."""
    with pytest.raises(ComparisonMismatch) as caught:
        exchange.Responder(
            "DE",
            {"marks": engine.Gallery(MARKS)},
            policies={"marks": NUMBERS.matching.default_policy},
        )
    assert (caught.value.code, caught.value.field) == ("foreign_policy", "policies")
    assert "marks" in str(caught.value)
