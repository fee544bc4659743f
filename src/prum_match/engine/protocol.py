"""Parts of a category: what the engine, the command line and the exchange ask of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from inspect import signature
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.columns import (
    Column,
    Encoded,
    Trace,
    join_columns,
    row_count,
    take_columns,
    traces_in_columns,
)
from prum_match.engine.policy import Policy, policy_of_type
from prum_match.engine.progress import paced
from prum_match.engine.ragged import Columns
from prum_match.engine.tables.table import Table
from prum_match.errors import ComparisonMismatch, InvalidInput, PrumError, StorageError

Item = TypeVar("Item")
P = TypeVar("P", bound=Policy)
Made = TypeVar("Made")
# What a gallery takes: some categories have many items in one array.
Items: TypeAlias = Sequence[Item] | NDArray[Any]


class Comparison(Protocol):
    """Why a reference is a candidate; every category has its own, all print themselves."""

    def __str__(self) -> str:
        """Return the explanation as text, one line per compared feature."""
        ...


def made_of(kind: type[Made], arguments: Mapping[str, Any]) -> Made:
    """Make an object of its constructor's arguments, and refuse others as InvalidInput."""
    try:
        signature(kind).bind(**arguments)
    except TypeError as error:
        raise InvalidInput(
            f"{kind.__name__} is not made of these arguments: {error}",
            code="bad_item",
            field="items",
        ) from None
    return kind(**arguments)


class Layout(ABC, Generic[Item]):
    """How references are stored: items as columns of a segment, and back.

    The defaults serve columns that :class:`Column` describes in full: rows in the order of their
    enrolment, without an index.
    """

    columns: Sequence[Column]
    # Class of the items; None where a gallery's items are not made by their constructor.
    item_class: type[Item] | None = None

    def make(self, arguments: Mapping[str, Any]) -> Item:
        """Make an item of its constructor's arguments.

        Raises
        ------
        InvalidInput
            Code ``"bad_item"``: the constructor has no such arguments; or what it raises itself.
        """
        if self.item_class is None:
            raise InvalidInput(
                "items of this category are not made of mappings", code="bad_item", field="items"
            )
        return made_of(self.item_class, arguments)

    @abstractmethod
    def encode(self, items: Sequence[Item]) -> Encoded:
        """Turn items into unsealed columns, refusing bad ones by their index."""

    @abstractmethod
    def decode(self, segment: _native.Segment, row: int) -> Item:
        """Rebuild the item of a row."""

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        """Sort and index: return the order of the rows, and all columns in that order."""
        return np.arange(row_count(self.columns, columns), dtype=np.uint32), columns

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        """Return the primary columns of some rows, of sealed or of unsealed columns."""
        return take_columns(self.columns, columns, rows)

    def merge(self, parts: Sequence[Columns]) -> Columns:
        """Join unsealed columns of several segments."""
        return join_columns(self.columns, parts)

    def may_merge(self, segment: _native.Segment) -> bool:
        """Tell whether a segment may be copied into a larger one."""
        return True

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        """Yield the places of dead rows, and what overwrites them.

        Yields
        ------
        tuple of str, Index and value
            ``segment.columns[name][index] = value`` overwrites it. Parts of the index are
            ``slice(None)`` or arrays of one length; the value is a scalar or, in a column of one
            axis, an array of that length.
        """
        return traces_in_columns(self.columns, segment.columns, rows)

    def settings(self) -> Mapping[str, Any]:
        """Return what a gallery on disk records of its category, as JSON."""
        return {}

    def check_settings(self, settings: Mapping[str, Any]) -> None:
        """Refuse a gallery on disk that was written with other settings.

        Raises
        ------
        StorageError
            Code ``"other_settings"``.
        """
        if dict(settings) != dict(self.settings()):
            raise StorageError(
                "the gallery was written with other settings of its category",
                code="other_settings",
                field="settings",
            )


