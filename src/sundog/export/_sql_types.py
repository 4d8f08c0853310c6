"""Arrow types as columns of databases: their names, and values in a form that the database takes."""

from __future__ import annotations

from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from sundog.export._text import is_nested, is_text, join_texts, to_texts

Dialect: TypeAlias = Literal["postgresql", "sqlite", "mysql", "duckdb"]

_INTEGERS: dict[str, dict[Dialect, str]] = {
    "int8": {"postgresql": "smallint", "mysql": "tinyint", "duckdb": "tinyint"},
    "int16": {"postgresql": "smallint", "mysql": "smallint", "duckdb": "smallint"},
    "int32": {"postgresql": "integer", "mysql": "integer", "duckdb": "integer"},
    "int64": {"postgresql": "bigint", "mysql": "bigint", "duckdb": "bigint"},
    "uint8": {"postgresql": "smallint", "mysql": "tinyint unsigned", "duckdb": "utinyint"},
    "uint16": {"postgresql": "integer", "mysql": "smallint unsigned", "duckdb": "usmallint"},
    "uint32": {"postgresql": "bigint", "mysql": "integer unsigned", "duckdb": "uinteger"},
    "uint64": {"postgresql": "numeric(20,0)", "mysql": "bigint unsigned", "duckdb": "ubigint"},
}
_TEXT: dict[Dialect, str] = {"postgresql": "text", "sqlite": "text", "mysql": "longtext", "duckdb": "varchar"}
_DECIMAL_DIGITS: dict[Dialect, int] = {"postgresql": 1000, "sqlite": 0, "mysql": 65, "duckdb": 38}
"""Most digits of a decimal; what has more, or any in SQLite, which would round it to a double, is written as text."""


def name_type(kind: pa.DataType, dialect: Dialect, *, key: bool = False, nested: bool = False) -> str:
    """The type of a column.

    Args:
        kind: Arrow type.
        dialect: of which database.
        key: the column is part of a key, whose texts MySQL limits.
        nested: lists and structs become the database's own (DuckDB); otherwise they are JSON.
    """
    kind = strip_type(kind)
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer" if dialect == "sqlite" else _INTEGERS[str(kind)][dialect]
    if pa.types.is_floating(kind):
        single = kind.bit_width <= 32 and dialect not in ("sqlite", "mysql")
        return "real" if single or dialect == "sqlite" else "double" if dialect == "duckdb" else "double precision"
    if pa.types.is_decimal(kind) and _holds_decimal(kind, dialect):
        return f"{'numeric' if dialect == 'postgresql' else 'decimal'}({kind.precision},{kind.scale})"
    if _is_binary(kind):
        return "bytea" if dialect == "postgresql" else "longblob" if dialect == "mysql" else "blob"
    if is_nested(kind):
        if nested:
            return _name_nested(kind, dialect)
        return {"postgresql": "jsonb", "sqlite": "text", "mysql": "json", "duckdb": "json"}[dialect]
    if pa.types.is_temporal(kind) and dialect != "sqlite":
        return _name_time(kind, dialect)
    return "varchar(255)" if dialect == "mysql" and key else _TEXT[dialect]


def _holds_decimal(kind: pa.DataType, dialect: Dialect) -> bool:
    digits = kind.precision <= _DECIMAL_DIGITS[dialect] and 0 <= kind.scale <= kind.precision
    return digits and (dialect != "mysql" or kind.scale <= 30)


def _name_time(kind: pa.DataType, dialect: Dialect) -> str:
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_time(kind):
        return {"postgresql": "time without time zone", "mysql": "time(6)"}.get(dialect, "time")
    if pa.types.is_timestamp(kind):
        if dialect == "mysql":
            return "datetime(6)"
        if kind.tz is not None:
            return "timestamp with time zone"
        if dialect == "duckdb":
            return "timestamp_ns" if kind.unit == "ns" else "timestamp"
        return "timestamp without time zone"
    return _TEXT[dialect] if dialect == "mysql" else "interval"


def _name_nested(kind: pa.DataType, dialect: Dialect) -> str:
    if pa.types.is_struct(kind):
        fields = (f"{quote_name(f.name, dialect)} {name_type(f.type, dialect, nested=True)}" for f in kind)
        return f"struct({', '.join(fields)})"
    if pa.types.is_map(kind):
        parts = (name_type(t, dialect, nested=True) for t in (kind.key_type, kind.item_type))
        return f"map({', '.join(parts)})"
    if pa.types.is_fixed_size_list(kind):
        return f"{name_type(kind.value_type, dialect, nested=True)}[{kind.list_size}]"
    if hasattr(kind, "value_type"):
        return f"{name_type(kind.value_type, dialect, nested=True)}[]"
    return "json"


def quote_name(name: str, dialect: Dialect) -> str:
    """An identifier in the quotes of its database."""
    quote = "`" if dialect == "mysql" else '"'
    return f"{quote}{name.replace(quote, quote * 2)}{quote}"


def strip_type(kind: pa.DataType) -> pa.DataType:
    """The type under dictionaries and extensions."""
    if pa.types.is_dictionary(kind):
        return strip_type(kind.value_type)
    return strip_type(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else kind


def strip_column(column: pa.Array) -> pa.Array:
    """Values without dictionaries and extensions; NaN is missing, as everywhere in Sundog."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        return strip_column(column.cast(column.type.value_type))
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    if pa.types.is_binary_view(column.type):
        column = column.cast(pa.large_binary())
    if pa.types.is_floating(column.type):
        gaps = pc.is_null(column, nan_is_null=True)
        if gaps.true_count > column.null_count:
            return pc.if_else(gaps, pa.scalar(None, column.type), column)
    return column


def load_type(kind: pa.DataType, dialect: Dialect) -> pa.DataType:
    """The Arrow type in which ``as_loaded`` gives a column: one that the driver writes as ``name_type`` says."""
    kind = strip_type(kind)
    text = pa.large_string()
    if pa.types.is_null(kind) or is_text(kind):
        return text
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_decimal(kind):
        whole = name_type(kind, dialect) == _TEXT[dialect]
        wide = pa.decimal256 if kind.precision > 38 else pa.decimal128
        return text if whole else wide(kind.precision, kind.scale)
    if _is_binary(kind):
        return pa.large_binary()
    if dialect == "duckdb":
        return pa.timestamp("us", kind.tz) if pa.types.is_timestamp(kind) and kind.tz is not None else kind
    if is_nested(kind):
        return text
    if pa.types.is_integer(kind):
        narrow = {"int8": pa.int16(), "uint8": pa.int16(), "uint16": pa.int32(), "uint32": pa.int64()}
        return pa.decimal128(20, 0) if pa.types.is_uint64(kind) else narrow.get(str(kind), kind)
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if pa.types.is_time(kind):
        return pa.time64("us")
    if pa.types.is_duration(kind):
        return pa.duration("us")
    return pa.date32() if pa.types.is_date(kind) else kind


def as_loaded(column: pa.Array, dialect: Dialect) -> pa.Array:
    """A column as the driver of a database takes it. Nanoseconds are cut to microseconds where the database has no finer ones."""
    column = strip_column(column)
    kind = load_type(column.type, dialect)
    if kind == column.type:
        return column
    if dialect == "postgresql" and is_nested(column.type):
        return join_texts("\x01", to_texts(column))  # PostgreSQL's jsonb: its version, then the text
    if kind == pa.large_string():
        return to_texts(column)
    return column.cast(kind, safe=not pa.types.is_temporal(kind))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )
