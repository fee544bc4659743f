"""All tasks on registrations and who takes part in each; those on one register follow another."""

from __future__ import annotations

from benchmarks.task import Task
from benchmarks.vehicle.enrolment import VehicleEnrolment, duckdb_table, tantivy_index
from benchmarks.vehicle.enrolment import prum_match as ours_at_enrolment
from benchmarks.vehicle.exact import ExactSingle, ExactTable, duckdb_join, python_dict, sqlite
from benchmarks.vehicle.exact import prum_match as ours_at_exact
from benchmarks.vehicle.growth import VehicleGrowth
from benchmarks.vehicle.growth import prum_match as ours_at_growth
from benchmarks.vehicle.memory import VehicleMemory
from benchmarks.vehicle.memory import prum_match as ours_in_memory
from benchmarks.vehicle.search.tasks import SEARCH_TASKS

VEHICLE_TASKS: tuple[Task, ...] = (
    *SEARCH_TASKS,
    ExactTable(ours_at_exact, duckdb_join, python_dict, sqlite),
    ExactSingle(ours_at_exact, python_dict, sqlite),
    VehicleEnrolment(ours_at_enrolment, duckdb_table, tantivy_index),
    VehicleMemory(ours_in_memory),
    VehicleGrowth(ours_at_growth),
)