class Matching(ABC, Generic[Item, P]):
    """How probes are compared with references, and what a search returns.

    Ranks are unsigned 64-bit integers, smaller is better; ties always end in the reference id.
    Every policy that a method receives has passed :meth:`policy_of`.
    """

    default_policy: P
    # Policies that configuration may give by their names, besides the default and the responder's.
    policies: Sequence[P] = ()
    # Whether the references of one subject are one candidate, unless a search says otherwise.
    fuses_subjects: bool = False
    # The subclass of CandidateList that a search returns; None: CandidateList itself. A category's
    # gallery names it too, `class Gallery(engine.Gallery[Item, CandidateList])`, for type checkers.
    list_type: type[Any] | None = None

    @property
    def policy_type(self) -> type[P]:
        """Type of the policies of the category; by default that of its default policy."""
        return type(self.default_policy)

    def policy_of(self, policy: Policy | None) -> P:
        """Return the policy of a search, the default one for None.

        Raises
        ------
        ComparisonMismatch
            Code ``"foreign_policy"``.
        """
        if policy is None:
            return self.default_policy
        return policy_of_type(policy, self.policy_type)

    @abstractmethod
    def prepare(self, probes: Sequence[Item], policy: P) -> _native.Matcher:
        """Make checked probes ready, once, for any number of segments."""

    @abstractmethod
    def explain(self, probe: Item, reference: Item, policy: P) -> Comparison:
        """Compare a probe with one reference, feature by feature."""

    @abstractmethod
    def results(self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: P) -> Columns:
        """Unpack ranks and details into named result columns, ``grade`` or ``score`` first."""

    def readings(self, detail: int, policy: P) -> frozenset[str]:
        """Return the readings of the rule that a candidate satisfies."""
        return frozenset()

    def check_probes(self, probes: Sequence[Item]) -> Sequence[Item]:
        """Refuse bad probes by their index; return all in the form that :meth:`prepare` takes."""
        return list(probes)

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: P
    ) -> _native.Matcher | None:
        """Make rows of a segment ready as probes of a join.

        None, the default, leaves it to the engine to decode the rows and to :meth:`prepare` them.
        """
        return None

    def check_bounds(self, policy: P, limit: int | None) -> None:
        """Refuse a search that neither its policy nor a limit keeps short."""
        return None

    def attribute_range(self, attribute: str, low: Any, high: Any) -> tuple[float, float]:
        """Return a range of an attribute as numbers, for a filter; None is an open end.

        Raises
        ------
        InvalidInput
            Codes ``"unknown_attribute"``, ``"bad_range"``.
        """
        raise InvalidInput(
            "references of this category have no such attribute",
            code="unknown_attribute",
            field="eligible",
            value=attribute,
        )

    def check_joinable(self, other: Matching[Any, Any]) -> None:
        """Refuse a join with references of another category.

        Raises
        ------
        ComparisonMismatch
            Code ``"foreign_gallery"``.
        """
        if other is not self:
            raise ComparisonMismatch(
                "a join needs two galleries of one category", code="foreign_gallery", field="other"
            )


class TableReader(ABC, Generic[Item]):
    """How items, and probes, are read from tables of other libraries."""

    @abstractmethod
    def columns(self, names: Sequence[str]) -> Collection[str]:
        """Return which of these columns of a table the category reads."""

    @abstractmethod
    def items(self, table: Table) -> Items[Item]:
        """Return the rows of a table in the form that ``Layout.encode`` takes.

        Bad rows are refused later: by ``Layout.encode``, or by ``Matching.check_probes``.
        """

    def probe_columns(self, names: Sequence[str]) -> Collection[str]:
        """Return which of these columns the category reads in a table of probes."""
        return self.columns(names)

    def probes(self, table: Table) -> Items[Item]:
        """Return the rows of a table as probes; by default they are items."""
        return self.items(table)


