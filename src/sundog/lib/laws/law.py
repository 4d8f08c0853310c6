"""What every law can do, and the faults that its parameters may have.

A parameter is one number, or an array with one number a row: the law of each row then depends on other columns. Every value
is a function of its own word and its own parameters, whatever stands beside it.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Parameter = float | NDArray[np.float64]
"""One number for all rows, or float64 (n,)."""
Whole = int | NDArray[np.int64]
"""One whole number for all rows, or int64 (n,)."""
Values = NDArray[np.float64] | NDArray[np.int64]
"""float64 (n,) or int64 (n,): a law always gives the same of the two."""

SMALLEST = 2.0**-53
"""Probabilities are moved into [2**-53, 1 - 2**-53] before they are inverted: no word asks for more, and none gives infinity."""
TABLE = {"table": True}
"""Metadata of a field that holds a table of the law, not one parameter a row."""


class Law(Protocol):
    """The distribution of one field."""

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """One value for each word: uint64 (n,) to float64 or int64 (n,). Value i depends on word i (and parameters i) alone."""

    def quantile(self, p: NDArray[np.float64]) -> Values:
        """The smallest value that is reached with probability p: float64 (n,) to (n,); rising in p."""

    def cdf(self, x: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
        """Probability of a value of at most x: (n,) to float64 (n,)."""

    def mean(self) -> Parameter:
        """Mean of the law (of each row where parameters are arrays); NaN where it is not known or does not exist."""

    def variance(self) -> Parameter:
        """Variance of the law; NaN where it is not known or does not exist, inf where it is infinite."""

    def support(self) -> tuple[float, float]:
        """Smallest and largest value that any row may have."""

    def find_faults(self) -> tuple[str, ...]:
        """Every fault of the parameters, in words."""


L = TypeVar("L")


def check_law(law: Law) -> tuple[str, ...]:
    """Every fault of the law's parameters, in plain words; empty where it can be drawn from."""
    return law.find_faults()


def take_rows(law: L, rows: NDArray[np.intp]) -> L:
    """The law of these rows alone: parameters that are arrays are cut down, tables stay.

    Args:
        law: any law, with laws inside it or not.
        rows: intp (m,), numbers of rows.

    Returns:
        A law of the same class for m rows; the same object where it has no parameter by row.
    """
    if not is_dataclass(law) or isinstance(law, type):
        return law
    changed: dict[str, object] = {}
    for part in fields(law):
        old = getattr(law, part.name)
        if part.metadata.get("table") or not part.init:
            continue
        new: object = old
        if isinstance(old, np.ndarray):
            new = old[rows]
        elif isinstance(old, tuple):
            taken = tuple(take_rows(item, rows) for item in old)
            new = old if all(a is b for a, b in zip(old, taken, strict=True)) else taken
        elif is_dataclass(old):
            new = take_rows(old, rows)
        if new is not old:
            changed[part.name] = new
    return replace(law, **changed) if changed else law


def count_rows(law: object) -> int:
    """How many rows the law's parameters are for; 1 where it is the same for all rows."""
    return max(_find_lengths(law), default=1)


def _find_lengths(value: object) -> list[int]:
    if isinstance(value, np.ndarray):
        return [len(value)]
    if isinstance(value, tuple):
        return [length for item in value for length in _find_lengths(item)]
    if not is_dataclass(value):
        return []
    parts = [part for part in fields(value) if part.init and not part.metadata.get("table")]
    return [length for part in parts for length in _find_lengths(getattr(value, part.name))]


def is_whole(law: Law) -> bool:
    """Whether the law gives int64."""
    return bool(take_rows(law, np.empty(0, np.intp)).draw(np.empty(0, np.uint64)).dtype == np.int64)


def find_extremes(law: Law) -> tuple[float, float]:
    """The least and the greatest value that a word can give, over all rows."""
    rows = np.ones(count_rows(law))
    least, most = law.quantile(rows * SMALLEST), law.quantile(rows * (1.0 - SMALLEST))
    return float(np.min(least)), float(np.max(most))


