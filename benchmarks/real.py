"""The tables that the benchmark runs on, and their two halves."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from sundog.core.keys import Key

Kind = Literal["category", "integer", "decimal"]
HERE = Path(__file__).resolve().parent
SPLIT_SEED = 11


@dataclass(frozen=True)
class Dataset:
    """A real table.

    Attributes:
        name: short name used in results.
        table: strings for categories, float64 for numbers; missing cells are null.
        kinds: how each column is read. Codes that stand for categories are declared as such for every competitor that asks.
        target: column to predict.
    """

    name: str
    table: pa.Table
    kinds: Mapping[str, Kind]
    target: str
    licence: str = field(default="not stated")

    @property
    def classification(self) -> bool:
        """Whether the target is a class; AUC is then the measure, else R2."""
        return self.kinds[self.target] == "category"


_KNOWN: Mapping[str, tuple[str, frozenset[str]]] = {
    "adult": ("income", frozenset()),
    "default": ("has_default", frozenset({"sex", "education", "marriage", "has_default"})),
    "beijing": ("pm2.5", frozenset()),
}


def load_dataset(name: str, target: str | None = None) -> Dataset:
    """One of the shipped tables by name, or any CSV (also gz) by path; ``target`` defaults to its last column."""
    if name in _KNOWN:
        aim, codes = _KNOWN[name]
        source = files("sundog.data") / "adult.csv.gz" if name == "adult" else HERE / "data" / f"{name}.csv.gz"
        return read_dataset(name, gzip.decompress(source.read_bytes()), target or aim, codes, "CC BY 4.0")
    path = Path(name)
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    last = next(csv.reader(io.StringIO(raw[: raw.index(b"\n")].decode())))[-1]
    return read_dataset(path.name.split(".")[0], raw, target or last.strip(), frozenset(), "not stated")


def read_dataset(name: str, raw: bytes, target: str, codes: frozenset[str], licence: str) -> Dataset:
    """Read CSV bytes: a column is a number if every cell is one and it is not among ``codes``; a number target with two values is a class."""
    options = pyarrow.csv.ConvertOptions(strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=False)
    table = pyarrow.csv.read_csv(io.BytesIO(raw), convert_options=options)
    columns: dict[str, pa.Array] = {}
    kinds: dict[str, Kind] = {}
    for column in table.column_names:
        values = table[column].combine_chunks()
        number = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
        if column == target and number and pc.count_distinct(values).as_py() == 2:
            number = False
        if number and column not in codes:
            whole = pc.all(pc.equal(values.cast(pa.float64()), pc.round(values.cast(pa.float64())))).as_py()
            kinds[column] = "integer" if whole else "decimal"
            columns[column] = values.cast(pa.float64())
        else:
            kinds[column] = "category"
            columns[column] = values.cast(pa.string())
    return Dataset(name, pa.table(columns), kinds, target, licence)


def split_halves(data: Dataset) -> tuple[pa.Table, pa.Table]:
    """Two disjoint halves of all rows, in a fixed random order; one row is left out of an odd number."""
    rows = data.table.num_rows
    order = Key.root(SPLIT_SEED).child("halves").generator().permutation(rows)
    half = rows // 2
    return data.table.take(pa.array(order[:half])), data.table.take(pa.array(order[half : 2 * half]))


def write_half(data: Dataset, half: pa.Table, folder: Path) -> None:
    """``train.csv`` and ``columns.json``: what every competitor is given. Whole numbers are written without a point."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = {
        name: pc.cast(half[name], pa.int64()) if data.kinds[name] == "integer" else half[name]
        for name in half.column_names
    }
    pyarrow.csv.write_csv(pa.table(columns), folder / "train.csv")
    described = [{"name": name, "kind": data.kinds[name]} for name in half.column_names]
    (folder / "columns.json").write_text(json.dumps(described, indent=1) + "\n")


def read_made(data: Dataset, path: Path) -> pa.Table:
    """A synthetic CSV as the same types as the real table; a code written as 1.0 is the category 1."""
    types = {name: pa.string() if kind == "category" else pa.float64() for name, kind in data.kinds.items()}
    options = pyarrow.csv.ConvertOptions(
        column_types=types, strings_can_be_null=True, null_values=["", "NaN", "nan"], quoted_strings_can_be_null=False
    )
    table = pyarrow.csv.read_csv(path, convert_options=options).select(data.table.column_names)
    columns = {}
    for name in table.column_names:
        values = table[name].combine_chunks()
        if data.kinds[name] == "category":
            values = pc.replace_substring_regex(values, r"^(-?\d+)\.0$", r"\1")
        columns[name] = values
    return pa.table(columns)
