"""The contract of a hub: one request, many parties (Article 37 of Regulation (EU) 2024/982)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

from prum_match.exchange.transport import (
    HubTransport,
    RequestHandler,
    TransportError,
    TransportUnreachable,
)
from prum_match.testing.contracts.suite import (
    CANARY,
    Call,
    holds_canary,
    logged,
    needs,
    nothing_left,
    require,
)
from prum_match.testing.contracts.transport_setting import ChannelSetting, ScriptedParty, fail

_Replies = dict[str, bytes | TransportError]


class HubContract(ChannelSetting, abstract=True):
    """Checks that a host's `HubTransport` does what the exchange relies on.

    Attributes
    ----------
    own_party, parties, absent_party, patience, short, slack, carries_any_bytes
        As for `TransportContract`.
    supports_cancel : bool
        Whether the replies end when the timeout is over.
    yields_early : bool
        Whether a reply is there before those of slower parties; a hub that collects first has
        False.

    Examples
    --------
    >>> class TestOurHub(HubContract):
    ...     def connect(self, handlers):
    ...         ...  # a context manager that yields the hub
    >>> len(TestOurHub.checks())
    12
    """

    yields_early: bool = True

    def connect(
        self, handlers: Mapping[str, RequestHandler]
    ) -> AbstractContextManager[HubTransport]:
        """Set up the parties behind the hub and return `own_party`'s line to it."""
        raise NotImplementedError("a host writes this")

    @contextmanager
    def session(self) -> Iterator[tuple[HubTransport, dict[str, ScriptedParty]]]:
        """Connect to parties that send the default reply unless told otherwise."""
        with ExitStack() as channel, self.scripted() as parties:
            yield channel.enter_context(self.connect(parties)), parties

    def requests(self, content: bytes, *more: str) -> dict[str, bytes]:
        """Return a request of its own for each party, and for some `more`."""
        return {
            code: self.parcels.request(self.own_party, code, content + code.encode())
            for code in (*self.parties, *more)
        }

    def test_each_party_is_yielded_once_with_its_reply(self) -> None:
        with self.session() as (hub, _):
            requests = self.requests(bytes(range(256)) * 64)
            pairs = list(hub.exchange_all(requests, timeout=self.patience))
            require(len(pairs) == len(dict(pairs)), "a party is yielded twice")
            self._require_replies(dict(pairs), requests, self.parties)

    def test_each_party_receives_its_own_request(self) -> None:
        with self.session() as (hub, parties):
            requests = self.requests(b"for ")
            self._all(hub, requests)
            for code, party in parties.items():
                require(
                    [one for _, one in party.received] == [requests[code]],
                    "a party receives another request than its own",
                )

    def test_the_sender_is_known_at_the_other_end(self) -> None:
        """A party behind the hub is told the asking party, not the hub."""
        with self.session() as (hub, parties):
            self._all(hub, self.requests(b"From: FR\r\nPrum-Party: FR\r\n\r\n"))
            senders = {sender for party in parties.values() for sender, _ in party.received}
            require(senders == {self.own_party}, "another sender arrives")

    def test_only_the_named_parties_are_asked(self) -> None:
        """A hub adds no party of its own."""
        with self.session() as (hub, parties):
            requests = {"DE": self.requests(b"one ")["DE"]}
            found = self._all(hub, requests)
            require(found.keys() == {"DE"}, "a party is yielded that was not asked")
            require(not parties["FR"].received, "a party is asked that was not named")

    def test_an_absent_party_is_an_error_and_no_reply(self) -> None:
        """The hub does not answer for an unreachable party, and the others are not delayed."""
        with self.session() as (hub, _):
            requests = self.requests(b"?", self.absent_party)
            found = self._all(hub, requests)
            require(
                isinstance(found.get(self.absent_party), TransportError),
                "there is no error for a party that is not there",
            )
            self._require_replies(found, requests, self.parties)

    def test_a_failing_party_is_an_error_and_no_reply(self) -> None:
        """When one party breaks, its error stands in for its reply; the others reply."""
        with self.session() as (hub, parties):
            parties["DE"].answer = fail
            requests = self.requests(b"?")
            found = self._all(hub, requests)
            require(isinstance(found.get("DE"), TransportError), "there is no error")
            self._require_replies(found, requests, self.parties[1:])

    @needs("yields_early")
    def test_a_slow_party_keeps_no_other_waiting(self) -> None:
        """Replies are yielded as they come; the slow one comes too."""
        with self.session() as (hub, parties):
            parties["DE"].hold()
            requests = self.requests(b"?")
            replies = hub.exchange_all(requests, timeout=self.patience)
            others = Call(lambda: dict(next(replies) for _ in self.parties[1:]))
            self._require_replies(others.result(self.patience / 2), requests, self.parties[1:])
            parties["DE"].release()
            rest = Call(lambda: dict(replies)).result(self.patience)
            self._require_replies(rest, requests, self.parties[:1])

    @needs("supports_cancel")
    def test_the_replies_end_at_the_timeout(self) -> None:
        """A hanging party ends in a timeout or is not yielded; the others are."""
        with self.session() as (hub, parties):
            parties["DE"].hold()
            requests = self.requests(b"?")
            every = Call(lambda: dict(hub.exchange_all(requests, timeout=self.short)))
            found = every.result(self.short + self.slack)
            require(
                isinstance(found.get("DE", TransportError()), TransportError),
                "a party that said nothing has a reply",
            )

    def test_closing_twice_is_harmless(self) -> None:
        with self.session() as (hub, _):
            hub.close()
            hub.close()

    def test_a_closed_hub_reaches_nobody(self) -> None:
        """After `close` no request leaves: an error is raised, or yielded for every party."""
        with self.session() as (hub, parties):
            hub.close()
            requests = self.requests(b"?")
            try:
                found = self._all(hub, requests)
            except TransportUnreachable:
                found = {code: TransportUnreachable() for code in requests}
            require(found.keys() == requests.keys(), "a party is neither answered nor an error")
            for error in found.values():
                require(isinstance(error, TransportUnreachable), "a closed hub has a reply")
            require(
                not any(party.received for party in parties.values()), "a request leaves the hub"
            )

    def test_no_content_in_logs_and_errors(self) -> None:
        """No log line and no error text contains content."""
        with logged() as lines, self.session() as (hub, parties):
            parties["DE"].answer = fail
            found = self._all(hub, self.requests(CANARY * 9, self.absent_party))
        errors = [one for one in found.values() if isinstance(one, TransportError)]
        said = [*lines, *(f"{error} {error!r} {error.args!r}" for error in errors)]
        require(not any(map(holds_canary, said)), "content is in a log or in an error")

    def test_nothing_is_left_behind(self) -> None:
        """After `close` no thread is running and no file is open."""
        self._use()
        with nothing_left(self.patience):
            self._use()

    def _use(self) -> None:
        with self.session() as (hub, parties):
            self._all(hub, self.requests(b"?", self.absent_party))
            if self.supports_cancel:
                parties["DE"].hold()
                dict(hub.exchange_all(self.requests(b"?"), timeout=self.short))

    def _all(self, hub: HubTransport, requests: Mapping[str, bytes]) -> _Replies:
        every = partial(hub.exchange_all, requests, timeout=self.patience)
        return Call(lambda: dict(every())).result(self.patience + self.slack)

    def _require_replies(
        self, found: Mapping[str, object], requests: Mapping[str, bytes], parties: tuple[str, ...]
    ) -> None:
        for party in parties:
            require(
                found.get(party) == self.proper_reply(requests[party]),
                "a party's reply is missing, or is not its own",
            )
