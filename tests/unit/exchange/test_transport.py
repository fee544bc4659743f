from __future__ import annotations

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange import (
    InProcessTransport,
    Outcome,
    Requester,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)


def test_the_responder_sees_the_party_of_the_channel():
    class Echo:
        def handle(self, party, request):
            return party.encode() + b" " + request

    transport = InProcessTransport({"EL": Echo()}, "UK")
    assert transport.exchange("GR", b"hello", timeout=1) == b"GB hello"


def test_an_absent_party_is_unreachable(germany, toy):
    asker = Requester(InProcessTransport({"DE": germany}, "AT"), "AT", category="toy")
    outcome = asker.search(toy.Item("apple"), ["DE", "FR"], timeout=5)
    assert outcome["FR"].outcome is Outcome.UNREACHABLE
    assert outcome["DE"].outcome is Outcome.HIT


def test_a_transport_closes_once_and_for_all(germany):
    transport = InProcessTransport({"DE": germany}, "AT")
    transport.close()
    transport.close()
    with pytest.raises(TransportUnreachable) as caught:
        transport.exchange("DE", b"", timeout=1)
    assert caught.value.code == "transport_closed"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TransportTimeout(), "timeout"),
        (TransportUnreachable(), "unreachable"),
        (TransportBusy(), "busy"),
        (TransportRefused(), "refused"),
        (TransportRefused("certificate revoked", code="revoked"), "revoked"),
    ],
)
def test_the_errors_have_codes(error, code):
    assert isinstance(error, TransportError)
    assert isinstance(error, ExchangeError)
    assert error.code == code
    assert code in str(error)


def test_busy_carries_the_time_to_retry():
    assert TransportBusy(retry_after=30).retry_after == 30
    assert TransportBusy().retry_after is None
