"""A search equals brute force for every probe, policy, instruction set, thread count and layout.

The oracle does not use codes, classes, runs or an order of columns.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import prum_match
from prum_match import Eligible, dna
from prum_match.engine import CandidateList
from prum_match.errors import InvalidInput
from prum_match.testing import strategies
from prum_match.testing.strategies.dna import FilledGallery
from support.dna import TIERS, expected, listed, normal_of, tier
from support.examples import examples

pytestmark = pytest.mark.native

THREADS = (1, 2, 5)

Drawn = tuple[FilledGallery, list[dna.Profile]]

exact_search = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def same(a: CandidateList[Any], b: CandidateList[Any]) -> bool:
    return (
        a.reference_ids == b.reference_ids
        and (a.n_found, a.examined, a.truncated) == (b.n_found, b.examined, b.truncated)
        and a.columns.keys() == b.columns.keys()
        and all(np.array_equal(a.columns[name], b.columns[name]) for name in a.columns)
    )


@settings(exact_search, max_examples=examples(120))
@given(strategies.galleries(), st.lists(strategies.policies(), min_size=1, max_size=3))
def test_all_candidates_with_all_counts_in_order(drawn: Drawn, policies: list[dna.Policy]) -> None:
    filled, probes = drawn
    for probe, policy in product(probes, policies):
        candidates = expected(probe, filled.profiles, policy)
        for name in TIERS:
            with tier(name):
                first = filled.gallery.search(probe, policy=policy, threads=1)
                others = [
                    filled.gallery.search(probe, policy=policy, threads=threads)
                    for threads in THREADS[1:]
                ]
            assert listed(first) == candidates
            assert first.n_found == len(candidates)
            assert first.examined == len(filled.profiles)
            assert not first.truncated
            assert all(same(first, other) for other in others)


@settings(exact_search, max_examples=examples(60))
@given(
    strategies.galleries(),
    strategies.policies(max_candidates=6),
    st.none() | st.integers(1, 12),
    st.sampled_from(THREADS),
)
def test_a_limit_keeps_the_best_and_marks_the_list_truncated(
    drawn: Drawn, policy: dna.Policy, limit: int | None, threads: int
) -> None:
    filled, probes = drawn
    for probe in probes:
        candidates = expected(probe, filled.profiles, policy)
        caps = [cap for cap in (limit, policy.max_candidates) if cap is not None]
        kept = candidates[: min(caps)] if caps else candidates
        for name in TIERS:
            with tier(name):
                answer = filled.gallery.search(probe, policy=policy, limit=limit, threads=threads)
            assert listed(answer) == kept
            assert answer.n_found == len(candidates)
            assert answer.truncated == (len(kept) < len(candidates))


@settings(exact_search, max_examples=examples(60))
@given(
    strategies.galleries(),
    strategies.policies(max_candidates=9),
    st.none() | st.integers(1, 9),
    st.integers(0, 9),
    st.sampled_from(THREADS),
    st.sampled_from(TIERS),
)
def test_a_batch_equals_single_searches(
    drawn: Drawn, policy: dna.Policy, limit: int | None, extra: int, threads: int, name: str
) -> None:
    filled, probes = drawn
    probes = [*probes, *list(filled.profiles.values())[:extra]]
    with tier(name):
        answers = filled.gallery.search_many(probes, policy=policy, limit=limit, threads=threads)
        singles = [
            filled.gallery.search(probe, policy=policy, limit=limit, threads=1) for probe in probes
        ]
    assert len(answers) == len(probes)
    assert all(same(a, b) for a, b in zip(answers, singles, strict=True))
    assert [a.probe for a in answers] == probes
    # The columns of all probes are those of each, one after the other.
    assert answers.reference_ids == [name for single in singles for name in single.reference_ids]
    assert answers.offsets.tolist() == np.cumsum([0, *(len(s) for s in singles)]).tolist()
    for column, values in answers.columns.items():
        assert values.tolist() == [v for s in singles for v in s.columns[column].tolist()]


@settings(exact_search, max_examples=examples(80))
@given(
    strategies.galleries(labels=(None, "suspect", "stain", "victim")),
    strategies.policies(),
    st.none() | st.sets(st.sampled_from(("suspect", "stain", "victim"))),
    st.data(),
)
def test_only_eligible_references_are_candidates(
    drawn: Drawn, policy: dna.Policy, labels: set[str] | None, data: st.DataObject
) -> None:
    filled, (probe, *_) = drawn
    ids = None
    if filled.profiles:
        ids = data.draw(st.none() | st.sets(st.sampled_from(sorted(filled.profiles))))
    chosen = {
        name: profile
        for name, profile in filled.profiles.items()
        if (labels is None or filled.labels[name] in labels) and (ids is None or name in ids)
    }
    candidates = expected(probe, chosen, policy)
    for name, threads in product(TIERS, (1, 5)):
        with tier(name):
            answer = filled.gallery.search(
                probe, policy=policy, eligible=Eligible(labels, ids), threads=threads
            )
        assert listed(answer) == candidates
        assert answer.examined == len(chosen)
        assert [c.label for c in answer] == [filled.labels[c.reference_id] for c in answer]


@settings(exact_search, max_examples=examples(40))
@given(strategies.galleries(), strategies.policies())
def test_compaction_does_not_change_answers(drawn: Drawn, policy: dna.Policy) -> None:
    filled, probes = drawn
    before = [filled.gallery.search(probe, policy=policy) for probe in probes]
    filled.gallery.compact()
    assert len(filled.gallery._core.segments()) == (1 if filled.profiles else 0)
    assert all(segment.rows == len(filled.profiles) for segment in filled.gallery._core.segments())
    after = [filled.gallery.search(probe, policy=policy) for probe in probes]
    assert all(same(a, b) for a, b in zip(before, after, strict=True))
    assert all(filled.gallery[name] == profile for name, profile in filled.profiles.items())


@settings(exact_search, max_examples=examples(40))
@given(strategies.galleries(max_size=60), strategies.policies())
def test_explanations_agree_with_the_list(drawn: Drawn, policy: dna.Policy) -> None:
    filled, (probe, *_) = drawn
    answer = filled.gallery.search(probe, policy=policy)
    for candidate, (name, verdict) in zip(answer, listed(answer), strict=True):
        explanation = candidate.explain()
        assert isinstance(explanation, dna.Comparison)
        assert explanation == dna.compare(probe, filled.profiles[name], policy=policy)
        assert explanation.quality == candidate.quality == verdict.grade
        assert sum(c.outcome != "not_compared" for c in explanation.loci) == verdict.compared


# --- a table of alleles -------------------------------------------------------------------------

PERIODS = {"TH01": 4, "D22S1045": 3, "PentaE": 5, "SE33": 4, "VWA": 4, "FGA": 4, "TPOX": 4}


@st.composite
def tables(draw: st.DrawFn) -> dna.ProfileTable:
    """Draw tables with wildcards, blanks, single values and alleles at both ends of the codes."""
    names = draw(st.permutations(tuple(PERIODS)))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 40))
    alleles = np.zeros((n, len(names), 2), np.int16)
    for column, name in enumerate(names):
        period = PERIODS[name]
        common = [120, 121, 120 + period - 1, 130]
        rare = [-1, 0, 0, 10, 990, 2, 11, 20, 500, 600, 520, 521, 522, 643, 650, 852, 860, 989]
        rare = [t for t in rare if t % 10 < period or t == -1]
        alleles[:, column] = random.choice(common, (n, 2))
        odd = random.random((n, 2)) < 0.15
        alleles[:, column][odd] = random.choice(rare, np.count_nonzero(odd))
    # Copies of the first row, each changed in one place, so that there are candidates.
    for row in range(1, n, 2):
        column = int(random.integers(len(names)))
        alleles[row], alleles[row, column] = alleles[0], alleles[row, column]
    return dna.ProfileTable(
        names,
        alleles,
        kind=draw(st.sampled_from(dna.Kind)),
        single_allele=draw(st.sampled_from((None, "homozygote", "wildcard", "drop"))),
    )


@settings(exact_search, max_examples=examples(80))
@given(tables(), strategies.policies())
def test_a_table_is_enrolled_like_its_profiles(table: dna.ProfileTable, policy: dna.Policy) -> None:
    profiles = {f"R{i}": table[i] for i in range(len(table))}
    of_table, of_profiles = dna.Gallery(), dna.Gallery()
    of_table.enrol(list(profiles), table)
    of_profiles.enrol(list(profiles), list(profiles.values()))
    for name, profile in profiles.items():
        assert of_table[name] == of_profiles[name] == profile
    for probe in list(profiles.values())[:5]:
        answers = [gallery.search(probe, policy=policy) for gallery in (of_table, of_profiles)]
        assert same(*answers)
        assert listed(answers[0]) == expected(probe, profiles, policy)
    assert np.array_equal(dna.match_matrix(of_table), dna.match_matrix(list(profiles.values())))


def test_a_table_and_profiles_share_a_gallery() -> None:
    alleles = np.full((3, 7, 2), 120, np.int16)
    table = dna.ProfileTable(dna.ESS_7, alleles)
    gallery = dna.Gallery()
    gallery.enrol(["T0", "T1", "T2"], table)
    gallery.enrol(["P"], [table[0]])
    assert gallery.search(table[0]).reference_ids == ["P", "T0", "T1", "T2"]


def test_a_table_of_probes_equals_its_profiles() -> None:
    alleles = np.full((3, 7, 2), 120, np.int16)
    alleles[1, 0] = 130
    table = dna.ProfileTable(dna.ESS_7, alleles)
    gallery = dna.Gallery()
    gallery.enrol(["T0", "T1", "T2"], table)
    answers = gallery.search_many(table, policy=dna.CODIS_HIGH)
    singles = [gallery.search(profile, policy=dna.CODIS_HIGH) for profile in table]
    assert all(same(a, b) for a, b in zip(answers, singles, strict=True))
    assert answers[1].probe == table[1]


def bad_table() -> dna.ProfileTable:
    """Return a table with invalid values in rows 1, 2 and 4; 9.4 is valid at a period of five."""
    alleles = np.full((6, 7, 2), 120, np.int16)
    alleles[1, 2] = (94, 120)
    alleles[2, 5:] = -2
    alleles[4, 6, 1] = 1000
    return dna.ProfileTable(dna.ESS_7, alleles)


def test_bad_cells_of_a_table_are_refused_by_row_and_locus() -> None:
    table, gallery = bad_table(), dna.Gallery()
    ids = [f"R{i}" for i in range(6)]
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(ids, table)
    error = caught.value
    assert (error.code, error.index, error.field) == ("bad_allele", 1, dna.ESS_7[2])
    assert "94" not in str(error)
    assert (len(gallery), gallery.generation) == (0, 0)
    report = gallery.enrol(ids, table, labels=[f"label {i}" for i in range(6)], on_error="report")
    assert [(e.index, e.field) for e in report.refused] == [
        (1, dna.ESS_7[2]),
        (2, dna.ESS_7[5]),
        (4, dna.ESS_7[6]),
    ]
    found = gallery.search(table[0], policy=dna.PRUM_2008)
    assert [(c.reference_id, c.label) for c in found] == [
        (f"R{i}", f"label {i}") for i in (0, 3, 5)
    ]
    assert report.enrolled == len(gallery) == 3


def test_profiles_without_loci() -> None:
    """Such a segment has no columns to scan and no useful runs, and merges with the others."""
    nothing = dna.Profile({"FGA": ("r", "r")})
    gallery = dna.Gallery()
    gallery.enrol(["a", "b"], [nothing, dna.Profile({})])
    assert gallery["a"] == nothing
    for policy in (dna.PRUM_2008, dna.CODIS_LOW):
        answer = gallery.search(nothing, policy=policy)
        assert (len(answer), answer.examined) == (0, 2)
    full = dna.Profile({name: (12, 13) for name in dna.ESS_7})
    assert len(gallery.search(full)) == 0
    gallery.enrol(["c", "d"], [full, nothing])
    assert len(gallery._core.segments()) == 1
    assert gallery.search(full).reference_ids == ["c"]
    assert gallery.search(nothing).examined == 4
    gallery.erase(["a", "c"])
    gallery.compact()
    assert len(gallery) == 2
    assert dna.match_matrix(gallery).tolist()[0][0] == 1


# --- loci that a host registers -----------------------------------------------------------------

# In a process of its own: a registered locus stays for good.
OTHER_PERIODS = """
import sys
sys.path[:0] = {path!r}
from hypothesis import HealthCheck, given, settings
from oracles.dna import rules as dna_rules
from prum_match import dna
from prum_match.testing import strategies
from support.dna import TIERS, expected, listed, tier
from support.examples import examples

