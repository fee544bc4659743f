from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.dna import read_codis
from prum_match.dna.formats import CodisCategory, ProfileFile, codis_categories
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.profile import Kind
from prum_match.errors import InvalidInput, PrumError
from support.examples import examples

NAMESPACE = ' xmlns="urn:CODISImportFile-schema"'
HEADER = (
    "<HEADERVERSION>3.2</HEADERVERSION><MESSAGETYPE>Import</MESSAGETYPE>"
    "<DESTINATIONORI>ORI</DESTINATIONORI><SOURCELAB>LAB</SOURCELAB>"
    "<SUBMITBYUSERID>USER</SUBMITBYUSERID><SUBMITDATETIME>2024-01-01T00:00:00</SUBMITDATETIME>"
)


def locus(name: str, *values: str) -> str:
    alleles = "".join(f"<ALLELE><ALLELEVALUE>{v}</ALLELEVALUE></ALLELE>" for v in values)
    return f"<LOCUS><LOCUSNAME>{name}</LOCUSNAME><READINGBY>N</READINGBY>{alleles}</LOCUS>"


def specimen(name: str, *loci: str, category: str = "Convicted Offender") -> str:
    return (
        f'<SPECIMEN SOURCEID="N/A" CASEID="C" PARTIAL="false"><SPECIMENID>{name}</SPECIMENID>'
        f"<SPECIMENCATEGORY>{category}</SPECIMENCATEGORY>{''.join(loci)}</SPECIMEN>"
    )


def document(*specimens: str, header: str = HEADER, namespace: str = NAMESPACE) -> bytes:
    body = "\n".join(specimens)
    root = f"<CODISImportFile{namespace}>\n{header}\n{body}\n</CODISImportFile>\n"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{root}'.encode()


def refused(code: str, source: Any, **options: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_codis(source, **options)
    assert caught.value.code == code
    return caught.value


def found(file: ProfileFile) -> list[tuple[str | None, str | None, str, bool]]:
    return [(p.reference_id, p.field, p.code, p.refused) for p in file.problems]


def test_specimens() -> None:
    file = read_codis(
        document(
            specimen("P-1", locus("vWA", "16", "17"), locus("TH01", "6"), locus("AMEL", "X", "Y")),
            specimen("S-1", locus("Penta E", "12.4", "OL"), category="Forensic, Unknown"),
        )
    )
    assert file.problems == ()
    assert file.reference_ids == ("P-1", "S-1")
    person, stain = file.profiles
    assert (person.kind, stain.kind) == (Kind.REFERENCE, Kind.STAIN)
    assert person.pairs == {"VWA": (64, 68), "TH01": (24, 24)}
    assert person.amelogenin == ("X", "Y")
    assert stain.pairs == {"PentaE": (64, WILDCARD)}


@pytest.mark.parametrize("namespace", [NAMESPACE, "", ' xmlns="urn:another"'])
def test_namespaces_and_encodings(namespace: str, tmp_path: Path) -> None:
    data = document(specimen("P-1", locus("TH01", "6", "7")), namespace=namespace)
    path = tmp_path / "codis.xml"
    path.write_bytes(data)
    text = data.decode()
    for source in (
        data,
        path,
        str(path),
        b"\xef\xbb\xbf" + data,
        text.replace("utf-8", "utf-16").encode("utf-16"),
        text.replace("utf-8", "iso-8859-1").encode("latin-1"),
        text.replace("\n", "\r\n").encode(),
    ):
        assert read_codis(source).profiles[0].pairs == {"TH01": (24, 28)}


def test_a_file_may_hold_no_specimen() -> None:
    assert len(read_codis(document())) == 0


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Convicted Offender", Kind.REFERENCE),
        ("ARRESTEE", Kind.REFERENCE),
        ("Suspect,  Known", Kind.REFERENCE),
        ("Victim Known", Kind.REFERENCE),
        ("Missing Person", Kind.REFERENCE),
        ("Forensic, Unknown", Kind.STAIN),
        (" forensic unknown ", Kind.STAIN),
        ("Forensic Partial", Kind.STAIN),
        ("Unidentified Person", Kind.STAIN),
    ],
)
def test_categories(category: str, kind: Kind) -> None:
    file = read_codis(document(specimen("A", locus("TH01", "6", "7"), category=category)))
    assert [profile.kind for profile in file.profiles] == [kind]


def test_categories_are_data() -> None:
    table = codis_categories()
    assert {category.kind for category in table.values()} == set(Kind)
    assert [name for name, category in table.items() if category.mixed] == ["forensic mixture"]
    with pytest.raises(TypeError):
        table["x"] = table["arrestee"]  # type: ignore[index]
    source = document(specimen("A", locus("TH01", "6"), category="Cold Case, 7"))
    file = read_codis(source, categories={"cold case 7": CodisCategory(Kind.STAIN, False)})
    assert file.profiles[0].pairs == {"TH01": (24, WILDCARD)}


