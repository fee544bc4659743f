"""Galleries on disk: open, save, verify, refresh and close them."""

from __future__ import annotations

import os
from typing import Any, ClassVar, Self

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.progress import Progress, reporting
from prum_match.engine.protocol import Category
from prum_match.engine.registry import category_on_disk
from prum_match.engine.store.receipts import Receipt
from prum_match.engine.store.storage import naming_path
from prum_match.engine.store.verification import VerificationReport
from prum_match.errors import StorageError
from prum_match.values.checks import file_path, whole_number


class Persistent:
    """The methods of a gallery that concern its storage."""

    # Name of the category of a category's own galleries; None: that of the folder.
    category_name: ClassVar[str | None] = None

    category: Category[Any, Any]
    _core: GalleryCore[Any]

    def _hold(self, core: GalleryCore[Any]) -> None:
        self._core = core
        self.category = core.category

    @classmethod
    def open(cls, path: str | os.PathLike[str], mode: str = "r", verify: bool = False) -> Self:
        """Open a gallery on disk, by mapping its files.

        Parameters
        ----------
        path : path
            The folder that :meth:`save` made.
        mode : {"r", "rw"}
            ``"r"``: search, in any number of processes and beside a writer. ``"rw"``: search and
            change, in one process at a time. A change is durable when its call returns.
        verify : bool
            Check every file first, see :meth:`verify`; otherwise sizes, headers and the catalogue
            are checked.

        Raises
        ------
        RecoveryNeeded
            The last writer died in the middle of a change, and the mode is ``"r"``; opening with
            ``"rw"`` completes or undoes the change.
        StorageError
            Codes ``"no_such_gallery"``, ``"not_a_gallery"``, ``"newer_format"``, ``"locked"``
            (another writer has it open), ``"damaged_file"``, ``"not_permitted"``,
            ``"path_too_long"``, ``"too_many_files"``.
        InvalidInput
            Code ``"bad_path"``.
        ComparisonMismatch
            Code ``"foreign_gallery"``: the folder holds another category.
        """
        # Imported here, because galleries in memory need no database.
        from prum_match.engine.store.opening import open_storage

        native = _native.Gallery()
        where = file_path(path)
        with naming_path(where):
            storage = open_storage(
                path,
                mode,
                lambda m: category_on_disk(m.category, m.settings, cls.category_name),
                native,
            )
            gallery = cls.__new__(cls)
            gallery._hold(GalleryCore(storage.category, native, storage, where))
            if verify:
                found = gallery.verify()
                if not found.passed:
                    gallery.close()
                    raise StorageError(str(found), code="damaged_file", field="path")
        return gallery

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        mode: int = 0o700,
        progress: Progress | None = None,
    ) -> None:
        """Write the gallery as it is now to a new folder, completely or not at all.

        This object does not move: open the folder to work on the copy. The copy has no erased
        rows. `progress` is as for :meth:`verify`; if it raises, nothing is left of the folder.

        Parameters
        ----------
        path : path
            The new folder; its own folder exists.
        mode : int, default 0o700
            Permissions of the folder, whatever the umask; its files, now and later, have those of
            reading and writing among them. By default nobody but the user of this process can read
            the gallery.

        Raises
        ------
        InvalidInput
            Code ``"bad_mode"``: the user could not read, write and enter the folder;
            ``"bad_path"``.
        StorageError
            Codes ``"exists"`` (the path is taken), ``"disk_full"``, ``"not_permitted"``,
            ``"path_too_long"``, ``"too_many_files"``.
        """
        from prum_match.engine.store.opening import save_as

        whole_number(mode, "mode", least=0o700, most=0o777, code="bad_mode")
        core = self._core
        with reporting(progress), core.lock, naming_path(file_path(path)):
            save_as(path, core.category, core.storage, core.segments(), mode)

    def verify(self, *, progress: Progress | None = None) -> VerificationReport:
        """Read all files again and check them.

        Checked are the checksums of all columns, the filler in erased rows, the index and the
        counts of live rows, the chain of receipts, the journal and the catalogue. Files that other
        users can read are reported, and are no damage. A gallery in memory has no files, so its
        report is empty.

        Parameters
        ----------
        progress : callable, optional
            Called as ``progress(step, done, total)``, at least every 0.2 s; ``done`` and ``total``
            are bytes. An exception that it raises ends the call.
        """
        with reporting(progress), self._core.held():
            return self._core.storage.verify()

    @property
    def is_outdated(self) -> bool:
        """Whether a writer has committed changes that :meth:`refresh` would show; costs no read."""
        return self._core.storage.is_outdated()

    def refresh(self) -> None:
        """Show what a writer has enrolled since this gallery was opened for reading.

        Erasures reach every reader at once, without a refresh.

        Raises
        ------
        RecoveryNeeded
            The writer died in the middle of a change.
        """
        with self._core.held():
            self._core.storage.refresh()

    def close(self) -> None:
        """Release files, locks and references; a closed gallery refuses every other call."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def receipts(self) -> list[Receipt]:
        """Return the receipts of all erasures of a gallery on disk, without their salts."""
        with self._core.held():
            return self._core.storage.receipts()
