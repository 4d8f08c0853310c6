"""Categories and booleans as codes: supported values by frequency, one code for all rare ones, the last for missing.

A value that fewer than ``support`` rows share never appears in what is made: its rows share the code *rare*, and a row with
that code gets a supported value, drawn by frequency. So the share of rare rows is spread over the supported values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows.infer_phones import order_bands


@dataclass(frozen=True, slots=True)
class CategoryCoder:
    """Values by code.

    Attributes:
        values: table of one column ``value``: the supported values.
        ordered: whether codes follow the order of the values (numbers, bands of numbers); else they follow frequency.
        cumulative: float64 (n_values,) cumulative share of the supported values, in [0, 1].
        rare: share of rows with unsupported values; more than 0 means that code n_values stands for them.
        missing: whether the last code means missing.
    """

    values: pa.Table
    ordered: bool
    cumulative: NDArray[np.float64]
    rare: float
    missing: bool

    @property
    def count(self) -> int:
        """Number of supported values."""
        return int(self.values.num_rows)

    @property
    def size(self) -> int:
        """Number of codes."""
        return self.count + (self.rare > 0) + self.missing


def learn_category(
    array: pa.Array, support: int, missing: bool, ordered: bool = False, bands: bool = False
) -> CategoryCoder:
    """Learn the supported values.

    Args:
        array: any type with equality; a dictionary is read by its values.
        support: rows that a value needs.
        missing: whether a code for missing is wanted.
        ordered: keep codes in the order of the values.
        bands: keep codes in the order of the numbers that the texts name: 20-29 before 100-109.
    """
    array = plain(array)
    array = array.filter(pc.invert(pc.is_null(array, nan_is_null=True)))
    counted = pc.value_counts(array)
    values, counts = counted.field("values"), np.asarray(counted.field("counts").to_numpy(), dtype=np.int64)
    kept = counts >= support
    rare = float(counts[~kept].sum()) / max(1, int(counts.sum()))
    values, counts = values.filter(pa.array(kept)), counts[kept]
    if bands:
        by_value = order_bands(values.cast(pa.string()))
    else:
        plainly = values if not pa.types.is_boolean(values.type) else values.cast(pa.int8())
        by_value = np.asarray(pc.sort_indices(plainly))
    ordered = ordered or bands
    order = by_value if ordered else by_value[np.argsort(-counts[by_value], kind="stable")]
    values, counts = values.take(pa.array(order)), counts[order]
    total = counts.sum()
    cumulative = np.cumsum(counts) / total if total else np.zeros(0)
    return CategoryCoder(pa.table({"value": values}), ordered, cumulative, rare, missing)


def plain(array: pa.Array) -> pa.Array:
    """The array without dictionary encoding."""
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def index_values(coder: CategoryCoder, array: pa.Array) -> NDArray[np.int32]:
    """int32 (n,): which supported value each row has; -1 for missing or another value."""
    known = coder.values.column(0).combine_chunks()
    if pa.types.is_dictionary(array.type):  # look up each distinct value once
        of_word = index_values(coder, array.dictionary)
        at = np.asarray(array.indices.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
        found = of_word[at] if len(of_word) else np.full(len(array), -1, dtype=np.int32)
        return np.where(
            np.asarray(pc.is_null(array, nan_is_null=True).to_numpy(zero_copy_only=False)), np.int32(-1), found
        )
    if array.type != known.type:
        array = array.cast(known.type)
    if pa.types.is_boolean(array.type):  # index_in has no kernel for every width of boolean chunks
        array, known = array.cast(pa.int8()), known.cast(pa.int8())
    found = pc.index_in(array, value_set=known, skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int32)


def encode_category(coder: CategoryCoder, array: pa.Array) -> NDArray[np.int32]:
    """int32 (n,) codes. Values without support get the code *rare*; where there is none, the most frequent value's."""
    codes = index_values(coder, array)
    other = codes < 0
    if other.any():
        common = int(np.argmax(np.diff(coder.cumulative, prepend=0.0)))
        missing = np.asarray(pc.is_null(array, nan_is_null=True).to_numpy(zero_copy_only=False), dtype=bool)
        codes = codes.copy()
        codes[other & ~missing] = coder.count if coder.rare > 0 else common
        codes[missing] = coder.size - 1 if coder.missing else common
    return codes


def decode_category(
    coder: CategoryCoder, codes: NDArray[np.int32], uniform: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Index of a supported value int32 (n,) and missing bool (n,); a rare row draws by frequency with ``uniform`` (n,)."""
    missing = codes == coder.size - 1 if coder.missing else np.zeros(len(codes), dtype=bool)
    index = np.minimum(codes, coder.count - 1)
    if coder.rare > 0:
        rare = codes == coder.count
        if rare.any():
            drawn = np.searchsorted(coder.cumulative, uniform[rare], side="right")
            index = index.copy()
            index[rare] = np.minimum(drawn, coder.count - 1)
    return index, missing


def take_values(
    coder: CategoryCoder, index: NDArray[np.int32], missing: NDArray[np.bool_], kind: pa.DataType
) -> pa.Array:
    """Arrow array of type ``kind`` (dictionary types too) of the values at ``index``."""
    at = pa.array(index, pa.int32(), mask=missing if missing.any() else None)
    values: Any = coder.values.column(0).combine_chunks()
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(
            at.cast(kind.index_type, safe=coder.count > 127), values.cast(kind.value_type), ordered=kind.ordered
        )
    return values.take(at).cast(kind)
