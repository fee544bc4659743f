from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

class Part:
    def __init__(
        self,
        layout: Literal["offsets_32", "offsets_64", "views", "indices", "nothing"],
        n: int,
        first: int,
        valid: NDArray[np.uint8],
        places: NDArray[np.uint8],
        data: Sequence[NDArray[np.uint8]],
        dictionary: Part | None = None,
    ) -> None: ...

class Strings:
    parts: list[Part]
    n: int
    binary: bool
    def __init__(self, parts: list[Part], binary: bool = False) -> None: ...
    def __len__(self) -> int: ...
    # str or None; bytes or None if the column is binary.
    def __getitem__(self, row: int) -> Any: ...
    def nulls(self) -> NDArray[np.bool_]: ...
    def unfit(self, most: int, optional: bool = False) -> NDArray[np.int64]: ...
    def take(
        self, kept: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]: ...
    def fixed(self, width: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]: ...
    def distinct(self) -> tuple[NDArray[np.int32], list[Any]]: ...
