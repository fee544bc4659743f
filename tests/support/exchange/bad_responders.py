"""Responders with one fault each, around a correct one."""

from __future__ import annotations

import itertools
import json
import logging
import queue
import threading
from dataclasses import replace
from types import SimpleNamespace

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import Responder, party_code
from prum_match.exchange.messages import (
    ReplyCandidate,
    Result,
    SearchReply,
    SearchRequest,
    StatusMessage,
    StatusResult,
    decode_follow_up,
    decode_reply,
    decode_request,
    encode,
    peek,
)
from prum_match.testing import ResponderContract


class LibraryContract(ResponderContract):
    broken = None

    def make_responder(self, galleries, *, follow_up, clock):
        parts = SimpleNamespace(galleries=galleries, follow_up=follow_up, clock=clock)
        made = Responder(self.party, galleries, follow_up=follow_up, clock=clock)
        return self.broken(made, parts) if self.broken else made


class Broken:
    """A responder with one fault, around a correct one."""

    def __init__(self, inner, parts):
        self.inner = inner
        self.parts = parts
        self.last = None

    def handle(self, party, data):
        answer = self.answer(party, data)
        if peek(answer).kind == "search_reply":
            reply = decode_reply(answer)
            self.last = reply if reply.request else self.last
            answer = encode(self.changed(reply))
        return answer

    def answer(self, party, data):
        return self.inner.handle(party, data)

    def changed(self, reply):
        return reply


def made_up(request, clock, result=Result.NO_HIT):
    return encode(SearchReply(result=result, number="made-up", time=clock(), request=request))


def without_hit(reply):
    return replace(reply, result=Result.NO_HIT, candidates=())


class FindsNobody(Broken):
    def changed(self, reply):
        return without_hit(reply) if reply.result is Result.HIT else reply


class NamesAnother(Broken):
    def changed(self, reply):
        return replace(reply, candidates=tuple(map(self.renamed, reply.candidates)))

    def renamed(self, candidate):
        return replace(candidate, reference="DE-9")


class CallsItATrace(NamesAnother):
    def renamed(self, candidate):
        return replace(candidate, type="S")


class ReturnsTheProbe(NamesAnother):
    def renamed(self, candidate):
        return replace(candidate, data=candidate.data.replace(b'"12"', b'"13"'))


class FailsOnNoHit(Broken):
    def changed(self, reply):
        failed = {"result": Result.ERROR, "code": "none"}
        return replace(reply, **failed) if reply.result is Result.NO_HIT else reply


class DoesNotSearch(Broken):
    def answer(self, party, data):
        return made_up(decode_request(data).head(), self.parts.clock)


class CallsItNoHit(Broken):
    def changed(self, reply):
        return without_hit(reply) if reply.result is Result.UNSUITABLE else reply


class AddsASpace(Broken):
    def handle(self, party, data):
        return super().handle(party, data) + b" "


class RepeatsAnotherHead(Broken):
    def changed(self, reply):
        return replace(reply, request=replace(reply.request, reference="AT-other"))


class CountsUp(Broken):
    count = 0

    def changed(self, reply):
        self.count += 1
        return replace(reply, number=f"r{self.count}")


class CountsFromOne(Broken):
    def changed(self, reply):
        return replace(reply, number="1")


class StopsItsClock(Broken):
    def changed(self, reply):
        return replace(reply, time=reply.request.time.replace(year=2025))


class TurnsTheListRound(Broken):
    def changed(self, reply):
        turned = enumerate(reversed(reply.candidates), 1)
        return replace(reply, candidates=tuple(replace(one, rank=rank) for rank, one in turned))


class TellsHowMany(NamesAnother):
    def renamed(self, candidate):
        return replace(candidate, quality=len(self.parts.galleries["dna"]))


class KeepsWhatItFound(Broken):
    found: tuple[ReplyCandidate, ...] = ()

    def changed(self, reply):
        self.found = self.found or reply.candidates
        return replace(reply, result=Result.HIT, candidates=self.found)


