"""Rejects across items: those that are the same as an earlier one, and of labels what is more than their share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.notes import Rejected
from sundog.core.tables import UNIT
from sundog.kinds.text.recipe import TextPart
from sundog.kinds.text.recipe_accept import DuplicatesSpec
from sundog.kinds.text.recipe_tasks import ClassificationTask
from sundog.lib.texts.columns import find_made, read_texts
from sundog.lib.texts.duplicates import DuplicateRules, select_duplicates, sketch_texts
from sundog.lib.texts.embedding import Embedder

_MARK = b"sundog.text.same"
_LABEL = "label_code"


def mark_rules(schema: pa.Schema, part: TextPart) -> pa.Schema:
    """The schema of the items, marked with what they are compared by: a sketch is made of a table alone."""
    said = part.duplicates
    labels = list(part.task.labels) if isinstance(part.task, ClassificationTask) else []
    told = {
        "columns": list(said.columns),
        "exact": said.exact,
        "near": said.near,
        "semantic": said.semantic,
        "numbers": said.numbers,
        "labels": labels,
    }
    return schema.with_metadata({**(schema.metadata or {}), _MARK: json.dumps(told, sort_keys=True).encode()})


def rules_of(said: DuplicatesSpec) -> DuplicateRules:
    """What is the same, for the engine."""
    return DuplicateRules(said.exact, said.near, said.semantic, said.numbers)


def sketch_units(items: pa.RecordBatch) -> pa.RecordBatch:
    """What of each item is compared with others, with the code of its label."""
    told = json.loads((items.schema.metadata or {})[_MARK])
    rules = DuplicateRules(told["exact"], told["near"], told["semantic"], told["numbers"])
    columns = find_made(items.schema, told["columns"])
    texts = read_texts(items, columns)
    units = items.column(UNIT).to_numpy()
    sketch = sketch_texts(units, texts, rules, _embedder() if rules.semantic else None)
    codes = np.zeros(items.num_rows, np.int32)
    if told["labels"]:
        code = {label: i for i, label in enumerate(told["labels"])}
        codes = np.array([code.get(label, 0) for label in items.column("label").to_pylist()], np.int32)
    return sketch.append_column(_LABEL, pa.array(codes, pa.int32()))


@cache
def _embedder() -> Embedder:
    from sundog.lib.texts.embedder_files import open_embedder

    return open_embedder("static")


@dataclass(frozen=True, slots=True)
class Balance:
    """How many items a label may have; 0 labels where it does not matter."""

    labels: int = 0
    most: int = 0


def balance_of(part: TextPart) -> Balance:
    """The equal share of each label; none for chained parts, whose items no other can stand in for."""
    task = part.task
    if not isinstance(task, ClassificationTask) or not task.balanced or part.after is not None or part.units is None:
        return Balance()
    return Balance(len(task.labels), -(-part.units // len(task.labels)))


@dataclass(slots=True)
class _Passed:
    """Labels of the sketches that went by, in unit order: five bytes or so an item."""

    units: list[NDArray[Any]] = field(default_factory=list)
    codes: list[NDArray[Any]] = field(default_factory=list)

    def watch(self, sketches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The same sketches without the label."""
        for batch in sketches:
            self.units.append(batch.column(UNIT).to_numpy())
            self.codes.append(batch.column(_LABEL).to_numpy().astype(np.int16))
            yield batch.drop_columns([_LABEL])


def select_units(sketches: Iterator[pa.RecordBatch], said: DuplicatesSpec, balance: Balance) -> Iterator[Rejected]:
    """Items to reject, in unit order; the lowest number stays."""
    passed = _Passed()
    found = select_duplicates(passed.watch(sketches), rules_of(said))
    same = {unit: Rejected(unit, reason, f"the same as unit {earlier}") for unit, reason, earlier in found}
    if not balance.labels:
        yield from same.values()
        return
    counts = [0] * balance.labels
    for units, codes in zip(passed.units, passed.codes, strict=True):
        for unit, code in zip(units.tolist(), codes.tolist(), strict=True):
            if unit in same:
                yield same[unit]
            elif counts[code] >= balance.most:
                yield Rejected(unit, "surplus", "its label has its share already")
            else:
                counts[code] += 1
