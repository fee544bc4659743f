"""One pair of persons, compared as a search compares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prum_match.errors import ComparisonMismatch
from prum_match.police_record.columns import clear as clear_columns
from prum_match.police_record.columns.pseudonyms import FieldColumns
from prum_match.police_record.linkage.comparison import Comparison
from prum_match.police_record.linkage.dice import common_key
from prum_match.police_record.linkage.levels import NameLevel
from prum_match.police_record.linkage.pairs import ANY_THRESHOLD, DICE_LEVELS, Matcher, segment_of
from prum_match.police_record.linkage.patterns import Pattern, pattern_of
from prum_match.police_record.linkage.policy import LinkagePolicy
from prum_match.police_record.linkage.probes import (
    Rarity,
    field_matcher,
    person_matcher,
    rarity_of,
)
from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson


def agreement(
    probe: Person | EncodedPerson,
    reference: Person | EncodedPerson,
    policy: LinkagePolicy,
    dice: Sequence[float] = DICE_LEVELS,
) -> Comparison:
    """Compare two persons as a search under a policy does."""
    anything = replace(policy, threshold=ANY_THRESHOLD, by_tokens=False)
    matcher: Matcher
    if isinstance(probe, Person) and isinstance(reference, Person):
        segment = segment_of(clear_columns.seal(clear_columns.encode([reference])))
        matcher = person_matcher([probe], anything)
    elif isinstance(probe, EncodedPerson) and isinstance(reference, EncodedPerson):
        names = common_key(probe, reference)
        if names is None:
            raise ComparisonMismatch("encoded under different keys", code="other_key")
        layout = FieldColumns()
        segment = segment_of(layout.seal(layout.encode([reference])))
        matcher = field_matcher([(probe, names[0])], anything, dice, names[0].key_id)
    else:
        raise ComparisonMismatch(
            "a person in clear and pseudonyms are not compared", code="other_encoding"
        )
    _, _, weight, code = matcher.pairs(segment)
    added = int(weight[0]) - int(policy.model.weights().of(code)[0])
    pattern = pattern_of(int(code[0]))
    family, first = (
        _rarities(probe, rarity_of(policy), pattern, added) if isinstance(probe, Person) else (0, 0)
    )
    return Comparison(pattern, policy, family_rarity=family, first_rarity=first)


def _rarities(person: Person, rarity: Rarity, pattern: Pattern, added: int) -> tuple[int, int]:
    """Return the frequency bonus of both halves of the name pair that explains `added`."""
    for name in person.names:
        halves = (
            ("family", name.family_names, pattern.family),
            ("first", name.first_names, pattern.first),
        )
        family, first = (
            rarity(component, fold_name(" ".join(parts)).exact)
            if parts and level == NameLevel.EXACT
            else 0
            for component, parts, level in halves
        )
        if family + first == added:
            break
    return family, first
