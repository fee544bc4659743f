"""Transports with one fault each, around a correct line."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from contextlib import closing
from typing import ClassVar

from prum_match.exchange import (
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.testing import TransportContract
from support.exchange.lines import MOST, Line


class LineContract(TransportContract):
    """The contract with all capabilities, on a line that has them."""

    line = Line
    max_request_bytes = MOST
    max_reply_bytes = MOST
    sample_bytes = MOST // 2
    can_be_busy = True
    can_refuse = True

    def connect(self, handlers):
        return closing(self.line(handlers, self.own_party))

    def connect_busy(self, retry_after):
        return closing(Raising(TransportBusy(retry_after=retry_after)))

    def connect_refusing(self):
        return closing(Raising(TransportRefused()))


class Raising:
    def __init__(self, error):
        self.error = error

    def exchange(self, party, request, *, timeout):
        raise self.error

    def close(self):
        pass


class LosesZeros(Line):
    def deliver(self, party, request):
        return super().deliver(party, request.strip(b"\0"))


class EndsLinesItsWay(Line):
    def deliver(self, party, request):
        return super().deliver(party, request.replace(b"\r\n", b"\n"))


class HandsOverAnArray(Line):
    def deliver(self, party, request):
        return super().deliver(party, bytearray(request))


class HandsOverSomethingElse(Line):
    def deliver(self, party, request):
        super().deliver(party, request + b"!")
        return super().deliver(party, request)


class CutsAtABuffer(Line):
    def deliver(self, party, request):
        return super().deliver(party, request[: 1 << 16 | 1])


class LosesTheLastOfAPage(Line):
    def deliver(self, party, request):
        return super().deliver(party, request[:-1] if len(request) == 4096 else request)


class BringsAnArray(Line):
    def exchange(self, party, request, *, timeout):
        return bytearray(super().exchange(party, request, timeout=timeout))


class NamesTheReceiver(Line):
    def deliver(self, party, request):
        return self.handlers[party].handle(party, request)


class BelievesTheMessage(Line):
    def deliver(self, party, request):
        return self.handlers[party].handle("FR" if b"FR" in request else "AT", request)


class TellsEverybody(Line):
    def deliver(self, party, request):
        return {code: one.handle("AT", request) for code, one in self.handlers.items()}[party]


class TakesARequestOnce(Line):
    def exchange(self, party, request, *, timeout):
        seen = self.__dict__.setdefault("seen", set())
        if request in seen:
            return b"seen"
        seen.add(request)
        return super().exchange(party, request, timeout=timeout)


class Swaps(Line):
    """Exchanges the replies of two simultaneous calls."""

    same_party = False

    def __init__(self, *options):
        super().__init__(*options)
        self.lock = threading.Lock()
        self.kept = []

    def wait(self, party, request, timeout):
        mine = super().wait(party, request, timeout)
        slot = queue.SimpleQueue()
        with self.lock:
            for other in self.kept:
                if (other[0] == party) == self.same_party:
                    self.kept.remove(other)
                    other[2].put(mine)
                    return other[1]
            self.kept.append((party, mine, slot))
        try:
            return slot.get(timeout=0.5)
        except queue.Empty:
            return mine


class SwapsWithinAParty(Swaps):
    same_party = True


class OneAtATime(Line):
    lock = threading.Lock()

    def wait(self, *options):
        with self.lock:
            return super().wait(*options)


class NeverGivesUp(Line):
    def wait(self, party, request, timeout):
        return super().wait(party, request, 60)


class GivesUpAtOnce(Line):
    def wait(self, party, request, timeout):
        if timeout < 1:
            raise TransportTimeout
        return super().wait(party, request, timeout)


class HasOneTimeout(Line):
    """All calls end when the first one does."""

    def __init__(self, *options):
        super().__init__(*options)
        self.least = 60

    def wait(self, party, request, timeout):
        replies = queue.SimpleQueue()
        self.least = min(self.least, timeout)
        self.start(party, request, replies)
        begin = time.monotonic()
        while time.monotonic() < begin + self.least:
            try:
                return replies.get(timeout=0.005)
            except queue.Empty:
                pass
        raise TransportTimeout


class KeepsLateReplies(Line):
    def wait(self, party, request, timeout):
        replies = self.__dict__.setdefault("replies", {}).setdefault(party, queue.SimpleQueue())
        self.start(party, request, replies)
        try:
            return replies.get(timeout=timeout)
        except queue.Empty:
            raise TransportTimeout from None


class AnswersForTheAbsent(Line):
    def exchange(self, party, request, *, timeout):
        return super().exchange(party, request, timeout=timeout) if party != "ES" else b""


class DoesNotSayUnreachable(Line):
    def absent(self, request):
        return TransportError()


class AnswersForTheBroken(Line):
    def broke(self, party, error):
        return b""


class PassesErrorsOn(Line):
    def broke(self, party, error):
        raise error


class StaysBroken(Line):
    def broke(self, party, error):
        del self.handlers[party]
        return super().broke(party, error)


class TakesLess(Line):
    def check(self, what, data):
        if len(data) == MOST and what == "request":
            raise TransportError
        return super().check(what, data)


class CutsRequests(Line):
    def check(self, what, data):
        return data

    def deliver(self, party, request):
        return super().deliver(party, request[:MOST])


class SendsAPartFirst(Line):
    def check(self, what, data):
        if what == "request" and len(data) > MOST:
            self.deliver("DE", data[:MOST])
        return super().check(what, data)


class CutsReplies(Line):
    def check(self, what, data):
        return data[:MOST]


class BringsLess(Line):
    def check(self, what, data):
        if what == "reply" and len(data) == MOST:
            return b"."
        return super().check(what, data)


class HasNoWord(Line):
    def absent(self, request):
        return TransportUnreachable(code="Nobody is there!")


class SaysWhatItSent(Line):
    def absent(self, request):
        return TransportUnreachable(f"not sent: {request!r}")


class ShowsWhatItSent(Line):
    def exchange(self, party, request, *, timeout):
        self.last = request
        return super().exchange(party, request, timeout=timeout)

    def __repr__(self):
        return f"Line({self.last.hex()})"


class LogsWhatItSends(Line):
    def deliver(self, party, request):
        logging.getLogger("line").debug("sent %s", request)
        return super().deliver(party, request)


class ClosesOnce(Line):
    def close(self):
        if self.closed:
            raise RuntimeError("closed already")
        super().close()


class IgnoresClosing(Line):
    def close(self):
        pass


class SendsBeforeItLooks(Line):
    def exchange(self, party, request, *, timeout):
        if self.closed:
            self.deliver(party, request)
        return super().exchange(party, request, timeout=timeout)


class HangsWhenClosed(Line):
    never = threading.Event()

    def wait(self, *options):
        reply = super().wait(*options)
        if self.closed:
            self.never.wait(60)
        return reply


class BreaksWhenClosed(Line):
    def wait(self, *options):
        reply = super().wait(*options)
        if self.closed:
            raise OSError("bad file descriptor")
        return reply


class ClosingHangs(Line):
    never = threading.Event()

    def close(self):
        if not self.closed:
            super().close()
            self.never.wait(60)


class LeavesAThread(Line):
    never = threading.Event()

    def __init__(self, *options):
        super().__init__(*options)
        threading.Thread(target=self.never.wait, args=(60,), daemon=True).start()


class LeavesAFile(Line):
    files: ClassVar[list[int]] = []

    def __init__(self, *options):
        super().__init__(*options)
        self.files += os.pipe()


def busy_without_a_time(self, retry_after):
    return closing(Raising(TransportBusy()))


def merely_fails(self):
    return closing(Raising(TransportError()))
