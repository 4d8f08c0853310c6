"""Fields of streams: what they ask the stream for, and the columns that they become."""

from __future__ import annotations

import pyarrow as pa

from sundog.core.errors import nearest
from sundog.kinds.records import fields_streams as said
from sundog.kinds.records._columns import Column
from sundog.kinds.records._session import Session
from sundog.kinds.records._stream_columns import InstantsColumn, LabelColumn, NumbersColumn, PlantedColumn
from sundog.kinds.records._streams import Needs
from sundog.kinds.records.fields_numbers import AnyField

FIELDS = (
    said.SampleTimeField,
    said.SampleNumberField,
    said.ReadingField,
    said.TrueValueField,
    said.FaultField,
    said.ArrivalField,
    said.DeliveryField,
    said.BatteryField,
    said.PlantedField,
)
"""Fields that belong to tables with ``stream`` or ``faults_of``."""


def find_needs(session: Session, table: str) -> Needs:
    """What the fields of a table with ``stream`` ask for; channels that are not there are faults of these fields."""
    spec = session.part.tables[table]
    assert spec.stream is not None
    channels = spec.stream.channels
    fields = [f for f in spec.fields.values() if isinstance(f, FIELDS)]
    faulty = [name for name, c in channels.items() if c.faults]
    planted = any(t.faults_of == table for t in session.part.tables.values())
    readings = {f.channel for f in fields if isinstance(f, said.ReadingField)}
    true = {f.channel for f in fields if isinstance(f, said.TrueValueField)}
    told = [f.channel for f in fields if isinstance(f, said.FaultField)]
    labels = {name for name in faulty if name in told or None in told or (planted and name in readings)}
    deliveries = [f for f in fields if isinstance(f, said.DeliveryField | said.ArrivalField)]
    return Needs(
        readings=tuple(name for name in channels if name in readings),
        true=tuple(name for name in channels if name in true),
        labels=tuple(name for name in channels if name in labels),
        numbers=any(isinstance(f, said.SampleNumberField) for f in fields),
        stamps=any(isinstance(f, said.SampleTimeField) and f.clock == "device" for f in fields),
        sent=bool(deliveries),
        power=any(isinstance(f, said.BatteryField) for f in fields),
        planted=planted,
    )


def compile_stream_field(session: Session, table: str, field: AnyField, where: str) -> Column | None:
    """The column of a field that belongs to a stream; None where there are faults, which are noted."""
    spec = session.part.tables[table]
    wanted = "faults_of" if isinstance(field, said.PlantedField) else "stream"
    if getattr(spec, wanted) is None:
        type_of = getattr(field, "type", "")
        lacks(
            session,
            where,
            f"{type_of!r} asks for a table with {wanted!r}, and {table!r} has none",
            f"Give it '{wanted}'.",
        )
        return None
    if isinstance(field, said.PlantedField):
        other = session.part.tables.get(spec.faults_of or "")
        zone = other.stream.zone if other is not None and other.stream is not None else "UTC"
        return PlantedColumn(field.part, _PLANTED.get(field.part, pa.timestamp("us", tz=zone)))
    assert spec.stream is not None
    return _compile_told(session, table, spec.stream, field, where)


_PLANTED = {"channel": pa.string(), "kind": pa.string(), "size": pa.float64(), "rows": pa.int64()}


def _compile_told(session: Session, table: str, stream: said.Stream, field: AnyField, where: str) -> Column | None:
    instants = pa.timestamp("us", tz=stream.zone)
    channel = getattr(field, "channel", None)
    if channel is not None and channel not in stream.channels:
        what = f"{channel!r} is not a channel of {table!r} ({', '.join(stream.channels)})"
        lacks(session, f"{where}.channel", what, nearest(channel, stream.channels))
        return None
    if isinstance(field, said.ReadingField):
        return NumbersColumn(f"reading {channel}", pa.float64(), stream.channels[field.channel].unit)
    if isinstance(field, said.TrueValueField):
        return NumbersColumn(f"true {channel}", pa.float64(), stream.channels[field.channel].unit, field.decimals)
    if isinstance(field, said.FaultField):
        faulty = tuple(n for n, c in stream.channels.items() if c.faults and channel in (None, n))
        return LabelColumn(faulty, field.form, field.healthy)
    if isinstance(field, said.SampleTimeField):
        return InstantsColumn("stamp" if field.clock == "device" else "", instants, field.seconds)
    if isinstance(field, said.SampleNumberField):
        return NumbersColumn("number", pa.int64())
    if isinstance(field, said.ArrivalField):
        return InstantsColumn("arrival", instants, field.seconds, "lost")
    if isinstance(field, said.DeliveryField):
        return NumbersColumn(field.part, pa.bool_())
    assert isinstance(field, said.BatteryField)
    if stream.battery is None:
        lacks(session, where, f"the devices of {table!r} have no battery", "Give the stream a 'battery'.")
        return None
    return NumbersColumn(field.part, pa.float64(), "V" if field.part == "volts" else "/", field.decimals)


def lacks(session: Session, where: str, what: str, fix: str) -> None:
    """Note a field or a channel that asks for what the stream has not."""
    session.fault("SD-RECORDS-051", where, what, fix)
