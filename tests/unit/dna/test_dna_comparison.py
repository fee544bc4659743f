"""The fields of a comparison of two profiles."""

from __future__ import annotations

import inspect

import pytest

from prum_match import dna, face
from prum_match.errors import ComparisonMismatch, InvalidInput, NoSuchColumn

SIX = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
}
PROFILE = dna.Profile(SIX)
HIGH_OF_SIX = dna.CodisPolicy(name="six", version="1", source="", stringency="high", min_loci=6)


@pytest.mark.parametrize(
    ("other", "policy", "grade"),
    [
        (SIX, dna.PRUM_2008, 1),
        (SIX | {"FGA": (21, "*")}, dna.PRUM_2008, None),
        (SIX | {"FGA": (21, "*")}, dna.PRUM_2008_LITERAL, 2),
        (
            SIX,
            dna.CodisPolicy(name="six", version="1", source="", stringency="high", min_loci=6),
            1,
        ),
        (SIX, dna.CODIS_HIGH, None),
    ],
)
def test_a_comparison_is_a_candidate_where_a_search_finds_it(
    other: dict[str, tuple[float | str, ...]], policy: dna.Policy, grade: int | None
) -> None:
    found = dna.compare(PROFILE, dna.Profile(other), policy=policy)
    assert (found.policy, found.grade, found.quality) == (policy, grade, grade)
    gallery = dna.Gallery()
    gallery.enrol(["R"], [dna.Profile(other)])
    answer = gallery.search(PROFILE, policy=policy)
    assert found.is_candidate == bool(answer)
    assert [candidate.grade for candidate in answer] == [grade] * len(answer)


def test_a_comparison_of_profiles_has_no_score() -> None:
    found = dna.compare(PROFILE, PROFILE)
    assert not hasattr(found, "score")
    assert dict(inspect.getmembers(found))["quality"] == 1
    with pytest.raises(NoSuchColumn) as caught:
        _ = found.score
    assert (caught.value.code, caught.value.field) == ("no_such_column", "score")


def test_invalid_arguments_are_refused() -> None:
    for field, arguments in (("probe", ("A-17", PROFILE)), ("reference", (PROFILE, "A-17"))):
        with pytest.raises(InvalidInput) as caught:
            dna.compare(*arguments)  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.field) == ("bad_profile", field)
    with pytest.raises(ComparisonMismatch) as mismatch:
        dna.compare(PROFILE, PROFILE, policy=face.Policy(threshold=1))  # type: ignore[arg-type]
    assert (mismatch.value.code, mismatch.value.field) == ("foreign_policy", "policy")
