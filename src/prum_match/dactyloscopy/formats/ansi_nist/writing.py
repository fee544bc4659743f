"""Writing of transactions: from templates, and to bytes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from prum_match.dactyloscopy.formats.ansi_nist import efs, incits, legacy
from prum_match.dactyloscopy.formats.ansi_nist.minutiae import frames_of
from prum_match.dactyloscopy.formats.ansi_nist.records import Record, TaggedRecord
from prum_match.dactyloscopy.formats.ansi_nist.transaction import Transaction, assemble
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.formats.records.record import Record as MinutiaeRecord
from prum_match.dactyloscopy.template import Template
from prum_match.errors import InvalidInput
from prum_match.values.checks import one_of, whole_number

TRANSACTION_TYPES = MappingProxyType(
    {
        "CPS": "print against prints",
        "PMS": "print against latents",
        "MPS": "latent against prints",
        "MMS": "latent against latents",
        "SRE": "result",
        "ERR": "error",
    }
)
"""Types of transaction (1.004) of the Prüm decision 2008/616 and their meaning. From memory."""

# Decision 2008/616, annex, chapter 2: mandatory fields of the Type-2 record. From memory.
_SYSTEM, _CASE, _CASE_OF_PRINT, _RESULT, _ERROR, _CANDIDATES = 3, 7, 10, 64, 74, 320
_MANDATORY = {
    **dict.fromkeys(("CPS", "PMS"), (_SYSTEM, _CASE_OF_PRINT, _CANDIDATES)),
    **dict.fromkeys(("MPS", "MMS"), (_SYSTEM, _CASE, _CANDIDATES)),
    "SRE": (_SYSTEM, _RESULT),
    "ERR": (_SYSTEM, _ERROR),
}
_BLOCKS = {"incits": incits, "efs": efs, "legacy": legacy}
_SIZE_FIELDS = {"incits": "9.128", "efs": "9.300"}
# 9.004: S for the legacy fields, which alone are "standard"; U for all others.
_FORMATS = {"incits": "U", "efs": "U", "legacy": "S"}
_IMAGE_TYPES = (4, 13, 14, 15)
_MOST_IDC = 99
_TCN = re.compile(r"\d{2}\d{8}[A-Z]", re.ASCII)
_DOMAIN = "INT-I\x1f4.22"
# Agency and control number of a transaction that is kept and not sent.
_NOBODY, _NO_NUMBER = "UNKNOWN", "0000000000A"
_NO_CASE = dict.fromkeys((_SYSTEM, _CASE_OF_PRINT, _CANDIDATES), "0")
_TYPE_4_RESOLUTION, _NO_TYPE_4 = "19.69", "00.00"


def encode(source: Transaction | Sequence[Template]) -> bytes:
    r"""Return the bytes of a transaction.

    Records are written unchanged except for their lengths, which are corrected; records that were
    read without a problem are written byte for byte.

    Templates become a transaction for storage, without sender and receiver: a CPS from
    ``UNKNOWN`` to ``UNKNOWN`` with the control number ``0000000000A`` and the current time, with 0
    in the mandatory fields of its Type-2 record, and the minutiae in the fields of INCITS 378.
    Use :func:`build` for a transaction to send.

    Parameters
    ----------
    source : Transaction or sequence of Template
        A transaction; or templates, up to 99.

    Raises
    ------
    InvalidInput
        Codes ``"bad_template"``, ``"other_edition"``, and of templates those of :func:`build` and
        ``"size_needed"``.

    Examples
    --------
    >>> from prum_match.dactyloscopy.formats import ansi_nist
    >>> data = (b"1.001:105\x1d1.002:0300\x1d1.003:1\x1f0\x1d1.004:LFFS\x1d1.005:20050322\x1d"
    ...     b"1.007:A\x1d1.008:B\x1d1.009:1\x1d1.011:00.00\x1d1.012:00.00\x1c")
    >>> encode(ansi_nist.decode(data)) == data
    True
    """
    transaction = source if isinstance(source, Transaction) else _to_keep(source)
    return b"".join(record.to_bytes() for record in transaction.records)


def _to_keep(templates: Sequence[Template]) -> Transaction:
    """Return a transaction of templates for storage."""
    if isinstance(templates, MinutiaeRecord):
        message = "a record of another edition; pass its templates"
        raise InvalidInput(message, code="other_edition", field="source")
    if not isinstance(templates, Sequence):
        raise InvalidInput("not a sequence of templates", code="bad_template", field="source")
    made = build(
        templates,
        tot="CPS",
        tcn=_NO_NUMBER,
        origin=_NOBODY,
        destination=_NOBODY,
        moment=dt.datetime.now(dt.UTC),
        type2=_NO_CASE,
    )
    for index, template in enumerate(templates):
        if not _has_size(template):
            message = "the size of the image is needed, and the template does not have it"
            raise InvalidInput(
                message, code="size_needed", field=_SIZE_FIELDS["incits"], index=index
            )
    return made


def record_of(
    template: Template, *, idc: int, block: str = "incits", extra: Mapping[int, str] | None = None
) -> TaggedRecord:
    r"""Return the Type-9 record of a template.

    Parameters
    ----------
    template : Template
        The template.
    idc : int
        Number that the record shares with its image, 0 to 99.
    block : {"incits", "efs", "legacy"}
        Fields that hold the minutiae.
    extra : Mapping of int to str, optional
        Further fields of the record, by number.

    Examples
    --------
    >>> template = Template(x=[], y=[], angle=[], width=300, height=400, ppi=500, impression=1)
    >>> record_of(template, idc=1, block="efs").to_bytes()
    b'9.001:66\x1d9.002:01\x1d9.003:1\x1d9.004:U\x1d9.300:1524\x1f2032\x1d9.302:0\x1d9.334:Y\x1c'
    """
    one_of(block, "block", _BLOCKS, code="bad_option")
    whole_number(idc, "idc", least=0, most=_MOST_IDC, code="bad_idc")
    own: dict[int, str | bytes] = {
        2: f"{idc:02d}",
        3: str(template.impression),
        4: _FORMATS[block],
    }
    own |= {field.number: field.value for field in _BLOCKS[block].fields_of(template)}
    taken = own.keys() & (extra or {}).keys()
    if taken:
        raise InvalidInput(
            "the template already fills this field",
            code="duplicate_field",
            field=f"9.{min(taken):03d}",
        )
    return TaggedRecord.of(9, dict(sorted((own | dict(extra or {})).items())))


def build(
    templates: Iterable[Template],
    *,
    tot: str,
    tcn: str,
    origin: str,
    destination: str,
    moment: dt.datetime,
    type2: Mapping[int, str],
    block: str = "incits",
    images: Sequence[Record] = (),
    reply_to: str | None = None,
    priority: int = 4,
    version: str | None = None,
) -> Transaction:
    """Return a transaction of the Prüm decision with these templates.

    Parameters
    ----------
    templates : iterable of Template
        One Type-9 record each, with the IDC 1 and following; may be empty.
    tot : str
        Type of transaction, one of :data:`TRANSACTION_TYPES`.
    tcn : str
        Transaction control number: two digits of the year, eight digits, a letter. Only its shape
        is checked: the formula for the letter, as remembered, contradicts the decision's example.
    origin, destination : str
        Agencies (1.008, 1.007), for example ``"NL/NAFIS"``.
    moment : datetime.datetime
        When the transaction was made, with a time zone (1.005, 1.014).
    type2 : Mapping of int to str
        The fields of the Type-2 record by number, from 3 on. The decision's mandatory ones have to
        be there: 3 and 10 and 320 for CPS and PMS, 3 and 7 and 320 for MPS and MMS, 3 and 64 for
        SRE, 3 and 74 for ERR (from memory).
    block : {"incits", "efs", "legacy"}
        Fields that hold the minutiae.
    images : sequence of records, optional
        Records of types 4, 13, 14 and 15 that go with the templates. One with the IDC of a
        template has to be of its size.
    reply_to : str, optional
        Control number of the transaction that this one answers (1.010).
    priority : int, default 4
        1, the most urgent, to 9.
    version : str, optional
        Version of the standard (1.002), by default ``"0300"`` as in the decision, ``"0500"`` with
        the extended feature set.

    Returns
    -------
    Transaction
        Its templates are those that a reader will find. Notes list what the block cannot hold:
        ``"not_written"`` for qualities, ``"size_needed"`` for an unknown size.

    Raises
    ------
    InvalidInput
        Codes ``"bad_template"``, ``"bad_transaction_type"``, ``"bad_control_number"``,
        ``"bad_moment"``, ``"bad_priority"``, ``"bad_field"``, ``"missing_field"``,
        ``"bad_option"``, ``"bad_idc"``, ``"bad_record_type"``, ``"other_size"``, and those of the
        block.

    Examples
    --------
    >>> template = Template(x=[100], y=[50], angle=[90], width=300, height=400, ppi=500, position=2)
    >>> sent = build([template], tot="CPS", tcn="2600000004F", origin="NL/NAFIS",
    ...     destination="DE/BKA", moment=dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
    ...     type2={3: "0422", 10: "A-17", 320: "1"})
    >>> sent, sent[0] == template
    (<Transaction: 3 records, 1 templates, 0 problems>, True)
    """
    templates = tuple(templates)
    problems = Problems()
    minutiae = [_type9(template, idc, block) for idc, template in enumerate(templates, 1)]
    records = [_type2(tot, type2), *minutiae, *map(_image, images)]
    header = _type1(
        records,
        {
            2: version or ("0500" if block == "efs" else "0300"),
            4: one_of(tot, "tot", TRANSACTION_TYPES, code="bad_transaction_type"),
            5: f"{_moment(moment):%Y%m%d}",
            6: str(whole_number(priority, "priority", least=1, most=9, code="bad_priority")),
            7: _agency(destination, "destination"),
            8: _agency(origin, "origin"),
            9: _control_number(tcn, "tcn"),
            **({} if reply_to is None else {10: _control_number(reply_to, "reply_to")}),
            14: f"{moment.astimezone(dt.UTC):%Y%m%d%H%M%SZ}",
        },
    )
    _compare_sizes(templates, [header, *images])
    _note_what_is_lost(templates, block, problems)
    return assemble([header, *records], problems)


def _type1(records: Sequence[Record], values: dict[int, str]) -> TaggedRecord:
    contents = [f"1\x1f{len(records)}"]
    contents += [f"{record.type}\x1f{record.idc or 0:02d}" for record in records]
    resolution = _TYPE_4_RESOLUTION if any(record.type == 4 for record in records) else _NO_TYPE_4
    values |= {3: "\x1e".join(contents), 11: resolution, 12: resolution, 13: _DOMAIN}
    return TaggedRecord.of(1, dict(sorted(values.items())))


def _type2(tot: str, fields: Mapping[int, str]) -> TaggedRecord:
    for number in _MANDATORY.get(tot, ()):
        if not fields.get(number):
            raise InvalidInput(
                "the Type-2 record of this transaction needs the field",
                code="missing_field",
                field=f"2.{number:03d}",
                rule="Decision 2008/616, annex, chapter 2 (from memory)",
            )
    if not all(isinstance(number, int) and number > 2 for number in fields):
        raise InvalidInput(
            "fields of type2 have numbers from 3 on", code="bad_field", field="type2"
        )
    return TaggedRecord.of(2, {2: "00", **dict(sorted(fields.items()))})


def _type9(template: Template, idc: int, block: str) -> TaggedRecord:
    if not isinstance(template, Template):
        raise InvalidInput("not a template", code="bad_template", field="templates", index=idc - 1)
    try:
        return record_of(template, idc=idc, block=block)
    except InvalidInput as error:
        raise error.at(idc - 1) from None


def _image(record: Record) -> Record:
    if record.type not in _IMAGE_TYPES:
        raise InvalidInput(
            "an image is a record of type 4, 13, 14 or 15", code="bad_record_type", field="images"
        )
    if record.idc is None:
        raise InvalidInput("images need an IDC", code="missing_field", field=f"{record.type}.002")
    return record


def _compare_sizes(templates: Sequence[Template], images: Sequence[Record]) -> None:
    """Refuse an image of another size: readers would measure positions from another edge."""
    frames = frames_of(images, Problems())
    for index, template in enumerate(templates):
        frame = frames.get(index + 1)
        if frame is None or not _has_size(template):
            continue
        scale = frame.ppi / template.ppi
        across, down = frame.width - template.width * scale, frame.height - template.height * scale
        if max(abs(across), abs(down)) > max(scale, 1):
            raise InvalidInput(
                "the image with this IDC and the template differ in size",
                code="other_size",
                field="images",
                index=index,
            )


def _note_what_is_lost(templates: Sequence[Template], block: str, problems: Problems) -> None:
    for index, template in enumerate(templates):
        problems.index = index + 2
        if block == "efs" and template.quality.any():
            problems.note("EFS has no quality", code="not_written", field=efs.FIELD)
        if block in _SIZE_FIELDS and not _has_size(template):
            message = "the size is unknown; the smallest that holds the minutiae was written"
            problems.note(message, code="size_needed", field=_SIZE_FIELDS[block])


def _has_size(template: Template) -> bool:
    return bool(template.width and template.height)


def _control_number(number: str, field: str) -> str:
    if not isinstance(number, str) or not _TCN.fullmatch(number):
        raise InvalidInput(
            "a control number is ten digits and a capital letter",
            code="bad_control_number",
            field=field,
            value=number,
        )
    return number


def _moment(moment: dt.datetime) -> dt.datetime:
    if not isinstance(moment, dt.datetime) or moment.utcoffset() is None:
        raise InvalidInput(
            "a moment is a datetime with a time zone",
            code="bad_moment",
            field="moment",
            value=moment,
        )
    return moment


def _agency(name: str, field: str) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[!-~]{1,35}", name):
        raise InvalidInput(
            "an agency is 1 to 35 printable ASCII characters",
            code="bad_field",
            field=field,
            value=name,
        )
    return name
