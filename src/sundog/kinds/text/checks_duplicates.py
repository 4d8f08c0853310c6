"""Whether texts are left that are the same as an earlier one: counted over all that were written, by the rules of the part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from sundog.core.findings import Answer, Exhibit, Finding, Grid, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.kinds.text._said import Seen, duplicates_of, find_seen, skipped
from sundog.kinds.text.recipe_accept import DuplicatesSpec
from sundog.kinds.text.recipe_checks import TextDuplicatesCheck
from sundog.lib.stats.intervals import exact_interval
from sundog.lib.texts.columns import read_texts
from sundog.lib.texts.duplicates import REASONS, DuplicateRules, select_duplicates, sketch_texts
from sundog.lib.texts.embedder_files import is_there, open_embedder

SHOWN = 6
_PAIRS = 200
"""Pairs of which the first are shown."""


@dataclass(frozen=True, slots=True)
class TextDuplicates:
    """Implements ``core.protocols.Check``: it sketches the finished texts anew, so it trusts nobody's selection."""

    reads: frozenset[Role] = frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Parts that say something of duplicates."""
        return duplicates_of(evidence.part) is not None

    def run(self, spec: TextDuplicatesCheck, evidence: Evidence, key: Key) -> Answer:
        """For each reason the share of texts that are the same as an earlier one."""
        said = duplicates_of(evidence.part)
        assert said is not None
        seen = find_seen(evidence, said.columns)
        if seen is None or not evidence.rows("synthetic", seen.table):
            return Answer()
        meaning = said.semantic is not None and is_there()
        rules = rules_of(said, meaning)
        rows = evidence.rows("synthetic", seen.table)
        counts: Counter[str] = Counter()
        pairs: list[tuple[int, str, int]] = []
        with TemporaryDirectory(dir=evidence.folder) as folder:
            for found in select_duplicates(_sketch(evidence, seen, rules), rules, Path(folder)):
                counts[found[1]] += 1
                if len(pairs) < _PAIRS:
                    pairs.append(found)
        findings = [
            _judge(evidence, said, reason, counts[reason], rows)
            for reason, wanted in zip(REASONS, (said.exact, bool(said.near), meaning), strict=True)
            if wanted
        ]
        if said.semantic is not None and not meaning:
            why = "the weights of embeddings are not there; `sundog model get minilm` fetches them"
            findings.append(
                skipped(
                    evidence, f"validity.{REASONS[2]}", "validity", _WHAT[REASONS[2]], why, withholds=True, unit="share"
                )
            )
        exhibits = (_show(evidence, seen, pairs[:SHOWN]),) if pairs else ()
        return Answer(findings=tuple(findings), exhibits=exhibits)


_WHAT = {
    "duplicate": "texts with the words of an earlier one",
    "near_duplicate": "texts nearly the same as an earlier one",
    "same_meaning": "texts that say what an earlier one says",
}


def rules_of(said: DuplicatesSpec, meaning: bool = True) -> DuplicateRules:
    """The rules that a part states.

    Args:
        said: of the recipe.
        meaning: False leaves out what needs embeddings.
    """
    return DuplicateRules(said.exact, said.near, said.semantic if meaning else None, said.numbers)


def _sketch(evidence: Evidence, seen: Seen, rules: DuplicateRules) -> Iterator[pa.RecordBatch]:
    embedder = open_embedder("static") if rules.semantic is not None else None
    row = 0
    for batch in evidence.scan("synthetic", seen.table, list(seen.columns)):
        yield sketch_texts(range(row, row + batch.num_rows), read_texts(batch, seen.columns), rules, embedder)
        row += batch.num_rows


def _judge(evidence: Evidence, said: DuplicatesSpec, reason: str, count: int, rows: int) -> Finding:
    gone = evidence.rejected().get(reason, 0)
    how = {
        "duplicate": "case, punctuation and spaces aside",
        "near_duplicate": f"at least {said.near:.0%} of their pieces of five letters in common",
        "same_meaning": f"a cosine of at least {said.semantic or 0:g} between embeddings",
    }[reason]
    return Finding(
        check=f"validity.{reason}",
        part=evidence.name,
        section="validity",
        subject=_WHAT[reason],
        value=count / rows,
        unit="share",
        interval=exact_interval(count, rows),
        limit="0 texts",
        verdict="fail" if count else "pass",
        withholds=True,
        headline=reason == "near_duplicate",
        why=f"{count:,} of {rows:,} texts are ({how}); {gone:,} units were rejected for it.",
    )


def _show(evidence: Evidence, seen: Seen, pairs: list[tuple[int, str, int]]) -> Exhibit:
    wanted = {row for later, _, earlier in pairs for row in (later, earlier)}
    texts: dict[int, str] = {}
    row = 0
    for batch in evidence.scan("synthetic", seen.table, list(seen.columns)):
        inside = sorted(w for w in wanted if row <= w < row + batch.num_rows)
        for at in inside:
            texts[at] = read_texts(batch.slice(at - row, 1), seen.columns)[0].as_py()
        row += batch.num_rows
    return Exhibit(
        check="text_duplicates",
        part=evidence.name,
        section="validity",
        title="Texts that are the same",
        how_to_read="The first pairs that were found in the finished data.",
        drawing=Grid(
            columns=("text", "earlier text", "why"),
            rows=tuple((texts[a][:500], texts[b][:500], why.replace("_", " ")) for a, why, b in pairs),
        ),
        order=6.0,
    )
