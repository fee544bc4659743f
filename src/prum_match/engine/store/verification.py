"""Report of the verification of a gallery on disk."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Damage:
    """A damage that a verification found in the folder of a gallery.

    Attributes
    ----------
    code : str
        Stable name of the kind of damage.
    where : str
        File, segment or receipt.
    what : str
        Description.
    """

    code: str
    where: str
    what: str
    # Checksums found and expected: a pair that changes between looks is a writer at work.
    seen: tuple[int, int] = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.where}: {self.what} [{self.code}]"


@dataclass(frozen=True)
class VerificationReport:
    """Report of a verification.

    Attributes
    ----------
    damages : tuple of Damage
        All damages; empty for a sound gallery.
    references : int
        Live references, including those in the journal.
    erased : int
        Erased rows; each was checked to hold filler alone.
    receipts : int
        Receipts in the chain.
    bytes_read : int
        Bytes of the columns that were checked.
    readable_by_others : tuple of str
        Files that the group of the folder, or everybody, can read. They are no damage: a host may
        have chosen so with ``save(mode=...)``.
    """

    damages: tuple[Damage, ...]
    references: int
    erased: int
    receipts: int
    bytes_read: int
    readable_by_others: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is no damage."""
        return not self.damages

    def __str__(self) -> str:
        verdict = "in order" if self.passed else f"{len(self.damages)} problems"
        lines = [
            f"{verdict}: {self.references} references, {self.erased} erased rows that hold "
            f"filler, {self.receipts} receipts, {self.bytes_read / 1e6:.1f} MB of columns read"
        ]
        if self.readable_by_others:
            lines.append(f"other users can read {len(self.readable_by_others)} of its files")
        return "\n".join([*lines, *map(str, self.damages)])
