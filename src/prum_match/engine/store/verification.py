"""What the verification of a gallery on disk found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

# Called before each file with its name, the bytes read so far, and how many there are in all.
Progress: TypeAlias = Callable[[str, int, int], None]


def silent(where: str, done: int, in_all: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Damage:
    """Something in a gallery's folder that is not as it should be."""

    code: str
    where: str
    what: str
    # Checksums, found and wanted: what changes from look to look is a writer's work.
    seen: tuple[int, int] = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.where}: {self.what} [{self.code}]"


@dataclass(frozen=True)
class VerificationReport:
    """What a verification found.

    Attributes
    ----------
    problems : tuple of Damage
        Everything that is wrong; empty where all is well.
    references : int
        Live references, those of the journal included.
    erased : int
        Dead rows that were proved to hold nothing but filler.
    receipts : int
        Links of the chain of receipts.
    bytes_read : int
        Bytes of columns whose checksums were computed.
    """

    problems: tuple[Damage, ...]
    references: int
    erased: int
    receipts: int
    bytes_read: int

    @property
    def passed(self) -> bool:
        """Whether all is well."""
        return not self.problems

    def __str__(self) -> str:
        verdict = "in order" if self.passed else f"{len(self.problems)} problems"
        lines = [
            f"{verdict}: {self.references} references, {self.erased} erased rows that hold "
            f"filler, {self.receipts} receipts, {self.bytes_read / 1e6:.1f} MB of columns read"
        ]
        return "\n".join([*lines, *map(str, self.problems)])
