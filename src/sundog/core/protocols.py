"""The contracts between the parts of Sundog. Nothing here has an implementation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

import pyarrow as pa

from sundog.core.errors import Problem
from sundog.core.findings import Answer, Role
from sundog.core.keys import Key
from sundog.core.notes import Note, Noted, Rejected
from sundog.core.plan import Shard
from sundog.core.recipe import CheckSpec, Part, Recipe, SinkSpec, SourceSpec, Spec
from sundog.core.tables import Tables

P = TypeVar("P", bound=Part, contravariant=True)
M = TypeVar("M")
C = TypeVar("C", bound=CheckSpec, contravariant=True)
S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)
O = TypeVar("O", bound=Spec, contravariant=True)  # noqa: E741
K = TypeVar("K", bound=SinkSpec, contravariant=True)
T = TypeVar("T")


class Source(Protocol):
    """Real records of one table. A synthesizer is only ever handed the training side of the split.

    Attributes:
        schema: columns with the types that were inferred or stated; each field is marked with its meaning.
        rows: number of records.
        notes: what it depends on (``Used``: name, sha256, licence) and remarks about the reading.
    """

    @property
    def schema(self) -> pa.Schema:
        """Columns, each marked with its meaning."""
        ...

    @property
    def rows(self) -> int:
        """Number of records."""
        ...

    @property
    def notes(self) -> tuple[Note, ...]:
        """What it depends on, and remarks."""
        ...

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The records, in order, in batches of at most 65,536 rows."""
        ...


class Reader(Protocol):
    """What an extension of the group ``sundog.sources`` loads: opens a URL as a ``Source``."""

    def accepts(self, spec: SourceSpec) -> bool:
        """Whether this reader opens sources of this form."""
        ...

    def open(self, spec: SourceSpec, path: str) -> Source:
        """Open it."""
        ...


class Sampler(Protocol):
    """Makes units. What ``sample`` gives depends on its arguments and stored answers alone."""

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        """The tables of the shard's units.

        Args:
            shard: the units and the key of their streams. Unit u's rows depend on (key, u) alone.
            given: fixed columns, or the tables of an earlier part for the same units; empty when there is
                nothing. In a chained part each table has the column ``_unit`` (uint64), numbered as the shard's units.

        Returns:
            One record batch a table, with the schemas that ``schemas`` promised; a table whose rows are not
            exactly the shard's units, one each and in order, has the column ``_unit`` too. Notes may hold
            ``Rejected`` units; their rows are left in the tables and taken out by the runner.
        """
        ...


class Synthesizer(Protocol[P, M]):
    """How one kind of part is made. What an extension of the group ``sundog.kinds`` loads.

    Attributes:
        model_type: the frozen dataclass that ``prepare`` gives; stored as Arrow and JSON by ``lib.persist``.
    """

    @property
    def model_type(self) -> type[M]:
        """The class of what ``prepare`` gives."""
        ...

    def schemas(self, part: P, model: M) -> Mapping[str, pa.Schema]:
        """The tables that ``sample`` will give, without the ``_unit`` column."""
        ...

    def prepare(self, part: P, source: Source | None, key: Key, scratch: Path) -> Noted[M]:
        """Learn, load or build what sampling needs. May be slow, read real data and spend privacy.

        ``scratch`` survives a kill and is given again on resume: checkpoints go there.
        """
        ...

    def open(self, model: M) -> AbstractContextManager[Sampler]:
        """Set up once in each worker: compile, start a renderer, load weights."""
        ...


