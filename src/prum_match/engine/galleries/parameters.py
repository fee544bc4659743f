"""Type parameters of galleries and of what they find.

Each has a default, so that ``Gallery[Item]`` alone is a complete type. Python has such defaults
from 3.13 on; type checkers know them from `typing_extensions`, which need not be installed.
"""

from __future__ import annotations

from types import GenericAlias
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from prum_match.engine.galleries.candidates import Candidate, CandidateList
    from prum_match.engine.protocol import Comparison

    Item = TypeVar("Item", default=Any)
    Found = TypeVar("Found", covariant=True, default=Any)
    Explained = TypeVar("Explained", covariant=True, bound=Comparison, default=Comparison)
    Row = TypeVar("Row", covariant=True, bound=Candidate[Any, Any], default=Candidate)
    Listed = TypeVar("Listed", covariant=True, bound=CandidateList[Any, Any], default=CandidateList)
else:
    from typing import TypeVar

    Item = TypeVar("Item")
    Found, Explained, Row, Listed = (
        TypeVar(name, covariant=True) for name in ("Found", "Explained", "Row", "Listed")
    )


class Subscriptable:
    """A generic class that Python lets stand with some of its type parameters, or none."""

    __slots__ = ()

    if not TYPE_CHECKING:
        __class_getitem__ = classmethod(GenericAlias)
