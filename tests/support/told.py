"""All texts of the library about its data: logs, errors and reprs, collected in one place."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prum_match.errors import PrumError
from prum_match.values.dates import PartialDate

# Written by logging itself: a time may end in 17.3, which is not an allele.
_NUMBERS = {"created", "msecs", "relativeCreated", "process", "thread"}


class Told:
    """All texts, and the objects that were asked for them."""

    def __init__(self, *secrets: str) -> None:
        self.texts: list[str] = []
        self.secrets: list[str] = list(secrets)
        self._seen: dict[int, Any] = {}  # kept, so that no other object gets its id
        self.kinds: set[str] = set()

    def look_at(self, *roots: Any) -> None:
        """Collect the reprs of all connected objects of the library."""
        for one in reached(roots, self._seen):
            self.kinds.add(type(one).__name__)
            self.texts += [repr(one), str(one)]

    def refused(self, call: Callable[[], object]) -> str | None:
        """Collect the texts of an error of the library and of its causes."""
        try:
            call()
        except PrumError as error:
            self.texts += [str(error), repr(error), *map(repr, error.args)]
            self.texts += traceback.format_exception(error)
            return error.code
        except RuntimeError:
            return "the host's own"
        return None

    def records(self, records: list[logging.LogRecord]) -> None:
        for one in records:
            assert one.exc_info is None
            said = {name: value for name, value in vars(one).items() if name not in _NUMBERS}
            self.texts += [one.getMessage(), repr(one.args), repr(said)]

    def assert_nothing(self) -> None:
        secrets = [(secret, secret.casefold()) for secret in self.secrets]
        for text in self.texts:
            found = [secret for secret, folded in secrets if folded in text.casefold()]
            assert found == [], text[:300]


def reached(roots: Any, seen: dict[int, Any]) -> Iterator[Any]:
    """Yield all objects of the library that can be reached from these."""
    waiting = [roots]
    while waiting:
        one = waiting.pop()
        # A date of birth is a value like the text of a name: what counts is what has it.
        if id(one) in seen or isinstance(one, str | bytes | int | float | type | PartialDate):
            continue
        seen[id(one)] = one
        if isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
        if type(one).__module__.startswith("prum_match"):
            yield one
            names = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
            waiting += [getattr(one, name, None) for name in names if not name.startswith("__")]
            waiting += getattr(one, "__dict__", {}).values()
