from __future__ import annotations

import csv
import itertools
import re
import subprocess
import sys
import threading
from collections import Counter

import pytest

from prum_match import dna
from prum_match.dna.profiles.loci import (
    AMELOGENIN,
    ANNEX_LOCI,
    ESS_7,
    ESS_12,
    KITS,
    ignored_marker,
    is_built_in,
    loci,
    locus,
    locus_at,
    register_locus,
)
from prum_match.errors import InvalidInput
from prum_match.samples import NIST_GENOTYPES
from support.children import alone

NIST = NIST_GENOTYPES
NAMES = (
    "VWA TH01 D21S11 FGA D8S1179 D3S1358 D18S51 TPOX CSF1PO D13S317 D7S820 D5S818 D16S539 "
    "D2S1338 D19S433 PentaD PentaE FES F13A1 F13B SE33 CD4 GABA D1S1656 D2S441 D10S1248 D12S391 "
    "D22S1045 D6S1043 LPL PentaC D10S2325 D4S2408 D9S1122 D17S1301 D20S482 D1S1627 D8S1115 "
    "D9S2157 D12ATA63 D18S853 D20S1082"
)
BUILT_IN = NAMES.split()


def test_built_in_loci_keep_their_positions() -> None:
    assert [item.name for item in loci()[: len(BUILT_IN)]] == BUILT_IN
    assert all(item.index == position for position, item in enumerate(loci()))
    assert all(locus_at(item.index) is item for item in loci())
    assert locus_at(0).name == "VWA"
    assert all(is_built_in(name) for name in (*BUILT_IN, "vWA", "AMEL"))


def test_periods() -> None:
    five = {"PentaC", "PentaD", "PentaE", "CD4", "D10S2325"}
    three = {"D22S1045", "D1S1627", "D8S1115", "D9S2157", "D12ATA63", "D18S853", "D20S1082"}
    for name in BUILT_IN:
        assert locus(name).period == (5 if name in five else 3 if name in three else 4), name


def test_locus_sets_of_the_annex_and_of_the_standard_sets() -> None:
    assert tuple(BUILT_IN[:7]) == ESS_7
    assert tuple(BUILT_IN[:23]) == ANNEX_LOCI
    assert (*BUILT_IN[:7], *BUILT_IN[23:28]) == ESS_12
    assert len({*ANNEX_LOCI, *ESS_12}) == 28


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("vWA", "VWA"),
        ("VWF", "VWA"),
        ("VWA31", "VWA"),
        ("TH 01", "TH01"),
        ("THO1", "TH01"),
        ("TC11", "TH01"),
        ("ACTBP2", "SE33"),
        ("F13A01", "F13A1"),
        ("HUMF13A01", "F13A1"),
        ("FIBRA", "FGA"),
        ("D6S502", "D8S1179"),
        ("FESFPS", "FES"),
        ("FES_FPS", "FES"),
        ("FES/FPS".replace("/", "-"), "FES"),
        ("CSF1P0", "CSF1PO"),
        ("csf1po", "CSF1PO"),
        ("Penta D", "PentaD"),
        ("PENTA_E", "PentaE"),
        ("penta.c", "PentaC"),
        ("d3s1358", "D3S1358"),
        (" D3-S1358\t", "D3S1358"),
        ("AM", "AMEL"),
        ("AMG", "AMEL"),
        ("Amelogenin", "AMEL"),
    ],
)
def test_spellings(spelling: str, name: str) -> None:
    assert locus(spelling).name == name
    assert locus(spelling) is locus(name)


def test_every_name_folds_onto_itself() -> None:
    for item in loci():
        for spelling in (item.name.lower(), item.name.upper(), f" {item.name[:2]}_{item.name[2:]}"):
            assert locus(spelling) is item


def test_amelogenin_is_known_and_outside_the_registry() -> None:
    item = locus("AMEL")
    assert (item.name, item.period, item.index) == (AMELOGENIN, 0, -1)
    assert item not in loci()
    with pytest.raises(InvalidInput, match="unknown_locus"):
        locus_at(item.index)


