"""Searches limited to shared blocking tokens, at the edges of their bounds."""

from __future__ import annotations

from dataclasses import replace

from prum_match import police_record as records


def test_the_same_filter_is_found_at_a_dice_of_one() -> None:
    encoder = records.Encoder(records.LEGAL_PARAMETERS, lambda period: bytes(range(32)))
    gallery = records.Gallery(encoder)
    person = records.Person("Eva", "Brack", ["Eva Gabler"], birth_date="1984-02-01")
    gallery.enrol(["1", "2"], [person, records.Person("Ida", "Brack", birth_date="1984-02-01")])
    policy = records.DicePolicy(threshold=1.0)
    for rule in (policy, replace(policy, by_tokens=True)):
        answer = gallery.search(person, policy=rule)
        assert (answer.reference_ids, answer.scores.tolist()) == (["1"], [1.0])
