"""A column of text, or of true and false, as a field."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sundog.kinds.records.start.drafts import Draft
from sundog.kinds.records.start.fit import round_share
from sundog.kinds.records.start.identities import draft_identity
from sundog.kinds.records.start.numbers import missing_share, say_exact, say_left, with_missing
from sundog.kinds.records.start.personal import is_personal_text, names_thing
from sundog.kinds.records.start.reading import Column, tally
from sundog.kinds.records.start.shapes import describe_shape

MOST_VALUES = 300
"""Most categories that are written."""

COVERED = 0.5
"""Categories are written where those with enough rows hold at least this share of the rows."""


def draft_boolean(column: Column, least: int) -> Draft:
    """True with a share; one that fewer than ``least`` rows contradict is 0 or 1."""
    known = column.known
    true = int(pc.sum(column.values).as_py() or 0)
    share = round_share(true / known) if min(true, known - true) >= least else float(2 * true >= known)
    said = with_missing({"type": "boolean", "share": share}, missing_share(len(column.values), known, least))
    return Draft(column.name, said, say_exact("the share of true", column.name, least), number=column.name)


def draft_text(column: Column, least: int, rows: int) -> Draft:
    """Persons, places and identifiers by what they are; categories with weights; what is left by its shape.

    Args:
        column: with at least ``least`` values.
        least: rows of a group.
        rows: of the table that is made, for unique codes.
    """
    identity = draft_identity(column, least, rows)
    if identity is not None:
        return identity
    if column.reading.meaning == "text":
        return draft_prose(column, least)
    pairs = tally(column)
    thing = names_thing(column.name)
    shared = [(str(v), n) for v, n, owners in pairs if owners >= least][:MOST_VALUES]
    common = [(v, n) for v, n in shared if not is_personal_text(v, thing)]
    total, held = sum(n for _, n, _ in pairs), sum(n for _, n in common)
    if held < COVERED * total or any(len(v) > 200 for v, _ in common):
        return draft_shape(column, least)
    weights = {v: round_share(n / held) for v, n in common}
    weights = {v: w for v, w in weights.items() if w > 0}
    rare = total - sum(n for _, n in shared)
    remarks = (say_left(rare, total, least),) if rare else ()
    if len(common) < len(shared):
        remarks = (
            *remarks,
            f"{len(shared) - len(common)} texts that look like persons, addresses or numbers of theirs are left out.",
        )
    said = with_missing({"type": "category", "values": weights}, missing_share(len(column.values), total, least))
    words = f"the shares of {len(weights)} values"
    return Draft(column.name, said, say_exact(words, column.name, least), remarks, losing=1 - held / total)


def draft_shape(column: Column, least: int) -> Draft:
    """Texts that are drawn from a regular expression of the shapes that enough rows have."""
    texts = column.one_each().cast(pa.string())
    regex, covered = describe_shape(texts, least)
    said = with_missing({"type": "pattern", "regex": regex}, missing_share(len(column.values), column.known, least))
    remarks = ["Too few rows share a value: texts of the same shapes, all of them made up."]
    if covered < 0.9:
        remarks.append("Many rows have shapes of their own, which are left out.")
    return Draft(column.name, said, say_exact("the frequent shapes of the texts", column.name, least), tuple(remarks))


def draft_prose(column: Column, least: int) -> Draft:
    """Free text: as many made-up words as half of the rows have, more or less."""
    texts = column.values.drop_null().cast(pa.string())
    if column.reading.pattern == "json":
        said: dict[str, object] = {"type": "constant", "value": "{}"}
        remarks = ("JSON in the real table; what is inside was not read.",)
        said = with_missing(said, missing_share(len(column.values), column.known, least))
        return Draft(column.name, said, say_exact("the share of missing values", column.name, least), remarks)
    words = pc.add(pc.count_substring(texts, " "), 1)
    low, high = (int(pc.quantile(words, q)[0].as_py()) for q in (0.25, 0.75))
    low, high = max(1, min(low, 40)), max(1, min(high, 60))
    said = {"type": "pattern", "regex": f"[A-Z][a-z]{{2,8}}( [a-z]{{2,9}}){{{low - 1},{max(high - 1, low - 1)}}}"}
    said = with_missing(said, missing_share(len(column.values), column.known, least))
    remarks = ("Free text in the real table; these are no words. A template with fields in it may serve better.",)
    return Draft(column.name, said, say_exact("the quartiles of the number of words", column.name, least), remarks)
