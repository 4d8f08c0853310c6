"""Whether values of identifiers and free text, which no synthetic row should carry over, stand in the training records."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.findings import Finding
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.core.tables import meaning_of
from sundog.evidence._frames import first_table
from sundog.lib.stats.intervals import exact_interval

MOST_ROWS = 100_000


def identifier_findings(evidence: Evidence, key: Key) -> list[Finding]:
    """One finding for each column of identifiers or text that the synthetic table has too.

    It warns and does not withhold: running numbers and common names meet by themselves.
    """
    table = first_table(evidence)
    made = evidence.schema("synthetic", table).names
    meet = {
        f.name: "sentences without identifiers" if meaning_of(f) == "text" else "running numbers and common names"
        for f in evidence.schema("train")
        if f.name in made and meaning_of(f) in ("identifier", "text")
    }
    findings = []
    for name in meet:
        known = pc.unique(
            pa.chunked_array([_write(b.column(0)) for b in evidence.scan("train", columns=[name])], pa.string())
        )
        shares = {}
        for role in ("synthetic", "holdout"):
            if not evidence.has(role) or name not in evidence.schema(role, table).names:
                continue
            values = pc.drop_null(
                _write(_flat(evidence.take(role, MOST_ROWS, key.child(name).child(role), table, [name]).column(0)))
            )
            shares[role] = (pc.sum(pc.is_in(values, value_set=pc.drop_null(known))).as_py() or 0, len(values))
        hits, rows = shares.get("synthetic", (0, 0))
        if rows == 0:
            continue
        interval = exact_interval(hits, rows)
        met, fresh = shares.get("holdout", (0, 0))
        bound = exact_interval(met, fresh)[1] if fresh else 0.0
        findings.append(
            Finding(
                check="privacy.identifiers",
                part=evidence.name,
                section="privacy",
                subject=name,
                unit="share",
                value=hits / rows,
                interval=interval,
                baseline=met / fresh if fresh else None,
                baseline_is="values of the holdout that stand in the training records" if fresh else "",
                limit="warns when the lower bound is above the upper bound of the reference",
                verdict="warn" if interval[0] > bound else "pass",
                reads=("synthetic", "train", "holdout") if fresh else ("synthetic", "train"),
                why=f"{hits:,} of {rows:,} synthetic values of {name!r} stand in the training records too; {meet[name]} meet by themselves.",
            )
        )
    return findings


def _flat(column: pa.ChunkedArray) -> pa.Array:
    flat = column.combine_chunks()
    return (
        flat
        if isinstance(flat, pa.Array)
        else pa.concat_arrays(flat.chunks)
        if flat.num_chunks
        else pa.array([], column.type)
    )


def _write(values: pa.Array) -> pa.Array:
    plain = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    if pa.types.is_floating(plain.type):
        plain = plain.cast(pa.int64(), safe=False)
    try:
        return plain.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.nulls(len(plain), pa.string())
