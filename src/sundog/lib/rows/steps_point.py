"""A pair of columns that is one place: one coded column for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows.coders_point import PointCoder, choose_cells, decode_point, encode_point
from sundog.lib.rows.scale import Scale, Ticks, from_ticks, to_ticks
from sundog.lib.rows.settings import Between
from sundog.lib.rows.steps import Codes, Drawing, limits_of


@dataclass(frozen=True, slots=True)
class PointStep:
    """Latitude and longitude."""

    column: str
    longitude: str
    index: int
    scale: Scale
    longitude_scale: Scale
    coder: PointCoder


def read_points(
    latitude: pa.Array, longitude: pa.Array, scale: Scale, longitude_scale: Scale
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Places float64 (n, 2) in degrees, and where one is missing."""
    a, b = to_ticks(latitude, scale), to_ticks(longitude, longitude_scale)
    return np.column_stack([a.values / 10.0**scale.decimals, b.values / 10.0**longitude_scale.decimals]), ~(
        a.finite & b.finite
    )


def encode_point_step(step: PointStep, latitude: pa.Array, longitude: pa.Array, codes: Codes) -> None:
    """Write codes of both columns."""
    codes[:, step.index] = encode_point(step.coder, *read_points(latitude, longitude, step.scale, step.longitude_scale))


def draw_point_step(step: PointStep, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put both columns into ``drawing``; a condition cuts the place to its ends."""
    code = codes[:, step.index]
    own = key.child(step.column)
    for k, (name, scale) in enumerate(((step.column, step.scale), (step.longitude, step.longitude_scale))):
        given = drawing.given(name)
        if given is not None and drawing.kept is not None and given.any():  # the other one is drawn near what is given
            values = to_ticks(drawing.kept.column(name), scale).values / 10.0**scale.decimals
            code = np.where(
                given, choose_cells(step.coder, k, values, own.child("given").uniform(units)[:, k]), code
            ).astype(np.int32)
    points, missing = decode_point(step.coder, code, own.uniform(units))
    for k, (name, scale) in enumerate(((step.column, step.scale), (step.longitude, step.longitude_scale))):
        values = np.where(missing, 0.0, points[:, k]) * 10.0**scale.decimals
        low, high = limits_of(drawing.within.get(name), scale)
        if low is not None or high is not None:
            values = np.clip(values, -np.inf if low is None else low, np.inf if high is None else high)
        ticks = np.rint(values).astype(np.int64) if scale.integral else values
        drawing.put(name, from_ticks(ticks, missing, scale, drawing.schema.field(name).type), Ticks(ticks, missing))


def allowed_cells(step: PointStep, column: str, condition: Between) -> NDArray[np.bool_]:
    """Cells that reach into a range of latitude or longitude: bool (size,)."""
    scale = step.scale if column == step.column else step.longitude_scale
    k = 0 if column == step.column else 1
    low, high = (None if v is None else v / 10.0**scale.decimals for v in limits_of(condition, scale))
    ok = np.zeros(step.coder.size, dtype=bool)
    reach = 2.0 * np.abs(step.coder.spread[:, k]).sum(axis=1)  # a patch ends here at the latest
    first = step.coder.first[:-1]
    bottom = np.maximum(step.coder.low[:, k], np.minimum.reduceat(step.coder.centre[:, k] - reach, first))
    top = np.minimum(step.coder.high[:, k], np.maximum.reduceat(step.coder.centre[:, k] + reach, first))
    ok[: step.coder.cells] = (top >= (-np.inf if low is None else low)) & (bottom <= (np.inf if high is None else high))
    return ok
