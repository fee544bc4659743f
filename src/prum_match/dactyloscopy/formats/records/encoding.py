"""Encoder of all editions: bounded writing, views of templates, minutiae."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy.formats.records.decoding import (
    CM_PER_INCH,
    FORMAT,
    HEADER,
    MINUTIAE,
    VIEW,
)
from prum_match.dactyloscopy.formats.records.record import (
    VENDOR_UNKNOWN,
    Edition,
    FingerQuality,
    Record,
    View,
)
from prum_match.dactyloscopy.positions import UNKNOWN_IMPRESSION
from prum_match.dactyloscopy.template import Template
from prum_match.errors import InvalidInput

_MOST_MINUTIAE = 255
_MOST_COORDINATE = 0x3FFF
_MOST_VIEWS = 16
_UNSTATED = 254


class Encoder:
    """Writes one record from front to back."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.view: int | None = None
        self.part = HEADER
        self._parts = bytearray()

    def error(self, name: str, message: str, *, code: str, value: object = None) -> InvalidInput:
        """Return the error for a field of the part that is being written."""
        return InvalidInput(
            f"{name}: {message}",
            code=code,
            index=self.view,
            field=name,
            rule=self.edition.rule(self.part),
            value=value,
        )

    def whole(self, value: int, bits: int, name: str) -> int:
        """Return the value if it is a whole number of so many bits."""
        if not isinstance(value, int) or not 0 <= value < 1 << bits:
            message = f"not a whole number of {bits} bits"
            raise self.error(name, message, code="bad_field", value=value)
        return value

    def number(self, value: int, size: int, name: str) -> None:
        """Write a whole number of so many bytes."""
        self._parts += self.whole(value, 8 * size, name).to_bytes(size, "big")

    def enclose(self, other: Encoder, length_bytes: int) -> None:
        """Write what another encoder has written, after the length of both."""
        self.number(length_bytes + len(other._parts), length_bytes, "representation length")
        self._parts += other._parts

    def length(self, length_bytes: int) -> int:
        """Return the length of the record, whose length has that many bytes."""
        return len(FORMAT) + len(self.edition.version) + length_bytes + len(self._parts)

    def finish(self, length_bytes: int, decode: Callable[[bytes], Record]) -> bytes:
        """Return the record after reading it back, so that no unreadable record is written."""
        length = self.length(length_bytes).to_bytes(length_bytes, "big")
        data = FORMAT + self.edition.version + length + self._parts
        decode(data)
        return data

    def product(self, record: Record) -> None:
        """Write the product that made the record."""
        if not isinstance(record.product, tuple) or len(record.product) != 2:
            raise self.error("CBEFF product", "owner and type are needed", code="bad_field")
        self.number(record.product[0], 2, "CBEFF product owner")
        self.number(record.product[1], 2, "CBEFF product type")

    def impression(self, view: View) -> int:
        """Return the impression type of a view."""
        if view.impression not in self.edition.impressions:
            message = "the edition has no code for it"
            raise self.error("impression type", message, code="impression_not_in_edition")
        return view.impression

    def size(self, view: View) -> None:
        """Write width and height of an image."""
        if 0 in view.size:
            message = "the edition needs it, and the template does not have it"
            raise self.error("image size", message, code="size_needed")
        self.number(view.size[0], 2, "image width")
        self.number(view.size[1], 2, "image height")

    def resolution(self, view: View) -> None:
        """Write pixels a centimetre."""
        self.number(view.resolution[0], 2, "x resolution")
        self.number(view.resolution[1], 2, "y resolution")

    def minutiae(self, view: View) -> None:
        """Write the minutiae of a view."""
        template, count = view.template, len(view.template)
        self.part = MINUTIAE
        if count > _MOST_MINUTIAE:
            message = "the edition has room for 255"
            raise self.error("minutiae", message, code="too_many_minutiae", value=count)
        unknown = np.flatnonzero(np.isnan(template.angle))
        if unknown.size:
            message = f"minutia {unknown[0]} has no direction"
            raise self.error("minutia angle", message, code="unknown_direction")
        self._check_agreement(view)
        row = [("x", ">u2"), ("y", ">u2"), ("angle", "u1")]
        if view.minutia_quality is not None:
            row.append(("quality", "u1"))
        rows = np.empty(count, np.dtype(row))
        rows["x"] = self._pixels(template.x, view.size[0], "minutia x")
        rows["x"] |= template.type.astype(np.uint16) << 14
        scale = view.resolution[1] / view.resolution[0]
        rows["y"] = self._pixels(template.y * scale, view.size[1], "minutia y")
        steps = round(360 / self.edition.angle_step)
        rows["angle"] = np.floor(template.angle / self.edition.angle_step + 0.5) % steps
        if view.minutia_quality is not None:
            rows["quality"] = np.frombuffer(view.minutia_quality, np.uint8)
        self.number(count, 1, "number of minutiae")
        self._parts += rows.tobytes()
        self.part = VIEW

    def _check_agreement(self, view: View) -> None:
        """Refuse a view whose template was replaced by one of another image."""
        template = view.template
        quality = view.minutia_quality
        height = math.ceil(view.size[1] * view.resolution[0] / view.resolution[1])
        agree = (
            (template.width, template.height) == (view.size[0], height)
            and round(template.ppi / CM_PER_INCH) == view.resolution[0]
            and (quality is None or len(quality) == len(template))
        )
        if not agree:
            message = "size, resolution or number of minutiae are not those of the template"
            raise self.error("view", message, code="view_mismatch")

    def _pixels(self, values: NDArray[np.float64], size: int, name: str) -> NDArray[np.uint16]:
        """Return the nearest pixels of the image."""
        pixels = np.minimum(np.floor(values + 0.5), size - 1)
        beyond = np.flatnonzero(pixels > _MOST_COORDINATE)
        if beyond.size:
            message = f"minutia {beyond[0]} has a coordinate of more than 14 bits"
            raise self.error(name, message, code="coordinate_too_large")
        return pixels.astype(np.uint16)

    def extended(self, view: View) -> None:
        """Write the extended data of a view."""
        size = sum(4 + len(block.data) for block in view.extended)
        self.number(size, 2, "extended data length")
        for block in view.extended:
            self.number(block.type, 2, "extended data type")
            self.number(4 + len(block.data), 2, "extended data block length")
            self._parts += block.data

    def quality(self, view: View) -> FingerQuality:
        """Return the only quality of a view."""
        if len(view.qualities) != 1:
            raise self.error(
                "finger quality", "the edition has one for each view", code="bad_field"
            )
        return view.qualities[0]

    def full_quality(self, quality: FingerQuality) -> None:
        """Write a quality with the algorithm that assessed it."""
        self.number(quality.score, 1, "finger quality")
        self.number(quality.vendor, 2, "quality vendor")
        self.number(quality.algorithm, 2, "quality algorithm")


