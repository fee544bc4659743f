"""All tasks on embeddings and who takes part in each; those on the same vectors follow another."""

from __future__ import annotations

from benchmarks.face.enrolment import FaceEnrolment, View, faiss_flat
from benchmarks.face.enrolment import prum_match as ours_at_enrolment
from benchmarks.face.growth import FaceGrowth
from benchmarks.face.growth import prum_match as ours_at_growth
from benchmarks.face.memory import FaceMemory
from benchmarks.face.memory import prum_match as ours_in_memory
from benchmarks.face.search import prum_match as ours_at_search
from benchmarks.face.search.tasks import contenders
from benchmarks.task import Task

FACE_TASKS: tuple[Task, ...] = (
    FaceEnrolment(ours_at_enrolment, faiss_flat),
    View(ours_at_enrolment),
    FaceMemory(ours_in_memory),
    *contenders(ours_at_search),
    FaceGrowth(ours_at_growth),
)
