"""Shared parts of the readers: from bytes to profiles and problems.

A reader raises only if a file as a whole does not have the expected format. Everything else that it
leaves out or refuses is listed in ``ProfileFile.problems``, so that nothing is skipped silently.
"""

from __future__ import annotations

import codecs
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import BinaryIO

from prum_match.dna.profiles.loci import ignored_marker, locus
from prum_match.dna.profiles.normalise import check_single_allele
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.errors import InvalidInput

Source = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the content of a file, or a file opened in binary mode."""

_REFERENCE_ID = re.compile(r"[\x20-\x7e]{1,64}", re.ASCII)
# Longest text of a header cell in a problem; without a header, a cell may hold anything.
_FIELD_LENGTH = 64


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something in a file that was refused or left out.

    Attributes
    ----------
    line : int or None
        Line of the file, counted from 1; ``None`` for the whole file.
    reference_id : str or None
        The profile concerned.
    field : str or None
        The locus or column concerned.
    code : str
        Stable name of the problem, for example ``"mixture"`` or ``"ignored_column"``.
    message : str
        The problem in words, without the value.
    refused : bool
        Whether the profile was refused because of it.
    value : object
        The offending value; kept out of ``repr``.

    Examples
    --------
    >>> problem = ImportProblem(3, "A-17", "FGA", "mixture", "...", True, "9,3")
    >>> problem.code, problem.refused, "9,3" in repr(problem)
    ('mixture', True, False)
    """

    line: int | None
    reference_id: str | None
    field: str | None
    code: str
    message: str
    refused: bool = False
    value: object = dataclass_field(default=None, repr=False, compare=False)


KEYS = ("subject_id", "label", "expires")
"""What a file can say of a reference besides its profile."""


@dataclass(frozen=True, slots=True)
class ProfileFile:
    r"""The content of a file.

    Attributes
    ----------
    reference_ids : tuple of str
        The keys of the profiles, in the order of the file.
    profiles : tuple of Profile
        The profiles, in the same order.
    problems : tuple of ImportProblem
        Everything that was refused or left out. Conversions of a profile that was read are in its
        ``Profile.notes``.
    keys : tuple of Mapping of str to object
        For each profile what the file says of its ``subject_id``, ``label`` and ``expires``: text
        as in the file, in JSON Lines any value; only those names that it has.

    Examples
    --------
    >>> from prum_match.dna import read_csv
    >>> file = read_csv(b"sample,FGA_1,FGA_2\nA-17,21,24\n")
    >>> len(file), file.reference_ids
    (1, ('A-17',))
    """

    reference_ids: tuple[str, ...]
    profiles: tuple[Profile, ...]
    problems: tuple[ImportProblem, ...]
    keys: tuple[Mapping[str, object], ...] = ()

    def __len__(self) -> int:
        return len(self.profiles)

    def __repr__(self) -> str:
        return f"<ProfileFile: {len(self.profiles)} profiles, {len(self.problems)} problems>"


