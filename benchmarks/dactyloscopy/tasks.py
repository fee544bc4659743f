"""All tasks on the speed of dactyloscopic matching, and who takes part in each."""

from __future__ import annotations

from benchmarks.dactyloscopy import contenders
from benchmarks.dactyloscopy.rivals import RIVALS
from benchmarks.dactyloscopy.speed import tasks

FINGER_TASKS = tasks(
    contenders, (*(contenders.Peer(rival) for rival in RIVALS), *contenders.QUOTED)
)
