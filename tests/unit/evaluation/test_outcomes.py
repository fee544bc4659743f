from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from prum_match import dna
from prum_match.errors import InvalidInput
from prum_match.evaluation import fnir, fpir, mate_ranks, mate_scores, top_scores


@dataclass
class Answer:
    reference_ids: list[str]
    scores: Any


ANSWERS = [
    Answer(["AT-1", "AT-2", "AT-3"], np.array([0.9, 0.7, 0.7])),
    Answer(["AT-4"], np.array([0.6])),
    Answer([], np.array([])),
]


def test_mates_become_ranks_and_scores() -> None:
    # Two references of one subject: the better placed one counts.
    mates = [{"AT-3", "AT-2"}, {"AT-9"}, {"AT-1"}]
    ranks, scores = mate_ranks(ANSWERS, mates), mate_scores(ANSWERS, mates)
    assert ranks.tolist() == [2, 0, 0]
    assert scores.tolist() == [0.7, -np.inf, -np.inf]
    assert fnir(scores, ranks, threshold=0.7, rank=2) == pytest.approx(2 / 3)


def test_best_scores_of_non_mated_searches() -> None:
    tops = top_scores(ANSWERS)
    assert tops.tolist() == [0.9, 0.6, -np.inf]
    assert fpir(tops, 0.6) == pytest.approx(2 / 3)


def test_candidate_lists_of_a_gallery() -> None:
    gallery = dna.Gallery()
    loci = ("VWA", "TH01", "FGA", "D21S11", "D8S1179", "D3S1358", "D18S51")
    profiles = [dna.Profile(dict.fromkeys(loci, (str(a), str(a + 1)))) for a in (10, 20)]
    gallery.enrol(["AT-1", "AT-2"], profiles)
    answers = gallery.search_many([*profiles, dna.Profile(dict.fromkeys(loci, ("15", "16")))])
    ranks = mate_ranks(answers, [{"AT-1"}, {"AT-2"}, {"AT-1"}])
    assert ranks.tolist() == [1, 1, 0]
    assert fnir(None, ranks) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("mates", "code", "index"),
    [
        ([{"AT-1"}], "length_mismatch", None),
        ([{"AT-1"}, set(), {"AT-1"}], "no_mate", 1),
        ([{"AT-1"}, {"AT-1"}, "AT-1"], "bad_mates", 2),
    ],
)
def test_mates_that_are_refused(mates: Any, code: str, index: int | None) -> None:
    for read in (mate_ranks, mate_scores):
        with pytest.raises(InvalidInput) as caught:
            read(ANSWERS, mates)
        assert (caught.value.code, caught.value.index) == (code, index)