class KeepsEveryReply(Broken):
    def __init__(self, *options):
        super().__init__(*options)
        self.kept = {}

    def handle(self, party, data):
        if data not in self.kept:
            self.kept[data] = super().handle(party, data)
        return self.kept[data]


class Mixes(Broken):
    """Exchanges the replies of two simultaneous calls."""

    def __init__(self, *options):
        super().__init__(*options)
        self.waiting = queue.SimpleQueue()
        self.turn = itertools.count()

    def answer(self, party, data):
        mine, other = super().answer(party, data), queue.SimpleQueue()
        if next(self.turn) % 2:
            theirs, slot = self.waiting.get(timeout=5)
            slot.put(mine)
            return theirs
        self.waiting.put((mine, other))
        return other.get(timeout=5)


class HitsForAll(Broken):
    def changed(self, reply):
        return without_hit(reply) if threading.active_count() > 8 else reply


class Forgets(Broken):
    """Does not recognise repeated requests."""

    def answer(self, party, data):
        parts = self.parts
        with parts.follow_up.store.transaction() as entries:
            for number in entries.keys("answered"):
                entries.delete("answered", number)
        new = Responder("DE", parts.galleries, follow_up=parts.follow_up, clock=parts.clock)
        return new.handle(party, data)


class ForgetsPartiesApart(Broken):
    """Does not distinguish the numbers of different parties."""

    def __init__(self, *options):
        super().__init__(*options)
        self.kept = {}

    def answer(self, party, data):
        number = decode_request(data).number
        self.kept.setdefault(number, super().answer(party, data))
        kept = decode_reply(self.kept[number])
        return encode(replace(kept, request=decode_request(data).head()))


class LetsCopiesFail(Broken):
    busy = threading.Lock()

    def answer(self, party, data):
        with self.busy:
            first = data not in self.__dict__.setdefault("seen", set())
            self.seen.add(data)
        if first:
            return super().answer(party, data)
        return made_up(decode_request(data).head(), self.parts.clock)


class IsAlwaysBusy(Broken):
    def changed(self, reply):
        return replace(reply, result=Result.BUSY, candidates=())


class Logs(Broken):
    def answer(self, party, data):
        if peek(data).kind == "search_request" and data.endswith(b"}"):
            logging.getLogger("host").debug("probe %s", decode_request(data).probe)
        return super().answer(party, data)


class LogsMessages(Broken):
    def answer(self, party, data):
        logging.getLogger("host").debug("received %s", data)
        return super().answer(party, data)


class Rewrites(Broken):
    """Changes a request before reading it, as an overeager gateway might."""

    def answer(self, party, data):
        try:
            request = decode_request(data)
        except ExchangeError:
            return super().answer(party, data)
        answer = super().answer(*self.rewritten(party, request))
        return encode(replace(decode_reply(answer), request=request.head()))

    def rewritten(self, party, request):
        raise NotImplementedError


class BelievesTheEnvelope(Rewrites):
    def rewritten(self, party, request):
        return request.requesting, encode(request)


class AnswersForAll(Rewrites):
    def rewritten(self, party, request):
        return party, encode(replace(request, requested="DE"))


class WelcomesStrangers(Rewrites):
    def rewritten(self, party, request):
        try:
            return party_code(party), encode(request)
        except InvalidInput:
            return "AT", encode(request)


class TidiesCodes(Rewrites):
    def rewritten(self, party, request):
        return party.strip().upper(), encode(request)


class AnswersWhatItHasNot(Broken):
    def changed(self, reply):
        if reply.code == "category_not_held":
            return replace(reply, result=Result.NO_HIT, code=None)
        return reply


class SearchesFirst(Broken):
    def answer(self, party, data):
        request = decode_request(data)
        self.inner.handle(request.requesting, encode(replace(request, number="first")))
        return super().answer(party, data)


class SetsTheTime(Rewrites):
    def rewritten(self, party, request):
        return party, encode(replace(request, time=self.parts.clock()))


class Raises(Broken):
    def answer(self, party, data):
        json.loads(data)
        return super().answer(party, data)


class ReturnsText(Broken):
    def handle(self, party, data):
        return super().handle(party, data).decode()


