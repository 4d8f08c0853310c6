"""Keys are written on the tables: exporters make them in databases, where they hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from adbc_driver_postgresql import dbapi

import sundog
from sundog.core.tables import ForeignKey, TableKeys, keys_of

PART: Mapping[str, Any] = {
    "kind": "records",
    "units": 300,
    "tables": {
        "products": {
            "rows": 12,
            "fields": {
                "sku": {"type": "unique", "pattern": "P-###"},
                "price": {"type": "uniform", "low": 1, "high": 9},
            },
        },
        "people": {
            "fields": {
                "code": {"type": "unique", "pattern": "AA###", "missing": 0.1},
                "number": {"type": "sequence"},
                "badge": {"type": "unique", "pattern": "B-######"},
                "hidden": {"type": "unique", "pattern": "H-######", "keep": False},
                "chief": {"type": "reference", "to": "number", "earlier": True},
            }
        },
        "orders": {
            "parent": "people",
            "count": {"type": "poisson", "mean": 2},
            "fields": {
                "order": {"type": "sequence"},
                "number": {"type": "parent", "field": "number"},
                "badge": {"type": "parent", "field": "badge", "missing": 0.2},
                "code": {"type": "parent", "field": "code"},
                "gift": {"type": "reference", "to": "badge", "missing": 0.5},
                "sku": {"type": "reference", "to": "products.sku"},
            },
        },
    },
}
ORDERS = TableKeys(
    ("order",),
    (),
    (
        ForeignKey(("number",), "people", ("number",)),
        ForeignKey(("badge",), "people", ("badge",)),
        ForeignKey(("gift",), "people", ("badge",)),
        ForeignKey(("sku",), "products", ("sku",)),
    ),
)
PEOPLE = TableKeys(("number",), (("badge",),), (ForeignKey(("chief",), "people", ("number",)),))


def test_keys_lie_in_the_files_and_postgresql_makes_them(tmp_path: Path, postgresql: str) -> None:
    """A field that may be missing is no key; one that is not written is none either."""
    recipe = {"name": "shop", "parts": {"shop": PART}, "evidence": {"level": "none"}}
    made = sundog.make(recipe, tmp_path / "out", export=("postgresql", postgresql))
    schemas = {t: made.files.schema("shop", t) for t in made.files.tables("shop")}
    assert keys_of(schemas["orders"]) == ORDERS
    assert keys_of(schemas["people"]) == PEOPLE
    assert keys_of(schemas["products"]) == TableKeys(("sku",))
    needed = {t: [f.name for f in s if not f.nullable] for t, s in schemas.items()}
    assert needed == {"orders": ["order", "number"], "people": ["number", "badge"], "products": ["sku"]}
    for path in (tmp_path / "out" / "data" / "shop" / "orders").iterdir():
        assert keys_of(pq.read_schema(path)) == ORDERS
    with dbapi.connect(postgresql) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT contype::text, count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace GROUP BY 1"
        )
        assert dict(cursor.fetchall()) == {"p": 3, "u": 1, "f": 5}
        cursor.execute("SELECT number, badge FROM people ORDER BY number")
        found = cursor.fetch_arrow_table()
    people = made.to_arrow("people").select(["number", "badge"]).sort_by("number")
    assert found.to_pydict() == people.to_pydict()


def test_a_table_without_keys_states_none(tmp_path: Path) -> None:
    part = {"kind": "records", "units": 3, "tables": {"t": {"fields": {"x": 1}}}}
    made = sundog.make({"name": "t", "parts": {"t": part}, "evidence": {"level": "none"}}, tmp_path / "out")
    schema = made.files.schema("t", "t")
    assert keys_of(schema) == TableKeys()
    assert schema == pa.schema([pa.field("x", pa.int64())])
