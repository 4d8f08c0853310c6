"""What the density models see of a table: whole-number codes, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Codes:
    """A table in codes.

    Attributes:
        values: int32 (n_rows, n_columns), each in [0, sizes[j]).
        sizes: int32 (n_columns,), number of codes of each column, at least 1.
        nominal: bool (n_columns,). True: codes have no order (categories, sorted by falling frequency). False: ordered bins.
        missing: bool (n_columns,). True: the last code means missing.
        numbers: n_columns arrays of float32 (sizes[j],), a representative value of each code.
    """

    values: NDArray[np.int32]
    sizes: NDArray[np.int32]
    nominal: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    numbers: tuple[NDArray[np.float32], ...]
