"""What a task and a library supply to the runner, and nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from benchmarks.agreement import Answer as Answer
from benchmarks.agreement import agreement
from benchmarks.machine import Machine


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    size: int | None = None
    passes: int = 5
    quick: bool = False
    full: bool = False
    profile: bool = False


@dataclass(frozen=True)
class Pass:
    """One library, its data loaded, ready to do a task again and again.

    Attributes
    ----------
    run : callable
        The timed part.
    answer : callable
        What a result of `run` says, to be compared between libraries; not timed. None where
        they answer in terms of their own.
    share : float
        Part of the task that `run` does; its time is scaled to the whole.
    how : str
        What is measured, in words for the table.
    measure : callable, optional
        What counts in the place of the wall time of `run`.
    detail : callable, optional
        Further figures of a result, for the JSON file.
    exact : bool
        Whether the library promises the whole answer; else the share that it found is said, and
        a smaller one fails nothing.
    """

    run: Callable[[], Any]
    answer: Callable[[Any], Answer | None]
    share: float = 1.0
    how: str = "in full"
    measure: Callable[[Any], float] | None = None
    detail: Callable[[Any], Mapping[str, object]] | None = None
    exact: bool = True


@dataclass(frozen=True)
class Quoted:
    """A figure from another run, for a rival that is not installed."""

    rate: float
    source: str


class Contender(Protocol):
    """A library at a task: a module ``<task>/<library>.py``.

    It may also hold `QUOTED`, for where it cannot run, and ``stages(case)``, which says where its
    time goes.
    """

    NAME: str

    def missing(self) -> str | None:
        """Say why the library cannot run here; None: it can."""

    def load(self, case: Any) -> Pass:
        """Give the data to the library; not timed."""


@dataclass
class Row:
    """A line of the table: one library at one task. Seconds are those of the whole task."""

    library: str
    status: str  # measured, quoted, missing, failed
    how: str
    seconds: float | None = None
    passes: list[float] = field(default_factory=list)
    value: float | None = None
    rate: float | None = None
    times_ours: float | None = None
    agrees: bool | None = None
    compared: str = ""
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Traffic:
    """Bytes that a task has to read from memory, and why."""

    bytes: float
    what: str


@dataclass(frozen=True)
class Must:
    """What a task has to reach; `met` is None where it is not judged, and `why` says why not."""

    text: str
    value: str
    met: bool | None
    why: str = ""

    @classmethod
    def at_least(cls, text: str, value: float | None, floor: float, unit: str) -> Must:
        if value is None:
            return cls(text, "-", None, "nothing to compare with")
        return cls(text, f"{value:,.4g} {unit}", value >= floor)

    @classmethod
    def at_most(cls, text: str, value: float | None, cap: float, unit: str) -> Must:
        if value is None:
            return cls(text, "-", None, "nothing measured")
        return cls(text, f"{value:,.4g} {unit}", value <= cap)


@dataclass(frozen=True)
class Stage:
    """Where time goes: a step, its cost in `unit`, and its share of the whole."""

    name: str
    cost: float
    unit: str
    share: float


Rows = Mapping[str, Row]


class Task(ABC):
    """One task at one size; the first contender is ours."""

    name: str
    size: int
    quick_size: int
    value_unit: str
    rate_unit: str
    timed = True  # else what is measured is the same in every pass, and one will do

    def __init__(self, *contenders: Contender) -> None:
        self.contenders = contenders

    @abstractmethod
    def case(self, size: int, options: Options) -> Any:
        """Make the data that all libraries get."""

    @abstractmethod
    def title(self, case: Any) -> str:
        """Describe the task and its data in a line."""

    @abstractmethod
    def value(self, case: Any, seconds: float) -> float:
        """Return the figure of the table."""

    @abstractmethod
    def rate(self, case: Any, seconds: float) -> float | None:
        """Return work by time."""

    def seconds_at(self, case: Any, rate: float) -> float:
        """Return what the task would take at a rate; for quoted figures."""
        raise TypeError(f"the task {type(self).__name__} quotes no rates")

    def agreement(self, case: Any, ours: Answer, theirs: Answer) -> tuple[bool, str]:
        """Return whether a rival found what we found, wherever it looked, and say so in words."""
        return agreement(ours, theirs)

    def traffic(self, case: Any) -> Traffic | None:
        """Return the bytes that have to be read; None where that says nothing."""
        return None

    @abstractmethod
    def musts(self, case: Any, rows: Rows, machine: Machine) -> list[Must]:
        """Hold the figures against what was asked for."""

    def done(self, case: Any) -> None:
        """Give back what the data take besides memory, whatever happened; most take nothing."""
        return None


@dataclass
class TaskResult:
    """Everything that the report says about a task."""

    task: str
    title: str
    size: int
    value_unit: str
    rate_unit: str
    rows: list[Row]
    bandwidth: dict[str, object] | None
    musts: list[Must]
    stages: list[Stage]
    load_before: tuple[float, float, float]
    load_after: tuple[float, float, float]

    @property
    def agreed(self) -> bool:
        """Whether no library failed and every answer that was compared is the same."""
        return all(row.agrees is not False and row.status != "failed" for row in self.rows)

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "agreed": self.agreed}
