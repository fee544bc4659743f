"""Decoder of all editions: bounded reading, faults, minutiae, extended data."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.formats.records.record import (
    RIDGE_COUNTS,
    Edition,
    ExtendedData,
    FingerQuality,
    Record,
    View,
)
from prum_match.dactyloscopy.positions import UNKNOWN_FINGER, UNKNOWN_IMPRESSION
from prum_match.dactyloscopy.template import MAX_UNITS, OTHER, UNITS_PER_INCH, Template
from prum_match.errors import InvalidInput

FORMAT = b"FMR\0"
CM_PER_INCH = 2.54
HEADER, VIEW, MINUTIAE, EXTENDED = "record header", "view header", "minutiae data", "extended data"

Flags = NDArray[np.bool_]

_PLACE = (("x", ">u2"), ("y", ">u2"), ("angle", "u1"))
_MINUTIA = {5: np.dtype(list(_PLACE)), 6: np.dtype([*_PLACE, ("quality", "u1")])}
_RESERVED_TYPE = 3
_BEST = 100
MAX_SIZE = 65535
_LAST_VIEW = 15
# Type and length of a block of extended data.
_BLOCK_HEAD = 4
# Records have a few; a hostile one could have thousands a view.
_MOST_BLOCKS = 255


class Decoder:
    """Reads one record from front to back.

    Strict reading raises an error at the first fault. Lenient reading repairs faults where
    possible and lists a problem for each.
    """

    def __init__(self, data: bytes, edition: Edition, strict: bool) -> None:
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise InvalidInput("a record is bytes", code="bad_source", field="data")
        self.data = bytes(data)
        self.edition = edition
        self.problems = Problems(strict=strict)
        self.part = HEADER
        self.at = self._field_at = 0
        self._numbers: set[tuple[int, int]] = set()
        if self.data[:4] != FORMAT:
            raise self.error(
                "format identifier", "not a record of finger minutiae", code="not_a_record"
            )
        self.at = 4
        version = self.take(4, "version number")
        if version not in (edition.version, *edition.other_versions):
            raise self.error("version number", "another edition", code="bad_version", value=version)
        if version != edition.version:
            message = "not spelled as in the edition"
            self.fault("version number", message, code="bad_version", value=version)

    def begin(self, view: int) -> None:
        """Go on with the header of a view."""
        self.problems.index, self.part = view, VIEW

    def error(self, name: str, message: str, *, code: str, value: object = None) -> InvalidInput:
        """Return the error for a field of the part that is being read."""
        return InvalidInput(
            f"{name}: {message}",
            code=code,
            index=self.problems.index,
            field=name,
            rule=self.edition.rule(self.part),
            value=value,
        )

    def fault(
        self,
        name: str,
        message: str,
        *,
        code: str,
        repair: str = "",
        minutia: int | None = None,
        offset: int | None = None,
        value: object = None,
    ) -> None:
        """Raise in strict reading; otherwise list a problem with its repair."""
        self.problems.add(
            f"{name}: {message}",
            code=code,
            field=name,
            repair=repair,
            minutia=minutia,
            offset=self._field_at if offset is None else offset,
            rule=self.edition.rule(self.part),
            value=value,
        )

    def note(self, name: str, message: str, *, code: str, value: object = None) -> None:
        """List a note about content that the template holds differently."""
        self.problems.note(
            f"{name}: {message}", code=code, field=name, offset=self._field_at, value=value
        )

    def take(self, size: int, name: str) -> bytes:
        """Return the next bytes."""
        if size > len(self.data) - self.at:
            raise self.error(name, "the record ends before this field", code="truncated")
        self._field_at = self.at
        self.at += size
        return self.data[self._field_at : self.at]

    def number(self, size: int, name: str) -> int:
        """Return the next bytes as a whole number."""
        return int.from_bytes(self.take(size, name), "big")

    def length(self, size: int) -> int:
        """Return the length that the record states."""
        stated = self.number(size, "record length")
        if stated != len(self.data):
            self.fault("record length", "not the length of the data", code="bad_length")
        return stated

    def reserved(self) -> None:
        """Read a byte that has to be 0."""
        if value := self.number(1, "reserved byte"):
            self.fault("reserved byte", "not 0", code="reserved_bits", value=value)

    def size(self) -> tuple[int, int]:
        """Return width and height in pixels."""
        size = self.number(2, "image width"), self.number(2, "image height")
        if 0 in size:
            self.fault("image size", "not known", code="bad_size", value=size)
        return size

    def resolution(self) -> tuple[int, int]:
        """Return pixels a centimetre, horizontally and vertically."""
        resolution = self.number(2, "x resolution"), self.number(2, "y resolution")
        if not all(50 <= r * CM_PER_INCH <= 20000 for r in resolution):
            message = "not 20 to 7874 pixels a centimetre"
            raise self.error("resolution", message, code="bad_resolution", value=resolution)
        if resolution[0] != resolution[1]:
            message = "pixels are not square; y of the template is in pixels of x"
            self.note("y resolution", message, code="pixels_not_square", value=resolution)
        return resolution

    def views(self, size: int) -> range:
        """Return the indices of the views, whose number is read."""
        count = self.number(size, "number of views")
        if not count:
            self.fault("number of views", "no view", code="no_views")
        return range(count)

    def position(self) -> int:
        """Return the code of a finger position."""
        code = self.number(1, "finger position")
        if code not in self.edition.positions:
            message, repair = "not a code of this edition", "read as unknown"
            self.fault("finger position", message, code="bad_position", repair=repair, value=code)
        return code

    def impression(self, code: int) -> int:
        """Return the code of an impression type, which was just read."""
        if code not in self.edition.impressions:
            message, repair = "not a code of this edition", "read as unknown"
            self.fault("impression type", message, code="bad_impression", repair=repair, value=code)
        return code

    def view_number(self, position: int, number: int) -> int:
        """Return the number of a view, which was just read."""
        # Views of unknown fingers may be of several fingers.
        again = position != UNKNOWN_FINGER and (position, number) in self._numbers
        if again or number > _LAST_VIEW:
            message = "above 15, or twice for one finger"
            self.fault("view number", message, code="bad_view_number", value=number)
        self._numbers.add((position, number))
        return number

    def product(self) -> tuple[int, int]:
        """Return owner and type of the product that made the record."""
        return self.number(2, "CBEFF product owner"), self.number(2, "CBEFF product type")

    def quality(self, special: tuple[int, ...]) -> int:
        """Return the quality of a print: 0 to 100, or a special one."""
        score = self.number(1, "finger quality")
        if score > _BEST and score not in special:
            self.fault("finger quality", "not 0 to 100", code="bad_quality", value=score)
        return score

    def full_quality(self, special: tuple[int, ...]) -> FingerQuality:
        """Return the quality of a print with the algorithm that assessed it."""
        return FingerQuality(
            self.quality(special),
            self.number(2, "quality vendor"),
            self.number(2, "quality algorithm"),
        )

    def view(
        self,
        *,
        position: int,
        impression: int,
        size: tuple[int, int],
        resolution: tuple[int, int],
        last: bool,
        width: int = 6,
        **other_fields: Any,
    ) -> View:
        """Return a view with this header, whose minutiae and extended data come next."""
        template, recorded, dropped = self._minutiae(size, resolution, position, impression, width)
        return View(
            template=template,
            position=position,
            impression=impression,
            size=size,
            resolution=resolution,
            minutia_quality=recorded,
            extended=self._extended(dropped=dropped, last=last),
            **other_fields,
        )

    def _minutiae(
        self,
        size: tuple[int, int],
        resolution: tuple[int, int],
        position: int,
        impression: int,
        width: int,
    ) -> tuple[Template, bytes | None, int]:
        """Return a template, the recorded quality of its minutiae, and how many were dropped."""
        count = self.number(1, "number of minutiae")
        self.part = MINUTIAE
        rows = np.frombuffer(self.take(count * width, "minutiae"), _MINUTIA[width])
        start = self._field_at

        def faults(wrong: Flags, name: str, message: str, repair: str, code: str) -> None:
            for i in np.flatnonzero(wrong).tolist():
                at = start + i * width
                self.fault(name, message, code=code, repair=repair, minutia=i, offset=at)

        kind, x, y = rows["x"] >> 14, rows["x"] & 0x3FFF, rows["y"] & 0x3FFF
        faults(kind == _RESERVED_TYPE, "minutia type", "reserved", "read as other", "bad_type")
        faults(rows["y"] > 0x3FFF, "minutia y", "reserved bits are set", "ignored", "reserved_bits")
        angle = rows["angle"] * self.edition.angle_step
        faults(angle >= 360, "minutia angle", "360 degrees or more", "read as unknown", "bad_angle")
        quality, kept_quality = self._minutia_quality(rows, faults)
        ppi = resolution[0] * CM_PER_INCH
        scale = resolution[0] / resolution[1]
        height = math.ceil(size[1] * resolution[0] / resolution[1])
        if height > MAX_SIZE:
            raise self.error("image height", "too high in pixels of x", code="bad_size", value=size)
        most = (MAX_UNITS + 0.4) * ppi / UNITS_PER_INCH
        inside = (x < (size[0] or most)) & (y < (size[1] or most))
        inside &= (x <= most) & (y * scale <= most)
        faults(~inside, "minutia position", "outside the image", "dropped", "outside_image")
        template = Template(
            x=x[inside],
            y=y[inside] * scale,
            angle=np.where(angle < 360, angle, math.nan)[inside],
            type=np.where(kind == _RESERVED_TYPE, OTHER, kind)[inside],
            quality=quality[inside],
            width=size[0],
            height=height,
            ppi=ppi,
            position=position if position in self.edition.positions else UNKNOWN_FINGER,
            impression=self.edition.impressions.get(impression, UNKNOWN_IMPRESSION),
        )
        recorded = None if kept_quality is None else kept_quality[inside].tobytes()
        return template, recorded, count - len(template)

    def _minutia_quality(
        self, rows: NDArray[Any], faults: Callable[[Flags, str, str, str, str], None]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
        """Return qualities as a template has them, and as the record does."""
        unstated = self.edition.unstated_quality
        if "quality" not in (rows.dtype.names or ()):
            return np.zeros(len(rows), np.uint8), None
        recorded = rows["quality"]
        wrong = recorded > _BEST
        if unstated:
            special = recorded >= unstated
            wrong &= ~special
            if (special | (recorded == 0)).any():
                message = "0, 254 or 255 of a minutia; unstated in the template"
                self.note("minutia quality", message, code="quality_not_kept")
        faults(wrong, "minutia quality", "not 0 to 100", "read as unstated", "bad_quality")
        kept = np.where(wrong, np.uint8(unstated), recorded)
        return np.where(kept > _BEST, np.uint8(0), kept), kept

    def _extended(self, *, dropped: int, last: bool) -> tuple[ExtendedData, ...]:
        """Return the extended data of a view."""
        self.part = EXTENDED
        size = self.number(2, "extended data length")
        left = len(self.data) - self.at
        if size > left and last and not self.problems.strict:
            message = "longer than the rest of the record"
            repair = "taken to its end"
            self.fault("extended data length", message, code="bad_length", repair=repair)
            size = left
        area = self.take(size, "extended data")
        blocks = _blocks(area, 0)
        if blocks is None:
            blocks = _blocks(area, _BLOCK_HEAD) or ()
            message = "the lengths of the blocks do not fit, or more than 255"
            repair = "read as lengths without type and length" if blocks else "dropped"
            self.fault("extended data", message, code="bad_extended_data", repair=repair)
        if dropped and any(block.type == RIDGE_COUNTS for block in blocks):
            message = "they refer to minutiae by number, and some were dropped"
            self.fault("ridge counts", message, code="ridge_counts_dropped", repair="dropped")
            blocks = tuple(block for block in blocks if block.type != RIDGE_COUNTS)
        self.part = VIEW
        return blocks

    def record(self, views: tuple[View, ...], **header: Any) -> Record:
        """Return the record of these views, after which nothing may follow."""
        self._finish()
        return Record(
            self.edition.name,
            views,
            **header,
            problems=tuple(self.problems.found),
            notes=tuple(self.problems.notes),
        )

    def _finish(self) -> None:
        self.problems.index, self.part = None, HEADER
        if left := len(self.data) - self.at:
            self._field_at = self.at
            message = "bytes after the last view"
            self.fault("record", message, code="trailing_bytes", repair="dropped", value=left)


def _blocks(area: bytes, beside: int) -> tuple[ExtendedData, ...] | None:
    """Return the blocks of extended data, or None where their lengths do not fit."""
    blocks: list[ExtendedData] = []
    at = 0
    while at < len(area):
        kind, size = (int.from_bytes(area[i : i + 2], "big") for i in (at, at + 2))
        end = at + size + beside
        if end < at + _BLOCK_HEAD or end > len(area) or len(blocks) == _MOST_BLOCKS:
            return None
        blocks.append(ExtendedData(kind, area[at + _BLOCK_HEAD : end]))
        at = end
    return tuple(blocks)
