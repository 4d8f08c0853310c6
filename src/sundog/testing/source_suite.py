"""Questions to a source: do rows, columns and notes say the same however they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from sundog.core.extension import Extension
from sundog.core.notes import Remark, Used
from sundog.core.protocols import Source
from sundog.core.recipe import SourceSpec


@dataclass(frozen=True)
class SourceTrial:
    """A source on trial."""

    extension: Extension[Any]
    spec: SourceSpec

    @cached_property
    def source(self) -> Source:
        """The example, opened."""
        opened: Source = self.extension.load().open(self.spec, self.spec.path)
        return opened

    def read(self) -> pa.Table:
        """All its rows."""
        return pa.Table.from_batches(self.source.scan(), schema=self.source.schema)


def it_accepts_what_it_opens(trial: SourceTrial) -> None:
    """``accepts`` says whether, without opening anything."""
    reader = trial.extension.load()
    assert reader.accepts(trial.spec) is True
    assert reader.accepts(SourceSpec(path="no-such-protocol-of-anybody://x")) is False


def batches_are_as_promised(trial: SourceTrial) -> None:
    """Batches have the schema, at most 65,536 rows each, and ``rows`` in all."""
    rows = 0
    for batch in trial.source.scan():
        assert batch.schema.equals(trial.source.schema), "a batch has another schema"
        assert batch.num_rows <= 65_536, f"a batch has {batch.num_rows:,} rows"
        rows += batch.num_rows
    assert rows == trial.source.rows, f"{rows:,} rows came where {trial.source.rows:,} were told"


def columns_can_be_chosen(trial: SourceTrial) -> None:
    """``scan`` gives the columns asked for, in their order."""
    names = list(reversed(trial.source.schema.names))[:2]
    found = pa.Table.from_batches(trial.source.scan(names))
    assert found.equals(trial.read().select(names))


def reading_again_gives_the_same_rows(trial: SourceTrial) -> None:
    """A source can be read as often as it takes."""
    assert trial.read().equals(trial.read())


def notes_name_what_was_read(trial: SourceTrial) -> None:
    """Notes hold the sha256 of what the data depend on."""
    used = [n for n in trial.source.notes if isinstance(n, Used)]
    assert used, "there is no note of what was read"
    assert all(re.fullmatch(r"[0-9a-f]{64}", n.sha256) for n in used), "a sha256 has 64 hexadecimal digits"
    assert all(isinstance(n, Used | Remark) for n in trial.source.notes)


QUESTIONS: tuple[Callable[[SourceTrial], None], ...] = (
    it_accepts_what_it_opens,
    batches_are_as_promised,
    columns_can_be_chosen,
    reading_again_gives_the_same_rows,
    notes_name_what_was_read,
)
