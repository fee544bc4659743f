"""The oracle reproduces the golden vectors of the rule book, in both directions."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from oracles.dna import rules as dna_rules

pytestmark = pytest.mark.native

GOLDEN = files("prum_match.dna") / "data" / "golden_2008.json"
VECTORS = json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_there_are_45_vectors() -> None:
    assert len({vector["id"] for vector in VECTORS}) == 45


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_golden_vector(vector: dict[str, Any]) -> None:
    # D27 is stated for a source whose single values are not homozygotes.
    single = "drop" if vector["id"] == "D27" else None
    a = dna_rules.normalise(vector["A"], single_allele=single)
    b = dna_rules.normalise(vector["B"], single_allele=single)
    assert not a.suspected_mixture
    for counts in (dna_rules.compare(a, b), dna_rules.compare(b, a)):
        found = {name: dna_rules.quality(counts, name) for name in dna_rules.POLICIES}
        found |= vars(counts)
        assert {name: found[name] for name in vector["expect"]} == vector["expect"]


def test_budgets_count_alleles() -> None:
    expected = {"D13": (1, 1, 0), "D32": (0, 0, 2), "D22": (0, 1, 1)}
    for vector in VECTORS:
        if vector["id"] in expected:
            counts = dna_rules.compare(
                dna_rules.normalise(vector["A"]), dna_rules.normalise(vector["B"])
            )
            alleles = (counts.mismatch_alleles, counts.wild_alleles, counts.micro_alleles)
            assert alleles == expected[vector["id"]], vector["id"]


def test_codis_stringencies() -> None:
    cases = [
        ((14, 15), (15, 14), "high"),
        ((14, 14), (14,), "high"),
        ((14,), (14, 15), "moderate"),
        ((14, "OL"), (14, 15), "moderate"),
        ((14, 15, 16), (14, 16), "moderate"),
        ((14, 15), (15, 16), "low"),
        ((14, 15), (16, 17), None),
    ]
    for mine, theirs, level in cases:
        a, b = dna_rules.normalise({"FGA": mine}), dna_rules.normalise({"FGA": theirs})
        assert dna_rules.codis(a, b) == dna_rules.codis(b, a) == {"FGA": level}
    empty = dna_rules.normalise({"FGA": ("r", "r")})
    assert dna_rules.codis(empty, dna_rules.normalise({"FGA": (14, 15)})) == {}


def test_search_ranks_by_quality_then_loci_then_id() -> None:
    base = dict.fromkeys(("VWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51"), (10, 12))
    six = {name: base[name] for name in list(base)[:6]}
    references = {
        "b": dna_rules.normalise(base),
        "B": dna_rules.normalise(base),
        "six": dna_rules.normalise(six),
        "wild": dna_rules.normalise({**base, "TPOX": (10, 12), "FGA": (10, "OL")}),
        "near": dna_rules.normalise({**base, "FGA": (10, 13)}),
        "five": dna_rules.normalise(dict(list(six.items())[:5])),
    }
    found = dna_rules.search(dna_rules.normalise(base), references, "strict6")
    assert [(name, grade) for name, grade, _ in found] == [
        ("B", 1),
        ("b", 1),
        ("six", 1),
        ("wild", 2),
        ("near", 4),
    ]
