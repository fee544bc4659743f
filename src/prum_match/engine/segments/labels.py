"""Labels of references, stored as one byte each."""

from __future__ import annotations

from collections.abc import Sequence

from prum_match.engine.damage import damaged
from prum_match.engine.segments._encode import pack_strings
from prum_match.errors import InvalidInput

MAX_LABELS = 255


class LabelTable:
    """Labels of a gallery and their one-byte codes; code 0 stands for "no label".

    A closed table takes no further labels: a typing error is an error, and not a label of its own.
    """

    def __init__(self, labels: Sequence[str] = (), *, closed: bool = False) -> None:
        self._names: list[str] = [""]
        self._codes: dict[str, int] = {}
        self.closed = False
        for index, label in enumerate(labels):
            self.code(label, index)
        self.closed = closed

    @property
    def names(self) -> tuple[str, ...]:
        """All labels, in the order of their codes."""
        return tuple(self._names[1:])

    def copy(self) -> LabelTable:
        """Return a copy, which an enrolment extends and drops if it fails."""
        return LabelTable(self._names[1:], closed=self.closed)

    def code(self, label: str | None, index: int) -> int:
        """Return the code of a label; a new label gets the next code."""
        if label is None:
            return 0
        known = self._codes.get(label)
        if known is not None:
            return known
        try:
            pack_strings([label], "label")
        except InvalidInput as error:
            raise error.at(index) from None
        if self.closed:
            raise InvalidInput(
                "the gallery was not made with this label; a gallery with open_labels=True takes "
                "any",
                code="undeclared_label",
                index=index,
                field="labels",
                value=label,
            )
        if len(self._names) > MAX_LABELS:
            raise InvalidInput(
                f"a gallery holds at most {MAX_LABELS} different labels",
                code="too_many_labels",
                index=index,
                field="labels",
                value=label,
            )
        self._names.append(label)
        self._codes[label] = len(self._names) - 1
        return self._codes[label]

    def name(self, code: int) -> str | None:
        """Return the label of a code."""
        if code >= len(self._names):
            raise damaged()
        return self._names[code] or None

    def mask(self, labels: Sequence[str]) -> list[bool]:
        """Return for each of the 256 codes whether its label is in `labels`."""
        mask = [False] * 256
        for label in labels:
            if label not in self._codes:
                raise InvalidInput(
                    "no reference of this gallery has this label",
                    code="unknown_label",
                    field="eligible",
                    value=label,
                )
            mask[self._codes[label]] = True
        return mask
