"""Genuine transactions of NIST: contents, rewritten bytes, and places of minutiae."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import dactyloscopy
from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats import ansi_nist
from prum_match.errors import InvalidInput

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("PRUM_SHARED") or HERE.parents[2] / "shared")

# Types and IDCs of the records, minutiae, what a strict reader refuses, what a lenient one lists.
EXPECTED: dict[str, tuple[list[tuple[int, int | None]], list[int], str, list[str]]] = {
    "type9.an2k": ([(1, None), (9, 0)], [28], "", ["no_image"]),
    "type9-13.an2k": (
        [(1, None), (2, 0), (9, 0), (13, 0)],
        [28],
        "duplicate_field",
        ["duplicate_field", "foreign_field"],
    ),
    "type9-efs.an2k": (
        [(1, None), *((9, idc) for idc in range(1, 9))],
        [60, 35, 68, 37, 54, 48, 53, 59],
        "",
        ["reversed"],
    ),
    "type3.an2k": ([(1, None), (2, 0), (3, 1)], [], "", []),
    "type4-slaps.an2k": ([(1, None), (2, 0), *((4, idc) for idc in range(1, 5))], [], "", []),
    # The Type-1 record states an IDC of 3 for the Type-9 record, which has 1.
    "type9-15.an2k": (
        [(1, None), (2, 0), (15, 1), (15, 2), (9, 1)],
        [28],
        "count_mismatch",
        ["count_mismatch"],
    ),
}


def genuine(name: str) -> bytes:
    path = HERE / "dactyloscopy" / name
    if not path.exists():
        path = SHARED / "data" / "dactyloscopy" / "formats" / name
    if not path.exists():
        pytest.skip(f"{name}: too large for this repository, kept beside it; set PRUM_SHARED")
    return path.read_bytes()


def read(name: str) -> ansi_nist.Transaction:
    return ansi_nist.decode(genuine(name))


@pytest.mark.parametrize("name", EXPECTED)
def test_records_and_templates_are_read(name: str) -> None:
    records, minutiae, refused, listed = EXPECTED[name]
    transaction = read(name)
    assert [(record.type, record.idc) for record in transaction.records] == records
    assert [len(template) for template in transaction] == minutiae
    told = (*transaction.problems, *transaction.notes)
    assert [problem.code for problem in told] == listed
    assert dactyloscopy.read(genuine(name)) == transaction
    if refused:
        with pytest.raises(InvalidInput) as error:
            ansi_nist.decode(genuine(name), strict=True)
        assert error.value.code == refused
    else:
        assert ansi_nist.decode(genuine(name), strict=True) == transaction


@pytest.mark.parametrize("name", EXPECTED)
def test_transactions_are_rewritten_byte_for_byte(name: str) -> None:
    assert ansi_nist.encode(read(name)) == genuine(name)


@pytest.mark.parametrize("name", EXPECTED)
def test_transactions_are_recognised(name: str) -> None:
    assert ansi_nist.recognises(genuine(name))


@pytest.mark.filterwarnings("ignore:Record of type 3:DeprecationWarning")
@pytest.mark.parametrize("name", EXPECTED)
def test_nistitl_reads_the_same_records(name: str) -> None:
    nistitl = pytest.importorskip("nistitl")
    message = nistitl.Message()
    try:
        message.parse(genuine(name))
    except nistitl.NistException:
        assert EXPECTED[name][2] == "duplicate_field"
        return
    ours = [record.to_bytes() for record in read(name).records]
    for theirs, own in zip((record.NIST for record in message), ours, strict=True):
        assert fields_in_order(theirs) == fields_in_order(own)


def fields_in_order(record: bytes) -> list[bytes]:
    """Return the fields that nistitl keeps: it sorts them, and rewrites contents, lengths, IDCs."""
    head, data, image = record.rstrip(b"\x1c").partition(b".999:")
    anew = re.compile(rb"1\.003|\d+\.00[12]:")
    return [*sorted(f for f in head.split(b"\x1d") if not anew.match(f)), data, image]


def test_minutiae_of_the_legacy_file_by_hand() -> None:
    # 001 0132 0715 248 0 A, and the topmost minutia is 019 0533 1624 348.
    (template,) = read("type9.an2k")
    assert (template.position, template.impression, template.ppi) == (0, 6, 2540)
    assert (template.width, template.height) == (0, 0)
    assert first(template) == (132, 1624 - 715, 68, 1, 0)
    assert template.y[18] == 0
    assert template.angle[18] == 348 - 180
    assert np.bincount(template.type).tolist() == [0, 19, 9]


def test_minutiae_of_the_latent_by_hand() -> None:
    # 001 0132 0714 248; the image is 191 x 357 at 197 pixels a centimetre.
    (template,) = read("type9-13.an2k")
    assert (template.width, template.height) == (191, 357)
    assert template.ppi == pytest.approx(197 * 2.54)
    assert first(template) == pytest.approx((1.32 * 19.7, 357 - 7.14 * 19.7, 68, 1, 0))


def test_minutiae_of_the_extended_features_by_hand() -> None:
    templates = read("type9-efs.an2k")
    assert [template.position for template in templates] == [8, 5, 3, 10, 9, 7, 2, 4]
    assert first(templates[0]) == (1908, 41, 186, 1, 0)
    assert (templates[0].width, templates[0].height) == (2708, 2462)
    # 710 1798 360 E: 360 is 0.
    at = np.flatnonzero((templates[5].x == 710) & (templates[5].y == 1798))
    assert templates[5].angle[at].tolist() == [0]
    assert templates[4].type[:4].tolist() == [2, 1, 1, 2]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("type9.an2k", rb"\d{3}\x1f(\d{4})\d{4}(\d{3})\x1f0\x1f[AB]"),
        ("type9-13.an2k", rb"\d{3}\x1f(\d{4})\d{4}(\d{3})\x1f0\x1f[AB]"),
        ("type9-efs.an2k", rb"(?:331:|\x1e)(\d+)\x1f\d+\x1f(\d+)\x1f[EB](?=[\x1c-\x1e])"),
    ],
)
def test_every_minutia_is_read(name: str, pattern: bytes) -> None:
    written = np.array(re.findall(pattern, genuine(name)), int)
    templates = read(name)
    turned = 0 if "efs" in name else 180
    x = np.concatenate([template.units()[0] for template in templates])
    angle = np.concatenate([template.angle for template in templates])
    assert np.array_equal(written[:, 0], x)
    assert np.array_equal((written[:, 1] + turned) % 360, angle)


def test_two_files_of_one_latent_agree() -> None:
    (alone,), (with_image,) = read("type9.an2k"), read("type9-13.an2k")
    differences = [
        np.ptp(a.astype(int) - b) for a, b in zip(alone.units(), with_image.units(), strict=True)
    ]
    # One file counts y from 0, the other from 1.
    assert differences[0] == 0
    assert differences[1] <= 1
    assert differences[2] == 0


def test_minutiae_point_along_the_ridges_of_the_latent() -> None:
    transaction = read("type9-13.an2k")
    image = transaction.records[3]
    assert isinstance(image, ansi_nist.TaggedRecord)
    data = image.get(999)
    assert data is not None
    pixels = np.frombuffer(data.value, np.uint8).reshape(357, 191).astype(float)
    template = transaction[0]

    def darkness(angle: NDArray[np.float64]) -> NDArray[np.float64]:
        steps = np.arange(2, 9, 0.5)
        turn = np.radians(angle)[:, None]
        x = np.rint(template.x[:, None] + steps * np.cos(turn)).astype(int).clip(0, 190)
        y = np.rint(template.y[:, None] - steps * np.sin(turn)).astype(int).clip(0, 356)
        return -pixels[y, x].mean(axis=1)

    ahead = darkness(template.angle) - darkness(template.angle + 180)
    # Along its ridge an ending finds black, along its valley a bifurcation finds white.
    right = np.where(template.type == 1, ahead, -ahead) > 0
    assert right.mean() > 0.9


def test_extended_angles_turn_counter_clockwise() -> None:
    # Above a core ridges run around it: their direction is tangential. Mirrored it would not be.
    agreement = []
    transaction = read("type9-efs.an2k")
    for record, template in zip(transaction.records[1:], transaction, strict=True):
        assert isinstance(record, ansi_nist.TaggedRecord)
        core = record.get(320)
        assert core is not None
        x, y = (float(item) for item in core.subfields[0][:2])
        above = template.y < y
        across, down = template.x[above] - x, template.y[above] - y
        turn = np.radians(template.angle[above])
        length = np.hypot(across, down)
        agreement.append(
            [
                np.abs((-down * np.cos(turn) + across * sense * np.sin(turn)) / length).mean()
                for sense in (-1, 1)
            ]
        )
    counter, clockwise = np.mean(agreement, axis=0)
    assert counter > 0.75
    assert clockwise < 0.65


def first(template: Template) -> tuple[float, ...]:
    columns = template.x, template.y, template.angle, template.type, template.quality
    return tuple(float(column[0]) for column in columns)
