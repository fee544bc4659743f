"""splink on DuckDB, one thread, set up after its documentation: many blocks, levels, frequencies.

Of the two ways to compare names that it has, one wins on one set and one on another: both run.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from benchmarks.loading import unusable
from benchmarks.police_record import febrl
from benchmarks.police_record.febrl import Febrl
from benchmarks.police_record.linkage import COLUMNS, THRESHOLD, judged
from benchmarks.task import Pass

# Pairs that agree on any of these are compared.
BLOCKS = (
    ("surname", "given_name"),
    ("date_of_birth",),
    ("surname", "suburb"),
    ("given_name", "suburb"),
    ("surname", "substr(date_of_birth, 1, 4)"),
    ("given_name", "substr(date_of_birth, 1, 4)"),
    ("suburb", "substr(date_of_birth, 1, 4)"),
    ("suburb", "state", "substr(given_name, 1, 1)"),
    ("surname", "state"),
    ("given_name", "state"),
    ("state", "substr(date_of_birth, 5, 4)"),
    ("substr(surname, 1, 2)", "substr(date_of_birth, 5, 4)"),
    ("substr(given_name, 1, 2)", "substr(date_of_birth, 5, 4)"),
    ("substr(surname, 1, 3)", "substr(given_name, 1, 3)"),
)
RULES = (
    "l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth",
    "l.given_name = r.given_name and l.surname = r.surname and l.suburb = r.suburb",
    "l.surname = r.surname and l.suburb = r.suburb and l.date_of_birth = r.date_of_birth",
    "l.given_name = r.given_name and l.suburb = r.suburb and l.date_of_birth = r.date_of_birth",
)
MAX_PAIRS = 5e6
SEED = 1


QUIET = logging.ERROR


@dataclass(frozen=True)
class Splink:
    """splink; `joint`: names in one comparison, which sees exchanged ones but no frequencies."""

    NAME: str
    joint: bool

    def missing(self) -> str | None:
        return febrl.missing() or unusable("splink", "duckdb", "pandas")

    def load(self, case: Febrl) -> Pass:
        frames = case.frames()[: 1 if case.one else 2]
        return Pass(
            lambda: self.link(frames),
            lambda found: None,
            how="fit and link",
            detail=lambda found: judged(case, *found),
        )

    def link(self, frames: tuple[Any, ...]) -> tuple[Any, Any]:
        """Fit and link; return the positions of pairs."""
        import duckdb
        from splink import Linker, block_on
        from splink.backends.duckdb import DuckDBAPI

        logging.getLogger("splink").setLevel(QUIET)
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        api = DuckDBAPI(connection)
        tables = [api.register(frame) for frame in frames]
        linker = Linker(tables, self._settings(len(frames)), QUIET)
        training = linker.training
        training.estimate_probability_two_random_records_match(list(RULES), recall=0.7)
        training.estimate_u_using_random_sampling(max_pairs=MAX_PAIRS, seed=SEED)
        for block in (("surname", "given_name"), ("date_of_birth",), ("suburb", "surname")):
            training.estimate_parameters_using_expectation_maximisation(block_on(*block))
        links = linker.inference.predict(threshold_match_probability=THRESHOLD)
        found = links.as_pandas_dataframe()
        return found["position_l"].to_numpy(), found["position_r"].to_numpy()

    def _settings(self, registers: int) -> Any:
        import splink.comparison_library as cl
        from splink import SettingsCreator, block_on

        given, surname, born, suburb, state = COLUMNS
        if self.joint:
            names = [cl.ForenameSurnameComparison(given, surname)]
        else:
            names = [_with_frequencies(cl.NameComparison(name)) for name in (given, surname)]
        return SettingsCreator(
            link_type="dedupe_only" if registers == 1 else "link_only",
            unique_id_column_name="rec_id",
            comparisons=[
                *names,
                cl.DateOfBirthComparison(born, input_is_string=True, datetime_format="%Y%m%d"),
                _with_frequencies(cl.JaroWinklerAtThresholds(suburb, [0.92, 0.88, 0.7])),
                cl.ExactMatch(state),
            ],
            blocking_rules_to_generate_predictions=[block_on(*block) for block in BLOCKS],
            additional_columns_to_retain=["position"],
            retain_matching_columns=False,
        )


def _with_frequencies(comparison: Any) -> Any:
    return comparison.configure(term_frequency_adjustments=True)


JOINT = Splink("splink DuckDB, names together", joint=True)
APART = Splink("splink DuckDB, names apart", joint=False)
