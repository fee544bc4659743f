"""Checks of failures: errors come in time, are the right ones and contain no content.

An empty or made-up reply is the worst that a transport can do: a party that is silent must never
look like a party that found nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial

from prum_match.exchange.transport import (
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.testing.contracts.suite import (
    CANARY,
    Call,
    holds_canary,
    logged,
    needs,
    raised_by,
    require,
)
from prum_match.testing.contracts.transport_setting import Session, TransportSetting, fail

_RETRY_AFTER = 37
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Failing(TransportSetting, abstract=True):
    """Checks of timeouts, errors, sizes, logs and texts."""

    @needs("supports_cancel")
    def test_a_call_ends_at_its_timeout(self) -> None:
        """A hanging party ends the call with a timeout error, on time."""
        with self.session() as session:
            session.parties["DE"].hold()
            begin = time.monotonic()
            call = Call(partial(session.ask, "DE", timeout=self.short))
            raised_by(TransportTimeout, partial(call.result, self.patience))
            passed = time.monotonic() - begin
            require(passed >= self.short * 0.9, "a call ends before its timeout")
            require(passed <= self.short + self.slack, "a call lasts longer than its timeout")

    @needs("supports_cancel")
    def test_each_call_has_its_own_timeout(self) -> None:
        """A patient call goes on when a hasty one to the same party ends, and gets its reply."""
        with self.session() as session:
            party = session.parties["DE"]
            party.hold()
            patient = Call(partial(session.ask, "DE", b"patient"))
            require(party.arrived.wait(self.patience), "a request does not arrive")
            hasty = Call(partial(session.ask, "DE", b"hasty", timeout=self.short))
            raised_by(TransportTimeout, partial(hasty.result, self.patience))
            require(not patient.ends(self.short), "the timeout of another call ends this one")
            party.release()
            patient.result(self.patience)

    @needs("supports_cancel")
    def test_a_late_reply_is_given_to_no_other_call(self) -> None:
        with self.session() as session:
            party = session.parties["DE"]
            party.hold()
            late = partial(session.ask, "DE", b"late", timeout=self.short)
            raised_by(TransportTimeout, late)
            party.release()
            time.sleep(self.short)  # what comes late has time to come
            for n in range(3):
                session.ask("DE", f"next {n}".encode())

    def test_an_absent_party_gives_no_reply(self) -> None:
        """An unknown party is a transport error."""
        with self.session() as session:
            raised_by(TransportError, self._to_absent(session))

    @needs("notices_absence")
    def test_an_absent_party_is_unreachable(self) -> None:
        """The error says that the request did not arrive: it may be sent again."""
        with self.session() as session:
            raised_by(TransportUnreachable, self._to_absent(session))

    def test_a_failing_party_gives_no_reply(self) -> None:
        """A failure at the other end raises an error; there is no invented or empty reply."""
        with self.session() as session:
            session.parties["DE"].answer = fail
            raised_by(Exception, partial(session.send, "DE", session.request("DE"), timeout=1))

    @needs("is_remote")
    def test_a_failing_party_is_an_error_of_the_transport(self) -> None:
        with self.session() as session:
            session.parties["DE"].answer = fail
            raised_by(TransportError, partial(session.send, "DE", session.request("DE"), timeout=1))

    def test_the_channel_works_after_a_failure(self) -> None:
        """After a broken connection the next call works, to this party and to others."""
        with self.session() as session:
            party = session.parties["DE"]
            proper, party.answer = party.answer, fail
            raised_by(Exception, partial(session.send, "DE", session.request("DE"), timeout=1))
            party.answer = proper
            for code in self.parties:
                session.ask(code)

    @needs("max_request_bytes")
    def test_the_largest_request_comes_through(self) -> None:
        """A request of the greatest declared size is delivered."""
        with self.session() as session:
            party = session.parties["DE"]
            party.answer = lambda request: self.parcels.reply(request, b"it came")
            content = b"\xfe" * self.parcels.fitting(self.max_request_bytes or 0)
            request = session.request("DE", content)
            reply = session.send("DE", request)
            require(reply == self.parcels.reply(request, b"it came"), "its reply is lost")
            require(party.received[0][1] == request, "another request arrives than was sent")

    @needs("max_request_bytes")
    def test_a_request_that_is_too_large_is_refused(self) -> None:
        """A larger request is a transport error; it does not arrive, whole or cut."""
        with self.session() as session:
            content = b"\xfe" * (self.parcels.fitting(self.max_request_bytes or 0) + 1)
            raised_by(TransportError, partial(session.ask, "DE", content))
            require(not session.parties["DE"].received, "a part of a request arrives")

    @needs("max_reply_bytes")
    def test_a_reply_that_is_too_large_is_refused(self) -> None:
        """A larger reply is a transport error; a cut reply could pass for another one."""
        most = self.max_reply_bytes or 0
        with self.session() as session:
            session.parties["DE"].answer = lambda request: self.parcels.reply(request, b"." * most)
            small = session.request("DE")
            if self.carries_any_bytes:
                require(session.send("DE", small) == b"." * most, "the largest reply is lost")
            session.parties["DE"].answer = lambda request: self.parcels.reply(
                request, b"." * (most + 1)
            )
            raised_by(TransportError, partial(session.send, "DE", session.request("DE")))

    @needs("can_be_busy")
    def test_busy_says_when_to_try_again(self) -> None:
        """The waiting time that the channel states reaches the requester."""
        with self.connect_busy(_RETRY_AFTER) as transport:
            request = self.parcels.request(self.own_party, "DE", b"?")
            error = raised_by(
                TransportBusy,
                lambda: transport.exchange("DE", request, timeout=self.patience),
            )
            require(getattr(error, "retry_after", None) == _RETRY_AFTER, "the time to wait is lost")

    @needs("can_refuse")
    def test_a_refusal_is_a_refusal(self) -> None:
        """A final refusal has an error of its own, so that the request is not sent again."""
        with self.connect_refusing() as transport:
            request = self.parcels.request(self.own_party, "DE", b"?")
            raised_by(
                TransportRefused,
                lambda: transport.exchange("DE", request, timeout=self.patience),
            )

    def test_every_failure_has_a_code(self) -> None:
        """The codes of errors are words that a host can branch on."""
        with self.session() as session:
            for error in self._failures(session):
                code = getattr(error, "code", None)
                require(isinstance(code, str) and bool(_WORD.fullmatch(code)), "no code, no word")

    def test_no_content_in_errors(self) -> None:
        """Error texts and the transport's repr contain no content: they end up in logs."""
        with self.session() as session:
            for error in self._failures(session):
                said = f"{error} {error!r} {error.args!r} {session.transport!r}"
                require(not holds_canary(said), "content is in the text of an error")

    def test_no_content_in_logs(self) -> None:
        with logged() as lines, self.session() as session:
            session.ask("DE", CANARY * 9)
            for _ in self._failures(session):
                pass
        require(not any(map(holds_canary, lines)), "content is logged")

    def _to_absent(self, session: Session) -> Callable[[], bytes]:
        request = self.parcels.request(self.own_party, self.absent_party, CANARY * 9)
        timeout = self.patience if self.notices_absence else self.short
        return partial(session.send, self.absent_party, request, timeout=timeout)

    def _failures(self, session: Session) -> Iterator[Exception]:
        """Provoke every failure that the channel can have, with content in transit."""
        yield raised_by(TransportError, self._to_absent(session))
        party = session.parties["DE"]
        held = partial(session.send, "DE", session.request("DE", CANARY * 9), timeout=self.short)
        if self.is_remote:
            proper, party.answer = party.answer, fail
            yield raised_by(TransportError, held)
            party.answer = proper
        if self.supports_cancel:
            party.hold()
            yield raised_by(TransportError, held)
            party.release()
        session.transport.close()
        yield raised_by(TransportError, held)
