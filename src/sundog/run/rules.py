"""Rules between the columns of a real table, in words: what ``sundog inspect`` shows."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sundog.core.keys import Key
from sundog.core.protocols import Source
from sundog.core.take import take_rows

ROWS = 100_000
"""Rows looked at; a rule that they keep and others break is shown all the same, and refused when a model is learned."""


@dataclass(frozen=True, slots=True)
class _Taken:
    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    def scan(self, columns: object = None) -> list[pa.RecordBatch]:
        del columns
        return list(self.table.to_batches())


def find_rules(source: Source) -> tuple[str, ...]:
    """Functions, ordered pairs, sums and places that up to 100,000 rows keep, in words."""
    from sundog.lib.rows.codec import learn_codec  # not needed by a run, which imports this module too
    from sundog.lib.rows.rules_resolve import say_rule
    from sundog.lib.rows.settings import CodecSettings

    key = Key.root(0).child("rules")
    codec = learn_codec(_Taken(take_rows(source, ROWS, key)), CodecSettings(), key).value  # type: ignore[arg-type]
    return tuple(say_rule(rule) for rule in codec.rules)
