from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from prum_match.dna.profiles.loci import ESS_7, ESS_12
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.rules.inclusion import (
    INCLUSION_2008,
    INCLUSION_PRUM2,
    InclusionRule,
    inclusion_problems,
)

OTHERS = ("TPOX", "CSF1PO", "D13S317", "D7S820", "D5S818", "D16S539", "D2S1338")


def profile(*names: str, kind: str = "reference", **values: Any) -> Profile:
    return Profile({**dict.fromkeys(names, (10, 12)), **values}, kind=kind)


def rules(found: Profile, rule: InclusionRule = INCLUSION_2008) -> list[str]:
    return [note.rule for note in inclusion_problems(found, rule)]


def test_six_loci_of_the_old_standard_set_are_enough() -> None:
    for missing in ESS_7:
        assert rules(profile(*(name for name in ESS_7 if name != missing))) == []
    assert rules(profile(*ESS_7)) == []


def test_five_loci_are_not_enough() -> None:
    assert rules(profile(*ESS_7[:5])) == ["min_loci", "min_core"]
    assert rules(profile(*ESS_7[:5]), INCLUSION_PRUM2) == ["min_loci", "min_core"]


def test_a_reference_needs_six_core_loci() -> None:
    assert rules(profile(*ESS_7[:5], *OTHERS)) == ["min_core"]
    assert rules(profile(*ESS_7[:6], *OTHERS)) == []


def test_a_stain_needs_six_loci_of_any_set() -> None:
    assert rules(profile(*OTHERS[:6], kind="stain")) == []
    assert rules(profile(*OTHERS[:5], kind="stain")) == ["min_loci"]


def test_prum2_counts_the_new_standard_set() -> None:
    modern = profile(*ESS_12[5:])
    assert rules(modern) == ["min_core"]
    assert rules(modern, INCLUSION_PRUM2) == []


def test_amelogenin_and_loci_outside_the_view_do_not_count() -> None:
    assert rules(profile(*ESS_7[:5], AMEL=("X", "Y"))) == ["min_loci", "min_core"]
    assert rules(profile(*ESS_7[:5], D18S51=("r", "r"))) == ["min_loci", "min_core"]


@pytest.mark.parametrize("values", [(10, "*"), (10, "OL"), (10, 99), (10, 12, 13)])
def test_a_wildcard_is_not_fully_designated(values: Any) -> None:
    assert rules(profile(*ESS_7[:5], D18S51=values)) == ["min_loci", "min_core"]


def test_a_single_value_counts_by_kind() -> None:
    assert rules(profile(*ESS_7[:5], D18S51=10)) == []
    assert rules(profile(*ESS_7[:5], D18S51=10, kind="stain")) == ["min_loci"]


def test_a_host_may_define_a_rule() -> None:
    house = InclusionRule("house", "1", "order", min_loci=8, core=("TPOX",), min_core=1)
    assert rules(profile(*ESS_7), house) == ["min_loci", "min_core"]
    assert rules(profile(*ESS_7, "TPOX"), house) == []


def test_the_note_counts_and_names_the_rule() -> None:
    notes = inclusion_problems(profile(*ESS_7[:4], "TPOX"))
    assert [note.locus for note in notes] == [None, None]
    assert "5 fully designated loci of the 6" in notes[0].message
    assert "4 fully designated core loci of the 6" in notes[1].message
    assert all(INCLUSION_2008.name in note.message for note in notes)


def test_rules_are_frozen_and_name_their_source() -> None:
    for rule in (INCLUSION_2008, INCLUSION_PRUM2):
        assert (rule.min_loci, rule.min_core) == (6, 6)
        assert "interpretation" in rule.source
        with pytest.raises(FrozenInstanceError):
            rule.min_loci = 5  # type: ignore[misc]
    assert INCLUSION_2008.core == ESS_7
    assert INCLUSION_PRUM2.core == ESS_12
    assert replace(INCLUSION_2008, min_loci=7).min_loci == 7