@pytest.mark.parametrize(
    "name", ["", " ", "FGA2", "D3S1359", "DYS391", "\uff243S1358", "D3\u017f1358", 5, None, b"FGA"]
)
def test_unknown_names(name: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        locus(name)  # type: ignore[arg-type]
    assert caught.value.code == "unknown_locus"
    assert caught.value.value == name
    assert str(name) == "" or str(name).strip() == "" or str(name) not in str(caught.value)


@pytest.mark.parametrize("name", ["D5S2500", "d5 s2500", "D5S-2500"])
def test_a_name_of_two_loci_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        locus(name)
    assert caught.value.code == "ambiguous_locus"


@pytest.mark.parametrize("index", [-1, -2, 255, 10**9])
def test_positions_without_a_locus(index: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        locus_at(index)
    assert caught.value.code == "unknown_locus"


@pytest.mark.parametrize(
    "name",
    ["DYS391", "dys 385a/b", "DYF387S1", "Yindel", "Y-indel", "QS1", "qs_2", "IQCS", "YGATAH4"],
)
def test_ignored_markers(name: str) -> None:
    assert ignored_marker(name)


@pytest.mark.parametrize("name", [*BUILT_IN, "AMEL", "AM", "QS", "DYS", "Y", "", None, 3])
def test_markers_that_count(name: object) -> None:
    assert not ignored_marker(name)  # type: ignore[arg-type]


def test_power_is_the_nist_probability_of_a_shared_genotype() -> None:
    counts: dict[str, Counter[str]] = {}
    with NIST.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for column, allele in row.items():
                if column not in ("sample", "pop") and allele:
                    counts.setdefault(locus(column[:-2]).name, Counter())[allele] += 1
    assert len(counts) == 29
    for name, alleles in counts.items():
        total = alleles.total()
        shares = [count / total for count in alleles.values()]
        same = sum(p**4 for p in shares)
        same += sum((2 * p * q) ** 2 for p, q in itertools.combinations(shares, 2))
        assert locus(name).power == pytest.approx(same, abs=5e-7), name
    unmeasured = [item for item in loci()[: len(BUILT_IN)] if item.name not in counts]
    assert {item.power for item in unmeasured} == {0.2}
    assert max(locus(name).power for name in counts) < 0.2


def test_kits_have_the_loci_of_the_rule_book() -> None:
    sizes = {
        "SGM Plus": 10,
        "Identifiler": 15,
        "PowerPlex 16": 15,
        "NGM": 15,
        "PowerPlex ESX 16": 15,
        "Investigator ESSplex": 15,
        "Investigator ESSplex Plus": 15,
        "NGM SElect": 16,
        "PowerPlex ESX 17": 16,
        "PowerPlex ESI 17 Fast": 16,
        "Investigator ESSplex SE": 16,
        "GlobalFiler": 21,
        "PowerPlex Fusion": 22,
        "PowerPlex Fusion 6C": 23,
    }
    assert {name: len(kit.loci) for name, kit in KITS.items()} == sizes
    for kit in KITS.values():
        assert len(set(kit.loci)) == len(kit.loci)
        assert all(locus(name).name == name for name in kit.loci)
        assert all(ignored_marker(name) or name == AMELOGENIN for name in kit.also)
        assert set(ESS_7) <= set(kit.loci)
        modern = kit.name not in ("SGM Plus", "Identifiler", "PowerPlex 16")
        assert (set(ESS_12) <= set(kit.loci)) is modern, kit.name
    # Overlaps that rule book 1.1 states.
    sgm = set(KITS["SGM Plus"].loci)
    assert len(sgm & set(KITS["NGM"].loci)) == 10
    assert sgm & set(KITS["PowerPlex 16"].loci) == {*ESS_7, "D16S539"}
    common = set.intersection(*(set(kit.loci) for kit in KITS.values()))
    assert common == {*ESS_7, "D16S539"}
    assert "NGM" in repr(KITS)
    with pytest.raises(KeyError):
        KITS["no such kit"]


@alone
def test_registering_a_locus() -> None:
    before = loci()
    added = register_locus("T-new 1", 5, aliases=["TN1", "tn_one"])
    assert loci() == (*before, added)
    assert added.index == len(before)
    assert added.period == 5
    assert not is_built_in("tn.1")
    assert locus("tn.1") is locus("TNEW1") is locus("TN ONE") is added
    assert register_locus("T-new 1", 5, aliases=["TN1", "tn_one"]) is added
    assert register_locus("T-new 1", 5, aliases="TN1") is added
    assert register_locus("TH01", 4, aliases=["TC11"]) is locus("TH01")
    assert loci() == (*before, added)


@pytest.mark.parametrize(
    ("name", "period", "aliases", "code"),
    [
        ("TH01", 5, (), "locus_conflict"),
        ("th 01", 4, (), "locus_conflict"),
        ("TH01", 4, ("NEWNAME",), "locus_conflict"),
        ("FreshA", 4, ("vWA",), "locus_conflict"),
        ("FreshA", 4, ("d5s2500",), "locus_conflict"),
        ("D5S2500", 4, (), "locus_conflict"),
        ("DYS999", 4, (), "locus_conflict"),
        ("FreshA", 4, ("QS9",), "locus_conflict"),
        ("AM", 4, (), "locus_conflict"),
        ("FreshA", 1, (), "bad_locus"),
        ("FreshA", 11, (), "bad_locus"),
        ("FreshA", True, (), "bad_locus"),
        ("FreshA", 4.0, (), "bad_locus"),
        ("", 4, (), "bad_locus"),
        ("9A", 4, (), "bad_locus"),
        ("A" * 33, 4, (), "bad_locus"),
        ("Fräsh", 4, (), "bad_locus"),
        ("FreshA", 4, (7,), "bad_locus"),
    ],
)
def test_conflicts_are_refused(name: str, period: int, aliases: tuple[str], code: str) -> None:
    before = loci()
    with pytest.raises(InvalidInput) as caught:
        register_locus(name, period, aliases=aliases)
    assert caught.value.code == code
    assert loci() == before
    for spelling in ("FreshA", "NEWNAME"):
        with pytest.raises(InvalidInput):
            locus(spelling)


@alone
def test_a_registered_locus_is_not_sent() -> None:
    register_locus("T-new 1", 4)
    whole = dna.Profile({"TH01": (6, 9.3), "T-new 1": (7, 8)})
    sent = dna.to_bytes(whole)
    assert sent == dna.to_bytes(dna.Profile({"TH01": (6, 9.3)}))
    assert dna.from_bytes(sent) != whole


@alone
def test_registering_from_many_threads() -> None:
    before = len(loci())
    gate = threading.Barrier(8)
    results: list[list[int]] = [[] for _ in range(8)]

    def work(number: int) -> None:
        gate.wait()
        for step in range(10):
            results[number].append(register_locus(f"Shared{step}", 4).index)
            results[number].append(register_locus(f"Own{number}x{step}", 3).index)
            assert locus(f"shared {step}").period == 4

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loci()) == before + 10 + 80
    assert [item.index for item in loci()] == list(range(len(loci())))
    shared = {tuple(indices[::2]) for indices in results}
    assert len(shared) == 1
    own = [index for indices in results for index in indices[1::2]]
    assert len(set(own)) == 80


def test_the_registry_is_bounded() -> None:
    code = (
        "from prum_match.dna.profiles.loci import *\n"
        "for i in range(300):\n"
        "    try: register_locus(f'X{i}', 4)\n"
        "    except ValueError as error:\n"
        "        print(error.code, len(loci())); break\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert re.fullmatch(r"registry_full 255\s*", done.stdout)
