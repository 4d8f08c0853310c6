"""Questions to a sink: is each row one message, and does what was sent arrive, however it is cut?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from sundog.core.extension import Extension
from sundog.core.protocols import Outlet, Sink
from sundog.testing.exporter_suite import TRICKY

TRIES = 600
"""Times that a sink may take nothing before it is taken to be stuck: about a minute."""


@dataclass(frozen=True)
class SinkTrial:
    """A sink and a target of its own, in which ``{folder}`` stands for a new folder."""

    extension: Extension[Any]
    target: str


def each_row_is_one_message(trial: SinkTrial) -> None:
    """Of no row, of one and of all there are as many messages as rows."""

    def ask(outlet: Outlet[Any]) -> None:
        rows = _rows()
        for count in (0, 1, rows.num_rows):
            made = len(outlet.encode(rows.slice(0, count)))
            assert made == count, f"{count} rows gave {made} messages"

    _open(trial, ask)


def what_was_sent_arrives(trial: SinkTrial) -> None:
    """Rows that are sent one by one and all at once have all arrived at the end, and none before it was sent."""

    def ask(outlet: Outlet[Any]) -> None:
        messages = list(outlet.encode(_rows()))
        assert outlet.arrived() == 0, "rows have arrived before any was sent"
        assert outlet.send([]) == 0, "nothing was sent, and something taken"
        sent, tries = 0, 0
        every = [messages[:1], messages[1:], messages]
        for piece in every:
            left = piece
            while left:
                taken = outlet.send(left)
                assert 0 <= taken <= len(left), f"of {len(left)} messages {taken} were taken"
                sent, left, tries = sent + taken, left[taken:], tries + (taken == 0)
                assert outlet.arrived() <= sent, "more rows have arrived than were sent"
                assert tries < TRIES, "it takes nothing"
        for _ in range(TRIES):
            outlet.finish(0.1)
            if outlet.arrived() == sent:
                break
        assert outlet.arrived() == sent, f"{sent} rows were sent, and {outlet.arrived()} arrived"

    _open(trial, ask)


def _rows() -> pa.RecordBatch:
    return TRICKY.combine_chunks().to_batches()[0]


def _open(trial: SinkTrial, ask: Callable[[Outlet[Any]], None]) -> None:
    sink: Sink[Any] = trial.extension.load()
    with TemporaryDirectory(prefix="sundog-conformance-") as folder:
        target = trial.target.replace("{folder}", folder)
        with sink.open(trial.extension.spec(), target, "tricky", TRICKY.schema) as outlet:
            ask(outlet)


QUESTIONS: tuple[Callable[[SinkTrial], None], ...] = (each_row_is_one_message, what_was_sent_arrives)