names = []
for period in range(2, 11):
    names.append(dna.register_locus(f"PERIOD{{period}}", period).name)
    dna_rules.PERIODS[names[-1]] = period
hits = 0

@settings(
    max_examples=examples(80),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(strategies.galleries(loci=(*names, "TH01"), max_size=80), strategies.policies())
def check(drawn, policy):
    global hits
    filled, probes = drawn
    for probe in probes:
        wanted = expected(probe, filled.profiles, policy)
        hits += len(wanted)
        for name in TIERS:
            with tier(name):
                assert listed(filled.gallery.search(probe, policy=policy)) == wanted

check()
assert hits > examples(80), hits
"""


def test_every_valid_repeat_period() -> None:
    """Codes and classes depend on the period; the built-in loci have three of the nine."""
    script = OTHER_PERIODS.format(path=[entry for entry in sys.path if entry])
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=200, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]


# --- cases that were wrong once -----------------------------------------------------------------


def test_several_rare_loci_in_one_row() -> None:
    """Side entries of a row were kept in the order of the registry, not of the columns."""
    rare: dict[str, Any] = {"D8S1179": (12, 13), "D3S1358": (12, 13), "D18S51": (12, 13)}
    rare |= {"TH01": (6, 9.3), "PentaE": (12.4, 60), "SE33": ("OL", 1.3)}
    rare |= {"FGA": (20, 21, 22), "VWA": (70, 71)}
    profile = dna.Profile({**rare, "D22S1045": (86, 87)})
    assert len(normal_of(profile).originals) == 9
    for copies in (1, 70):
        gallery = dna.Gallery()
        gallery.enrol([f"R{i:02d}" for i in range(copies)], [profile] * copies)
        assert gallery["R00"] == profile
        for policy in (dna.PRUM_2008, dna.CODIS_HIGH):
            assert len(gallery.search(profile, policy=policy)) == copies


def test_a_reading_named_twice_accepts_only_itself() -> None:
    """The second mention used to make the first tag accept candidates too."""
    policy = dna.ReadingPolicy(
        name="twice",
        version="0",
        source="test",
        readings=(dna.STRICT, dna.STRICT),
        tagged=(dna.LENIENT,),
    )
    profile = dna.Profile({name: (12, 13) for name in dna.ESS_7[:5]} | {"D18S51": (12, "*")})
    assert dna.compare(profile, profile, policy=policy).quality is None
    gallery = dna.Gallery()
    gallery.enrol(["R"], [profile])
    assert len(gallery.search(profile, policy=policy)) == 0


@pytest.mark.parametrize("name", TIERS)
def test_the_tier_is_restored(name: str) -> None:
    before = prum_match.active_tier()
    with tier(name):
        assert prum_match.active_tier() == name
    assert prum_match.active_tier() == before
