"""Checks of single values that callers give: one place, one wording."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Collection
from typing import Any, TypeVar

import numpy as np

from prum_match.errors import InvalidInput

_Class = TypeVar("_Class")
_Option = TypeVar("_Option")
_Values = TypeVar("_Values")


def whole_number(
    value: object, field: str, *, least: int | None = None, most: int | None = None, code: str
) -> int:
    """Return a whole number of Python or NumPy; booleans and numbers out of range are refused."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        found = int(value)
        if (least is None or found >= least) and (most is None or found <= most):
            return found
    raise InvalidInput(
        f"{field} is a whole number{_range(least, most)}", code=code, field=field, value=value
    )


def real_number(
    value: object, field: str, *, least: float | None = None, most: float | None = None, code: str
) -> float:
    """Return a finite number of Python or NumPy; booleans and numbers out of range are refused."""
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:  # an integer beyond every float
            found = math.inf
        in_range = (least is None or found >= least) and (most is None or found <= most)
        if math.isfinite(found) and in_range:
            return found
    raise InvalidInput(
        f"{field} is a finite number{_range(least, most)}", code=code, field=field, value=value
    )


def one_of(value: object, field: str, options: Collection[_Option], *, code: str) -> _Option:
    """Return the option that the value equals; 1 is neither True nor 1.0."""
    for option in options:
        # Text of NumPy and members of a StrEnum are strings, but True is no whole number here.
        same_type = isinstance(value, type(option)) and not (
            isinstance(value, bool) and type(option) is not bool
        )
        if same_type and value == option:
            return option
    listed = ", ".join(map(repr, options))
    raise InvalidInput(f"{field} is one of {listed}", code=code, field=field, value=value)


def instance_of(value: Any, cls: type[_Class], field: str, *, code: str, message: str) -> _Class:
    """Return the value if it is an instance of the class."""
    if isinstance(value, cls):
        return value
    raise InvalidInput(message, code=code, field=field, value=value)


def several(values: _Values, field: str) -> _Values:
    """Return a collection, and refuse one string where a collection of strings is meant."""
    if isinstance(values, str | bytes):
        raise InvalidInput(
            f"{field} is a collection of strings, not a string",
            code="bare_string",
            field=field,
            value=values,
        )
    return values


def option_of(value: Any, kind: Any, field: str) -> Any:
    """Return the value of a parameter; refuse one of another type."""
    name = getattr(kind, "__name__", re.sub(r"[\w.]+\.", "", str(kind)))
    return instance_of(value, kind, field, code="bad_option", message=f"{field} is not a {name}")


def having(value: Any, name: str, *methods: str) -> Any:
    """Return a part that the host supplies; refuse one without any of these methods."""
    if any(callable(getattr(value, one, None)) for one in methods):
        return value
    raise InvalidInput(
        f"{name} has no method {' or '.join(methods)}", code="bad_option", field=name, value=value
    )


def file_path(value: object, field: str = "path") -> str:
    """Return a path as text; bytes, and text that is no path, are refused."""
    try:
        found = os.fspath(value)  # type: ignore[call-overload]
        if isinstance(found, str) and b"\0" not in os.fsencode(found):
            return found
    except (TypeError, UnicodeEncodeError):
        pass
    raise InvalidInput(
        f"{field} is text or a path object, without NUL", code="bad_path", field=field
    )


def _range(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if least is not None:
        return f" of at least {least}"
    return "" if most is None else f" of at most {most}"
