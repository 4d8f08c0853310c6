"""What is kept of the persons of a table once they are replaced: pools of false values, templates, and nothing of the real ones."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sundog.lib.pii.people import FalsePeople
from sundog.lib.pii.templates import TextTemplates


@dataclass(frozen=True, slots=True)
class IdentityColumn:
    """A column of identifiers.

    Attributes:
        column: its name.
        kind: of identifier.
        role: whose in the row: empty for the row's own person, ``buyer`` of a column ``buyer_name``.
        form: of names: ``full``, ``given``, ``surname``, ``comma``; empty for others.
        case: of names: ``title``, ``upper``, ``lower``.
        missing: whether rows without a value are drawn.
        pool: table with the string column ``value``; no rows for names and e-mail addresses.
    """

    column: str
    kind: str
    role: str
    form: str
    case: str
    missing: bool
    pool: pa.Table


@dataclass(frozen=True, slots=True)
class SlotPool:
    """False values for slots of one kind: a table with the string column ``value``."""

    kind: str
    values: pa.Table


@dataclass(frozen=True, slots=True)
class Identities:
    """All that is needed to put false persons into rows.

    Attributes:
        fields: columns of the whole table, in order.
        people: false persons by locale and sex.
        columns: of identifiers.
        texts: of free text.
        pools: of slots.
        domain: at which e-mail addresses are; the source has none there.
        repeats: rows of each person; 1: each row its own.
        sex_column: column that says the sex; empty for none.
        female: its values that mean women.
        male: its values that mean men.
    """

    fields: pa.Schema
    people: tuple[FalsePeople, ...]
    columns: tuple[IdentityColumn, ...]
    texts: tuple[TextTemplates, ...]
    pools: tuple[SlotPool, ...]
    domain: str
    repeats: float
    sex_column: str
    female: tuple[str, ...]
    male: tuple[str, ...]
