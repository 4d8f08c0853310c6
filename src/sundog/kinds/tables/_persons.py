"""``pii: replace``: the persons of the real rows leave before anything is learned, and false ones come in behind the model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.core.tables import Tables
from sundog.kinds.tables.recipe import TablesPart
from sundog.lib.pii.identities import learn_identities
from sundog.lib.pii.identity_model import Identities
from sundog.lib.pii.language import need_language
from sundog.lib.rows.settings import CodecSettings, ColumnOverride
from sundog.lib.rows.steps_remade import RemadeStep
from sundog.lib.rows.table_codec import TableCodec


@dataclass(frozen=True, slots=True)
class Replaced:
    """What is learned instead of the real rows, and how."""

    rows: pa.Table
    settings: CodecSettings
    identities: Identities | None
    remarks: tuple[Remark, ...]


def replace_persons(part: TablesPart, rows: pa.Table, settings: CodecSettings, key: Key) -> Replaced:
    """The rows with categories in the place of identifiers and free text, and the settings that go with them.

    Raises:
        MissingExtra: the extra ``pii`` is not installed.
        RequestError: the target, the weights or a condition names a column that is replaced, or no other column is left.
    """
    need_language("parts.pii")
    person = "" if part.source is None or part.source.person is None else part.source.person
    stated = {n: o.meaning for n, o in settings.overrides.items() if o.meaning}
    learned = learn_identities(rows, stated, settings.min_support, person, key, settings.drop)
    if learned.identities is None:
        none = Remark("pii", "no column holds identifiers or free text that would be replaced")
        return Replaced(rows, settings, None, (none,))
    if not learned.rows.schema.names:
        what = "every column holds identifiers that are replaced, so nothing is left to learn"
        mend = "Make such persons by rule (kind: records), or keep a column that says something else of them."
        raise RequestError(Problem("SD-PII-003", "parts.pii", what, mend))
    gone = set(rows.schema.names) - set(learned.rows.schema.names)
    _check_mentions(part, gone | set(learned.stand_ins))
    overrides = {n: o for n, o in settings.overrides.items() if n not in gone}
    overrides |= {n: ColumnOverride(meaning="category") for n in learned.stand_ins}
    left = replace(settings, overrides=overrides, drop=tuple(n for n in settings.drop if n not in gone))
    return Replaced(learned.rows, left, learned.identities, learned.remarks)


def _check_mentions(part: TablesPart, replaced: set[str]) -> None:
    problems = [
        Problem(
            "SD-PII-002",
            f"parts.{place}",
            f"{name!r} holds identifiers or free text that 'pii: replace' takes out before anything is learned",
            "Name another column, or state the meaning of this one: category.",
        )
        for name, place in part.mentions().items()
        if name in replaced and not place.startswith("columns.")
    ]
    if problems:
        raise RequestError(*problems)


def tie_persons(part: TablesPart, identities: Identities, codec: TableCodec) -> Identities:
    """Persons numbered as the column that names them is, so that a key that comes back has the same false name."""
    steps = [s for s in codec.steps if isinstance(s, RemadeStep) and s.repeats > 1]
    named = None if part.source is None else part.source.person
    own = next((s for s in steps if s.column == named), None)
    near = own or next((s for s in steps if abs(s.repeats / identities.repeats - 1) < 0.1), None)
    return identities if near is None else replace(identities, repeats=near.repeats)


def take_given(replaced: frozenset[str], given: Tables, rows: int) -> pa.RecordBatch | None:
    """Identifiers of an earlier part's one-row table that this table has too, so that its persons keep their names here; None for none.

    Args:
        replaced: columns that are replaced.
        given: tables of the earlier part.
        rows: rows to make.
    """
    for batch in given.values():
        shared = [n for n in batch.schema.names if n in replaced]
        if shared and batch.num_rows == rows:
            return batch.select(shared)
    return None
