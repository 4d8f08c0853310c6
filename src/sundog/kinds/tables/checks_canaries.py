"""Whether planted rows give away more than the epsilon that a private table claims.

The method is run once more, on the real rows and made-up ones of which each is in or out by a coin, and an attacker who sees
every noisy count of that run guesses which were in. What comes out of it stays in the private half of the report: the run is
paid for by nobody, so it lies outside of epsilon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import RequestError
from sundog.core.findings import Answer, Finding, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.kinds.tables._marginals import Released, plan_part, release_table
from sundog.kinds.tables._marginals_cells import FineColumn, find_cells
from sundog.kinds.tables._marginals_groups import Grouping, group_codes
from sundog.kinds.tables._marginals_stated import StatedColumn, neighbours_of, read_stated
from sundog.kinds.tables.recipe import CanariesCheck, TablesPart
from sundog.kinds.tables.synthesize import TablesModel
from sundog.lib.privacy.canaries import CanaryBound, audit_scores
from sundog.lib.privacy.measuring import limit_rows
from sundog.lib.rows.codec import decode
from sundog.lib.rows.table_codec import TableCodec


@dataclass(frozen=True, slots=True)
class Canaries:
    """Implements ``core.protocols.Check``."""

    @property
    def reads(self) -> frozenset[Role]:
        """The training rows, among which it plants."""
        return frozenset({"train", "synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part claims an epsilon and its rows are at hand."""
        part = evidence.part
        return (
            isinstance(part, TablesPart)
            and part.claims_privacy()
            and isinstance(evidence.model, TablesModel)
            and evidence.has("train")
        )

    def run(self, spec: CanariesCheck, evidence: Evidence, key: Key) -> Answer:
        """One finding: the lower bound beside the claim."""
        part, model = evidence.part, evidence.model
        assert isinstance(part, TablesPart)
        assert part.epsilon is not None
        schema = evidence.schema("train")
        batches = [
            pa.RecordBatch.from_arrays([c.cast(pa.string()) for c in b.columns], b.schema.names)
            for b in evidence.scan("train")
        ]
        rows = pa.Table.from_batches(batches, schema=pa.schema([pa.field(n, pa.string()) for n in schema.names]))
        try:
            found = plant_canaries(part, model.codec, rows, spec, key)
        except RequestError as error:
            return Answer(
                findings=(_skip(evidence.name, f"the method could not be run once more: {error.problems[0].what}"),)
            )
        return Answer(findings=(_report(evidence.name, part, found),))


def plant_canaries(part: TablesPart, codec: TableCodec, rows: pa.Table, spec: CanariesCheck, key: Key) -> CanaryBound:
    """Run the method with planted rows, and bound epsilon from below.

    Args:
        part: what claims an epsilon.
        codec: of the released table; planted rows are drawn evenly from its domain.
        rows: real rows as text, whose dates and numbers are written the plain way; each counts as somebody of its own.
        spec: how many rows are planted, and the confidence.
        key: of coins and planted rows.
    """
    neighbours = neighbours_of(part)
    names = [n for n in rows.column_names if n != neighbours.person]
    count, times = spec.canaries, neighbours.contribution
    made = _make_rows(codec, names, count, key.child("rows"))
    planted = key.child("coins").uniform(range(count))[:, 0] < 0.5
    within = made.filter(pa.array(planted)).take(pa.array(np.repeat(np.arange(int(planted.sum())), times)))
    every = pa.concat_tables([rows.select(names), within])
    if neighbours.person:
        # Which rows are whose is not asked of the real ones: the claim must hold for any table.
        owner = [f"real {i}" for i in range(rows.num_rows)]
        owner += [f"planted {i // times}" for i in range(within.num_rows)]
        every = every.append_column(neighbours.person, pa.array(owner))
    purse = plan_part(part)
    stated = _state_plainly(part, every.schema)
    released = release_table(part, stated, limit_rows(every, neighbours), purse, names, key.child("run"))
    scores = score_rows(released, rows, made, times)
    return audit_scores(scores, planted, part.delta, spec.confidence)


