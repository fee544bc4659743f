"""The justification of a search: checked before anything is sent, kept nationally (Art. 33).

Purpose, case and offence are not in the request, whose fields are a closed list. They belong to the
national record, and later to the facts of the case (Art. 47(1)(c)).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from prum_match.errors import ExchangeError
from prum_match.exchange.category_rules import Purpose, rule_of
from prum_match.exchange.messages.core_data import OFFENCE
from prum_match.exchange.messages.envelope import REFERENCE
from prum_match.exchange.messages.records import FLAG, check_fields, integer, member, optional, text

# Art. 29 is about persons who may also be searched for on humanitarian grounds, without a crime
# (answer of the Commission to question E-001171/2024).
_WITHOUT_OFFENCE = frozenset({Purpose.MISSING_PERSON, Purpose.HUMAN_REMAINS})


class SubjectClass(StrEnum):
    """Class of the person whom a search is about (Art. 33(2))."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    MISSING_PERSON = "missing_person"
    HUMAN_REMAINS = "human_remains"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """Legal basis of a search, as the national record keeps it (Art. 33).

    Parameters
    ----------
    case : str
        Number of the individual case (Arts. 6(4), 11(1), 20(1), 26).
    offence : str or None
        Code of the common table of offences, ``dddd dd``. None is allowed in a search for a missing
        person or for human remains.
    purpose : Purpose
        Purpose of the search.
    subject : SubjectClass
        Class of the person.
    official : str
        Opaque id of the official who requests it.
    maximum_sentence : int or None
        Maximum sentence for the offence in the own state, in months; needed where a category has a
        minimum.
    to_identify : bool
        Whether the search identifies an unknown person; False: it is about a known one.
    empowered : bool
        For missing persons and human remains: whether national law permits the search (Art. 29).

    Raises
    ------
    ExchangeError
        ``invalid_field``, or ``offence_missing`` for a purpose that is about an offence.

    Examples
    --------
    >>> why = Justification(case="2026/17", offence="0101 00", official="insp-7",
    ...                     maximum_sentence=6)
    >>> why.check("face")
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: the maximum sentence is below ... [minor_offence; ...]
    >>> Justification(case="2026/18", official="insp-7", purpose=Purpose.MISSING_PERSON,
    ...               empowered=True).check("face")
    """

    case: str = field(metadata=text(r"[^\x00-\x1f\x7f-\x9f]{1,64}").meta, repr=False)
    offence: str | None = field(default=None, metadata=optional(OFFENCE).meta, repr=False)
    official: str = field(metadata=REFERENCE.meta)
    purpose: Purpose = field(default=Purpose.INVESTIGATION, metadata=member(Purpose).meta)
    subject: SubjectClass = field(default=SubjectClass.UNKNOWN, metadata=member(SubjectClass).meta)
    maximum_sentence: int | None = field(default=None, metadata=optional(integer(0, 10**6)).meta)
    to_identify: bool = field(default=True, metadata=FLAG.meta)
    empowered: bool = field(default=False, metadata=FLAG.meta)

    def __post_init__(self) -> None:
        check_fields(self)
        if self.offence is None and self.purpose not in _WITHOUT_OFFENCE:
            raise ExchangeError(
                "give the offence that the search is about",
                code="offence_missing",
                field="offence",
                rule="Reg. (EU) 2024/982 Art. 33(2)",
            )

    def check(self, category: str) -> None:
        """Raise if a search of this category is not justified.

        Raises
        ------
        ExchangeError
            ``purpose_not_allowed``, ``not_empowered``, ``sentence_missing`` or
            ``minor_offence``.
        """
        rule = rule_of(category)
        if self.purpose not in rule.purposes:
            raise ExchangeError(
                "the law does not allow searches of this category for this purpose",
                code="purpose_not_allowed",
                field="purpose",
                rule=rule.source,
            )
        needs_no_offence = self.purpose in _WITHOUT_OFFENCE
        if needs_no_offence and not self.empowered:
            raise ExchangeError(
                "set empowered=True if national law permits this search",
                code="not_empowered",
                field="empowered",
                rule="Reg. (EU) 2024/982 Art. 29",
            )
        if needs_no_offence or not rule.minimum_sentence:
            return
        if self.maximum_sentence is None:
            raise ExchangeError(
                "give the maximum sentence for the offence",
                code="sentence_missing",
                field="maximum_sentence",
                rule=rule.source,
            )
        if self.maximum_sentence < rule.minimum_sentence:
            raise ExchangeError(
                "the maximum sentence is below the minimum of this category",
                code="minor_offence",
                field="maximum_sentence",
                rule=rule.source,
            )
