"""The encoder: makes pseudonyms of names, which can be compared without the key."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Protocol
from weakref import WeakSet

import numpy as np

from prum_match import _native
from prum_match.engine.progress import paced
from prum_match.engine.ragged import offsets_of
from prum_match.errors import InvalidInput
from prum_match.police_record.names.spelled import Halves, SpelledNames
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, EncodedPersons
from prum_match.police_record.pseudonyms.keys import KeyProvider, Keys
from prum_match.police_record.pseudonyms.parameters import Parameters
from prum_match.police_record.pseudonyms.schemes import FieldFilters, RecordFilters

# Persons at a time, so that their filters stay in the cache of a core.
_BATCH = 2048

_encoders: WeakSet[Encoder] = WeakSet()


class PersonEncoder(Protocol):
    """Protocol of an encoder, as a gallery of pseudonyms needs it.

    The algorithm of EPRIS is not public. A party that has it puts it behind this protocol;
    :class:`Encoder` is the library's own and makes nothing that EPRIS could read.
    """

    @property
    def parameters(self) -> Parameters:
        """Parameter block: layout of the filters, and thresholds of agreement."""
        ...

    @property
    def fingerprint(self) -> str:
        """Fingerprint, 64 hexadecimal digits: encodings are comparable if it is equal."""
        ...

    @property
    def key_id(self) -> str:
        """Check value of the key, 16 hexadecimal digits."""
        ...

    def encode(self, persons: Sequence[Person]) -> EncodedPersons:
        """Return the pseudonyms of persons, as columns."""
        ...


class Encoder:
    """Make the pseudonyms of one period.

    The host keeps the keys: `key_provider` is called once, with the period. The keys of the fields
    are derived from what it returns with HKDF, over the version of the encoder, the fingerprint of
    the parameters, the field and the period. First names and family names share one key, so that
    names which changed places are recognised. Nothing of a key is in a repr, a log or an error.
    Several threads can use one encoder; they take turns.

    Parameters
    ----------
    parameters : Parameters
        What both parties agreed on.
    key_provider : KeyProvider
        Returns the key of a period, 32 bytes or more.
    period : str
        Which key to use.

    Attributes
    ----------
    parameters : Parameters
    period : str
    key_id : str
        Check value of the key.

    Raises
    ------
    InvalidInput
        ``bad_parameters``, ``weak_key``, ``bad_period``.
    PrumError
        ``missing_extra``: *cryptography* is not installed.

    Examples
    --------
    >>> from prum_match.police_record.pseudonyms.parameters import LEGAL_PARAMETERS
    >>> key = bytes(range(32))  # in earnest: from a key store
    >>> with Encoder(LEGAL_PARAMETERS, lambda period: key, period="2026-11") as encoder:
    ...     gabler = encoder.encode_one(Person("Eva", "Gabler", birth_date="1984"))
    >>> gabler
    <EncodedPerson: 1 name under 1 key>
    >>> gabler.birth_date
    PartialDate(year=1984, month=None, day=None)
    """

    def __init__(
        self, parameters: Parameters, key_provider: KeyProvider, *, period: str = "1"
    ) -> None:
        if not isinstance(parameters, Parameters):
            raise InvalidInput(
                "a parameter block is needed", code="bad_parameters", field="parameters"
            )
        self.parameters = parameters
        self.period = period
        self._keys = Keys(key_provider, period, parameters.fingerprint)
        self.key_id = self._keys.key_id
        scheme = RecordFilters if parameters.scheme == "record" else FieldFilters
        self._filters = scheme(parameters, self._keys.hmac)
        self._tokens = _native.TokenNumbers(self._keys.hmac("tokens"))
        self._turn = Lock()
        _encoders.add(self)

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the parameters."""
        return self.parameters.fingerprint

    def encode(self, persons: Iterable[Person]) -> EncodedPersons:
        """Return the pseudonyms of persons, as columns.

        Parameters
        ----------
        persons : iterable of Person
            Each with a name, an alias or a birth date.

        Returns
        -------
        EncodedPersons
            With as many filters for each person as the person has names. A person without a name
            has an empty one, which no filter of all fields is like: `has_first` and `has_family`
            say who that is. A place of birth that the parameters leave out is in `omitted`.

        Raises
        ------
        InvalidInput
            ``not_a_person``; ``no_name``: neither a name nor a birth date.
        PrumError
            ``keys_closed``: the encoder was closed.

        Examples
        --------
        >>> from prum_match.police_record.pseudonyms.parameters import LEGAL_PARAMETERS
        >>> encoder = Encoder(LEGAL_PARAMETERS, lambda period: bytes(range(32)))
        >>> two = encoder.encode([Person("Eva", "Gabler"), Person("Ada", "Brack", "Ada Gabler")])
        >>> two.name_offsets
        array([0, 1, 3])
        """
        persons = list(persons)
        names = [
            _names_of(person, index) for index, person in enumerate(paced(persons, counted=False))
        ]
        name_offsets = offsets_of([len(each) for each in names]).astype(np.int64)
        clear = ClearFields.of(persons)
        filters = np.empty((name_offsets[-1], self.parameters.bits // 8), np.uint8)
        tokens, counts = [np.empty(0, np.uint32)], [np.empty(0, np.int64)]
        with self._turn:
            self._keys.check_open()
            for batch in _batches(len(persons)):
                spelled = SpelledNames.of(names[batch], batch.start)
                dates = clear.birth_date[batch]
                places = [person.birth_place for person in persons[batch]]
                rows = slice(name_offsets[batch.start], name_offsets[batch.stop])
                filters[rows] = self._filters.of(spelled, dates, places, batch.start)
                found, offsets = spelled.tokens(self._tokens, dates)
                tokens.append(found)
                counts.append(np.diff(offsets))
        return EncodedPersons(
            self.fingerprint,
            self.key_id,
            filters,
            name_offsets,
            np.concatenate(tokens),
            np.cumsum(np.concatenate([[0], *counts]), dtype=np.int64),
            clear,
            np.array([person.has_first for person in persons], np.bool_),
            np.array([person.has_family for person in persons], np.bool_),
            self._omitted(persons),
            self.parameters,
        )

    def encode_one(self, person: Person) -> EncodedPerson:
        """Return the pseudonyms of one person.

        Examples
        --------
        >>> from prum_match.police_record.pseudonyms.parameters import LEGAL_PARAMETERS
        >>> encoder = Encoder(LEGAL_PARAMETERS, lambda period: bytes(range(32)))
        >>> encoder.encode_one(Person("Eva", "Gabler")).has_first
        True
        """
        return self.encode([person])[0]

    def close(self) -> None:
        """Overwrite the keys and forget all patterns, as far as Python releases them."""
        with self._turn:
            self._keys.close()
            self._filters.forget()
            self._tokens.forget()

    def _omitted(self, persons: Sequence[Person]) -> tuple[str, ...]:
        left_out = not self.parameters.birth_place and any(p.birth_place for p in persons)
        return ("birth_place",) if left_out else ()

    def __enter__(self) -> Encoder:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __reduce__(self) -> str:
        raise TypeError("encoders hold keys and are not pickled")

    def __repr__(self) -> str:
        return f"<Encoder: {self.parameters.name} {self.parameters.version}, key {self.key_id}>"


def _names_of(person: object, index: int) -> Sequence[Halves]:
    if not isinstance(person, Person):
        raise InvalidInput("not a Person", code="not_a_person", field="persons", index=index)
    if person.aliases:
        return [(name.first_names, name.family_names) for name in person.names]
    if not (person.has_first or person.has_family or person.birth_date):
        raise InvalidInput(
            "a name or a birth date is needed to find the person",
            code="no_name",
            field="names",
            index=index,
        )
    return ((person.first_names, person.family_names),)


def _batches(n: int) -> Iterator[slice]:
    return (slice(first, min(first + _BATCH, n)) for first in range(0, n, _BATCH))


def _after_in_child() -> None:
    for encoder in _encoders:
        # A thread that had its turn is not here. What it kept is whole: native code does not let
        # go of the interpreter while it makes it.
        encoder._turn = Lock()


os.register_at_fork(after_in_child=_after_in_child)
