"""A folder that ``datasets.load_dataset`` opens: JSON Lines, one file a table, and a card that says where they are.

Source: https://huggingface.co/docs/datasets/repository_structure, ``configs`` in the front matter of README.md.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import pyarrow as pa
import yaml

from sundog.core.protocols import BundleView
from sundog.export._tables import ChosenTable, choose_tables, name_file, scan_rows
from sundog.export._target import write_whole
from sundog.export.extension import TablesOut
from sundog.export.select import parse_select

Convert = Callable[[str, int, dict[str, Any]], Iterable[Any]]
"""Part and table, number of the row, and the row, to what is written of it: nothing, one or more objects."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A table that a format can hold.

    Attributes:
        table: which.
        columns: that are read.
        convert: what of a row is written.
        fields: what is written, for the card.
    """

    table: ChosenTable
    columns: tuple[str, ...]
    convert: Convert
    fields: tuple[str, ...]


def list_tables(spec: TablesOut, bundle: BundleView) -> tuple[ChosenTable, ...]:
    """The tables that may be exported."""
    return choose_tables(bundle, None if spec.select is None else parse_select(spec.select))


def write_folder(
    spec: TablesOut, bundle: BundleView, target: str, chosen: Sequence[Chosen], kind: str, *, suffix: str = ".jsonl"
) -> tuple[str, ...]:
    """Write the tables and the card; a target that ends in the suffix becomes that file alone.

    Args:
        spec: what is exported.
        bundle: where from.
        target: folder, file (for one table) or URL.
        chosen: the tables.
        kind: the format, for the card.
        suffix: of the files.
    """
    condition = None if spec.select is None else parse_select(spec.select)
    dump = _dump_line if suffix == ".jsonl" else _dump_paragraph
    files = [
        (f"{name_file(bundle, c.table)}{suffix}", partial(_write_rows, bundle, c, condition, dump)) for c in chosen
    ]
    if not target.rstrip("/").endswith(suffix):
        names = [name for name, _ in files]
        files.append(("README.md", partial(_write_card, bundle, chosen, names, kind)))
    return write_whole(target, files, suffix)


def _write_rows(
    bundle: BundleView, chosen: Chosen, condition: Any, dump: Callable[[Any], str], stream: IO[bytes]
) -> None:
    where = f"{chosen.table.part}.{chosen.table.name}"
    number = 0
    for batch in scan_rows(bundle, chosen.table, condition):
        lines = io.StringIO()
        for row in _rows(batch, chosen.columns):
            for made in chosen.convert(where, number, row):
                lines.write(dump(made))
            number += 1
        stream.write(lines.getvalue().encode("utf-8"))


def _rows(batch: pa.RecordBatch, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    held = [batch.column(c).to_pylist() for c in columns]
    for values in zip(*held, strict=True):
        yield dict(zip(columns, values, strict=True))


def _dump_line(made: Any) -> str:
    return json.dumps(made, ensure_ascii=False) + "\n"


def _dump_paragraph(made: Any) -> str:
    """A text with no empty line in it, and one behind it."""
    lines = [line.rstrip() for line in str(made["text"]).splitlines()]
    return "\n".join(line for line in lines if line) + "\n\n"


def _write_card(
    bundle: BundleView, chosen: Sequence[Chosen], files: Sequence[str], kind: str, stream: IO[bytes]
) -> None:
    configs: list[dict[str, Any]] = []
    for name, file in zip((c.table for c in chosen), files, strict=True):
        config = name.part if len(bundle.tables(name.part)) == 1 else f"{name.part}-{name.name}"
        entry: dict[str, Any] = {"config_name": config, "data_files": [{"split": "train", "path": file}]}
        if file.endswith(".txt"):
            entry["sample_by"] = "paragraph"
        configs.append(entry)
    configs[0]["default"] = True
    front = {"pretty_name": bundle.recipe.name, "tags": ["synthetic", "sundog", kind], "configs": configs}
    licence = getattr(bundle.recipe, "licence", "")
    told = f"\n\nLicence: {licence}." if licence and licence != "not stated" else ""
    tables = "\n".join(f"- `{f}`: {', '.join(f'`{x}`' for x in c.fields)}" for c, f in zip(chosen, files, strict=True))
    text = (
        f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---\n\n# {bundle.recipe.name}\n\n"
        f"**Every record is synthetic.** Exported by Sundog in the format `{kind}`:\n\n{tables}{told}\n\n"
        "What was measured on the data stands in the report of the bundle that this was exported from.\n"
    )
    stream.write(text.encode("utf-8"))
