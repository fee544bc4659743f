"""Compare two persons, in clear or as pseudonyms."""

from __future__ import annotations

from prum_match import engine
from prum_match.errors import InvalidInput
from prum_match.police_record.category import check_suitable
from prum_match.police_record.gallery import category_of
from prum_match.police_record.linkage.comparison import Comparison
from prum_match.police_record.linkage.dice import DiceComparison
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson
from prum_match.police_record.pseudonyms.encoder import PersonEncoder
from prum_match.police_record.pseudonyms.parameters import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    NATIONAL_PARAMETERS,
    Parameters,
)

_SHIPPED = {
    block.fingerprint: block for block in (LEGAL_PARAMETERS, NATIONAL_PARAMETERS, FIELD_PARAMETERS)
}


def compare(
    probe: Person | EncodedPerson,
    reference: Person | EncodedPerson,
    *,
    policy: engine.Policy | None = None,
    encoder: PersonEncoder | Parameters | None = None,
) -> Comparison | DiceComparison:
    """Compare two persons as a search does; ``str`` of the result says why, without a name.

    Parameters
    ----------
    probe, reference : Person or EncodedPerson
        Both in clear, or both encoded alike.
    policy : LinkagePolicy or DicePolicy, optional
        The rule; by default that of a gallery of such persons: :data:`NATIONAL`, or
        :data:`NATIONAL_DICE` for filters that hold all fields.
    encoder : PersonEncoder or Parameters, optional
        As for :class:`Gallery`: an encoder encodes persons in clear, a parameter block says how
        pseudonyms were made. Pseudonyms of the shipped blocks need none.

    Returns
    -------
    Comparison or DiceComparison
        Weights field by field, or the Dice coefficient of filters that hold all fields.

    Raises
    ------
    ComparisonMismatch
        Codes ``"foreign_policy"``, ``"other_encoding"``, ``"other_key"``.
    InvalidInput
        Codes ``"not_a_person"``, ``"too_few_elements"`` (a policy between states),
        ``"bad_parameters"``: pseudonyms of a block that is not shipped, and no `encoder`.

    Examples
    --------
    >>> from prum_match import police_record
    >>> found = police_record.compare(
    ...     police_record.Person("Jürgen", "Müller", birth_date="1971-05-08"),
    ...     police_record.Person("Juergen", "Mueller", birth_date="1971-08-05"),
    ... )
    >>> found.is_candidate, found.match_quality.value, round(found.score, 1)
    (True, 'close', 36.2)
    """
    if encoder is None and isinstance(probe, EncodedPerson):
        encoder = _SHIPPED.get(probe.parameters)
        if encoder is None:
            raise InvalidInput(
                "pseudonyms of a parameter block that is not shipped: pass it as `encoder`",
                code="bad_parameters",
                field="encoder",
            )
    category = category_of(encoder)
    rule = category.matching.policy_of(policy)
    taken = category.layout.take(probe)
    check_suitable(taken, rule)
    found = category.matching.explain(taken, category.layout.take(reference), rule)
    assert isinstance(found, Comparison | DiceComparison)
    return found
