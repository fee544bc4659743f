"""A probe that is sent as it was taken: an image, or a transaction of prints.

Two makers' templates and embeddings are not comparable, so prints and faces travel as images
(Reg. (EU) 2024/982, Arts. 15(2)(f) and 24(2)(f)); the other party's ``extract`` makes of them what
its gallery can be searched with.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prum_match.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Sample:
    """The bytes of an image or of a transaction, for the categories that travel so.

    Parameters
    ----------
    data : bytes
        What the other party's ``extract`` reads.

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
            raise InvalidInput("bytes, at least one", code="empty_sample", field="data")
