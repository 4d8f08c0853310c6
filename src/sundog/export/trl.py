"""What the trainers of TRL read: preferences, single judgements (KTO), and prompts.

Source: https://huggingface.co/docs/trl/dataset_formats. Chats stay chats (TRL's conversational form), texts stay texts (its standard one).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.core.protocols import BundleView
from sundog.export._chat_rules import check_chat
from sundog.export._chat_shapes import Row, Turn, find_shape, kinds_of, refuse, to_turns
from sundog.export._hub_folder import Chosen, Convert, list_tables, write_folder
from sundog.export.extension_chat import TrlOut

Form = Literal["preference", "kto", "prompt"]

_WANTED = {
    "preference": "`prompt`, `chosen` and `rejected`, or `prompt`, `draft` and `revision` (chats or texts)",
    "kto": "`prompt`, `completion` and a truth `label`; or `prompt`, `chosen` and `rejected`",
    "prompt": "`prompt`, or columns that can be read as a chat",
    "auto": "`prompt` with `chosen` and `rejected`, with `completion` and a truth `label`, or alone; or columns that can be read as a chat",
}
_FIELDS = {
    "preference": ("prompt", "chosen", "rejected"),
    "kto": ("prompt", "completion", "label"),
    "prompt": ("prompt",),
}


@dataclass(frozen=True, slots=True)
class TrlExporter:
    """Implements ``core.protocols.Exporter``."""

    def write(self, spec: TrlOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one preference, judgement or prompt a line; gives the paths."""
        tables = list_tables(spec, bundle)
        chosen = []
        for table in tables:
            found = _choose(table.schema, spec.form)
            if found is not None:
                form, columns, convert = found
                chosen.append(Chosen(table, columns, convert, _FIELDS[form]))
        if not chosen:
            raise refuse(_WANTED[spec.form], {f"{t.part}.{t.name}": t.schema for t in tables})
        return write_folder(spec, bundle, target, chosen, "trl")


def _choose(schema: pa.Schema, form: str) -> tuple[Form, tuple[str, ...], Convert] | None:
    """The form of a table, the columns that are read, and what a row becomes; None where it has none of this form."""
    kinds = kinds_of(schema)
    said = ("chat", "text")
    has_prompt = kinds.get("prompt") in said
    pair = next(
        (p for p in (("chosen", "rejected"), ("revision", "draft")) if all(kinds.get(c) in said for c in p)), None
    )
    judged = kinds.get("completion") in said and kinds.get("label") == "truth"
    if form in ("auto", "preference") and has_prompt and pair:
        return "preference", ("prompt", *pair), partial(_prefer, pair)
    if form in ("auto", "kto") and has_prompt and judged:
        return "kto", ("prompt", "completion", "label"), _judge
    if form == "kto" and has_prompt and pair:
        return "kto", ("prompt", *pair), partial(_split, pair)
    if form in ("auto", "prompt") and has_prompt:
        return "prompt", ("prompt",), _ask
    shape = find_shape(schema) if form in ("auto", "prompt") else None
    return None if shape is None else ("prompt", shape.columns, partial(_ask_chat, shape.convert))


def _prefer(pair: tuple[str, str], where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    prompt = _read(row["prompt"])
    chosen, rejected = (_continue(prompt, _read(row[c]), where, number, c) for c in pair)
    if chosen == rejected:
        _refuse(where, number, f"{pair[0]!r} and {pair[1]!r} are the same")
    yield {"prompt": _as(prompt, chosen), "chosen": chosen, "rejected": rejected}


def _split(pair: tuple[str, str], where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    """One preference as two judgements."""
    for made in _prefer(pair, where, number, row):
        yield {"prompt": made["prompt"], "completion": made["chosen"], "label": True}
        yield {"prompt": made["prompt"], "completion": made["rejected"], "label": False}


def _judge(where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    if row["label"] is None:
        _refuse(where, number, "'label' is missing")
    prompt = _read(row["prompt"])
    completion = _continue(prompt, _read(row["completion"]), where, number, "completion")
    yield {"prompt": _as(prompt, completion), "completion": completion, "label": bool(row["label"])}


def _ask(where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    prompt = _read(row["prompt"])
    _check_prompt(prompt, where, number)
    yield {"prompt": prompt}


def _ask_chat(convert: Callable[[Row], list[Turn]], where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    """A chat up to its last answer."""
    chat = convert(row)
    check_chat(chat, where, number)
    yield {"prompt": chat[: max(i for i, t in enumerate(chat) if t["role"] in ("user", "tool")) + 1]}


def _read(value: Any) -> str | list[Turn]:
    return to_turns(value) if isinstance(value, list) else (value or "")


def _as(prompt: str | list[Turn], like: str | list[Turn]) -> str | list[Turn]:
    """The prompt in the form of what follows it."""
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) and isinstance(like, list) else prompt


def _continue(
    prompt: str | list[Turn], answer: str | list[Turn], where: str, number: int, column: str
) -> str | list[Turn]:
    """What follows the prompt: an answer that repeats it is cut, and both together must be a chat."""
    if isinstance(prompt, str) and isinstance(answer, str):
        if not prompt.strip() or not answer.strip():
            _refuse(where, number, f"{'prompt' if not prompt.strip() else column!r} is empty")
        return answer
    before = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    after = [{"role": "assistant", "content": answer}] if isinstance(answer, str) else answer
    if after[: len(before)] == before:
        after = after[len(before) :]
    check_chat([*before, *after], where, number)
    return after


def _check_prompt(prompt: str | list[Turn], where: str, number: int) -> None:
    if isinstance(prompt, list):
        check_chat(prompt, where, number, answered=False)
    elif not prompt.strip():
        _refuse(where, number, "'prompt' is empty")


def _refuse(where: str, number: int, what: str) -> None:
    mend = "Choose other rows with --select."
    raise RequestError(
        Problem("SD-EXPORT-053", f"{where}, row {number}", f"the row is no example for TRL: {what}", mend)
    )
