"""The contract of categories that are one object; temporary, until all are in parts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.columns import Column, Encoded, Trace
from prum_match.engine.policy import Policy
from prum_match.engine.protocol import Comparison, Items
from prum_match.engine.ragged import Columns
from prum_match.engine.tables.table import Table
from prum_match.errors import ComparisonMismatch, InvalidInput, PrumError, StorageError

Item = TypeVar("Item")


class Category(Protocol[Item]):
    """The contract between the engine and a category.

    Defaults serve categories whose columns are plain fixed-size rows without an index; a category
    overrides what it has better means for. Ranks are unsigned 64-bit integers, smaller is better;
    ties always end in the reference id.
    """

    name: str
    columns: Sequence[Column]
    default_policy: Policy
    # Whether the references of one subject are one candidate, unless a search says otherwise.
    fuses_subjects: bool = False
    # The subclass of CandidateList that answers are; None: there is none.
    list_type: type[Any] | None = None

    @abstractmethod
    def encode(self, items: Sequence[Item]) -> Encoded:
        """Turn items into unsealed columns, refusing bad ones by their index."""

    @abstractmethod
    def prepare(self, probes: Sequence[Item], policy: Policy) -> _native.Matcher:
        """Make probes ready, once, for any number of segments."""

    @abstractmethod
    def decode(self, segment: _native.Segment, row: int) -> Item:
        """Rebuild the item that a row holds."""

    @abstractmethod
    def explain(self, probe: Item, reference: Item, policy: Policy) -> Comparison:
        """Say why the reference is, or is not, a candidate."""

    @abstractmethod
    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: Policy
    ) -> Columns:
        """Unpack ranks and details into named result columns, ``grade`` or ``score`` first."""

    @property
    def responder_policy(self) -> Policy:
        """What an answering state searches with, where it differs from the asking state's rule."""
        return self.default_policy

    def tags(self, detail: int, policy: Policy) -> frozenset[str]:
        """Return the readings of the rule that a candidate satisfies."""
        return frozenset()

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        """Sort and index: the order of the rows, and all columns in that order."""
        n = next(len(columns[c.name]) for c in self.columns if c.row_axis == 0)
        return np.arange(n, dtype=np.uint32), columns

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        """Return the primary columns of some rows."""
        return {
            c.name: columns[c.name]
            if c.row_axis is None
            else columns[c.name].take(rows, c.row_axis)
            for c in self.columns
            if c.primary
        }

    def merge(self, parts: Sequence[Columns]) -> Columns:
        """Join unsealed columns of several segments."""
        return {
            c.name: np.concatenate([part[c.name] for part in parts], axis=c.row_axis or 0)
            for c in self.columns
            if c.primary
        }

    def may_merge(self, segment: _native.Segment) -> bool:
        """Tell whether a segment may be copied into a larger one."""
        return True

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        """Say where the category keeps something of dead rows, and what goes there.

        Yields
        ------
        tuple of str, Index and value
            ``segment.columns[name][index] = value`` overwrites it. Parts of the index are
            ``slice(None)`` or arrays of one length; the value is a scalar or, in a column of one
            axis, an array of that length.
        """
        for column in self.columns:
            if column.row_axis is not None:
                yield column.name, (slice(None),) * column.row_axis + (rows,), column.filler

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: Policy
    ) -> _native.Matcher:
        """Make rows of a segment ready as probes, for a join."""
        return self.prepare([self.decode(segment, int(row)) for row in rows], policy)

    def check_probe(self, probe: Item) -> None:
        """Refuse a probe that no gallery of this category can be searched with."""
        return None

    def check_bounds(self, policy: Policy, limit: int | None) -> None:
        """Refuse a search whose list nothing keeps short: no rule, and no limit."""
        return None

    def range_of(self, attribute: str, low: Any, high: Any) -> tuple[float, float]:
        """Return a range of an attribute as numbers, for a filter; None is an open end.

        Raises
        ------
        InvalidInput
            Codes ``"unknown_attribute"``, ``"bad_range"``.
        """
        raise InvalidInput(
            f"references of the category {self.name} have no such attribute",
            code="unknown_attribute",
            field="eligible",
            value=attribute,
        )

    def settings(self) -> Mapping[str, Any]:
        """Return what a gallery on disk has to say of its category, as JSON has it."""
        return {}

    def with_settings(self, settings: Mapping[str, Any]) -> Category[Item]:
        """Return the category that made these settings.

        Raises
        ------
        StorageError
            Code ``"other_settings"``: this one cannot read what that one wrote.
        """
        if dict(settings) != dict(self.settings()):
            raise StorageError(
                f"the gallery was written by the category {self.name} with other settings",
                code="other_settings",
                field="settings",
            )
        return self

    def take_probes(self, probes: Sequence[Item]) -> Sequence[Item]:
        """Check many probes and return them in the form that :meth:`prepare` likes best."""
        taken = list(probes)
        for index, probe in enumerate(taken):
            try:
                self.check_probe(probe)
            except PrumError as error:
                raise error.at(index) from None
        return taken

    def table_columns(self, names: Sequence[str]) -> Collection[str]:
        """Return which of these columns of a table the category reads.

        Raises
        ------
        InvalidInput
            Code ``"no_tables"``: the category does not say what its items are in a table.
        """
        raise self._no_tables()

    def items_of(self, table: Table) -> Items[Item]:
        """Return the rows of a table in the form that :meth:`encode` and the probes like best.

        A row that is no item is not refused here but by :meth:`encode`, by its index, and by
        :meth:`take_probes`.
        """
        raise self._no_tables()

    def probe_columns(self, names: Sequence[str]) -> Collection[str]:
        """Return which of these columns the category reads where the rows are probes."""
        return self.table_columns(names)

    def probes_of(self, table: Table) -> Items[Item]:
        """Return the rows of a table as probes, in the form that :meth:`take_probes` likes best."""
        return self.items_of(table)

    def _no_tables(self) -> InvalidInput:
        return InvalidInput(
            f"items of the category {self.name} do not come in tables",
            code="no_tables",
            field="table",
        )

    def check_partner(self, other: Category[Any]) -> None:
        """Refuse to be joined with references of another category.

        Raises
        ------
        ComparisonMismatch
            Code ``"foreign_gallery"``.
        """
        if other is not self:
            raise ComparisonMismatch(
                "a join needs two galleries of one category", code="foreign_gallery", field="other"
            )

    def check_subject(self, probe: Item, subject: str) -> None:
        """Refuse a probe that the law does not allow for this class of person.

        The requesting party knows the class (``"suspect"``, ``"convicted"``, ``"victim"``, ...)
        from its own record of the justification (Regulation (EU) 2024/982, Article 33); it is no
        element of a request.

        Raises
        ------
        InvalidInput
            Code ``"subject_not_allowed"``.
        """
        return None

    def check_suitable(self, probe: Item, policy: Policy) -> None:
        """Refuse a probe that cannot have a candidate under the policy, whoever is enrolled.

        The exchange answers it with *unsuitable*, never with no-hit (Regulation (EU) 2024/982,
        Article 38).
        """
        return None

    def check_policy(self, policy: Policy) -> None:
        """Refuse a policy of another category."""
        if not isinstance(policy, type(self.default_policy)):
            raise ComparisonMismatch(
                f"not a policy of the category {self.name}", code="foreign_policy", field="policy"
            )

    def probe_to_bytes(self, probe: Item) -> bytes | None:
        """Canonical bytes of a probe for the exchange; None: it never leaves the house."""
        return None

    def probe_from_bytes(self, data: bytes) -> Item:
        """Read a probe that another party sent."""
        raise InvalidInput(
            f"probes of the category {self.name} are not exchanged",
            code="not_exchanged",
            field="probe",
        )

    def item_to_bytes(self, item: Item) -> bytes:
        """Canonical bytes of the matching data that a reply carries."""
        raise InvalidInput(
            f"items of the category {self.name} are not exchanged",
            code="not_exchanged",
            field="item",
        )

    def sharing(self, features: Collection[str]) -> Callable[[Item], bytes]:
        """Return what writes the matching data for a partner that takes these features alone.

        Which features there are is the category's: the loci of a profile, for example.

        Raises
        ------
        InvalidInput
            Code ``"no_features"``: items of this category are sent whole.
        """
        raise InvalidInput(
            f"items of the category {self.name} are sent whole",
            code="no_features",
            field="features",
        )

    def item_from_bytes(self, data: bytes) -> Item:
        """Read the matching data of a reply."""
        return self.probe_from_bytes(data)

    def item_type(self, item: Item) -> str | None:
        """``"P"`` for an identified person, ``"S"`` for a trace, None where law has no such types.

        DNA and dactyloscopic data have them: Regulation (EU) 2024/982, Articles 9 and 14.
        """
        return None
