"""Conversions between the library's objects and the oracles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

import prum_match
from oracles.dna import policies as dna_policies
from oracles.dna import rules as dna_rules
from prum_match import _native, dna
from prum_match.engine import CandidateList
from prum_match.errors import InvalidInput

TIERS = prum_match.cpu_tiers()
EXCHANGE_COUNTS = ("wildcard", "micro_variant")
ORIGINAL_COUNTS = ("moderate", "low")


@contextmanager
def tier(name: str) -> Iterator[None]:
    """Use one instruction set within a block, then restore the previous one."""
    before = prum_match.active_tier()
    _native.use_tier(name)
    try:
        yield
    finally:
        _native.use_tier(before)


@lru_cache(maxsize=4096)
def normal_of(profile: dna.Profile) -> dna_rules.Normal:
    """Normalise the laboratory's values with the oracle."""
    raw: Mapping[str, Any] = profile.originals
    return dna_rules.normalise(raw, profile.kind.value, profile.single_allele)


def _reading(reading: dna.Reading) -> dna_policies.Reading:
    return dna_policies.Reading(
        reading.name,
        reading.min_loci,
        reading.counts_wildcard,
        reading.counts_micro,
        reading.wildcard_cost,
        reading.budget,
    )


def described(policy: dna.Policy) -> dna_policies.Readings | dna_policies.Stringency:
    """Describe a policy to the oracle."""
    if isinstance(policy, dna.CodisPolicy):
        return dna_policies.Stringency(
            policy.stringency, policy.min_loci, policy.max_mismatched_loci
        )
    assert isinstance(policy, dna.ReadingPolicy)
    accepting = tuple(_reading(reading) for reading in policy.readings)
    tagged = tuple(_reading(reading) for reading in policy.tagged)
    return dna_policies.Readings(accepting, tuple(dict.fromkeys((*accepting, *tagged))))


Candidates = list[tuple[str, dna_policies.Verdict]]


def expected(
    probe: dna.Profile, references: Mapping[str, dna.Profile], policy: dna.Policy
) -> Candidates:
    """Search by brute force."""
    return dna_policies.search(
        normal_of(probe),
        {name: normal_of(profile) for name, profile in references.items()},
        described(policy),
    )


def listed(answer: CandidateList[dna.Profile]) -> Candidates:
    """Read a candidate list in the oracle's terms, from its columns."""
    original = isinstance(answer.policy, dna.CodisPolicy)
    columns = answer.columns
    second, third = (columns[name] for name in (ORIGINAL_COUNTS if original else EXCHANGE_COUNTS))
    assert not np.any(answer.grades == 0)
    return [
        (
            reference_id,
            dna_policies.Verdict(
                grade=int(answer.grades[i]),
                compared=int(columns["compared"][i]),
                exact=int(columns["exact"][i]),
                second=int(second[i]),
                third=int(third[i]),
                mismatch_loci=int(columns["mismatch_loci"][i]),
                mismatch_alleles=int(columns["mismatch_alleles"][i]),
                tags=answer[i].readings,
                amelogenin_differs=bool(columns["amelogenin_differs"][i]),
            ),
        )
        for i, reference_id in enumerate(answer.reference_ids)
    ]


def compared(a: dna.Profile, b: dna.Profile, policy: dna.Policy) -> dna_policies.Verdict:
    """Compare with the library, in the oracle's terms."""
    result = dna.compare(a, b, policy=policy)
    original = isinstance(policy, dna.CodisPolicy)
    return dna_policies.Verdict(
        grade=result.quality,
        compared=result.compared,
        exact=result.exact,
        second=result.moderate if original else result.wildcard,
        third=result.low if original else result.micro_variant,
        mismatch_loci=result.mismatch_loci,
        mismatch_alleles=result.mismatch_alleles,
        tags=result.readings,
        amelogenin_differs=result.amelogenin_differs,
    )


def refused(code: str, *args: Any, **kwargs: Any) -> InvalidInput:
    """Make a profile that is refused, and return the code."""
    with pytest.raises(InvalidInput) as caught:
        dna.Profile(*args, **kwargs)
    assert caught.value.code == code
    return caught.value
