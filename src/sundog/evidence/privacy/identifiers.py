"""The inventory of personal data of the real records, and whether synthetic texts hold identifiers of them.

Which columns hold identifiers is told from the training records: by form, check digits, lists of names and the names of columns
(``lib.pii``). Beside each stands its letter in the list of HIPAA Safe Harbor and what became of it. The inventory is an aid for whoever
answers for the data: it can miss what has no form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.findings import Answer, Exhibit, Finding, Grid, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.core.tables import about_of, meaning_of
from sundog.evidence._frames import first_table
from sundog.evidence.privacy.recipe import IdentifiersCheck
from sundog.lib.pii.columns import PersonalColumn
from sundog.lib.pii.detect import find_in_text
from sundog.lib.pii.inventory import ColumnValues, describe_column, take_inventory
from sundog.lib.pii.national import NUMBERS
from sundog.lib.pii.normal import normalise, write_value
from sundog.lib.pii.people import name_key
from sundog.lib.rows.infer_marks import pattern_of
from sundog.lib.stats.intervals import exact_interval

ROWS = 5_000
"""Rows that columns are judged by."""
TEXTS = 3_000
"""Texts of each role that identifiers are looked for in."""
VALUES = 200_000
"""Rows from which the values of identifier columns are gathered."""
_WITHOUT_HOLDOUT = 0.01
_DIRECT = frozenset(("name", "email", "phone", "fax", "iban", "card", "username", "ip", "mac", "imei", "vin"))
"""Kinds of which a single value names somebody."""
_LEAST_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Implements ``core.protocols.Check``."""

    @property
    def reads(self) -> frozenset[Role]:
        """Training records, synthetic rows, and the holdout to compare with."""
        return frozenset({"synthetic", "train", "holdout"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether there are real records."""
        return evidence.has("train")

    def run(self, spec: IdentifiersCheck, evidence: Evidence, key: Key) -> Answer:
        """How many columns hold identifiers, the inventory, which were learned as they are, and one finding for each column of synthetic free text."""
        found = _judge(evidence, key.child("rows"))
        made = evidence.schema("synthetic", first_table(evidence))
        texts = [f.name for f in made if meaning_of(f) == "text" and f.name in evidence.schema("train").names]
        findings = [_count_columns(evidence, found), *_find_learned(evidence, found, made, key.child("learned"))]
        if texts:
            findings += _compare_texts(evidence, texts, found, key.child("texts"))
        return Answer(findings=tuple(findings), exhibits=(_draw_inventory(evidence, found, made),) if found else ())


def _judge(evidence: Evidence, key: Key) -> tuple[PersonalColumn, ...]:
    rows = evidence.take("train", ROWS, key)
    columns = []
    for field in rows.schema:
        if pa.types.is_nested(field.type):
            continue
        array = _flat(rows.column(field.name))
        columns.append(ColumnValues(field.name, pc.unique(array), meaning_of(field), pattern_of(field)))
    return take_inventory(columns)


def _flat(column: pa.ChunkedArray) -> pa.Array:
    joined = (
        column.unify_dictionaries().combine_chunks() if pa.types.is_dictionary(column.type) else column.combine_chunks()
    )
    array = joined if isinstance(joined, pa.Array) else pa.concat_arrays(joined.chunks)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _count_columns(evidence: Evidence, found: Sequence[PersonalColumn]) -> Finding:
    sure = [c for c in found if c.confidence >= 0.5 and c.kind]
    special = [c for c in found if c.special]
    letters = sorted({c.letter for c in sure} - {""})
    told = f", letters {', '.join(letters)} of HIPAA Safe Harbor" if letters else ""
    perhaps = (
        f" Perhaps special categories of personal data, by their names: {', '.join(f'{c.column} ({c.special})' for c in special)}."
        if special
        else ""
    )
    return Finding(
        check="privacy.identifiers",
        part=evidence.name,
        section="privacy",
        subject="columns of the real records that hold identifiers",
        value=float(len(sure)),
        unit="count",
        why=f"{len(sure)} of {len(evidence.schema('train').names)} columns hold identifiers or text with identifiers{told}.{perhaps}",
        reads=("train",),
    )


def _find_learned(evidence: Evidence, found: Sequence[PersonalColumn], made: pa.Schema, key: Key) -> Iterator[Finding]:
    """Columns whose values name persons and which were learned all the same, since many rows share each value: advisers, doctors, owners.

    It warns and does not withhold: enough rows share each value, and whether it may be told is for whoever answers for the data to say.
    """
    for column in found:
        direct = column.kind in _DIRECT or column.kind in NUMBERS
        if not direct or column.confidence < _LEAST_SURE or column.column not in made.names:
            continue
        if meaning_of(made.field(column.column)) in ("identifier", "text"):
            continue  # told by the check privacy.copies
        values = {}
        for role in ("train", "synthetic"):
            table = first_table(evidence) if role == "synthetic" else None
            rows = evidence.take(role, VALUES, key.child(column.column).child(role), table, [column.column])
            values[role] = [v for v in map(write_value, _flat(rows.column(0)).to_pylist()) if v is not None]
        known = set(values["train"])
        hits, there = sum(v in known for v in values["synthetic"]), len(values["synthetic"])
        if not there:
            continue
        yield Finding(
            check="privacy.identifiers",
            part=evidence.name,
            section="privacy",
            subject=f"{column.column}, learned as it is",
            value=hits / there,
            interval=exact_interval(hits, there),
            unit="share",
            limit="warns when there is any",
            verdict="warn" if hits else "pass",
            reads=("synthetic", "train"),
            why=(
                f"{hits:,} of {there:,} synthetic values of {column.column!r} are {column.what} of the training records, which enough rows share. "
                "If they must not be told, state the meaning of the column, take `pii: replace`, or leave the column out."
            ),
        )


def _draw_inventory(evidence: Evidence, found: Sequence[PersonalColumn], made: pa.Schema) -> Exhibit:
    rows = tuple((*describe_column(c), _say_fate(c.column, made)) for c in found)
    return Exhibit(
        check="identifiers",
        part=evidence.name,
        section="privacy",
        title="Personal data in the real records",
        how_to_read=(
            "Each line is a column that holds identifiers, or may hold a special category of personal data; the letter is that of "
            "HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i). The last column says what became of it. What has neither form nor label can be missing here."
        ),
        drawing=Grid(
            columns=("column", "personal data", "Safe Harbor", "sure", "why", "in the synthetic rows"), rows=rows
        ),
        reads=("train", "synthetic"),
        order=5.0,
    )


def _say_fate(name: str, made: pa.Schema) -> str:
    if name not in made.names:
        return "left out"
    field = made.field(name)
    return about_of(field) or ("new values" if meaning_of(field) in ("identifier", "text") else "learned")


def _compare_texts(
    evidence: Evidence, names: Sequence[str], found: Sequence[PersonalColumn], key: Key
) -> Iterator[Finding]:
    """Identifiers in synthetic texts that stand in the training records, beside the same in texts of the holdout."""
    known = _gather_known(evidence, names, found, key.child("train"))
    table = first_table(evidence)
    for name in names:
        hits: dict[str, tuple[int, int]] = {}
        roles: tuple[Role, ...] = ("synthetic", "holdout")
        for role in roles:
            if evidence.has(role) and name in evidence.schema(role, table).names:
                column = _flat(evidence.take(role, TEXTS, key.child(name).child(role), table, [name]).column(name))
                held = [k for t in column.drop_null().to_pylist() for k in _keys_in(str(t))]
                hits[role] = sum(k in known for k in held), len(held)
        met, there = hits.get("synthetic", (0, 0))
        other, fresh = hits.get("holdout", (0, 0))
        interval = exact_interval(met, there) if there else None
        bound = exact_interval(other, fresh)[1] if fresh else _WITHOUT_HOLDOUT
        yield Finding(
            check="privacy.text_identifiers",
            part=evidence.name,
            section="privacy",
            subject=name,
            value=met / there if there else 0.0,
            unit="share",
            interval=interval,
            baseline=other / fresh if fresh else None,
            baseline_is="identifiers in texts of the holdout that stand in the training records" if fresh else "",
            limit=(
                "fails when the lower bound is above the upper bound of the reference"
                if fresh
                else f"fails when the lower bound is above {_WITHOUT_HOLDOUT:g}"
            ),
            verdict="fail" if interval is not None and interval[0] > bound else "pass",
            withholds=True,
            reads=("synthetic", "train", "holdout") if fresh else ("synthetic", "train"),
            why=(
                f"{met:,} of {there:,} identifiers that were recognised in synthetic texts of {name!r} stand in the training records. "
                "What is not recognised is not counted."
            ),
        )


def _keys_in(text: str) -> list[tuple[str, str]]:
    """Identifiers of a text as they are compared; names that stand alone are left out, since they meet by themselves."""
    keys = []
    for span in find_in_text(text):
        value = text[span.start : span.end]
        if span.kind != "name":
            keys.append(("phone" if span.kind == "fax" else span.kind, normalise(span.kind, value)))
        elif " " in value.strip():
            keys.append(("name", name_key(value)))
    return keys


def _gather_known(
    evidence: Evidence, texts: Sequence[str], found: Sequence[PersonalColumn], key: Key
) -> set[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    columns = [c for c in found if c.kind and c.kind not in ("text", "date", "age", "city", "code")]
    rows = evidence.take("train", VALUES, key.child("values"), None, [c.column for c in columns]) if columns else None
    for column in columns:
        assert rows is not None
        kind = "phone" if column.kind == "fax" else column.kind
        for value in map(write_value, pc.unique(_flat(rows.column(column.column))).to_pylist()):
            if value is not None:
                known.add((kind, name_key(value) if kind == "name" else normalise(kind, value)))
    for name in texts:
        column_of_texts = _flat(evidence.take("train", TEXTS, key.child(name), None, [name]).column(name))
        known.update(k for t in column_of_texts.drop_null().to_pylist() for k in _keys_in(str(t)))
    return known
