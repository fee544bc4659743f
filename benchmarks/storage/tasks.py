"""All tasks on galleries on disk and who takes part in each; ours comes first."""

from __future__ import annotations

from benchmarks.storage.enrolment import StorageEnrolment
from benchmarks.storage.enrolment import prum_match as ours_at_enrolment
from benchmarks.storage.enrolment import sqlite as sqlite_at_enrolment
from benchmarks.storage.erasure import Erasure
from benchmarks.storage.erasure import prum_match as ours_at_erasure
from benchmarks.storage.erasure import sqlite as sqlite_at_erasure
from benchmarks.storage.opening import Open, OpenGrowth, a_tenth, numpy_load, numpy_mmap
from benchmarks.storage.opening import prum_match as ours_at_opening
from benchmarks.storage.opening_face import OpenFace, faiss_mapped, faiss_read
from benchmarks.storage.opening_face import prum_match as ours_at_opening_face
from benchmarks.storage.postgresql import AlleleColumns, Bytea, psycopg_rows
from benchmarks.storage.postgresql import prum_match as ours_at_postgresql
from benchmarks.storage.search import StorageSearch, in_memory
from benchmarks.storage.search import prum_match as ours_at_search
from benchmarks.storage.search_face import StorageSearchFace
from benchmarks.storage.search_face import in_memory as in_memory_face
from benchmarks.storage.search_face import prum_match as ours_at_search_face
from benchmarks.storage.single import Single, bare_fsync
from benchmarks.storage.single import prum_match as ours_at_single
from benchmarks.storage.single import sqlite as sqlite_at_single
from benchmarks.storage.verification import Verification, crc32
from benchmarks.storage.verification import prum_match as ours_at_verification
from benchmarks.task import Task

STORAGE_TASKS: tuple[Task, ...] = (
    OpenFace(ours_at_opening_face, faiss_read, faiss_mapped),
    StorageSearchFace(ours_at_search_face, in_memory_face),
    Open(ours_at_opening, numpy_load, numpy_mmap),
    OpenGrowth(ours_at_opening, a_tenth),
    StorageSearch(ours_at_search, in_memory),
    StorageEnrolment(ours_at_enrolment, sqlite_at_enrolment),
    Single(ours_at_single, bare_fsync, sqlite_at_single),
    Erasure(ours_at_erasure, sqlite_at_erasure),
    Verification(ours_at_verification, crc32),
    Bytea(ours_at_postgresql, psycopg_rows),
    AlleleColumns(ours_at_postgresql, psycopg_rows),
)
