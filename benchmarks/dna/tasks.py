"""All tasks on DNA profiles and who takes part in each."""

from __future__ import annotations

from benchmarks.dna.all_pairs import AllPairs, dnatools, numpy_counts
from benchmarks.dna.all_pairs import prum_match as ours_at_pairs
from benchmarks.dna.enrolment import Arrays, Profiles, python_dict
from benchmarks.dna.enrolment import prum_match as ours_at_enrolment
from benchmarks.dna.join import Join, single_searches
from benchmarks.dna.join import prum_match as ours_at_join
from benchmarks.dna.memory import Memory
from benchmarks.dna.memory import prum_match as ours_in_memory
from benchmarks.dna.search import Search1M, Search10M, numpy_brute, numpy_columns
from benchmarks.dna.search import prum_match as ours_at_search
from benchmarks.task import Task

DNA_TASKS: tuple[Task, ...] = (
    Search10M(ours_at_search, numpy_columns),
    Search1M(ours_at_search, numpy_columns, numpy_brute),
    AllPairs(ours_at_pairs, numpy_counts, dnatools),
    Join(ours_at_join, single_searches),
    Arrays(ours_at_enrolment, python_dict),
    Profiles(ours_at_enrolment, python_dict),
    Memory(ours_in_memory),
)
