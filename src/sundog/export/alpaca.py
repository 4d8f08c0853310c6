"""Instructions in the form of Alpaca, with the two fields that trainers added to it: ``system`` and ``history``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sundog.core.errors import Problem, RequestError
from sundog.core.protocols import BundleView
from sundog.export._chat_rules import check_chat
from sundog.export._chat_shapes import SHAPES_IN_WORDS, Row, Shape, find_shape, kinds_of, refuse
from sundog.export._hub_folder import Chosen, list_tables, write_folder
from sundog.export.extension_chat import AlpacaOut

_FIELDS = ("instruction", "input", "output", "system", "history")


@dataclass(frozen=True, slots=True)
class AlpacaExporter:
    """Implements ``core.protocols.Exporter``. Every object has all five fields, so that readers see the same columns in each."""

    def write(self, spec: AlpacaOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one instruction a line; gives the paths."""
        tables = list_tables(spec, bundle)
        chosen = []
        for table in tables:
            shape = find_shape(table.schema)
            if shape is not None:
                own = shape.name == "instruction, output"
                columns = shape.columns
                if own and kinds_of(table.schema).get("system") == "text":
                    columns = (*columns, "system")
                chosen.append(Chosen(table, columns, _take if own else partial(_convert, shape), _FIELDS))
        if not chosen:
            raise refuse(SHAPES_IN_WORDS, {f"{t.part}.{t.name}": t.schema for t in tables})
        return write_folder(spec, bundle, target, chosen, "alpaca")


def _take(where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    """A row that has an instruction and an output."""
    for name in ("instruction", "output"):
        if not (row[name] or "").strip():
            _refuse(where, number, f"{name!r} is empty")
    yield _form(row["instruction"], row.get("input") or "", row["output"], row.get("system") or "", [])


def _convert(shape: Shape, where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    """A chat: its last exchange is the instruction, earlier ones its history."""
    chat = shape.convert(row)
    check_chat(chat, where, number)
    if any(t["role"] == "tool" or t.get("tool_calls") for t in chat):
        _refuse(where, number, "a tool is called, for which Alpaca has no form")
    system = chat[0]["content"] if chat[0]["role"] == "system" else ""
    said = [t["content"] for t in chat if t["role"] != "system"]
    history = [list(pair) for pair in zip(said[:-2:2], said[1:-2:2], strict=True)]
    yield _form(said[-2], "", said[-1], system, history)


def _form(instruction: str, given: str, output: str, system: str, history: list[list[str]]) -> dict[str, Any]:
    return {"instruction": instruction, "input": given, "output": output, "system": system, "history": history}


def _refuse(where: str, number: int, what: str) -> None:
    mend = "Choose other rows with --select, or export them as messages."
    raise RequestError(Problem("SD-EXPORT-052", f"{where}, row {number}", f"the row is no instruction: {what}", mend))
