"""All tasks and who takes part in each; ours comes first."""

from __future__ import annotations

from benchmarks.all_pairs import AllPairs, dnatools, numpy_counts
from benchmarks.all_pairs import prum_match as ours_at_pairs
from benchmarks.dactyloscopy.tasks import FINGER_TASKS
from benchmarks.enrolment import Arrays, Profiles, python_dict
from benchmarks.enrolment import prum_match as ours_at_enrolment
from benchmarks.exchange.tasks import EXCHANGE_TASKS
from benchmarks.face.tasks import FACE_TASKS
from benchmarks.join import Join, single_searches
from benchmarks.join import prum_match as ours_at_join
from benchmarks.memory import Memory
from benchmarks.memory import prum_match as ours_in_memory
from benchmarks.police_record.tasks import POLICE_TASKS
from benchmarks.search import Search1M, Search10M, numpy_brute, numpy_columns
from benchmarks.search import prum_match as ours_at_search
from benchmarks.storage.tasks import STORAGE_TASKS
from benchmarks.task import Task
from benchmarks.vehicle.tasks import VEHICLE_TASKS

TASKS: tuple[Task, ...] = (
    Search10M(ours_at_search, numpy_columns),
    Search1M(ours_at_search, numpy_columns, numpy_brute),
    AllPairs(ours_at_pairs, numpy_counts, dnatools),
    Join(ours_at_join, single_searches),
    Arrays(ours_at_enrolment, python_dict),
    Profiles(ours_at_enrolment, python_dict),
    Memory(ours_in_memory),
    *EXCHANGE_TASKS,
    *FACE_TASKS,
    *FINGER_TASKS,
    *POLICE_TASKS,
    *STORAGE_TASKS,
    *VEHICLE_TASKS,
)


def chosen(names: list[str]) -> list[Task]:
    """Return the tasks of these names or beginnings of names; all of them for none."""
    unknown = [n for n in names if not any(task.name.startswith(n) for task in TASKS)]
    if unknown:
        raise ValueError(f"no such task: {', '.join(unknown)}")
    known = {task.name for task in TASKS}
    return [
        task
        for task in TASKS
        if not names
        or any(task.name == n if n in known else task.name.startswith(n) for n in names)
    ]