def record_of(
    source: Record | Sequence[Template],
    edition: Edition,
    *,
    quality: int | None,
    unstated: int = _UNSTATED,
    quality_vendor: int = 0,
    unknown_impression: int | None = None,
    **header: Any,
) -> Record:
    """Return a record of this edition as it is, or one of templates with this header."""
    # A transaction has an edition too; a plain sequence of templates has none.
    if getattr(source, "edition", edition.name) != edition.name:
        message = "a record of another edition; pass its templates"
        raise InvalidInput(message, code="other_edition", field="source")
    if isinstance(source, Record):
        options = {**header, "quality": quality, "unknown_impression": unknown_impression or None}
        for name, value in options.items():
            if value is not None:
                message = "not for a record, which has its own header"
                raise InvalidInput(message, code="bad_option", field=name)
        return source
    if not isinstance(source, Sequence):
        message = "not a sequence of templates"
        raise InvalidInput(message, code="bad_template", field="source")
    if len(source) == 0:
        message = "a record has at least one view"
        raise InvalidInput(message, code="no_views", field="source", rule=edition.rule(HEADER))
    views = _views_of(
        source,
        edition,
        unknown_impression,
        FingerQuality(unstated if quality is None else quality, quality_vendor),
    )
    if "product" in header:
        header["product"] = header["product"] or (VENDOR_UNKNOWN, 0)
    given = {name: value for name, value in header.items() if value}
    return Record(edition.name, views, **given)


def _views_of(
    templates: Sequence[Template],
    edition: Edition,
    unknown_impression: int | None,
    quality: FingerQuality,
) -> tuple[View, ...]:
    """Return views of templates in the codes of an edition."""
    codes = {meaning: code for code, meaning in edition.impressions.items()}
    if unknown_impression is not None:
        codes.setdefault(UNKNOWN_IMPRESSION, unknown_impression)
    numbers: Counter[int] = Counter()
    views = []
    for index, template in enumerate(templates):
        if not isinstance(template, Template):
            raise InvalidInput("not a template", code="bad_template", field="source", index=index)
        error = _not_in(edition, codes, template)
        number = numbers[template.position]
        if number >= _MOST_VIEWS:
            error = _refusal(edition, "views", "more than 16 of one finger", code="too_many_views")
        if error is not None:
            raise error.at(index)
        numbers[template.position] += 1
        resolution = round(template.ppi / CM_PER_INCH)
        unstated = np.uint8(edition.unstated_quality)
        qualities = np.where(template.quality == 0, unstated, template.quality)
        views.append(
            View(
                template=template,
                position=template.position,
                impression=codes[template.impression],
                number=number,
                size=(template.width, template.height),
                resolution=(resolution, resolution),
                minutia_quality=qualities.tobytes(),
                qualities=(quality,),
            )
        )
    return tuple(views)


def _not_in(edition: Edition, codes: dict[int, int], template: Template) -> InvalidInput | None:
    """Return the error for a template that the edition has no codes for."""
    message = "the edition has no code for it"
    if template.position not in edition.positions:
        code = "palm_position" if template.is_palm else "position_not_in_edition"
        return _refusal(edition, "finger position", message, code=code)
    if template.impression not in codes:
        return _refusal(edition, "impression type", message, code="impression_not_in_edition")
    return None


def _refusal(edition: Edition, name: str, message: str, *, code: str) -> InvalidInput:
    rule = edition.rule(VIEW)
    return InvalidInput(f"{name}: {message}", code=code, field=name, rule=rule)
