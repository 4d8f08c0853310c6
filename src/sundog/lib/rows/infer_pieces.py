"""Pieces of texts: groups of a regular expression, digits as numbers, days of the calendar, and the forms of plain dates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
TAIL = r"(?:[T ](?P<t>" + CLOCK + r")(?: ?(?P<p>[AaPp]\.?[Mm]\.?))? ?(?P<z>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?$"
YEAR_FIRST = r"^(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P<r>[-/.])(?P<d>[0-9]{1,2})" + TAIL
YEAR_LAST = r"^(?P<d>[0-9]{1,2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P<r>[-/.])(?P<y>[0-9]{4})" + TAIL


def extract(
    texts: pa.StringArray, pattern: str, names: Sequence[str]
) -> tuple[NDArray[np.bool_], dict[str, pa.StringArray]]:
    """Named groups of a regular expression: which texts match, bool (n,), and the groups of those that do."""
    found = pc.extract_regex(texts, pattern)
    hit = np.asarray(found.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    kept = found.filter(pa.array(hit))
    return hit, {n: kept.field(n) for n in names}


def to_numbers(digits: pa.StringArray) -> NDArray[np.int64]:
    """int64 (n,) of unsigned digits; an empty text counts as 0."""
    filled = pc.if_else(pc.equal(pc.binary_length(digits), 0), pa.scalar("0"), digits)
    return np.asarray(pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def is_day(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each is a day of the Gregorian calendar: bool (n,)."""
    sane = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(sane, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(sane & (day <= following - first), dtype=np.bool_)
