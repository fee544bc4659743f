"""The enrolled persons of one state, in clear or as pseudonyms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from prum_match import engine
from prum_match.engine.registry import register_opener
from prum_match.police_record.candidates import CandidateList
from prum_match.police_record.category import NAME, PersonCategory
from prum_match.police_record.clear_category import POLICE_RECORD
from prum_match.police_record.pseudonym_category import (
    PseudonymLayout,
    pseudonym_category,
)
from prum_match.police_record.pseudonyms.encoder import PersonEncoder
from prum_match.police_record.pseudonyms.parameters import Parameters


class Gallery(engine.Gallery[Any, CandidateList]):
    """The persons of a police record index.

    Parameters
    ----------
    encoder : PersonEncoder or Parameters, optional
        None: names in clear, for national use. An encoder: names as its pseudonyms; persons in
        clear that are enrolled or searched with are encoded. A parameter block: pseudonyms that
        come encoded.
    labels : sequence of str, optional
        The labels that references may have; see :class:`prum_match.engine.Gallery`.
    open_labels, exchangeable_only : bool, default False
        As for :class:`prum_match.engine.Gallery`.

    Raises
    ------
    InvalidInput
        Code ``"bad_parameters"``.

    Notes
    -----
    The references of one subject (``subject_ids``) are one candidate, the best of them, as the
    names of one person are: limits and ``n_found`` count persons. A probe that was encoded with
    other parameters, or under a key under which a reference has no pseudonym, is an error: what
    cannot be compared is no no-hit. While a register goes from one period to the next, its
    references have pseudonyms under both keys (:meth:`EncodedPerson.with_key`).

    Examples
    --------
    >>> from prum_match import police_record
    >>> gallery = police_record.Gallery()
    >>> persons = [
    ...     police_record.Person("Jürgen", "Müller", birth_date="1971-05-08"),
    ...     police_record.Person("Ana", "García López", ["Ana Ruiz"], birth_date="1980-12-01"),
    ... ]
    >>> gallery.enrol(["DE-1", "ES-7"], persons).enrolled
    2
    >>> answer = gallery.search(
    ...     police_record.Person("Juergen", "Mueller", birth_date="1971-08-05")
    ... )
    >>> answer.reference_ids, answer[0].match_quality.value
    (['DE-1'], 'close')
    >>> gallery.search(police_record.Person("Ana", "Ruiz", birth_date="1980")).reference_ids
    ['ES-7']
    """

    category_name = NAME

    category: PersonCategory[Any]

    def __init__(
        self,
        encoder: PersonEncoder | Parameters | None = None,
        *,
        labels: Sequence[str] | None = None,
        open_labels: bool = False,
        exchangeable_only: bool = False,
    ) -> None:
        super().__init__(
            category_of(encoder),
            labels=labels,
            open_labels=open_labels,
            exchangeable_only=exchangeable_only,
        )

    def set_encoder(self, encoder: PersonEncoder) -> Self:
        """Encode persons in clear with this encoder from now on, as after opening a gallery.

        Parameters
        ----------
        encoder : PersonEncoder
            Of the gallery's parameter block; its key may be that of another period.

        Returns
        -------
        Gallery
            This one.

        Raises
        ------
        ComparisonMismatch
            Code ``"other_encoding"``.

        Examples
        --------
        >>> from prum_match import police_record
        >>> gallery = police_record.Gallery(police_record.LEGAL_PARAMETERS)
        >>> key = bytes(range(32))
        >>> encoder = police_record.Encoder(police_record.LEGAL_PARAMETERS, lambda period: key)
        >>> person = police_record.Person("Ana", "Ruiz")
        >>> gallery.set_encoder(encoder).enrol(["1"], [person]).enrolled
        1
        """
        self.category.layout.set_encoder(encoder)
        return self


def category_of(encoder: PersonEncoder | Parameters | None) -> PersonCategory[Any]:
    """Return the category of persons that are encoded so; None: names in clear."""
    if encoder is None:
        return POLICE_RECORD
    if isinstance(encoder, Parameters):
        return pseudonym_category(PseudonymLayout(encoder))
    return pseudonym_category(PseudonymLayout(encoder.parameters, encoder))


def _open(settings: Mapping[str, Any]) -> PersonCategory[Any]:
    """Return the category of a gallery on disk."""
    category: PersonCategory[Any] = POLICE_RECORD
    if "parameters" in settings:
        parameters = Parameters.from_json(settings["parameters"])
        layout = PseudonymLayout(parameters, fingerprint=settings["fingerprint"])
        category = pseudonym_category(layout)
    category.layout.check_settings(settings)
    return category


register_opener(NAME, _open)
