import numpy as np
from numpy.typing import NDArray

from prum_match.engine import Strings

def read_alleles(
    loci: list[tuple[int, int, tuple[Strings, ...]]], n_loci: int, n: int
) -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.uint16], NDArray[np.bool_]]: ...
def find_packed(
    strings: Strings, periods: NDArray[np.uint8]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]: ...
