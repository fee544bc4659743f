"""The golden vectors of the rule book, GENis' stringency cases and DNAtools' matrix of matches.

The vectors go through `dna.compare` and through a gallery on every instruction set. Six of them
are disputed: the text of Decision 2008/616/JHA is open there, and the three readings differ.
"""

from __future__ import annotations

import csv
import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from prum_match import dna
from support.dna import TIERS, tier

pytestmark = pytest.mark.native

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("PRUM_SHARED") or HERE.parents[2] / "shared")
GOLDEN = files("prum_match.dna") / "data" / "golden_2008.json"
VECTORS: list[dict[str, Any]] = json.loads(GOLDEN.read_text("utf-8"))
DISPUTED = frozenset({"D13", "D14", "D15", "D20", "D22", "D25"})
POLICIES = {
    "strict6": dna.PRUM_2008_STRICT,
    "literal": dna.PRUM_2008_LITERAL,
    "lenient": dna.PRUM_2008_LENIENT,
}


def named(vector: dict[str, Any]) -> str:
    return str(vector["id"]) + "-disputed" * (vector["id"] in DISPUTED)


def profile(vector: dict[str, Any], side: str, kind: str = "reference") -> dna.Profile:
    # D27 is stated for a source whose single values are neither homozygotes nor half known.
    single = "drop" if vector["id"] == "D27" else "homozygote"
    return dna.Profile(vector[side], kind=kind, single_allele=single)


vectors = pytest.mark.parametrize("vector", VECTORS, ids=map(named, VECTORS))


def test_there_are_45_vectors_and_six_are_disputed() -> None:
    assert len({vector["id"] for vector in VECTORS}) == 45
    differ = {v["id"] for v in VECTORS if len({v["expect"][name] for name in POLICIES}) > 1}
    assert differ == DISPUTED


@vectors
def test_compare_gives_the_golden_result(vector: dict[str, Any]) -> None:
    expect = vector["expect"]
    a, b = profile(vector, "A"), profile(vector, "B", "stain")
    for left, right in ((a, b), (b, a)):
        for name, policy in POLICIES.items():
            result = dna.compare(left, right, policy=policy)
            assert result.quality == expect[name], name
            found = {
                "compared": result.compared,
                "exact": result.exact,
                "wild": result.wildcard,
                "micro": result.micro_variant,
                "mismatch_loci": result.mismatch_loci,
                "mismatch_alleles": result.mismatch_alleles,
                "hitcount": result.hit_count,
            }
            assert {key: expect[key] for key in found} == found
        holding = {name for name in POLICIES if expect[name] is not None}
        assert dna.compare(left, right).readings == holding
        assert dna.compare(left, right).amelogenin_differs == (vector["id"] == "D28")
    # A responder answers with the union of the two readings that a hit may be claimed under.
    answered = dna.compare(a, b, policy=dna.RESPONDER_2008).quality
    assert answered == (expect["strict6"] or expect["literal"])


@pytest.mark.parametrize("name", TIERS)
@vectors
def test_search_gives_the_golden_result(vector: dict[str, Any], name: str) -> None:
    """Search in both directions, among references that differ at all loci."""
    expect = vector["expect"]
    far = dna.Profile({locus: (40, 41) for locus in dna.ESS_12})
    for probe, reference in (("A", "B"), ("B", "A")):
        gallery = dna.Gallery()
        ids = [f"far{i:03d}" for i in range(130)]
        gallery.enrol([*ids, "golden"], [far] * 130 + [profile(vector, reference)])
        for reading, policy in (*POLICIES.items(), ("responder", dna.RESPONDER_2008)):
            wanted = expect.get(reading, expect["strict6"] or expect["literal"])
            with tier(name):
                answer = gallery.search(profile(vector, probe), policy=policy)
            assert answer.reference_ids == ["golden"] * (wanted is not None), reading
            assert answer.examined == 131
            if wanted is not None:
                candidate = answer[0]
                assert candidate.quality == wanted
                assert candidate.readings == {k for k in POLICIES if expect[k] is not None}
                columns = candidate.columns
                assert columns["compared"] == expect["compared"]
                assert columns["exact"] == expect["exact"]
                assert columns["mismatch_alleles"] == expect["mismatch_alleles"]


