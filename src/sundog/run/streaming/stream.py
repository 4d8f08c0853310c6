"""The road of a stream: plan, prepare, choose, connect, make, send."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa
from pydantic import ValidationError

from sundog.core.errors import Incomplete, Problem, RequestError, SundogError, nearest
from sundog.core.extension import find, implementation
from sundog.core.plan import make_plan
from sundog.core.protocols import Engine, Sink
from sundog.core.recipe import Recipe, SinkSpec
from sundog.run.scratch import open_scratch
from sundog.run.shard import close_parts
from sundog.run.stage import Progress, StageRun
from sundog.run.store import write_error
from sundog.run.streaming.blocks import Block, Made, make_rows, prepare_parts
from sundog.run.streaming.choose import ChosenTable, Order, choose_table
from sundog.run.streaming.pace import Going, Pace, catch_signals, iterate_due, send_rows
from sundog.run.streaming.times import describe_seconds, describe_tick, ticks_per_second

GROUP = "sundog.sinks"

SHARD_UNITS = 8_192
"""Units made, sorted and held in memory at once: fewer than in a bundle, which wants large files. It never changes the rows."""

_HELP = "See docs/how-to/stream.md for the options of each sink."


@dataclass(frozen=True)
class StreamOptions:
    """What is sent, where and how fast; nothing here changes the rows.

    Attributes:
        to: ``-`` for standard output, a file, or the URL of an installed sink.
        table: TABLE or PART.TABLE.
        time: column that rows are ordered by.
        speed: seconds of the data in a second, or ``max``; without it 1.
        rate: rows a second; without ``time`` rows then come in the recipe's own order.
        skip: rows to leave out at the beginning, which were sent already.
        options: of the sink, name and value.
        engine: name of an installed engine, which makes the rows.
        workers: how many at once.
        address: address of a running Ray cluster.
        progress: told (part, units made, units asked for).
        say: told what is being done, in words.
    """

    to: str = "-"
    table: str | None = None
    time: str | None = None
    speed: str | float | None = None
    rate: float | None = None
    skip: int = 0
    options: tuple[tuple[str, str], ...] = ()
    engine: str = "local"
    workers: int | None = None
    address: str | None = None
    progress: Progress = lambda part, made, wanted: None
    say: Callable[[str], None] = lambda text: None


@dataclass(frozen=True, slots=True)
class Streamed:
    """How a stream went.

    Attributes:
        table: PART.TABLE.
        time: column it was ordered by, or None.
        rows: how many were sent and taken.
        skipped: rows left out at the beginning because they were asked to be.
        without_time: rows that were not sent since they have no time.
        seconds: from the first row to the last.
        late: seconds that a row was sent after it was due, at most; None where rows go as fast as they are taken.
    """

    table: str
    time: str | None
    rows: int
    skipped: int
    without_time: int
    seconds: float
    late: float | None

    @property
    def rows_per_second(self) -> float:
        """Over the whole time."""
        return self.rows / max(self.seconds, 1e-9)

    def describe(self) -> str:
        """One line for people."""
        line = f"sent {self.rows:,} rows of {self.table} in {self.seconds:,.1f} s ({self.rows_per_second:,.0f} rows/s)"
        if self.late is not None:
            line += f", at most {self.late:,.3f} s late"
        if self.skipped:
            line += f"; {self.skipped:,} were skipped"
        if self.without_time:
            line += f"; {self.without_time:,} rows without {self.time} were not sent"
        return line


def stream_recipe(recipe: Recipe, options: StreamOptions, tell: Callable[[Streamed], None] | None = None) -> Streamed:
    """Send the rows of one table of a recipe as they become due.

    Args:
        recipe: what is made. Nothing is judged: no evidence is gathered beside what rejects units.
        options: what, where, how fast.
        tell: told how it went, also when it ended early; not when nobody reads any more.

    Raises:
        RequestError: something is wrong; nothing was sent.
        Incomplete: it was stopped, or the other side is gone; the error says how many rows were sent.
        BrokenPipeError: nobody reads any more.
    """
    pace = read_pace(options)
    spec, sink = find_sink(options)
    stop, going = threading.Event(), Going()
    with (
        _prepare(recipe, options) as ready,
        sink.open(spec, options.to, ready.chosen.table, ready.chosen.schema) as outlet,
    ):
        chosen = ready.chosen
        made = ready.make()
        options.say(f"{announce(made, chosen, pace)}; no evidence is gathered: the rows are unassessed")
        told = Streamed(f"{chosen.part}.{chosen.table}", chosen.time, 0, options.skip, made.missing, 0.0, None)
        failed = True
        try:
            with catch_signals(stop):
                send_rows(skip_rows(made.blocks, options.skip), outlet, pace, stop, going)
            failed = False
        except KeyboardInterrupt:  # the second one: what is on its way is not waited for
            going.stopped, failed = True, False
        except SundogError:
            failed = False
            raise
        finally:
            late = going.late if pace.rate is not None or pace.speed is not None else None
            told = replace(told, rows=going.sent, seconds=going.seconds, late=late)
            if tell is not None and not failed:
                tell(told)
        if going.stopped:
            raise _stop(options, going.sent)
    return told


def iterate_recipe(recipe: Recipe, options: StreamOptions) -> Iterator[pa.RecordBatch]:
    """The rows themselves as they become due, in batches of those that are due together; ``to`` is not looked at."""
    pace = read_pace(options)
    with _prepare(recipe, options) as ready:
        yield from iterate_due(skip_rows(ready.make().blocks, options.skip), pace)


def read_pace(options: StreamOptions) -> Pace:
    """How fast, checked.

    Raises:
        RequestError: the speed or the rate is no number above 0, or both are given.
    """
    if options.speed is not None and options.rate is not None:
        what = "a speed and a rate were both given"
        mend = "Give --speed to go by the times of the rows, or --rate for so many rows a second."
        raise RequestError(Problem("SD-STREAM-006", "--rate", what, mend))
    speed = 1.0 if options.speed is None else _read_number(options.speed)
    if options.speed == "max":
        return Pace(None)
    rate = None if options.rate is None else _read_number(options.rate)
    problems = []
    for place, given, number in (("--speed", options.speed, speed), ("--rate", options.rate, rate)):
        if given is not None and number is None:
            mend = "Give a number above 0, such as 60 for a minute in a second; or --speed max."
            problems.append(Problem("SD-STREAM-007", place, f"{given!r} is no number above 0", mend))
    if problems:
        raise RequestError(*problems)
    return Pace(speed, rate)


def _read_number(given: str | float) -> float | None:
    try:
        number = float(given)
    except ValueError:
        return None
    return number if 0 < number < math.inf else None


def find_sink(options: StreamOptions) -> tuple[SinkSpec, Sink[SinkSpec]]:
    """The sink for a target, and its options.

    Raises:
        RequestError: no such sink is installed, or it does not know an option.
        MissingExtra: the sink needs a package that is not here.
    """
    scheme = options.to.split("://")[0] if "://" in options.to else "file"
    spec_type = find(GROUP, scheme, "--to").spec
    asked = dict(options.options)
    problems = [
        Problem("SD-STREAM-008", f"--option {n}", f"{scheme} does not know {n!r}", nearest(n, spec_type.model_fields))
        for n in asked
        if n not in spec_type.model_fields
    ]
    if problems:
        raise RequestError(*problems)
    try:
        spec = spec_type.model_validate(asked)
    except ValidationError as error:
        raise RequestError(
            *(
                Problem("SD-STREAM-009", f"--option {e['loc'][0] if e['loc'] else ''}", str(e["msg"]), _HELP)
                for e in error.errors()
            )
        ) from error
    assert isinstance(spec, SinkSpec)
    sink: Sink[SinkSpec] = implementation(GROUP, scheme, "--to")
    return spec, sink


def skip_rows(blocks: Iterator[Block], count: int) -> Iterator[Block]:
    """The blocks without their first rows; times then count from the first row that is left."""
    left, start = count, None
    for block in blocks:
        rows = block.rows.num_rows
        if left >= rows:
            left -= rows
            continue
        at = None if block.at is None else block.at[left:]
        if at is not None:
            start = float(at[0]) if start is None else start
            at = at - start
        yield Block(block.rows.slice(left), at)
        left = 0


def announce(made: Made, chosen: ChosenTable, pace: Pace) -> str:
    """What is about to be sent, in a sentence."""
    name = f"{chosen.part}.{chosen.table}"
    rows = "rows" if made.rows is None else f"{made.rows:,} rows"
    if chosen.time is None or made.first is None or made.last is None:
        order = "in the recipe's own order" if chosen.time is None else f"by {chosen.time}"
        return f"{name}: {rows} {order}"
    kind = chosen.schema.field(chosen.time).type
    said = f"{name}: {rows} by {chosen.time}, {describe_tick(made.first, kind)} to {describe_tick(made.last, kind)}"
    if pace.rate is not None and made.rows is not None:
        return f"{said}, which takes {describe_seconds(made.rows / pace.rate)}"
    if pace.speed is None:
        return said
    lasts = (made.last - made.first) / ticks_per_second(kind) / pace.speed
    return f"{said}, which takes {describe_seconds(lasts)} at speed {pace.speed:g}"


@dataclass(frozen=True)
class _Ready:
    """A prepared recipe and the table that was chosen."""

    chosen: ChosenTable
    make: Callable[[], Made]


@contextmanager
def _prepare(recipe: Recipe, options: StreamOptions) -> Iterator[_Ready]:
    plan = make_plan(recipe)
    for stage in plan.stages:
        implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
    engine: Engine = implementation("sundog.engines", options.engine, "--engine")(
        workers=options.workers, address=options.address
    )
    order: Order = "time"
    if options.time is None and options.rate is not None:
        order = "own"
    elif options.speed == "max":
        order = "either"
    with closing(engine), open_scratch() as scratch:
        try:
            options.say("preparing")
            store, schemas = prepare_parts(plan, scratch)
            chosen = choose_table(schemas, options.table, options.time, order)
            run = StageRun(recipe, store, engine, str(scratch), SHARD_UNITS, options.progress)
            yield _Ready(chosen, lambda: make_rows(run, plan, chosen, scratch))
        except KeyboardInterrupt as error:
            raise _stop(options, 0) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            raise write_error(error, str(error.filename or "scratch")) from error
        finally:
            close_parts(str(scratch))


def _stop(options: StreamOptions, sent: int) -> Incomplete:
    done = options.skip + sent
    mend = f"The same command with --skip {done} goes on where it stopped." if done else "Run the same command again."
    return Incomplete(Problem("SD-STREAM-010", "--stream", f"the stream was stopped after {sent:,} rows", mend))
