"""The contract of a transport, for a host to run on its own.

Everything that `prum_match.exchange` relies on when it hands bytes to a host's channel is a check
here. A host subclasses `TransportContract` in its tests and writes `connect`.
"""

from __future__ import annotations

from functools import partial

from prum_match.exchange.transport import TransportError, TransportUnreachable
from prum_match.testing.contracts.suite import Call, nothing_left, raised_by, require
from prum_match.testing.contracts.transport_carrying import Carrying
from prum_match.testing.contracts.transport_failing import Failing


class TransportContract(Carrying, Failing, abstract=True):
    """Checks that a host's `Transport` does what the exchange relies on.

    Subclass it in a test module, name the class ``Test...`` and write `connect`. Say what the
    channel can do by the attributes: a check of what it cannot do is taken out of the suite.

    Attributes
    ----------
    own_party, parties, absent_party : str, tuple of str, str
        The party whose transport it is, four that it reaches (the first is ``"DE"``), and one that
        nobody set up.
    patience, short, slack : float
        Seconds: within which all that can end has ended; that a party which never answers is
        given; that a call may outlast its timeout.
    sample_bytes : int
        Size of a large message.
    max_request_bytes, max_reply_bytes : int or None
        Bounds of the channel's own.
    carries_any_bytes : bool
        False for a channel that finds replies by the numbers in the messages.
    supports_cancel, notices_absence, is_remote, can_be_busy, can_refuse : bool
        What the channel can do.

    Notes
    -----
    Needs nothing but a runner that calls methods named ``test_``; pytest does. No check depends on
    the machine's speed but by `slack` and `patience`, which a host sets.

    Examples
    --------
    >>> from contextlib import closing
    >>> from prum_match.exchange import InProcessTransport
    >>> class TestOurTransport(TransportContract):
    ...     supports_cancel = False
    ...     is_remote = False
    ...     def connect(self, handlers):
    ...         return closing(InProcessTransport(handlers, self.own_party))
    >>> TestOurTransport().test_every_byte_value_comes_through()
    """

    def test_closing_twice_is_harmless(self) -> None:
        """`close` may be called again, for example in a ``finally`` and by the owner."""
        with self.session() as session:
            session.ask("DE")
            session.transport.close()
            session.transport.close()

    def test_a_closed_transport_reaches_nobody(self) -> None:
        """After `close` a call is refused, and no request leaves."""
        with self.session() as session:
            session.transport.close()
            raised_by(TransportUnreachable, partial(session.ask, "DE"))
            require(not session.parties["DE"].received, "a request leaves a closed transport")

    def test_closing_lets_a_running_call_end(self) -> None:
        """A call that runs while the transport is closed gets its reply or an error: no hang."""
        with self.session() as session:
            party = session.parties["DE"]
            party.hold()
            call = Call(partial(session.ask, "DE"))
            require(party.arrived.wait(self.patience), "a request does not arrive")
            closing = Call(session.transport.close)
            closing.ends(self.short)  # it may wait for the call, so the party must answer now
            party.release()
            closing.result(self.patience)
            require(call.ends(self.patience), "a call hangs on a closed transport")
            require(
                call.error is None or isinstance(call.error, TransportError),
                "closing ends a call with an error that is none of the transport's",
            )

    def test_nothing_is_left_behind(self) -> None:
        """After `close` no thread is running and no file is open, whatever went wrong before."""
        self._use()  # what is made once for all sessions is no leak
        with nothing_left(self.patience):
            self._use()

    def _use(self) -> None:
        with self.session() as session:
            for party in self.parties:
                session.ask(party)
            for _ in self._failures(session):
                pass