class Collector:
    """Gathers the profiles and the problems of one file."""

    def __init__(self, kind: Kind | str, single_allele: str | None) -> None:
        self._kind = Kind.parse(kind)
        if single_allele is not None:
            check_single_allele(single_allele)
        self._single_allele = single_allele
        self._profiles: dict[str, Profile] = {}
        self._keys: dict[str, Mapping[str, object]] = {}
        self._seen: set[str] = set()
        self._problems: list[ImportProblem] = []

    def problem(
        self,
        line: int | None,
        reference_id: str | None,
        field: str | None,
        code: str,
        message: str,
        *,
        refused: bool = False,
        value: object = None,
    ) -> None:
        """Record a problem."""
        shown = None if field is None else field[:_FIELD_LENGTH]
        self._problems.append(
            ImportProblem(line, reference_id, shown, code, message, refused, value)
        )

    def usable_id(self, line: int | None, text: str) -> str | None:
        """Return the reference id in a text, or record why it is invalid."""
        reference_id = text.strip()
        if not reference_id:
            message = "the profile has no reference id"
            self.problem(line, None, None, "missing_id", message, refused=True)
            return None
        if not _REFERENCE_ID.fullmatch(reference_id):
            message = "a reference id is 1 to 64 printable ASCII characters"
            self.problem(
                line, None, None, "bad_reference_id", message, refused=True, value=reference_id
            )
            return None
        return reference_id

    def known_locus(self, line: int, reference_id: str | None, name: str) -> str | None:
        """Return the canonical name of a locus, or report that the locus is not read."""
        try:
            return locus(name).name
        except InvalidInput as error:
            message = "the locus is not read"
            self.problem(line, reference_id, name, error.code, message, value=name)
            return None

    def add(
        self,
        line: int | None,
        reference_id: str,
        loci: Mapping[str, Sequence[str]],
        *,
        kind: Kind | str | None = None,
        single_allele: str | None = None,
        mixed: bool = False,
        lines: Mapping[str, int] | None = None,
        keys: Mapping[str, object] | None = None,
    ) -> None:
        """Make a profile, or record why it is refused; ``lines`` has the line of each locus."""
        if reference_id in self._seen:
            message = "the reference id occurred before in this file; the first one was kept"
            self.problem(line, reference_id, None, "duplicate_reference", message, refused=True)
            return
        self._seen.add(reference_id)
        try:
            self._profiles[reference_id] = Profile(
                loci,
                kind=kind or self._kind,
                single_allele=single_allele or self._single_allele,
                mixed=mixed,
            )
            self._keys[reference_id] = keys or {}
        except InvalidInput as error:
            where = (lines or {}).get(error.field or "", line)
            self.refuse(where, reference_id, error)

    def refuse(self, line: int | None, reference_id: str, error: InvalidInput) -> None:
        """Record the error for which a profile is refused."""
        self.problem(
            line,
            reference_id,
            error.field,
            error.code,
            str(error.args[0]),
            refused=True,
            value=error.value,
        )

    def finish(self) -> ProfileFile:
        """Return the profiles and problems."""
        return ProfileFile(
            tuple(self._profiles),
            tuple(self._profiles.values()),
            tuple(self._problems),
            tuple(self._keys.values()),
        )


@dataclass(slots=True)
class PartialProfile:
    """A profile while its loci are read one after the other."""

    line: int
    reference_id: str = ""
    loci: dict[str, Sequence[str]] = dataclass_field(default_factory=dict)
    lines: dict[str, int] = dataclass_field(default_factory=dict)

    def add_locus(self, line: int, name: str, values: Sequence[str], collector: Collector) -> None:
        """Add the values of a locus; two readings of it must agree."""
        if ignored_marker(name):
            self.loci[name] = ()
            return
        reference_id = self.reference_id or None
        key = collector.known_locus(line, reference_id, name)
        if key is None:
            return
        before = self.loci.get(key)
        if before is None:
            self.loci[key], self.lines[key] = values, line
        elif Counter(filter(None, before)) == Counter(filter(None, values)):
            message = "the locus is given twice with the same values"
            collector.problem(line, reference_id, key, "repeated_marker", message)
        else:
            raise InvalidInput(
                "the locus is given twice with different values", code="duplicate_locus", field=key
            )


def read_bytes(source: Source, max_bytes: int) -> bytes:
    """Return the content of a source."""
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, str | os.PathLike):
        with open(source, "rb") as file:
            data = file.read(max_bytes + 1)
    elif hasattr(source, "read"):
        data = source.read(max_bytes + 1)
    else:
        data = None
    if not isinstance(data, bytes):
        raise InvalidInput(
            "a source is a path, bytes or a file opened in binary mode",
            code="bad_source",
            field="source",
        )
    if len(data) > max_bytes:
        raise InvalidInput(
            "the file is larger than max_bytes allows", code="too_large", field="max_bytes"
        )
    if not data.strip():
        raise InvalidInput("the file is empty", code="empty_file", field="source")
    return data


def read_text(source: Source, max_bytes: int, collector: Collector) -> str:
    r"""Return the text of a source: UTF-8, UTF-16 with a mark, otherwise Latin-1 with a problem."""
    data = read_bytes(source, max_bytes)
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "the file is not valid UTF-8 and was read as Latin-1"
        collector.problem(None, None, None, "encoding", message)
        return data.decode("latin-1")