# --- GENis --------------------------------------------------------------------------------------

GENIS = SHARED / "data/dna/golden/genis_stringency_cases.csv"
Level = Literal["high", "moderate", "low"]
STRICTEST: dict[str, Level | None] = {
    "High": "high",
    "Moderate": "moderate",
    "Low": "low",
    "NoMatch": None,
}


def genis_cases() -> list[dict[str, str]]:
    if not GENIS.exists():
        return []
    with GENIS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def not_applicable(case: dict[str, str]) -> str | None:
    """Return why a case of GENis does not apply here."""
    text = f"{case['a']} {case['b']}"
    if "OL<" in text or "OL>" in text:
        return "GENis' off-ladder ranges: here a value off the ladder is no designation (N2)"
    if "X" in text:
        return "GENis' micro-variant of unknown fraction: here `12.X` is malformed (N9)"
    return None


GENIS_CASES = genis_cases()


@pytest.mark.skipif(not GENIS_CASES, reason="GENis' cases are kept beside the repository")
def test_inapplicable_genis_cases_are_left_out() -> None:
    reasons = [not_applicable(case) for case in GENIS_CASES]
    assert reasons.count(None) == 4
    assert len(reasons) == 20
    plain = dna.Profile({"TH01": ["OL<12", "12"]})
    assert plain.designations["TH01"] == (48,)
    with pytest.raises(ValueError, match="malformed"):
        dna.Profile({"TH01": ["12.X", "12"]})


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(
    "case", GENIS_CASES, ids=[f"{c['a']}-{c['b']}".replace(" ", ",") for c in GENIS_CASES]
)
def test_genis_stringency(case: dict[str, str], name: str) -> None:
    reason = not_applicable(case)
    if reason is not None:
        pytest.skip(f"not applicable: {reason}")
    # Their 1 to 4 stand for any alleles; here a plain 1 is a wildcard (N3), so 11 to 14.
    a, b = (
        dna.Profile({"TH01": [str(10 + int(allele)) for allele in case[side].split()]})
        for side in ("a", "b")
    )
    strictest = STRICTEST[case["expected"]]
    order: tuple[Level, ...] = ("high", "moderate", "low")
    for level in order:
        policy = dna.CodisPolicy(
            name=level, version="0", source="GENis", stringency=level, min_loci=1
        )
        reaches = strictest is not None and order.index(level) >= order.index(strictest)
        grade = order.index(strictest) + 1 if reaches and strictest else None
        for left, right in ((a, b), (b, a)):
            assert dna.compare(left, right, policy=policy).quality == grade
            gallery = dna.Gallery()
            gallery.enrol(["R"], [right])
            with tier(name):
                assert gallery.search(left, policy=policy).reference_ids == ["R"] * reaches


# --- DNAtools -----------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", TIERS)
def test_dnatools_matrix(name: str, threads: int) -> None:
    people = SHARED / "data/dna/dnatools_dbExample_1000x10loci.csv"
    golden = SHARED / "data/dna/golden/dnatools_dbExample_M.csv"
    if not people.exists() or not golden.exists():
        pytest.skip("DNAtools' example is kept beside the repository; set PRUM_SHARED")
    with golden.open(newline="") as file:
        wanted = np.array([row[1:] for row in csv.reader(file)][1:]).astype(np.int64)
    with people.open(newline="") as file:
        rows = list(csv.DictReader(file))
    loci = list(dict.fromkeys(c.rsplit(".", 1)[0] for c in rows[0] if "." in c))
    assert len(rows) == 1000
    assert len(loci) == 10
    profiles = [
        dna.Profile({locus: [row[f"{locus}.1"], row[f"{locus}.2"]] for locus in loci})
        for row in rows
    ]
    with tier(name):
        found = dna.match_matrix(profiles, threads=threads)
    assert np.array_equal(found, wanted)
    assert found.sum() == 1000 * 999 // 2
