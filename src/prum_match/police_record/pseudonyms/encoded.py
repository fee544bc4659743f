"""Persons whose names are pseudonyms, under one key or two; many of them as columns.

The law leaves clear: birth date, gender, nationality and country of birth,
Regulation (EU) 2024/982, Art. 25(2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from prum_match.engine.ragged import offsets_of
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.police_record.pseudonyms.parameters import Parameters
from prum_match.values.dates import PartialDate
from prum_match.values.rows import Rows

_KEY_ID = re.compile(r"[0-9a-f]{16}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_MAX_KEYS = 2


@dataclass(frozen=True)
class Pseudonyms:
    """The names of one person under one key.

    Parameters
    ----------
    key_id : str
        Check value of the key, 16 hexadecimal digits.
    filters : tuple of bytes
        One a name, the person's own first; all of one length. Bit ``i`` is bit ``i % 8`` of byte
        ``i // 8``.
    tokens : tuple of int
        Keyed blocking tokens, 32 bits each, sorted and distinct.

    Raises
    ------
    InvalidInput
        ``bad_encoding``.

    Examples
    --------
    >>> Pseudonyms("00112233aabbccdd", (bytes(128),))
    <Pseudonyms: key 00112233aabbccdd, 1 filter, 0 tokens>
    """

    key_id: str
    filters: tuple[bytes, ...] = field(repr=False)
    tokens: tuple[int, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _check(_written(_KEY_ID, self.key_id), "key_id", "16 hexadecimal digits")
        filters, tokens = tuple(self.filters), tuple(self.tokens)
        _check(
            all(isinstance(f, bytes) for f in filters)
            and len({*map(len, filters)}) == 1
            and len(filters[0]) > 0,
            "filters",
            "one or more, of one length",
        )
        _check(
            all(isinstance(t, int) and 0 <= t < 2**32 for t in tokens)
            and list(tokens) == sorted(set(tokens)),
            "tokens",
            "32 bits each, sorted and distinct",
        )
        object.__setattr__(self, "filters", filters)
        object.__setattr__(self, "tokens", tokens)

    def __repr__(self) -> str:
        n = len(self.filters)
        return (
            f"<Pseudonyms: key {self.key_id}, {n} filter{'s' * (n != 1)}, "
            f"{len(self.tokens)} tokens>"
        )


@dataclass(frozen=True)
class EncodedPerson:
    """One person: pseudonyms of the names under one key or two, and what stays clear.

    Parameters
    ----------
    parameters : str
        Fingerprint of the parameter block, 64 hexadecimal digits.
    pseudonyms : tuple of Pseudonyms
        One a key; two while a register goes from one period to the next.
    birth_date : PartialDate, optional
        Birth date.
    country_of_birth : str, optional
        ISO 3166-1 alpha-2 code.
    nationalities : tuple of str
        Such codes, sorted.
    gender : {"F", "M", "X"}, optional
        Gender.
    has_first, has_family : bool
        Whether the person's own name has such a part: a query has to say two of first name,
        family name and birth date, and a filter of all names does not show it.

    Raises
    ------
    InvalidInput
        ``bad_encoding``.

    Examples
    --------
    >>> names = Pseudonyms("00112233aabbccdd", (bytes(128), bytes(128)))
    >>> EncodedPerson("0" * 64, (names,), birth_date=PartialDate(1984))
    <EncodedPerson: 2 names under 1 key>
    """

    parameters: str
    pseudonyms: tuple[Pseudonyms, ...]
    birth_date: PartialDate | None = None
    country_of_birth: str | None = None
    nationalities: tuple[str, ...] = ()
    gender: str | None = None
    has_first: bool = True
    has_family: bool = True

    def __post_init__(self) -> None:
        _check(_written(_FINGERPRINT, self.parameters), "parameters", "64 hexadecimal digits")
        keys = tuple(self.pseudonyms)
        _check(
            1 <= len(keys) <= _MAX_KEYS
            and all(isinstance(key, Pseudonyms) for key in keys)
            and len({key.key_id for key in keys}) == len(keys)
            and len({(len(key.filters), len(key.filters[0])) for key in keys}) == 1,
            "pseudonyms",
            "one or two keys, the same names under each",
        )
        object.__setattr__(self, "pseudonyms", keys)
        object.__setattr__(self, "nationalities", tuple(sorted(set(self.nationalities))))

    def under(self, key_id: str) -> Pseudonyms | None:
        """Return the pseudonyms under a key, or None.

        Examples
        --------
        >>> names = Pseudonyms("00112233aabbccdd", (bytes(128),))
        >>> EncodedPerson("0" * 64, (names,)).under("ffffffffffffffff") is None
        True
        """
        return next((p for p in self.pseudonyms if p.key_id == key_id), None)

    def with_key(self, other: EncodedPerson) -> EncodedPerson:
        """Join two encodings of one person under two keys.

        Parameters
        ----------
        other : EncodedPerson
            The same person, encoded with the same parameters and another key.

        Raises
        ------
        ComparisonMismatch
            ``other_encoding``: other parameters, or something that is clear differs.
        InvalidInput
            ``bad_encoding``: the same key, three keys, or another number of names.

        Examples
        --------
        >>> old = EncodedPerson("0" * 64, (Pseudonyms("0" * 16, (bytes(128),)),))
        >>> new = EncodedPerson("0" * 64, (Pseudonyms("1" * 16, (bytes(128),)),))
        >>> old.with_key(new)
        <EncodedPerson: 1 name under 2 keys>
        """
        if replace(other, pseudonyms=self.pseudonyms) != self:
            raise ComparisonMismatch(
                "two encodings of one person may differ in the key alone",
                code="other_encoding",
                field="pseudonyms",
            )
        return replace(self, pseudonyms=(*self.pseudonyms, *other.pseudonyms))

    def __repr__(self) -> str:
        names, keys = len(self.pseudonyms[0].filters), len(self.pseudonyms)
        return (
            f"<EncodedPerson: {names} name{'s' * (names != 1)} under {keys} key{'s' * (keys != 1)}>"
        )


@dataclass(frozen=True, eq=False)
class EncodedPersons(Rows[EncodedPerson]):
    """Many persons under one key, as columns.

    Attributes
    ----------
    parameters : str
        Fingerprint of the parameter block.
    key_id : str
        Check value of the key.
    filters : numpy.ndarray of uint8, shape (names, bytes)
        One row a name; a person's own name first.
    name_offsets : numpy.ndarray of int64, shape (n + 1,)
        Where the names of each person begin.
    tokens : numpy.ndarray of uint32
        Blocking tokens, sorted and distinct within a person.
    token_offsets : numpy.ndarray of int64, shape (n + 1,)
        Where the tokens of each person begin.
    clear : ClearFields
        What stays clear.
    has_first, has_family : numpy.ndarray of bool, shape (n,)
        Whether a person's own name has such a part.
    omitted : tuple of str
        Fields that somebody had and that are in no filter and no column.
    block : Parameters, optional
        The parameter block itself, where it is known.

    Raises
    ------
    InvalidInput
        ``bad_encoding``: columns that do not belong together.

    Examples
    --------
    >>> names = Pseudonyms("00112233aabbccdd", (bytes(128),), (7, 9))
    >>> many = EncodedPersons.of([EncodedPerson("0" * 64, (names,), gender="F")] * 3)
    >>> many, many.filters.shape, many[2].gender
    (<EncodedPersons: 3 under key 00112233aabbccdd>, (3, 128), 'F')
    """

    parameters: str
    key_id: str
    filters: NDArray[np.uint8]
    name_offsets: NDArray[np.int64]
    tokens: NDArray[np.uint32]
    token_offsets: NDArray[np.int64]
    clear: ClearFields
    has_first: NDArray[np.bool_]
    has_family: NDArray[np.bool_]
    omitted: tuple[str, ...] = ()
    block: Parameters | None = None

    def __post_init__(self) -> None:
        _check(_written(_FINGERPRINT, self.parameters), "parameters", "64 hexadecimal digits")
        _check(_written(_KEY_ID, self.key_id), "key_id", "16 hexadecimal digits")
        _check(
            self.filters.ndim == 2 and self.filters.dtype == np.uint8, "filters", "rows of bytes"
        )
        _check(_divide(self.name_offsets, len(self.filters), 1), "name_offsets", "one name or more")
        _check(_divide(self.token_offsets, len(self.tokens), 0), "token_offsets", "rising")
        flags = len(self.has_first), len(self.has_family)
        sizes = {len(self.token_offsets) - 1, len(self.clear), *flags}
        _check(sizes == {len(self)}, "persons", "as many in each column")
        _check(_rise_within(self.tokens, self.token_offsets), "tokens", "sorted and distinct")

    @classmethod
    def of(cls, persons: Sequence[EncodedPerson], key_id: str | None = None) -> EncodedPersons:
        """Return the columns of persons that are encoded under one key.

        Parameters
        ----------
        persons : sequence of EncodedPerson
            One or more.
        key_id : str, optional
            The key; None: the first of the first person.

        Raises
        ------
        ComparisonMismatch
            ``other_encoding``: other parameters or filters of another length; ``other_key``: not
            encoded under that key.
        InvalidInput
            ``bad_encoding``: nobody.

        Examples
        --------
        >>> names = Pseudonyms("00112233aabbccdd", (bytes(128), bytes(128)), (7, 9))
        >>> EncodedPersons.of([EncodedPerson("0" * 64, (names,))]).name_offsets
        array([0, 2])
        """
        _check(len(persons) > 0, "persons", "one or more")
        first = persons[0]
        key_id = first.pseudonyms[0].key_id if key_id is None else key_id
        width = len(first.pseudonyms[0].filters[0])
        found = [_under(p, i, first.parameters, key_id, width) for i, p in enumerate(persons)]
        rows = b"".join(f for pseudonyms in found for f in pseudonyms.filters)
        return cls(
            first.parameters,
            key_id,
            np.frombuffer(rows, np.uint8).reshape(-1, width),
            offsets_of([len(pseudonyms.filters) for pseudonyms in found]).astype(np.int64),
            np.array([token for pseudonyms in found for token in pseudonyms.tokens], np.uint32),
            offsets_of([len(pseudonyms.tokens) for pseudonyms in found]).astype(np.int64),
            ClearFields.of(persons),
            np.array([p.has_first for p in persons], np.bool_),
            np.array([p.has_family for p in persons], np.bool_),
        )

    def __len__(self) -> int:
        return len(self.name_offsets) - 1

    def _item_at(self, i: int) -> EncodedPerson:
        names = self.filters[self.name_offsets[i] : self.name_offsets[i + 1]]
        tokens = self.tokens[self.token_offsets[i] : self.token_offsets[i + 1]]
        pseudonyms = Pseudonyms(
            self.key_id, tuple(name.tobytes() for name in names), tuple(tokens.tolist())
        )
        birth_date, gender, country, nationalities = self.clear.at(i)
        return EncodedPerson(
            self.parameters,
            (pseudonyms,),
            birth_date,
            country,
            nationalities,
            gender,
            bool(self.has_first[i]),
            bool(self.has_family[i]),
        )

    def __repr__(self) -> str:
        return f"<EncodedPersons: {len(self)} under key {self.key_id}>"


def _under(
    person: EncodedPerson, index: int, parameters: str, key_id: str, width: int
) -> Pseudonyms:
    if person.parameters != parameters or len(person.pseudonyms[0].filters[0]) != width:
        raise ComparisonMismatch(
            "encoded with other parameters", code="other_encoding", field="parameters", index=index
        )
    pseudonyms = person.under(key_id)
    if pseudonyms is None:
        raise ComparisonMismatch(
            "not encoded under this key", code="other_key", field="key_id", index=index
        )
    return pseudonyms


def _divide(offsets: NDArray[np.int64], n: int, least: int) -> bool:
    """Tell whether offsets divide n entries into parts of that many or more."""
    ends = len(offsets) > 0 and offsets[0] == 0 and offsets[-1] == n
    return bool(ends and (np.diff(offsets) >= least).all())


def _rise_within(tokens: NDArray[np.uint32], offsets: NDArray[np.int64]) -> bool:
    rises = tokens[1:] > tokens[:-1]
    begins = offsets[(offsets > 0) & (offsets < len(tokens))]
    rises[begins - 1] = True
    return bool(rises.all())


def _written(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and pattern.fullmatch(text) is not None


def _check(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise InvalidInput(
            "not the encoding of a person", code="bad_encoding", field=name, rule=rule
        )
