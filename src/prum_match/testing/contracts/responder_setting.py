"""Setting of the responder checks: a register with one donor, and requests about this donor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from prum_match import dna
from prum_match.exchange.answering.holdings import SearchableGallery
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.messages.core_data import CoreData
from prum_match.exchange.messages.envelope import Clock, Limits, encode, new_number
from prum_match.exchange.messages.follow_up import (
    FollowUpMessage,
    HitKey,
    StatusMessage,
    decode_status,
)
from prum_match.exchange.messages.search import Result, SearchReply, SearchRequest, decode_reply
from prum_match.exchange.transport import RequestHandler
from prum_match.testing.clock import VirtualClock
from prum_match.testing.contracts.suite import CANARY, Contract, require

# Two designations that together are in no text by accident: they stand for the profile in logs.
DONOR_LOCI: Mapping[str, Any] = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, "37.2"),
    "FGA": (21, "46.2"),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
    "D18S51": (12, 16),
}
_STRANGER_LOCI: Mapping[str, Any] = {
    "VWA": (14, 19),
    "TH01": (7, 8),
    "D21S11": (30, 31),
    "FGA": (19, 20),
    "D8S1179": (10, 11),
    "D3S1358": (14, 18),
    "D18S51": (13, 20),
}
DONOR = dna.Profile(DONOR_LOCI)
"""The one profile that the register holds."""
STRANGER = dna.Profile(_STRANGER_LOCI)
"""A profile without a common value."""
DONOR_REFERENCE = "DE-2026-0001"
"""Its reference number."""

_STAIN = dna.Profile(DONOR_LOCI, kind="stain")
_UNKNOWN_STAIN = dna.Profile(_STRANGER_LOCI, kind="stain")
_PARTIAL_STAIN = dna.Profile({"VWA": (16, 17), "TH01": (6, 9.3)}, kind="stain")


class WatchedGallery:
    """A gallery that counts how often it is searched."""

    def __init__(self, gallery: dna.Gallery) -> None:
        self._gallery = gallery
        self.searches = 0

    def search(self, probe: dna.Profile, **options: Any) -> Any:
        """Search, and count it."""
        self.searches += 1
        return self._gallery.search(probe, **options)

    def __getitem__(self, reference_id: str) -> dna.Profile:
        return self._gallery[reference_id]

    def __contains__(self, reference_id: object) -> bool:
        return reference_id in self._gallery

    def __len__(self) -> int:
        return len(self._gallery)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gallery, name)


@dataclass(frozen=True, slots=True)
class Desk:
    """A responder at work, with its galleries and clock."""

    setting: ResponderSetting
    responder: RequestHandler
    gallery: WatchedGallery
    clock: VirtualClock
    follow_up: FollowUp
    fetched: list[str] = field(default_factory=list)

    def request(self, probe: dna.Profile = _STAIN, **changes: Any) -> SearchRequest:
        """Return a request of the asking party, with a number of its own."""
        fields: dict[str, Any] = {
            "category": "dna",
            "requesting": self.setting.asking,
            "requested": self.setting.party,
            "number": new_number(),
            "time": self.clock(),
            "reference": "AT-2026-7",
            "type": "S" if probe.kind is dna.Kind.STAIN else "P",
            "probe": dna.Gallery().category.required_wire().reference_to_bytes(probe),
        }
        return SearchRequest(**{**fields, **changes})

    def unknown(self) -> SearchRequest:
        """Return a request about somebody whom the register does not hold."""
        return self.request(_UNKNOWN_STAIN)

    def partial(self) -> SearchRequest:
        """Return a request with too few loci to be searched with."""
        return self.request(_PARTIAL_STAIN)

    def handle(self, data: bytes, party: str | None = None) -> bytes:
        """Hand bytes over as the asking party, or another, and return the answer."""
        sender = self.setting.asking if party is None else party
        try:
            answer = self.responder.handle(sender, data)
        except Exception as error:
            found = type(error).__name__
            raise AssertionError(f"the responder raises {found} instead of answering") from error
        require(type(answer) is bytes, "an answer is no bytes")
        return answer

    def read(self, data: bytes, party: str | None = None) -> SearchReply:
        """Hand bytes over and read the reply, which has to be canonical."""
        return decode_reply(self.handle(data, party), self.setting.limits)

    def ask(self, request: SearchRequest, party: str | None = None) -> SearchReply:
        """Ask and read the reply, which has to be about this request."""
        reply = self.read(encode(request), party)
        require(reply.request == request.head(), "a reply does not repeat the head of its request")
        return reply

    def require_refused(self, request: SearchRequest, party: str | None = None) -> None:
        """Fail unless the request is refused with a reason, and nothing was searched."""
        searches = self.gallery.searches
        reply = self.ask(request, party)
        require(reply.result is Result.REFUSED, "a request is not refused")
        require(self.gallery.searches == searches, "a request that is refused was searched with")

    def require_error(self, data: bytes) -> None:
        """Fail unless bytes that are no request are called an error, and nothing was searched."""
        searches = self.gallery.searches
        reply = self.read(data)
        require(reply.result is Result.ERROR, "what is no request is not called an error")
        require(self.gallery.searches == searches, "what is no request was searched with")

    def hit(self) -> HitKey:
        """Ask for the donor and return the hit."""
        request = self.request()
        reply = self.ask(request)
        require(reply.result is Result.HIT, "there is no hit to follow up")
        return HitKey(
            category=request.category,
            requesting=request.requesting,
            requested=request.requested,
            request=request.number,
            reference=reply.candidates[0].reference,
        )

    def tell(self, message: FollowUpMessage, party: str | None = None) -> StatusMessage:
        """Hand a message about a hit over and read its answer."""
        status = decode_status(self.handle(encode(message), party), self.setting.limits)
        require(status.answers == message.number, "a status is about another message")
        return status

    def head(self, hit: HitKey) -> dict[str, Any]:
        """Return the common first fields of messages about a hit."""
        return {"hit": hit, "number": new_number(), "time": self.clock()}


class ResponderSetting(Contract, abstract=True):
    """Settings of a host for its responder; see `ResponderContract`."""

    party: str = "DE"
    """The party that answers."""

    asking: str = "AT"
    """The party that asks."""

    third: str = "FR"
    """An uninvolved party."""

    limits: Limits = Limits()
    """Bounds of the messages that the responder was made with."""

    patience: float = 20.0
    """Seconds within which a reply arrives even on a slow machine."""

    window: timedelta = timedelta(days=1)
    """Greatest age of a request, and time for which its number is remembered."""

    keeps_replies: bool = True
    """Whether the responder itself recognises repeated requests, not a gateway before it."""

    follows_up: bool = True
    """Whether messages about hits are handed to the responder."""

    def make_responder(
        self,
        galleries: Mapping[str, SearchableGallery],
        *,
        follow_up: FollowUp,
        clock: Clock,
    ) -> RequestHandler:
        """Return a responder of `party` that searches `galleries` and takes its time from `clock`.

        Parameters
        ----------
        galleries : mapping of str to gallery
            The category ``"dna"`` alone.
        follow_up : FollowUp
            Takes the messages about hits.
        clock : callable
            Returns the time. It stands still unless a check moves it.
        """
        raise NotImplementedError("a host writes this")

    def make_follow_up(self, provider: Any, clock: Clock) -> FollowUp:
        """Return the hits of `party`, with `provider` as the source of core data on ``"dna"``."""
        return FollowUp(self.party, core_data={"dna": provider}, clock=clock)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Set up a responder whose register holds the donor alone."""
        clock, fetched = VirtualClock(), list[str]()
        gallery = dna.Gallery()
        gallery.enrol([DONOR_REFERENCE], [DONOR])
        watched = WatchedGallery(gallery)

        def core_data(reference: str) -> CoreData:
            fetched.append(reference)
            return CoreData(identified=True, family_names=(CANARY.decode(),))

        follow_up = self.make_follow_up(core_data, clock)
        responder = self.make_responder({"dna": watched}, follow_up=follow_up, clock=clock)
        yield Desk(self, responder, watched, clock, follow_up, fetched)
