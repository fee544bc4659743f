from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

def pack_strings(
    strings: Sequence[str | None], field: str, most: int = 64, optional: bool = False
) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]: ...
