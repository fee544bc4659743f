from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.errors import InvalidInput
from prum_match.evaluation import require_disjoint_subjects, split_by_subject

PEOPLE = st.integers(0, 8)
ROWS = st.lists(PEOPLE, min_size=2, max_size=20).filter(lambda rows: len(set(rows)) > 1)
PAIRS = st.lists(st.tuples(PEOPLE, PEOPLE), min_size=2, max_size=20).filter(
    lambda rows: len({x for row in rows for x in row}) > 1
)


@given(ROWS | PAIRS, st.integers(0, 99), st.floats(0.05, 0.95))
def test_no_subject_is_on_both_sides(rows: list[Any], seed: int, share: float) -> None:
    subjects = np.array(rows)
    split = split_by_subject(subjects, seed=seed, test_share=share)
    assert sorted(np.concatenate(split).tolist()) == list(range(len(rows)))
    fitted, tested = (set(subjects[part].ravel().tolist()) for part in split[:2])
    assert not fitted & tested
    for row in subjects[split.unused].reshape(-1, 2).tolist():
        assert set(row) - fitted
        assert set(row) - tested
    if split.fit.size and split.test.size:
        require_disjoint_subjects(subjects[split.fit], subjects[split.test])


@given(ROWS, st.integers(0, 99))
def test_both_sides_get_someone(rows: list[int], seed: int) -> None:
    for share in (0.01, 0.99):
        split = split_by_subject(rows, seed=seed, test_share=share)
        assert split.fit.size
        assert split.test.size
        assert not split.unused.size


def test_a_seed_gives_one_split() -> None:
    names = [f"S{i}" for i in range(10)]
    first = split_by_subject(names, seed=4)
    assert first.test.tolist() == split_by_subject(names, seed=4).test.tolist()
    assert len(first.test) == 5


def test_overlap_is_refused_at_its_row() -> None:
    require_disjoint_subjects([1, 2], [3, 4])
    require_disjoint_subjects([["a", "b"]], ["c"])
    with pytest.raises(InvalidInput) as caught:
        require_disjoint_subjects(["a", "b"], [["c", "d"], ["d", "b"]])
    assert (caught.value.code, caught.value.index) == ("subjects_overlap", 1)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: split_by_subject(["a", "a"], seed=1), "too_few_subjects"),
        (lambda: split_by_subject(["a", "b"], seed=1, test_share=1.0), "bad_share"),
        (lambda: split_by_subject(["a", "b"], seed=-1), "bad_seed"),
        (lambda: split_by_subject([], seed=1), "empty"),
        (lambda: split_by_subject([["a"], ["b", "c"]], seed=1), "bad_shape"),
        (lambda: require_disjoint_subjects(["7"], [7]), "bad_subject"),
    ],
)
def test_calls_that_are_refused(call: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()
    assert caught.value.code == code