def clip_probabilities(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n,) moved into [2**-53, 1 - 2**-53]."""
    return np.clip(p, SMALLEST, 1.0 - SMALLEST)


def as_rows(value: Parameter) -> NDArray[np.float64]:
    """A parameter for a kernel: float64 (1,) where one number stands for all rows, else float64 (n,)."""
    return np.ascontiguousarray(np.atleast_1d(value), np.float64)


def simplify(x: NDArray[np.float64]) -> Parameter:
    """A float where the array has no dimension."""
    return float(x) if np.ndim(x) == 0 else x


def describe_bad(name: str, wanted: str, value: Parameter | Whole, good: bool | NDArray[np.bool_]) -> tuple[str, ...]:
    """A sentence on the first value that is not as wanted; empty where all are."""
    marks = np.atleast_1d(np.asarray(good))
    if marks.all():
        return ()
    at = int(np.flatnonzero(~marks)[0])
    flat = np.atleast_1d(np.asarray(value))
    found = flat[at if len(flat) > 1 else 0].item()
    where = f" (row {at} of {len(marks)})" if len(marks) > 1 else ""
    return (f"{name} must be {wanted}, not {found:.15g}{where}",)


def check_finite(name: str, value: Parameter) -> tuple[str, ...]:
    """Whether every value is a number and finite."""
    return describe_bad(name, "a finite number", value, np.isfinite(value))


def check_range(name: str, value: Parameter, low: float, high: float) -> tuple[str, ...]:
    """Whether every value lies in [low, high]; NaN does not."""
    return describe_bad(
        name, f"in [{low:.15g}, {high:.15g}]", value, (np.asarray(value) >= low) & (np.asarray(value) <= high)
    )


def check_positive(name: str, value: Parameter) -> tuple[str, ...]:
    """Whether every value is above 0 and finite."""
    return describe_bad(name, "above 0 and finite", value, np.isfinite(value) & (np.asarray(value) > 0))


def check_order(low_name: str, low: Parameter | Whole, high_name: str, high: Parameter | Whole) -> tuple[str, ...]:
    """Whether low < high in every row."""
    good = np.asarray(low) < np.asarray(high)
    if good.all():
        return ()
    lows, highs = np.broadcast_arrays(np.atleast_1d(low), np.atleast_1d(high))
    at = int(np.flatnonzero(~np.atleast_1d(good))[0])
    where = f" (row {at} of {len(lows)})" if len(lows) > 1 else ""
    return (f"{low_name} ({lows[at].item():.15g}) must be below {high_name} ({highs[at].item():.15g}){where}",)


def check_rows(law: Law) -> tuple[str, ...]:
    """Whether all parameters that are arrays have one dimension and one length."""
    lengths: dict[str, tuple[int, ...]] = {}
    for part in fields(law):  # type: ignore[arg-type]
        value = getattr(law, part.name)
        if isinstance(value, np.ndarray) and part.init and not part.metadata.get("table"):
            lengths[part.name] = value.shape
    if any(len(shape) != 1 for shape in lengths.values()) or len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {list(shape)}" for name, shape in lengths.items())
        return (f"parameters by row must be arrays of one dimension and one length, not {told}",)
    return ()


def check_weights(name: str, weights: NDArray[np.float64], least: int = 1) -> tuple[str, ...]:
    """Whether these are weights: one dimension, finite, none negative, and a sum above 0."""
    if weights.ndim != 1 or len(weights) < least:
        return (f"{name} must be a list of at least {least} numbers",)
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        return (f"{name} must be finite and not negative, not {weights[at]:.15g} (number {at} of {len(weights)})",)
    total = float(weights.sum())
    return () if 0 < total < np.inf else (f"{name} must have a finite sum above 0, not {total:.15g}",)


def get_bounds(low: Parameter | Whole, high: Parameter | Whole) -> tuple[float, float]:
    """The smallest low and the largest high of all rows."""
    return float(np.min(low)), float(np.max(high))