class Wire(Generic[Item, P]):
    """What of a category leaves the house: rules of the law, and canonical bytes.

    The defaults serve a category whose probes travel as samples, such as images, and whose
    references a host's ``reference_data`` supplies.
    """

    # What an answering state searches with; it may differ from the asking state's rule.
    responder_policy: P
    # What the candidates of a reply are checked with: the widest rule that a partner may answer by.
    # None: the data of a reply cannot be compared with a probe.
    reply_policy: P | None = None

    def check_probe(self, probe: Item) -> None:
        """Refuse anything but a probe of the category."""
        return None

    def check_subject(self, probe: Item, subject: str) -> None:
        """Refuse a probe that the law does not allow for this class of person.

        The requesting party knows the class (``"suspect"``, ``"convicted"``, ``"victim"``, ...)
        from its own record of the justification (Regulation (EU) 2024/982, Article 33); a request
        does not carry it.

        Raises
        ------
        InvalidInput
            Code ``"subject_not_allowed"``.
        """
        return None

    def check_suitable(self, probe: Item, policy: P) -> None:
        """Refuse a probe that no reference could satisfy under the policy.

        The exchange answers it with *unsuitable*, never with no-hit (Regulation (EU) 2024/982,
        Article 38).
        """
        return None

    def check_floor(self, item: Item) -> None:
        """Refuse an item below the floor from which the law exchanges the category.

        The asking state checks its probes before anything is sent.

        Raises
        ------
        InvalidInput
            Code ``"below_floor"``, with the rule.
        """
        return None

    def check_inclusion(self, item: Item) -> None:
        """Refuse a reference that may not be made available to other states.

        Raises
        ------
        InvalidInput
            Code ``"below_floor"``, with the rule.
        """
        self.check_floor(item)

    def item_type(self, item: Item) -> str | None:
        """``"P"`` for an identified person, ``"S"`` for a trace, None where law has no such types.

        DNA and dactyloscopic data have them: Regulation (EU) 2024/982, Articles 9 and 14.
        """
        return None

    def probe_to_bytes(self, probe: Item) -> bytes | None:
        """Return the canonical bytes of a probe; None for one that is not sent to others."""
        return None

    def probe_from_bytes(self, data: bytes) -> Item:
        """Read a probe that another party sent."""
        raise not_exchanged("probe")

    def check_features(self, features: Collection[str]) -> Collection[str]:
        """Return features of an item, such as the loci of a profile, by their canonical names.

        Raises
        ------
        InvalidInput
            Code ``"no_features"``: items of this category are sent whole.
        """
        raise InvalidInput(
            "items of this category are sent whole", code="no_features", field="features"
        )

    def reference_to_bytes(self, item: Item, features: Collection[str] | None = None) -> bytes:
        """Return the canonical bytes of the matching data of a reply.

        With `features`, as :meth:`check_features` returns them, the others are left out.
        """
        raise not_exchanged("item")

    def reference_from_bytes(self, data: bytes) -> Item:
        """Read the matching data of a reply."""
        return self.probe_from_bytes(data)

    def verify(self, probe: Item, data: bytes, policy: P, time: datetime) -> bool | None:
        """Tell whether the data of a reply are a candidate for the probe under a policy.

        Parameters
        ----------
        probe : object
            The probe as it was sent.
        data : bytes
            The matching data.
        policy : Policy
            The rule.
        time : datetime
            Time of the reply.

        Returns
        -------
        bool or None
            None, the default: they cannot be compared.

        Raises
        ------
        PrumError
            The data cannot be read.
        """
        return None


@dataclass(frozen=True, eq=False)
class Category(Generic[Item, P]):
    """One kind of thing that is enrolled and searched, in four parts.

    Attributes
    ----------
    name : str
        Name in the registry, on disk and in messages.
    layout : Layout
        How references are stored.
    matching : Matching
        How probes are compared with them.
    tables : TableReader, optional
        How both are read from tables; without it, galleries take none (code ``"no_tables"``).
    wire : Wire, optional
        How they are exchanged; without it, the exchange refuses them (code ``"not_exchanged"``).
    """

    name: str
    layout: Layout[Item]
    matching: Matching[Item, P]
    tables: TableReader[Item] | None = None
    wire: Wire[Item, P] | None = None

    def required_tables(self) -> TableReader[Item]:
        """Return the part that reads tables.

        Raises
        ------
        InvalidInput
            Code ``"no_tables"``.
        """
        if self.tables is None:
            raise no_tables()
        return self.tables

    def required_wire(self) -> Wire[Item, P]:
        """Return the part that the exchange uses.

        Raises
        ------
        InvalidInput
            Code ``"not_exchanged"``.
        """
        if self.wire is None:
            raise not_exchanged("category")
        return self.wire

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: P
    ) -> _native.Matcher:
        """Make rows of a segment ready as probes of a join."""
        matcher = self.matching.prepare_rows(segment, rows, policy)
        if matcher is not None:
            return matcher
        items = [self.layout.decode(segment, row) for row in paced(rows.tolist())]
        return self.matching.prepare(items, policy)


def check_each(probes: Sequence[Any], check: Callable[[Any], Item]) -> list[Item]:
    """Return what `check` returns for each probe; its errors get the index of the probe."""
    checked = []
    for index, probe in enumerate(paced(probes, counted=False)):
        try:
            checked.append(check(probe))
        except PrumError as error:
            raise error.at(index) from None
    return checked


def no_tables() -> InvalidInput:
    """Return the error for a category whose items are not read from tables."""
    return InvalidInput(
        "items of this category are not read from tables", code="no_tables", field="table"
    )


def not_exchanged(field: str) -> InvalidInput:
    """Return the error for what the exchange does not send or receive."""
    return InvalidInput(
        "data of this category are not exchanged in this form", code="not_exchanged", field=field
    )
