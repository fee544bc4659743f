"""Checks of a responder's replies: hit, no hit, unsuitable, and never one for another."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from prum_match import dna
from prum_match.exchange.messages.envelope import encode
from prum_match.exchange.messages.search import Result, decode_reply
from prum_match.testing.contracts.responder_setting import (
    DONOR,
    DONOR_LOCI,
    DONOR_REFERENCE,
    STRANGER,
    ResponderSetting,
)
from prum_match.testing.contracts.suite import in_parallel, logged, needs, require

_THREADS = 16
_NEARER_AND_FARTHER: dict[str, tuple[str, tuple[int, int | str]]] = {
    "DE-near": ("VWA", (16, "*")),
    "DE-far": ("D18S51", (12, 17)),
}


class Searching(ResponderSetting, abstract=True):
    """Checks of the content of replies."""

    def test_the_donor_is_a_hit(self) -> None:
        """A hit carries the reference, its type and the matching profile itself (Art. 9(2))."""
        with self.desk() as desk:
            reply = desk.ask(desk.request())
            require(reply.result is Result.HIT, "the donor is not found")
            one = reply.candidates[0]
            require(one.reference == DONOR_REFERENCE, "another reference is named")
            require(one.type == "P", "the type of the reference is wrong")
            category = dna.Gallery().category
            require(
                category.required_wire().reference_from_bytes(one.data) == DONOR,
                "other data are returned",
            )

    def test_no_hit_is_said(self) -> None:
        """A search without hits gets a reply of its own."""
        with self.desk() as desk:
            require(desk.ask(desk.unknown()).result is Result.NO_HIT, "no hit is not said")
            require(desk.gallery.searches == 1, "no hit is said without a search")

    def test_unsuitable_is_told_apart(self) -> None:
        """An unsuitable probe is told apart from a search without hits (Art. 38)."""
        with self.desk() as desk:
            reply = desk.ask(desk.partial())
            require(reply.result is Result.UNSUITABLE, "an unsuitable probe is not called so")

    def test_a_reply_can_be_read_and_repeats_its_request(self) -> None:
        """Every reply is canonical and names its request."""
        with self.desk() as desk:
            for request in (desk.request(), desk.unknown(), desk.partial()):
                desk.ask(request)
            desk.ask(desk.request(requested=self.third))

    def test_replies_have_numbers_and_times_of_their_own(self) -> None:
        """A reply has the responder's time and a new number of its own."""
        with self.desk() as desk:
            replies = []
            for _ in range(4):
                desk.clock.sleep(60)
                replies.append(desk.ask(desk.request()))
                require(replies[-1].time == desk.clock(), "a reply has the time of something else")
            require(len({one.number for one in replies}) == 4, "a number comes twice")

    def test_candidates_come_best_first(self) -> None:
        """Candidates are in the order of the search, with ranks from 1."""
        with self.desk() as desk:
            for reference, (locus, alleles) in _NEARER_AND_FARTHER.items():
                desk.gallery.enrol([reference], [dna.Profile({**DONOR_LOCI, locus: alleles})])
            reply = desk.ask(desk.request())
            order = [one.reference for one in reply.candidates]
            require(order == [DONOR_REFERENCE, "DE-near", "DE-far"], "a worse candidate is first")
            require([one.rank for one in reply.candidates] == [1, 2, 3], "the ranks have gaps")

    def test_nothing_is_told_of_others(self) -> None:
        """Other people in the register do not change a reply, except for its number."""
        with self.desk() as desk:
            before = desk.ask(desk.request())
            desk.gallery.enrol(["DE-2", "DE-3"], [STRANGER, STRANGER])
            again = desk.ask(desk.request())
            require(
                replace(again, number=before.number, request=before.request) == before,
                "a reply tells of somebody who is no candidate",
            )

    def test_an_erased_reference_is_in_no_reply(self) -> None:
        """After an erasure the reply to a new request does not name the reference (Art. 51)."""
        with self.desk() as desk:
            desk.ask(desk.request())
            desk.gallery.erase([DONOR_REFERENCE])
            reply = desk.ask(desk.request())
            require(not reply.candidates, "an erased reference is in a reply")
            require(reply.result is Result.NO_HIT, "an erasure is not a no hit")

    @needs("keeps_replies")
    def test_an_erased_reference_is_in_no_reply_that_was_kept(self) -> None:
        """After an erasure the reply to a repeated request does not name the reference either."""
        with self.desk() as desk:
            request = desk.request()
            desk.ask(request)
            desk.gallery.erase([DONOR_REFERENCE])
            again = desk.handle(encode(request))
            require(DONOR_REFERENCE.encode() not in again, "an erased reference is in a reply")

    def test_requests_at_the_same_time_do_not_mix(self) -> None:
        """16 threads: each gets the reply to its own request."""
        with self.desk() as desk:
            requests = [desk.request() if n % 2 else desk.unknown() for n in range(_THREADS)]
            calls = [partial(desk.ask, request) for request in requests]
            for n, reply in enumerate(in_parallel(calls, self.patience)):
                proper = Result.HIT if n % 2 else Result.NO_HIT
                require(reply.result is proper, "a reply is about another request")

    @needs("keeps_replies")
    def test_a_request_that_comes_again_gets_the_same_reply(self) -> None:
        """A repeated request gets the same bytes, without a second search."""
        with self.desk() as desk:
            for request in (desk.request(), desk.unknown()):
                searches = desk.gallery.searches
                first, again = desk.handle(encode(request)), desk.handle(encode(request))
                require(first == again, "a request that comes again gets another reply")
                require(desk.gallery.searches == searches + 1, "a request was searched with twice")

    @needs("keeps_replies")
    def test_copies_at_the_same_time_are_searched_once(self) -> None:
        """A copy that arrives during the first search waits for its reply, or gets *busy*."""
        with self.desk() as desk:
            data = encode(desk.request())
            answers = in_parallel([partial(desk.handle, data)] * _THREADS, self.patience)
            results = [decode_reply(answer, self.limits).result for answer in answers]
            require(set(results) <= {Result.HIT, Result.BUSY}, "a copy has another result")
            require(Result.HIT in results, "none of the copies is answered")
            require(desk.gallery.searches == 1, "a request was searched with twice")

    @needs("keeps_replies")
    def test_a_number_is_used_for_one_request(self) -> None:
        """Other content under the same number is refused, and not searched."""
        with self.desk() as desk:
            request = desk.request()
            desk.ask(request)
            desk.require_refused(replace(desk.unknown(), number=request.number))

    @needs("keeps_replies")
    def test_numbers_of_two_parties_are_apart(self) -> None:
        """Two parties may use the same number, and neither gets the other's reply."""
        with self.desk() as desk:
            request = desk.request()
            desk.ask(request)
            other = replace(desk.unknown(), number=request.number, requesting=self.third)
            reply = desk.ask(other, self.third)
            require(reply.result is Result.NO_HIT, "a party gets the reply of another")

    def test_no_content_in_logs(self) -> None:
        """No log line of any level contains a profile (Art. 40)."""
        with logged() as lines, self.desk() as desk:
            for request in (desk.request(), desk.unknown(), desk.partial()):
                desk.ask(request)
            desk.read(encode(desk.request())[:-9])
            desk.ask(replace(desk.request(), probe=desk.request().probe[:-9]))
        probe = desk.request().probe
        signs = (probe.decode(), probe.hex(), repr(probe)[2:-1])
        for line in lines:
            told = any(sign in line for sign in signs) or ("37.2" in line and "46.2" in line)
            require(not told, "a profile is logged")
