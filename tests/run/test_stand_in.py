"""The stand-in: made from declared columns alone, with columns that hang together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import sundog
from sundog.core.errors import RequestError
from sundog.run.stand_in import GROUP, write_stand_in


@dataclass(frozen=True)
class Column:
    """What a recipe declares of a column."""

    meaning: str | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    decimals: int | None = None
    values: tuple[str, ...] | None = None
    drop: bool = False


COLUMNS = {
    "age": Column("integer", 0, 99),
    "cost": Column("decimal", 0.5, 12.25, 2),
    "sex": Column(values=("F", "M", "X")),
    "ward": Column(values=tuple("abcdefgh")),
    "seen": Column("date", "2020-01-01", "2025-12-31"),
    "at": Column("timestamp", "2024-01-01T00:00:00", "2024-12-31T23:00:00"),
    "smoker": Column("boolean"),
    "one": Column("integer", 7, 7),
    "left": Column(drop=True),
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    recipe = write_stand_in(COLUMNS, 3_000, 1, "columns")
    return sundog.make(recipe, tmp_path_factory.mktemp("stand") / "out").to_arrow()


def test_it_has_the_declared_columns_and_no_other(table: pa.Table) -> None:
    assert table.column_names == [n for n in COLUMNS if n != "left"]
    assert GROUP not in table.column_names
    assert table.num_rows == 3_000


def test_every_value_lies_in_the_declared_domain(table: pa.Table) -> None:
    for name, (low, high) in {"age": (0, 99), "cost": (0.5, 12.25), "one": (7, 7)}.items():
        assert low <= pc.min(table[name]).as_py()
        assert pc.max(table[name]).as_py() <= high
    assert set(table["sex"].to_pylist()) == {"F", "M", "X"}
    assert set(table["ward"].to_pylist()) == set("abcdefgh")
    assert pa.types.is_integer(table.schema.field("age").type)
    assert str(pc.min(table["seen"]))[:10] >= "2020-01-01"
    assert str(pc.max(table["seen"]))[:10] <= "2025-12-31"


def test_columns_hang_together_and_differ_in_how_often_values_come(table: pa.Table) -> None:
    """A stand-in of independent columns would make every epsilon look good."""
    shares = np.array(sorted(pc.value_counts(table["ward"]).field("counts").to_pylist())) / 3_000
    assert shares[-1] > 2 * shares[0]
    codes = [np.unique(table[n].to_pylist(), return_inverse=True)[1] for n in ("sex", "ward")]
    joint = np.histogram2d(*codes, bins=(3, 8))[0] / 3_000
    alone = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    assert np.abs(joint - alone).sum() / 2 > 0.05
    assert abs(np.corrcoef(table["age"].to_numpy(), table["cost"].to_numpy())[0, 1]) > 0.1


def test_the_same_seed_gives_the_same_rows(tmp_path: Path, table: pa.Table) -> None:
    again = sundog.make(write_stand_in(COLUMNS, 3_000, 1, "columns"), tmp_path / "again").to_arrow()
    assert again.equals(table)


def test_what_is_not_declared_is_named_all_at_once() -> None:
    columns = {"age": Column("integer", 0), "name": Column("text"), "sex": Column(values=("F", "M"))}
    with pytest.raises(RequestError) as caught:
        write_stand_in(columns, 100, 0, "parts.p.columns")
    assert [(p.code, p.where) for p in caught.value.problems] == [("SD-ADVISE-004", "parts.p.columns.age"), ("SD-ADVISE-004", "parts.p.columns.name")]  # fmt: skip


def test_a_recipe_without_columns() -> None:
    with pytest.raises(RequestError, match="SD-ADVISE-010"):
        write_stand_in({}, 100, 0, "columns")
