"""The library's errors: one root, a stable code, and never the offending value in text.

A refused value can be personal data (an allele, a plate, a name), and exception text
ends up in logs. It is therefore kept in the attribute ``value`` alone.
"""

from __future__ import annotations

from typing import Any, Self


class PrumError(Exception):
    """Root of every error that the library raises on purpose.

    Parameters
    ----------
    message : str
        Text that names the field and the rule, never the value.
    code : str
        Stable machine-readable name of the error, for example ``"unknown_locus"``.
    index : int, optional
        Position of the offending item in the sequence that was passed.
    field : str, optional
        Field, locus or parameter with the error.
    rule : str, optional
        The rule that was broken, with its source.
    value : object, optional
        The offending value. It is kept out of ``str``, ``repr`` and ``args``.

    Examples
    --------
    >>> from prum_match import PrumError
    >>> error = PrumError("allele is not a number", code="bad_allele", field="FGA", value="9,3")
    >>> str(error)
    'allele is not a number [bad_allele; field FGA]'
    >>> error.value
    '9,3'
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        index: int | None = None,
        field: str | None = None,
        rule: str | None = None,
        value: Any = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.index = index
        self.field = field
        self.rule = rule
        self.value = value

    def __str__(self) -> str:
        where = [self.code]
        if self.index is not None:
            where.append(f"item {self.index}")
        if self.field is not None:
            where.append(f"field {self.field}")
        if self.rule is not None:
            where.append(f"rule {self.rule}")
        return f"{self.args[0]} [{'; '.join(where)}]"

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the value, which can be personal data; with the errno of an OSError.
        state = {**self.__dict__, "value": None, "errno": getattr(self, "errno", None)}
        return _restored, (type(self), self.args, state)

    def at(self, index: int) -> Self:
        """Return this error with the position of the item that it is about."""
        self.index = index
        return self


class InvalidInput(PrumError, ValueError):
    """Invalid input: a value, a combination or a parameter that a rule forbids."""


class DuplicateReference(InvalidInput):
    """A reference id that is already in the gallery, or twice in the call."""


class UnknownReference(PrumError, KeyError):
    """A reference id that is not, or no longer, in the gallery."""

    __str__ = PrumError.__str__


class NoSuchColumn(InvalidInput, AttributeError, KeyError):
    """A result column that the candidates of a category do not have; `hasattr` is false for it."""


class ComparisonMismatch(InvalidInput):
    """A probe, a policy and a gallery that do not belong together."""


class GenerationChanged(PrumError, RuntimeError):
    """A resumable operation on a gallery that has changed since the start."""


class ExchangeError(PrumError):
    """A message or a step of the exchange that the protocol forbids."""


class StorageError(PrumError, OSError):
    """A gallery on disk that cannot be read, written or trusted.

    Attributes
    ----------
    path : str or None
        Folder of the gallery, as it was opened.
    """

    path: str | None = None

    def __str__(self) -> str:
        text = PrumError.__str__(self)
        return text if self.path is None else f"{text[:-1]}; path {self.path!r}]"


class RecoveryNeeded(StorageError):
    """A gallery whose last writer died during a change; the next writer completes or undoes it."""


def _restored(kind: type[PrumError], args: tuple[Any, ...], state: dict[str, Any]) -> PrumError:
    error = kind.__new__(kind, *args)
    error.args = args
    errno = state.pop("errno")
    error.__dict__.update(state)
    if isinstance(error, OSError):
        error.errno = errno
    return error


def missing_extra(package: str, extra: str) -> PrumError:
    """Return the error for an optional package that is not installed."""
    return PrumError(
        f"{package} is not installed: pip install 'prum-match[{extra}]'",
        code="missing_extra",
        field=extra,
    )
