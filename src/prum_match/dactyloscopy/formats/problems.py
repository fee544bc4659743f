"""What a lenient reader repaired or left out, and a strict one refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from prum_match.errors import InvalidInput

__all__ = ["MAX_PROBLEMS", "Problem", "Problems"]

MAX_PROBLEMS = 10_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was repaired, left out, or not read.

    Attributes
    ----------
    code : str
        Stable name, as that of an error.
    message : str
        What happened, without the value.
    where : str
        Record, field and minutia, counted from 0.
    value : object
        The value, kept out of `repr`.

    Examples
    --------
    >>> Problem("duplicate_field", "the field is there twice", "record 1, 2.034", b"UC")
    Problem(code='duplicate_field', message='the field is there twice', where='record 1, 2.034')
    """

    code: str
    message: str
    where: str
    value: Any = field(default=None, repr=False)


class Problems:
    """Collects problems; a strict one raises the first.

    Parameters
    ----------
    strict : bool, default True
        Whether :meth:`add` raises.

    Attributes
    ----------
    record : int or None
        Which record is being read.

    Examples
    --------
    >>> problems = Problems(strict=False)
    >>> problems.record = 2
    >>> problems.add("the letter is no type", code="bad_field", field="9.012", minutia=7)
    >>> problems.found[0].where
    'record 2, 9.012, minutia 7'
    """

    def __init__(self, *, strict: bool = True) -> None:
        self.strict = strict
        self.record: int | None = None
        self.found: list[Problem] = []

    def add(
        self,
        message: str,
        *,
        code: str,
        field: str,
        minutia: int | None = None,
        rule: str | None = None,
        value: Any = None,
    ) -> None:
        """Report what the format does not allow: raise if strict, list it if not."""
        if self.strict:
            if minutia is not None:
                message = f"minutia {minutia}: {message}"
            raise InvalidInput(
                message, code=code, field=field, index=self.record, rule=rule, value=value
            )
        self.note(message, code=code, field=field, minutia=minutia, value=value)

    def note(
        self,
        message: str,
        *,
        code: str,
        field: str,
        minutia: int | None = None,
        value: Any = None,
    ) -> None:
        """List what is allowed, but was not read as it stands."""
        if len(self.found) == MAX_PROBLEMS:
            raise InvalidInput(
                f"more than {MAX_PROBLEMS} problems", code="too_many_problems", field=field
            )
        places = [] if self.record is None else [f"record {self.record}"]
        places.append(field)
        if minutia is not None:
            places.append(f"minutia {minutia}")
        self.found.append(Problem(code, message, ", ".join(places), value))

    def refuse(self, error: InvalidInput) -> None:
        """Report an error that cost a record its template."""
        if self.strict:
            if error.index is None:
                error.index = self.record
            raise error
        self.note(str(error.args[0]), code=error.code, field=error.field or "", value=error.value)
