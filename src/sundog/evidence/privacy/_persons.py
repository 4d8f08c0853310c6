"""Copies counted by person: how many people in the training records find one of their rows in the synthetic table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.findings import Finding, Role, Verdict
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence.privacy._rows import Hasher
from sundog.lib.stats.intervals import exact_interval
from sundog.lib.stats.rowhash import count_rows, make_row_set


def person_finding(evidence: Evidence, hasher: Hasher, person: str, synthetic: NDArray[np.uint64], key: Key) -> Finding:
    """Share of training persons with a row in the synthetic table, beside their share with a row among as many holdout rows.

    Args:
        evidence: has the column ``person`` in its training records.
        hasher: of rows.
        person: name of the column.
        synthetic: uint64 (rows, 2), hashes of the synthetic rows.
        key: of the draw of equally many rows.
    """
    columns = list(dict.fromkeys([*hasher.alignment.names, person]))
    hashes, people = [], []
    for batch in evidence.scan("train", columns=columns):
        hashes.append(hasher.hash(batch))
        people.append(batch.column(person).cast(pa.string()))
    rows = np.concatenate(hashes)
    coded = pa.chunked_array(people).combine_chunks().dictionary_encode()
    codes = np.asarray(
        pc.fill_null(coded.indices, len(coded.dictionary)).to_numpy(zero_copy_only=False), dtype=np.int64
    )
    total = int(codes.max()) + 1
    fresh: NDArray[np.uint64] | None = None
    if evidence.has("holdout"):
        fresh = hasher.hash_all(evidence.scan("holdout", columns=list(hasher.alignment.names)))
        generator = key.child("person").generator()
        size = min(len(fresh), len(synthetic))
        fresh, synthetic = (
            h if len(h) == size else h[generator.choice(len(h), size, replace=False)] for h in (fresh, synthetic)
        )
    hits = _count_people(rows, codes, synthetic)
    interval = exact_interval(hits, total)
    baseline = None if fresh is None else _count_people(rows, codes, fresh) / total
    verdict: Verdict = "info"
    if baseline is not None:
        bounds = exact_interval(round(baseline * total), total)
        verdict = "fail" if interval[0] > bounds[1] else "pass" if hits / total <= bounds[1] else "inconclusive"
    reads: tuple[Role, ...] = ("synthetic", "train") if fresh is None else ("synthetic", "train", "holdout")
    return Finding(
        check="privacy.copied_persons",
        part=evidence.name,
        section="privacy",
        subject=f"persons ({person})",
        unit="share",
        value=hits / total,
        interval=interval,
        baseline=baseline,
        baseline_is="persons met by as many holdout rows" if fresh is not None else "",
        verdict=verdict,
        withholds=fresh is not None,
        reads=reads,
        limit="fails when the lower bound is above the upper bound of the reference" if fresh is not None else "",
        why=f"{hits:,} of {total:,} persons in the training records have a row that equals one of {len(synthetic):,} synthetic rows.",
    )


def _count_people(rows: NDArray[np.uint64], codes: NDArray[np.int64], others: NDArray[np.uint64]) -> int:
    return len(np.unique(codes[count_rows(make_row_set(others), rows) > 0]))
