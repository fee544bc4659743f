"""Profiles from CODIS import files, Common Message Format 3.x (XML).

The parser is expat, fed in pieces. A document type declaration ends the reading at once, so the
only entities are the five of XML itself, and nothing can be fetched or expanded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import NamedTuple
from xml.parsers import expat

from prum_match.dna.formats.reading import (
    Collector,
    PartialProfile,
    ProfileFile,
    Source,
    read_bytes,
)
from prum_match.dna.profiles.profile import Kind
from prum_match.errors import InvalidInput
from prum_match.values.packagedata import package_rows

_ROOT = "CODISImportFile"
_SPECIMEN = (_ROOT, "SPECIMEN")
_LOCUS = (*_SPECIMEN, "LOCUS")
_ALLELE = (*_LOCUS, "ALLELE")
_VALUE = (*_ALLELE, "ALLELEVALUE")
_TEXTS = frozenset(
    {
        (_ROOT, "HEADERVERSION"),
        (_ROOT, "MESSAGETYPE"),
        (*_SPECIMEN, "SPECIMENID"),
        (*_SPECIMEN, "SPECIMENCATEGORY"),
        (*_LOCUS, "LOCUSNAME"),
        _VALUE,
    }
)
# Names of people and laboratories are not needed for comparisons and are not read.
_UNUSED = frozenset(
    {
        *((_ROOT, name) for name in ("DESTINATIONORI", "SOURCELAB")),
        *((_ROOT, name) for name in ("SUBMITBYUSERID", "SUBMITDATETIME", "BATCHID", "KIT")),
        *((*_SPECIMEN, name) for name in ("SPECIMENCOMMENT", "TISSUETYPE", "TISSUEFORM")),
        *((*_LOCUS, name) for name in ("READINGBY", "READINGDATETIME", "BATCHID", "KIT")),
    }
)
_CHUNK = 1 << 16
_LONGEST_TEXT = 4096
_MOST_IGNORED = 100


class CodisCategory(NamedTuple):
    """Meaning of a specimen category of CODIS.

    Attributes
    ----------
    kind : Kind
        Reference for an identified person, otherwise stain.
    mixed : bool
        Whether the category says that the profile is a mixture.
    """

    kind: Kind
    mixed: bool


@cache
def codis_categories() -> Mapping[str, CodisCategory]:
    """Return the built-in meaning of specimen categories, by their folded names.

    The table is data of the package (``data/codis_categories.csv``, each row with its source). A
    host passes ``{**codis_categories(), ...}`` to :func:`read_codis` to change or extend it.

    Examples
    --------
    >>> codis_categories()["convicted offender"].kind.value
    'reference'
    """
    return MappingProxyType(
        {
            _fold(row["category"]): CodisCategory(Kind.parse(row["kind"]), row["mixed"] == "yes")
            for row in package_rows("prum_match.dna", "codis_categories.csv")
        }
    )


def read_codis(
    source: Source,
    *,
    kind: Kind | str | None = None,
    single_allele: str | None = None,
    categories: Mapping[str, CodisCategory] | None = None,
    max_bytes: int = 1 << 26,
    max_depth: int = 16,
    max_elements: int = 10_000_000,
) -> ProfileFile:
    """Read the specimens of a CODIS import file.

    Parameters
    ----------
    source : path, bytes or binary file
        The XML document.
    kind : Kind or str, optional
        Kind of the specimens whose category is missing or unknown; without it they are refused.
    single_allele : {"homozygote", "wildcard", "drop"}, optional
        Meaning of a single value; by default as for :class:`~prum_match.dna.Profile`.
    categories : Mapping of str to CodisCategory, optional
        Meaning of the specimen categories, by default :func:`codis_categories`.
    max_bytes, max_depth, max_elements : int
        Bounds of the document.

    Returns
    -------
    ProfileFile
        Profiles, and problems with the codes of :class:`~prum_match.dna.Profile` and
        ``"missing_id"``, ``"bad_reference_id"``, ``"duplicate_reference"``, ``"unknown_category"``,
        ``"repeated_marker"``, ``"missing_locus_name"``, ``"bad_element"``,
        ``"unknown_version"``, ``"ignored_element"``.

    Raises
    ------
    InvalidInput
        Code ``"bad_xml"`` if the document is not well-formed, ``"doctype"`` if it declares a
        document type, ``"bad_root"``, ``"bad_message_type"`` if it is not an import message,
        ``"too_deep"``, ``"too_many_elements"``, ``"too_large"``, ``"empty_file"``,
        ``"bad_source"``, ``"bad_kind"``, ``"bad_option"``.

    Examples
    --------
    >>> document = b'''<CODISImportFile xmlns="urn:CODISImportFile-schema">
    ... <HEADERVERSION>3.2</HEADERVERSION><MESSAGETYPE>Import</MESSAGETYPE>
    ... <SPECIMEN><SPECIMENID>S-1</SPECIMENID>
    ... <SPECIMENCATEGORY>Forensic, Unknown</SPECIMENCATEGORY>
    ... <LOCUS><LOCUSNAME>TH01</LOCUSNAME><ALLELE><ALLELEVALUE>6</ALLELEVALUE></ALLELE></LOCUS>
    ... </SPECIMEN></CODISImportFile>'''
    >>> read_codis(document).profiles[0].pairs["TH01"]
    (24, 65535)
    """
    collector = Collector(Kind.REFERENCE if kind is None else kind, single_allele)
    data = read_bytes(source, max_bytes)
    fallback = None if kind is None else CodisCategory(Kind.parse(kind), False)
    known = codis_categories() if categories is None else categories
    handler = _Handler(
        collector,
        {_fold(name): category for name, category in known.items()},
        fallback,
        max_depth,
        max_elements,
    )
    handler.read(data)
    return collector.finish()


@dataclass(slots=True)
class _Specimen(PartialProfile):
    """A specimen while it is being read."""

    category: str = ""
    errors: list[InvalidInput] = field(default_factory=list)


class _Handler:
    """Follows the elements of one document."""

    def __init__(
        self,
        collector: Collector,
        categories: Mapping[str, CodisCategory],
        fallback: CodisCategory | None,
        max_depth: int,
        max_elements: int,
    ) -> None:
        self._collector = collector
        self._categories = categories
        self._fallback = fallback
        self._max_depth = max_depth
        self._max_elements = max_elements
        self._elements = 0
        self._path: list[str] = []
        self._namespace = ""
        self._skipped_from = 0
        self._ignored: set[tuple[str, ...]] = set()
        self._text: list[str] | None = None
        self._length = 0
        self._message_type = ""
        self._specimen: _Specimen | None = None
        self._locus_name = ""
        self._alleles: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, data: bytes) -> None:
        """Parse a whole document."""
        try:
            for start in range(0, len(data), _CHUNK):
                self._parser.Parse(data[start : start + _CHUNK], False)
            self._parser.Parse(b"", True)
        except InvalidInput:
            raise
        except (expat.ExpatError, ValueError, LookupError):
            # ValueError and LookupError: the document declares an unknown encoding.
            raise InvalidInput(
                f"line {self._line} is not well-formed XML", code="bad_xml", field="source"
            ) from None
        if _fold(self._message_type) != "import":
            raise InvalidInput(
                "the document is not an import message",
                code="bad_message_type",
                field="MESSAGETYPE",
                value=self._message_type,
            )

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber

    def _doctype(self, *_: object) -> None:
        raise InvalidInput(
            "the document declares a document type, which is not allowed",
            code="doctype",
            field="source",
        )

    def _start(self, name: str, attributes: object) -> None:
        self._elements += 1
        if self._elements > self._max_elements:
            raise InvalidInput(
                "the document has more elements than max_elements allows",
                code="too_many_elements",
                field="max_elements",
            )
        if len(self._path) >= self._max_depth:
            raise InvalidInput(
                "the document is nested deeper than max_depth allows",
                code="too_deep",
                field="max_depth",
            )
        namespace, _, local = name.rpartition(" ")
        if not self._path:
            if local != _ROOT:
                raise InvalidInput(
                    "the document is not a CODIS import file", code="bad_root", field="source"
                )
            self._namespace = namespace
        self._path.append(local if namespace == self._namespace else name)
        if self._skipped_from:
            return
        if self._text is not None:
            self._malformed("an element that holds text holds another element", self._path[-2])
        self._text = None
        path = tuple(self._path)
        if path == _SPECIMEN:
            self._specimen = _Specimen(self._line)
        elif path == _LOCUS:
            self._locus_name, self._alleles = "", []
        elif path in _TEXTS:
            self._text, self._length = [], 0
        elif path not in ((_ROOT,), _ALLELE):
            self._skipped_from = len(path)
            if path not in _UNUSED:
                self._report_ignored(path)

    def _report_ignored(self, path: tuple[str, ...]) -> None:
        """Report an unknown element once, and no more of them than a reader would read."""
        if path in self._ignored or len(self._ignored) >= _MOST_IGNORED:
            return
        self._ignored.add(path)
        message = "the element is not read"
        if len(self._ignored) == _MOST_IGNORED:
            message = "the element is not read, nor are others that are no longer listed"
        self._collector.problem(self._line, None, path[-1], "ignored_element", message)

    def _malformed(self, message: str, element: str) -> None:
        """Record that the current specimen cannot be trusted."""
        if self._specimen is not None:
            self._specimen.errors.append(InvalidInput(message, code="bad_element", field=element))

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._length += len(text)
            if self._length <= _LONGEST_TEXT:
                self._text.append(text)

    def _end(self, name: str) -> None:
        depth = len(self._path)
        if self._skipped_from:
            self._path.pop()
            if depth == self._skipped_from:
                self._skipped_from = 0
            return
        path = tuple(self._path)
        self._path.pop()
        if self._text is not None:
            if self._length > _LONGEST_TEXT:
                self._malformed("the text of an element is too long", path[-1])
            self._store(path[-1], "".join(self._text).strip())
        self._text = None
        if path == _LOCUS:
            self._finish_locus()
        elif path == _SPECIMEN:
            self._finish_specimen()

    def _store(self, element: str, text: str) -> None:
        """Keep the text of an element that is read."""
        specimen = self._specimen
        if element == "HEADERVERSION":
            if not text.startswith("3."):
                message = "the message format is not 3.x; it was read as if it were"
                self._collector.problem(
                    self._line, None, element, "unknown_version", message, value=text
                )
        elif element == "MESSAGETYPE":
            self._message_type = "repeated" if self._message_type else text
        elif specimen is None:
            return
        elif element == "ALLELEVALUE":
            self._alleles += [text] if text else []
        elif element == "LOCUSNAME":
            if self._locus_name:
                self._malformed("the element occurs twice", element)
            self._locus_name = text
        elif element == "SPECIMENID":
            if specimen.reference_id:
                self._malformed("the element occurs twice", element)
            specimen.reference_id = text
        else:
            if specimen.category:
                self._malformed("the element occurs twice", element)
            specimen.category = text

    def _finish_locus(self) -> None:
        """Add a locus to its specimen, or keep the error for which the specimen is refused."""
        specimen = self._specimen
        if specimen is None:
            return
        try:
            if not self._locus_name:
                raise InvalidInput(
                    "a locus has no name", code="missing_locus_name", field="LOCUSNAME"
                )
            specimen.add_locus(self._line, self._locus_name, self._alleles, self._collector)
        except InvalidInput as error:
            specimen.errors.append(error)

    def _finish_specimen(self) -> None:
        """Hand a specimen over, or record why it is refused."""
        specimen, self._specimen = self._specimen, None
        if specimen is None:
            return
        reference_id = self._collector.usable_id(specimen.line, specimen.reference_id)
        if reference_id is None:
            return
        category = self._categories.get(_fold(specimen.category), self._fallback)
        if category is None:
            specimen.errors.append(
                InvalidInput(
                    "the specimen category is not known",
                    code="unknown_category",
                    field="SPECIMENCATEGORY",
                    value=specimen.category,
                )
            )
        for error in specimen.errors:
            self._collector.refuse(specimen.line, reference_id, error)
        if category is not None and not specimen.errors:
            self._collector.add(
                specimen.line,
                reference_id,
                specimen.loci,
                kind=category.kind,
                mixed=category.mixed,
                lines=specimen.lines,
            )


def _fold(text: str) -> str:
    """Return a category without differences of case, commas and spaces."""
    return " ".join(text.replace(",", " ").lower().split())