def test_unknown_categories_need_a_kind() -> None:
    source = document(
        specimen("A", locus("TH01", "6", "7"), category="Odd"),
        specimen("B", locus("TH01", "6", "7"), category=""),
        specimen("C", locus("TH01", "6", "7")),
    )
    file = read_codis(source)
    assert file.reference_ids == ("C",)
    assert found(file) == [
        (name, "SPECIMENCATEGORY", "unknown_category", True) for name in ("A", "B")
    ]
    assert file.problems[0].value == "Odd"
    assert "Odd" not in repr(file.problems)
    file = read_codis(source, kind="stain")
    assert [profile.kind for profile in file.profiles] == [Kind.STAIN, Kind.STAIN, Kind.REFERENCE]


def test_mixtures() -> None:
    file = read_codis(
        document(
            specimen("A", locus("TH01", "6", "7", "8", "9")),
            specimen("B", locus("TH01", "6", "7"), category="Forensic Mixture"),
            specimen("C", locus("TH01", "6", "7", "8")),
        )
    )
    assert file.reference_ids == ("C",)
    assert found(file) == [("A", "TH01", "mixture", True), ("B", "mixed", "mixture", True)]


def test_malformed_specimens_end_in_problems_and_the_others_are_read() -> None:
    good = locus("FGA", "21", "24")
    file = read_codis(
        document(
            specimen("", good),
            specimen("Ü", good),
            specimen("bad", good, locus("TH01", "9,3", "6")),
            specimen("unknown", good, locus("D99S1", "1", "2"), locus("D5S2500", "1", "2")),
            specimen("noname", good, locus("", "1", "2")),
            specimen("good", good),
            specimen("good", good),
            specimen("twice", good, good),
            specimen("differs", good, locus("FIBRA", "21", "25")),
            "<SPECIMEN></SPECIMEN>",
        )
    )
    assert file.reference_ids == ("unknown", "good", "twice")
    assert found(file) == [
        (None, None, "missing_id", True),
        (None, None, "bad_reference_id", True),
        ("bad", "TH01", "bad_allele", True),
        ("unknown", "D99S1", "unknown_locus", False),
        ("unknown", "D5S2500", "ambiguous_locus", False),
        ("noname", "LOCUSNAME", "missing_locus_name", True),
        ("good", None, "duplicate_reference", True),
        ("twice", "FGA", "repeated_marker", False),
        ("differs", "FGA", "duplicate_locus", True),
        (None, None, "missing_id", True),
    ]
    assert [problem.line for problem in file.problems[:3]] == [4, 5, 6]
    assert "9,3" not in repr(file.problems)


@pytest.mark.parametrize(
    "inner",
    [
        "<LOCUS><LOCUSNAME>TH01</LOCUSNAME><ALLELE><ALLELEVALUE>6<b/>.3</ALLELEVALUE></ALLELE></LOCUS>",
        "<LOCUS><LOCUSNAME>TH01</LOCUSNAME><LOCUSNAME>FGA</LOCUSNAME></LOCUS>",
        "<SPECIMENID>other</SPECIMENID>",
        "<SPECIMENCATEGORY>Arrestee</SPECIMENCATEGORY>",
        f"<LOCUS><LOCUSNAME>{'T' * 5000}</LOCUSNAME></LOCUS>",
        locus("TH01", "x" * 5000),
    ],
)
def test_a_specimen_with_unreliable_elements_is_refused(inner: str) -> None:
    file = read_codis(document(specimen("A", inner), specimen("B", locus("TH01", "6", "7"))))
    assert file.reference_ids == ("B",)
    assert "bad_element" in {problem.code for problem in file.problems if problem.refused}


def test_empty_values_are_missing() -> None:
    file = read_codis(document(specimen("A", locus("TH01", "6", " ", ""), locus("FGA"))))
    assert file.profiles[0].pairs == {"TH01": (24, 24)}
    assert [(note.rule, note.locus) for note in file.profiles[0].notes] == [
        ("N7b", "TH01"),
        ("N7", "FGA"),
    ]


def test_ignored_markers_are_noted_on_the_profile() -> None:
    source = document(
        specimen("A", locus("DYS391", "10"), locus("DYS391", "9"), locus("TH01", "6", "7"))
    )
    file = read_codis(source)
    assert file.problems == ()
    assert [note.locus for note in file.profiles[0].notes] == ["DYS391"]


def test_unknown_elements_are_reported_once() -> None:
    file = read_codis(
        document(
            specimen("A", "<EXTRA><LOCUS><LOCUSNAME>FGA</LOCUSNAME></LOCUS></EXTRA><EXTRA/>"),
            specimen("B", "<EXTRA/>", locus("TH01", "6", "7")),
            '<o:SPECIMEN xmlns:o="urn:other"><SPECIMENID>Z</SPECIMENID></o:SPECIMEN>',
        )
    )
    assert file.reference_ids == ("A", "B")
    assert file.profiles[0].pairs == {}
    assert [(p.field, p.code) for p in file.problems] == [
        ("EXTRA", "ignored_element"),
        ("urn:other SPECIMEN", "ignored_element"),
    ]


