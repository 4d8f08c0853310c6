"""How the columns of a table become SenML records: which name devices, channels, times, units, and which hold values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.tables import unit_of
from sundog.export._senml_units import PRIMARY, SECONDARY, spell_unit
from sundog.export._text import is_nested, is_text
from sundog.export.extension import SenmlOut

DEVICES = ("device", "device_id", "sensor", "sensor_id")
TIMES = ("time", "timestamp")
_LETTERS = re.compile(r"[-A-Za-z0-9:./_]+")
_FIRST = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class SenmlPlan:
    """What is made of each row of a table.

    Attributes:
        prefix: what every name begins with.
        device: column whose value follows the prefix, or None.
        time: column of the time, or None: records then carry none.
        channel: column that names what was measured, where a row is one reading; else None.
        unit: column of the unit, where a row is one reading; else None.
        values: columns that hold values; each row gives a record for each of them.
        units: unit of each of these, or None.
        version: of the pack, as RFC 9100 counts.
    """

    prefix: str
    device: str | None
    time: str | None
    channel: str | None
    unit: str | None
    values: tuple[str, ...]
    units: tuple[str | None, ...]
    version: int


def list_named(spec: SenmlOut) -> tuple[str, ...]:
    """Columns that the options name: only tables that have them all are exported."""
    single = (spec.device, spec.time, spec.channel, spec.value, spec.unit)
    return (*(name for name in single if name is not None), *_split(spec.columns), *parse_units(spec.units))


def parse_units(text: str | None) -> dict[str, str]:
    """COLUMN=UNIT, COLUMN=UNIT as a mapping, units as SenML spells them.

    Raises:
        RequestError: it cannot be read, or SenML knows no such unit.
    """
    found: dict[str, str] = {}
    problems = []
    for piece in _split(text):
        column, equals, unit = piece.rpartition("=")
        spelled = spell_unit(unit.strip())
        if not equals or not column.strip() or spelled is None:
            what = f"{piece!r} is not COLUMN=UNIT with a unit that SenML knows"
            mend = nearest(unit.strip(), PRIMARY | SECONDARY) or "For example: temperature=Cel, humidity=%RH."
            problems.append(Problem("SD-EXPORT-016", "--option units", what, mend))
        else:
            found[column.strip()] = spelled
    if problems:
        raise RequestError(*problems)
    return found


def plan_table(spec: SenmlOut, name: str, schema: pa.Schema) -> SenmlPlan:
    """The plan of a table.

    Args:
        spec: the options.
        name: of the table, for errors and for records of tables without a device.
        schema: its columns; those that options name are among them.

    Raises:
        RequestError: it cannot be mapped; everything that stands in the way is named.
    """
    device = spec.device or _first_of(DEVICES, schema)
    time = spec.time or _first_of(TIMES, schema)
    long = spec.channel is not None or spec.value is not None or {"channel", "value"} <= set(schema.names)
    channel = (spec.channel or _first_of(("channel",), schema)) if long else None
    unit = (spec.unit or _first_of(("unit",), schema)) if long else spec.unit
    taken = {device, time, channel, unit}
    if long:
        value = spec.value or _first_of(("value",), schema)
        values: tuple[str, ...] = () if value is None else (value,)
    else:
        values = _split(spec.columns) or tuple(n for n in schema.names if n not in taken)
    units = parse_units(spec.units)
    where = f"table {name}"
    problems = [
        *_find_shape_faults(where, long, channel, unit, values),
        *_find_type_faults(where, schema, device, time, channel, unit, values),
        *_find_letter_faults(where, () if long else values),
    ]
    prefix = spec.prefix or ("" if device is not None else f"{name}:")
    if prefix and not (_LETTERS.fullmatch(prefix) and _FIRST.match(prefix)):
        problems.append(_letters("--option prefix", prefix))
    if problems:
        raise RequestError(*problems)
    told = tuple(units.get(v) or spell_unit(unit_of(schema.field(v))) for v in values)
    second = unit is not None or any(u in SECONDARY for u in told)
    return SenmlPlan(prefix, device, time, channel, unit, values, told, 26 if second else 10)


def check_letters(where: str, names: Sequence[str], alone: bool) -> None:
    """Refuse names of devices or channels with letters that SenML does not allow.

    Args:
        where: the column.
        names: the different values.
        alone: whether names begin with them, which asks for a letter or a digit.
    """
    bad = [n for n in names if not _LETTERS.fullmatch(n) or (alone and not _FIRST.match(n))]
    if bad:
        raise RequestError(_letters(where, bad[0]))


def _letters(where: str, name: str) -> Problem:
    what = f"{name!r} cannot be part of a name in SenML: letters, digits and - : . / _ can, a letter or digit first"
    return Problem("SD-EXPORT-018", where, what, "Rename it, or leave the column out (`columns`).")


def _find_shape_faults(
    where: str, long: bool, channel: str | None, unit: str | None, values: tuple[str, ...]
) -> list[Problem]:
    if long and (channel is None or not values):
        what = "a table with a row for each reading needs a column of channels and one of values"
    elif not long and unit is not None:
        what = "a column of units belongs to a table with a row for each reading, and this one has no channel and value"
    elif not values:
        what = "no column is left that could hold values"
    else:
        return []
    mend = "Name them: --option channel=... --option value=..., or --option columns=A,B for a column each."
    return [Problem("SD-EXPORT-017", where, what, mend)]


def _find_type_faults(
    where: str, schema: pa.Schema, device: str | None, time: str | None, channel: str | None, unit: str | None,
    values: tuple[str, ...],
) -> list[Problem]:  # fmt: skip
    found = []
    for name in values:
        if is_nested(schema.field(name).type):
            mend = "Name the columns that hold readings: --option columns=A,B."
            found.append(
                Problem("SD-EXPORT-020", where, f"{name!r} holds lists or structures, which no record can", mend)
            )
    if time is not None:
        kind = schema.field(time).type
        if not (pa.types.is_timestamp(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            mend = "Give a column of timestamps, or of seconds since 1970."
            found.append(Problem("SD-EXPORT-019", where, f"{time!r} is {kind}, not a time", mend))
    for naming in (device, channel, unit):
        if naming is None:
            continue
        kind = schema.field(naming).type
        if not (is_text(kind) or (naming == device and pa.types.is_integer(kind))):
            mend = "Give a column of texts."
            found.append(Problem("SD-EXPORT-021", where, f"{naming!r} is {kind}, which names nothing", mend))
    return found


def _find_letter_faults(where: str, values: tuple[str, ...]) -> list[Problem]:
    return [_letters(f"{where}, column {name!r}", name) for name in values if not _LETTERS.fullmatch(name)]


def _first_of(names: Sequence[str], schema: pa.Schema) -> str | None:
    return next((n for n in names if n in schema.names), None)


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in (text or "").split(",") if piece.strip())
