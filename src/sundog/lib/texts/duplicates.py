"""Texts that are the same as an earlier one: in all words, nearly, or in what they mean. One pass in unit order, constant memory.

``sketch_texts`` makes of each text what it is compared by; ``select_duplicates`` sees the sketches of all texts, lays them on disk, and
finds the pairs that may be the same by what they share (the digest, a band of MinHash, a side of random planes). A text of such a group
is held against those of the group that are like no earlier one of it, its leaders: so the lowest number stays, and no two texts that
stay and share a group are the same. In a group with more than ``MOST_LEADERS`` leaders later texts are held against the first ones only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.tables import UNIT
from sundog.lib.texts.embedding import Embedder
from sundog.lib.texts.groups import Spool, judge_column
from sundog.lib.texts.normal import lay_out, normalise
from sundog.lib.texts.pieces import BANDS, digest_texts, sketch_pieces

REASONS: Final = ("duplicate", "near_duplicate", "same_meaning")
"""Why a text is rejected: by its words, by its pieces, by its embedding."""


@dataclass(frozen=True, slots=True)
class DuplicateRules:
    """Which texts are the same.

    Attributes:
        exact: whether texts with the same words are, whatever their case, punctuation and spaces.
        near: share of common pieces of five letters (Jaccard) from which they are; None or 0 for none.
        semantic: cosine of embeddings from which they are; None or 0 for none.
        numbers: whether texts with other numbers are other texts, however near they are (problems that are made by rule).
    """

    exact: bool = True
    near: float | None = 0.8
    semantic: float | None = None
    numbers: bool = False


def sketch_texts(
    units: Sequence[int] | NDArray[np.uint64] | range,
    texts: pa.Array,
    rules: DuplicateRules,
    embedder: Embedder | None = None,
) -> pa.RecordBatch:
    """What texts are compared by, one row a unit.

    Args:
        units: number of each text's unit.
        texts: the texts.
        rules: what will be asked; the sketch holds no more than that needs.
        embedder: gives embeddings; needed where ``rules.semantic`` is stated.

    Returns:
        ``_unit`` uint64; ``digest`` 16 bytes; ``numbers`` uint64; ``bands`` uint32 (BANDS) and ``pieces`` list of uint32, null where
        nothing near is asked for; ``vector`` int8 (dimensions), null where no meaning is.
    """
    normal = normalise(texts)
    data, ends = lay_out(normal)
    digests, numbers = digest_texts(data, ends)
    n = len(normal)
    if rules.near:
        held, cuts, found = sketch_pieces(data, ends, True)
        bands = pa.FixedSizeListArray.from_arrays(pa.array(found.reshape(-1)), BANDS)
        pieces = pa.LargeListArray.from_arrays(pa.array(cuts), pa.array(held))
    else:
        bands = pa.nulls(n, pa.list_(pa.uint32(), BANDS))
        pieces = pa.nulls(n, pa.large_list(pa.uint32()))
    if rules.semantic:
        if embedder is None:
            raise ValueError("rules.semantic needs an embedder")
        vectors = embedder.embed(texts.to_pylist())
        small = np.clip(np.rint(vectors * 127), -127, 127).astype(np.int8)
        vector = pa.FixedSizeListArray.from_arrays(pa.array(small.reshape(-1)), embedder.dimensions)
    else:
        vector = pa.nulls(n, pa.list_(pa.int8(), 1))
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.asarray(units, np.uint64)),
            pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), n, [None, pa.py_buffer(digests.tobytes())]),
            pa.array(numbers),
            bands,
            pieces,
            vector,
        ],
        names=[UNIT, "digest", "numbers", "bands", "pieces", "vector"],
    )


def select_duplicates(
    sketches: Iterator[pa.RecordBatch], rules: DuplicateRules, folder: Path | None = None
) -> Iterator[tuple[int, str, int]]:
    """Texts that are the same as an earlier one: unit, reason, the earlier unit; in unit order.

    Whether a text goes depends on earlier ones alone, so more texts behind them change nothing before.

    Args:
        sketches: of all texts in unit order.
        rules: which are the same; ``near`` and ``semantic`` need sketches made for them.
        folder: where the sketches are laid; a temporary one without it. About 300 bytes for a short text.
    """
    with TemporaryDirectory(dir=folder, prefix="duplicates-") as place:
        spool = Spool(Path(place), bool(rules.near), bool(rules.semantic))
        for batch in sketches:
            spool.add(batch)
        spool.close()
        for reason, wanted in zip(REASONS, (rules.exact, bool(rules.near), bool(rules.semantic)), strict=True):
            if wanted and spool.rows > 1:
                judge_column(spool, reason, REASONS.index(reason), rules.near, rules.semantic, rules.numbers)
        yield from spool.list_rejected(REASONS)