def test_many_unknown_elements_are_listed_up_to_a_bound() -> None:
    file = read_codis(document(*(f"<E{number}/>" for number in range(500))))
    assert len(file.problems) == 100
    assert "no longer listed" in file.problems[-1].message


def test_versions_and_message_types() -> None:
    one = specimen("A", locus("TH01", "6", "7"))
    newer = HEADER.replace("3.2", "3.3")
    assert read_codis(document(one, header=newer)).problems == ()
    other = read_codis(document(one, header=HEADER.replace("3.2", "4.0")))
    assert len(other) == 1
    assert found(other) == [(None, "HEADERVERSION", "unknown_version", False)]
    for header in (
        HEADER.replace("Import", "Delete"),
        HEADER.replace("<MESSAGETYPE>Import</MESSAGETYPE>", ""),
        HEADER + "<MESSAGETYPE>Import</MESSAGETYPE>",
    ):
        refused("bad_message_type", document(one, header=header))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "empty_file"),
        (b" \n", "empty_file"),
        (b"no xml", "bad_xml"),
        (b"<a></b>", "bad_root"),
        (b"<CODISImportFile></b>", "bad_xml"),
        (b"<CODISImportFile>&unknown;</CODISImportFile>", "bad_xml"),
        (b"<CODISImportFile>\0</CODISImportFile>", "bad_xml"),
        (b"<CODISImportFile>\xff</CODISImportFile>", "bad_xml"),
        (b"<CODISImportFile/><CODISImportFile/>", "bad_xml"),
        (b'<?xml version="1.0" encoding="nonsense"?><CODISImportFile/>', "bad_xml"),
        (b'<?xml version="1.0" encoding="euc-jp"?><CODISImportFile/>', "bad_xml"),
        (b"<html/>", "bad_root"),
        (b"<CODISImportFile/>", "bad_message_type"),
        (b"<!DOCTYPE CODISImportFile><CODISImportFile/>", "doctype"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><CODISImportFile/>', "doctype"),
    ],
)
def test_documents_that_are_refused(source: bytes, code: str) -> None:
    refused(code, source)


def test_bombs_are_refused_before_they_grow() -> None:
    entities = "".join(
        f'<!ENTITY e{n} "{"&e" + str(n - 1) + ";" if n else "lol"}'.ljust(20) + '">'
        for n in range(10)
    )
    bomb = f"<!DOCTYPE x [{entities}]><CODISImportFile>&e9;</CODISImportFile>"
    refused("doctype", bomb.encode())
    external = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><CODISImportFile>&f;'
    refused("doctype", external.encode())


def test_bounds() -> None:
    deep = b"<CODISImportFile>" + b"<a>" * 100_000
    refused("too_deep", deep)
    inside = f"<CODISImportFile{NAMESPACE}>{HEADER}{'<X>' * 15}{'</X>' * 15}</CODISImportFile>"
    assert found(read_codis(inside.encode())) == [(None, "X", "ignored_element", False)]
    refused("too_deep", inside.encode(), max_depth=15)
    one = document(specimen("A", locus("TH01", "6", "7")))
    elements = one.count(b"</")
    assert len(read_codis(one, max_elements=elements, max_bytes=len(one), max_depth=5)) == 1
    refused("too_many_elements", one, max_elements=elements - 1)
    refused("too_large", one, max_bytes=len(one) - 1)
    refused("too_deep", one, max_depth=4)


def test_options_are_checked() -> None:
    one = document(specimen("A", locus("TH01", "6")))
    refused("bad_kind", one, kind="?")
    refused("bad_option", one, single_allele="?")
    refused("bad_source", 5)
    assert read_codis(one, single_allele="drop").profiles[0].pairs == {}


WHOLE = document(
    specimen("P-1", locus("vWA", "16", "17"), locus("AMEL", "X", "Y")),
    specimen("S-1", locus("TH01", "6", "OL"), "<EXTRA/>", category="Forensic, Unknown"),
)


def test_truncation_anywhere_is_an_error() -> None:
    for end in range(WHOLE.rindex(b">")):
        with pytest.raises(PrumError):
            read_codis(WHOLE[:end])


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_mutations_end_in_an_error_or_in_problems(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 30)))
    piece = data.draw(
        st.binary(max_size=10) | st.sampled_from([b"<LOCUS>", b"</SPECIMEN>", b"<![CDATA[6]]>"])
    )
    try:
        file = read_codis(WHOLE[:start] + piece + WHOLE[end:])
    except PrumError:
        return
    assert len(file.reference_ids) == len(file.profiles)
