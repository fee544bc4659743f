"""Which bytes a probe is sent as, and to whom."""

from __future__ import annotations

import pytest

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import Sample
from prum_match.exchange.asking.probes import Probes, whom_to_ask


def test_a_sample_is_sent_as_it_is() -> None:
    faces = Probes("face")
    assert faces.to_bytes(Sample(b"an image"), None) == b"an image"
    assert faces.type_of(Sample(b"an image")) is None


def test_a_category_known_only_by_name_only_sends_samples() -> None:
    with pytest.raises(ExchangeError) as caught:
        Probes("face").to_bytes([0.0] * 8, None)
    assert caught.value.code == "not_a_sample"
    with pytest.raises(InvalidInput) as refused:
        Probes("voice")
    assert refused.value.code == "unknown_category"


def test_parties_are_asked_under_their_codes_in_the_order_given() -> None:
    assert whom_to_ask(["EL", "DE"]) == ("GR", "DE")
    assert whom_to_ask(iter(["UK"])) == ("GB",)
