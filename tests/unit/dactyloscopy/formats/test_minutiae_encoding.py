"""Templates that an edition can write, and those that it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats import ExtendedData, FingerQuality, Record, ansi_nist
from prum_match.errors import InvalidInput
from support.dactyloscopy.minutiae_records import EDITIONS, a_print

every_edition = pytest.mark.parametrize("edition", EDITIONS.values(), ids=EDITIONS)
SHARED_IMAGE = ("iso19794_2_2005", "ansi378_2004")


def refusal(edition: Any, source: Any, **options: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        edition.encode(source, **options)
    return caught.value


def read_back(edition: Any, source: Any, **options: Any) -> Record:
    record = edition.decode(edition.encode(source, **options), strict=True)
    assert isinstance(record, Record)
    return record


def many(n: int) -> dict[str, Any]:
    return {"x": [1] * n, "y": [1] * n, "angle": [0] * n, "type": None, "quality": None}


@every_edition
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"angle": [0, np.nan, 0]}, "unknown_direction"),
        ({"position": 21}, "palm_position"),
        ({"position": 20, "impression": 10}, "palm_position"),
        ({"position": 11}, "position_not_in_edition"),
        ({"impression": 12}, "impression_not_in_edition"),
        ({"width": 0}, "size_needed"),
        (many(256), "too_many_minutiae"),
        (
            {"x": [10, 20, 16384], "width": 20000, "height": 20000, "ppi": 2000},
            "coordinate_too_large",
        ),
    ],
)
def test_data_that_no_edition_can_hold_are_refused(
    edition: Any, changed: dict[str, Any], code: str
) -> None:
    good = a_print(
        position=3, **{k: changed[k] for k in ("width", "height", "ppi") if k in changed}
    )
    error = refusal(edition, [good, a_print(**changed)])
    # The size is of the first view where all views share it.
    assert (error.code, error.index) in {(code, 1), ("size_needed", 0), ("size_needed", None)}
    assert (error.code == "size_needed") == (code == "size_needed")
    assert error.rule is not None
    assert error.rule.startswith(edition.EDITION.name)


@every_edition
def test_255_minutiae_and_none(edition: Any) -> None:
    for count in (0, 255):
        (template,) = read_back(edition, [a_print(**many(count))])
        assert template == a_print(**many(count))


@every_edition
def test_no_templates(edition: Any) -> None:
    assert refusal(edition, []).code == "no_views"
    assert refusal(edition, a_print()).code == "bad_template"
    error = refusal(edition, [a_print(), b"FMR"])
    assert (error.code, error.index) == ("bad_template", 1)


@every_edition
def test_records_of_another_edition(edition: Any) -> None:
    for other in EDITIONS.values():
        record = read_back(other, [a_print()])
        if other is edition:
            assert edition.encode(record) == edition.encode([a_print()])
        else:
            assert refusal(edition, record).code == "other_edition"
            assert read_back(edition, record.templates)[0] == a_print()


@every_edition
def test_transactions_are_of_another_edition(edition: Any) -> None:
    transaction = ansi_nist.decode(ansi_nist.encode([a_print()]))
    error = refusal(edition, transaction)
    assert (error.code, error.field) == ("other_edition", "source")
    assert read_back(edition, transaction.templates)[0] == a_print()


@every_edition
def test_data_that_templates_lack_have_defaults(edition: Any) -> None:
    plain = Template(x=[9], y=[9], angle=[90], width=20, height=20, ppi=197 * 2.54)
    (read,) = read_back(edition, [plain])
    assert (read.position, read.type.tolist(), read.quality.tolist()) == (0, [0], [0])
    assert read.impression == (0 if edition.__name__.rpartition(".")[2] in SHARED_IMAGE else 29)


@every_edition
def test_header_options_are_refused_for_records(edition: Any) -> None:
    record = read_back(edition, [a_print()])
    assert refusal(edition, record, quality=50).code == "bad_option"


@every_edition
def test_views_of_one_finger_are_numbered(edition: Any) -> None:
    prints = [a_print(), a_print(position=7), a_print(), a_print()]
    record = read_back(edition, prints)
    assert [view.number for view in record.views] == [0, 0, 1, 2]
    assert record.templates == tuple(prints)
    error = refusal(edition, [a_print()] * 17)
    assert (error.code, error.index) == ("too_many_views", 16)
    assert len(read_back(edition, [a_print()] * 16)) == 16


@every_edition
def test_images_of_their_own(edition: Any) -> None:
    prints = [a_print(), a_print(width=301), a_print(ppi=394 * 2.54)]
    if edition.__name__.rpartition(".")[2] in SHARED_IMAGE:
        assert refusal(edition, prints[:2]).code == "mixed_images"
        assert refusal(edition, prints[::2]).code == "mixed_images"
    else:
        assert read_back(edition, prints).templates == tuple(prints)


@every_edition
def test_rounding(edition: Any) -> None:
    one = a_print(
        x=[10.4, 10.5, 299.9],
        y=[0, 399.5, 400],
        angle=[359.9, 0.6, 44.2],
        width=300,
        height=400,
        ppi=500,
    )
    (template,) = read_back(edition, [one])
    assert template.x.tolist() == [10, 11, 299]
    assert template.y.tolist() == [0, 399, 399]
    ansi = edition.EDITION.angle_step == 2
    assert template.angle.tolist() == ([0, 0, 44] if ansi else [0, 0, 31 * 1.40625])
    assert template.ppi == 197 * 2.54


@every_edition
def test_quality_of_a_print(edition: Any) -> None:
    (view,) = read_back(edition, [a_print()], quality=77).views
    assert view.qualities[0].score == 77
    (view,) = read_back(edition, [a_print()]).views
    scores = {"iso19794_2_2005": [0], "iso19794_2_2011": []}
    stated = scores.get(edition.__name__.rpartition(".")[2], [254])
    assert [quality.score for quality in view.qualities] == stated


def test_quality_names_its_vendor_where_it_has_to() -> None:
    for name in ("ansi378_2009", "ansi378_2009am1"):
        (view,) = read_back(EDITIONS[name], [a_print()]).views
        assert view.qualities == (FingerQuality(254, 0x0103, 0),)


def test_impression_types() -> None:
    for edition in (EDITIONS[name] for name in SHARED_IMAGE):
        unknown = Template(x=[], y=[], angle=[], width=9, height=9, ppi=500)
        assert read_back(edition, [unknown])[0].impression == 0
        assert read_back(edition, [unknown], unknown_impression=1)[0].impression == 1
        assert (
            refusal(edition, [unknown], unknown_impression=29).code == "impression_not_in_edition"
        )
        record = read_back(edition, [unknown])
        assert refusal(edition, record, unknown_impression=1).code == "bad_option"
        assert read_back(edition, [a_print()], unknown_impression=1)[0].impression == 0
        assert refusal(edition, [a_print(impression=4)]).code == "impression_not_in_edition"
    # Without contact: 24 of ANSI/NIST-ITL is 9 of 2004.
    data = EDITIONS["ansi378_2004"].encode([a_print(impression=24)])
    assert data[27] == 9
    assert EDITIONS["ansi378_2004"].decode(data)[0].impression == 24
    for code in (4, 5, 6, 7):
        assert read_back(EDITIONS["iso19794_2_2011"], [a_print(impression=code)])[0].is_latent
        error = refusal(EDITIONS["ansi378_2009"], [a_print(impression=code)])
        assert error.code == "impression_not_in_edition"


def test_headers() -> None:
    for name in ("ansi378_2004", "ansi378_2009", "ansi378_2009am1"):
        edition = EDITIONS[name]
        record = read_back(edition, [a_print()], product=(15, 7), compliance=8, equipment=0xFFF)
        assert (record.product, record.compliance, record.equipment) == ((15, 7), 8, 0xFFF)
        assert read_back(edition, [a_print()]).product == (0x0103, 0)
        error = refusal(edition, [a_print()], product=(1 << 16, 0))
        assert (error.code, error.field) == ("bad_field", "CBEFF product owner")
        for wrong in (5, (5,), (5, "x"), (1.5, 0)):
            assert refusal(edition, [a_print()], product=wrong).code == "bad_field"
    edition = EDITIONS["iso19794_2_2005"]
    record = read_back(edition, [a_print()], compliance=15, equipment=9)
    assert (record.product, record.compliance, record.equipment) == (None, 15, 9)
    assert refusal(edition, [a_print()], equipment=0x1000).code == "bad_field"
    assert refusal(edition, [a_print()], compliance=16).code == "bad_field"


def test_slaps() -> None:
    for position in (13, 14, 15, *range(40, 51)):
        slap = a_print(position=position)
        assert read_back(EDITIONS["ansi378_2009am1"], [slap])[0] == slap
    assert refusal(EDITIONS["ansi378_2009"], [slap]).code == "position_not_in_edition"


def test_everything_that_2011_has() -> None:
    edition = EDITIONS["iso19794_2_2011"]
    record = read_back(edition, [a_print(), a_print(position=7)])
    full = replace(
        record.views[0],
        qualities=(FingerQuality(1, 2, 3), FingerQuality(255, 4, 5)),
        extended=(ExtendedData(3, b"abc"), ExtendedData(0xFFFF, b"")),
        captured=(2024, 2, 29, None, None, None, None),
        technology=20,
        device_vendor=0xABCD,
        device=0xB5,
        certifications=((1, 2), (0xFFFF, 255)),
        ridge_ending=1,
    )
    record = replace(record, views=(full, record.views[1]), certified=True)
    assert read_back(edition, record) == record
    error = refusal(edition, replace(record, certified=False))
    assert (error.code, error.index) == ("bad_field", 0)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"minutia_quality": b"\1\2"}, "view_mismatch"),
        ({"size": (301, 400)}, "view_mismatch"),
        ({"size": (300, 401)}, "view_mismatch"),
        ({"resolution": (198, 198)}, "view_mismatch"),
        ({"template": a_print(width=400)}, "view_mismatch"),
        ({"qualities": (FingerQuality(101),)}, "bad_quality"),
        ({"position": 11}, "bad_position"),
        ({"impression": 30}, "impression_not_in_edition"),
        ({"number": 16}, "bad_view_number"),
        ({"technology": -1}, "bad_field"),
        ({"device": 1 << 16}, "bad_field"),
        ({"ridge_ending": 16}, "bad_field"),
        ({"extended": (ExtendedData(1, bytes(65532)),)}, "bad_field"),
        ({"captured": (2024, 13, 1, 0, 0, 0, 0)}, "bad_date"),
    ],
)
def test_inconsistent_views_are_refused(changed: dict[str, Any], code: str) -> None:
    edition = EDITIONS["iso19794_2_2011"]
    record = read_back(edition, [a_print()])
    error = refusal(edition, replace(record, views=(replace(record.views[0], **changed),)))
    assert (error.code, error.index) == (code, 0)


def test_a_repaired_record_may_not_be_writable() -> None:
    edition = EDITIONS["ansi378_2004"]
    data = edition.encode([a_print()])
    record = edition.decode(data[:34] + b"\xff" + data[35:])
    assert refusal(edition, record).code == "unknown_direction"
