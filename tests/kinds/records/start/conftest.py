"""Tables that the kind itself makes, so that what should be found is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc_csv
import pytest

from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.tables import UNIT
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSynthesizer
from sundog.run.recipe_files import parse_recipe, read_recipe

Make = Callable[..., dict[str, pa.Table]]


def sample(part: RecordsPart, units: int, seed: int = 1) -> dict[str, pa.Table]:
    """Tables of so many units, without the number of the unit."""
    maker = RecordsSynthesizer()
    model = maker.prepare(part, None, Key.root(seed), Path()).value
    with maker.open(model) as sampler:
        made = sampler.sample(Shard("part", 0, range(units), Key.root(seed)), {}).value
    tables = {}
    for name, batch in made.items():
        table = pa.Table.from_batches([batch])
        tables[name] = table.drop_columns([UNIT]) if UNIT in table.column_names else table
    return tables


@pytest.fixture
def make_tables() -> Make:
    """Tables of a built-in recipe, a recipe's text, or a part."""

    def make(recipe: str | RecordsPart, units: int, seed: int = 1) -> dict[str, pa.Table]:
        if isinstance(recipe, str):
            whole = parse_recipe(recipe, "text") if "\n" in recipe else read_recipe(recipe)
            found = next(iter(whole.parts.values()))
            assert isinstance(found, RecordsPart)
            recipe = found
        return sample(recipe, units, seed)

    return make


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[Mapping[str, pa.Table]], list[str]]:
    """Tables as CSV files; their paths."""

    def write(tables: Mapping[str, pa.Table]) -> list[str]:
        paths = []
        for name, table in tables.items():
            path = tmp_path / f"{name}.csv"
            pc_csv.write_csv(table, path)
            paths.append(str(path))
        return paths

    return write