def _state_plainly(part: TablesPart, schema: pa.Schema) -> tuple[StatedColumn, ...]:
    """The same columns, for text that is written the plain way."""
    source = part.source
    if source is not None:
        types = {n: t.partition(":")[0] for n, t in source.types.items() if n in schema.names}
        source = source.model_copy(update={"types": types})
    stated, problems = read_stated(part.model_copy(update={"source": source}), schema, "parts")
    if problems:
        raise RequestError(*problems)
    return stated


def _make_rows(codec: TableCodec, names: Sequence[str], count: int, key: Key) -> pa.Table:
    """Rows whose cells are drawn evenly, column by column: text."""
    chance = [key.child(j).uniform(range(count))[:, 0] for j in range(len(codec.names))]
    # The last code means missing, and that of other values comes before it: neither is planted.
    known = [int(s) - 1 for s in codec.sizes]
    codes = np.stack([np.minimum(u * k, k - 1).astype(np.int32) for u, k in zip(chance, known, strict=True)], axis=1)
    batch = decode(codec, codes, key.child("values"), range(count))
    arrays = [
        batch.column(n).cast(pa.string()) if n in batch.schema.names else pa.nulls(count, pa.string()) for n in names
    ]
    return pa.Table.from_arrays(arrays, list(names))


def score_rows(released: Released, rows: pa.Table, made: pa.Table, times: int) -> NDArray[np.float64]:
    """How much each planted row seems to be in: float64 (m,).

    The attacker knows all real rows and every noisy count. Which planted rows are in is estimated from all counts together, as
    the linear estimate of least mean square error: counts of cells are sums over the rows in them, with noise of known size.
    """
    columns = [c.column for c in released.counted]
    groupings = released.density.groupings
    real, own = (_group_rows(t, columns, groupings) for t in (rows, made))
    m = len(own)
    normal, pull = 4.0 * np.eye(m), np.zeros(m)
    for measured in released.measured:
        sizes = measured.counts.shape
        base = np.bincount(_cells_of(real, measured.clique, sizes), minlength=measured.counts.size)
        mine = _cells_of(own, measured.clique, sizes)
        precision = np.broadcast_to(measured.precision, sizes).ravel()
        # Half of the planted rows are expected; what is left over speaks of the coins.
        apart = measured.counts.ravel() - base - 0.5 * times * np.bincount(mine, minlength=base.size)
        pull += times * (precision * apart)[mine]
        normal += times**2 * (mine[:, None] == mine[None, :]) * precision[mine][:, None]
    return np.asarray(np.linalg.solve(normal, pull), np.float64)


def _group_rows(text: pa.Table, columns: Sequence[FineColumn], groupings: Sequence[Grouping]) -> NDArray[np.int32]:
    cells = [find_cells(text.column(c.name), replace(c, written="")) for c in columns]
    return np.stack([group_codes(g, c) for g, c in zip(groupings, cells, strict=True)], axis=1)


def _cells_of(groups: NDArray[np.int32], clique: tuple[int, ...], sizes: tuple[int, ...]) -> NDArray[np.int64]:
    at: NDArray[np.int64] = np.zeros(len(groups), np.int64)
    for v, size in zip(clique, sizes, strict=True):
        at = at * size + groups[:, v]
    return at


def _report(name: str, part: TablesPart, found: CanaryBound) -> Finding:
    over = found.epsilon > float(part.epsilon or 0.0)
    said = (
        f"{found.right:,} of {found.guesses:,} guesses about {found.canaries:,} planted rows were right, by an attacker who knows all other "
        f"rows and sees every noisy count; so epsilon is at least {found.epsilon:.3g} at delta {part.delta:g}"
    )
    return Finding(
        check="privacy.canaries",
        part=name,
        section="privacy",
        subject="lower bound on epsilon",
        value=found.epsilon,
        unit="epsilon",
        level=found.confidence,
        limit=f"at most {part.epsilon:g} (claimed)",
        verdict="fail" if over else "pass",
        why=said
        + (": the claim does not hold." if over else ", which does not contradict the claim and does not prove it."),
        reads=("train", "synthetic"),
    )


def _skip(name: str, why: str) -> Finding:
    return Finding(
        check="privacy.canaries",
        part=name,
        section="privacy",
        subject="lower bound on epsilon",
        value=None,
        unit="epsilon",
        verdict="skipped",
        why=why,
        reads=("train", "synthetic"),
    )
