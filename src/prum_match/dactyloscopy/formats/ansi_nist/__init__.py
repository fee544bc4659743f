"""Transactions of ANSI/NIST-ITL in the traditional encoding: the files that AFIS exchange.

:func:`decode` reads one, :func:`encode` writes one, :func:`build` makes one from templates. Records
and fields that are not about minutiae are kept as they are; images are never opened.

Read in drafts of ANSI/NIST-ITL 1-2011 and its Update 2013 and in NIST's public-domain programs;
what is from memory says so where it stands. The minutiae are in three blocks of Type-9 fields, each
with a module: :mod:`~prum_match.dactyloscopy.formats.ansi_nist.incits`,
:mod:`~prum_match.dactyloscopy.formats.ansi_nist.efs`,
:mod:`~prum_match.dactyloscopy.formats.ansi_nist.legacy`.
"""

from __future__ import annotations

from prum_match.dactyloscopy.formats.ansi_nist.items import Frame
from prum_match.dactyloscopy.formats.ansi_nist.reading import (
    MAX_BYTES,
    MAX_FIELDS,
    MAX_RECORDS,
    decode,
    recognises,
)
from prum_match.dactyloscopy.formats.ansi_nist.records import (
    BinaryRecord,
    Field,
    Record,
    TaggedRecord,
)
from prum_match.dactyloscopy.formats.ansi_nist.transaction import Transaction
from prum_match.dactyloscopy.formats.ansi_nist.writing import (
    TRANSACTION_TYPES,
    build,
    encode,
    record_of,
)

__all__ = [
    "MAX_BYTES",
    "MAX_FIELDS",
    "MAX_RECORDS",
    "TRANSACTION_TYPES",
    "BinaryRecord",
    "Field",
    "Frame",
    "Record",
    "TaggedRecord",
    "Transaction",
    "build",
    "decode",
    "encode",
    "recognises",
    "record_of",
]
