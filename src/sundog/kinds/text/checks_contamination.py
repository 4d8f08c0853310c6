"""Items of named tests in the data: units that hold one are rejected, what is left is counted by run length, and by embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.findings import Answer, Exhibit, Finding, Grid, Role
from sundog.core.keys import Key
from sundog.core.notes import Rejected
from sundog.core.protocols import Evidence, Source
from sundog.core.recipe import Part
from sundog.core.tables import UNIT, Tables
from sundog.kinds.text._said import accept_of, find_seen, round_nine, skipped
from sundog.kinds.text.checks_quality import texts_of
from sundog.kinds.text.recipe_accept import AcceptSpec
from sundog.kinds.text.recipe_checks import TextContaminationCheck
from sundog.lib.stats.intervals import exact_interval
from sundog.lib.texts.columns import choose_table, read_texts
from sundog.lib.texts.contamination import SIZES, Neighbours, count_hits, index_neighbours, index_runs
from sundog.lib.texts.embedder_files import is_there, open_embedder
from sundog.lib.texts.named_sets import NamedSet, read_named_set

SAMPLE = {"quick": 200, "full": 1_000}
"""Texts that are held against tests by their meaning; 30 to 150 a second, by their length."""

MOST_ITEMS = 5_000
"""Items of a test that texts are held against by their meaning: as many, evenly taken, of a larger one."""

SHOWN = 8
"""Nearest pairs that the report shows."""


@dataclass(frozen=True, slots=True)
class SetCount:
    """One test: accepted texts that share a run of 8, 10 and 13 words with it, and that are near an item."""

    name: str
    sha256: str
    items: int
    runs: tuple[int, int, int]
    near: int


@dataclass(frozen=True, slots=True)
class ContaminationCount:
    """What was seen of accepted texts, for each test."""

    rows: int = 0
    sets: tuple[SetCount, ...] = ()


@dataclass(frozen=True, slots=True)
class TextContamination:
    """Implements ``core.protocols.Check``, ``ShardCheck`` and ``Enforcing``."""

    reads: frozenset[Role] = frozenset({"synthetic"})
    state_type: type[ContaminationCount] = ContaminationCount

    def watches(self, part: Part) -> bool:
        """Parts that name tests."""
        accept = accept_of(part)
        return accept is not None and bool(accept.contamination.against) and accept.contamination.handling != "off"

    def enforces(self, part: Part) -> bool:
        """Whether contaminated units are rejected: then it runs whatever the level of evidence."""
        accept = accept_of(part)
        return accept is not None and self.watches(part) and accept.contamination.handling == "reject"

    def open(self, spec: TextContaminationCheck, part: Part, train: Source | None) -> ContaminationWatcher:
        """Read the tests, once in each worker."""
        accept = accept_of(part)
        assert accept is not None
        return ContaminationWatcher(accept)

    def merge(self, left: ContaminationCount, right: ContaminationCount) -> ContaminationCount:
        """Add up."""
        if not left.sets or not right.sets:
            return ContaminationCount(left.rows + right.rows, left.sets or right.sets)
        sets = tuple(
            SetCount(
                a.name,
                a.sha256,
                a.items,
                (a.runs[0] + b.runs[0], a.runs[1] + b.runs[1], a.runs[2] + b.runs[2]),
                a.near + b.near,
            )
            for a, b in zip(left.sets, right.sets, strict=True)
        )
        return ContaminationCount(left.rows + right.rows, sets)

    def conclude(self, spec: TextContaminationCheck, seen: ContaminationCount, evidence: Evidence) -> Answer:
        """For each test and run length the share of accepted texts that share a run with it."""
        accept = accept_of(evidence.part)
        if accept is None or not seen.rows:
            return Answer()
        gone = evidence.rejected().get("contamination", 0)
        return Answer(
            findings=tuple(
                _judge_runs(evidence, accept, named, size, count, seen.rows, gone)
                for named in seen.sets
                for size, count in zip(SIZES, named.runs, strict=True)
            )
        )

    def applies(self, evidence: Evidence) -> bool:
        """Parts that name tests."""
        return self.watches(evidence.part)

    def run(self, spec: TextContaminationCheck, evidence: Evidence, key: Key) -> Answer:
        """For each test the share of texts that are near one of its items in meaning, and the nearest pairs."""
        accept = accept_of(evidence.part)
        seen = find_seen(evidence, accept.columns if accept is not None else ())
        if accept is None or seen is None or not evidence.rows("synthetic", seen.table):
            return Answer()
        threshold = accept.contamination.neighbour or spec.neighbour
        findings: list[Finding] = []
        exhibits: list[Exhibit] = []
        taken: list[str] = []
        vectors: NDArray[np.float32] | None = None
        for name in accept.contamination.against:
            if not is_there():
                why = "the weights of embeddings are not there; `sundog model get minilm` fetches them"
                findings.append(
                    skipped(evidence, _NEAR, "verification", f"texts near an item of {name}", why, unit="share")
                )
                continue
            embedder = open_embedder("sentence")
            named = read_named_set(name)
            if vectors is None:
                table = evidence.take(
                    "synthetic", SAMPLE["full" if evidence.level == "full" else "quick"], key, seen.table
                )
                taken = read_texts(table, seen.columns).to_pylist()
                vectors = embedder.embed(taken)
            neighbours = index_neighbours(_thin(named), embedder)
            near, which = neighbours.find_nearest(vectors)
            findings.append(_judge_near(evidence, named, neighbours, near, threshold))
            exhibits.append(_show_pairs(evidence, named, taken, near, which))
        return Answer(findings=tuple(findings), exhibits=tuple(exhibits))


_NEAR = "verification.contamination_neighbours"


class ContaminationWatcher:
    """One worker's side of ``TextContamination``."""

    def __init__(self, accept: AcceptSpec) -> None:
        self._accept = accept
        self._sets = [read_named_set(name) for name in accept.contamination.against]
        self._runs = [index_runs(named) for named in self._sets]
        self._near: list[Neighbours] = []
        if accept.contamination.neighbour is not None:
            # Ten thousands of texts a second; what it finds near is looked at again by the encoder.
            static = open_embedder("static")
            self._near = [index_neighbours(_thin(named), static) for named in self._sets]

    def observe(self, units: range, tables: Tables) -> tuple[ContaminationCount, tuple[Rejected, ...]]:
        """Count, and reject units that hold an item."""
        table = choose_table({n: b.schema for n, b in tables.items()}, self._accept.columns)
        if table is None or not tables[table].num_rows:
            return ContaminationCount(), ()
        batch = tables[table]
        texts = texts_of(batch, self._accept)
        near = self._find_near(texts)
        said = self._accept.contamination
        numbers = batch.column(UNIT).to_pylist() if UNIT in batch.schema.names else list(units)
        rejects: dict[int, Rejected] = {}
        counts = []
        for i, (named, index) in enumerate(zip(self._sets, self._runs, strict=True)):
            hits = count_hits(index, texts) > 0
            by_size = (int(hits[:, 0].sum()), int(hits[:, 1].sum()), int(hits[:, 2].sum()))
            counts.append(SetCount(named.name, named.sha256, len(named.items), by_size, int(near[i].sum())))
            if said.handling == "reject":
                held = hits[:, SIZES.index(said.words)]
                for row in np.flatnonzero(held | near[i]):
                    why = f"{said.words} words in a row" if held[row] else "in other words"
                    rejects.setdefault(
                        numbers[row], Rejected(int(numbers[row]), "contamination", f"an item of {named.name}, {why}")
                    )
        return ContaminationCount(batch.num_rows, tuple(counts)), tuple(rejects.values())

    def _find_near(self, texts: pa.Array) -> list[NDArray[np.bool_]]:
        """For each test which texts are near an item of it."""
        nothing: list[NDArray[np.bool_]] = [np.zeros(len(texts), np.bool_) for _ in self._sets]
        threshold = self._accept.contamination.neighbour
        if threshold is None:
            return nothing
        said: list[str] = texts.to_pylist()
        rough = open_embedder("static").embed(said)
        exact = open_embedder("sentence")
        for found, near, named in zip(nothing, self._near, self._sets, strict=True):
            best, which = near.find_nearest(rough)
            items = _thin(named).items
            for row in np.flatnonzero(best >= _ROUGH * threshold):
                pair = exact.embed([said[row], items[int(which[row])]])
                found[row] = float(pair[0] @ pair[1]) >= threshold
        return nothing