class Evidence(Protocol):
    """Everything that a check may look at, for one part."""

    @property
    def recipe(self) -> Recipe:
        """The whole recipe."""
        ...

    @property
    def name(self) -> str:
        """Name of the part."""
        ...

    @property
    def part(self) -> Part:
        """What the recipe says of the part."""
        ...

    @property
    def level(self) -> str:
        """``quick`` or ``full``; a quick check says what it left out."""
        ...

    @property
    def folder(self) -> Path:
        """Scratch for all checks of a run, readable by this user alone; a check makes a folder of its own in it."""
        ...

    @property
    def notes(self) -> tuple[Note, ...]:
        """What it depends on, and remarks."""
        ...

    @property
    def model(self) -> Any:
        """The model that ``prepare`` gave, or None (``audit``)."""
        ...

    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        ...

    def has(self, role: Role) -> bool:
        """Whether there are rows of this role."""
        ...

    def rows(self, role: Role, table: str | None = None) -> int:
        """Number of rows."""
        ...

    def schema(self, role: Role, table: str | None = None) -> pa.Schema:
        """Columns and their meaning."""
        ...

    def scan(
        self, role: Role, table: str | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order."""
        ...

    def take(
        self, role: Role, limit: int, key: Key, table: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """At most ``limit`` rows, drawn without replacement, in their order; all of them where there are no more."""
        ...

    def rejected(self) -> Mapping[str, int]:
        """Rejected units by reason."""
        ...


class Check(Protocol[C]):
    """A question about the finished dataset. What an extension of the group ``sundog.checks`` loads."""

    @property
    def reads(self) -> frozenset[Role]:
        """The roles it looks at."""
        ...

    def applies(self, evidence: Evidence) -> bool:
        """Whether it has something to say about this part."""
        ...

    def run(self, spec: C, evidence: Evidence, key: Key) -> Answer:
        """Measure."""
        ...


@runtime_checkable
class ShardCheck(Protocol[C, S]):
    """A question answered beside generation, shard by shard; ``merge`` is associative.

    ``S`` is a frozen dataclass that ``lib.persist`` can write: it lies in the shard's done marker.
    A check of this form may also offer ``run``; the extension announces it in the same group.
    """

    @property
    def reads(self) -> frozenset[Role]:
        """The roles it looks at."""
        ...

    @property
    def state_type(self) -> type[S]:
        """The class of its states."""
        ...

    def watches(self, part: Part) -> bool:
        """Whether to run beside the generation of this part."""
        ...

    def open(self, spec: C, part: Part, train: Source | None) -> Watcher[S]:
        """Set up once in each worker."""
        ...

    def merge(self, left: S, right: S) -> S:
        """What two shards saw together."""
        ...

    def conclude(self, spec: C, seen: S, evidence: Evidence) -> Answer:
        """What all shards together come to."""
        ...


@runtime_checkable
class Enforcing(Protocol):
    """A ShardCheck that the recipe may make a rule of the data: then it runs whatever the level of evidence."""

    def enforces(self, part: Part) -> bool:
        """Whether this part asks it to reject units."""
        ...


class Watcher(Protocol[S_co]):
    """One worker's side of a ShardCheck."""

    def observe(self, units: range, tables: Tables) -> tuple[S_co, tuple[Rejected, ...]]:
        """Look at one shard; the tables have the column ``_unit``."""
        ...


@runtime_checkable
class Selection(Protocol):
    """Rejects across units: a Synthesizer that also has these takes one constant-memory pass in unit order.

    ``sketch`` gives one row a unit (first column ``_unit``); ``select`` sees the sketches of all attempted units
    in unit order, batch by batch, and gives the units to reject. The lowest number stays.
    """

    def sketch(self, units: range, tables: Tables) -> pa.RecordBatch:
        """What of each unit is compared with others."""
        ...

    def select(self, part: Part, sketches: Iterator[pa.RecordBatch]) -> Iterator[Rejected]:
        """Units to reject, given all sketches in unit order."""
        ...


@runtime_checkable
class Counting(Protocol):
    """A Synthesizer of parts that may leave out ``units``, since their number follows from what they read (``Part.finds_units``)."""

    def count_units(self, part: Part, model: Any) -> int:
        """How many units the prepared part has; a unit that is rejected is not made up for by another."""
        ...


@runtime_checkable
class Sizing(Protocol):
    """A Synthesizer whose units may be large: it says how many of them a shard may hold, so that its memory stays bounded."""

    def most_units(self, part: Part, model: Any) -> int | None:
        """Most units of a shard, however many the caller asks for; None where it does not matter."""
        ...


@runtime_checkable
class Standing(Protocol):
    """A Synthesizer whose parts may have tables that belong to no unit: one list of products from which all customers buy.

    Such a table is made by ``prepare`` and lies in the model, where every worker reads it. It is written once, as it is, when the
    part is sealed; ``sample`` never gives it. Chained parts are not given it, but may have one unit for each of its rows (``each``).
    """

    def standing(self, part: Part, model: Any) -> Mapping[str, pa.Table]:
        """The tables by name, without a ``_unit`` column; no name is one of ``schemas``."""
        ...


@runtime_checkable
class Foreseeing(Protocol):
    """A Synthesizer that can tell from the recipe alone what is wrong with a part; it is asked before anything is written."""

    def find_faults(self, part: Part, where: str) -> tuple[Problem, ...]:
        """Every fault of the part, with its place under ``where`` (``parts.shop``)."""
        ...


@runtime_checkable
class Promising(Protocol):
    """A Synthesizer whose tables follow from the recipe alone, so that a chained part can be held to them early."""

    def promise_columns(self, part: Part) -> Mapping[str, tuple[str, ...]] | None:
        """Columns of each table that is made by unit; None where they cannot be known yet. Never raises."""
        ...


@runtime_checkable
class Following(Protocol):
    """A Synthesizer of chained parts that can tell what it misses among the tables of the earlier part; it is asked before anything is
    written where the earlier kind is ``Promising``.
    """

    def find_given_faults(self, part: Part, where: str, given: Mapping[str, tuple[str, ...]]) -> tuple[Problem, ...]:
        """Every fault of the part under ``where``, if it is given these tables with these columns."""
        ...


class BundleView(Protocol):
    """What an exporter sees of a finished bundle."""

    @property
    def recipe(self) -> Recipe:
        """The whole recipe."""
        ...

    def parts(self) -> tuple[str, ...]:
        """Names of the parts."""
        ...

    def tables(self, part: str) -> tuple[str, ...]:
        """Names of the tables of a part."""
        ...

    def schema(self, part: str, table: str) -> pa.Schema:
        """Columns of a table."""
        ...

    def scan(self, part: str, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows in order."""
        ...


class Exporter(Protocol[O]):
    """Writes a dataset in someone else's format. What an extension of the group ``sundog.exporters`` loads."""

    def write(self, spec: O, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write under ``target`` (a folder or fsspec URL) and give the paths; whole or not at all."""
        ...


class Outlet(Protocol[T]):
    """An open sink: takes the rows of one table, in order. ``T`` is what it makes of a row."""

    def encode(self, rows: pa.RecordBatch) -> Sequence[T]:
        """One message a row, so that only the handing on is left when the row is due."""
        ...

    def send(self, messages: Sequence[T]) -> int:
        """Hand on as many as the other side takes, waiting at most about a tenth of a second; gives how many, from the first.

        A lost connection is made again in here: until then it takes none.

        Raises:
            Incomplete: the other side is gone for good.
        """
        ...

    def finish(self, seconds: float) -> None:
        """Wait at most so long until everything that was taken has arrived.

        Raises:
            Incomplete: the other side is gone for good.
        """
        ...

    def arrived(self) -> int:
        """How many of the messages have arrived, counted from the first: none before them is missing. Never raises."""
        ...


class Sink(Protocol[K]):
    """Sends rows somewhere while they are made. What an extension of the group ``sundog.sinks`` loads; its name is a URL's scheme."""

    def open(self, spec: K, target: str, table: str, schema: pa.Schema) -> AbstractContextManager[Outlet[Any]]:
        """Connect, so that what is wrong is found before a row is sent; leaving the block disconnects.

        Args:
            spec: options.
            target: what follows ``--to``, scheme and all. It may hold a password, so no message repeats it.
            table: name of the table.
            schema: its columns.

        Raises:
            RequestError: the target cannot be read, or nobody answers there.
        """
        ...


@runtime_checkable
class TargetCheck(Protocol[O]):
    """An Exporter that can tell early that a target is none: ``sundog make --export`` asks it before anything is made."""

    def check_target(self, spec: O, target: str) -> None:
        """Raise RequestError for a target that cannot be written to."""
        ...


class Engine(Protocol):
    """Runs jobs. An extension of the group ``sundog.engines`` loads a class that is made with (workers, address)."""

    def map(self, work: str, jobs: Sequence[str]) -> Iterator[str]:
        """Results as they come, in any order.

        Args:
            work: ``package.module:function`` of a function from text to text; texts cross process and machine borders
                without pickle.
            jobs: one small text a job.
        """
        ...

    def describe(self) -> Mapping[str, str | int]:
        """What goes into run.json: name, workers, hosts."""
        ...

    def close(self) -> None:
        """End the workers that it started; called once, at the end of a run."""
        ...


@runtime_checkable
class Expecting(Protocol):
    """An Engine whose workers take a while to start: it is told of the work before the first job is known."""

    def expect(self, work: str, kinds: Sequence[str], jobs: int) -> None:
        """Get ready for about so many jobs of ``work`` on parts of these kinds. Never raises for what a job would raise for."""
        ...
