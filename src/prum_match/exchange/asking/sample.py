"""A probe that is sent unprocessed: an image, or a transaction of prints.

Two makers' templates and embeddings are not comparable, so prints and faces travel as images
(Reg. (EU) 2024/982, Arts. 15(2)(f) and 24(2)(f)); the other party's ``extract`` turns them into
probes for its gallery.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prum_match.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Sample:
    """An image or a transaction, as bytes, for the categories that are exchanged in this form.

    Parameters
    ----------
    data : bytes
        Input of the other party's ``extract``.

    Raises
    ------
    InvalidInput
        ``empty_sample``: no bytes.

    Examples
    --------
    >>> Sample(b"...")
    Sample()
    """

    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.data, bytes) or not self.data:
            raise InvalidInput(
                "a sample needs bytes, at least one", code="empty_sample", field="data"
            )