_ROUGH = 0.85
"""Part of the threshold from which the quick embedding sends a text to the encoder."""


def _thin(named: NamedSet) -> NamedSet:
    step = -(-len(named.items) // MOST_ITEMS)
    return named if step == 1 else NamedSet(named.name, named.items[::step], named.sha256)


def _judge_runs(
    evidence: Evidence, accept: AcceptSpec, named: SetCount, size: int, count: int, rows: int, gone: int
) -> Finding:
    said = accept.contamination
    rule = said.handling == "reject" and size >= said.words
    rejected = f" {gone:,} units were rejected for holding an item of a test." if rule and size == said.words else ""
    return Finding(
        check="verification.contamination",
        part=evidence.name,
        section="verification",
        subject=f"{named.name}: {size} words in a row",
        value=count / rows,
        unit="share",
        interval=exact_interval(count, rows),
        limit="0 texts" if rule else "",
        verdict=("fail" if count else "pass") if rule else "info",
        withholds=rule,
        headline=size == said.words,
        why=f"{count:,} of {rows:,} accepted texts share {size} words in a row with one of {named.items:,} items of {named.name} "
        f"(sha256 {named.sha256[:12]}); phrases that many items have do not count.{rejected}",
    )


def _judge_near(
    evidence: Evidence,
    named: NamedSet,
    neighbours: Neighbours,
    near: NDArray[np.float64],
    threshold: float,
) -> Finding:
    hits, rows = int((near >= threshold).sum()), len(near)
    own = neighbours.measure_own()
    accept = accept_of(evidence.part)
    rule = (
        accept is not None and accept.contamination.neighbour is not None and accept.contamination.handling == "reject"
    )
    return Finding(
        check=_NEAR,
        part=evidence.name,
        section="verification",
        subject=f"texts near an item of {named.name}",
        value=hits / rows,
        unit="share",
        interval=exact_interval(hits, rows),
        baseline=round_nine(float((own >= threshold).mean())) if len(own) else None,
        baseline_is="items of the test as near to another item of it" if len(own) else "",
        limit="warns where the lower end is above 1%" if not rule else "0 texts",
        verdict="warn" if exact_interval(hits, rows)[0] > 0.01 or (rule and hits) else "pass",
        why=f"{hits:,} of {rows:,} texts that were looked at have a cosine of {threshold:g} or more to an item of {named.name}; the nearest "
        f"has {float(near.max()):.3f}. Embeddings of all-MiniLM-L6-v2 find paraphrases that runs of words miss, and texts of the same matter too.",
    )


def _show_pairs(
    evidence: Evidence,
    named: NamedSet,
    taken: list[str],
    near: NDArray[np.float64],
    which: NDArray[np.int64],
) -> Exhibit:
    items = _thin(named).items
    order = sorted(range(len(near)), key=lambda i: (-round(float(near[i]), 6), i))[:SHOWN]
    return Exhibit(
        check="text_contamination",
        part=evidence.name,
        section="verification",
        title=f"Nearest to an item of {named.name}",
        how_to_read=f"The {len(order)} texts with the highest cosine to an item: read whether they ask the same.",
        drawing=Grid(
            columns=("text", "nearest item", "cosine"),
            rows=tuple((taken[i][:600], items[int(which[i])][:600], f"{near[i]:.3f}") for i in order),
        ),
        order=4.0,
    )
