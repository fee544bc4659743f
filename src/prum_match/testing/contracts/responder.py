"""The contract of the answering side, for a host to run on its own responder.

A host subclasses `ResponderContract` in its tests and writes `make_responder`.
"""

from __future__ import annotations

from prum_match.exchange.messages.envelope import peek
from prum_match.exchange.messages.follow_up import (
    Confirmation,
    CoreDataMessage,
    Facts,
    HitKey,
    StatusRequest,
    StatusResult,
    Verdict,
    decode_follow_up,
)
from prum_match.testing.contracts.responder_refusing import Refusing
from prum_match.testing.contracts.responder_searching import Searching
from prum_match.testing.contracts.responder_setting import Desk
from prum_match.testing.contracts.suite import CANARY, holds_canary, logged, needs, require


class ResponderContract(Searching, Refusing, abstract=True):
    """Checks that a host's responder answers as the exchange promises other parties.

    The suite brings a register of DNA profiles with one donor; the host brings its responder, with
    everything that it puts around the library's.

    Attributes
    ----------
    party, asking, third : str
        The party that answers, one that asks, and one that has nothing to do with it.
    limits : Limits
        Bounds of the messages that the responder was made with.
    patience : float
        Seconds within which an answer is there.
    window : timedelta
        How old a request may be, and how long its number is remembered.
    keeps_replies, follows_up : bool
        Whether the responder itself knows requests again, and takes the messages about hits.

    Examples
    --------
    >>> from prum_match.exchange import Responder
    >>> class TestOurResponder(ResponderContract):
    ...     def make_responder(self, galleries, *, follow_up, clock):
    ...         return Responder(self.party, galleries, clock=clock, follow_up=follow_up)
    >>> TestOurResponder().test_the_donor_is_a_hit()
    """

    @needs("follows_up")
    def test_a_hit_is_followed_up(self) -> None:
        """Confirmation and facts are accepted, and the status tells the state of the hit."""
        with self.desk() as desk:
            hit = desk.hit()
            require(_state(desk, hit) == "candidate", "a hit is not known after its reply")
            desk.clock.sleep(60)
            _confirm(desk, hit)
            require(_state(desk, hit) == "confirmed", "a confirmation is lost")
            desk.clock.sleep(60)
            _send_facts(desk, hit)
            require(_state(desk, hit) == "awaiting_release", "the facts are lost")

    @needs("follows_up")
    def test_a_message_that_comes_again_changes_nothing(self) -> None:
        with self.desk() as desk:
            hit = desk.hit()
            message = Confirmation(verdict=Verdict.CONFIRMED, **desk.head(hit))
            for _ in range(2):
                result = desk.tell(message).result
                require(result is StatusResult.ACCEPTED, "a repeated message is not accepted")
            require(_state(desk, hit) == "confirmed", "a repeated message changes the hit")

    @needs("follows_up")
    def test_a_hit_that_nobody_had_is_refused(self) -> None:
        """Guessing a reference number reveals nothing about it."""
        with self.desk() as desk:
            known = desk.hit()
            guessed = HitKey(
                category=known.category,
                requesting=known.requesting,
                requested=known.requested,
                request=known.request,
                reference="DE-guessed",
            )
            for message in (
                Confirmation(verdict=Verdict.CONFIRMED, **desk.head(guessed)),
                StatusRequest(**desk.head(guessed)),
            ):
                result = desk.tell(message).result
                require(result is StatusResult.REFUSED, "a hit that nobody had is not refused")

    @needs("follows_up")
    def test_a_third_party_has_no_say_in_a_hit(self) -> None:
        """Messages about a hit are accepted from its parties only, as the channel names them."""
        with self.desk() as desk:
            hit = desk.hit()
            for message in (
                Confirmation(verdict=Verdict.CONFIRMED, **desk.head(hit)),
                StatusRequest(**desk.head(hit)),
            ):
                result = desk.tell(message, self.third).result
                require(result is StatusResult.REFUSED, "a third party is heard about a hit")
            require(_state(desk, hit) == "candidate", "a third party moves a hit")

    @needs("follows_up")
    def test_facts_wait_for_the_confirmation(self) -> None:
        """No clock starts before a human confirmed the match (Art. 47(1))."""
        with self.desk() as desk:
            hit = desk.hit()
            result = desk.tell(_facts(desk, hit)).result
            require(result is not StatusResult.ACCEPTED, "facts are taken before a confirmation")
            require(_state(desk, hit) == "candidate", "facts move a hit that nobody confirmed")

    @needs("follows_up")
    def test_core_data_wait_for_a_human(self) -> None:
        """Core data are neither fetched nor sent before a human released them (Art. 47(6))."""
        with self.desk() as desk:
            hit = desk.hit()
            _confirm(desk, hit)
            answer = desk.tell(_facts(desk, hit))
            require(not holds_canary(repr(answer)), "core data are in an answer")
            sent = [one.data for one in desk.follow_up.outgoing()]
            require(not any(peek(one).kind == "core_data" for one in sent), "core data are sent")
            require(not desk.fetched, "core data are fetched before anybody decided")
            desk.follow_up.release(hit, official="official-1")
            returned = [decode_follow_up(one.data) for one in desk.follow_up.outgoing()]
            require(
                [one.data for one in returned if isinstance(one, CoreDataMessage)] != [],
                "core data that a human released are not sent",
            )

    @needs("follows_up")
    def test_no_content_of_a_hit_in_logs(self) -> None:
        """No log line contains facts or core data."""
        with logged() as lines, self.desk() as desk:
            hit = desk.hit()
            desk.tell(_facts(desk, hit))
            _confirm(desk, hit)
            _send_facts(desk, hit)
            desk.follow_up.release(hit, official="official-1")
        require(not any(map(holds_canary, lines)), "facts or core data are logged")


def _confirm(desk: Desk, hit: HitKey) -> None:
    status = desk.tell(Confirmation(verdict=Verdict.CONFIRMED, **desk.head(hit)))
    require(status.result is StatusResult.ACCEPTED, "a confirmation is not accepted")


def _facts(desk: Desk, hit: HitKey) -> Facts:
    return Facts(offence="0101 00", description=CANARY.decode(), **desk.head(hit))


def _send_facts(desk: Desk, hit: HitKey) -> None:
    result = desk.tell(_facts(desk, hit)).result
    require(result is StatusResult.ACCEPTED, "facts are not accepted")


def _state(desk: Desk, hit: HitKey) -> str | None:
    return desk.tell(StatusRequest(**desk.head(hit))).state
