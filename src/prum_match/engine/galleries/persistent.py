"""Where a gallery is kept: opened and saved, verified, refreshed, closed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.protocol import Category
from prum_match.engine.registry import category_on_disk
from prum_match.engine.store.receipts import Receipt
from prum_match.engine.store.verification import Progress, VerificationReport, silent
from prum_match.errors import StorageError

Item = TypeVar("Item")


class Persistent(GalleryCore[Item]):
    """A gallery's verbs for the disk."""

    @classmethod
    def open(cls, path: str | os.PathLike[str], mode: str = "r", verify: bool = False) -> Self:
        """Open a gallery on disk, by mapping its files.

        Parameters
        ----------
        path : path
            The folder that :meth:`save` made.
        mode : {"r", "rw"}
            ``"r"``: search; any number of processes at once, beside a writer. ``"rw"``: change
            too; one at a time. A change is durable when its call returns.
        verify : bool
            Read everything and prove it first, see :meth:`verify`; otherwise sizes, headers and
            the catalogue are checked.

        Raises
        ------
        RecoveryNeeded
            The last writer died in the middle of a change, and the mode is ``"r"``; ``"rw"``
            completes or undoes it.
        StorageError
            Codes ``"no_such_gallery"``, ``"not_a_gallery"``, ``"newer_format"``, ``"locked"``
            (there is a writer already), ``"damaged_file"``, ``"not_permitted"``.
        ComparisonMismatch
            Code ``"foreign_gallery"``: the folder holds another category.
        """
        # Here, so that who keeps galleries in memory does not load a database.
        from prum_match.engine.store.opening import open_home

        core = _native.Gallery()
        home = open_home(path, mode, lambda m: cls._category_of(m.category, m.settings), core)
        gallery = cls.__new__(cls)
        gallery._begin(home.category, core, home)
        if verify:
            found = gallery.verify()
            if not found.passed:
                gallery.close()
                raise StorageError(str(found), code="damaged_file", field="path")
        return gallery

    @classmethod
    def _category_of(cls, name: str, settings: Mapping[str, Any]) -> Category[Any]:
        """Return the category of a gallery on disk, as its catalogue describes it."""
        return category_on_disk(name, settings)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the gallery to a new folder, as it is now; all of it, or nothing.

        The gallery itself stays where it is: open the folder to go on there. Erased rows are left
        out.

        Raises
        ------
        StorageError
            Codes ``"exists"``: the path is taken; ``"disk_full"``, ``"not_permitted"``.
        """
        from prum_match.engine.store.opening import save_as

        with self._writer:
            save_as(path, self.category, self._home.labels.names, self._core.segments())

    def verify(self, progress: Progress | None = None) -> VerificationReport:
        """Read all files again and prove what they say.

        Checksums of all columns, that erased rows hold nothing but filler, that the index and the
        counts are those of the live rows, the chain of receipts, the journal, the catalogue.
        A gallery in memory has nothing to prove.

        Parameters
        ----------
        progress : callable, optional
            Called before each file with its name, the bytes read so far, and the bytes in all.
        """
        with self._writer:
            return self._home.verify(progress or silent)

    def refresh(self) -> None:
        """See what a writer has enrolled since this gallery was opened for reading.

        Erasures need none: they hold for every reader at once.

        Raises
        ------
        RecoveryNeeded
            The writer died in the middle of a change.
        """
        with self._writer:
            self._home.refresh()

    def close(self) -> None:
        """Let go of files, locks and references; whatever is asked for afterwards is refused."""
        with self._writer:
            if self._kept_at is not None:
                self._kept_at.close()
                self._kept_at = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def receipts(self) -> list[Receipt]:
        """Return the receipts of all erasures of a gallery on disk, without their salts."""
        with self._writer:
            return self._home.receipts()