class GuessesTheRest(Broken):
    """Repeats its previous answer for unreadable requests."""

    def answer(self, party, data):
        answer = super().answer(party, data)
        asked = data.startswith(b'{"category"') and decode_reply(answer).request is None
        return made_up(HEAD, self.parts.clock) if asked else answer


class IgnoresTheDigest(Broken):
    def answer(self, party, data):
        answer = super().answer(party, data)
        if decode_reply(answer).code == "wrong_digest":
            return made_up(HEAD, self.parts.clock)
        return answer


class DropsFields(Broken):
    """Ignores unknown fields of a request."""

    def answer(self, party, data):
        answer = super().answer(party, data)
        if decode_reply(answer).code == "unknown_field":
            return made_up(HEAD, self.parts.clock)
        return answer


class SpeaksEveryVersion(Broken):
    def answer(self, party, data):
        return super().answer(party, data.replace(b"prum-match/2", b"prum-match/1"))


class CutsTheProbe(Broken):
    def answer(self, party, data):
        answer = super().answer(party, data)
        if decode_reply(answer).code == "too_large":
            return made_up(HEAD, self.parts.clock)
        return answer


class TakesItsTime(Broken):
    never = threading.Event()

    def answer(self, party, data):
        if len(data) > 1 << 20:
            self.never.wait(5)
        return super().answer(party, data)


class AnswersAnswers(Broken):
    def answer(self, party, data):
        if peek(data).is_answer:
            return made_up(HEAD, self.parts.clock)
        return super().answer(party, data)


class AsksBack(Broken):
    def handle(self, party, data):
        if not peek(data).is_answer:
            return super().handle(party, data)
        head = {name: getattr(HEAD, name) for name in HEAD.__dataclass_fields__}
        return encode(SearchRequest(**head, probe=b"?"))


class TellsThirdParties(Broken):
    def answer(self, party, data):
        answer = super().answer(party, data)
        if decode_reply(answer).code != "party_mismatch":
            return answer
        request = decode_request(data)
        known = b"37.2" in request.probe
        reply = decode_reply(answer)
        return encode(replace(reply, code="not_for_you" if known else reply.code))


def status_of(message, clock, **fields):
    fields = {"result": StatusResult.ACCEPTED, "state": "candidate", **fields}
    return encode(StatusMessage(number="s", time=clock(), answers=message.number, **fields))


class AcceptsEverything(Broken):
    def answer(self, party, data):
        if peek(data).kind == "search_request":
            return super().answer(party, data)
        return status_of(decode_follow_up(data), self.parts.clock)


class RefusesCopies(Broken):
    def answer(self, party, data):
        seen = self.__dict__.setdefault("seen", set())
        if data in seen:
            message, no = decode_follow_up(data), StatusResult.REFUSED
            return status_of(message, self.parts.clock, result=no, state=None, code="copy")
        seen.add(data)
        return super().answer(party, data)


class HearsAnybody(Broken):
    def answer(self, party, data):
        is_search = peek(data).kind == "search_request"
        return super().answer(party if is_search else "AT", data)


class IsHasty(Broken):
    """Confirms a hit as soon as facts arrive."""

    def answer(self, party, data):
        if peek(data).kind == "facts":
            hit = decode_follow_up(data).hit
            if self.parts.follow_up.hit(hit).state.value == "candidate":
                self.parts.follow_up.confirm(hit, official="nobody")
                return status_of(decode_follow_up(data), self.parts.clock)
        return super().answer(party, data)


class ReleasesAtOnce(Broken):
    def answer(self, party, data):
        answer = super().answer(party, data)
        if peek(data).kind == "facts":
            self.parts.follow_up.release(decode_follow_up(data).hit, official="nobody")
        return answer


class FetchesAtOnce(Broken):
    def answer(self, party, data):
        answer = super().answer(party, data)
        if peek(data).kind == "facts":
            self.parts.follow_up._providers._providers["dna"]("DE-2026-0001")
        return answer


def _head():
    made = LibraryContract()
    with made.desk() as desk:
        return desk.request().head()


HEAD = _head()
