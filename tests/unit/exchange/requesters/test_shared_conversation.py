"""A conversation that several threads share."""

from __future__ import annotations

import threading
from typing import Any

from prum_match.exchange.requesters.shared_conversation import SharedConversation


def test_the_holder_of_the_lock_may_call_and_others_wait(toy: Any, clock: Any) -> None:
    conversation = SharedConversation("AT", "toy", clock)
    begun, seen = threading.Event(), []

    def submit() -> None:
        begun.set()
        conversation.submit(toy.Item("pear"), parties=["FR"])
        seen.append(len(conversation.searches()))

    other = threading.Thread(target=submit, daemon=True)
    with conversation.lock:
        assert conversation.searches() == []
        other.start()
        assert begun.wait(30)
        other.join(0.2)
        assert other.is_alive()
        pending = conversation.submit(toy.Item("apple"), parties=["DE"])
        assert conversation.searches() == [pending]
    other.join(30)
    assert seen == [2]
