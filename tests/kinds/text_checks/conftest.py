"""A part with rules for its texts, real texts that share phrases, and evidence about them in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.findings import Answer, Finding
from sundog.core.keys import Key
from sundog.core.notes import Note
from sundog.core.recipe import Part, Recipe, SourceSpec
from sundog.core.tables import UNIT
from sundog.kinds.text.recipe_accept import AcceptSpec, DuplicatesSpec
from sundog.lib.texts.shapes import text_field
from sundog.testing.embedder import write_small_embedder
from sundog.testing.evidence import MemoryEvidence

_OPENINGS = (
    "the committee met on monday and agreed that the new budget should be",
    "after a long journey through the hills the travellers finally reached the",
    "according to the report that was published last week the price of",
    "nobody in the village remembered when the old bridge across the river",
)
_SYLLABLES = ("ba", "ko", "li", "mu", "ne", "ra", "si", "to", "ve", "zu")


class TextPart(Part, frozen=True):
    """The least that a part of texts has."""

    kind: Literal["text"] = "text"
    accept: AcceptSpec = AcceptSpec()
    duplicates: DuplicatesSpec = DuplicatesSpec()
    source: SourceSpec | None = None


def make_texts(count: int, seed: int, words: int = 40) -> list[str]:
    """Texts of one kind: each opens with one of a few phrases and goes on in words of its own."""
    draw = Key.root(seed).generator()
    lexicon = [
        "".join(_SYLLABLES[i] for i in Key.root(99).child(k).generator().integers(0, 10, 2 + k % 3)) for k in range(600)
    ]
    ranks = (600 * draw.random((count, words)) ** 2).astype(int)
    openings = draw.integers(0, len(_OPENINGS), count)
    return [f"{_OPENINGS[o]} {' '.join(lexicon[i] for i in row)}" for o, row in zip(openings, ranks, strict=True)]


def table_of(texts: Sequence[str | None], name: str = "text") -> pa.Table:
    """A table with one column of text."""
    return pa.table([list(texts)], schema=pa.schema([text_field(name, "made", True)]))


Evident = Callable[..., MemoryEvidence]


@pytest.fixture
def evident(tmp_path: Path) -> Evident:
    """Makes evidence about a part with these texts."""

    def make(
        texts: Sequence[str] | pa.Table,
        part: TextPart | None = None,
        train: Sequence[str] | None = None,
        holdout: Sequence[str] | None = None,
        level: str = "quick",
        rejects: Mapping[str, int] | None = None,
        notes: tuple[Note, ...] = (),
    ) -> MemoryEvidence:
        said = part if part is not None else TextPart(units=1)
        return MemoryEvidence(
            Recipe.model_construct(name="trial", parts={"notes": said}, seed=0, checks=()),
            said,
            "notes",
            level,
            {"items": texts if isinstance(texts, pa.Table) else table_of(texts)},
            None if train is None else table_of(train),
            None if holdout is None else table_of(holdout),
            notes=notes,
            rejects=dict(rejects or {}),
            folder=tmp_path,
        )

    return make


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test looks at what the user has fetched."""
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def embedder(own_cache: None) -> Path:
    """A small embedder where checks look for one."""
    return write_small_embedder(Key.root(6))


@pytest.fixture
def parted() -> type[TextPart]:
    """The class of parts."""
    return TextPart


@pytest.fixture
def written() -> Callable[..., list[str]]:
    """Makes texts: how many, from which seed, of how many words."""
    return make_texts


@pytest.fixture
def tabled() -> Callable[..., pa.Table]:
    """Makes a table with one column of text."""
    return table_of


@pytest.fixture
def numbered() -> Callable[[pa.Table, int], pa.RecordBatch]:
    """Makes of a table the rows of a shard whose units begin at a number."""

    def make(table: pa.Table, start: int = 0) -> pa.RecordBatch:
        numbers = pa.array(np.arange(start, start + table.num_rows), pa.uint64())
        return table.add_column(0, UNIT, numbers).combine_chunks().to_batches()[0]

    return make


@pytest.fixture
def told() -> Callable[[Answer], dict[tuple[str, str], Finding]]:
    """Findings by check and subject."""

    def make(answer: Answer) -> dict[tuple[str, str], Any]:
        return {(f.check, f.subject): f for f in answer.findings}

    return make
