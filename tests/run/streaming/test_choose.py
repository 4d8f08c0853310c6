"""Which table, and which time."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sundog.core.errors import RequestError
from sundog.run.streaming.choose import Order, choose_table

PLAIN = pa.schema([("id", pa.int64()), ("name", pa.string())])
TIMED = pa.schema([("id", pa.int64()), ("at", pa.timestamp("us")), ("seen", pa.timestamp("us"))])
DATED = pa.schema([("id", pa.int64()), ("day", pa.date32())])


MONEY = pa.schema([("amount", pa.float64()), ("offset_seconds", pa.float64()), ("placed", pa.timestamp("us"))])


@pytest.mark.parametrize(
    ("schemas", "table", "time", "order", "expected"),
    [
        ({"p": {"a": MONEY}}, None, "offset_seconds", "time", ("p", "a", "offset_seconds")),
        ({"p": {"a": PLAIN}}, None, "id", "time", ("p", "a", "id")),
        ({"p": {"a": TIMED}}, None, None, "time", ("p", "a", "at")),
        ({"p": {"a": PLAIN, "b": TIMED}}, None, None, "time", ("p", "b", "at")),
        ({"p": {"a": PLAIN, "b": TIMED}}, "a", None, "own", ("p", "a", None)),
        ({"p": {"a": PLAIN, "b": TIMED}}, "b", None, "own", ("p", "b", None)),
        ({"p": {"a": TIMED}, "q": {"a": TIMED}}, "q.a", "seen", "time", ("q", "a", "seen")),
        ({"p": {"a": PLAIN, "b": DATED, "c": TIMED}}, None, "day", "time", ("p", "b", "day")),
        ({"p": {"a": PLAIN}}, None, None, "either", ("p", "a", None)),
        ({"p": {"a": TIMED}}, None, None, "either", ("p", "a", "at")),
    ],
)
def test_the_choice(
    schemas: dict[str, dict[str, pa.Schema]],
    table: str | None,
    time: str | None,
    order: Order,
    expected: tuple[str, str, str | None],
) -> None:
    chosen = choose_table(schemas, table, time, order)
    assert (chosen.part, chosen.table, chosen.time) == expected
    assert chosen.schema is schemas[chosen.part][chosen.table]


@pytest.mark.parametrize(
    ("schemas", "table", "time", "code", "named"),
    [
        ({"p": {"orders": TIMED}}, "order", None, "SD-STREAM-001", "'orders'"),
        ({"p": {"a": TIMED, "b": TIMED}}, None, None, "SD-STREAM-002", "a, b"),
        ({"p": {"a": TIMED}, "q": {"a": TIMED}}, "a", None, "SD-STREAM-002", "p.a, q.a"),
        ({"p": {"a": DATED}}, None, None, "SD-STREAM-003", "--time day"),
        ({"p": {"a": PLAIN}}, None, None, "SD-STREAM-003", "--rate"),
        ({"p": {"a": TIMED}}, None, "sen", "SD-STREAM-004", "'seen'"),
        ({"p": {"a": PLAIN}}, None, "name", "SD-STREAM-005", "no column of times"),
        ({"p": {"a": MONEY}}, None, "amount", "SD-STREAM-005", "Columns of times: placed."),
    ],
)
def test_what_cannot_be_chosen_is_told_with_the_choices(
    schemas: dict[str, dict[str, pa.Schema]], table: str | None, time: str | None, code: str, named: str
) -> None:
    with pytest.raises(RequestError) as caught:
        choose_table(schemas, table, time, "time")
    assert caught.value.problems[0].code == code
    assert named in caught.value.problems[0].fix
