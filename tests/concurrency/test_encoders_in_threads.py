"""Threads and forks share one encoder; the pseudonyms equal those of a single thread."""

from __future__ import annotations

import hashlib
import multiprocessing
from functools import partial

import pytest

from prum_match.police_record import EncodedPerson, Encoder, Gallery, Parameters
from support.police_record import families as police
from support.threads import crew

PERSONS = [police.person(i, i % 3) for i in range(300)]
BLOCKS = list(police.PSEUDONYMS.values())


def fresh(block: Parameters) -> Encoder:
    return Encoder(block, lambda period: hashlib.sha256(period.encode()).digest())


@pytest.fixture(params=BLOCKS, ids=lambda block: block.scheme)
def block(request: pytest.FixtureRequest) -> Parameters:
    found: Parameters = request.param
    return found


def test_threads_share_an_encoder(block: Parameters) -> None:
    wanted = list(fresh(block).encode(PERSONS))
    # They meet while one that knows no name yet learns all of them.
    for _ in range(5):
        encoder, made = fresh(block), list[int]()

        def encode(thread: int, encoder: Encoder = encoder, made: list[int] = made) -> None:
            places = range(thread, len(PERSONS), 7)
            found = [encoder.encode_one(PERSONS[i]) for i in places]
            assert found == [wanted[i] for i in places]
            made.append(thread)

        with crew() as working:
            for thread in range(4):
                working.repeat(f"encode {thread}", partial(encode, thread))
            while len(made) < 8:
                encode(4 + len(made) % 3)


def test_threads_share_an_encoder_of_a_gallery(block: Parameters) -> None:
    gallery = Gallery(fresh(block))
    gallery.enrol([f"R{i}" for i in range(100)], [police.person(i) for i in range(100)])
    rounds = [0]

    def search(thread: int) -> None:
        for i in range(thread, 100, 9):
            assert gallery.search(police.person(i), limit=1).reference_ids == [f"R{i}"]
        rounds[0] += 1

    with crew() as working:
        for thread in range(3):
            working.repeat(f"search {thread}", partial(search, thread))
        while rounds[0] < 6:
            search(8)


def test_a_fork_while_another_thread_encodes(block: Parameters) -> None:
    encoder, wanted = fresh(block), list(fresh(block).encode(PERSONS))

    def encode() -> None:
        encoder.encode(PERSONS)
        encoder._filters.forget()

    context = multiprocessing.get_context("fork")
    with crew() as working:
        working.repeat("encode", encode)
        for _ in range(5):
            child = context.Process(target=_in_child, args=(encoder, wanted))
            child.start()
            child.join(60)
            assert child.exitcode == 0


def _in_child(encoder: Encoder, wanted: list[EncodedPerson]) -> None:
    assert list(encoder.encode(PERSONS)) == wanted
