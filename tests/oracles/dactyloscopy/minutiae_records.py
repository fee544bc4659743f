"""Reads valid records of finger minutiae by fixed offsets, without checks."""

from __future__ import annotations

from dataclasses import dataclass

# Minutiae as the record has them: type, x, y, angle in units, quality or None.
Row = tuple[int, int, int, int, int | None]


@dataclass
class PlainView:
    position: int
    number: int
    impression: int
    image: tuple[int, int, int, int]  # width, height, x and y resolution
    minutiae: list[Row]
    extended: bytes


def u16(data: bytes, at: int) -> int:
    return data[at] * 256 + data[at + 1]


def u32(data: bytes, at: int) -> int:
    return u16(data, at) * 65536 + u16(data, at + 2)


def rows(data: bytes, at: int, count: int, width: int) -> list[Row]:
    found = []
    for i in range(at, at + count * width, width):
        quality = data[i + 5] if width == 6 else None
        found.append((data[i] // 64, u16(data, i) % 16384, u16(data, i + 2), data[i + 4], quality))
    return found


def image(data: bytes, at: int) -> tuple[int, int, int, int]:
    return u16(data, at), u16(data, at + 2), u16(data, at + 4), u16(data, at + 6)


def plain_views(data: bytes, edition: str) -> list[PlainView]:
    """Return the views of a record of the edition whose module has this name."""
    if edition in ("iso19794_2_2005", "ansi378_2004"):
        # The first byte after the reserved one, which follows the number of views.
        at = 24 if edition == "iso19794_2_2005" else 26 if u16(data, 8) else 30
        shared = image(data, at - 10)
        return [view_2004(data, at, shared) for at in starts(data, at, 4)]
    if edition == "iso19794_2_2011":
        return views_2011(data)
    return [view_2009(data, at) for at in starts(data, 21, 17)]


def starts(data: bytes, at: int, before: int) -> list[int]:
    """Return where views begin whose number of minutiae is at a given offset."""
    found = []
    while at < len(data):
        found.append(at)
        after = at + before + 6 * data[at + before - 1]
        at = after + 2 + u16(data, after)
    return found


def tail(data: bytes, at: int) -> bytes:
    return data[at + 2 : at + 2 + u16(data, at)]


def view_2004(data: bytes, at: int, shared: tuple[int, int, int, int]) -> PlainView:
    count = data[at + 3]
    number, impression = divmod(data[at + 1], 16)
    minutiae = rows(data, at + 4, count, 6)
    return PlainView(data[at], number, impression, shared, minutiae, tail(data, at + 4 + 6 * count))


def view_2009(data: bytes, at: int) -> PlainView:
    count = data[at + 16]
    minutiae = rows(data, at + 17, count, 6)
    extended = tail(data, at + 17 + 6 * count)
    return PlainView(data[at], data[at + 1], data[at + 2], image(data, at + 8), minutiae, extended)


def views_2011(data: bytes) -> list[PlainView]:
    found = []
    begin = 15
    while begin < len(data):
        at = begin + 18  # length, moment, device
        at += 1 + 5 * data[at]
        if data[14]:
            at += 1 + 3 * data[at]
        size, width, count = (
            (u16(data, at + 7), u16(data, at + 9)),
            data[at + 11] // 16,
            data[at + 12],
        )
        frame = (*size, u16(data, at + 2), u16(data, at + 4))
        after = at + 13 + width * count
        found.append(
            PlainView(
                data[at],
                data[at + 1],
                data[at + 6],
                frame,
                rows(data, at + 13, count, width),
                tail(data, after),
            )
        )
        begin += u32(data, begin)
    return found
