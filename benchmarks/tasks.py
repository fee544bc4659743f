"""All tasks and who takes part in each; ours comes first."""

from __future__ import annotations

from benchmarks.dactyloscopy.tasks import FINGER_TASKS
from benchmarks.dna.tasks import DNA_TASKS
from benchmarks.exchange.tasks import EXCHANGE_TASKS
from benchmarks.face.tasks import FACE_TASKS
from benchmarks.police_record.tasks import POLICE_TASKS
from benchmarks.storage.tasks import STORAGE_TASKS
from benchmarks.task import Task
from benchmarks.vehicle.tasks import VEHICLE_TASKS

TASKS: tuple[Task, ...] = (
    *DNA_TASKS,
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
