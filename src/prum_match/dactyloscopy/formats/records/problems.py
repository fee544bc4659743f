"""What a lenient reader repaired or left out and a strict one refuses, in whatever format."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from prum_match.errors import InvalidInput

MAX_PROBLEMS = 10_000
"""Most problems of a file; a file with more is refused."""


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A departure of a file from its standard, or content that a template cannot hold.

    Attributes
    ----------
    code : str
        Stable name, as that of an error, for example ``"outside_image"``.
    message : str
        The problem in words, and the repair if there was one, without the value.
    field : str
        The field concerned.
    index : int or None
        Index of the view in a record of finger minutiae, or of the record in a transaction.
    minutia : int or None
        Index of the minutia in the file, dropped ones included.
    offset : int or None
        Byte at which the field begins in a record of finger minutiae; fields of transactions have
        names.
    rule : str or None
        The rule that was broken, with its source.
    value : object
        The offending value; kept out of ``repr`` and ``str``.

    Examples
    --------
    >>> problem = RecordProblem("outside_image", "outside the image; dropped", "9.137", 2, 7)
    >>> print(problem)
    outside the image; dropped [outside_image; item 2; field 9.137; minutia 7]
    """

    code: str
    message: str
    field: str
    index: int | None = None
    minutia: int | None = None
    offset: int | None = None
    rule: str | None = None
    value: object = dataclass_field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        places = {"item": self.index, "field": self.field, "minutia": self.minutia}
        places |= {"byte": self.offset, "rule": self.rule}
        said = [f"{name} {value}" for name, value in places.items() if value is not None]
        return f"{self.message} [{'; '.join([self.code, *said])}]"


class Problems:
    """Collects problems; a strict one raises the first."""

    def __init__(self, *, strict: bool = True) -> None:
        self.strict = strict
        self.index: int | None = None
        self.found: list[RecordProblem] = []
        self.notes: list[RecordProblem] = []

    def add(
        self,
        message: str,
        *,
        code: str,
        field: str,
        repair: str = "",
        minutia: int | None = None,
        offset: int | None = None,
        rule: str | None = None,
        value: object = None,
    ) -> None:
        """Raise for a violation of the format if strict; otherwise list it."""
        if self.strict:
            if minutia is not None:
                message = f"minutia {minutia}: {message}"
            raise InvalidInput(
                message, code=code, field=field, index=self.index, rule=rule, value=value
            )
        if repair:
            message = f"{message}; {repair}"
        problem = RecordProblem(code, message, field, self.index, minutia, offset, rule, value)
        self._keep(problem, self.found)

    def note(
        self,
        message: str,
        *,
        code: str,
        field: str,
        offset: int | None = None,
        value: object = None,
    ) -> None:
        """List content that is allowed, but was read differently from what is written."""
        problem = RecordProblem(code, message, field, self.index, offset=offset, value=value)
        self._keep(problem, self.notes)

    def refuse(self, error: InvalidInput) -> None:
        """Report an error for which a record has no template."""
        if self.strict:
            if error.index is None:
                error.index = self.index
            raise error
        message, field = str(error.args[0]), error.field or ""
        self.add(message, code=error.code, field=field, rule=error.rule, value=error.value)

    def _keep(self, problem: RecordProblem, place: list[RecordProblem]) -> None:
        if len(self.found) + len(self.notes) == MAX_PROBLEMS:
            raise InvalidInput(
                f"more than {MAX_PROBLEMS} problems", code="too_many_problems", field=problem.field
            )
        place.append(problem)
